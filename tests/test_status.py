"""How the content stands: counts by topic and language, what is most urgent, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import faq
from bot.faq import status
from bot.faq.model import Entry, Faq
from bot.faq.reviews import reviewed

from .conftest import SMALL
from .test_cli import pana

TODAY = date(2027, 1, 10)
APPEAL, DEADLINE, NUMBERS, HELP = (
    "asylum/appeal", "asylum/deadline", "emergency/emergency-numbers", "emergency/who-can-help",
)  # fmt: skip


def aged(entry: Entry, days: int, risk: str) -> Entry:
    return replace(entry, checked=TODAY - timedelta(days=days), risk=risk)


@pytest.fixture
def mixed() -> Faq:
    """The appeal reviewed in Russian, outdated in Kazakh, missing in Dari; entries of every age and risk."""
    found, problems = faq.load(SMALL)
    assert found is not None, problems
    entries = {
        APPEAL: aged(found.entries[APPEAL], 95, "high"),
        DEADLINE: aged(found.entries[DEADLINE], 130, "high"),
        NUMBERS: aged(found.entries[NUMBERS], 400, "normal"),
        HELP: aged(found.entries[HELP], 10, "high"),
    }
    appeal = entries[APPEAL]
    reviews = tuple(reviewed(appeal, code, "lawyer", "AK", date(2026, 12, 1)) for code in ("ru", "kk"))
    texts = {code: text for code, text in appeal.texts.items() if code != "fa_AF"}
    texts["kk"] = replace(texts["kk"], short="Басқа мәтін.")
    return replace(found, entries={**entries, APPEAL: replace(appeal, texts=texts)}, reviews=reviews)


def lines(content: Faq, today: date = TODAY) -> list[status.Line]:
    return status.lines(content, today)


def test_every_entry_in_the_order_of_the_topics(mixed: Faq) -> None:
    assert sorted(line.entry.id for line in lines(mixed)) == sorted(mixed.entries)
    topics = [line.entry.topic for line in lines(mixed)]
    assert list(dict.fromkeys(topics)) == [topic.id for topic in mixed.topics]


def test_counts_of_every_state(mixed: Faq) -> None:
    asylum = status.counts(lines(mixed))["asylum"]
    assert asylum == {
        "ru": {"reviewed": 1, "draft": 1, "overdue": 2},
        "kk": {"outdated": 1, "draft": 1, "overdue": 2},
        "en": {"draft": 2, "overdue": 2},
        "fa_AF": {"missing": 1, "draft": 1, "overdue": 2},
    }


def test_the_table_says_what_there_is_and_sums_it(mixed: Faq) -> None:
    table = status.table(lines(mixed))
    assert table[0] == ("topic", "kk", "ru", "en", "fa_AF")
    assert {len(row) for row in table} == {5}
    by_topic = {row[0]: row[1:] for row in table}
    assert by_topic["asylum"][1] == "1 reviewed, 1 draft, 2 overdue"
    assert by_topic["all"] == (
        "3 draft, 1 outdated, 3 overdue",
        "1 reviewed, 3 draft, 3 overdue",
        "4 draft, 3 overdue",
        "3 draft, 1 missing, 3 overdue",
    )


def test_high_risk_comes_first_and_then_what_is_longest_overdue(mixed: Faq) -> None:
    assert [line.entry.id for line in status.urgent(lines(mixed))] == [DEADLINE, APPEAL, HELP, NUMBERS]
    rows = {row[0]: row[1:] for row in status.urgent_table(lines(mixed))}
    assert rows == {
        "most urgent": ("risk", "facts to be checked", "not confirmed"),
        DEADLINE: ("high", "40 days overdue, steps withheld", "kk ru en fa_AF"),
        APPEAL: ("high", "5 days overdue", "kk en fa_AF"),
        HELP: ("high", "in 80 days", "kk ru en fa_AF"),
        NUMBERS: ("normal", "220 days overdue", "kk ru en fa_AF"),
    }


def test_of_equally_old_ones_the_less_confirmed_comes_first(mixed: Faq) -> None:
    entries = {key: aged(entry, 20, "high") for key, entry in mixed.entries.items()}
    confirmed = replace(mixed, entries=entries)
    assert [line.entry.id for line in status.urgent(lines(confirmed))][-1] == APPEAL


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (88, "in 2 days"),
        (89, "in 1 day"),
        (90, "today"),
        (91, "1 day overdue"),
        (121, "31 days overdue, steps withheld"),
    ],
)
def test_days_are_counted_in_words(mixed: Faq, days: int, said: str) -> None:
    entries = {APPEAL: aged(mixed.entries[APPEAL], days, "high")}
    only = replace(mixed, entries={**mixed.entries, **entries})
    assert {row[0]: row[2] for row in status.urgent_table(lines(only))}[APPEAL] == said


def test_at_most_ten_are_named(real: Faq) -> None:
    assert len(status.urgent(status.lines(real, TODAY))) == 10


def test_an_empty_faq_has_a_status() -> None:
    assert status.table([])[1:] == [("all", "none", "none", "none", "none")]
    assert status.urgent([]) == []


def test_the_facts_for_programs_say_the_same(mixed: Faq) -> None:
    found = status.facts(lines(mixed), TODAY)
    assert json.loads(json.dumps(found)) == found
    assert found["urgent"] == [DEADLINE, APPEAL, HELP, NUMBERS]
    assert found["counts"]["asylum"]["kk"] == {"reviewed": 0, "draft": 1, "outdated": 1, "missing": 0, "overdue": 2}
    appeal: Mapping[str, object] = next(one for one in found["entries"] if one["entry"] == APPEAL)
    draft = {"state": "draft", "confirmed": {}, "source_is_newer": False, "confirmed_before": None}
    assert appeal == {
        "entry": APPEAL,
        "risk": "high",
        "checked": "2026-10-07",
        "due": "2027-01-05",
        "days_left": -5,
        "freshness": "overdue",
        "languages": {
            "kk": {**draft, "state": "outdated", "confirmed_before": "2026-12-01"},
            "ru": {**draft, "state": "reviewed", "confirmed": {"lawyer": "2026-12-01"}},
            "en": draft,
            "fa_AF": {**draft, "state": "missing"},
        },
    }


def test_the_counts_are_those_of_the_entries(mixed: Faq) -> None:
    found = status.facts(lines(mixed), TODAY)
    for name in ("reviewed", "draft", "outdated", "missing"):
        counted = sum(row[code][name] for row in found["counts"].values() for code in row)
        assert counted == sum(
            one["state"] == name for entry in found["entries"] for one in entry["languages"].values()
        ), name


class TestTheCommand:
    def test_plain_when_piped(self) -> None:
        done = pana("status", FAQ_DIR=str(SMALL))
        assert done.returncode == 0, done.stderr
        head, *_ = lines_of = done.stdout.splitlines()
        assert head.split() == ["topic", "kk", "ru", "en", "fa_AF"]
        assert any(line.startswith("all ") and line.count("4 draft") == 4 for line in lines_of)
        assert any(line.startswith("most urgent ") for line in lines_of)
        assert not set(done.stdout) & set("│─┃━\x1b")

    def test_json(self) -> None:
        found = json.loads(pana("status", "--json", FAQ_DIR=str(SMALL)).stdout)
        assert {one["entry"] for one in found["entries"]} == {APPEAL, DEADLINE, NUMBERS, HELP}
        assert len(found["urgent"]) == 4

    def test_broken_content_is_told(self, content: Path) -> None:
        (content / "topics.yaml").write_text("emergency: [", "utf-8")
        done = pana("status", FAQ_DIR=str(content))
        assert done.returncode == 1
        assert "faq/topics.yaml:1:" in done.stderr
        assert "Traceback" not in done.stderr
