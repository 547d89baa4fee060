"""An answer with all that belongs to it: contacts, sources, the day of its facts, its other languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot import markup
from bot.addresses import Address
from bot.faq.model import Contact, Entry, Faq, Group, Topic
from bot.faq.reviews import Freshness, Standing
from bot.languages import Language
from bot.screens.clock import clock_row
from bot.screens.contacts import contacts_block, copy_rows
from bot.screens.screen import (
    Button,
    Row,
    Screen,
    entry_button,
    none_button,
    overdue_line,
    pairs,
    source_line,
    ways_out,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An entry to be shown: ``words`` is the language of the text, ``buttons`` that of the buttons around it."""

    faq: Faq
    entry: Entry
    words: Language
    buttons: Language
    others: Sequence[Language]  # the languages in which it can be shown besides
    freshness: Freshness
    standing: Standing  # of the text that is shown, in whichever language it is
    part: int = 1


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is offered under an answer to a typed question: other entries, and the language of the question."""

    rivals: Sequence[Entry]
    typed: Language | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What of an answer is the same whoever asks for it, and however: its text, and the rows before and behind the others."""

    text: str
    before: tuple[Row, ...]
    behind: tuple[Row, ...]


def frame(answer: Answer) -> Frame:
    """The part of an answer that is worth keeping: nearly all the work of showing it is here."""
    blocks = _entry_blocks(answer)
    parts = markup.split([markup.directed(block) for block in blocks] if answer.words.rtl else blocks)
    part = min(answer.part, len(parts))
    before = [
        *_turning(answer, part, len(parts)),
        clock_row(answer.buttons, answer.entry) if answer.freshness != "withheld" else (),
        *copy_rows(answer.buttons, _contacts(answer)),
    ]
    return Frame(parts[part - 1], _filled(before), _filled([_also(answer), *_after(answer)]))


def entry(answer: Answer, framed: Frame, doubt: Doubt | None = None) -> Screen:
    """An answer with all that belongs to it. Under a typed question's, the next best stand instead of related ones."""
    between = _doubt_rows(answer, doubt) if doubt else _related_rows(answer)
    return Screen(framed.text, (*framed.before, *_filled(between), *framed.behind))


def _filled(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row)


def _entry_blocks(answer: Answer) -> list[str]:
    text, code = answer.entry.text(answer.words.code)
    rtl = code == answer.words.code and answer.words.rtl
    numbers = answer.faq.numbers
    title = markup.bold(answer.words.icon(answer.entry.icon, text.question))
    short, steps = markup.line(text.short, numbers, rtl), markup.html(text.answer, numbers, rtl)
    contacts = [contacts_block(answer.words, _contacts(answer))]
    warnings = [_missing(answer.words)] if code != answer.words.code else []
    match answer.freshness:
        case "fresh":
            body = [short, *steps, _checked(answer), *contacts]
        case "overdue":
            body = [overdue_line(answer.words), *contacts, short, *steps, _checked(answer)]
        case "withheld":
            body = [_withheld(answer), *contacts, _checked(answer)]
    return [title, *warnings, *(block for block in body if block), _sources(answer)]


def _missing(words: Language) -> str:
    return markup.escape(words.say("This answer is not translated into your language yet. Here is its source text."))


def _withheld(answer: Answer) -> str:
    said = answer.words.say(
        "We do not show the steps of this answer: nobody has checked them for too long, and a mistake would be dangerous. "
        "Ask one of these contacts."
    )
    return markup.bold(answer.words.icon("⚠️", said))


def _contacts(answer: Answer) -> list[Contact]:
    return [answer.faq.contacts[one] for one in answer.entry.contacts]


def _sources(answer: Answer) -> str:
    return "\n".join(
        [
            markup.bold(answer.words.say("Sources")),
            *(source_line(answer.words, one) for one in answer.entry.sources),
        ]
    )


def _checked(answer: Answer) -> str:
    """Three facts that are never mixed, each a sentence: checked, confirmed, and behind its source where it is."""
    facts = answer.words.say("Facts checked on {date}.", date=answer.words.date(answer.entry.checked))
    newer = [_newer(answer.words, answer.entry.source)] if answer.standing.newer else []
    return markup.escape(" ".join([facts, _confirmed(answer.words, answer.standing), *newer]))


