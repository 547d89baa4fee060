"""Finding the entry that a typed question means. Two functions are the seam: ``build`` and ``Index.find``."""

from bot.search.courtesy import courtesy
from bot.search.explain import Health, Reason, examine, explain
from bot.search.index import Index, Match, build

__all__ = ["Health", "Index", "Match", "Reason", "build", "courtesy", "examine", "explain"]
