"""Emergency: the numbers first, then the questions of the topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import markup
from bot.addresses import Address
from bot.faq.model import Contact, Faq, Topic
from bot.languages import Language
from bot.screens.choosing import language_rows
from bot.screens.contacts import NUMBERS, copy_rows, entry_contacts, numbers_block
from bot.screens.screen import Row, Screen, home_button, language_button, screen
from bot.screens.topics import EMERGENCY, group_rows, question_rows


def emergency(language: Language, faq: Faq) -> Screen:
    """The numbers first, then the questions of the topic."""
    contacts = entry_contacts(faq, NUMBERS)
    title = markup.bold(language.icon("🆘", language.say("Emergency")))
    advice = language.say("Say the city, the street and one word in Russian or Kazakh: police, doctor or fire.")
    shelf = faq.topic(EMERGENCY)
    rows = [*copy_rows(language, contacts), *(_topic_rows(language, faq, shelf) if shelf else [])]
    blocks = [title, numbers_block(language, contacts), markup.escape(advice) if contacts else ""]
    ways = [(language_button(language, Address("sos")),), (home_button(language),)]
    return replace(screen(blocks, [*rows, *ways], language), urgent=True)


def _topic_rows(language: Language, faq: Faq, shelf: Topic) -> list[Row]:
    groups = group_rows(language, shelf)
    return groups or question_rows(language, [faq.entries[one] for one in shelf.groups[0].entries])


def emergency_in_all(ordered: Sequence[Language], faq: Faq) -> Screen:
    """The numbers for someone whose language is not known yet."""
    contacts = entry_contacts(faq, NUMBERS)
    blocks = [_emergency_greeting(language, contacts) for language in ordered]
    rows = [*copy_rows(ordered[0], contacts), *language_rows(ordered, Address("sos"))]
    return Screen("\n\n".join(blocks), tuple(rows), urgent=True)


def _emergency_greeting(language: Language, contacts: Sequence[Contact]) -> str:
    text = f"{markup.bold(language.say('Emergency'))}\n{numbers_block(language, contacts)}"
    return markup.directed(text) if language.rtl else text
