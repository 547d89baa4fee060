"""Composition: everything is built from Settings here, and nothing happens on import."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final

from pydantic import SecretStr
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes

from bot import lean, log
from bot.chat import limit
from bot.chat.budget import SharedBudget
from bot.chat.crowd import Crowd, speaks_of_danger
from bot.chat.deliveries import Deliveries
from bot.chat.handlers import Handlers
from bot.chat.liveness import Liveness
from bot.chat.memory import Chosen
from bot.chat.privacy import Privacy
from bot.chat.receive import Receiver
from bot.chat.reminders import Reminders, Rhythm
from bot.chat.send import Sender
from bot.chat.trail import Trail
from bot.chat.waiting import Waiting
from bot.chat.wire import Wire
from bot.doors import Door, health_of, hook_of, webhook_of
from bot.screens import IN_MEMORY, NOTHING_STORED, Keeping, Kept
from bot.settings import Settings, SettingsError
from bot.shelf import Shelf
from bot.store import (
    FILE,
    OWED,
    STALE_DAYS,
    UNUSED_MONTHS,
    AnyStore,
    Keys,
    KeyTrouble,
    Nowhere,
    Store,
    StoreAway,
    key_at_home,
    new_key,
)
from bot.tally import Tally
from bot.web.hook import Webhook

POLLS: Final = 2  # connections for receiving, which those for sending cannot take
GRACE_SECONDS: Final = 25.0  # for what is in hand when we are asked to stop
ENDING_SECONDS: Final = 12.0  # for work that ends in disorder: Liveness lets it live a little longer
RETIRE_FIRST: Final = 60.0  # after the start, and between attempts while the store is away
RETIRE_SECONDS: Final = 24 * 3600.0

_NO_KEY: Final = (
    "PANA_KEY_FILE is not set: in a container, or with DATABASE_URL, the key that protects what is remembered must be given. "
    "Run “pana key new > file”, keep the file apart from the database, and write its path (or the key itself, as PANA_KEY); "
    "or set STORE=none to remember nothing."
)
_MADE: Final = (
    "a key was made in your configuration folder (pana/key): whoever has it and the database can tell who asked; "
    "without it, languages and reminders are lost. Keep a copy, apart from copies of the database"
)

OnError = Callable[[object, BaseException], Awaitable[None]]


@dataclass
class Pana:
    """A bot that is ready to run: its content, its connection to Telegram and its receive loop."""

    receiver: Receiver | Deliveries
    shelf: Shelf
    application: Application[Any, Any, Any, Any, Any, Any]
    chosen: Chosen
    handlers: Handlers
    store: AnyStore
    privacy: Privacy
    reminders: Reminders
    liveness: Liveness
    door: Door | None = None  # where the webhook knocks
    health: Door | None = None  # where those ask who watch over us

    async def run(self, grace: float = GRACE_SECONDS) -> None:
        """Receive and answer until ``stop``; then finish what is in hand. Raises Stale where Telegram is silent too long."""
        self.chosen.start()
        with self.liveness.guarded():
            try:
                await self._unless_stale(self._work(grace))
            finally:
                await self.close()

    async def _work(self, grace: float) -> None:
        if self.health:
            await self.health.open()
        if await self._connect():
            self.liveness.sign()
            await self._receive(grace)

    async def _unless_stale(self, work: Coroutine[Any, Any, None]) -> None:
        """What is in hand when Telegram is silent too long was not confirmed, and comes again."""
        both = [asyncio.create_task(work), asyncio.create_task(self.liveness.watch())]
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in both:
                task.cancel()
            # It hides quiet answers, for which it needs the connection.
            await asyncio.wait(both, timeout=ENDING_SECONDS)

    async def _receive(self, grace: float) -> None:
        watches = (self.shelf.watch(), self._retire(), self.privacy.watch(), self.reminders.watch())
        beside = [asyncio.create_task(one) for one in watches]
        try:
            if self.door:
                await self.store.arrivals.opened()
                await self.door.open()
            await self.receiver.run(grace)
        finally:
            if self.door:
                await self.door.close()
            for task in beside:
                task.cancel()
            await self.reminders.close()
            await self.privacy.close()

    async def _retire(self) -> None:
        """Once a day, what was kept long enough is deleted."""
        while True:
            await asyncio.sleep(RETIRE_FIRST)
            with suppress(StoreAway):
                await self.store.retire(self.shelf.guide().today())
                await asyncio.sleep(RETIRE_SECONDS)

    async def close(self) -> None:
        """Close the store and the connection to Telegram, also where Telegram never let us in."""
        await self.chosen.close()
        if self.health:
            await self.health.close()
        with suppress(TelegramError):
            await self.application.shutdown()
        await self.application.bot.request.shutdown()
        await self.receiver.close()

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
        self.liveness.rest()
        self.receiver.stop()


def build(
    settings: Settings,
    on_error: OnError | None = None,
    shelf: Shelf | None = None,
    store: AnyStore | None = None,
    now: Callable[[], float] = monotonic,
    pace: limit.Pace | None = None,
    rhythm: Rhythm | None = None,
    budget: limit.Budget | None = None,
    liveness: Liveness | None = None,
) -> Pana:
    """A Pana for Telegram, or for whatever speaks its Bot API at ``telegram_api_url``.

    ``on_error`` replaces what happens with a handler's exception: tests raise it. ``shelf`` may be ready already,
    ``store`` another one than the settings', ``now`` the clock (in seconds) by which chats come to rest, ``pace`` how
    fast messages go into a chat, ``rhythm`` that of reminders, ``budget`` what all of them share, and ``liveness`` what is
    told that Telegram answered.
    """
    if settings.telegram_token is None:
        raise SettingsError(["TELEGRAM_TOKEN is not set. Write the token that @BotFather gave you into .env."])
    store = store or store_of(settings)
    shelf = shelf or Shelf(settings, keeping=keeping(settings, store), mark=store.mark)
    wire, polls, chosen = Wire(), Wire(POLLS), Chosen(store)
    application = (
        ApplicationBuilder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .request(wire)
        .get_updates_request(polls)
        .updater(None)
        .build()
    )
    trail, waiting, pace = Trail(now), Waiting(), pace or limit.Pace()
    sender = Sender(application.bot, lambda chat: privacy.blocked(chat), trail.sent, pace, budget or _budget(store))
    privacy = Privacy(shelf.guide, sender, chosen, trail, waiting, now)
    tally = Tally()
    reminders = Reminders(shelf.guide, sender, chosen, store, privacy.quiet, rhythm)
    handlers = Handlers(shelf.guide, sender, chosen, privacy, reminders, waiting, tally)
    handlers.register(application)
    application.add_error_handler(_on_error(on_error or handlers.failed))
    liveness = liveness or Liveness(settings.state_dir)
    crowd = Crowd(lambda raw: speaks_of_danger(raw, shelf.guide()), handlers.crowded, pace, handlers.unheard)
    privacy.expiring.append(crowd.expire)
    receiver, door, page = _receiver(settings, application, polls, store, liveness, crowd)
    health = health_of(shelf, store, tally, receiver, page)
    watched = Door("HEALTH_LISTEN", settings.health_listen, health.mount) if settings.health_listen else None
    return Pana(receiver, shelf, application, chosen, handlers, store, privacy, reminders, liveness, door, watched)


def _budget(store: AnyStore) -> limit.Budget:
    """What all replicas together may send in bulk; a process alone counts for itself."""
    return SharedBudget(store.purse) if store.purse else limit.LocalBudget()


def _receiver(
    settings: Settings,
    application: Application[Any, Any, Any, Any, Any, Any],
    polls: Wire,
    store: AnyStore,
    liveness: Liveness,
    crowd: Crowd,
) -> tuple[Receiver | Deliveries, Door | None, Webhook | None]:
    """How updates come: asked for, or brought to a door."""
    if (hook := hook_of(settings)) is None:
        receiver = Receiver(application.bot, polls, application.process_update, liveness.sign, store.turn, crowd)
        return receiver, None, None
    deliveries = Deliveries(application.bot, application.process_update, store.arrivals, hook, liveness.sign, crowd)
    page = webhook_of(hook, deliveries)
    return deliveries, Door("WEBHOOK_LISTEN", settings.webhook_listen, page.mount), page


# What each table of the store is to the person whose rows stand in it.
HOLDS: Final[dict[str, Kept]] = {"people": Kept("code", UNUSED_MONTHS), "reminders": Kept("reminders", STALE_DAYS)}


def keeping(settings: Settings, store: AnyStore) -> Keeping:
    """What is kept about a person with this store, for the pages that say it."""
    if isinstance(store, Nowhere):
        return Keeping(NOTHING_STORED.kept, settings.privacy_url)
    return Keeping((*HOLDS.values(), Kept("owed"), *IN_MEMORY), settings.privacy_url)


def store_of(settings: Settings) -> AnyStore:
    """The store that the settings ask for. Raises SettingsError where a key is missing or wrong."""
    if settings.store == "none":
        return Nowhere()
    ring = ring_of(settings)
    url = settings.database_url
    if url is not None and find_spec("psycopg") is None:
        raise SettingsError(
            ["DATABASE_URL needs the extra “postgres”: pip install 'psycopg[binary]', or leave it out."]
        )
    place = url.get_secret_value() if url else settings.state_dir / FILE
    return Store(place, ring, owed=settings.state_dir / OWED) if ring else Nowhere()


def ring_of(settings: Settings) -> Keys | None:
    """The keys of the settings; else the user's own, made where there are none; None where that is not possible."""
    if settings.pana_key is not None:
        return _given(settings)
    if settings.database_url is not None or settings.contained:
        raise SettingsError([_NO_KEY])
    if settings.key_home is None:  # the FAQ needs no key
        log.get("store").error(f"nothing is remembered. {_NO_KEY}")
        return None
    try:
        ring, made = key_at_home(settings.key_home, settings.state_dir)
    except KeyTrouble as trouble:  # the FAQ needs no key
        log.get("store").error(f"nothing is remembered: the key in the configuration folder {trouble}")
        return None
    if made:
        log.get("store").warning(_MADE)
    return ring


