"""What pydantic finds wrong with a file, as a sentence for its editor: what is wrong, and what to write."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from pydantic_core import ErrorDetails

from bot.faq.model import Avoided, ContactText, Evidence, Exemption, Label, Review, Rule, Source, Term, Text, Words
from bot.faq.read import Where
from bot.faq.shapes import (
    HOLIDAYS_FILE,
    LANGUAGES,
    REVIEWS_FILE,
    BeyondFile,
    ContactFile,
    DangerFile,
    EntryFile,
    GroupFile,
    HolidaysFile,
    Titles,
    TopicFile,
)


def is_cause(details: ErrorDetails) -> bool:
    """Not so: pydantic's finding that a list is empty because the only value in it is wrong."""
    return details["type"] != "too_short" or not details["input"]


def where(details: ErrorDetails) -> Where:
    """The place in the file: pydantic marks keys of mappings with "[key]" and names dataclasses on the way."""
    return tuple(part for part in details["loc"] if part != "[key]")


# Of each kind of fault that pydantic finds, or of a kind at a key or with a type: what is wrong and what to write.
_SENTENCES: Final[dict[str, str]] = {
    "missing": "needs the key “{key}”. {hint}",
    "literal_error": "“{given}” is not known for “{key}”. Write {expected}.",
    "int": "“{given}” is no whole number for “{key}”. Write digits only.",
    "greater_than_equal": "“{given}” is too small for “{key}”. Write a number from {ge}.",
    "less_than_equal": "“{given}” is too large for “{key}”. Write a number up to {le}.",
    "date": "“{given}” is not a day. Write the year, month and day: 2026-11-23.",
    "tuple_type": "“{key}” must be a list. Write one “- ” per line, or [a, b].",
    "string_type dict": "“{key}” must be a text, but “: ”, “? ” or {{ makes keys of it. Put the whole text in quotes: \"…\".",
    "string_type list": "“{key}” must be one text, not a list. Write it without “- ” and [ ].",
    "dict_type": "“{key}” must hold keys of its own. Indent them under it.",
    "dataclass_type title": "“title” must hold a text per language. Write title: {{en: …, ru: …, kk: …, fa_AF: …}}.",
    "dataclass_type": "“{key}” must hold keys of its own. Indent them under it.",
    "string_too_short": "“{key}” is empty. Write its text.",
    "string_too_long": "“{key}” has {length} characters. Shorten it to {max_length}.",
    "too_short": "“{key}” is empty. Name at least {min_length}.",
    "too_long": "“{key}” has {actual_length} values. Leave at most {max_length}.",
    "too_long entries": "“entries” has {actual_length} values. Leave at most {max_length}, or divide them into groups.",
    "value_error": "“{given}” {error}",
}  # fmt: skip
_SHAPELESS: Final = {REVIEWS_FILE: "is no list. Take the last good version back: only pana review writes this file."}
_PATTERNS: Final = (
    (r"^[0-9a-f]{16}", "“{given}” is no hash of a text. Delete this record and run pana review again."),
    (
        r"^(\+\d",
        "“{given}” is no telephone number. Write it without spaces: +77272584598, or a short one: 112.",
    ),
    (
        r"^[a-z0-9-]+(\.",
        "“{given}” is no name of a site. Write it without https:// and without a path: bureau.kz.",
    ),
    (r"^[a-z0-9]+(-[a-z0-9]+)*/", "“{given}” is no entry's id. Write topic/entry: asylum/appeal."),
    (r"^[a-z0-9]+", "“{given}” is no id. Write only small Latin letters, digits and “-”, with “,” between two ids."),
    (r"^20", "“{given}” is no year. Write the four digits of a year: 2027."),
    (r"^[^\n]+$", "“{key}” must be one line. Take the line breaks out."),
)
_HINTS: Final[dict[str, str]] = {
    "source": "Write the language that the others are translated from: source: en.",
    "checked": "Write the day its facts were last compared with its sources: checked: 2026-11-23.",
    "risk": "Write risk: high, or risk: normal.",
    "sources": "Name at least one, with title, url and seen.",
    "question": "Write the question as a person would ask it.",
    "short": "Write the first step and the limit, at most 300 characters.",
    "answer": "Write “answer: |” and the answer in the lines under it.",
    "asked": "List other ways in which people ask it.",
    "evidence": "Say where the contact was read, with title, url and seen.",
    "confidence": "Write confidence: confirmed, or confidence: dated.",
    "phones": "Write phones: [] where there is none.",
    "url": "Write the address of the page: url: https://….",
    "en": "Write it in English, too: en: ….",
    "ru": "Write it in Russian, too: ru: ….",
    "kk": "Write it in Kazakh, too: kk: ….",
    "fa_AF": "Write it in Dari, too: fa_AF: ….",
    "seen": "Write the day on which the source was read: seen: 2026-11-23.",
    "exceptions language": "Write the language of the text: language: kk.",
    "exceptions guard": "Write the guard that found it: guard: numbers.",
    "exceptions reason": "Write why the text is right as it stands.",
    "deadlines id": "Write a short id that never changes: id: arrived.",
    "deadlines label": "Write what it is called on a button, in the four languages.",
    "deadlines event": "Write the question for the day: “When did you …?”, in the four languages.",
    "deadlines passed": "Write what to do when the last day is over, in the four languages.",
    "deadlines source": "Write which of the entry's sources says so, counted from 1: source: 1.",
    "danger.yaml entry": "Write the entry that comes first: entry: emergency/detained.",
    "off": "List the days on which offices are closed: - 2027-01-01.",
    **dict.fromkeys(
        ("entry", "language", "role", "by", "on", "source_hash", "text_hash"),
        "Delete this record and run pana review again.",
    ),
}


