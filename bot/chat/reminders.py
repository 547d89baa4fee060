"""Reminders: kept, listed and deleted by buttons, and sent on their day.

due in the store ─► claimed under a lease, a few at a time ─► sent one by one, slowly ─► deleted, or moved to its next day
                                                  ├─ blocked, or the account is gone ─► everything of theirs is deleted
                                                  └─ Telegram or the line refuses ─► tried again when the lease ends

A link or a typed command never stores and never deletes: it opens the page that asks, or the list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Final

from telegram.error import BadRequest, RetryAfter, TelegramError

from bot import log, screens
from bot.addresses import REMINDERS, Address
from bot.chat.memory import Chosen
from bot.chat.quiet import Quiet
from bot.chat.send import Sender
from bot.deadlines import ALMATY
from bot.guide import Guide
from bot.languages import Language
from bot.screens import Came, Mine, Screen, Wish
from bot.store import AnyStore, Due, NoStore, StoreAway, TooMany

LOOK_SECONDS: Final = 60.0  # between looks for what is due
OPENS, CLOSES = 10, 19  # o'clock in Almaty: nothing is sent before, nor from then on
A_SECOND: Final = 10.0  # reminders; Telegram carries 30 messages a second, and answers come first
AT_ONCE: Final = 20  # claimed together: sent long before their lease ends
TRIES: Final = 10  # of one that Telegram refuses for what it is: every two minutes, and then its next day or never
REFUSALS: Final = 3  # one after another: then Telegram is away, and the next look tries again
LONGEST_WAIT: Final = 300.0  # that Telegram may ask for
PATIENCE_SECONDS: Final = 3.0  # for the store; a reader waits
NOTED_SECONDS: Final = 100.0  # for which it is tried to note that one was sent: not much less than a lease
AGAIN_SECONDS: Final = 1.0  # between these attempts
CLOSE_SECONDS: Final = 5.0  # for the one in hand when Pana stops

ACTIONS: Final = frozenset({"keep", *REMINDERS} - {"reminders", "due"})
_KEEPING: Final = frozenset({"keep", "snooze"})


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How reminders are sent: between looks, and how many a second. ``clock`` gives the time, with its zone."""

    clock: Callable[[], datetime] = lambda: datetime.now(ALMATY)
    look_seconds: float = LOOK_SECONDS
    a_second: float = A_SECOND


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one: whether it was sent, and the pause (in seconds) that Telegram or a broken line asks for."""

    sent: bool = False
    pause: float = 0.0


class Reminders:
    """``chosen`` knows the languages, behind which ``store`` stands; ``quiet`` shows screens, and knows who wants no sound."""

    def __init__(
        self,
        guide: Callable[[], Guide],
        sender: Sender,
        chosen: Chosen,
        store: AnyStore,
        quiet: Quiet,
        rhythm: Rhythm | None = None,
    ) -> None:
        self._guide = guide
        self._sender = sender
        self._chosen = chosen
        self._store = store
        self._quiet = quiet
        self._rhythm = rhythm or Rhythm()
        self._in_hand: asyncio.Task[Outcome] | None = None
        self._log = log.get("reminders")

    # asked for

    async def page(self, chat: int, address: Address, language: Language) -> Screen | None:
        """The list of a person, for every page that shows it; None for any other."""
        if address.page not in REMINDERS or address.page == "due":
            return None
        return await self._list(chat, language, address.part if address.page == "reminders" else 1)

    async def act(self, chat: int, message: int, address: Address, language: Language) -> None:
        """A button of ACTIONS was pressed: do what it says, and say in its message what came of it. Safe to repeat."""
        works: dict[str, Callable[[int, Address, Language], Awaitable[Screen]]] = {
            "keep": self._keep,
            "drop": self._drop,
            "drop-all": self._drop_all,
            "done": self._done,
            "snooze": self._snooze,
        }
        try:
            if address.page in _KEEPING and self._chosen.is_forgetting(chat):
                raise StoreAway  # what is kept now would be deleted with the rest
            async with asyncio.timeout(PATIENCE_SECONDS):
                screen = await works[address.page](chat, address, language)
        except (StoreAway, TimeoutError) as trouble:
            screen = self._trouble(address, language, trouble)
        await self._quiet.edit(chat, message, screen)

    async def _list(self, chat: int, language: Language, part: int = 1) -> Screen:
        if not self._guide().keeping.reminds:
            return screens.reminders_away(language, why="none")
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return screens.reminders(language, await self._mine(chat), part)
        except (StoreAway, TimeoutError):
            return screens.reminders_away(language, Address("reminders"))

    async def _mine(self, chat: int) -> list[Mine]:
        held = await self._store.held(chat)
        return [Mine(one.id, one.day, one.last, self._guide().matter(one.kind)) for one in held.reminders]

    async def _keep(self, chat: int, address: Address, language: Language) -> Screen:
        wish = self._guide().wish(address)
        if wish is None:  # an old button: there is no day left on which to remind
            return self._guide().open(address, language)
        await self._store.keep(chat, wish.kind, wish.deadline.remind[0], wish.deadline.open_day)
        return screens.reminder_kept(language, wish)

    async def _drop(self, chat: int, address: Address, language: Language) -> Screen:
        await self._store.drop(chat, address.name)
        return screens.reminders(language, await self._mine(chat), notice="deleted")

    async def _drop_all(self, chat: int, _address: Address, language: Language) -> Screen:
        for one in (await self._store.held(chat)).reminders:
            await self._store.drop(chat, one.id)
        return screens.reminders(language, await self._mine(chat), notice="deleted")

    async def _done(self, chat: int, address: Address, language: Language) -> Screen:
        for one in (await self._store.held(chat)).reminders:
            if (one.kind, f"{one.last:%Y%m%d}") == (address.name, address.day):
                await self._store.drop(chat, one.id)
        return screens.reminder_done(language)

    async def _snooze(self, chat: int, address: Address, language: Language) -> Screen:
        """Again in some days; where the next one comes before that anyway, it stays as it is."""
        last = _day_of(address.day)
        came = self._guide().came(address.name, last) if last else None
        if came is None or address.part not in screens.AGAIN:
            return await self._list(chat, language)
        day = came.today + timedelta(days=address.part)
        if day > came.last:
            return screens.reminder(language, came)
        kept = [one.day for one in (await self._store.held(chat)).reminders
                if (one.kind, one.last) == (came.kind, came.last) and one.day > came.today]  # fmt: skip
        day = min([day, *kept])
        if day not in kept:
            await self._store.keep(chat, came.kind, day, came.last)
        return screens.reminder_again(language, day)

    def _trouble(self, address: Address, language: Language, trouble: Exception) -> Screen:
        why: screens.Why = (
            "none" if isinstance(trouble, NoStore) else "many" if isinstance(trouble, TooMany) else "away"
        )
        wish: Wish | None = self._guide().wish(address) if address.page == "keep" else None
        return (
            screens.reminder_unkept(language, wish, why) if wish
            else screens.reminders_away(language, address if why == "away" else None, why)
        )  # fmt: skip

    # sent

    async def watch(self) -> None:
        """Look for what is due and send it, until cancelled."""
        while True:
            await asyncio.sleep(self._rhythm.look_seconds)
            try:
                await self.look()
            except StoreAway:  # it says itself why
                continue
            except Exception as error:  # whoever waits for a reminder cannot see that it failed
                self._log.error("reminders could not be sent; trying again", **log.fault(error))

    async def look(self) -> int:
        """Send what is due, until nothing is left or the evening comes. How many were sent."""
        sent = refused = 0
        while self._is_time() and refused < REFUSALS:
            dues = await self._store.jobs.claim(self._rhythm.clock(), AT_ONCE)
            if not dues:
                break
            for due in dues:
                if not self._is_time() or refused == REFUSALS:
                    break  # the leases run out by themselves
                outcome = await self._slowly(due)
                sent, refused = sent + outcome.sent, refused + 1 if outcome.pause else 0
        if sent or refused:
            self._log.info("reminders sent", count=sent)
        return sent

    def _is_time(self) -> bool:
        return OPENS <= self._rhythm.clock().astimezone(ALMATY).hour < CLOSES

    async def _slowly(self, due: Due) -> Outcome:
        """One reminder, and a pause after it. When Pana stops, the one in hand is finished first."""
        started = monotonic()
        self._in_hand = asyncio.create_task(self._handle(due))
        outcome = await asyncio.shield(self._in_hand)
        await asyncio.sleep(max(outcome.pause, 1 / self._rhythm.a_second - (monotonic() - started)))
        return outcome

    async def _handle(self, due: Due) -> Outcome:
        """Send one that is still ours, and note what came of it."""
        came = self._guide().came(due.kind, due.last)
        screen = self._guide().remind(came, await self._language(due.chat))
        try:
            reached = await self._sender.once(
                due.chat, screen, silent=due.chat in self._quiet, wanted=lambda: self._is_wanted(due)
            )
        except TelegramError as error:
            return await self._refused(due, came, error)
        if reached is None:
            return Outcome()
        await self._note(due, came, reached)
        return Outcome(sent=reached)

    async def _is_wanted(self, due: Due) -> bool:
        """Not one that was deleted or put off meanwhile, or is another worker's; nor of a person who is being deleted."""
        return await self._store.jobs.renew(due) and not self._chosen.is_forgetting(due.chat)

    async def _refused(self, due: Due, came: Came, error: TelegramError) -> Outcome:
        if isinstance(error, BadRequest) and due.tries >= TRIES:
            self._log.error("Telegram refused a reminder again and again: given up for its day", **log.fault(error))
            await self._note(due, came, reached=True)
        else:
            self._log.warning("a reminder could not be sent; trying again", **log.fault(error))
            await self._store.jobs.failed(due)
        return Outcome(pause=self._pause(error))

    def _pause(self, error: TelegramError) -> float:
        """None after what concerns one chat alone; as long as Telegram asks of many; a second where the line is broken."""
        if isinstance(error, RetryAfter):
            return min(self._sender.wait_of_all(), LONGEST_WAIT)
        return 0.0 if isinstance(error, BadRequest) else 1.0

    async def _language(self, chat: int) -> Language | None:
        """Looked up without noting that the person was here: they were not."""
        letters = self._chosen[chat] or (await self._store.held(chat)).language
        return self._guide().languages.get(letters)

    async def _note(self, due: Due, came: Came, reached: bool) -> None:
        """What was sent must not be sent twice: while the store is away, it is tried again almost as long as the lease."""
        until = monotonic() + NOTED_SECONDS
        while True:
            try:
                if not reached:
                    return await self._store.jobs.blocked(due)
                if came.following:
                    return await self._store.jobs.again(due, came.following)
                return await self._store.jobs.sent(due)
            except StoreAway:
                if monotonic() > until:
                    raise
                await asyncio.sleep(AGAIN_SECONDS)

    async def close(self) -> None:
        """Let the one in hand come to its end: else it would be sent twice."""
        if self._in_hand is not None:
            await asyncio.wait({self._in_hand}, timeout=CLOSE_SECONDS)
            self._in_hand.cancel()


def _day_of(named: str) -> date | None:
    try:
        return datetime.strptime(named, "%Y%m%d").date()
    except ValueError:
        return None
