"""Addresses: one spelling for buttons, deep links and QR codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import LETTERS, MAX_LENGTH, PAGES, Address

from .conftest import ROOT

IDS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,6}){0,2}", fullmatch=True).filter(
    lambda word: word not in (*LETTERS, *PAGES, "topic", "set", "lang", "in") and not word.isdecimal()
)
LANGUAGE = st.sampled_from(("", *LETTERS))
ADDRESSES = st.one_of(
    st.builds(lambda page, language, step: Address(page, language=language, step=step), st.sampled_from(PAGES), LANGUAGE,
              st.sampled_from(("", "set", "lang"))),
    st.builds(lambda topic, group, language: Address("topic", topic, group, language), IDS, st.just("") | IDS, LANGUAGE),
    st.builds(lambda topic, name, language, also, part: Address("entry", topic, name, language, also, part),
              IDS, IDS, LANGUAGE, LANGUAGE, st.integers(1, 9)),
)  # fmt: skip


@given(ADDRESSES)
def test_what_is_written_is_read_again(address: Address) -> None:
    assert Address.parse(str(address)) == address


@given(st.text(max_size=80))
def test_anything_is_read_and_at_worst_lost(text: str) -> None:
    address = Address.parse(text)
    assert address.page in (*PAGES, "topic", "entry")


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
