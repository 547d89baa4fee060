"""Content is swapped whole while the bot runs; a broken set is refused and the old one stays."""

from __future__ import annotations

import asyncio
import logging
import shutil
from io import StringIO
from pathlib import Path

import pytest

from bot import log, shelf
from bot.settings import Settings
from bot.shelf import ContentError, Shelf, load

from .conftest import ROOT, eventually, running


@pytest.fixture
def settings(local_settings: Settings, content: Path, tmp_path: Path) -> Settings:
    shutil.copytree(ROOT / "locales", tmp_path / "locales")
    return local_settings.model_copy(update={"faq_dir": content, "locales_dir": tmp_path / "locales"})


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


async def test_a_change_is_served_while_the_bot_runs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LOOK_SECONDS", 0.02)
    async with running(settings) as chat:
        person = await chat.newcomer("en")
        change(settings.faq_dir / "asylum/deadline.yaml", "Within **5 days**.", "Apply within **5 days**.")
        await eventually(lambda: "Apply" in chat.pana.shelf.guide().faq.entries["asylum/deadline"].texts["en"].short)
        person.write("/start asylum_deadline")
        assert "Apply within 5 days" in (await person.reply()).text


async def test_a_broken_change_is_refused_whole_and_told_once(settings: Settings) -> None:
    stream = StringIO()
    log.configure("INFO", stream)
    try:
        kept = Shelf(settings)
        before = kept.guide()
        change(settings.faq_dir / "asylum/deadline.yaml", "risk: high", "risk: huge")
        change(settings.faq_dir / "asylum/appeal.yaml", "1. Write", "1. Never write")
        assert await kept.reload() is False
        assert kept.guide() is before
        change(settings.faq_dir / "asylum/deadline.yaml", "risk: huge", "risk: high")
        assert await kept.reload() is True
        assert "Never write" in kept.guide().faq.entries["asylum/appeal"].texts["en"].answer
    finally:
        logging.getLogger().handlers.clear()
    assert stream.getvalue().count("not served") == 1
    assert "faq/asylum/deadline.yaml:3" in stream.getvalue()


async def test_a_broken_set_is_tried_once_not_every_look(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LOOK_SECONDS", 0.01)
    kept = Shelf(settings)
    tries = []
    real = shelf.load
    monkeypatch.setattr(shelf, "load", lambda given, *_: tries.append(1) or real(given))
    watching = asyncio.create_task(kept.watch())
    change(settings.faq_dir / "asylum/deadline.yaml", "risk: high", "risk: huge")
    await asyncio.sleep(0.6)
    watching.cancel()
    assert len(tries) == 1


def test_everything_wrong_is_named_at_once(settings: Settings) -> None:
    change(settings.faq_dir / "asylum/deadline.yaml", "risk: high", "risk: huge")
    change(settings.locales_dir / "ru/LC_MESSAGES/pana.po", 'msgstr "Назад"', 'msgstr ""')
    with pytest.raises(ContentError) as caught:
        load(settings)
    text = "\n".join(caught.value.problems)
    assert "deadline.yaml:3" in text
    assert "pana.po:" in text


def test_a_missing_folder_is_a_sentence(local_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        load(local_settings.model_copy(update={"faq_dir": tmp_path / "nowhere"}))
    assert "topics.yaml" in str(caught.value)
