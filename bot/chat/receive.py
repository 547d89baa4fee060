"""The receive loop: long polling in which an update is confirmed only after it was handled.

Telegram keeps an update until a later ``getUpdates`` asks for a higher number. The library's own loop asks before it
handles, so a killed process loses what it had in hand, and one update that it cannot parse stops it for good. Here
the number asked for is always that of the oldest update still in hand, and each update is parsed by itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot import log
from bot.chat.crowd import CROWD, NO_WISHES, Crowd, is_no_wish
from bot.chat.intake import ALLOWED, Handle, Intake, Source, lane_of, number_of
from bot.chat.patience import seconds_of
from bot.store import Always, AnyTurn

POLL_SECONDS: Final = 30
BATCH: Final = 100
AT_ONCE: Final = 256  # chats handled at the same time
QUICK_SECONDS: Final = 0.004  # until the next look while work in hand is young
SLOW_SECONDS: Final = 0.25  # and while it waits, as a chat does that Telegram told to wait
YOUNG: Final = 0.1
SHORTEST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
REFUSALS: Final = 5  # in a row until the token is taken for refused: a proxy's "not found" looks the same
_NOTICE: Final = object()  # in a lane: tell its chat that it is not heard now


class Lanes:
    """One lane for each chat: its updates in order, different chats at once, at most AT_ONCE of them.

    What speaks of danger passes those of its chat that wait, and needs no free place. ``crowd`` judges the chats that
    write too much; ``raw_of`` tells the update of a job.
    """

    def __init__(
        self,
        handle: Callable[[Any], Awaitable[None]],
        crowd: Crowd | None = None,
        at_once: int = AT_ONCE,
        raw_of: Callable[[Any], dict[str, Any]] = lambda job: job,
    ) -> None:
        self._handle = handle
        self._crowd = crowd or Crowd()
        self._raw_of = raw_of
        self._free = asyncio.Semaphore(at_once)
        self._waiting: dict[object, deque[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, chat: object, job: Any) -> list[Any]:
        """Queue a job behind those of the same chat. Gives back those that will not be handled, because too many wait."""
        gone = self._put(chat, job)
        for one in gone:
            self._crowd.let_go(self._raw_of(one))
        return gone

    def flood(self, chat: object) -> None:
        """More of a chat is waiting than this side can see."""
        self._crowd.begins(chat)
        if chat in self._waiting:
            self._waiting[chat].append(_NOTICE)
        else:
            self._begin(chat, _NOTICE)

    def _put(self, chat: object, job: Any) -> list[Any]:
        if self._crowd.lets_go(chat, self._raw_of(job)):
            return [job]
        if chat in self._waiting:
            return self._queue(chat, self._waiting[chat], job)
        self._begin(chat, job)
        return []

    def _begin(self, chat: object, job: Any) -> None:
        self._waiting[chat] = deque([job])
        task = asyncio.create_task(self._run(chat))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _queue(self, chat: object, jobs: deque[Any], job: Any) -> list[Any]:
        """The first is in hand. Where somebody waits already, what speaks of danger goes before them."""
        if len(jobs) > 1 and self._crowd.goes_first(chat, self._raw_of(job)):
            jobs.insert(1, job)
        else:
            jobs.append(job)
        return self._thinned(chat, jobs) if len(jobs) > CROWD else []

    def _thinned(self, chat: object, jobs: deque[Any]) -> list[Any]:
        """A flood: what waits is let go but who blocks us, and the first that speaks of danger or wants deletion; in its place
        comes a notice."""
        self._crowd.begins(chat)
        waiting = [job for job in list(jobs)[1:] if job is not _NOTICE]
        kept = [job for job in waiting if is_no_wish(self._raw_of(job))][-NO_WISHES:]
        kept = [job for job in waiting if job in kept or self._crowd.hears(chat, self._raw_of(job))]
        stay = [jobs[0], *kept, _NOTICE]
        jobs.clear()
        jobs.extend(stay)
        return [job for job in waiting if job not in kept]

    async def _run(self, chat: object) -> None:
        jobs = self._waiting[chat]
        try:
            while jobs:
                await self._next(chat, jobs[0])
                jobs.popleft()
        finally:
            del self._waiting[chat]

    async def _next(self, chat: object, job: Any) -> None:
        if job is _NOTICE:
            await self._crowd.say(chat)
        elif self._free.locked() and self._crowd.is_urgent(self._raw_of(job)):
            await self._handle(job)
        else:
            async with self._free:
                await self._handle(job)

    async def finish(self, seconds: float | None = None) -> bool:
        """Wait until every lane is empty; False where the time did not suffice."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        return not self._tasks


