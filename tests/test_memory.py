"""What readers notice of the store: they are known again. And what they do not: whatever happens to it, answers come."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import time
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import log
from bot.chat.memory import SLOW_SECONDS, Chosen
from bot.guide import Guide
from bot.languages import Languages
from bot.settings import Settings
from bot.store import Held, Keys, Nowhere, Store, StoreAway, new_key
from bot.web.botapi import LocalBotApi

from .conftest import Chat, eventually, running


async def test_a_reader_is_known_again_after_a_restart(
    local_settings: Settings, guide: Guide, spoken: Languages, place: Path | str
) -> None:
    url = place if isinstance(place, str) else None
    settings = local_settings.model_copy(update={"database_url": SecretStr(url) if url else None})
    async with LocalBotApi() as api:
        async with running(settings, api, guide) as chat:
            person = await chat.newcomer("fa")
        async with running(settings, api, guide) as chat:
            person.write("/about")
            assert spoken["fa"].say("About Pana") in (await person.reply()).text
            assert await chat.pana.store.language(person.chat_id) == "fa"


async def test_without_a_store_the_language_is_known_until_pana_stops(local_settings: Settings, guide: Guide) -> None:
    settings = local_settings.model_copy(update={"store": "none"})
    async with LocalBotApi() as api:
        async with running(settings, api, guide) as chat:
            person = await chat.newcomer("en")
            person.write("/about")
            assert "About Pana" in (await person.reply()).text
            assert isinstance(chat.pana.store, Nowhere)
        async with running(settings, api, guide) as chat:
            person.write("/about")
            assert "Choose your language" in (await person.reply()).text
    assert not settings.state_dir.joinpath("pana.db").exists()


async def test_where_no_key_can_be_made_nothing_is_said_to_be_stored(local_settings: Settings) -> None:
    settings = local_settings.model_copy(update={"pana_key": None, "key_home": None})
    async with running(settings) as chat:
        person = await chat.newcomer("en")
        person.write("/privacy")
        assert "It remembers your language only while the program runs." in (await person.reply()).text


async def test_who_is_forgotten_leaves_no_number_in_memory() -> None:
    chosen = Chosen(Nowhere())
    chosen.start()
    chosen[7] = "fa"
    assert await chosen.forgotten(7, 3.0)
    assert 7 not in chosen._by_chat
    await chosen.close()


async def test_the_choice_is_written_once_and_a_person_is_looked_up_once(chat: Chat) -> None:
    person = await chat.newcomer("ru")
    await eventually(lambda: not chat.pana.chosen._wishes)
    assert await chat.pana.store.held(person.chat_id) == Held("ru", time.strftime("%Y-%m", time.gmtime()), ())


@pytest.mark.parametrize("how", ["membership", "refusal"])
async def test_whoever_blocks_is_forgotten_in_the_store_too(chat: Chat, how: str) -> None:
    person = await chat.newcomer("ru")
    await chat.pana.store.keep(person.chat_id, "k3", date(2026, 11, 20), date(2026, 12, 1))
    await eventually(lambda: not chat.pana.chosen._wishes)
    if how == "membership":
        person.block()
    else:
        chat.api.fail_next("sendMessage", 403, "Forbidden: bot was blocked by the user")
        person.write("/help")
    await chat.settled()
    await eventually(lambda: not chat.pana.chosen._wishes)
    assert await chat.pana.store.held(person.chat_id) == Held()


async def test_of_a_group_nothing_is_kept(chat: Chat) -> None:
    chosen = chat.pana.chosen
    chosen[-100123] = "ru"
    chosen.forget(-100123)
    assert await chosen.of(-100123) is None
    assert not chosen._wishes


class Slow(Nowhere):
    """A database that takes its time, as one on a broken network does."""

    asked = 0

    async def language(self, person: int) -> str | None:
        self.asked += 1
        await asyncio.sleep(30)
        return "fa"


async def test_a_slow_store_costs_one_answer_half_a_second_and_the_next_ones_nothing() -> None:
    store = Slow()
    chosen = Chosen(store)
    begun = time.monotonic()
    assert await chosen.of(1) is None
    assert 0.4 < time.monotonic() - begun < 0.8
    begun = time.monotonic()
    for chat in range(2, 50):
        assert await chosen.of(chat) is None
    assert time.monotonic() - begun < 0.1
    assert (store.asked, SLOW_SECONDS) == (1, 5.0)
    await chosen.close()


class Fickle(Nowhere):
    """Away at first; then it notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.away = True
        self.done: list[tuple[int, str]] = []

    async def choose(self, person: int, letters: str) -> None:
        self._note(person, letters)

    async def forget(self, person: int) -> None:
        self._note(person, "forgotten")

    def _note(self, person: int, what: str) -> None:
        if self.away:
            raise StoreAway
        self.done.append((person, what))


