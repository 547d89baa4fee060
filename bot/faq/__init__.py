"""The content: what a question and its answer are, reading them from YAML, judging them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.faq.model import Faq

if TYPE_CHECKING:
    from bot.faq.drafts import Problem

__all__ = ["Faq", "load"]


def load(folder: Path, thorough: bool = False) -> tuple[Faq | None, list[Problem]]:
    """Read and judge everything in a folder. The Faq is None where any problem is more than a warning.

    ``thorough``: with all guards and the terms, as an editor needs it; the bot's start does without.
    """
    # Only here: a start that finds its content judged (kept.py) needs none of it.
    from bot.faq import drafts, guards
    from bot.faq.check import check

    draft = drafts.read_all(folder)
    check(draft)
    guards.check(draft, thorough)
    problems = sorted(set(draft.problems))
    return (drafts.faq(draft) if all(problem.warning for problem in problems) else None), problems
