"""The Guide: freshness, fallbacks, long answers, and what a question finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import yaml

from bot import markup, search
from bot.addresses import Address
from bot.faq.model import Faq
from bot.guide import Guide
from bot.languages import Languages

from .conftest import ROOT

APPEAL = "asylum/appeal"


def guide_on(real: Faq, spoken: Languages, day: date) -> Guide:
    return Guide(real, search.build(Faq((), {}, {})), spoken, lambda: day)


@pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])
def test_freshness_of_a_high_risk_answer(real: Faq, spoken: Languages, letters: str) -> None:
    entry, language = real.entries[APPEAL], spoken[letters]
    assert entry.risk == "high"
    step = markup.words(markup.html(entry.texts[language.code].answer, real.numbers, language.rtl)[0])[:25]
    overdue = language.say(
        "The facts of this answer have not been checked for a long time. They may have changed: ask first."
    )
    phone = "+77272584598"

    def shown(days: int) -> str:
        guide = guide_on(real, spoken, entry.checked + timedelta(days=days))
        return markup.words(guide.open(Address.entry(APPEAL, letters)).text)

    assert overdue not in shown(90)
    assert step in shown(90)
    assert shown(91).index(overdue) < shown(91).index(phone) < shown(91).index(step), "a warning and the contacts first"
    assert step in shown(120)
    assert step not in shown(121), "withheld"
    assert phone in shown(121)


def test_a_missing_translation_is_shown_in_its_source_language_and_said(real: Faq, spoken: Languages) -> None:
    entry = real.entries[APPEAL]
    half = replace(entry, texts={code: text for code, text in entry.texts.items() if code != "kk"})
    guide = guide_on(replace(real, entries={**real.entries, APPEAL: half}), spoken, entry.checked)
    screen = guide.open(Address.entry(APPEAL, "kk"))
    assert (
        spoken["kk"].say("This answer is not translated into your language yet. Here is its source text.")
        in screen.text
    )
    assert markup.escape(entry.texts["en"].question) in screen.text


def test_a_very_long_answer_is_read_on_part_by_part(real: Faq, spoken: Languages) -> None:
    entry = real.entries[APPEAL]
    long = "\n\n".join(f"**Paragraph {number}** " + "word " * 150 for number in range(30))
    texts = {**entry.texts, "en": replace(entry.texts["en"], answer=long)}
    guide = guide_on(
        replace(real, entries={**real.entries, APPEAL: replace(entry, texts=texts)}), spoken, entry.checked
    )
    seen, address = [], Address.entry(APPEAL, "en")
    while address:
        screen = guide.open(address)
        assert markup.length(screen.text) <= 4096
        seen.append(screen.text)
        first = screen.rows[0][0]
        address = first.to if first.label.startswith("⬇️") else None
    assert len(seen) > 5
    for number in range(30):
        assert sum(f"Paragraph {number}<" in text for text in seen) == 1


@pytest.mark.parametrize("part", [3, 99])
def test_a_part_that_is_no_more_shows_the_last(guide: Guide, part: int) -> None:
    assert guide.open(Address.entry(APPEAL, "en", part=part)).text


def test_an_empty_faq_still_answers(spoken: Languages) -> None:
    empty = Faq((), {}, {})
    guide = Guide(empty, search.build(empty), spoken)
    for letters in ("kk", "fa"):
        assert guide.open(Address("home", language=letters)).rows
        assert guide.open(Address("sos", language=letters)).rows
        assert guide.ask("anything", spoken[letters]).rows


def test_an_answer_shows_its_sources_with_articles_and_its_day(guide: Guide) -> None:
    text = guide.open(Address.entry("asylum/deadline-to-apply", "en")).text
    assert "articles 10 and 12" in text
    assert 'href="https://adilet.zan.kz/rus/docs/Z090000216_"' in text
    assert "Facts checked on 23 November 2026." in text
    assert "No lawyer and no native speaker has confirmed this text yet." in text


QUESTIONS = [
    (code, question, entry)
    for code in ("kk", "ru", "en", "fa_AF")
    for entry, questions in yaml.safe_load((ROOT / "tests" / "questions" / f"{code}.yaml").read_text("utf-8")).items()
    for question in questions
]


@pytest.mark.parametrize(("code", "question", "entry"), QUESTIONS)
def test_questions_of_editors_find_their_entry(
    guide: Guide, spoken: Languages, code: str, question: str, entry: str
) -> None:
    """tests/questions/<locale>.yaml: under each entry, questions that must show it first or among the choices."""
    ranking = guide.rank(question, spoken[code])
    assert entry in ranking.shown, ranking


@pytest.mark.parametrize(
    "question",
    [
        "gjkhgf dfghj",
        "рецепт борща",
        "hi",
        "👍",
        "...",
        "7",
        "weather in Paris",
        "asdf asdf asdf",
        "سلام",
        "рахмет",
        "спасибо",
    ],
)
def test_what_nobody_can_answer_is_not_answered_directly(guide: Guide, question: str) -> None:
    assert guide.rank(question).band != "answer"


def test_the_longest_and_strangest_questions_are_quick_and_harmless(guide: Guide) -> None:
    for text in ("я " * 2000, "\ud800" * 4096, "e\u0301" * 2000, "\x00" * 4096, "﷽" * 4096, "ა" * 4096, ""):
        guide.rank(text)
