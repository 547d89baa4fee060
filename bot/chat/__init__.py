"""Telegram: receiving updates, handling them, sending screens. Only here python-telegram-bot."""

from os import environ

# Not a setting of ours: the library's switch to the type that retry_after will have in its next major version.
environ.setdefault("PTB_TIMEDELTA", "1")
