"""Telegram: receiving updates, handling them, sending screens. Only here python-telegram-bot."""

from os import environ
from sys import modules

# Not a setting of ours: the library's switch to the type that retry_after will have in its next major version.
environ.setdefault("PTB_TIMEDELTA", "1")


def _load_without(*unused: str) -> None:
    """Load the library as where these are not installed: it tries them, and does without."""
    absent = [name for name in unused if name not in modules]
    modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: "not to be found"
    try:
        import telegram.ext  # noqa: F401 - what it is made of stays as it is loaded now
    finally:
        for name in absent:
            del modules[name]


# Its Telegram Passport, and the command line of its HTTP library: 11 MB and a twentieth of the start, and never used.
_load_without("cryptography", "httpx._main")
