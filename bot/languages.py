"""The four languages: choosing one, catalogs, direction, digits and dates. Only here Babel.

Catalogs are read from ``locales/<locale>/LC_MESSAGES/pana.po`` at start, without a compile step. A Language is passed
as an argument wherever something is said; there is no current language anywhere.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from babel.dates import get_day_names, get_month_names
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from persiantools.jdatetime import JalaliDate

DOMAIN: Final = "pana"
PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
AFGHAN_MONTHS: Final = (
    "حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت",
)  # fmt: skip

RLM: Final = "\u200f"  # the one mark that makes a line right-to-left and that Telegram keeps
FSI: Final = "\u2068"
LRI: Final = "\u2066"
PDI: Final = "\u2069"

_PLACE = re.compile(r"\{([a-z_]*)\}")
_TAG = re.compile(r"</?[a-z][^>]*>")
_QUOTED = re.compile(r'\s*(msg[a-z_]+(\[\d\])?\s+)?"')
_CLOSED = re.compile(r'\s*(msg[a-z_]+(\[\d\])?\s+)?"([^"\\]|\\.)*"\s*$')

# What a phone or a person may call a language -> the two letters of ours.
_FAMILIES: Final = {"kk": "kk", "ru": "ru", "en": "en", "fa": "fa", "prs": "fa", "kz": "kk", "per": "fa"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What never changes about a language."""

    code: str  # the locale, as in faq/ and locales/: kk, ru, en, fa_AF
    letters: str  # the two letters in addresses and for Telegram: kk, ru, en, fa
    name: str  # its own name, in its own script
    plurals: int  # how many forms its catalog must give of a counted sentence
    rtl: bool = False
    day_order: str = "{day} {month} {year}"
    month_order: str = "{month} {year}"
    month_case: Literal["format", "stand-alone"] = "stand-alone"  # of a month without a day, as Babel names it
    weekday_order: str = "{weekday}, {date}"


KINDS: Final = (
    Kind(
        "kk", "kk", "Қазақша", 2, False, "{year} ж. {day} {month}", "{year} ж. {month}", "format", "{date}, {weekday}"
    ),
    Kind("ru", "ru", "Русский", 3),
    Kind("en", "en", "English", 2),
    Kind("fa_AF", "fa", "دری", 2, rtl=True, weekday_order="{weekday}، {date}"),
)
CODES: Final = tuple(kind.code for kind in KINDS)


class CatalogError(Exception):
    """A catalog cannot be used. Each problem is one line, ``locales/ru/…/pana.po:12: what is wrong. What to do.``"""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Language:
    """One language with its catalog: says sentences, counts, writes numbers and dates.

    What it returns is plain text, never markup. In a right-to-left language every inserted value stands in an
    isolate, so that a phone number or a name of another script cannot tear the sentence.
    """

    kind: Kind
    catalog: NullTranslations = field(repr=False)

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def letters(self) -> str:
        return self.kind.letters

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def rtl(self) -> bool:
        return self.kind.rtl

    def say(self, sentence: str, **values: str) -> str:
        """The sentence of the catalog with ``{named}`` places filled."""
        return self._filled(self.catalog.gettext(sentence), values)

    def say_count(self, one: str, many: str, number: int, **values: str) -> str:
        """A counted sentence; ``{number}`` is the number in this language's digits."""
        sentence = self.catalog.ngettext(one, many, number)
        return self._filled(sentence, {"number": self.number(number), **values})

    def _filled(self, sentence: str, values: dict[str, str]) -> str:
        return sentence.format_map({name: self.isolate(value) for name, value in values.items()})

    def isolate(self, value: str, ltr: bool = False) -> str:
        """The value as it may stand inside a sentence of this language; never two marks in a row."""
        if not self.rtl or not value or value[0] in (FSI, LRI) or value[-1] == PDI:
            return value
        return f"{LRI if ltr else FSI}{value}{PDI}"

    def icon(self, icon: str, text: str) -> str:
        """An emoji before a text. Dari that begins with an emoji would be laid out left-to-right."""
        line = f"{icon} {text}" if icon else text
        return RLM + line if self.rtl and icon else line

    def number(self, number: int) -> str:
        """A number in running text: Persian digits in Dari."""
        return self.digits(str(number))

    def digits(self, text: str) -> str:
        """The text with this language's own digits."""
        return text.translate(PERSIAN_DIGITS) if self.rtl else text

    def date(self, day: datetime.date) -> str:
        """A day with its month as a word; in Dari the Solar Hijri day with the Gregorian in brackets."""
        month = get_month_names("wide", "format", self.code)[day.month]
        gregorian = self.digits(self.kind.day_order.format(day=day.day, month=month, year=day.year))
        return f"{self._solar(day)} ({gregorian})" if self.rtl else gregorian

    def weekday_date(self, day: datetime.date) -> str:
        """A day with its weekday."""
        weekday = get_day_names("wide", "format", self.code)[day.weekday()]
        return self.kind.weekday_order.format(weekday=weekday, date=self.date(day))

    def day_and_month(self, day: datetime.date) -> str:
        """A day without its year, for a button; in Dari the Solar Hijri one."""
        if self.rtl:
            solar = JalaliDate(day)  # type: ignore[no-untyped-call]
            return self.digits(f"{solar.day} {AFGHAN_MONTHS[solar.month - 1]}")
        return f"{day.day} {get_month_names('wide', 'format', self.code)[day.month]}"

    def typed_date(self, day: datetime.date) -> str:
        """A day as people type it, with its year: in Dari the Solar Hijri one alone."""
        if self.rtl:
            return self._solar(day)
        return self.kind.day_order.format(
            day=day.day, month=get_month_names("wide", "format", self.code)[day.month], year=day.year
        )

    def month(self, year: int, month: int) -> str:
        """A month of a year, as a word: sources are sometimes dated no more exactly."""
        name = get_month_names("wide", self.kind.month_case, self.code)[month]
        return self.digits(self.kind.month_order.format(month=name, year=year))

    def period(self, text: str) -> str:
        """A day, month or year as the content writes it: ``2026-11-23``, ``2026-11`` or ``2026``."""
        numbers = [int(part) for part in text.split("-")]
        match numbers:
            case [year, month, day]:
                return self.date(datetime.date(year, month, day))
            case [year, month]:
                return self.month(year, month)
            case _:
                return self.digits(text)

    def _solar(self, day: datetime.date) -> str:
        solar = JalaliDate(day)  # type: ignore[no-untyped-call]
        return self.digits(f"{solar.day} {AFGHAN_MONTHS[solar.month - 1]} {solar.year}")


