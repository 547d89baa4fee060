"""Numbers, dates and sums: what the source language says must stand in each translation, and nothing more.

Digits of all three scripts are one; ``1,300``, ``1 300`` and ``۱٬۳۰۰`` are one; small numbers may be words. A month is
compared like a number; Solar Hijri dates beside it are Dari's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.faq.blocks import LANGUAGES, Block, Finding, Pair, unequal

_THOUSANDS: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f,٬]\d{3})+(?!\d)")
_NUMBER: Final = re.compile(r"\d+(?:[.,٫]\d+)?")

_WORDS: Final = {
    "en": {
        "1": "one|first|once|an? (?=hour|day|week|month|year)", "2": "two|second|twice|both", "3": "three|third",
        "4": "four|fourth", "5": "five|fifth", "6": "six|sixth", "7": "seven|seventh", "8": "eight|eighth",
        "9": "nine|ninth", "10": "ten|tenth", "11": "eleven", "12": "twelve", "20": "twenty", "30": "thirty",
    },
    "ru": {
        "1": "од(?:ин|на|но|ного|ной|ну|ном|ним|ному)|перв\\w+|(?:час|день|дня|недел[юия]|месяц|месяца|год|года)",
        "2": "дв(?:а|е|ух|ум|умя|ое|оих)|оба|обе|обоих|втор\\w+|дважды", "3": "тр(?:и|[её]х|[её]м|емя|ое)|трет\\w+",
        "4": "четыр\\w+|четверо|четв[её]рт\\w+", "5": "пят(?:ь|и|ью|ый|ого|ой|ое)|пятеро", "6": "шест(?:ь|и|ью|ой|ого)",
        "7": "семь|семи|седьм\\w+", "8": "вос(?:емь|ьми)|восьм\\w+", "9": "девят(?:ь|и|ью|ый|ого)",
        "10": "десят(?:ь|и|ью|ый|ого)", "11": "одиннадцат\\w+", "12": "двенадцат\\w+", "20": "двадцат\\w+",
        "30": "тридцат\\w+",
    },
    "kk": {
        "1": "бір(?:і|ін|інші|еу|еуі|інен|ден|ге)?|алғашқы", "2": "екі(?:нші|еу|еуі|ге|ден|де)?|екеу\\w*|қос",
        "3": "үш(?:інші|еу|еуі|ке|тен|те)?", "4": "төрт(?:інші|еу|ке|тен)?", "5": "бес(?:інші|еу|ке|тен)?",
        "6": "алты(?:ншы|ға|дан)?", "7": "жеті(?:нші|ге|ден)?", "8": "сегіз(?:інші|ге|ден)?",
        "9": "тоғыз(?:ыншы|ға|дан)?", "10": "он(?:ыншы)?", "11": "он бір", "12": "он екі", "20": "жиырма\\w*",
        "30": "отыз\\w*",
    },
    "fa_AF": {
        "1": "یک|یکی|اول|اولین|نخستین", "2": "دو|دوم|هردو", "3": "سه|سوم", "4": "چهار|چهارم", "5": "پنج|پنجم",
        "6": "شش|ششم", "7": "هفت|هفتم", "8": "هشت|هشتم", "9": "نه|نهم", "10": "ده|دهم", "11": "یازده|یازدهم",
        "12": "دوازده|دوازدهم", "20": "بیست", "30": "سی",
    },
}  # fmt: skip
SMALL: Final = {
    code: {number: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for number, words in table.items()}
    for code, table in _WORDS.items()
}

_MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "ru": "январ феврал март апрел ма[йяе] июн июл август сентябр октябр ноябр декабр",
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым(?!дық) шілде тамыз қыркүйек қазан қараша желтоқсан",
    "fa_AF": "جنوری فبروری مارچ اپریل می جون جولای آگست سپتمبر اکتوبر نومبر دسمبر",
}
_OTHER_MONTHS: Final = {"fa_AF": {"جولای": "جولائی", "آگست": "اگست", "سپتمبر": "سپتامبر", "دسمبر": "دسامبر"}}
_INFLECTED: Final = {"en": "", "ru": r"\w{0,3}", "kk": r"\w{0,7}", "fa_AF": ""}
_SOLAR: Final = "حمل|ثور|جوزا|سرطان|اسد|سنبله|میزان|عقرب|قوس|جدی|دلو|حوت"
_SOLAR_DATE: Final = re.compile(rf"(?<!\w)(?:\d{{1,2}} (?:{_SOLAR})(?: \d{{4}})?|(?:{_SOLAR}) 1[34]\d\d)(?!\w)")
_ANY_SOLAR: Final = re.compile(_SOLAR)


def _months(code: str) -> re.Pattern[str]:
    names = [f"{name}|{_OTHER_MONTHS.get(code, {}).get(name, name)}" for name in _MONTHS[code].split()]
    either = "|".join(f"(?P<m{index}>{_either_case(name)})" for index, name in enumerate(names, 1))
    return re.compile(rf"(?:{either}){_INFLECTED[code]}(?![\w\u200c])")


def _either_case(names: str) -> str:
    """Alternatives with a capital or small first letter; English months are written with a capital only."""
    return "|".join(name if name.isascii() else f"[{name[0]}{name[0].upper()}]{name[1:]}" for name in names.split("|"))


_MONTH: Final = {code: _months(code) for code in _MONTHS}
_AMBIGUOUS: Final = (3, 5)  # may, май, мая and می mean other things, too: they need a number beside them
# Quicker to look for than the pattern, and mostly there is no month; the second ones only beside numbers.
_HINTS: Final = {
    code: tuple(
        {name[code in ("ru", "kk") :][:4] for number, name in enumerate(names.split(), 1) if number not in _AMBIGUOUS}
    )
    for code, names in _MONTHS.items()
}
_HINTS_WITH_NUMBERS: Final = {
    "en": ("March", "May"), "ru": ("арт", "май", "мая", "мае"), "kk": ("аурыз", "амыр"), "fa_AF": ("مارچ", "می "),
}  # fmt: skip
_NEAR: Final = re.compile(r"\d\W{0,3}$|\d\W?(?:st|nd|rd|th|жыл\w*|году?|года)? ?$")


def numbers(block: Block, code: str) -> tuple[str, ...]:
    """The numbers in digits and the months of a block, each in one spelling: ("5", "2026", "month 7")."""
    words = block.words
    if code == "fa_AF" and _ANY_SOLAR.search(words):
        words = _SOLAR_DATE.sub(" ", words)
    if not _NUMBER.search(words):
        return tuple(_named(words, code)) if any(hint in words for hint in _HINTS[code]) else ()
    words = _THOUSANDS.sub(lambda group: re.sub(r"\D", "", group[0]), words)
    digits = [re.sub("[,٫]", ".", found[0]) for found in _NUMBER.finditer(words)]
    hints = (*_HINTS[code], *_HINTS_WITH_NUMBERS[code])
    return (*digits, *_named(words, code)) if any(hint in words for hint in hints) else tuple(digits)


def _named(words: str, code: str) -> Iterator[str]:
    for found in _MONTH[code].finditer(words):
        before, behind, month = words[: found.start()], words[found.end() :], int(str(found.lastgroup)[1:])
        inside = before[-1:].isalnum()  # the middle of another word
        if not inside and (month not in _AMBIGUOUS or re.match(r"\W?\d", behind) or _NEAR.search(before)):
            yield f"month {month}"


def in_words(block: Block, code: str) -> Iterator[str]:
    """The small numbers that a block has as words, and the months of official names that it quotes in another language."""
    yield from (number for number, word in SMALL[code].items() if word.search(block.words))
    for other in _MONTH:
        yield from _named(block.words, other)


def lost(pair: Pair) -> Iterator[Finding]:
    """Numbers that only one of the two texts has. Errors: a reader may miss a deadline by them."""
    for kind, row, thing in unequal(pair, numbers, in_words):
        name = _name(thing)
        if kind == "lacks":
            yield Finding(row, f"lacks {name} of the {LANGUAGES[pair.first]} text. Write it here.", thing, False)
        else:
            sentence = f"has {name}, which the {LANGUAGES[pair.first]} text has not. Compare the two."
            yield Finding(row, sentence, thing, False)


def _name(thing: str) -> str:
    if thing.startswith("month "):
        return f"the month “{_MONTHS['en'].split()[int(thing[6:]) - 1]}”"
    return f"the number {thing}"
