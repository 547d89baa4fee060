"""Of an update only what somebody reads is parsed."""

from __future__ import annotations

from typing import Any, Final

from telegram import Bot, Update

# Of the message under a pressed button: whose it is, and how old. Its text and buttons are our own, and come back whole.
_OF_PRESSED: Final = ("message_id", "date", "chat")


def update(raw: dict[str, Any], bot: Bot) -> Update:
    """An update of Telegram as the library's. Raises whatever a malformed one makes the library raise."""
    return Update.de_json(_lean(raw), bot)


def _lean(raw: dict[str, Any]) -> dict[str, Any]:
    query = raw.get("callback_query")
    message = query.get("message") if isinstance(query, dict) else None
    if not isinstance(query, dict) or not isinstance(message, dict):
        return raw
    kept = {name: message[name] for name in _OF_PRESSED if name in message}
    return raw | {"callback_query": query | {"message": kept}}
