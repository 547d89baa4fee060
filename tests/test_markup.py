"""Editors' Markdown becomes Telegram's HTML: escaped, isolated, split with balanced tags."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import markup
from bot.markup import LRI, PDI, RLM

from .test_walk import Balance

NUMBERS = {"police-102": "102", "unhcr-almaty": "+77272584598"}


def test_blocks() -> None:
    text = "**Title**\n\n1. one\n2. two {police-102}\n\n- a\n- b\n\nPara\ncontinues & <more>"
    assert markup.html(text, NUMBERS) == [
        "<b>Title</b>",
        "1. one\n2. two 102",
        "• a\n• b",
        "Para continues &amp; &lt;more&gt;",
    ]


def test_nested_lists_and_starts() -> None:
    assert markup.html("3. x\n4. y\n   - z", {}) == ["3. x\n4. y\n   • z"]


def test_persian_list_markers_and_isolates() -> None:
    blocks = markup.html("1. به {unhcr-almaty} زنگ بزنید (УВКБ ООН)", NUMBERS, rtl=True)
    assert blocks == [f"۱. به {LRI}+77272584598{PDI} زنگ بزنید ({LRI}УВКБ ООН{PDI})"]


def test_an_unknown_place_stays_visible() -> None:
    assert markup.line("{nobody-1}", {}) == "{nobody-1}"


def test_a_line_that_begins_with_an_emoji_gets_a_mark() -> None:
    assert markup.directed("🏠 خانه\nخانه\n<b>⚖️ قانون</b>") == f"{RLM}🏠 خانه\nخانه\n{RLM}<b>⚖️ قانون</b>"
    assert markup.directed(f"{RLM}🏠 خانه") == f"{RLM}🏠 خانه"
    assert markup.directed("English only") == "English only"


@pytest.mark.parametrize(
    ("text", "what"),
    [("# a", "heading"), ("a *b* c", "italics"), ("`x`", "code"), ("    x", "four spaces"), ("<b>x</b>", "HTML"),
     ("a <br> b", "HTML"),
     ("![x](https://a.b)", "picture"), ("> x", "quotation"), ("a\n\n---\n\nb", "dashes"), ("|a|b|\n|-|-|\n|1|2|", "table"),
     ("[x](http://a.b)", "https"), ("[x](javascript:alert(1))", "https"), ("a\n===", "heading"), ("a  \nb", "line break"),
     ("```\nx\n```", "code")],
)  # fmt: skip
def test_what_editors_may_not_write(text: str, what: str) -> None:
    assert what in markup.problems(text)[0][1]


@pytest.mark.parametrize(
    "text", ["plain", "**bold** and 1) x", "1. a\n2. b", "- a\n- b", "[x](https://a.b/c)", "AT&T", "a - b", "5 * 3"]
)
def test_what_editors_may_write(text: str) -> None:
    assert markup.problems(text) == []


ALLOWED = st.text(st.characters(exclude_characters="\r", exclude_categories=("Cs",)), max_size=200)


@settings(deadline=None, max_examples=400)
@given(ALLOWED)
def test_the_quick_look_misses_nothing_that_the_parser_finds(text: str) -> None:
    """Only a text that looks suspicious is parsed strictly; any other must be clean."""
    assert bool(markup.problems(text)) == bool(list(markup._foreign(text)))


@settings(deadline=None)
@given(ALLOWED, st.booleans())
def test_any_text_renders_balanced(text: str, rtl: bool) -> None:
    for block in markup.html(text, NUMBERS, rtl):
        Balance(block)


PIECES = st.lists(
    st.sampled_from(["word ", "слово ", "کلمه ", "😀", "<b>bold</b> ", '<a href="https://x.y">link text</a> ', "&amp;", "\n",
                     ". ",
                     "verylongwordwithoutspaces" * 3, "<b>long " + "x" * 60 + "</b>"]),
    max_size=40,
).map("".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=6), st.integers(20, 120))
def test_splitting_loses_nothing_and_balances(blocks: list[str], limit: int) -> None:
    texts = markup.split(blocks, limit)
    for text in texts:
        assert markup.length(text) <= limit
        Balance(text)
    squeeze = re.compile(r"\s+")
    assert squeeze.sub("", markup.words("".join(texts))) == squeeze.sub("", markup.words("".join(blocks)))


def test_length_counts_utf16_units_without_entities() -> None:
    assert markup.length("<b>&amp;😀</b>") == 3


def test_a_long_answer_breaks_between_paragraphs() -> None:
    blocks = ["a" * 3000, "b" * 3000, "c" * 1000]
    assert markup.split(blocks) == ["a" * 3000, "b" * 3000 + "\n\n" + "c" * 1000]
