"""The content: what a question and its answer are, reading them from YAML, judging them."""

from pathlib import Path

from bot.faq.check import check
from bot.faq.load import Problem, read_all
from bot.faq.load import faq as _faq
from bot.faq.model import Faq

__all__ = ["Faq", "Problem", "load"]


def load(folder: Path) -> tuple[Faq | None, list[Problem]]:
    """Read and judge everything in a folder. The Faq is None where any problem is more than a warning."""
    draft = read_all(folder)
    check(draft)
    problems = sorted(set(draft.problems))
    return (_faq(draft) if all(problem.warning for problem in problems) else None), problems
