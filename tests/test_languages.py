"""Languages: choosing, digits, dates, isolates; and catalogs that are complete and whole."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot import languages
from bot.languages import FSI, KINDS, LRI, PDI, RLM, CatalogError, Languages, catalog_path

from .conftest import ROOT

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("tag", "letters"),
    [("fa", "fa"), ("fa-IR", "fa"), ("fa-AF", "fa"), ("fa_AF", "fa"), ("FA", "fa"), ("prs", "fa"), ("prs-AF", "fa"),
     ("ru-RU", "ru"), ("kk", "kk"), ("kk-Cyrl", "kk"), ("en-GB", "en")],
)  # fmt: skip
def test_a_tag_suggests_a_language(spoken: Languages, tag: str, letters: str) -> None:
    language = spoken.suggested(tag)
    assert language is not None
    assert language.letters == letters


@pytest.mark.parametrize("tag", [None, "", "ps", "uz", "de", "zh-hans", "xx", "-", "f"])
def test_other_tags_suggest_nothing(spoken: Languages, tag: str | None) -> None:
    assert spoken.suggested(tag) is None


def test_dates_have_the_month_as_a_word(spoken: Languages) -> None:
    assert spoken["en"].date(DAY) == "23 November 2026"
    assert spoken["ru"].date(DAY) == "23 ноября 2026"
    assert spoken["kk"].date(DAY) == "2026 ж. 23 қараша"
    assert spoken["fa"].date(DAY) == "۲ قوس ۱۴۰۵ (۲۳ نومبر ۲۰۲۶)"


@pytest.mark.parametrize(
    ("day", "solar"),
    [(date(2026, 3, 21), "۱ حمل ۱۴۰۵"), (date(2026, 3, 20), "۲۹ حوت ۱۴۰۴"), (date(2025, 3, 20), "۳۰ حوت ۱۴۰۳"),
     (date(2025, 3, 21), "۱ حمل ۱۴۰۴"), (date(2024, 3, 20), "۱ حمل ۱۴۰۳"), (date(2026, 9, 23), "۱ میزان ۱۴۰۵"),
     (date(2021, 8, 15), "۲۴ اسد ۱۴۰۰")],
)  # fmt: skip
def test_solar_hijri(spoken: Languages, day: date, solar: str) -> None:
    assert spoken["fa"].date(day).startswith(solar + " (")


def test_periods_are_as_exact_as_they_are_written(spoken: Languages) -> None:
    assert spoken["en"].period("2026-06") == "June 2026"
    assert spoken["ru"].period("2026-06") == "июнь 2026"
    assert spoken["fa"].period("2026-06") == "جون ۲۰۲۶"
    assert spoken["fa"].period("2022") == "۲۰۲۲"
    assert spoken["kk"].period("2026-06-10") == "2026 ж. 10 маусым"


def test_values_in_dari_stand_in_isolates(spoken: Languages) -> None:
    said = spoken["fa"].say("Phone: {phones}", phones="+77272584598")
    assert f"{FSI}+77272584598{PDI}" in said
    assert FSI not in spoken["ru"].say("Phone: {phones}", phones="+77272584598")
    assert spoken["fa"].isolate("x", ltr=True) == f"{LRI}x{PDI}"
    assert spoken["fa"].isolate(f"{LRI}x{PDI}") == f"{LRI}x{PDI}", "never two marks in a row"
    assert spoken["fa"].isolate("") == ""


def test_an_icon_in_dari_stands_behind_a_mark(spoken: Languages) -> None:
    assert spoken["fa"].icon("🏠", "خانه") == f"{RLM}🏠 خانه"
    assert spoken["en"].icon("🏠", "Home") == "🏠 Home"
    assert spoken["fa"].icon("", "خانه") == "خانه"


def test_counts(spoken: Languages) -> None:
    one, many = "This answer comes nearest to your question:", "These {number} answers come nearest to your question:"
    assert "5 ответов" in spoken["ru"].say_count(one, many, 5)
    assert "3 ответа" in spoken["ru"].say_count(one, many, 3)
    assert "۵" in spoken["fa"].say_count(one, many, 5)
    assert "5 жауап" in spoken["kk"].say_count(one, many, 5)
    assert spoken["en"].say_count(one, many, 1) == one


def test_catalogs_hold_exactly_what_the_program_says(tmp_path: Path) -> None:
    """make messages finds nothing new: no sentence is missing in a catalog and none is left over."""
    fresh = tmp_path / "pana.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "pyproject.toml", "-k", "say",
               "-k", "say_count:1,2", "-o", str(fresh), "."]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    with fresh.open("rb") as file:
        wanted = {message.id for message in read_po(file) if message.id}
    for kind in KINDS:
        with catalog_path(ROOT / "locales", kind.code).open("rb") as file:
            catalog = read_po(file, locale=kind.code)
        assert {message.id for message in catalog if message.id} == wanted, kind.code
        assert not catalog.obsolete, kind.code


def test_english_says_what_the_program_writes() -> None:
    with catalog_path(ROOT / "locales", "en").open("rb") as file:
        assert [m.id for m in read_po(file) if m.id and m.id != m.string] == []


def test_profile_texts_are_within_telegrams_limits(spoken: Languages) -> None:
    from bot.screens import commands_of

    for language in spoken:
        assert len(language.say("Pana: questions and answers")) <= 64
        short = "Rights of refugees and asylum-seekers in Kazakhstan: questions and answers. Free. Not UNHCR, not the state."
        assert len(language.say(short)) <= 120, language.code
        assert all(1 <= len(text) <= 256 for text in commands_of(language).values())


@pytest.mark.parametrize(
    ("code", "old", "new", "said"),
    [
        ("ru", 'msgstr "Назад"', 'msgstr ""', "is not translated completely"),
        ("ru", 'msgid "Back"', '#, fuzzy\nmsgid "Back"', "is marked fuzzy"),
        ("kk", "Телефон: {phones}", "Телефон: {phone}", "has other places than its original. Write exactly: phones."),
        ("kk", "Телефон: {phones}", "Телефон:", "has other places"),
        ("ru", 'msgstr "Назад"', 'msgstr "Назад {"', "has a lone brace"),
        ("ru", 'msgstr "Назад"', 'msgstr "<b>Назад"', "has other tags"),
        ("ru", "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)",
         "nplurals=2; plural=(n != 1)", "more translations than num_plurals"),
        ("fa_AF", 'msgstr "برگشت"', 'msgstr "برگشت', "opens a quote that is never closed"),
        ("kk", 'msgstr[1]', '#msgstr[1]', "is not translated completely"),
    ],
)  # fmt: skip
def test_a_broken_catalog_is_named_with_its_line(tmp_path: Path, code: str, old: str, new: str, said: str) -> None:
    import shutil

    shutil.copytree(ROOT / "locales", tmp_path / "locales")
    path = catalog_path(tmp_path / "locales", code)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogError) as caught:
        languages.load(tmp_path / "locales")
    assert any(said in problem and str(path) in problem for problem in caught.value.problems), caught.value.problems


def test_missing_catalogs_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        languages.load(tmp_path)
    assert len(caught.value.problems) == 4