def sentence(details: ErrorDetails, at: Where, name: str) -> str:
    """What is wrong at a place of the file of that name, and what to write."""
    kind, context, given = details["type"], details.get("ctx", {}), details["input"]
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        return _unknown_key(str(at[-1]), at, name, given)
    if not at:
        return _SHAPELESS.get(name, "holds no “key: value” lines. Write them as in a file that works.")
    key = _key_name(at)
    return _template(details, key).format_map(
        {
            **context,
            "hint": _hint(at, name),
            "key": key,
            "given": str(given)[:60].replace("\n", " "),
            "length": len(str(given)),
        }
    )


def _hint(at: Where, name: str) -> str:
    """What to write for a key: of this file, of this part of an entry, or anywhere."""
    named = (f"{name} {at[-1]}", f"{at[0]} {at[-1]}", str(at[-1]))
    return next((_HINTS[one] for one in named if one in _HINTS), f"Write “{at[-1]}: …”.")


def _template(details: ErrorDetails, key: str) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return next(text for start, text in _PATTERNS if context["pattern"].startswith(start))
    if kind.startswith("int_"):
        kind = "int"
    if kind.startswith("date_") or (kind == "value_error" and "Write" not in str(context["error"])):
        kind = "date"  # pydantic's and Python's own words for what is no day of the calendar
    if details["input"] == "" and kind in ("date", "int", "literal_error", "value_error"):
        return "“{key}” is empty. {hint}"
    unknown = "“{key}” is wrong. Compare it with an entry that works."
    names = (f"{kind} {key}", f"{kind} {type(details['input']).__name__}", kind)
    return next((_SENTENCES[name] for name in names if name in _SENTENCES), unknown)


def _key_name(where: Where) -> str:
    """How an editor calls a place: its key, or the key of the list in which it stands."""
    return str(next((part for part in reversed(where) if isinstance(part, str)), "value"))


_COUSINS: Final = {"fa": "fa_AF", "prs": "fa_AF", "dari": "fa_AF", "kz": "kk", "eng": "en", "rus": "ru"}
_KEYS: Final[dict[type, list[str]]] = {
    shape: [*shape.__dataclass_fields__]
    for shape in (
        EntryFile, Text, Source, Exemption, ContactFile, ContactText, Evidence, TopicFile, GroupFile, Titles, Review,
        Term, Avoided, Rule, Label, Words, HolidaysFile, BeyondFile, DangerFile,
    )
}  # fmt: skip


# The shape under each name in a shared file but topics.yaml.
_NAMED: Final[dict[str, type]] = {
    "contacts.yaml": ContactFile, "terms.yaml": Term, HOLIDAYS_FILE: HolidaysFile, "danger.yaml": DangerFile,
    "beyond.yaml": BeyondFile,
}  # fmt: skip


def _unknown_key(key: str, where: Where, name: str, value: object) -> str:
    siblings = _KEYS[_shape_at(where[:-1], name)]
    close = _COUSINS.get(key.lower()) or next(iter(get_close_matches(key, siblings, 1, 0.6)), None)
    if close in siblings:
        return f"“{key}” is not a key here. Did you mean “{close}”?"
    if "/" in name and len(where) > 1 and key in _KEYS[EntryFile]:
        return f"“{key}” stands too far right. Write it without spaces before it."
    if "/" in name and len(where) == 1 and key in _KEYS[Text]:
        return f"“{key}” stands too far left. Indent it under its language."
    if value == "" and len(where) > 1:  # {address: 1 Example Street, Almaty}
        return f'“{key}” is not a key here. Delete it, or put the whole text to which it belongs in quotes: "…".'
    return f"“{key}” is not a key here. Delete it, or write one of: {', '.join(siblings)}."


def _shape_at(where: Where, name: str) -> type:
    """The shape in which an unknown key stands, told by the path of what surrounds it."""
    match where:
        case (*_, "title"):
            return Titles
        case (*_, "evidence"):
            return Evidence
        case (*_, "groups", str()):
            return GroupFile
        case ("sources", int()) | (_, "sources", int()):
            return Source
        case ("deadlines", int()):
            return Rule
        case ("deadlines", int(), key):
            return Label if key == "label" else Words
        case (_, "avoid"):
            return Avoided
        case ("exceptions", int()):
            return Exemption
        case (int(),):
            return Review
        case (*outer, str(code)) if code in LANGUAGES:
            return ContactText if outer else Text
        case (str(),):
            return _NAMED.get(name, TopicFile)
        case _:
            return EntryFile
