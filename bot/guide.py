"""The Guide: the program itself. Every front end knocks at ``open`` and ``ask`` and shows the Screen it gets back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final, Literal

from bot import screens
from bot.addresses import Address
from bot.faq.model import Entry, Faq
from bot.faq.reviews import freshness
from bot.languages import Language, Languages
from bot.screens import Screen
from bot.search import Index, Match

Band = Literal["answer", "choices", "none"]

# Confidence from which an entry is shown at once, its lead over the next, and from which it is worth a look.
# Set on tests/questions/ (see docs/benchmarks.md); between them several entries are offered.
ANSWER: Final = 0.50
LEAD: Final = 0.08
CHOICE: Final = 0.26
CHOICES: Final = 5

ALMATY: Final = timezone(timedelta(hours=5))  # one time in all Kazakhstan since March 2024


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a question found. ``shown`` are the entries in the order in which a reader sees them."""

    band: Band
    shown: tuple[Match, ...]

    @property
    def urgent(self) -> str | None:
        """The emergency entry that comes first, if one does."""
        first = self.shown[0].entry if self.shown else ""
        return first if self.band == "answer" and first.startswith(f"{screens.EMERGENCY}/") else None


class Guide:
    """Answers addresses and questions with screens. Holds content only, nothing of a person; made anew at each reload."""

    def __init__(self, faq: Faq, index: Index, languages: Languages, today: Callable[[], date] | None = None) -> None:
        self.faq = faq
        self.languages = languages
        self._index = index
        self._today = today or (lambda: datetime.now(ALMATY).date())
        self._pages: dict[str, Callable[[Address, Language], Screen | None]] = {
            "home": lambda _address, language: screens.home(language, faq),
            "sos": lambda _address, language: screens.emergency(language, faq),
            "help": lambda _address, language: screens.help_page(language),
            "privacy": lambda _address, language: screens.privacy(language, faq),
            "about": lambda _address, language: screens.about(language, faq),
            "topic": self._topic,
            "entry": self._entry,
        }

    def open(self, address: Address, language: Language | None = None, hint: str | None = None) -> Screen:
        """The screen of an address, in the address's language, else in ``language``, else the choice of one.

        ``hint`` is the language tag of a phone: it orders the choice and decides nothing. An unknown place is home
        with a sentence that says so.
        """
        spoken = self.languages.get(address.language) or language
        if spoken is None:
            return self._unknown_language(address, hint)
        if address.step == "lang":
            return screens.change_language(spoken, self.languages.ordered(spoken), address)
        page = self._pages.get(address.page)
        return (page and page(address, spoken)) or self._lost(spoken)

    def greet(self, address: Address, hint: str | None = None) -> Screen:
        """First contact: the choice of a language, after which ``address`` opens. Its own language comes first."""
        first = [self.languages.get(address.language), self.languages.suggested(hint)]
        target = address.spoken("") if address.page != "lost" else Address("home")
        numbers = screens.entry_contacts(self.faq, screens.NUMBERS)
        named = " · ".join(contact.phones[0] for contact in numbers[:3] if contact.phones)
        return screens.choose(self.languages.ordered(*first), target, named)

    def _unknown_language(self, address: Address, hint: str | None) -> Screen:
        if address.page == "sos":
            return screens.emergency_in_all(self.languages.ordered(self.languages.suggested(hint)), self.faq)
        return self.greet(address, hint)

    def ask(self, text: str, language: Language | None = None, hint: str | None = None) -> Screen:
        """The screen that answers a typed question: an answer, up to five questions, or an honest no.

        Without a chosen language a confident answer comes in the language in which the question was understood.
        """
        ranking = self.rank(text, language)
        spoken = language or self._understood(ranking)
        if spoken is None:
            return self.greet(Address("home"), hint)
        entries = [self.faq.entries[match.entry] for match in ranking.shown]
        match ranking.band:
            case "answer":
                return self._answer(entries[0], spoken, spoken)
            case "choices":
                return screens.results(spoken, entries)
            case _:
                return screens.nothing(spoken, self.faq)

    def _understood(self, ranking: Ranking) -> Language | None:
        return self.languages.get(ranking.shown[0].language) if ranking.shown else None

    def rank(self, text: str, language: Language | None = None) -> Ranking:
        """What a question finds, and how sure that is."""
        found = self._index.find(text, language.code if language else None)
        worth = tuple(match for match in found[:CHOICES] if match.confidence >= CHOICE)
        if not worth:
            return Ranking("none", ())
        lead = worth[0].confidence - (worth[1].confidence if len(worth) > 1 else 0)
        sure = worth[0].confidence >= ANSWER and lead >= LEAD
        return Ranking("answer" if sure else "choices", worth)

    def notice(self, kind: str, language: Language) -> Screen:
        """The sentence for a message that is no text: document, voice, sticker, location, contact or other."""
        return screens.notice(language, kind)

    def failure(self, language: Language) -> Screen:
        """What a reader sees when something went wrong on our side."""
        return screens.failure(language, self.faq)

    def in_group(self) -> Screen:
        """What is said in a group."""
        return screens.group_chat(self.languages)

    def _lost(self, language: Language) -> Screen:
        said = language.say("This button or link is too old or was cut off. Here are all topics.")
        return screens.home(language, self.faq, said)

    def _topic(self, address: Address, language: Language) -> Screen | None:
        shelf = self.faq.topic(address.topic)
        if shelf is None or not address.name:
            return screens.topic(language, self.faq, shelf) if shelf else None
        group = next((one for one in shelf.groups if one.id == address.name), None)
        return screens.group(language, self.faq, shelf, group) if group else None

    def _entry(self, address: Address, language: Language) -> Screen | None:
        entry = self.faq.entries.get(address.entry_id)
        words = self.languages.get(address.also) or language
        return self._answer(entry, words, language, address.part) if entry else None

    def _answer(self, entry: Entry, words: Language, buttons: Language, part: int = 1) -> Screen:
        others = [one for one in self.languages if one.code in entry.texts]
        fresh = freshness(entry, self._today())
        return screens.entry(screens.Answer(self.faq, entry, words, buttons, others, fresh, part))