def key_file(settings: Settings) -> Path | None:
    """The file that holds the key, if it is not in PANA_KEY itself."""
    ring_of(settings)  # made, where there is none
    return settings.pana_key_file if settings.pana_key else settings.key_home


def _given(settings: Settings) -> Keys:
    file, name = settings.pana_key_file, "PANA_KEY_FILE" if settings.pana_key_file else "PANA_KEY"
    if file and settings.database_url is None and file.resolve().is_relative_to(settings.state_dir.resolve()):
        raise SettingsError(
            [f"{name} lies in STATE_DIR, beside the database. Put it where no copy of that folder takes it."]
        )
    try:
        return Keys.read(settings.pana_key.get_secret_value() if settings.pana_key else "")
    except KeyTrouble as trouble:
        raise SettingsError([f"{name} {trouble}"]) from None


def _on_error(handle: OnError) -> Callable[[object, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]:
    async def failed(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        if context.error is not None:
            await handle(update, context.error)

    return failed


async def serve(settings: Settings) -> None:
    """Run on Telegram until SIGTERM or SIGINT; SIGHUP reloads the content."""
    pana = build(settings)
    lean.give_back()
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
        with TemporaryDirectory() as folder:  # its people are gone with it, and so is what is remembered of them
            store = Nowhere() if settings.store == "none" else Store(Path(folder) / FILE, Keys.read(new_key()))
            pana = build(local, store=store)
            _on_signals(pana)
            on_ready(url)
            await pana.run(grace=5.0)
    finally:
        await api.stop()
