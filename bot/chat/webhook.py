"""Where Telegram is to bring updates: setting it, judging what is set, and taking it away.

Telegram never tells the secret that it was given. So the address carries a mark that is made from the secret: by it one
sees that a webhook was set with another one, and every replica sees that its own is set already and need not be set again.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from telegram import Bot, WebhookInfo

from bot.chat.intake import ALLOWED

CONNECTIONS: Final = 100  # at once, which is also the most that Telegram allows


@dataclass(frozen=True, slots=True, repr=False)
class Hook:
    """Our end of the webhook: the public address, and what Telegram says so that we know it is Telegram."""

    url: str
    secret: str

    @property
    def address(self) -> str:
        """The address as it is set: with the mark of the secret, of which nothing can be learned about it."""
        mark = hmac.digest(self.secret.encode(), b"pana webhook mark", "sha256").hex()[:8]
        return f"{self.url}?v={mark}"

    @property
    def path(self) -> str:
        """Where Telegram knocks."""
        return urlsplit(self.url).path or "/"


def secret_from(token: str) -> str:
    """A secret of 32 bytes for those who gave none: the same on every replica, and another when the token is.

    From the token, not from the key of the store: every replica has it, with and without a store, and whoever has the
    token is the bot anyway.
    """
    return hmac.digest(token.encode(), b"pana webhook secret", "sha256").hex()


async def introduce(bot: Bot, hook: Hook) -> bool:
    """Set the webhook where it is not set as it should be; whether that was needed.

    Asked first: Telegram lets it be set once a second, and several replicas start at once.
    """
    if not list(faults(await bot.get_webhook_info(), hook)):
        return False
    await put(bot, hook)
    return True


async def put(bot: Bot, hook: Hook) -> None:
    """Set the webhook, whatever is set now. What waits at Telegram stays."""
    await bot.set_webhook(
        hook.address, secret_token=hook.secret, allowed_updates=list(ALLOWED), max_connections=CONNECTIONS
    )


def leads_elsewhere(info: WebhookInfo, hook: Hook) -> bool:
    return info.url.partition("?")[0] != hook.url


def faults(info: WebhookInfo, hook: Hook) -> Iterator[str]:
    """What is set and should not be so, each a sentence for the operator."""
    if leads_elsewhere(info, hook):
        yield "It does not lead to WEBHOOK_URL." if info.url else "None is set."
        return
    if info.url != hook.address:
        yield "It was set with another secret: updates are refused."
    if set(info.allowed_updates or ()) != set(ALLOWED):
        yield f"It brings other kinds of updates than {', '.join(ALLOWED)}."
    if info.max_connections not in (None, CONNECTIONS):
        yield f"It uses at most {info.max_connections} connections instead of {CONNECTIONS}."


def told(info: WebhookInfo, hook: Hook) -> list[str]:
    """All that Telegram says of the webhook, in lines. The mark is left out: it helps nobody."""
    lines = [f"Address: {info.url.partition('?')[0] or 'none'}", f"Waiting at Telegram: {info.pending_update_count}"]
    if info.last_error_date:
        at = info.last_error_date.astimezone(UTC)
        ago = round((datetime.now(UTC) - at).total_seconds() / 60)
        lines.append(f"Last error: {info.last_error_message} ({ago} minutes ago)")
    found = list(faults(info, hook))
    return [*lines, *(found or ["Address, secret and kinds of updates are right."])]
