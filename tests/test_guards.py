"""The guards of ``pana check``: each planted fault is found on its line, the real content is clean, nothing is raised."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.faq import load
from bot.faq import terms as term_guard
from bot.faq.blocks import KEYS, LANGUAGES, Block, Pair, blocks, sentences
from bot.faq.drafts import Problem, read_all, read_terms
from bot.faq.guards import deadlines, letters, links, negations, network, numbers, structure
from bot.faq.guards.sentences import difficulty, too_long
from bot.faq.model import Entry, Term, Text

from .conftest import ROOT, SMALL

GUARDED = ROOT / "tests" / "faqs" / "guarded" / "appeal.yaml"
ENTRY = "asylum/appeal.yaml"
HEAD = ""  # the part of an entry before its texts


@pytest.fixture
def guarded(content: Path) -> Path:
    """The small content with an entry that has something for every guard."""
    shutil.copy(GUARDED, content / ENTRY)
    return content


def judged(folder: Path) -> list[Problem]:
    """What the check says; that the small entries have few ways of asking is no matter here."""
    return [problem for problem in load(folder, thorough=True)[1] if "ways of asking" not in problem.text]


@dataclass(frozen=True)
class Fault:
    """One edit of the text of a language, the beginning of the line to be named, and words of the message."""

    name: str
    language: str
    old: str
    new: str
    at: str | tuple[str, ...]
    said: str
    error: bool = False
    file: str = ENTRY


ERROR = True
SHORT = "  short:"

FAULTS = [
    # numbers, dates, sums, articles
    Fault("a digit is another", "ru", "в течение 5 рабочих", "в течение 6 рабочих", "    2. Подайте",
          "lacks the number 5", ERROR),
    Fault("a digit is added", "en", "You may stay", "For 7 days you may stay", ("    Вы", "    Шешім",
          "    تا"), "lacks the number 7", ERROR),
    Fault("a number is lost", "kk", "Оны 5 жұмыс күні ішінде", "Оны тез", "    2. Оны", "lacks the number 5", ERROR),
    Fault("a number is new", "fa_AF", "دو کاپی بس", "۴ کاپی بس", "    - فیس", "has the number 4, which the English", ERROR),
    Fault("the limit in the short answer", "fa_AF", "**۱ ماه**", "**۲ ماه**", SHORT, "has the number 2", ERROR),
    Fault("a short answer without its limit", "ru", "за **1 месяц**", "скоро", SHORT, "lacks the number 1", ERROR),
    Fault("a sum loses a nought", "ru", "1 300 тенге", "130 тенге", "    - Судебная", "lacks the number 1300", ERROR),
    Fault("a sum in Dari", "fa_AF", "۱٬۳۰۰", "۱٬۲۰۰", "    - فیس", "has the number 1200", ERROR),
    Fault("a sum with a comma for a point", "kk", "1 300 теңге", "1,3 теңге", "    - Сот", "lacks the number 1300", ERROR),
    Fault("an article number", "kk", "83-бап", "38-бап", "    2. Оны", "has the number 38", ERROR),
    Fault("an article number of Dari", "fa_AF", "مادهٔ 83", "مادهٔ ۸۲", "    2. آن را", "lacks the number 83", ERROR),
    Fault("the day of a law", "ru", "24 ноября", "14 ноября", "    2. Подайте", "lacks the number 24", ERROR),
    Fault("the month of a law", "ru", "24 ноября", "24 октября", "    2. Подайте", "lacks the month “November”", ERROR),
    Fault("the month of a law in Kazakh", "kk", "қарашадағы", "қазандағы", "    2. Оны", "has the month “October”", ERROR),
    Fault("the month of a law in Dari", "fa_AF", "نومبر", "دسمبر", "    2. آن را", "lacks the month “November”", ERROR),
    Fault("the year of a law", "kk", "2023 жылғы", "2022 жылғы", "    2. Оны", "has the number 2022", ERROR),
    Fault("a number in the wrong step", "ru", "Подпишите её.\n    2. Подайте её в течение 5 рабочих дней.",
          "Подпишите её за 5 рабочих дней.\n    2. Подайте её.", "    1. Напишите", "has the number 5 here"),
    # deadlines
    Fault("working days become days", "ru", "5 рабочих дней", "5 дней", "    2. Подайте", "lacks “5 working days”"),
    Fault("working days become calendar days", "kk", "5 жұмыс күні", "күнтізбелік 5 күн", "    2. Оны",
          "lacks “5 working days”"),
    Fault("days become weeks", "fa_AF", "۵ روز کاری", "۵ هفته", "    2. آن را", "lacks “5 working days”"),
    Fault("a month becomes a year", "kk", "**1 ай**", "**1 жыл**", SHORT, "lacks “1 month”"),
    # negations
    Fault("a step loses its not in Russian", "ru", "Не подписывайте то, чего не понимаете", "Подписывайте то, что поняли",
          "    3. ", "lost a “not”"),
    Fault("a step loses its not in Kazakh", "kk", "Түсінбеген қағазға қол қоймаңыз", "Қағазға қол қойыңыз", "    3. ",
          "lost a “not”"),
    Fault("a step loses its not in Dari", "fa_AF", "چیزی را که نمی‌فهمید امضا نکنید", "همه چیز را امضا کنید",
          "    3. ", "lost a “not”"),
    Fault("the police may send back", "ru", "не может вас выслать", "может вас выслать", "    Вы можете", "lost a “not”"),
    Fault("the police may send back, in Kazakh", "kk", "қайтара алмайды", "қайтара алады", "    Шешім", "lost a “not”"),
    Fault("the police may send back, in Dari", "fa_AF", "فرستاده نمی‌تواند", "فرستاده می‌تواند", "    تا فیصله",
          "lost a “not”"),
    Fault("a right becomes its contrary", "ru", "Достаточно двух копий", "Двух копий не хватит", "    - Судебная",
          "says “not”"),
    Fault("a right becomes its contrary, in Dari", "fa_AF", "دو کاپی بس است", "دو کاپی بس نیست", "    - فیس", "says “not”"),
    # links and telephone places
    Fault("a link is lost", "ru", "[закон](https://example.org/rus/law)", "закон", "    - Сначала", "lacks the link", ERROR),
    Fault("a link leads elsewhere", "kk", "example.org/kaz/law", "example.org/kaz/other", "    - Алдымен",
          "lacks the link", ERROR),
    Fault("a telephone place is lost", "kk", "{police-102} немесе {office}", "{police-102}", "    4. ",
          "lacks the number {office}", ERROR),
    Fault("another telephone place", "fa_AF", "{police-102} یا {office}", "{office} یا {office}", "    4. ",
          "has the number {office}", ERROR),
    Fault("a telephone number is written out", "ru", "или {office}", "или {office} (+7 727 000 00 00)", "    4. ",
          "has the number 7", ERROR),
    Fault("a site in letters that look alike", "en", "https://example.org/rus/law", "https://exаmple.org/rus/law",
          "    - Read", "name in another alphabet", ERROR),
    Fault("a link without security", "en", "https://example.org/rus/law", "http://example.org/rus/law", "    - Read",
          "https://", ERROR),
    Fault("a link with a user name", "en", "https://example.org/rus/law", "https://egov.kz@example.org/", "    - Read",
          "user name", ERROR),
    Fault("a source with a user name", HEAD, "https://example.org/law", "https://egov.kz@example.org/", "    url:",
          "no user name", ERROR),
    Fault("a source with an encoded site", HEAD, "https://example.org/law", "https://xn--exmple-4nf.org/", "    url:",
          "name in another alphabet", ERROR),
    Fault("a contact's page with an encoded site", HEAD, "https://example.org/police", "https://xn--exmple-4nf.org/",
          "    url: https://xn",
          "name in another alphabet", ERROR, "contacts.yaml"),
    # structure
    Fault("a step is missing", "kk", "    3. Түсінбеген қағазға қол қоймаңыз.\n", "", "    **",
          "has 3 numbered steps, the English text 4"),
    Fault("a point is missing", "fa_AF", "    - اول [قانون](https://example.org/rus/law) را بخوانید.\n", "",
          "    تا فیصله", "has 1 points"),
    Fault("a paragraph more", "ru", "    Вы можете", "    Удачи.\n\n    Вы можете", "    Вы можете",
          "has 3 paragraphs, the English text 2"),
    Fault("a heading is missing", "ru", "    **Сколько стоит**\n\n", "", "    - Суд", "has 1 paragraphs"),
    Fault("lists in another order", "fa_AF", "    **قیمت**\n\n    - فیس محکمه ۱٬۳۰۰ تنگه است. دو کاپی بس است.\n",
          "    - فیس محکمه ۱٬۳۰۰ تنگه است. دو کاپی بس است.\n\n    **قیمت**\n\n", "    - فیس", "lists in another order"),
    Fault("a sentence is cut out", "ru", " Укажите имя, адрес и причины.", "", "    1. ",
          "lack a sentence of the English text (2 of 3)"),
    # letters
    Fault("a Latin letter inside a word", "kk", "Шағым жазыңыз", "Шaғым жазыңыз", "    1. ", "U+0061", ERROR),
    Fault("a Latin schwa", "kk", "себептерді көрсетіңіз", "себептəрді көрсетіңіз", "    1. ", "U+0259", ERROR),
    Fault("a Latin letter alone", "ru", "адрес и причины", "адрес c причинами", "    1. ", "U+0063", ERROR),
    Fault("a Cyrillic letter in an English word", "en", "Write a complaint", "Writе a complaint", "    1. ", "U+0074", ERROR),
    Fault("an Arabic kaf", "fa_AF", "۵ روز کاری", "۵ روز كاری", "    2. ", "U+0643", ERROR),
    Fault("an Arabic digit", "fa_AF", "۵ روز کاری", "٥ روز کاری", "    2. ", "U+0665", ERROR),
    Fault("a letter of Urdu", "fa_AF", "شکایت بنویسید", "شکایت بنویسیدہ", "    1. ", "U+06C1", ERROR),
    Fault("a letter with its mark apart", "ru", "5 рабочих дней", "5 рабочих дне\u0438\u0306", "    2. ",
          "marks are written apart"),
    Fault("Russian under Kazakh", "kk", "Шешім шыққанша қала аласыз. Полиция сізді қайтара алмайды.",
          "До решения можно остаться на месте. Полиция вас не может выслать обратно на родину.", "    До",
          "none of the letters ә ғ қ"),
    Fault("an invisible character", "ru", "Подпишите её", "Подпи\u200bшите её", "    1. ", "U+200B", ERROR),
    Fault("a sign of direction", "fa_AF", "امضا کنید", "امضا\u202b کنید", "    1. ", "U+202B", ERROR),
    # lengths
    Fault("an endless sentence", "ru", "Подпишите её.", "Подпишите её " + "и ещё раз " * 12 + "вот.", "    1. ",
          "a sentence of 39 words"),
    # terms
    Fault("a word to be avoided", "fa_AF", "1. شکایت بنویسید", "1. عریضه و شکایت بنویسید", "    1. ",
          "Write the term: “شکایت”"),
    Fault("another word for a term", HEAD, "[жалоба]", "[претензия]", ("  short:",
          "    1. "), "speaks of “complaint”, in Russian “претензия”", False, "terms.yaml"),
    Fault("a term without a language", HEAD, "  kk: [шағым]\n", "", "complaint:", "needs the key “kk”", ERROR, "terms.yaml"),
    Fault("an unknown key of a term", HEAD, "  note:", "  notes:", "  notes:", "Did you mean “note”?", ERROR, "terms.yaml"),
    Fault("an avoided word in no language", HEAD, "avoid: {fa_AF", "avoid: {fa", "  avoid:", "Did you mean “fa_AF”?",
          ERROR, "terms.yaml"),
    # what stands between the files
    Fault("a phrasing under two entries", "en", "asked: [appeal,", "asked: [“How many days?”,", "    - how many days",
          "stands under asylum/appeal too"),
    Fault("a phrasing twice but for its signs", "ru", "[обжалование,", "[Суд!,", "  asked:", "twice but for its signs"),
    Fault("related to itself", HEAD, "asylum/deadline,", "asylum/appeal,", "related:", "is this entry itself"),
    Fault("related twice", HEAD, "emergency/who-can-help]", "asylum/deadline]", "related:", "stands twice"),
    Fault("an entry to which nothing leads", HEAD, "entries: [appeal]", "entries: [deadline]", "source:",
          "no topic leads", ERROR, "topics.yaml"),
]  # fmt: skip


def section(text: str, language: str) -> tuple[int, int]:
    """Where the texts of a language begin and end in a file; of the head, or of a file without languages: all of it."""
    if language == HEAD:
        return 0, len(text)
    starts = [text.index(f"\n{code}:\n") + 1 for code in LANGUAGES] + [len(text)]
    return next((a, b) for a, b in pairwise(starts) if text.startswith(f"{language}:", a))


def plant(folder: Path, fault: Fault) -> None:
    path = folder / fault.file
    text = path.read_text("utf-8")
    begin, end = section(text, fault.language)
    assert fault.old in text[begin:end]
    path.write_text(text[:begin] + text[begin:end].replace(fault.old, fault.new, 1) + text[end:], "utf-8")


def names_its_line(folder: Path, fault: Fault, problem: Problem) -> bool:
    """Whether the line begins as it should and stands in the texts of the language in which the fault was planted."""
    lines = (folder.parent / problem.path).read_text("utf-8").split("\n")[: problem.line]
    language = next((line[:-1] for line in reversed(lines) if line[:-1] in LANGUAGES), HEAD)
    return lines[-1].startswith(fault.at) and (fault.language in (HEAD, "en") or language == fault.language)


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_a_planted_fault_is_found_on_its_line(fault: Fault, guarded: Path) -> None:
    plant(guarded, fault)
    problems = judged(guarded)
    found = [problem for problem in problems if fault.said in problem.text]
    assert found, "\n".join(map(str, problems)) or "nothing was found"
    assert [str(problem) for problem in found if not names_its_line(guarded, fault, problem)] == []
    assert all(problem.warning is not fault.error for problem in found)


def test_enough_faults_are_planted() -> None:
    assert len(FAULTS) >= 45
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_a_contact_that_nobody_uses(guarded: Path) -> None:
    for path in guarded.glob("*/*.yaml"):
        text = (
            path.read_text("utf-8").replace("[police-102, office]", "[police-102]").replace("{office}", "{police-102}")
        )
        path.write_text(text, "utf-8")
    line = (guarded / "contacts.yaml").read_text("utf-8").split("\n").index("office:") + 1
    assert [str(problem) for problem in judged(guarded)] == [
        f"faq/contacts.yaml:{line}: warning: no entry uses “office”. Name it in an entry, or delete it."
    ]


def test_an_answer_that_is_too_long(guarded: Path) -> None:
    for fault in (Fault("", code, "    1. ", "    1. " + "Ok. " * 600, "", "") for code in LANGUAGES):
        plant(guarded, fault)
    found = [problem.text for problem in judged(guarded) if "Shorten it" in problem.text]
    assert len(found) == 4
    assert all("Shorten it to 2200, or divide the question." in text for text in found)


@pytest.mark.parametrize("folder", [ROOT / "faq", SMALL], ids=["faq", "small"])
def test_the_content_is_clean(folder: Path) -> None:
    assert [str(problem) for problem in judged(folder)] == []


def test_the_guarded_entry_is_clean(guarded: Path) -> None:
    assert [str(problem) for problem in judged(guarded)] == []


def test_the_terms_of_the_real_content_are_all_read() -> None:
    draft = read_all(ROOT / "faq")
    read_terms(draft)
    assert len(draft.terms) > 70
    assert draft.terms["refugee-certificate"].fa_AF[0] == "کارت پناهندگی"


# --- what runs when


def test_lost_numbers_stop_serving_and_the_rest_only_warns(guarded: Path) -> None:
    plant(guarded, Fault("", "ru", "5 рабочих дней", "5 дней", "", ""))
    content, problems = load(guarded)
    assert content is not None
    assert not any("working days" in problem.text for problem in problems)  # the bot's start is spared it
    plant(guarded, Fault("", "ru", "5 дней", "15 дней", "", ""))
    content, problems = load(guarded)
    assert content is None
    assert [problem.line for problem in problems if not problem.warning] == [34, 34]


DEADLINE = """deadlines:
  - id: decision
    label: {en: I was refused, ru: Мне отказали, kk: Бас тартты, fa_AF: رد شدم}
    event: {en: Which day?, ru: Какой день?, kk: Қай күн?, fa_AF: کدام روز؟}
    months: 1
    source: 1
    passed:
      en: "Complain within 3 days. Call {office}."
      ru: "Жалуйтесь за 3 дня. Звоните: {office}."
      kk: "3 күн ішінде шағымданыңыз. Қоңырау шалыңыз: {office}."
      fa_AF: "در ظرف ۳ روز شکایت کنید. زنگ بزنید: {office}."
