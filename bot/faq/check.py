"""Judging the whole content at once: what names what, what no reader could use, what an editor forgot.

A file's own shape is judged in load; here stand the rules between files and the rules of writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final

from bot import markup
from bot.addresses import MAX_LENGTH, Address
from bot.faq.drafts import Draft
from bot.faq.model import Entry, Rule, Text, kind_of
from bot.faq.read import Where
from bot.faq.shapes import HOLIDAYS_FILE, LANGUAGES, REVIEWS_FILE, Titles

ENOUGH_ASKED: Final = 12
SATURDAY: Final = 5
WORDS: Final = ("label", "event", "passed", "note")  # what a reader sees of a rule of the clock
LONGEST_DAY: Final = "20261012"

# Letters that a keyboard of another language gives instead of ours, by language.
_LETTERS: Final = {
    "fa_AF": (re.compile("[يكىة]"), "Write ی, ک and ه, as a Persian keyboard gives them."),
    "kk": (re.compile(r"[A-Za-z](?=[\u0400-\u052f])|(?<=[\u0400-\u052f])[A-Za-z]"), "Write the whole word in Cyrillic."),
    "ru": (re.compile(r"[A-Za-z](?=[\u0400-\u052f])|(?<=[\u0400-\u052f])[A-Za-z]"), "Write the whole word in Cyrillic."),
}  # fmt: skip


def check(draft: Draft) -> None:
    """Add to the draft every problem that one file alone cannot show."""
    _check_topics(draft)
    _check_names(draft)
    for entry in draft.entries.values():
        _check_entry(draft, entry)
    _check_files(draft)
    _check_dangers(draft)
    _check_beyond(draft)
    _check_holidays(draft)
    _check_kinds(draft)
    _check_reviews(draft)


def _check_dangers(draft: Draft) -> None:
    """Each situation leads to an entry that exists, and no phrasing stands in two situations."""
    seen: dict[tuple[str, str], str] = {}
    for danger in draft.dangers:
        if danger.entry not in draft.entries:
            sentence = f"“{danger.entry}” is not known. {_nearest(danger.entry, set(draft.entries))}"
            draft.add("danger.yaml", (danger.id, "entry"), sentence)
        for code, phrases in danger.phrases.items():
            for index, phrase in enumerate(phrases):
                if (first := seen.setdefault((code, phrase.casefold()), danger.id)) != danger.id:
                    sentence = f"“{phrase}” stands under “{first}” too. Leave it where it fits best."
                    draft.add("danger.yaml", (danger.id, code, index), sentence)


def _check_beyond(draft: Draft) -> None:
    """No phrasing of what Pana does not answer is one that an entry answers."""
    answered = {(code, phrase.casefold()): key for key, entry in draft.entries.items()
                for code, text in entry.texts.items() for phrase in (text.question, *text.asked)}  # fmt: skip
    for subject in draft.beyond:
        for code, phrases in subject.phrases.items():
            for index, phrase in enumerate(phrases):
                if entry := answered.get((code, phrase.casefold())):
                    sentence = f"“{phrase}” is asked in {entry}.yaml too. Leave it in one of the two."
                    draft.add("beyond.yaml", (subject.id, code, index), sentence)


def _check_holidays(draft: Draft) -> None:
    """Each day stands once, in its own year; a working day off is a Saturday or Sunday, or it says nothing."""
    for year, found in draft.holidays.items():
        seen: set[date] = set()
        for key, days in (("off", found.off), ("working", found.working)):
            for index, day in enumerate(days):
                if sentence := _day_fault(year, key, day, seen):
                    draft.add(HOLIDAYS_FILE, (str(year), key, index), sentence)
                seen.add(day)


def _day_fault(year: int, key: str, day: date, seen: set[date]) -> str:
    if day.year != year:
        return f"“{day}” is no day of {year}. Write it under its own year."
    if day in seen:
        return f"“{day}” stands twice. Delete one of them."
    if key == "working" and day.weekday() < SATURDAY:
        return f"“{day}” is no Saturday or Sunday. Write only days off that are worked, or delete it."
    return ""


def _check_kinds(draft: Draft) -> None:
    """A reminder knows its rule by a code that is made from its ids alone: no two rules may have the same."""
    seen: dict[str, str] = {}
    for entry in draft.entries.values():
        for index, rule in enumerate(entry.rules):
            name = f"{entry.id}: {rule.id}"
            if (first := seen.setdefault(kind_of(entry.id, rule.id), name)) != name:
                sentence = f"“{rule.id}” would be taken for “{first}” in reminders. Write another id."
                draft.add(f"{entry.id}.yaml", ("deadlines", index, "id"), sentence)


def _listed(draft: Draft) -> Iterator[tuple[str, Where]]:
    """Every entry id that topics.yaml names, with its place there."""
    for key, topic in draft.topics.items():
        for index, name in enumerate(topic.entries):
            yield f"{key}/{name}", (key, "entries", index)
        for group, file in topic.groups.items():
            for index, name in enumerate(file.entries):
                yield f"{key}/{name}", (key, "groups", group, "entries", index)


def _written(draft: Draft) -> set[str]:
    """The ids of all entries that have a file, readable or not."""
    return {name.rsplit(".", 1)[0] for name in draft.documents if "/" in name}


def _check_topics(draft: Draft) -> None:
    seen: dict[str, Where] = {}
    written = _written(draft)
    for key, topic in draft.topics.items():
        if bool(topic.entries) == bool(topic.groups):
            draft.add("topics.yaml", (key,), f"“{key}” needs either entries or groups. Write one of the two.")
    for entry_id, where in _listed(draft):
        name = entry_id.partition("/")[2]
        if entry_id in seen:
            draft.add("topics.yaml", where, f"“{name}” stands twice. Leave it in one place.")
        elif entry_id not in written:
            draft.add("topics.yaml", where, f"“{name}” is not written yet. Write faq/{entry_id}.yaml.", True)
        seen[entry_id] = where
        longest = Address.entry(entry_id, "fa", "ru", 9).spoken("fa", "lang")
        if len(str(longest)) > MAX_LENGTH:
            draft.add(
                "topics.yaml",
                where,
                f"“{name}” is too long for a button. Shorten it: topic and name, 44 letters.",
            )


def _check_files(draft: Draft) -> None:
    listed = {entry_id for entry_id, _ in _listed(draft)}
    empty = {key for key, topic in draft.topics.items() if not topic.entries and not topic.groups}  # told there
    for entry_id in draft.entries:
        topic, _, name = entry_id.partition("/")
        if draft.topics and entry_id not in listed and topic not in empty:
            place = "a group" if topic in draft.topics and draft.topics[topic].groups else "the entries"
            hint = f"Add “{name}” to {place} of “{topic}” in topics.yaml."
            draft.add(_name(draft, entry_id), 1, f"no topic leads to this entry. {hint}")


def _check_reviews(draft: Draft) -> None:
    """A review of what is not there claims nothing, so it stops nobody."""
    written = _written(draft)
    for index, review in enumerate(draft.reviews):
        if review.entry not in written:
            hint = "Delete the line if the entry is gone on purpose."
            draft.add(REVIEWS_FILE, (index, "entry"), f"“{review.entry}” is no entry. {hint}", True)


def _name(draft: Draft, entry_id: str) -> str:
    """The entry's file as it is really called: an editor may have written .yml."""
    return next(name for name in draft.documents if name.rsplit(".", 1)[0] == entry_id)