class Receiver(Source):
    """Fetches raw updates, parses each by itself, hands it to its chat's lane and confirms what is done."""

    def __init__(
        self,
        bot: Bot,
        wire: BaseRequest,
        handle: Handle,
        on_alive: Callable[[], None] = lambda: None,
        turn: AnyTurn | None = None,
        crowd: Crowd | None = None,
    ) -> None:
        super().__init__(Intake(bot, handle), on_alive)
        self._bot = bot
        self._wire = wire
        self._turn = turn or Always()
        self._lanes = Lanes(self._one, crowd)
        self._open: set[int] = set()  # numbers in hand
        self._done: set[int] = set()  # handled, and not yet below the confirmed number
        self._next = 0  # one above the highest number seen
        self._asked = 0  # the number asked for last
        self._changed = monotonic()  # when something new came last
        self._all_done = asyncio.Event()
        self._log = log.get("receive")

    @property
    def state(self) -> str:
        """connecting, asking, waiting (another replica asks), stopping: what is done about updates."""
        if self._stopping.is_set() or not self._ready:
            return "stopping" if self._ready else "connecting"
        return "asking" if self._turn.mine else "waiting"

    async def close(self) -> None:
        """Close the connections for receiving."""
        await self._wire.shutdown()

    async def run(self, grace: float = 25.0) -> None:
        """Receive until stopped, then finish what is in hand within ``grace`` seconds and confirm it."""
        pause, refused, self._ready = SHORTEST_PAUSE, 0, True
        self._turn.start()
        while not self._stopping.is_set():
            try:
                await self._unless_stopping(self._round() if self._turn.mine else self._waited())
                pause, refused = SHORTEST_PAUSE, 0
            except asyncio.CancelledError:
                raise
            except RetryAfter as error:
                await self._wait_as_told(seconds_of(error))
            except Exception as error:  # a proxy's page, a broken answer: whatever comes, the loop goes on
                refused += isinstance(error, InvalidToken)
                if refused >= REFUSALS:
                    raise
                self._say(error)
                await self.pause(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        await self._lanes.finish(grace)
        if self._turn.mine:
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(5):
                    await self._fetch(limit=1, seconds=0)
        await self._turn.close()

    async def _waited(self) -> None:
        """Another replica asks Telegram. As long as that is known, we are well."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_PAUSE):
                await self._turn.comes()
        self._alive()

    def _say(self, error: Exception) -> None:
        if isinstance(error, Conflict):
            self._turn.conflict()
            self._log.error("another program receives for this bot: stop it, or a webhook is set: delete it")
        else:
            self._log.warning("Telegram does not answer; trying again", error=type(error).__name__)

    async def _unless_stopping(self, work: Awaitable[Any]) -> None:
        task, stop = asyncio.ensure_future(work), asyncio.ensure_future(self._stopping.wait())
        lost = asyncio.ensure_future(self._turn.lost()) if self._turn.mine and not self._open else stop
        try:
            await asyncio.wait({task, stop, lost}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            for one in (task, stop, lost):
                one.cancel()
            with suppress(asyncio.CancelledError, TelegramError):
                await task

    async def _round(self) -> None:
        started = monotonic()
        seconds = 0 if self._open else POLL_SECONDS
        raw = await self._fetch(BATCH, seconds)
        self._alive()
        if (
            not self._turn.mine
        ):  # lost meanwhile, as by a process that was stopped for a while: others have these in hand
            return
        fresh = sum(self._taken(one) for one in raw)
        self._forget_confirmed()
        if seconds and not fresh and self.last_answer - started < SHORTEST_PAUSE:
            await asyncio.sleep(SHORTEST_PAUSE)  # a server that answers at once with nothing of use
        if self._open:
            await self._pause(bool(fresh))

    async def _pause(self, fresh: bool) -> None:
        """While something is in hand Telegram answers at once, with that again: look often at first, then seldom."""
        now = monotonic()
        self._changed = now if fresh else self._changed
        young = now - self._changed < YOUNG
        self._all_done.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(QUICK_SECONDS if young else SLOW_SECONDS):
                await self._all_done.wait()

    async def _fetch(self, limit: int, seconds: int) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {"limit": limit, "timeout": seconds, "allowed_updates": list(ALLOWED)}
        if offset := self._asked_for():
            wanted["offset"] = offset
        data = RequestData(parameters=[RequestParameter.from_input(key, value) for key, value in wanted.items()])
        url = f"{self._bot.base_url}/getUpdates"
        found = await self._wire.post(url, data, read_timeout=seconds + 10)
        return found if isinstance(found, list) else []

    def _asked_for(self) -> int:
        """What is asked for: the oldest update in hand, so that everything below it is confirmed.

        Telegram answers the same number twice within half a second with one update only, so while nothing moves the
        number below it is asked in turn: that one is confirmed already and asks for the same.
        """
        offset = self._offset()
        again = self._open and offset == self._asked
        self._asked = offset - 1 if again else offset
        return self._asked

    def _offset(self) -> int:
        return min(self._open, default=self._next)

    def _forget_confirmed(self) -> None:
        """Telegram shows at most BATCH updates from the oldest on: where waiting ones fill that view, let the oldest go."""
        while len(self._open) + len(self._done) >= BATCH and self._open and self._done:
            self._open.discard(oldest := min(self._open))
            self._done.add(oldest)
            self._done = {number for number in self._done if number >= self._offset()}
            self._log.warning("an update that waits long is confirmed before it is answered, to make way for others")
        floor = self._offset()
        self._done = {number for number in self._done if number >= floor - 1}

    def _taken(self, raw: object) -> bool:
        """Take an update in hand; False for one that is known, or that nobody could confirm."""
        if isinstance(raw, dict) and self._is_new(number_of(raw)):
            self._take(raw)
            return True
        return False

    def _is_new(self, number: int | None) -> bool:
        return number is not None and number not in self._open and number not in self._done

    def _take(self, raw: dict[str, Any]) -> None:
        number = raw["update_id"]
        # A number far below the last one is Telegram's new start after a quiet week, not an old update.
        self._next = max(self._next, number + 1) if number + 1_000_000 > self._next else number + 1
        self._open.add(number)
        for dropped in self._lanes.put(lane_of(raw), raw):
            self._finished(dropped["update_id"])

    def _finished(self, number: int) -> None:
        self._open.discard(number)
        self._done.add(number)
        if not self._open:
            self._all_done.set()

    async def _one(self, raw: dict[str, Any]) -> None:
        try:
            await self._intake.take(raw)
        finally:
            self._finished(raw["update_id"])