class Languages:
    """The four languages, by code (``fa_AF``) or two letters (``fa``), in the order in which they are offered."""

    def __init__(self, languages: Iterable[Language]) -> None:
        self._all = tuple(languages)
        self._by_name = {name: one for one in self._all for name in (one.code, one.letters)}

    def __iter__(self) -> Iterator[Language]:
        return iter(self._all)

    def __getitem__(self, name: str) -> Language:
        return self._by_name[name]

    def get(self, name: str | None) -> Language | None:
        """The language of a code or two letters; None where there is none."""
        return self._by_name.get(name or "")

    def suggested(self, tag: str | None) -> Language | None:
        """What a tag from a phone (``fa-IR``, ``prs``, ``RU``) or a person suggests. A suggestion, never a choice."""
        family = re.split(r"[-_]", (tag or "").lower())[0]
        return self.get(_FAMILIES.get(family))

    def ordered(self, *first: Language | None) -> list[Language]:
        """All languages, the given ones first."""
        return list(dict.fromkeys([*(one for one in first if one), *self._all]))


def load(folder: Path) -> Languages:
    """Read all catalogs. Raises CatalogError with every problem of every catalog at once."""
    problems: list[str] = []
    languages = [Language(kind, _translations(folder, kind, problems)) for kind in KINDS]
    if problems:
        raise CatalogError(problems)
    return Languages(languages)


def catalog_path(folder: Path, code: str) -> Path:
    """Where the catalog of a locale stands."""
    return folder / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def _translations(folder: Path, kind: Kind, problems: list[str]) -> NullTranslations:
    path = catalog_path(folder, kind.code)
    try:
        raw = path.read_bytes()
        problems.extend(f"{path}:{line}: {text}" for line, text in _unclosed(raw.decode()))
        catalog = read_po(BytesIO(raw), locale=kind.code, abort_invalid=True)
    except (OSError, PoFileError, ValueError) as error:
        mend = "Take the last good version back, or mend the line."
        problems.append(f"{path}:{getattr(error, 'lineno', 0) + 1}: cannot be read ({_reason(error)}). {mend}")
        return NullTranslations()
    problems.extend(f"{path}:{line}: {text}" for line, text in faults(catalog, kind))
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _unclosed(text: str) -> Iterator[tuple[int, str]]:
    """Babel takes a line without its closing quote and drops a letter: it must not pass."""
    for number, line in enumerate(text.splitlines(), 1):
        if _QUOTED.match(line) and not _CLOSED.match(line):
            yield number, "opens a quote that is never closed. Write the closing quote at the end of the line."


def _reason(error: Exception) -> str:
    return "the file is missing" if isinstance(error, FileNotFoundError) else str(error).splitlines()[0]


def faults(catalog: Catalog, kind: Kind) -> list[tuple[int, str]]:
    """What is wrong with the messages of a catalog, as (line, sentence) pairs."""
    found: list[tuple[int, str]] = []
    if catalog.num_plurals != kind.plurals:
        found.append((1, f"{kind.code} has {kind.plurals} plural forms. Mend the Plural-Forms header."))
    for message in catalog:
        if message.id:
            found.extend((message.lineno or 1, text) for text in _message_faults(message, kind))
    return found


def _message_faults(message: Message, kind: Kind) -> Iterator[str]:
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    name = f"“{ids[0][:50]}”"
    if message.fuzzy:
        yield f"{name} is marked fuzzy, so nobody sees it. Check the text and delete the mark."
    if not all(texts) or len(texts) != (kind.plurals if message.pluralizable else 1):
        yield f"{name} is not translated completely. Fill every msgstr."
        return
    for text in texts:
        yield from _text_faults(name, ids[-1], str(text))


def _text_faults(name: str, original: str, text: str) -> Iterator[str]:
    wanted, given = set(_PLACE.findall(original)), set(_PLACE.findall(text))
    if wanted - given - {"number"} or given - wanted:
        yield f"{name} has other places than its original. Write exactly: {', '.join(sorted(wanted)) or 'none'}."
    if _PLACE.sub("", text).count("{") or _PLACE.sub("", text).count("}"):
        yield f"{name} has a lone brace. Places are written {{like_this}}."
    if sorted(_TAG.findall(original)) != sorted(_TAG.findall(text)):
        yield f"{name} has other tags than its original. Copy the tags unchanged."