def _check_entry(draft: Draft, entry: Entry) -> None:
    name = _name(draft, entry.id)
    if entry.checked > date.today() + timedelta(days=1):  # a warning: it may be the machine's clock that is wrong
        draft.add(
            name,
            ("checked",),
            "“checked” lies in the future, so the text would never grow old. Write the day of checking.",
            True,
        )
    if entry.source not in entry.texts:
        draft.add(
            name,
            ("source",),
            f"the source language has no text. Write “{entry.source}:” or name another source.",
        )
    known = {entry_id for entry_id, _ in _listed(draft)} | _written(draft)
    for key, ids, allowed in (
        ("contacts", entry.contacts, set(draft.contacts)),
        ("related", entry.related, known),
    ):
        for index, one in enumerate(ids):
            if allowed and one not in allowed:
                draft.add(name, (key, index), f"“{one}” is not known. {_nearest(one, allowed)}")
    for index, rule in enumerate(entry.rules):
        _check_rule(draft, name, entry, index, rule)
    for code in LANGUAGES:
        if code in entry.texts:
            _check_text(draft, name, code, entry.texts[code])
        elif code != entry.source:
            draft.add(name, 1, f"has no text in {code}. Translate it; until then readers see {entry.source}.", True)


def _check_rule(draft: Draft, name: str, entry: Entry, index: int, rule: Rule) -> None:
    """What the shape of a rule of the clock cannot show."""
    where: Where = ("deadlines", index)
    for key, sentence in _rule_faults(entry, index, rule):
        draft.add(name, (*where, key), sentence)
    for key in WORDS:
        words = getattr(rule, key)
        for code in LANGUAGES if words else ():
            place = (*where, key, code)
            for offset, sentence in _faults(draft, "short", words.text(code), place in draft.documents[name].joined):
                draft.add(name, _line(draft, name, place, offset), sentence.replace("“short”", f"“{key}”"))
            _check_letters(draft, name, code, place, words.text(code))


