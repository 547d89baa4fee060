"""Updates that Telegram brings by webhook: each is handled before Telegram hears that it was taken, and handled once.

take ─┬─ stopping ─► told to come again
      ├─ known (in memory, or in hand) ─► the same outcome as the first time
      └─ its chat's lane ─► claimed in the store, which replicas share ─► handlers ─► outcome

With the store away or slow, memory alone decides: an answer given twice is better than none.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Literal

from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot import log
from bot.chat.crowd import Crowd
from bot.chat.intake import Handle, Intake, Source, lane_of, number_of
from bot.chat.patience import seconds_of
from bot.chat.receive import LONGEST_PAUSE, SHORTEST_PAUSE, Lanes
from bot.chat.webhook import Hook, introduce, leads_elsewhere
from bot.store import AnyArrivals

KEPT_SECONDS: Final = 24 * 3600.0  # for so long Telegram repeats an update
KEPT: Final = 50_000  # numbers in memory, about 5 MB: far more than a day of this country
LOOK_SECONDS: Final = 0.5  # that an answer waits for the store
SLOW_SECONDS: Final = 2.0  # for which a store that was slower than that is not asked again
PROBE_SECONDS: Final = 30.0  # without an update after which we ask whether Telegram can be reached

# dropped: of a flood from one chat; elsewhere: another replica has it in hand; stopping: another one should have it
Outcome = Literal["handled", "repeated", "unreadable", "dropped", "elsewhere", "stopping"]


class Once:
    """The numbers of the last KEPT_SECONDS, at most KEPT of them, the oldest first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._at: OrderedDict[int, float] = OrderedDict()

    def __contains__(self, number: int) -> bool:
        return monotonic() - self._at.get(number, -KEPT_SECONDS) < KEPT_SECONDS

    def add(self, number: int) -> None:
        now = self._at[number] = monotonic()
        while len(self._at) > self._kept or now - next(iter(self._at.values())) > KEPT_SECONDS:
            self._at.popitem(last=False)


@dataclass(frozen=True, slots=True, repr=False)
class _Job:
    raw: dict[str, Any]
    number: int
    outcome: asyncio.Future[Outcome]


class Deliveries(Source):
    """Takes what the webhook brings. ``run`` puts the webhook in its place and watches over it."""

    def __init__(
        self,
        bot: Bot,
        handle: Handle,
        arrivals: AnyArrivals,
        hook: Hook,
        on_alive: Callable[[], None] = lambda: None,
        crowd: Crowd | None = None,
    ) -> None:
        super().__init__(Intake(bot, handle), on_alive)
        self._bot = bot
        self._arrivals = arrivals
        self._hook = hook
        self._crowd = crowd or Crowd()
        self._lanes = Lanes(self._one, self._crowd, raw_of=lambda job: job.raw)
        self._once = Once()
        self._hand: dict[int, _Job] = {}
        self._slow_until = 0.0
        self._log = log.get("webhook")

    @property
    def state(self) -> str:
        """connecting, webhook, stopping: whether updates may be brought here."""
        return "stopping" if self._stopping.is_set() else "webhook" if self._ready else "connecting"

    async def take(self, raw: object) -> Outcome:
        """Handle an update that comes from Telegram beyond doubt; returns when that is done."""
        self._alive()
        if self._stopping.is_set():
            return "stopping"
        number = number_of(raw)
        if number is None or not isinstance(raw, dict):
            self._intake.skip(ValueError())
            return "unreadable"
        if number in self._once:
            return "repeated"
        job = self._hand.get(number) or self._begun(raw, number)
        return await asyncio.shield(job.outcome)

    def _begun(self, raw: dict[str, Any], number: int) -> _Job:
        self._hand[number] = job = _Job(raw, number, asyncio.get_running_loop().create_future())
        if self._crowd.is_behind(lane := lane_of(raw)):
            self._lanes.flood(lane)
        for dropped in self._lanes.put(lane, job):
            self._settle(dropped, "dropped")
        return job

    async def _one(self, job: _Job) -> None:
        outcome: Outcome = "elsewhere"
        try:
            outcome = await self._handled(job)
        finally:
            self._crowd.answered(lane_of(job.raw))
            self._settle(job, outcome)

    async def _handled(self, job: _Job) -> Outcome:
        claim = await self._claim(job.number)
        if claim != "ours":
            return "repeated" if claim == "done" else "elsewhere"
        read = await self._intake.take(job.raw)
        self._arrivals.done(job.number)
        return "handled" if read else "unreadable"

    async def _claim(self, number: int) -> str:
        if monotonic() < self._slow_until:
            return "ours"
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._arrivals.claim(number)
        except TimeoutError:
            self._slow_until = monotonic() + SLOW_SECONDS
            return "ours"

    def _settle(self, job: _Job, outcome: Outcome) -> None:
        del self._hand[job.number]
        if outcome != "elsewhere":
            self._once.add(job.number)
        job.outcome.set_result(outcome)

    # the life of the webhook

    async def close(self) -> None:
        """There is nothing of its own to close: the door is another's."""

    async def run(self, grace: float = 25.0) -> None:
        """Set the webhook, watch over it until stopped, then finish what is in hand within ``grace`` seconds."""
        self._ready = True
        await self._until_done(self._introduced)
        while not await self.pause(PROBE_SECONDS):
            if monotonic() - self.last_answer >= PROBE_SECONDS:
                await self._until_done(self._probed)
        await self._lanes.finish(grace)
        await self._arrivals.close()

    async def _until_done(self, work: Callable[[], Awaitable[None]]) -> None:
        """Ask Telegram until it answers, with growing pauses, as long as nobody asks us to stop."""
        pause = SHORTEST_PAUSE
        while not self._stopping.is_set():
            try:
                await work()
                self._alive()
                return
            except TelegramError as error:
                self._log.warning("Telegram does not answer; trying again", error=type(error).__name__)
                await (self._wait_as_told(seconds_of(error)) if isinstance(error, RetryAfter) else self.pause(pause))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _introduced(self) -> None:
        if await introduce(self._bot, self._hook):
            self._log.info("the webhook is set")

    async def _probed(self) -> None:
        """A quiet night is no failure: Telegram answers, and the webhook still leads here."""
        info = await self._bot.get_webhook_info()
        if leads_elsewhere(info, self._hook):
            self._log.error("the webhook does not lead here any more. Run: pana webhook check")
