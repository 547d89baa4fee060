"""The webhook, for the operator: set, check, remove."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import click

from bot.cli.command import Fail, main, read_settings


@main.group()
def webhook() -> None:
    """Where Telegram brings updates, instead of being asked for them (WEBHOOK_URL)."""


@webhook.command(name="set")
def set_() -> None:
    """Set it at Telegram. A running Pana with WEBHOOK_URL does so itself where it is not right."""

    async def work(bot: Any, hook: Any) -> list[str]:
        from bot.chat.webhook import put

        await put(bot, hook)
        return ["Set. Telegram brings updates to WEBHOOK_URL now; see “pana webhook check”."]

    _ask(work)


@webhook.command()
def check() -> None:
    """Say what Telegram knows of it, and what is wrong. Exit 1 where something is."""
    wrong: list[str] = []

    async def work(bot: Any, hook: Any) -> list[str]:
        from bot.chat.webhook import faults, told

        info = await bot.get_webhook_info()
        wrong.extend(faults(info, hook))
        return told(info, hook)

    _ask(work)
    if wrong:
        raise Fail("Run: pana webhook set")


@webhook.command()
def remove() -> None:
    """Take it away: Telegram keeps updates until it is asked for them (Pana without WEBHOOK_URL)."""

    async def work(bot: Any, _hook: Any) -> list[str]:
        await bot.delete_webhook()
        return ["Removed. What waits at Telegram stays there for 24 hours."]

    _ask(work, needs_url=False)


def _ask(work: Callable[[Any, Any], Awaitable[list[str]]], needs_url: bool = True) -> None:
    """Do something at Telegram and print what came of it."""
    settings = read_settings()
    if settings.telegram_token is None:
        raise Fail("TELEGRAM_TOKEN is not set. Write the token that @BotFather gave you into .env.")
    if needs_url and not settings.webhook_url:
        raise Fail("WEBHOOK_URL is not set. Write the public address (https) to which Telegram is to bring updates.")
    from telegram import Bot
    from telegram.error import InvalidToken, TelegramError

    from bot.chat.wire import Wire
    from bot.doors import hook_of

    async def asked() -> list[str]:
        wire = Wire()
        base = f"{settings.telegram_api_url}/bot"
        async with Bot(settings.telegram_token.get_secret_value(), base, request=wire, get_updates_request=wire) as bot:  # type: ignore[union-attr]
            return await work(bot, hook_of(settings))

    try:
        lines = asyncio.run(asked())
    except InvalidToken:
        raise Fail(f"Telegram refused the token in {settings.token_source}. Copy it again from @BotFather.") from None
    except TelegramError as error:  # its message is Telegram's own sentence about the address
        raise Fail(
            f"Telegram did not do it: {error.message}. Check WEBHOOK_URL, or try again in some minutes."
        ) from None
    click.echo("\n".join(lines))
