"""Contacts: in full under an answer, as bare numbers in an emergency, and as buttons that copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot import markup
from bot.faq.model import Contact, Faq
from bot.languages import Language
from bot.screens.screen import Button, Row, pairs

NUMBERS: Final = "emergency/emergency-numbers"  # its contacts are the numbers shown first
HELPERS: Final = "emergency/who-can-help"  # its contacts are named where there is no answer


def contacts_block(language: Language, contacts: Sequence[Contact]) -> str:
    """Contacts in full, under a heading; "" where there are none."""
    if not contacts:
        return ""
    title = markup.bold(language.say("Who can help"))
    dated = any(contact.confidence == "dated" for contact in contacts)
    caution = language.say(
        "In brackets: when the contact was published; “?” means we do not know. "
        "Call or ask before you go: it may have changed."
    )
    lines = [title, *(_contact(language, contact) for contact in contacts)]
    return "\n".join([*lines, markup.escape(caution)] if dated else lines)


def _contact(language: Language, contact: Contact) -> str:
    text, say = contact.texts[language.code], language.say
    name = markup.bold(_inside(language, text.name))
    # NOTE: a link to a site follows.
    website = say("Website:") + " " + language.isolate(_site(contact), ltr=True)
    # NOTE: {address} is in Russian, to be shown to a taxi driver.
    driver = say("To show a driver: {address}", address=contact.local_address)
    lines = [
        f"• {name}{_age(language, contact)}: {markup.escape(_inside(language, text.serves))}",
        markup.escape(say("Phone: {phones}", phones=" · ".join(contact.phones))) if contact.phones else "",
        markup.escape(say("Address: {address}", address=text.address)) if text.address else "",
        markup.escape(driver) if contact.local_address and contact.local_address not in text.address else "",
        markup.escape(say("Hours: {hours}", hours=text.hours)) if text.hours else "",
        website if contact.website else "",
        markup.escape(_inside(language, text.note)),
    ]
    return "\n".join(line for line in lines if line)


def _site(contact: Contact) -> str:
    return markup.link(contact.website, f"https://{contact.website}")


def _inside(language: Language, text: str) -> str:
    return markup.isolate(text) if language.rtl else text


def _age(language: Language, contact: Contact) -> str:
    if contact.confidence == "confirmed":
        return ""
    published = contact.evidence.published
    return f" ({markup.escape(language.isolate(language.period(published)) if published else '?')})"


def copy_rows(language: Language, contacts: Sequence[Contact]) -> list[Row]:
    """Buttons that copy telephone numbers (three short ones in a row) and addresses."""
    phones = list(dict.fromkeys(contact.phones[0] for contact in contacts if contact.phones))
    buttons = [Button(language.icon("📋", language.isolate(phone, ltr=True)), copy=phone) for phone in phones]
    addresses = [_copy_address(language, contact) for contact in contacts if contact.local_address]
    short = [button for button in buttons if len(button.copy) <= 6]
    long = [(button,) for button in buttons if len(button.copy) > 6]  # cut off, it would read as another number
    return [*(tuple(short[at : at + 3]) for at in range(0, len(short), 3)), *long, *pairs(addresses)]


def _copy_address(language: Language, contact: Contact) -> Button:
    place = contact.texts[language.code].address or contact.local_address
    return Button(language.icon("📋", place), copy=contact.local_address)


def numbers_block(language: Language, contacts: Sequence[Contact]) -> str:
    """One line for each number, the number first."""
    lines = [
        f"<b>{language.isolate(markup.escape(contact.phones[0]), ltr=True)}</b> "
        f"{markup.escape(_inside(language, contact.texts[language.code].name))}"
        for contact in contacts
        if contact.phones
    ]
    return "\n".join(lines)


def first_numbers(faq: Faq) -> str:
    """The first three emergency numbers in one line; "" where there are none."""
    return " · ".join(contact.phones[0] for contact in entry_contacts(faq, NUMBERS)[:3] if contact.phones)


def entry_contacts(faq: Faq, entry_id: str) -> list[Contact]:
    """The contacts that an entry names; none where there is no such entry."""
    found = faq.entries.get(entry_id)
    return [faq.contacts[one] for one in found.contacts] if found else []
