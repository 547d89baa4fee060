"""Browsing: home, topics and groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot import markup
from bot.addresses import Address
from bot.faq.model import Entry, Faq, Group, Topic
from bot.languages import Language
from bot.screens.screen import (
    NAMES,
    Button,
    Row,
    Screen,
    emergency_button,
    language_button,
    pairs,
    screen,
    ways_out,
)

EMERGENCY: Final = "emergency"  # the topic that is always first and red
ABOUT: Final = "about"  # the topic whose questions stand under the pages of Pana itself


def home(language: Language, faq: Faq, notice: str = "") -> Screen:
    """The topics. ``notice`` is a sentence above them, such as that a button was too old."""
    invitation = language.say("Choose a topic, or write your question in your own words.")
    blocks = [markup.escape(notice), markup.bold(NAMES), markup.escape(invitation)]
    topics = topic_buttons(language, faq)
    urgent = faq.topic(EMERGENCY)
    first = [(_emergency_topic(language, urgent) if urgent else emergency_button(language),)]
    target = Address("home")
    pages = (_page_button(language, "❓", language.say("Help"), "help"),
             _page_button(language, "🔒", language.say("Privacy"), "privacy"),
             _page_button(language, "ℹ️", language.say("About"), "about"))  # fmt: skip
    return screen(blocks, [*first, *pairs(topics), *pairs(pages), (language_button(language, target),)], language)


def _emergency_topic(language: Language, topic: Topic) -> Button:
    label = language.icon(topic.icon, topic.titles[language.code])
    return Button(label, Address("sos", language=language.letters), style="danger")


def topic_buttons(language: Language, faq: Faq) -> list[Button]:
    """The topics, without those that have a place of their own."""
    return [_topic_button(language, topic) for topic in faq.topics if topic.id not in (EMERGENCY, ABOUT)]


def _topic_button(language: Language, topic: Topic) -> Button:
    label = language.icon(topic.icon, topic.titles[language.code])
    return Button(label, Address("topic", topic.id, language=language.letters))


def _page_button(language: Language, icon: str, label: str, page: str) -> Button:
    return Button(language.icon(icon, label), Address(page, language=language.letters))


def topic(language: Language, faq: Faq, shelf: Topic) -> Screen:
    """A topic: its questions, or its groups where there are more than eight questions."""
    if len(shelf.groups) == 1:
        return _shelf(language, faq, shelf, shelf.groups[0])
    title = language.icon(shelf.icon, shelf.titles[language.code])
    blocks = [markup.bold(title), markup.escape(language.say("What is your question about?"))]
    return screen(blocks, [*group_rows(language, shelf), ways_out(language)], language)


def group_rows(language: Language, shelf: Topic) -> list[Row]:
    if len(shelf.groups) < 2:
        return []
    return [
        (Button(language.icon(group.icon, group.titles[language.code]),
                Address("topic", shelf.id, group.id, language.letters)),)
        for group in shelf.groups
    ]  # fmt: skip


def group(language: Language, faq: Faq, shelf: Topic, part: Group) -> Screen:
    """One group of a long topic."""
    return _shelf(language, faq, shelf, part)


def _shelf(language: Language, faq: Faq, shelf: Topic, part: Group) -> Screen:
    titles = [language.icon(shelf.icon, shelf.titles[language.code])]
    titles += [part.titles[language.code]] if part.id else []
    entries = [faq.entries[entry_id] for entry_id in part.entries]
    back = [(_up(language, shelf),)] if part.id else []
    blocks = [markup.bold(" · ".join(titles)), questions(language, entries)]
    return screen(blocks, [*question_rows(language, entries), *back, ways_out(language)], language)


def _up(language: Language, shelf: Topic) -> Button:
    return Button(
        language.icon("↩", shelf.titles[language.code]), Address("topic", shelf.id, language=language.letters)
    )


def questions(language: Language, entries: Sequence[Entry]) -> str:
    """Questions in full, numbered: a phone cuts the labels of buttons."""
    lines = [f"{language.number(at)}. {entry.text(language.code)[0].question}" for at, entry in enumerate(entries, 1)]
    return markup.escape("\n".join(lines))


def question_rows(language: Language, entries: Sequence[Entry]) -> list[Row]:
    """A button for each question, with the same number as in the text."""
    return [
        (Button(f"{language.number(at)}. {entry.text(language.code)[0].question}",
                Address.entry(entry.id, language.letters)),)
        for at, entry in enumerate(entries, 1)
    ]  # fmt: skip