def _confirmed(words: Language, standing: Standing) -> str:
    say, on = words.say, {role: words.date(day) for role, day in standing.confirmed.items()}
    match on:
        case {"lawyer": lawyer, "native": native}:
            return say(
                "A lawyer confirmed this text on {lawyer}, and a native speaker on {native}.",
                lawyer=lawyer,
                native=native,
            )
        case {"lawyer": day}:
            return say("A lawyer confirmed this text on {day}. No native speaker has confirmed it yet.", day=day)
        case {"native": day}:
            return say("A native speaker confirmed this text on {day}. No lawyer has confirmed it yet.", day=day)
    if standing.before:
        return say(
            "This text was confirmed on {day} and has changed since. Nobody has confirmed it as it stands now.",
            day=words.date(standing.before),
        )
    return say("No lawyer and no native speaker has confirmed this text yet.")


def _newer(words: Language, source: str) -> str:
    say = words.say
    return {
        "en": say("The English text is newer than this translation: the two may differ."),
        "ru": say("The Russian text is newer than this translation: the two may differ."),
        "kk": say("The Kazakh text is newer than this translation: the two may differ."),
        "fa_AF": say("The Dari text is newer than this translation: the two may differ."),
    }[source]


def _place(answer: Answer, part: int = 1) -> Address:
    """The address of what is shown, with its languages."""
    also = answer.words.letters if answer.words.code != answer.buttons.code else ""
    return Address.entry(answer.entry.id, answer.buttons.letters, also, part)


def _turning(answer: Answer, part: int, parts: int) -> list[Row]:
    say, icon, number = answer.buttons.say, answer.buttons.icon, answer.buttons.number
    rows: list[Row] = []
    if part < parts:
        # NOTE: a button under the first part of a long answer.
        label = say("Read on: part {next} of {all}", next=number(part + 1), all=number(parts))
        rows.append((Button(icon("⬇️", label), _place(answer, part + 1)),))
    if part > 1:
        rows.append((Button(icon("⬆️", say("Back to the beginning of the answer")), _place(answer)),))
    return rows


def _related_rows(answer: Answer) -> list[Row]:
    return [(entry_button(answer.buttons, answer.faq.entries[one]),) for one in answer.entry.related]


def _doubt_rows(answer: Answer, doubt: Doubt) -> list[Row]:
    say, language, typed = answer.buttons.say, answer.buttons, doubt.typed
    rows: list[Row] = []
    if typed and typed.code not in (language.code, answer.words.code):
        # NOTE: a button; {language} is the name of a language in its own script.
        label = say("Answer in {language}", language=typed.name)
        rows.append(
            (Button(language.icon("🌐", label), Address.entry(answer.entry.id, language.letters, typed.letters)),)
        )
    for rival in doubt.rivals:
        # NOTE: a button; {question} is another question that may be meant.
        label = say("Not this? {question}", question=rival.text(language.code)[0].question)
        rows.append((Button(label, Address.entry(rival.id, language.letters)),))
    return [*rows, (none_button(language),)]


def _also(answer: Answer) -> Row:
    """The same answer in the other languages, each named in its own script."""
    return tuple(
        Button(one.name, Address.entry(answer.entry.id, answer.buttons.letters, _also_letters(one, answer)))
        for one in answer.others
        if one.code != answer.words.code
    )


def _also_letters(one: Language, answer: Answer) -> str:
    return "" if one.code == answer.buttons.code else one.letters


def _after(answer: Answer) -> list[Row]:
    language, shelf = answer.buttons, answer.faq.group_of(answer.entry.id)
    link = Address.entry(answer.entry.id, answer.words.letters)
    # NOTE: a button; it sends the link of this answer to another person.
    share = Button(language.icon("🔗", language.say("Share")), share=link)
    back = [_back(language, *shelf)] if shelf else []
    return [*pairs([*back, share]), ways_out(language)]


def _back(language: Language, shelf: Topic, part: Group) -> Button:
    title = part.titles[language.code] if part.id else shelf.titles[language.code]
    return Button(language.icon("↩", title), Address("topic", shelf.id, part.id, language.letters))
