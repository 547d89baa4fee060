"""Telegram: receiving updates, handling them, sending screens. Only here python-telegram-bot."""

from os import environ

from bot.lean import without

# Not a setting of ours: the library's switch to the type that retry_after will have in its next major version.
environ.setdefault("PTB_TIMEDELTA", "1")

# Its Telegram Passport, and the command line of its HTTP library: 11 MB and a twentieth of the start, and never used.
with without("cryptography", "httpx._main"):
    import telegram.ext  # noqa: F401 - what it is made of stays as it is loaded now