def _rule_faults(entry: Entry, index: int, rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.id in [one.id for one in entry.rules[:index]]:
        yield "id", f"“{rule.id}” stands twice among the deadlines. Write another id."
    if (rule.days is None) == (rule.months is None):
        yield "id", f"“{rule.id}” needs either days or months. Write one of the two."
    if rule.months and rule.count == "working":
        yield "count", "months are not counted in working days. Write days, or count: calendar."
    if rule.source > len(entry.sources):
        yield "source", f"there is no such source: the entry names {len(entry.sources)}. Write source: 1 for the first."
    longest = Address("when", entry.topic, entry.name, "fa", deadline=rule.id, day=LONGEST_DAY).spoken("fa", "lang")
    if len(str(longest)) > MAX_LENGTH:
        yield "id", f"“{rule.id}” is too long for a button. Shorten it by {len(str(longest)) - MAX_LENGTH} letters."


def _nearest(given: str, allowed: set[str]) -> str:
    close = get_close_matches(given, sorted(allowed), 1, 0.5)
    some, more = ", ".join(sorted(allowed)[:12]), " …" if len(allowed) > 12 else "."
    return f"Did you mean “{close[0]}”?" if close else f"Write one of: {some}{more}"


def _check_text(draft: Draft, name: str, code: str, text: Text) -> None:
    joined = draft.documents[name].joined
    for key in ("question", "short", "answer"):
        value = getattr(text, key)
        for offset, sentence in _faults(draft, key, value, (code, key) in joined):
            draft.add(name, _line(draft, name, (code, key), offset), sentence)
        _check_letters(draft, name, code, (code, key), value)
    if len(text.asked) < ENOUGH_ASKED:
        sentence = f"“asked” has {len(text.asked)} ways of asking. Write at least {ENOUGH_ASKED}."
        draft.add(name, (code, "asked"), sentence, True)
    for index, phrase in enumerate(text.asked):
        where = (code, "asked", index)
        if phrase in text.asked[:index]:
            draft.add(name, where, f"“{phrase}” stands twice. Delete one of them.")
        if where in joined:
            sentence = (
                "runs on from the line above. Write each way of asking in one line, with “- ” in the same column."
            )
            draft.add(name, draft.documents[name].line(where) + 1, sentence)


def _line(draft: Draft, name: str, where: Where, offset: int) -> int:
    """The line of a place inside a text: exact in a ``|`` block, the key's line in a folded one."""
    return draft.documents[name].inside(where, offset)


def _faults(draft: Draft, key: str, text: str, joined: bool) -> Iterator[tuple[int, str]]:
    if key == "question":
        if set(text) & set("*{}<>"):
            yield 0, "“question” has signs of markup. Write it as plain words."
        return
    yield from ((line, f"“{key}” {sentence}") for line, sentence in markup.problems(text))
    if key == "answer" and joined:
        yield 0, "“answer” would lose its line breaks. Write answer: | and begin the text on the next line."
    if key == "short" and ("\n\n" in text or (joined and "\n" in text)):
        yield 0, "“short” has several paragraphs. Make it one."
    for number, line in enumerate(text.split("\n")):
        yield from ((number, sentence) for sentence in _braces(draft, key, line))


def _braces(draft: Draft, key: str, line: str) -> Iterator[str]:
    if not set(line) & set("{}"):
        return
    phones = {contact.id for contact in draft.contacts.values() if contact.phones}
    for place in markup.places(line):
        if place in draft.contacts and place not in phones:
            yield f"“{{{place}}}” has no telephone in contacts.yaml. Write its number there, or its name here."
        elif phones and place not in phones:
            yield f"“{{{place}}}” is no contact with a telephone. {_nearest(place, phones)}"
    if set(markup.PLACE.sub("", line)) & set("{}"):
        yield f"“{key}” has a lone brace. Write {{contact-id}}, or leave the brace out."


def _check_names(draft: Draft) -> None:
    """The letters of what a reader sees of contacts and topics."""
    for contact in draft.contacts.values():
        for code, text in contact.texts.items():
            for key in ("name", "serves", "address", "hours", "note"):
                _check_letters(draft, "contacts.yaml", code, (contact.id, code, key), getattr(text, key))
    for where, titles in _titles(draft):
        for code, title in titles.texts().items():
            _check_letters(draft, "topics.yaml", code, (*where, "title", code), title)


def _titles(draft: Draft) -> Iterator[tuple[Where, Titles]]:
    for key, topic in draft.topics.items():
        yield (key,), topic.title
        yield from (((key, "groups", name), group.title) for name, group in topic.groups.items())


def _check_letters(draft: Draft, name: str, code: str, where: Where, text: str) -> None:
    pattern, mend = _LETTERS.get(code, (None, ""))
    for offset, line in enumerate(text.split("\n") if pattern else ()):
        if pattern and (found := pattern.search(line)):
            letter = found.group()
            sentence = f"“{where[-1]}” has the letter “{letter}” (U+{ord(letter):04X}) of another alphabet. {mend}"
            draft.add(name, _line(draft, name, where, offset), sentence)
