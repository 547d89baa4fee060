"""The command ``pana``. Only here click and rich."""

from bot.cli import asking, content, memory, serve, webhook
from bot.cli.command import main

__all__ = ["asking", "content", "main", "memory", "serve", "webhook"]
