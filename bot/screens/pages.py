"""What a typed question finds, the pages of Pana itself, and sentences for what is no question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot import markup
from bot.addresses import Address
from bot.faq.model import Entry, Faq
from bot.languages import Language
from bot.screens.contacts import HELPERS, NUMBERS, contacts_block, entry_contacts, first_numbers, numbers_block
from bot.screens.screen import (
    NAMES,
    Button,
    Row,
    Screen,
    emergency_button,
    entry_button,
    language_button,
    none_button,
    pairs,
    screen,
    ways_out,
)
from bot.screens.topics import ABOUT, question_rows, questions, topic_buttons


def results(language: Language, faq: Faq, entries: Sequence[Entry]) -> Screen:
    """Several entries that a question may mean."""
    invitation = language.say_count(
        "This answer comes nearest to your question:",
        "These {number} answers come nearest to your question:",
        len(entries),
    )
    otherwise = language.say("If none of them fits, ask again in other words or choose a topic.")
    blocks = [
        _in_danger(language, faq),
        markup.escape(invitation),
        questions(language, entries),
        markup.escape(otherwise),
    ]
    rows = [*question_rows(language, entries), (none_button(language),), ways_out(language)]
    return screen(blocks, rows, language)


def _in_danger(language: Language, faq: Faq) -> str:
    """The numbers, first, wherever a question was not surely understood: it may have been a cry for help."""
    numbers = first_numbers(faq)
    # NOTE: {numbers} is a list of telephone numbers such as 112 · 102 · 103.
    said = language.say("In danger now? Call {numbers}.", numbers=numbers)
    return markup.bold(said) if numbers else ""


def courtesy(language: Language, faq: Faq, kind: str) -> Screen:
    """What is said to a greeting or to thanks: a calm sentence, and where to go."""
    said = {
        "greeting": language.say("Hello. Write your question in your own words, or choose a topic."),
        "thanks": language.say("You are welcome. If you have another question, write it or choose a topic."),
    }
    return screen([markup.escape(said[kind])], _everywhere(language, faq), language)


def nothing(language: Language, faq: Faq) -> Screen:
    """An honest no, with topics and contacts."""
    blocks = [
        _in_danger(language, faq),
        markup.escape(language.say("I have no answer to this question.")),
        markup.escape(language.say("Ask again in other words, choose a topic, or ask people who can help:")),
        contacts_block(language, entry_contacts(faq, HELPERS)[:3]),
    ]
    return screen(blocks, _everywhere(language, faq), language)


def _everywhere(language: Language, faq: Faq) -> list[Row]:
    """Emergency, the topics and the languages, for someone who is nowhere yet."""
    topics = pairs(topic_buttons(language, faq))
    return [(emergency_button(language),), *topics, (language_button(language, Address("home")),)]


def help_page(language: Language) -> Screen:
    """How to use Pana."""
    say = language.say
    lines = [
        say("Write your question in your own words, in any of the four languages. Mistakes do not matter."),
        say("Or choose a topic and press a question."),
        say("Under an answer you can copy telephone numbers, see it in another language or share it."),
        say("These commands work at any time:"),
    ]
    commands = "\n".join(f"/{name}: {markup.escape(text)}" for name, text in commands_of(language).items())
    return _page(language, "help", [markup.bold(say("Help")), *map(markup.escape, lines), commands])


def commands_of(language: Language) -> dict[str, str]:
    """The commands that Telegram shows in its menu, with what each does."""
    say = language.say
    return {
        "start": say("Begin"),
        "topics": say("All topics"),
        "emergency": say("Emergency numbers"),
        "reminders": say("My reminders"),
        "language": say("Change the language"),
        "help": say("How to use Pana"),
        "privacy": say("What is stored about you"),
        "about": say("Who we are"),
    }


def about(language: Language, faq: Faq) -> Screen:
    """What Pana is and is not."""
    say = language.say
    lines = [
        say("Pana tells refugees and asylum-seekers in Kazakhstan what their rights are and what to do next."),
        say("It is not UNHCR, not the state and not a lawyer. "
            "It gives general information. It is free and never asks for money."),
        say("The answers are fixed texts, written from laws and official pages, which stand under each answer. "
            "No machine makes them up while you ask."),
        _confirmed(language, faq),
    ]  # fmt: skip
    return _page(language, "about", [markup.bold(say("About Pana")), *map(markup.escape, lines)], _more(language, faq))


def _confirmed(language: Language, faq: Faq) -> str:
    say = language.say
    if any(review.role != "editor" for review in faq.reviews):
        return say("Under each answer it is said whether a lawyer or a native speaker has confirmed it. "
                   "Before an important step, ask a lawyer or UNHCR.")  # fmt: skip
    return say(
        "No lawyer and no native speaker has confirmed the texts yet. Before an important step, ask a lawyer or UNHCR."
    )


def _more(language: Language, faq: Faq) -> list[Row]:
    """The questions about Pana itself."""
    shelf = faq.topic(ABOUT)
    entries = [faq.entries[one] for group in (shelf.groups if shelf else ()) for one in group.entries]
    return [(entry_button(language, entry),) for entry in entries]


def _page(language: Language, page: str, blocks: Sequence[str], rows: Sequence[Row] = ()) -> Screen:
    return screen(blocks, [*rows, (language_button(language, Address(page)),), ways_out(language)], language)


def notice(language: Language, kind: str) -> Screen:
    """A calm sentence for a message that is no text. ``kind`` is a key of the table below."""
    return screen([markup.escape(_notices(language)[kind])], [ways_out(language)], language)


def _notices(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "document": say("Please do not send documents or photos here. Nothing was kept. Write your question in words."),
        "voice": say("I cannot listen to voice messages. Nothing was kept. Please write your question in words."),
        "sticker": say("I understand only words. Please write your question."),
        "location": say("I do not use your location, and it was not kept. Please write your question in words."),
        "contact": say("I do not use telephone numbers of people, and nothing was kept. Please write your question in words."),
        "other": say("I understand only words. Nothing was kept. Please write your question."),
        "failure": say("Something went wrong on our side. Please try again in a minute."),
    }  # fmt: skip


def failure(language: Language, faq: Faq) -> Screen:
    """Something went wrong: a calm sentence, and the numbers."""
    blocks = [
        markup.escape(_notices(language)["failure"]),
        numbers_block(language, entry_contacts(faq, NUMBERS)),
    ]
    return screen(blocks, [ways_out(language)], language)


def crowded(spoken: Sequence[Language], faq: Faq) -> Screen:
    """More came than can be answered: a calm sentence, and the numbers; in several languages where one is not known."""
    blocks = [line for language in spoken for line in (_crowded(language), _in_danger(language, faq)) if line]
    return Screen("\n\n".join(blocks), (ways_out(spoken[0]),), urgent=True)


def _crowded(language: Language) -> str:
    said = language.say(
        "So many messages came at once that we cannot answer each of them. Please wait half a minute, then ask again."
    )
    return markup.directed(markup.escape(said)) if language.rtl else markup.escape(said)


def group_chat(languages: Iterable[Language]) -> Screen:
    """In a group Pana says only where it can be asked: a question there would be read by everybody."""
    lines = [language.say("Here everybody can read along. Ask me in a private chat:") for language in languages]
    return Screen(markup.escape("\n".join(lines)), ((Button(NAMES, share=Address("home")),),))
