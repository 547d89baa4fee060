"""Deletions that the database still owes: noted beside it while it is away, so that the end of the process loses none.

Noted are the codes under which the database knows a person, with every key of the ring; nothing else, and no id.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from bot import log, whole
from bot.store.secrets import Keys

FILE: Final = "owed"  # in the state folder


class Unreadable(OSError):  # noqa: N818 - what it is
    """What is owed cannot be read: whom to delete before anything else is not known."""


@dataclass(frozen=True, slots=True)
class Debt:
    """The codes of one person: those of the language, and those of reminders."""

    people: tuple[bytes, ...]
    owners: tuple[bytes, ...]

    def line(self) -> str:
        """As it is written: hexadecimal digits."""
        return " ".join(",".join(code.hex() for code in codes) for codes in (self.people, self.owners))

    @classmethod
    def read(cls, line: str) -> Self | None:
        """The same again; None for a line that was not written whole."""
        with suppress(ValueError):
            people, owners = (tuple(map(bytes.fromhex, part.split(","))) for part in line.split(" "))
            return cls(people, owners)
        return None


class Owed:
    """The debts in one file (0600). A disk that takes nothing costs nobody anything but the safety of this file."""

    def __init__(self, file: Path, ring: Keys) -> None:
        self._file = file
        self._ring = ring
        self._failed = False
        self._log = log.get("store")

    def note(self, person: int) -> None:
        """Owe the deletion of a person, at once on the disk."""
        debt = self._of(person)
        try:
            if debt not in self.debts():
                self._add(debt)
        except OSError as error:
            self._fails(error)

    def _add(self, debt: Debt) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file.touch(0o600)
        with self._file.open("a", encoding="ascii") as file:
            file.write(f"\n{debt.line()}\n")  # a line before it may have been cut by a full disk
            file.flush()
            os.fsync(file.fileno())
        _settle(self._file.parent)

    def debts(self) -> list[Debt]:
        """All that is owed. Raises Unreadable where that cannot be known."""
        try:
            lines = self._file.read_bytes().decode("ascii", "replace").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise Unreadable(error.errno, error.strerror) from None
        return [debt for debt in map(Debt.read, filter(None, lines)) if debt]

    def paid(self, debts: Iterable[Debt]) -> None:
        """Strike what was deleted."""
        done = set(debts)
        try:
            if self._file.exists():
                self._leave([debt for debt in self.debts() if debt not in done])
        except OSError as error:
            self._fails(error)

    def _leave(self, left: list[Debt]) -> None:
        if not left:
            self._file.unlink(missing_ok=True)
            return
        whole.write(self._file, "".join(f"{debt.line()}\n" for debt in left).encode("ascii"))

    def all_paid(self) -> None:
        """Everybody was deleted."""
        try:
            self._leave([])
        except OSError as error:
            self._fails(error)

    def forgiven(self, person: int) -> None:
        """A person was deleted by another way."""
        self.paid([self._of(person)])

    def _of(self, person: int) -> Debt:
        return Debt(tuple(self._ring.people(person)), tuple(self._ring.owners(person)))

    def _fails(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            self._log.error(
                "STATE_DIR takes no note of deletions that wait for the store: they are lost if Pana stops before it is back",
                error=type(error).__name__,
            )


def _settle(folder: Path) -> None:
    """The name of a new file is on the disk, too."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
