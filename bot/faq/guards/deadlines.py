"""Deadlines and durations: a number with its unit. "5 working days" is another deadline than "5 days".

A heuristic, so all it finds are warnings: the number guard has already held the digits together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.faq.blocks import LANGUAGES, Block, Finding, Pair
from bot.faq.guards.numbers import SMALL

# The units of each language as beginnings of words; the more exact one first.
_UNITS: Final = {
    "en": {
        "working days": "working days?|business days?|work days?", "calendar days": "calendar days?",
        "hours": "hours?", "days": "days?", "weeks": "weeks?", "months": "months?", "years": "years?",
    },
    "ru": {
        "working days": r"рабоч\w+ д(?:ень|н\w+)", "calendar days": r"календарн\w+ д(?:ень|н\w+)", "hours": r"час(?!т)\w*",
        "days": r"д(?:ень|н(?:я|ей|ю|ём|ям|ях|и))|сут\w+", "weeks": r"недел\w+", "months": r"месяц\w*",
        "years": r"год\w*|лет",
    },
    "kk": {
        "working days": r"жұмыс күн\w*", "calendar days": r"күнтізбелік күн\w*", "hours": r"сағат\w*",
        "days": r"күн\w*|тәулік\w*", "weeks": r"апта\w*", "months": r"ай(?:дан|да|ға|дың|ды|ы|лық|дай)?(?!\w)",
        "years": r"жыл\w*|жас\w*",
    },
    "fa_AF": {
        "working days": "روز(?:های)? کاری", "calendar days": "روز(?:های)? (?:تقویمی|تقویم|جنتری|کلندری)", "hours": "ساعت",
        "days": "(?:شبانه\u200c)?روز", "weeks": "هفته", "months": "ماه", "years": "سال",
    },
}  # fmt: skip
_NUMBERS: Final = {
    code: "|".join(f"(?P<w{number}>{word.pattern})" for number, word in words.items())
    + ("|(?P<v1>за|через)" if code == "ru" else "")  # за месяц: one month before
    for code, words in SMALL.items()
}
_ORDINAL: Final = re.compile(
    r"first|second|third|\w+th|перв|втор|трет|(?!одно)\w+([её]рт|ый|ого|ой)\b|\w+н[шщ][іы]|اول|\w*م\b"
)


def _span(code: str) -> re.Pattern[str]:
    """A number in digits or in words, and a unit behind it."""
    units = "|".join(f"(?P<u{index}>{unit})" for index, unit in enumerate(_UNITS[code].values()))
    number = rf"(?P<digits>\d+)(?:-?\w{{1,3}}(?=\W))?|{_NUMBERS[code]}"
    return re.compile(rf"(?<![\w.,])(?:{number})[\s\u00a0\u200c-]+(?:{units})", re.IGNORECASE)


_SPANS: Final = {code: _span(code) for code in _UNITS}
# "calendar 5 days" in Kazakh, "week 12" in Dari: the unit stands before its number.
_TURNED: Final = re.compile(r"(күнтізбелік) (\d+)(?: ақылы)? (?=күн)|(هفته)\u0654 (\d+)", re.IGNORECASE)


def spans(block: Block, code: str) -> tuple[tuple[str, str], ...]:
    """The spans of time of a block, such as ("5", "working days")."""
    names = list(_UNITS[code])
    found = []
    for span in _SPANS[code].finditer(_TURNED.sub(r"\2\4 \1\3 ", block.words)):
        if _ORDINAL.match(span[0]):  # the first day is no span of time
            continue
        given = {key: value for key, value in span.groupdict().items() if value}
        unit = next(names[int(key[1:])] for key in given if key[0] == "u")
        found.append((given.get("digits") or next(key[1:] for key in given if key[0] in "wv"), unit))
    return tuple(found)


def lost(pair: Pair) -> Iterator[Finding]:
    """Spans of time which the source language gives and the translation does not give there."""
    for source, translation in pair.beside():
        wanted = dict.fromkeys(spans(source, pair.first))
        given = spans(translation, pair.second) if wanted else ()
        for number, unit in wanted:
            if (number, unit) not in given:
                span = f"{number} {unit.removesuffix('s') if number == '1' else unit}"
                sentence = f"lacks “{span}” of the {LANGUAGES[pair.first]} text. Compare the two."
                yield Finding(translation.row, sentence, span)
