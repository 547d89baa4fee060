"""The content: what a question and its answer are, reading them from YAML, judging them."""

from pathlib import Path

from bot.faq import guards
from bot.faq.check import check
from bot.faq.guards.sentences import difficulty
from bot.faq.load import Problem, read_all
from bot.faq.load import faq as _faq
from bot.faq.model import Faq

__all__ = ["Faq", "Problem", "difficulty", "load"]


def load(folder: Path, thorough: bool = False) -> tuple[Faq | None, list[Problem]]:
    """Read and judge everything in a folder. The Faq is None where any problem is more than a warning.

    ``thorough``: with all guards and the terms, as an editor needs it; the bot's start does without.
    """
    draft = read_all(folder)
    check(draft)
    guards.check(draft, thorough)
    problems = sorted(set(draft.problems))
    return (_faq(draft) if all(problem.warning for problem in problems) else None), problems
