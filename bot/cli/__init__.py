"""The command ``pana``. Only here click and rich."""

from bot.cli import asking, content, memory, serve
from bot.cli.command import main

__all__ = ["asking", "content", "main", "memory", "serve"]