async def test_wishes_wait_for_a_store_that_is_away_each_persons_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.memory.RETRY_SECONDS", 0.01)
    store = Fickle()
    chosen = Chosen(store, waiting=3)
    chosen.start()
    chosen[1] = "fa"
    chosen.forget(1)
    chosen[1] = "ru"
    chosen.forget(2)
    chosen[3] = "kk"
    await asyncio.sleep(0.05)
    chosen[4] = "en"
    chosen[5] = "en"
    assert not await chosen.forgotten(2, 0.05)
    store.away = False
    assert await chosen.forgotten(2, 5)
    await chosen.close()
    assert {one for one, _ in store.done} >= {1, 2, 5}, "of too many only languages are dropped"
    assert [what for one, what in store.done if one == 1] == ["forgotten", "ru"]


async def test_what_waits_is_written_when_pana_stops(local_settings: Settings) -> None:
    place, key = local_settings.state_dir / "pana.db", new_key()
    chosen = Chosen(Store(place, Keys.read(key)))
    chosen.start()
    for person in range(1, 200):
        chosen[person] = "fa"
    await chosen.close()
    with sqlite3.connect(place) as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (199,)
    connection.close()


@pytest.mark.parametrize("trouble", ["garbage", "another key", "no folder", "postgres gone"])
async def test_first_contact_answers_emergency_and_search_need_no_store(
    local_settings: Settings, guide: Guide, trouble: str
) -> None:
    settings = local_settings
    if trouble == "postgres gone":
        nowhere = SecretStr("postgresql://pana@/pana?host=/nowhere")
        settings = settings.model_copy(update={"database_url": nowhere})
    elif trouble == "no folder":
        settings.state_dir.write_text("a file")
    elif trouble == "garbage":
        settings.state_dir.mkdir()
        (settings.state_dir / "pana.db").write_bytes(b"no database" * 500)
    else:
        other = Store(settings.state_dir / "pana.db", Keys.read(new_key()))
        await other.choose(1, "fa")
        await other.close()
    async with running(settings, guide=guide) as chat:
        person = await chat.newcomer("en")
        begun = time.monotonic()
        for text, said in (
            ("/emergency", "102"),
            ("How soon must I apply for asylum?", "5 calendar days"),
            ("/help", "Help"),
        ):
            person.write(text)
            assert said in (await person.reply(2)).text
        assert time.monotonic() - begun < 2
        person.block()
        await chat.settled()


NAME = "Zarghuna-Secretname"
WORDS = ("mysecretword", "тайноеслово", "کلمه‌محرم", "құпиясөз")


async def test_no_name_id_or_word_reaches_the_database_its_journal_the_log_or_a_temporary_file(
    local_settings: Settings, guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People walk through the real chat and keep reminders; then every file is searched, also while the journal is full."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(temporary))
    stream, chance = StringIO(), random.Random(3)
    log.configure("DEBUG", stream)
    try:
        async with running(local_settings, guide=guide) as chat:
            people = [await chat.newcomer(chance.choice(["kk", "ru", "en", "fa"])) for _ in range(30)]
            for person in people:
                person.user["first_name"] = NAME
                person.write(f"{chance.choice(WORDS)} {chance.choice(WORDS)}")
                person.write(f"/start {chance.choice(WORDS)}")
                await chat.pana.store.keep(person.chat_id, "k3", date(2026, 11, 20), date(2026, 12, 1))
            await chat.settled(20)
            await eventually(lambda: not chat.pana.chosen._wishes)
            before = _files(local_settings.state_dir, temporary)
        after = _files(local_settings.state_dir, temporary)
    finally:
        logging.getLogger().handlers.clear()
        logging.captureWarnings(False)
    assert len(before["pana.db-wal"]) > 10_000, "the journal was full"
    seen = b"".join([*before.values(), *after.values(), stream.getvalue().encode()])
    ids = [one.chat_id for one in people]
    canaries = [NAME, *WORDS, *map(str, ids)]
    spelled = [one.encode(code) for one in canaries for code in ("utf-8", "utf-16-le")]
    spelled += [one.to_bytes(8, order) for one in ids for order in ("big", "little")]
    assert [one for one in spelled if one in seen] == []


def _files(*folders: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for folder in folders for one in folder.rglob("*") if one.is_file()}
