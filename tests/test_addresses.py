"""Addresses: one spelling for buttons, deep links and QR codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import CLOCK, LETTERS, MAX_LENGTH, PAGES, REMINDERS, Address

from .conftest import ROOT

IDS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,6}){0,2}", fullmatch=True).filter(
    lambda word: (
        word not in (*LETTERS, *PAGES, *CLOCK, *REMINDERS, "topic", "set", "lang", "in") and not word.isdecimal()
    )
)
SHORT = IDS.filter(lambda word: len(word) <= 12)  # what pana check allows a rule of the clock and its entry
LANGUAGE = st.sampled_from(("", *LETTERS))
ADDRESSES = st.one_of(
    st.builds(lambda page, language, step: Address(page, language=language, step=step), st.sampled_from(PAGES), LANGUAGE,
              st.sampled_from(("", "set", "lang"))),
    st.builds(lambda topic, group, language: Address("topic", topic, group, language), IDS, st.just("") | IDS, LANGUAGE),
    st.builds(lambda topic, name, language, also, part: Address("entry", topic, name, language, also, part),
              IDS, IDS, LANGUAGE, LANGUAGE, st.integers(1, 9)),
    st.builds(lambda topic, name, rule, day, language:
              Address("when", topic, name, language, deadline=rule, day=day if rule else ""),
              SHORT, SHORT, st.just("") | SHORT, st.sampled_from(["", "202610", "20261012"]), LANGUAGE),
    st.builds(lambda page, topic, name, rule, language: Address(page, topic, name, language, deadline=rule, day="20261012"),
              st.sampled_from(["ics", "remind", "keep"]), SHORT, SHORT, SHORT, LANGUAGE),
    st.builds(lambda page, part, language: Address(page, language=language, part=part),
              st.just("reminders"), st.integers(1, 9), LANGUAGE),
    st.builds(lambda page, language: Address(page, language=language, name="k0945a80", day="20261012"),
              st.sampled_from(["due", "done"]), LANGUAGE),
    st.builds(lambda part, language: Address("snooze", language=language, name="k0945a80", day="20261012", part=part),
              st.integers(1, 9), LANGUAGE),
    st.builds(lambda reminder, language: Address("drop", language=language, name=reminder),
              st.from_regex("[0-9a-f]{12}", fullmatch=True), LANGUAGE),
    st.builds(lambda part, language: Address("day", language=language, part=part, day="20261012"), st.integers(1, 9), LANGUAGE),
)  # fmt: skip


@given(ADDRESSES)
def test_what_is_written_is_read_again(address: Address) -> None:
    assert Address.parse(str(address)) == address


@given(st.text(max_size=80))
def test_anything_is_read_and_at_worst_lost(text: str) -> None:
    address = Address.parse(text)
    assert address.page in (*PAGES, *CLOCK, *REMINDERS, "topic", "entry")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("fa_asylum_appeal", Address("entry", "asylum", "appeal", "fa")),
        ("asylum_appeal", Address("entry", "asylum", "appeal")),
        ("fa_asylum_appeal_in_ru", Address("entry", "asylum", "appeal", "fa", "ru")),
        ("fa_asylum_appeal_in_ru_2", Address("entry", "asylum", "appeal", "fa", "ru", 2)),
        ("fa_topic_asylum_apply", Address("topic", "asylum", "apply", "fa")),
        ("ru_set_asylum_appeal", Address("entry", "asylum", "appeal", "ru", step="set")),
        ("ru_lang_home", Address("home", language="ru", step="lang")),
        ("kk", Address("home", language="kk")),
        ("ru_drop-all", Address("drop-all", language="ru")),
        ("fa_reminders_2", Address("reminders", language="fa", part=2)),
        ("fa_when_asylum_appeal", Address("when", "asylum", "appeal", "fa")),
        ("fa_when_asylum_appeal_decision", Address("when", "asylum", "appeal", "fa", deadline="decision")),
        ("when_asylum_appeal_decision_202610", Address("when", "asylum", "appeal", deadline="decision", day="202610")),
        (
            "ru_ics_asylum_appeal_decision_20261012",
            Address("ics", "asylum", "appeal", "ru", deadline="decision", day="20261012"),
        ),
        ("kk_day_20261012_2", Address("day", language="kk", day="20261012", part=2)),
    ],
)
def test_spelling(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert str(Address.parse(text)) in (text, f"{text}_home")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "fa_x",
        "a_b_c_d",
        "a_b_in_zz",
        "a_b_0",
        "A_B",
        "../x",
        "a b",
        "a__b",
        "_",
        "x" * 65,
        "fa_topic",
        "home_x_y_z",
        "when",
        "when_asylum",
        "when_asylum_appeal_decision_2026",
        "when_asylum_appeal_decision_19991012",
        "when_asylum_appeal_decision_20261012_2",
        "ics_asylum_appeal_decision",
        "ics_asylum_appeal_decision_202610",
        "day",
        "day_202610",
        "day_20261012_0",
        "day_20261012_2_3",
        "keep_asylum_appeal_decision",
        "snooze_k0945a80_20261012",
        "done_asylum_20261012",
        "drop_3f09ac51be7",
    ],
)
def test_unreadable_is_lost(text: str) -> None:
    assert Address.parse(text).page == "lost"


def test_a_lost_place_keeps_its_language() -> None:
    assert Address.parse("ru_v1").language == "ru"


def test_every_id_of_the_outline_fits_into_a_button() -> None:
    """The ids are permanent: none may ever be too long, with language, step, other language and part."""
    names = [path.relative_to(ROOT / "faq").with_suffix("").as_posix() for path in (ROOT / "faq").glob("*/*.yaml")]
    assert names
    for name in names:
        assert len(str(Address.entry(name, "fa", "ru", 9).spoken("fa", "lang"))) <= MAX_LENGTH, name
