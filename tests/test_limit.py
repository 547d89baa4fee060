"""How much may be sent: bursts are free, then one a second; bulk takes what answers leave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bot.chat import limit
from bot.chat.limit import Bucket, LocalBudget, Pace


class Clock:
    """A clock that moves when somebody sleeps, and only then."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(limit.asyncio, "sleep", clock.sleep)
    yield clock


async def test_a_burst_is_not_delayed_and_then_one_goes_out_a_second(clock: Clock) -> None:
    pace, at = Pace((1.0, 5.0), now=clock), []
    for _ in range(8):
        await pace.take(7)
        at.append(clock.at - 1000)
    assert at == [0, 0, 0, 0, 0, 1, 2, 3]


async def test_a_group_gets_twenty_a_minute(clock: Clock) -> None:
    pace = Pace(now=clock)
    for _ in range(40):
        await pace.take(-7)
    assert clock.at - 1000 == pytest.approx(60)


async def test_another_chat_does_not_wait(clock: Clock) -> None:
    pace = Pace((1.0, 1.0), now=clock)
    for chat in range(1, 100):
        await pace.take(chat)
    assert clock.at == 1000


async def test_what_is_urgent_passes_a_few_times_and_then_waits_like_the_others(clock: Clock) -> None:
    pace, at = Pace((1.0, 1.0), now=clock), []
    for urgent in (False, True, True, True, True):
        await pace.take(7, urgent)
        at.append(clock.at - 1000)
    assert at == [0, 0, 0, 1, 2]


async def test_bulk_goes_out_at_the_rate_of_the_budget(clock: Clock) -> None:
    budget = LocalBudget(25, clock)
    for _ in range(251):
        await budget.take()
    assert clock.at - 1000 == pytest.approx(10)


async def test_bulk_takes_only_what_answers_leave(clock: Clock) -> None:
    budget = LocalBudget(25, clock)
    for _ in range(20):
        budget.spent()
    await budget.take()
    assert clock.at - 1000 == pytest.approx(20 / 25)


async def test_a_flood_of_answers_stops_bulk_for_about_a_second_and_not_for_ever(clock: Clock) -> None:
    budget = LocalBudget(25, clock)
    for _ in range(10_000):
        budget.spent()
    await budget.take()
    assert clock.at - 1000 == pytest.approx(26 / 25)


async def test_many_who_wait_are_served_one_by_one() -> None:
    budget, served = LocalBudget(200), []

    async def wait(number: int) -> None:
        await budget.take()
        served.append(number)

    await asyncio.gather(*(wait(number) for number in range(10)))
    assert served == list(range(10))


def test_debt_has_a_floor_and_what_is_spent_there_does_not_lift_it(clock: Clock) -> None:
    bucket = Bucket(1.0, 2.0, clock)
    for _ in range(9):
        bucket.spend(0.0)
    assert bucket.level == 0
    bucket.spend()
    bucket.spend(0.0)
    assert bucket.level == -1


async def test_of_a_chat_that_is_rested_nothing_is_known(clock: Clock) -> None:
    pace = Pace(now=clock)
    for chat in range(1, 50):
        await pace.take(chat)
    assert pace.known == 49
    clock.at += 60
    await pace.take(99)
    assert pace.known == 1


async def test_the_number_of_chats_whose_pace_is_known_is_bounded() -> None:
    pace = Pace()
    for chat in range(1, limit.CHATS + 100):
        await pace.take(chat)
    assert pace.known == limit.CHATS
