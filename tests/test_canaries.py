"""Many people with names, ids and words that occur nowhere else walk through everything: none of it is found afterwards."""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from bot.guide import Guide
from bot.screens import commands_of
from bot.settings import Settings
from bot.web.botapi import ChatMessage, Person
from bot.web.person import CONTENTS

from .conftest import Chat, running
from .test_walk import walk

LETTERS = ("kk", "ru", "en", "fa")
FIRST_CHAT = 7_310_000_000
FIRST_MESSAGE = 840_000_000
PRIVATE = ("privacy", "held", "stored", "quiet-on", "clean", "forget", "forget-now", "held", "quiet-on", "quiet-off",
           "reminders", "drop-all", "due_k0945a80_20261127", "snooze_k0945a80_20991231_1", "done_k0945a80_20991231")  # fmt: skip
CROWD = 15  # updates of one person at once: more would be a flood
TOGETHER = 20  # people at the same time


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder into which every library puts its temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture(scope="module")
def walks(storing: Guide) -> dict[str, list[str]]:
    return {letters: list(walk(storing, letters)) for letters in LETTERS}


def acts(person: Person, number: int, letters: str, share: list[str], guide: Guide) -> Iterator[None]:
    """All that one person does, step by step: every command, every page about privacy, and a share of all screens."""
    person.start(f"Payload{number}canary")
    yield
    person.press(FIRST_MESSAGE, f"{letters}_set_home", stale=True)
    yield
    for command in commands_of(guide.languages[letters]):
        person.write(f"/{command} Command{number}canary")
        yield
    for place in (*share, *(f"{letters}_{page}" for page in PRIVATE)):
        person.press(FIRST_MESSAGE, place, stale=True)
        yield
    for kind in CONTENTS:
        person.send(kind, f"Caption{number}canary")
        yield
    mine = person.write(f"Question{number}canary")
    yield
    person.edit(mine.id, f"Edited{number}canary")
    yield


async def walked(chat: Chat, walks: dict[str, list[str]], people: int) -> list[str]:
    """Everybody walks; returns all canaries. Each screen of each language is opened by one of them at least."""
    chat.api.board._message_ids = itertools.count(FIRST_MESSAGE + 1)
    chat.api.callback_lifetime = 600
    for first in range(0, people, TOGETHER):
        together = [newcomer(chat, walks, number, people) for number in range(first, min(first + TOGETHER, people))]
        while sum(1 for one in together for _ in itertools.islice(one, CROWD)):
            await chat.settled_whatever_fails(30)
    newest = next(chat.api.board._message_ids)
    return ["canary", *(str(FIRST_CHAT + number) for number in range(people)), *map(str, range(FIRST_MESSAGE, newest))]


def newcomer(chat: Chat, walks: dict[str, list[str]], number: int, people: int) -> Iterator[None]:
    letters = LETTERS[number % 4]
    person = chat.api.person(f"Name{number}canary", letters, chat_id=FIRST_CHAT + number)
    person.chat.messages[FIRST_MESSAGE] = ChatMessage(FIRST_MESSAGE, from_bot=True, text="an old screen")
    return acts(person, number, letters, walks[letters][number // 4 :: people // 4], chat.pana.shelf.guide())


def found(canaries: list[str], text: str) -> set[str]:
    """The canaries in a text. There are tens of thousands of numbers: all long ones of the text are taken and compared."""
    numbers, words = {one for one in canaries if one.isdigit()}, [one for one in canaries if not one.isdigit()]
    return numbers & set(re.findall(r"\d{9,}", text)) | {one for one in words if one in text}


async def no_canary_is_left(
    settings: Settings, guide: Guide, everything: StringIO, temporary: Path, output: pytest.CaptureFixture[str],
    walks: dict[str, list[str]], people: int,
) -> None:  # fmt: skip
    async with running(settings, guide=guide) as chat:
        canaries = await walked(chat, walks, people)
        assert chat.failures == []
    logged = everything.getvalue()
    assert logged.count("answered") > people * 25, "the log was on"
    for text in (logged, "".join(output.readouterr()), *files(settings.state_dir, temporary)):
        assert not found(canaries, text)


def files(*folders: Path) -> Iterator[str]:
    """The name and the content of every file."""
    for folder in folders:
        for path in folder.rglob("*"):
            yield path.name + (path.read_bytes().decode("latin-1") if path.is_file() else "")


@pytest.mark.timeout(600)  # its walk is long; only a hang is the failure
async def test_two_hundred_people_leave_no_trace(
    local_settings: Settings, guide: Guide, everything: StringIO, temporary: Path, capfd: pytest.CaptureFixture[str],
    walks: dict[str, list[str]],
) -> None:  # fmt: skip
    await no_canary_is_left(local_settings, guide, everything, temporary, capfd, walks, 200)


@pytest.mark.torture
@pytest.mark.timeout(1200)
async def test_a_thousand_people_leave_no_trace(
    local_settings: Settings, guide: Guide, everything: StringIO, temporary: Path, capfd: pytest.CaptureFixture[str],
    walks: dict[str, list[str]],
) -> None:  # fmt: skip
    await no_canary_is_left(local_settings, guide, everything, temporary, capfd, walks, 1000)


def test_a_trace_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"\x00\xffName7canary\x00 in chat -7310000007:")
    (text,) = files(tmp_path)
    assert found(["canary", "7310000007", "7310000008"], text) == {"canary", "7310000007"}
