"""Conversations with the real program: only the wire is local, and what a handler raises fails the test."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import faq, languages, log, search
from bot.app import Pana, build, keeping, store_of
from bot.chat.limit import Pace
from bot.faq.model import Faq
from bot.guide import Guide
from bot.languages import Languages
from bot.settings import Settings
from bot.shelf import Shelf
from bot.store import new_key
from bot.web.botapi import LOCAL_TOKEN, LocalBotApi, Person

from .opinions import objections
from .postgres import Postgres, programs, serving

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "faqs" / "small"
OFFICIAL = ROOT.parent / "shared" / "telegram" / "bot-api.json"
CHROMIUM = shutil.which("chromium")
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

needs_description = pytest.mark.skipif(
    not OFFICIAL.is_file(), reason="the official description (shared/telegram/bot-api.json) is not beside this checkout"
)
NO_POSTGRES = "no PostgreSQL on this machine (initdb, pg_ctl): .ci/run installs it"
needs_postgres = pytest.mark.skipif(programs() is None, reason=NO_POSTGRES)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: .ci/run installs it")


async def eventually(true: Callable[[], object], within: float = 5.0) -> None:
    """Wait until something is true; TimeoutError where it does not come within so many seconds."""
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.005)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for the tests of this process; started by the first that asks."""
    if programs() is None:
        pytest.skip(NO_POSTGRES)
    with serving() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store keeps its rows: a file or the URL of an empty database."""
    if request.param == "sqlite":
        return tmp_path / "state" / "pana.db"
    return request.getfixturevalue("postgres").fresh()


@pytest.fixture(scope="session")
def spoken() -> Languages:
    return languages.load(ROOT / "locales")


@pytest.fixture(scope="session")
def real() -> Faq:
    content, problems = faq.load(ROOT / "faq")
    assert content is not None, "\n".join(map(str, problems))
    return content


@pytest.fixture(scope="session")
def guide(real: Faq, spoken: Languages) -> Guide:
    return Guide(real, search.build(real), spoken)


@pytest.fixture(scope="session")
def storing(guide: Guide) -> Guide:
    """The same of a Pana that has a store, and so keeps reminders."""
    settings = Settings(pana_key=SecretStr(new_key()))
    return Guide(guide.faq, guide._index, guide.languages, keeping=keeping(settings, store_of(settings)))


@dataclass
class Chat:
    """A running Pana and the local Telegram that it talks to."""

    api: LocalBotApi
    pana: Pana
    failures: list[BaseException] = field(default_factory=list)

    def person(self, language_code: str = "", **kwargs: object) -> Person:
        return self.api.person(language_code=language_code, **kwargs)

    async def newcomer(self, letters: str = "en") -> Person:
        """Somebody who has chosen a language."""
        person = self.person()
        person.start()
        await person.reply()
        person.press(person.last.id, f"{letters}_set_home")
        await self.settled()
        return person

    async def settled(self, within: float = 5.0) -> None:
        """Wait until everything that people sent is handled, and raise what a handler raised."""
        await self.settled_whatever_fails(within)
        if self.failures:
            raise self.failures[0]

    async def settled_whatever_fails(self, within: float = 5.0) -> None:
        await eventually(lambda: not self.api.board.updates.pending, within)  # confirmed only when handled


@pytest.fixture
def local_settings(tmp_path: Path) -> Settings:
    return Settings(
        telegram_token=SecretStr(LOCAL_TOKEN),
        faq_dir=ROOT / "faq",
        locales_dir=ROOT / "locales",
        state_dir=tmp_path / "state",
        pana_key=SecretStr(new_key()),
    )


@contextlib.asynccontextmanager
async def running(
    settings: Settings, api: LocalBotApi | None = None, guide: Guide | None = None, **parts: Any
) -> AsyncIterator[Chat]:
    """Pana on a local Telegram. Exceptions of handlers are collected and raised by ``settled`` and at the end.

    Everything that was sent gets a second opinion at the end.

    ``parts`` are those of ``build``: a store, a clock. People in tests tap as fast as the machine can, so they are
    answered as fast, unless a ``pace`` is given.
    """
    async with contextlib.AsyncExitStack() as stack:
        api = api or await stack.enter_async_context(LocalBotApi())
        failures: list[BaseException] = []

        async def collect(_update: object, error: BaseException) -> None:
            failures.append(error)

        local = settings.model_copy(update={"telegram_api_url": api.url})
        store = parts.pop("store", None) or store_of(local)
        parts.setdefault("pace", Pace((1000.0, 1000.0), (1000.0, 1000.0)))
        pana = build(local, collect, Shelf(local, guide, keeping(local, store)), store, **parts)
        task = asyncio.create_task(pana.run(grace=5))
        try:
            yield Chat(api, pana, failures)
        finally:
            pana.stop()
            await task
        if failures:
            raise failures[0]
        assert objections(api.calls) == []


@pytest.fixture
async def chat(local_settings: Settings, guide: Guide) -> AsyncIterator[Chat]:
    async with running(local_settings, guide=guide) as chat:
        yield chat


@pytest.fixture
def everything() -> Iterator[StringIO]:
    """All that any library logs at DEBUG, through our handler."""
    stream = StringIO()
    log.configure("DEBUG", stream)
    yield stream
    logging.getLogger().handlers.clear()
    logging.captureWarnings(False)


@pytest.fixture
def content(tmp_path: Path) -> Iterator[Path]:
    """A copy of the small content, to be broken."""
    copy = tmp_path / "faq"
    shutil.copytree(SMALL, copy)
    yield copy
