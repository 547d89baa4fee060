"""Alive, ready, counted: what those see who watch over Pana, and that nobody is seen in it."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import log
from bot.doors import health_of
from bot.guide import Guide
from bot.settings import HERE, Listen, Settings
from bot.shelf import Shelf
from bot.store import Nowhere
from bot.tally import STEP, Tally
from bot.web.botapi import LOCAL_TOKEN, LocalBotApi

from .conftest import SMALL, Chat, eventually, running
from .test_webhook import by_webhook


@contextlib.asynccontextmanager
async def watched(settings: Settings, guide: Guide | None = None, **parts: Any) -> AsyncIterator[Chat]:
    """Pana with its door for health."""
    settings = settings.model_copy(update={"health_listen": Listen(HERE, 0)})
    async with running(settings, guide=guide, **parts) as chat:
        await eventually(lambda: chat.pana.health and chat.pana.health.port)
        yield chat


@pytest.fixture
async def chat(local_settings: Settings, guide: Guide) -> AsyncIterator[Chat]:
    async with watched(local_settings, guide) as chat:
        await eventually(lambda: chat.pana.receiver.state == "asking")
        yield chat


async def page(chat: Chat, path: str) -> tuple[int, Any]:
    """Status and what is said, of a page for health."""
    assert chat.pana.health is not None
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{HERE}:{chat.pana.health.port}{path}") as one,
    ):
        return one.status, await (one.json() if one.content_type == "application/json" else one.text())


async def test_alive_while_telegram_was_heard_lately(chat: Chat) -> None:
    assert await page(chat, "/healthz") == (200, {"alive": True, "telegram_seconds": 0})
    chat.pana.receiver.last_answer = monotonic() - 91
    assert await page(chat, "/healthz") == (503, {"alive": False, "telegram_seconds": 90})


async def test_ready_tells_what_is_served(chat: Chat) -> None:
    status, said = await page(chat, "/readyz")
    assert status == 200
    assert said == {"ready": True, "receives": "asking", "content": chat.pana.shelf.version, "store": said["store"]}
    await eventually(lambda: chat.pana.store.state == "there")


async def test_not_ready_while_stopping(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api, watched(local_settings, guide, api=api) as chat:
        person = await chat.newcomer("en")
        api.delay = 1.0
        person.write("/help")
        await eventually(lambda: chat.pana.receiver.handled == 3)
        chat.pana.stop()
        status, said = await page(chat, "/readyz")
        assert (status, said["receives"]) == (503, "stopping")
        assert (await page(chat, "/healthz"))[0] == 200, "it finishes what is in hand: nobody should kill it"


async def test_before_the_first_contact_it_is_alive_and_not_ready(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api:
        api.fail_next("getMe", 502, "Bad Gateway", times=100)
        async with watched(local_settings, guide, api=api) as chat:
            assert (await page(chat, "/readyz"))[0] == 503
            assert (await page(chat, "/healthz"))[0] == 200


async def test_a_store_that_is_away_is_said_and_is_no_reason_to_send_readers_elsewhere(
    local_settings: Settings, guide: Guide
) -> None:
    away = local_settings.model_copy(update={"state_dir": Path("/proc/nowhere")})
    async with watched(away, guide) as chat:
        await eventually(lambda: chat.pana.store.state == "away" and chat.pana.receiver.state == "asking")
        status, said = await page(chat, "/readyz")
        assert (status, said["store"]) == (200, "away")


async def test_the_version_is_that_of_the_files(local_settings: Settings, content: Path) -> None:
    """Two replicas with the same files say the same; a change is seen in both, and a broken one in none."""
    one = Shelf(local_settings.model_copy(update={"faq_dir": content}))
    other = Shelf(local_settings.model_copy(update={"faq_dir": SMALL}))
    assert one.version == other.version
    entry = content / "asylum" / "appeal.yaml"
    entry.write_text(entry.read_text("utf-8").replace("risk: high", "risk: normal"), "utf-8")
    assert await one.reload()
    assert one.version != other.version
    changed = one.version
    entry.write_text("source: en\n\tbad", "utf-8")
    assert not await one.reload()
    assert one.version == changed


async def test_without_being_asked_nothing_listens(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide) as chat:
        assert chat.pana.health is None
        assert chat.pana.door is None


# numbers


async def test_the_numbers_are_prometheus(chat: Chat) -> None:
    people = [await chat.newcomer("en") for _ in range(12)]
    for person in people:
        person.write("How soon must I apply for asylum?")
        await person.reply()
    await chat.settled()
    status, said = await page(chat, "/metrics")
    assert status == 200
    found = {
        (one.name, *one.labels.values()): one.value for f in text_string_to_metric_families(said) for one in f.samples
    }
    assert found["pana_answers_total", "ask"] == 10
    assert found["pana_languages_total", "en"] == 10
    assert found["pana_answer_seconds_bucket", "+Inf"] == 30
    assert found["pana_updates_total", "handled"] == 30
    assert found["pana_content", chat.pana.shelf.version] == 1


async def test_no_number_tells_of_one_person(chat: Chat) -> None:
    """What one more person asks changes nothing that can be read, and no word is a person's or an entry's."""
    person = await chat.newcomer("fa")
    chat.pana.receiver.last_answer = monotonic() - 20
    before = [*await numbers(chat), await page(chat, "/healthz")]
    for text in ("How soon must I apply for asylum?", "my husband was taken", "/start fa_asylum_appeal"):
        person.write(text)
        await person.reply()
    person.press(person.last.id, person.last.buttons[0]["callback_data"])
    await chat.settled()
    after = [*await numbers(chat), await page(chat, "/healthz")]
    for private in (str(person.chat_id), "husband", "asylum", "appeal", LOCAL_TOKEN):
        assert private not in " ".join(map(str, after))
    assert after == before


def test_what_another_replica_or_a_stop_makes_of_updates_is_shown_in_steps(local_settings: Settings) -> None:
    found = {"elsewhere": 13, "stopping": 7, "refused 403": 3}
    receiver = SimpleNamespace(last_answer=monotonic(), state="webhook")
    web: Any = SimpleNamespace(outcomes=found)
    said = health_of(Shelf(local_settings), Nowhere(), Tally(), cast("Any", receiver), web).numbers().decode()
    assert 'pana_updates_total{outcome="elsewhere"} 10.0' in said
    assert 'outcome="stopping"' not in said
    assert 'pana_updates_total{outcome="refused 403"} 3.0' in said


async def numbers(chat: Chat) -> list[str]:
    said = (await page(chat, "/metrics"))[1].splitlines()
    return [line for line in said if not line.startswith("#")]


def test_what_people_do_is_shown_in_steps() -> None:
    tally = Tally()
    for _ in range(STEP * 2 - 1):
        tally.count("answers", "sos")
        tally.count("failures", "chat")
        tally.took(0.02)
    assert tally.shown("answers") == {"sos": STEP}
    assert tally.shown("failures") == {"chat": STEP * 2 - 1}
    assert tally.durations()[0] == ("0.01", 0)
    assert {number for _, number in tally.durations()[1:]} == {STEP}
    with pytest.raises(KeyError):
        tally.count("chats", "1")


async def test_without_the_extra_the_log_says_what_to_install(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    stream, found = StringIO(), importlib.util.find_spec
    log.configure("INFO", stream)
    monkeypatch.setattr("bot.web.health.find_spec", lambda name: None if name == "prometheus_client" else found(name))
    try:
        assert (await page(chat, "/metrics"))[0] == 404
    finally:
        logging.getLogger().handlers.clear()
    assert "pip install prometheus-client" in stream.getvalue()


async def test_by_webhook_health_has_a_door_of_its_own(local_settings: Settings, guide: Guide) -> None:
    """What a proxy passes on to the webhook never reaches these pages."""
    async with watched(by_webhook(local_settings), guide) as chat:
        await eventually(lambda: chat.pana.receiver.state == "webhook")
        assert (await page(chat, "/readyz"))[0] == 200
        assert (await page(chat, "/metrics"))[0] == 200
        assert (await page(chat, "/telegram"))[0] == 404
