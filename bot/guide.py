"""The Guide: the program itself. Every front end knocks at ``open`` and ``ask`` and shows the Screen it gets back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final, Literal

from bot import screens
from bot.addresses import Address
from bot.faq.model import Entry, Faq
from bot.faq.reviews import freshness, standing
from bot.languages import Language, Languages
from bot.screens import Screen
from bot.search import Health, Index, Reason, courtesy, examine, explain

Band = Literal["answer", "choices", "none"]

# The chance from which an entry is shown at once, and from which it is worth a look: between them three are offered.
# Set on the development half of tests/evaluation (see docs/benchmarks.md).
ANSWER: Final = 0.78
CHOICE: Final = 0.2
CHOICES: Final = 3

ALMATY: Final = timezone(timedelta(hours=5))  # one time in all Kazakhstan since March 2024


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a question found. ``shown`` are entry ids in the order in which a reader sees them, at most three.

    ``urgent`` is the emergency entry that comes first because the words speak of danger now. ``language`` is the
    locale that the question was typed in, where that is clear. ``beyond`` is the subject of faq/beyond.yaml that the
    question is nearer to than to any entry.
    """

    band: Band
    shown: tuple[str, ...]
    urgent: str | None = None
    language: str | None = None
    beyond: str | None = None


class Guide:
    """Answers addresses and questions with screens. Holds content only, nothing of a person; made anew at each reload."""

    def __init__(self, faq: Faq, index: Index, languages: Languages, today: Callable[[], date] | None = None) -> None:
        self.faq = faq
        self.languages = languages
        self._index = index
        self.today = today or (lambda: datetime.now(ALMATY).date())
        self._pages: dict[str, Callable[[Address, Language], Screen | None]] = {
            "home": lambda _address, language: screens.home(language, faq),
            "sos": lambda _address, language: screens.emergency(language, faq),
            "help": lambda _address, language: screens.help_page(language),
            "privacy": lambda _address, language: screens.privacy(language, faq),
            "about": lambda _address, language: screens.about(language, faq),
            "none": lambda _address, language: screens.nothing(language, faq),
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
            target = address if self._exists(address) else Address("home", language=address.language, step="lang")
            return screens.change_language(spoken, self.languages.ordered(spoken), target)
        return self._screen(address, spoken) or self._lost(spoken)

    def _screen(self, address: Address, language: Language) -> Screen | None:
        page = self._pages.get(address.page)
        return page(address, language) if page else None

    def greet(self, address: Address, hint: str | None = None) -> Screen:
        """First contact: the choice of a language, after which ``address`` opens. Its own language comes first."""
        first = [self.languages.get(address.language), self.languages.suggested(hint)]
        target = address.spoken("") if self._exists(address) else Address("home")
        return screens.choose(self.languages.ordered(*first), target, screens.first_numbers(self.faq))

    def _exists(self, address: Address) -> bool:
        """Whether an address leads somewhere: what a stranger typed as a payload is never carried on in buttons."""
        return self._screen(address, next(iter(self.languages))) is not None

    def _unknown_language(self, address: Address, hint: str | None) -> Screen:
        if address.page == "sos":
            return screens.emergency_in_all(self.languages.ordered(self.languages.suggested(hint)), self.faq)
        return self.greet(address, hint)

    def ask(self, text: str, language: Language | None = None, hint: str | None = None) -> Screen:
        """The screen that answers a typed question: an answer, up to three questions, or an honest no.

        The answer comes in the reader's language; where the question was in another, a button offers that one. Without
        a chosen language it comes in that of the question.
        """
        ranking = self.rank(text, language)
        typed = self.languages.get(ranking.language)
        spoken = language or (typed if ranking.shown else None)
        if spoken is None:
            return self.greet(Address("home"), hint)
        if kind := courtesy(text):
            return screens.courtesy(spoken, self.faq, kind)
        entries = [self.faq.entries[one] for one in ranking.shown]
        match ranking.band:
            case "answer":
                return self._answer(entries[0], spoken, spoken, 1, screens.Doubt(entries[1:], typed))
            case "choices":
                return screens.results(spoken, self.faq, entries)
            case _:
                return screens.nothing(spoken, self.faq)

    def rank(self, text: str, language: Language | None = None) -> Ranking:
        """What a question finds, and how sure that is. Danger comes first, whatever else is found."""
        found = self._index.find(text, language.code if language else None)
        typed = self._index.language(text) or (found[0].language if found else None)
        if urgent := self._index.danger(text):
            others = tuple(match.entry for match in found if match.entry != urgent)
            return Ranking("answer", (urgent, *others[: CHOICES - 1]), urgent, typed)
        shown = tuple(match.entry for match in found[:CHOICES])
        if not found or found[0].confidence < CHOICE:
            return Ranking("none", (), None, typed, self._index.beyond(text))
        return Ranking("answer" if found[0].confidence >= ANSWER else "choices", shown, None, typed)

    def explain(self, text: str, language: Language | None = None) -> list[Reason]:
        """For editors: the best entries for a question, each with its reason."""
        return explain(self.faq, self._index, text, language.code if language else None)

    def examine(self) -> Health:
        """For editors: what stands in the way of finding the right entry."""
        return examine(self.faq, self._index)

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

    def _answer(
        self, entry: Entry, words: Language, buttons: Language, part: int = 1, doubt: screens.Doubt | None = None
    ) -> Screen:
        others = [one for one in self.languages if one.code in entry.texts]
        fresh, trust = freshness(entry, self.today()), standing(self.faq, entry, entry.text(words.code)[1])
        return screens.entry(screens.Answer(self.faq, entry, words, buttons, others, fresh, trust, part), doubt)
