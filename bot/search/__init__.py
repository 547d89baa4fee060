"""Finding the entry that a typed question means. Two functions are the seam: ``build`` and ``Index.find``."""

from bot.search.index import Index, Match, build

__all__ = ["Index", "Match", "build"]
