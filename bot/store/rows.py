"""What is done with the tables inside one transaction. Only ``Database`` makes a Rows, and turns what it raises.

A lease ends by a clock that all workers share and nobody can set wrong for one of them: PostgreSQL's own, or, where all
are on one machine (SQLite), the seconds since that machine started, which no change of its date moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from secrets import token_hex
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, ColumnElement, Double, cast, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.schema import arrivals, budget, keys, people, reminders
from bot.store.secrets import Keys, Sealed, Unreadable
from bot.store.values import (
    ARRIVAL_HOURS,
    HAND_SECONDS,
    LEASE_SECONDS,
    MOST,
    RESERVED_SECONDS,
    STALE_DAYS,
    UNUSED_MONTHS,
    Claim,
    Due,
    Held,
    Reminder,
    TooMany,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_FREE: Final = {"lease": None, "until": None}
MANY: Final = 500  # rows of one statement


class Rows:
    """The tables, in one transaction."""

    def __init__(self, connection: AsyncConnection, ring: Keys) -> None:
        self._connection = connection
        self._ring = ring
        self._sqlite = connection.dialect.name == "sqlite"

    async def introduce(self) -> bool:
        """Whether the database knows one of our keys, or none at all; then it learns them."""
        known = set((await self._do(select(keys.c.id))).scalars())
        if known and not known & set(self._ring.ids):
            return False
        if self._ring.ids[0] not in known:
            statement = _INSERT[self._connection.dialect.name](keys).on_conflict_do_nothing()
            await self._do(statement.values([{"id": one} for one in self._ring.ids]))
        return True

    async def person(self, person: int) -> tuple[str, str, bool] | None:
        """Language, month, and whether it stands under the newest key."""
        codes = self._ring.people(person)
        found = (await self._do(select(people).where(people.c.person.in_(codes)))).all()
        row = min(found, key=lambda one: codes.index(bytes(one.person)), default=None)
        return (row.language, row.month, bytes(row.person) == codes[0]) if row else None

    async def choose(self, person: int, language: str, month: str) -> None:
        newest, *older = self._ring.people(person)
        if older:
            await self._do(delete(people).where(people.c.person.in_(older)))
        fresh = {"language": language, "month": month}
        statement = _INSERT[self._connection.dialect.name](people).values(person=newest, **fresh)
        await self._do(statement.on_conflict_do_update(index_elements=["person"], set_=fresh))

    async def touch(self, person: int, month: str) -> None:
        """Somebody is back: the month is renewed, and the code is that of the newest key."""
        if found := await self.person(person):
            await self.choose(person, found[0], month)

    async def held(self, person: int) -> Held:
        language, month, _ = await self.person(person) or (None, None, False)
        statement = select(reminders).where(self._owned(person)).order_by(reminders.c.day, reminders.c.id)
        return Held(language, month, tuple(map(self._reminder, await self._do(statement))))

    def _reminder(self, row: Any) -> Reminder:
        """One that cannot be read any more is shown, too, so that it can be deleted."""
        what = self._unsealed(row)
        return Reminder(row.id, what.kind, row.day, what.last) if what else Reminder(row.id, "", row.day, row.day)

    def _unsealed(self, row: Any) -> Sealed | None:
        """None where it is damaged, or put there by somebody else."""
        try:
            return self._ring.unseal(row.key_id, bytes(row.sealed), row.id)
        except Unreadable:
            return None

    async def keep(self, person: int, kind: str, day: date, last: date) -> Reminder:
        what, anew = Sealed(person, kind, last), {"day": day, "tries": 0, **_FREE}
        same = reminders.c.once.in_(self._ring.once(what))
        again = update(reminders).where(same).values(**anew).returning(reminders.c.id)
        if known := (await self._do(again)).scalar():
            return Reminder(known, kind, day, last)
        number = await self._do(select(func.count()).select_from(reminders).where(self._owned(person)))
        if number.scalar_one() >= MOST:
            raise TooMany
        name = token_hex(6)
        fresh = _INSERT[self._connection.dialect.name](reminders).values(id=name, **anew, **self._made(what, name))
        # Pressed twice at the same moment, on two servers: the second finds the first.
        one = fresh.on_conflict_do_update(index_elements=["once"], set_=anew).returning(reminders.c.id)
        return Reminder((await self._do(one)).scalar_one(), kind, day, last)

    def _made(self, what: Sealed, name: str) -> dict[str, Any]:
        """The columns that are made with the newest key. In a private chat the chat's id is the person's."""
        return {
            "key_id": self._ring.ids[0],
            "sealed": self._ring.seal(what, name),
            "once": self._ring.once(what)[0],
            "owner": self._ring.owners(what.chat)[0],
        }

    async def drop(self, person: int, reminder: str) -> bool:
        return await self._any(delete(reminders).where(self._owned(person) & (reminders.c.id == reminder)))

    async def snooze(self, person: int, reminder: str, day: date) -> bool:
        mine = self._owned(person) & (reminders.c.id == reminder)
        return await self._any(update(reminders).where(mine).values(day=day, tries=0, **_FREE))

    async def forget(self, person: int) -> None:
        await self.forget_codes(self._ring.people(person), self._ring.owners(person))

    async def forget_codes(self, persons: Sequence[bytes], owners: Sequence[bytes]) -> None:
        """Delete what stands under codes of a person: of whom only these are known any more."""
        await self._do(delete(people).where(people.c.person.in_(persons)))
        await self._do(delete(reminders).where(reminders.c.owner.in_(owners)))

    async def wipe(self) -> None:
        """Everything, whichever key it was made with; from now on it is made with ours."""
        for table in (people, reminders, keys, arrivals, budget):
            await self._do(delete(table))
        await self.introduce()

    async def retire(self, today: date) -> None:
        months = today.year * 12 + today.month - 1 - UNUSED_MONTHS
        await self._do(delete(people).where(people.c.month < f"{months // 12}-{months % 12 + 1:02}"))
        limit = today - timedelta(days=STALE_DAYS)
        old = (await self._do(select(reminders).where(reminders.c.day < limit))).all()
        over = [row.id for row in old if self._reminder(row).last < limit]
        for first in range(0, len(over), MANY):
            await self._do(delete(reminders).where(reminders.c.id.in_(over[first : first + MANY])))

    async def rekey(self) -> int:
        """Seal all reminders with the newest key."""
        found = (await self._do(select(reminders).where(reminders.c.key_id != self._ring.ids[0]))).all()
        done = 0
        for row in found:
            if what := self._unsealed(row):
                mine = update(reminders).where(reminders.c.id == row.id)
                done += await self._any(mine.values(**self._made(what, row.id)))
        return done

    async def claim(self, today: date, most: int) -> list[Due]:
        """Lease what is due and in nobody's hand; what was tried least comes first, then by chance (the id)."""
        order = (reminders.c.tries, reminders.c.day, reminders.c.id)
        free = select(reminders.c.id).where(
            self._free(), reminders.c.day <= today, reminders.c.key_id.in_(self._ring.ids)
        )
        picked = free.order_by(*order).limit(most).with_for_update(skip_locked=True).cte("picked")
        lease = token_hex(8)
        claimed = update(reminders).where(reminders.c.id.in_(select(picked.c.id))).returning(*reminders.c)
        values = {"lease": lease, "until": self._now() + LEASE_SECONDS, "tries": reminders.c.tries + 1}
        found = (await self._do(claimed.values(**values))).all()
        return [due for row in found if (due := self._due(row))]

    def _due(self, row: Any) -> Due | None:
        """None where nobody can be told."""
        what = self._unsealed(row)
        return Due(row.id, what.chat, what.kind, what.last, row.lease, row.tries) if what else None

    async def renew(self, due: Due) -> bool:
        return await self._any(update(reminders).where(_leased(due)).values(until=self._now() + LEASE_SECONDS))

    async def sent(self, due: Due) -> None:
        await self._do(delete(reminders).where(_leased(due)))

    async def again(self, due: Due, day: date) -> None:
        await self._do(update(reminders).where(_leased(due)).values(day=day, tries=0, **_FREE))

    async def failed(self, due: Due) -> None:
        """Not again at once: when a lease would have ended anyway."""
        await self._do(update(reminders).where(_leased(due)).values(lease=None, until=self._now() + LEASE_SECONDS))

    async def arrive(self, numbers: list[int]) -> dict[int, Claim]:
        """Take updates in hand: those that nobody has taken, and those of a replica that no longer renews them."""
        now, until = self._now(), self._now() + HAND_SECONDS
        fresh = [{"number": number, "hour": now // 3600, "until": until} for number in numbers]
        statement = _INSERT[self._connection.dialect.name](arrivals).values(fresh)
        statement = statement.on_conflict_do_update(
            index_elements=["number"], set_={"until": until}, where=arrivals.c.until <= now
        )
        ours = set((await self._do(statement.returning(arrivals.c.number))).scalars())
        others = select(arrivals.c.number, arrivals.c.until).where(arrivals.c.number.in_(set(numbers) - ours))
        found: dict[int, Claim] = {one.number: "elsewhere" if one.until else "done" for one in await self._do(others)}
        return found | dict.fromkeys(ours, "ours")

    async def hold(self, numbers: list[int]) -> None:
        """Updates are still in hand."""
        held = arrivals.c.number.in_(numbers) & arrivals.c.until.is_not(None)
        await self._do(update(arrivals).where(held).values(until=self._now() + HAND_SECONDS))

    async def handled(self, numbers: list[int]) -> None:
        """Updates are handled: nobody takes them again."""
        await self._do(update(arrivals).where(arrivals.c.number.in_(numbers)).values(until=None))

    async def clear_arrivals(self) -> None:
        """Forget updates that Telegram does not repeat any more."""
        await self._do(delete(arrivals).where(arrivals.c.hour < self._now() // 3600 - ARRIVAL_HOURS))

    async def reserve(self, number: int, owed: int, rate: float) -> float:
        """Promise messages behind those that are promised already; see purse.py. PostgreSQL's clock, of which all know.

        What lies further ahead than RESERVED_SECONDS is of a clock that was set back, and what answers owe is paid within one.
        """
        now = cast(func.extract("epoch", func.clock_timestamp()), Double)
        fresh = _INSERT[self._connection.dialect.name](budget).values(name="sends", until=now + (owed + number) / rate)
        begin = func.least(func.greatest(budget.c.until, now), now + RESERVED_SECONDS)
        paid = func.least(begin + owed / rate, func.greatest(begin, now + 1))
        statement = fresh.on_conflict_do_update(index_elements=["name"], set_={"until": paid + number / rate})
        found = await self._do(statement.returning(budget.c.until - now - number / rate))
        return max(0.0, float(found.scalar_one()))

    def _free(self) -> ColumnElement[bool]:
        now, until = self._now(), reminders.c.until
        free = or_(until.is_(None), until <= now)
        # A lease that ends later than any that could have been given is of the time before the machine started anew.
        return or_(free, until > now + LEASE_SECONDS) if self._sqlite else free

    def _now(self) -> ColumnElement[int]:
        if self._sqlite:
            return literal(int(monotonic()), BigInteger)
        return cast(func.extract("epoch", func.clock_timestamp()), BigInteger)

    def _owned(self, person: int) -> ColumnElement[bool]:
        return reminders.c.owner.in_(self._ring.owners(person))

    async def _do(self, statement: Any) -> Any:
        return await self._connection.execute(statement)

    async def _any(self, statement: Any) -> bool:
        return bool((await self._do(statement)).rowcount)


def _leased(due: Due) -> ColumnElement[bool]:
    return (reminders.c.id == due.reminder) & (reminders.c.lease == due.lease)
