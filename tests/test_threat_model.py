"""docs/threat-model.md and docs/privacy.md say what the program does: every test that they name exists, every number is ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from bot import screens
from bot.chat import quiet, trail
from bot.chat.memory import REMEMBERED

from .conftest import ROOT

THREATS = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
PRIVACY = (ROOT / "docs" / "privacy.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(test_\w+)`", THREATS)))
SEIZED = ("Telegram", "The phone", "A shared phone", "The mobile operator", "The server, running", "The server, switched off",
          "The database", "The logs", "The token", "An account of staff", "The try-out page")  # fmt: skip


def written() -> Iterator[str]:
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name


@pytest.fixture(scope="module")
def existing() -> set[str]:
    return set(written())


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_holds_a_promise_exists(existing: set[str], name: str) -> None:
    assert name in existing


def test_every_promise_names_its_test() -> None:
    rows = [line for line in THREATS.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(rows) > 10
    for row in rows:
        assert "`test_" in row, row


@pytest.mark.parametrize("thing", SEIZED)
def test_every_thing_that_can_be_seized_has_its_part(thing: str) -> None:
    (part,) = re.findall(rf"^##+ {thing}.*?(?=^##+ |\Z)", THREATS, re.MULTILINE | re.DOTALL)
    assert "`test_" in part or "No test" in part


def test_the_numbers_are_those_of_the_program() -> None:
    hours = {kept.what: kept.long for kept in screens.IN_MEMORY}["messages"]
    assert hours * 3600 == trail.REACH_SECONDS
    for text in (THREATS, PRIVACY):
        assert f"{hours} hours" in text
        assert "ten minutes" in text
    assert quiet.REST_SECONDS == 600
    assert f"at most {REMEMBERED:,}" in THREATS
    assert f"at most {trail.IN_ALL:,}" in THREATS
    assert f"at most {trail.PER_CHAT} for a chat" in PRIVACY


def test_telegrams_own_sight_is_said_plainly() -> None:
    for text in (THREATS, PRIVACY):
        assert "end-to-end" in text
        assert "keeps" in text