"""


@pytest.mark.parametrize(
    ("whole", "broken", "about"),
    [("за 3 дня", "за 5 дней", "3"), ("۳ روز", "چند روز", "3"), ("Қоңырау шалыңыз: {office}.", "", "{office}")],
)
def test_the_words_of_the_clock_are_held_beside_their_source(
    whole: str, broken: str, about: str, content: Path
) -> None:
    entry = content / ENTRY
    text = entry.read_text("utf-8").replace("\nen:\n", f"\n{DEADLINE}en:\n", 1)
    entry.write_text(text, "utf-8")
    assert [problem for problem in load(content)[1] if not problem.warning] == []
    entry.write_text(text.replace(whole, broken), "utf-8")
    found, problems = load(content)
    assert found is None
    line = next(number for number, row in enumerate(text.split("\n"), 1) if whole in row)
    assert any(one.line == line and about in one.text and one.text.startswith("“passed”") for one in problems)


def test_a_slip_is_told_before_what_follows_from_it(guarded: Path) -> None:
    """An editor mends a broken file first: what differs from it in four languages is no news."""
    plant(guarded, Fault("", HEAD, "risk: high", "risk: huge", "", ""))
    plant(guarded, Fault("", "en", "1,300 tenge", "1,400 tenge", "", ""))
    assert [problem.text[:20] for problem in judged(guarded) if not problem.warning] == ["“huge” is not known "]


def test_the_start_is_quick() -> None:
    def seconds() -> float:
        started = time.process_time()
        load(ROOT / "faq")
        return time.process_time() - started

    assert min(seconds() for _ in range(3)) < 0.7  # 0.3 where nothing else runs


# --- exceptions


def excused(folder: Path, *lines: str) -> list[str]:
    path = folder / ENTRY
    path.write_text(
        path.read_text("utf-8").replace("\nen:\n", "\nexceptions:\n" + "\n".join(lines) + "\nen:\n"), "utf-8"
    )
    return [str(problem) for problem in judged(folder)]


WHY = "reason: the Russian form says so"


def test_an_exception_with_a_reason_excuses(guarded: Path) -> None:
    plant(guarded, Fault("", "ru", "Достаточно двух копий.", "Нужны 2 копии, хватит и 4.", "", ""))
    assert len(judged(guarded)) == 1
    assert excused(guarded, f"  - {{language: ru, guard: numbers, {WHY}}}") == []
    assert load(guarded)[0] is not None


def test_an_exception_about_one_thing_excuses_only_that(guarded: Path) -> None:
    plant(guarded, Fault("", "ru", "Достаточно двух копий.", "Нужны 22 копии, хватит и 4.", "", ""))
    (left,) = excused(guarded, f'  - {{language: ru, guard: numbers, about: "4", {WHY}}}')
    assert "has the number 22" in left


@pytest.mark.parametrize("wrong", ["language: kk, guard: numbers", "language: ru, guard: links"])
def test_an_exception_for_something_else_excuses_nothing(wrong: str, guarded: Path) -> None:
    plant(guarded, Fault("", "ru", "двух копий", "2 копий и 4 листов", "", ""))
    found = excused(guarded, f"  - {{{wrong}, {WHY}}}")
    assert any("has the number 4" in problem for problem in found)
    assert any(problem.startswith(f"faq/{ENTRY}:12: warning: this exception excuses nothing") for problem in found)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{language: ru, guard: numbers}", "needs the key “reason”. Write why the text is right as it stands."),
        ("{language: ru, guard: numbers, reason: }", "“reason” is empty."),
        ("{language: ru, guard: number, reason: so}", "“number” is not known for “guard”."),
        ("{language: fa, guard: numbers, reason: so}", "“fa” is not known for “language”."),
        ("{guard: numbers, reason: so}", "needs the key “language”. Write the language of the text"),
        ("{language: ru, guard: numbers, reason: so, why: so}", "“why” is not a key here."),
    ],
)
def test_an_exception_has_a_shape(given: str, said: str, guarded: Path) -> None:
    (found,) = excused(guarded, f"  - {given}")
    assert said in found
    assert found.startswith(f"faq/{ENTRY}:12:")


# --- what is one


@pytest.mark.parametrize(
    ("code", "text", "found"),
    [
        ("fa_AF", "۱۲ و ٣٤ و 56", ["12", "34", "56"]),
        ("en", "1,300 tenge or 2,160,000", ["1300", "2160000"]),
        ("ru", "1 300 тенге, 2 160 000", ["1300", "2160000"]),
        ("fa_AF", "۱٬۳۰۰ تنگه", ["1300"]),
        ("en", "articles 91, 92 and 6-1", ["91", "92", "6", "1"]),
        ("ru", "3,5 МРП", ["3.5"]),
        ("fa_AF", "۳٫۵ و 3.5", ["3.5", "3.5"]),
        ("en", "since July 2026", ["2026", "month 7"]),
        ("en", "you may go, may you? May I?", []),
        ("fa_AF", "او می رود و می‌گوید", []),
        ("fa_AF", "۱ می ۲۰۲۶", ["1", "2026", "month 5"]),
        ("fa_AF", "۲ قوس ۱۴۰۵ (۲۳ نومبر ۲۰۲۶)", ["23", "2026", "month 11"]),
        ("kk", "маусымдық жұмыс", []),
        ("kk", "1 маусымда", ["1", "month 6"]),
        ("ru", "в марте 2026 года, карта", ["2026", "month 3"]),
    ],
)
def test_numbers_are_one_in_every_script(code: str, text: str, found: list[str]) -> None:
    (block,) = blocks(text)
    assert list(numbers.numbers(block, code)) == found


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "within one month"),
        ("ru", "один месяц"),
        ("ru", "за месяц"),
        ("kk", "бір ай"),
        ("fa_AF", "یک ماه"),
        ("fa_AF", "۱ ماه"),
    ],
)
def test_small_numbers_may_be_words(code: str, text: str) -> None:
    pair = Pair("answer", "en", code, blocks("within 1 month"), blocks(text))
    assert list(numbers.lost(pair)) == []
    assert list(deadlines.lost(pair)) == []


def test_a_word_excuses_a_number_only_in_its_own_step() -> None:
    source = blocks("1. Go within 1 month.\n2. Ask somebody.")
    pair = Pair("answer", "en", "ru", source, blocks("1. Идите скоро.\n2. Спросите: один человек поможет."))
    assert [(finding.row, finding.about) for finding in numbers.lost(pair)] == [(0, "1")]


def test_languages_of_one_page_are_one_link() -> None:
    source, translation = (
        blocks("[a](https://adilet.zan.kz/rus/docs/Z1)"),
        blocks("[б](https://adilet.zan.kz/kaz/docs/Z1)"),
    )
    assert list(links.lost(Pair("answer", "en", "kk", source, translation))) == []


@pytest.mark.parametrize(
    ("form", "code", "text", "stands"),
    [
        ("удостоверение беженца", "ru", "нет Удостоверения беженца!", True),
        ("удостоверение беженца", "ru", "удостоверения. Беженец ждёт", False),
        ("лицо, ищущее убежище", "ru", "лица, ищущие убежища", True),
        ("босқын куәлігі", "kk", "босқын куәлігін көрсетіңіз", True),
        ("court", "en", "a language course", False),
        ("court", "en", "two courts", True),
        ("school", "en", "the pre-school year", False),
        ("تصدیق‌نامهٔ پناهجو", "fa_AF", "تصدیق‌نامه پناهجویان", True),
        ("کارت پناهندگی", "fa_AF", "کارت پناهندگی‌تان", True),
    ],
)
def test_a_form_stands_with_any_ending(form: str, code: str, text: str, stands: bool) -> None:
    assert bool(term_guard.pattern((form,), code).search(term_guard.folded(text))) is stands


def test_an_avoided_word_is_not_found_inside_the_right_one() -> None:
    find = term_guard.pattern(("تصدیق پناهجو",), "fa_AF", True).search
    assert find(term_guard.folded("تصدیق پناهجو را بیاورید"))
    assert not find(term_guard.folded("تصدیق‌نامهٔ پناهجو را بیاورید"))


@pytest.mark.parametrize(
    "url",
    [
        "http://a.kz",
        "https://a@b.kz",
        "https://egov.kz:x@b.kz/",
        "https://еgov.kz",
        "https://xn--gov-tdd.kz",
        "https://a",
        "ftp://a.kz",
        "",
    ],
)
def test_an_unsafe_address_is_refused(url: str) -> None:
    assert links.fault(url)


@pytest.mark.parametrize("url", ["https://a.kz", "https://www.a-b.gov.kz:8443/x?y=1#z", "https://unhcr.org"])
def test_a_safe_address_passes(url: str) -> None:
    assert links.fault(url) is None


def test_difficulty_counts_long_sentences_by_language() -> None:
    content, _ = load(SMALL)
    assert content is not None
    assert [(one.language, one.long, one.share) for one in difficulty(content)] == [
        (name, 0, 0.0) for name in LANGUAGES.values()
    ]


def test_sentences_do_not_end_at_abbreviations() -> None:
    assert sentences("Order No. 468 of 2012. See ст. 5 there? Yes.") == [
        "Order No. 468 of 2012.",
        "See ст. 5 there?",
        "Yes.",
    ]


# --- nothing is raised, whatever stands in a text

ANY = st.text(st.characters(blacklist_categories=["Cs"]) | st.sampled_from("0123۰۱٠١.,- \n*{}[]()ноңمен"), max_size=120)
LINES = st.lists(
    st.sampled_from(["", "1. ", "- ", "**", "{police-102}", "[a](https://b.kz)", "не ", "5 дней ", "1 300 "]) | ANY,
    max_size=12,
)
TEXTS = LINES.map("".join) | LINES.map("\n".join)
TERM = Term(
    en=("refugee certificate",), ru=("удостоверение беженца",), kk=("босқын куәлігі",), fa_AF=("کارت پناهندگی",)
)


def findings(source: str, translation: str, code: str) -> Iterator[int]:
    pair = Pair("answer", "en", code, blocks(source), blocks(translation))
    for find in (
        numbers.lost,
        links.lost,
        deadlines.lost,
        negations.lost,
        structure.unlike,
        structure.cut,
        structure.moved,
    ):
        yield from (finding.row for finding in find(pair))
    for alone in (letters.wrong(code, translation), letters.kazakh(code, translation), too_long("answer", translation)):
        yield from (finding.row for finding in alone)
    for block in blocks(translation):
        yield from (finding.row for finding in (*links.digits(block, {"1414": "egov-1414"}), *links.unsafe(block)))


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from([*LANGUAGES]))
def test_guards_never_raise_and_name_a_row_of_the_text(source: str, translation: str, code: str) -> None:
    rows = translation.count("\n") + 1
    assert all(0 <= row < rows for row in findings(source, translation, code))


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from([*LANGUAGES]))
def test_a_text_says_the_same_as_itself(text: str, code: str) -> None:
    pair = Pair("answer", code, code, blocks(text), blocks(text))
    for find in (numbers.lost, links.lost, deadlines.lost, structure.unlike, structure.cut, structure.moved):
        assert list(find(pair)) == []


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(["ru", "kk", "fa_AF"]))
def test_terms_never_raise(source: str, translation: str, code: str) -> None:
    texts = {"en": Text("q", "s", source or "a", ()), code: Text("q", "s", translation or "a", ())}
    entry = Entry("a/b", "en", date(2026, 11, 23), "high", "", (), (), (), texts)
    list(term_guard.check(entry, {"refugee-certificate": TERM}))
    assert term_guard.folded(term_guard.folded(source)) == term_guard.folded(source)


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_a_folded_phrase_is_folded(phrase: str) -> None:
    assert network.plain(phrase) == network.plain(network.plain(phrase))


def test_a_block_keeps_what_is_taken_out_of_its_words() -> None:
    assert blocks("a\nb\n\n2. **See** [the law](https://a.kz/x) at {police-102}.\n   More.\n- c") == (
        Block("paragraph", 0, "a\nb", (), ()),
        Block("step", 3, "See the law at  .\n   More.", ("https://a.kz/x",), ("police-102",)),
        Block("point", 5, "c", (), ()),
    )
    assert KEYS == ("question", "short", "answer")
