"""A PostgreSQL of the tests' own: made in a fresh folder, reached by a socket there, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg

_NUMBERS = count(1)


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; Debian keeps them out of the PATH. The newest version is taken."""
    found = [Path(one).parent for one in (shutil.which("initdb"),) if one]
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: float(one.parts[-3]))
    return next(iter([*(one.parent for one in reversed(kept)), *found]), None)


def _servant() -> str | None:
    """PostgreSQL refuses to run as root: the user that it runs as then."""
    if os.getuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


class Postgres:
    """A running server; ``stop`` and ``start`` take it away and bring it back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user = _servant()
        self._programs = programs()
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-A", "trust", "-U", "pana", "-E", "UTF8", "--no-locale", "--no-sync", "-D", self._data)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://pana@/{name}?host={self.folder}"

    def fresh(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{next(_NUMBERS)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(self._programs / program), *words], cwd=self.folder, user=self._user, group=self._user and _group(self._user),
            extra_groups=[] if self._user else None, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=True, timeout=60,
        )  # fmt: skip


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


@contextmanager
def serving() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="pana-pg-", dir="/tmp"))  # a socket's path must be short
    server = Postgres(folder)
    server.start()
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # a test took it away and did not bring it back
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
