"""Composition: everything is built from Settings here, and nothing happens on import."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any, Final

from pydantic import SecretStr
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes

from bot import log
from bot.chat.handlers import Chosen, Handlers
from bot.chat.receive import Receiver
from bot.chat.send import Sender
from bot.chat.wire import Wire
from bot.settings import Settings, SettingsError
from bot.shelf import Shelf

ALIVE_SECONDS: Final = 10.0  # how often the sign of life is written
GRACE_SECONDS: Final = 25.0  # for what is in hand when we are asked to stop

OnError = Callable[[object, BaseException], Awaitable[None]]


@dataclass
class Pana:
    """A bot that is ready to run: its content, its connection to Telegram and its receive loop."""

    shelf: Shelf
    application: Application[Any, Any, Any, Any, Any, Any]
    receiver: Receiver
    chosen: Chosen
    handlers: Handlers

    async def run(self, grace: float = GRACE_SECONDS) -> None:
        """Receive and answer until ``stop``; then finish what is in hand."""
        try:
            if await self._connect():
                await self._receive(grace)
        finally:
            await self.close()

    async def _receive(self, grace: float) -> None:
        watching = asyncio.create_task(self.shelf.watch())
        try:
            await self.receiver.run(grace)
        finally:
            watching.cancel()

    async def close(self) -> None:
        """Close the connection to Telegram, also where Telegram never let us in."""
        with suppress(TelegramError):
            await self.application.shutdown()
        await self.application.bot.request.shutdown()

    async def _connect(self) -> bool:
        """Introduce ourselves to Telegram; where it cannot be reached yet, try again until asked to stop (then False)."""
        pause, logger = 1.0, log.get("app")
        while True:
            try:
                await self.application.initialize()
                return True
            except (InvalidToken, asyncio.CancelledError):
                raise
            except Exception as error:  # no network, a proxy's page, a broken answer
                logger.warning("Telegram cannot be reached; trying again", error=type(error).__name__, seconds=pause)
                if await self.receiver.pause(pause):
                    return False
                pause = min(pause * 2, 30.0)

    def stop(self) -> None:
        """Ask the loop to end."""
        self.receiver.stop()


def build(settings: Settings, on_error: OnError | None = None, shelf: Shelf | None = None) -> Pana:
    """A Pana for Telegram, or for whatever speaks its Bot API at ``telegram_api_url``.

    ``on_error`` replaces what happens with a handler's exception: tests raise it. ``shelf`` may be ready already.
    """
    if settings.telegram_token is None:
        raise SettingsError(["TELEGRAM_TOKEN is not set. Write the token that @BotFather gave you into .env."])
    shelf, wire, chosen = shelf or Shelf(settings), Wire(), Chosen()
    application = (
        ApplicationBuilder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .request(wire)
        .get_updates_request(wire)
        .updater(None)
        .build()
    )
    handlers = Handlers(shelf.guide, Sender(application.bot, chosen.forget), chosen)
    handlers.register(application)
    application.add_error_handler(_on_error(on_error or handlers.failed))
    alive = Alive(settings.state_dir)
    receiver = Receiver(application.bot, wire, application.process_update, alive.sign)
    return Pana(shelf, application, receiver, chosen, handlers)


def _on_error(handle: OnError) -> Callable[[object, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]:
    async def failed(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        if context.error is not None:
            await handle(update, context.error)

    return failed


class Alive:
    """A file whose age tells a supervisor that Telegram answered lately. Holds nothing."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "alive"
        self._last = 0.0

    def sign(self) -> None:
        """Renew the sign, at most every ALIVE_SECONDS; a disk that is full or read-only is no reason to stop."""
        if time() - self._last < ALIVE_SECONDS:
            return
        self._last = time()
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch()

    def age(self) -> float | None:
        """Seconds since the last sign; None where there is none."""
        try:
            return time() - self._file.stat().st_mtime
        except OSError:
            return None


async def serve(settings: Settings) -> None:
    """Run on Telegram until SIGTERM or SIGINT; SIGHUP reloads the content."""
    pana = build(settings)
    gc.freeze()  # the content lives as long as we do
    gc.enable()
    _on_signals(pana)
    log.get("app").info("ready", count=len(pana.shelf.guide().faq.entries))
    await pana.run()


def _on_signals(pana: Pana) -> None:
    loop, reloads = asyncio.get_running_loop(), set[asyncio.Task[bool]]()

    def reload() -> None:
        task = loop.create_task(pana.shelf.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, pana.stop)
    loop.add_signal_handler(signal.SIGHUP, reload)


async def try_out(settings: Settings, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve the chat page and the very same bot behind it, without Telegram, until SIGTERM or SIGINT."""
    from bot.web.botapi import LOCAL_TOKEN, LocalBotApi  # what Telegram's servers do is no part of serving Telegram
    from bot.web.tryout import mount

    api = LocalBotApi()
    mount(api, hosts=[host])
    url = await api.start(host, port)
    local = settings.model_copy(update={"telegram_token": SecretStr(LOCAL_TOKEN), "telegram_api_url": url})
    try:
        pana = build(local)
        _on_signals(pana)
        on_ready(url)
        await pana.run(grace=5.0)
    finally:
        await api.stop()
