"""The Guide: the program itself. Every front end knocks at ``open`` and ``ask`` and shows the Screen it gets back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Literal

from bot import screens
from bot.addresses import PRIVACY, REMINDERS, Address
from bot.deadlines import ALMATY, Ambiguous, Deadline, Unreadable, When, count, plausible, read, remind_days
from bot.faq.model import Entry, Faq, Rule, kind_of
from bot.faq.reviews import Freshness, freshness, standing
from bot.languages import Language, Languages
from bot.screens import Screen
from bot.search import Health, Index, Reason, courtesy, examine, explain

Band = Literal["answer", "choices", "none"]

# The chance from which an entry is shown at once, and from which it is worth a look: between them three are offered.
# Set on the development half of tests/evaluation (see docs/benchmarks.md).
ANSWER: Final = 0.85
CHOICE: Final = 0.2
CHOICES: Final = 3
KEPT: Final = 320  # answers that are kept as they were shown, some kilobytes each; all of a small FAQ

Framed = tuple[screens.Answer, screens.Frame]


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

    def __init__(
        self,
        faq: Faq,
        index: Index,
        languages: Languages,
        today: Callable[[], date] | None = None,
        keeping: screens.Keeping = screens.NOTHING_STORED,
    ) -> None:
        self.faq = faq
        self.languages = languages
        self.keeping = keeping
        self._index = index
        self._matters = {
            kind_of(entry.id, rule.id): (entry, rule) for entry in faq.entries.values() for rule in entry.rules
        }
        self._framed: Callable[[str, str, str, int, Freshness], Framed] = lru_cache(KEPT)(self._frame)
        self.today = today or (lambda: datetime.now(ALMATY).date())
        self._pages: dict[str, Callable[[Address, Language], Screen | None]] = {
            "home": lambda _address, language: screens.home(language, faq),
            "sos": lambda _address, language: screens.emergency(language, faq),
            "help": lambda _address, language: screens.help_page(language),
            # What a person's own data or chat is needed for is the front end's; here stands the page that leads to it.
            **dict.fromkeys(PRIVACY, lambda _address, language: screens.privacy(language, keeping)),
            **dict.fromkeys(("forget", "forget-now"), lambda _address, language: screens.forget(language)),
            "stored": lambda _address, language: screens.stored(language, keeping),
            "about": lambda _address, language: screens.about(language, faq),
            "none": lambda _address, language: screens.nothing(language, faq),
            "topic": self._topic,
            "entry": self._entry,
            "when": self._when,
            "ics": self._calendar,
            "day": self._day,
            # What is stored for a person is the front end's; here stand the pages that need none of it.
            **dict.fromkeys(("remind", "keep"), self._remind),
            **dict.fromkeys(REMINDERS, lambda _address, language: self._reminders(language)),
            "due": self._due,
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
        target = address.without_day().spoken("") if self._exists(address) else Address("home")
        return screens.choose(self.languages.ordered(*first), target, screens.first_numbers(self.faq))

    def _exists(self, address: Address) -> bool:
        """Whether an address leads somewhere: what a stranger typed as a payload is never carried on in buttons."""
        return self._screen(address, next(iter(self.languages))) is not None

    def _unknown_language(self, address: Address, hint: str | None) -> Screen:
        if address.page == "sos":
            return screens.emergency_in_all(self.languages.ordered(self.languages.suggested(hint)), self.faq)
        return self.greet(address, hint)

    def ask(
        self, text: str, language: Language | None = None, hint: str | None = None, place: Address | None = None
    ) -> Screen:
        """The screen that answers a typed question: an answer, up to three questions, or an honest no.

        The answer comes in the reader's language; where the question was in another, a button offers that one. Without
        a chosen language it comes in that of the question. ``place`` is what the screen before ``asks`` for: a
        text that is a date answers it.
        """
        if language and (answered := self._dated(text, language, place)):
            return answered
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
                answer = self._answer(entries[0], spoken, spoken, 1, screens.Doubt(entries[1:], typed))
                return replace(answer, urgent=ranking.urgent is not None)
            case "choices":
                return screens.results(spoken, self.faq, entries)
            case _:
                return screens.nothing(spoken, self.faq)

    def rank(self, text: str, language: Language | None = None) -> Ranking:
        """What a question finds, and how sure that is. Danger comes first, whatever else is found."""
        heard = self._index.hear(text, language.code if language else None)
        found = heard.matches
        typed = heard.language or (found[0].language if found else None)
        if urgent := heard.danger:
            others = tuple(match.entry for match in found if match.entry != urgent)
            return Ranking("answer", (urgent, *others[: CHOICES - 1]), urgent, typed)
        shown = tuple(match.entry for match in found[:CHOICES])
        if not found or found[0].confidence < CHOICE:
            return Ranking("none", (), None, typed, heard.subject)
        return Ranking("answer" if found[0].confidence >= ANSWER else "choices", shown, None, typed)

    def is_urgent(self, text: str) -> bool:
        """Whether words speak of danger now."""
        return self._index.danger(text) is not None

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

    def crowded(self, language: Language | None) -> Screen:
        """What a reader sees who sent more than can be answered."""
        return screens.crowded([language] if language else list(self.languages), self.faq)

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
        fresh = freshness(entry, self.today())
        answer, frame = self._framed(entry.id, words.code, buttons.code, part, fresh)
        return screens.entry(answer, frame, doubt)

    def _frame(self, entry_id: str, words: str, buttons: str, part: int, fresh: Freshness) -> Framed:
        """An answer and its frame. Nothing but content tells them, so they are kept."""
        entry, spoken = self.faq.entries[entry_id], self.languages[words]
        others = [one for one in self.languages if one.code in entry.texts]
        trust = standing(self.faq, entry, entry.text(words)[1])
        answer = screens.Answer(self.faq, entry, spoken, self.languages[buttons], others, fresh, trust, part)
        return answer, screens.frame(answer)

    def _asked(self, address: Address | None) -> screens.Asked | None:
        """The rule that an address names; None where there is none, or its entry is too old to be relied on."""
        entry = self.faq.entries.get(address.entry_id) if address else None
        if entry is None or address is None or freshness(entry, self.today()) == "withheld":
            return None
        only = entry.rules[0] if len(entry.rules) == 1 and not address.deadline else None
        rule = only or entry.rule(address.deadline)
        overdue = freshness(entry, self.today()) == "overdue"
        reminds = self.keeping.reminds
        return screens.Asked(self.faq, entry, rule, self.today(), overdue, reminds) if rule else None

    def _when(self, address: Address, language: Language) -> Screen | None:
        """The clock of an entry: which rule, which day, or the last day counted from it."""
        entry = self.faq.entries.get(address.entry_id)
        if entry is None or not entry.rules:
            return None
        if freshness(entry, self.today()) == "withheld":
            return self._answer(entry, language, language)
        asked = self._asked(address)
        if asked is None:
            return None if address.deadline else screens.which(language, entry, self.keeping.reminds)
        if len(address.day) == 6:
            return self._month(asked, address.day, language)
        if not address.day:
            return screens.question(language, asked)
        return self._counted(asked, address.day, language)

    def _month(self, asked: screens.Asked, named: str, language: Language) -> Screen | None:
        shown = _day_of(f"{named}01")
        first, last = screens.months_shown(asked)
        return screens.month(language, asked, min(max(shown, first), last)) if shown else None

    def _counted(self, asked: screens.Asked, named: str, language: Language) -> Screen | None:
        day = _day_of(named)
        if day is None:
            return screens.question(language, asked, "unreadable")
        if fault := plausible(asked.rule, day, asked.today):
            return screens.question(language, asked, fault)
        return screens.last_day(language, asked, self._deadline(asked, day))

    def _deadline(self, asked: screens.Asked, day: date) -> Deadline:
        return count(asked.entry.id, asked.rule, day, asked.today, self.faq.holidays)

    def _calendar(self, address: Address, language: Language) -> Screen | None:
        """The last day as a calendar file; where it is over, the page that says so."""
        asked, day = self._asked(address), _day_of(address.day)
        if asked is None or day is None or plausible(asked.rule, day, asked.today):
            return self._when(replace(address, page="when"), language)
        deadline = self._deadline(asked, day)
        return (
            screens.calendar(language, asked, deadline)
            if deadline.is_ahead
            else self._counted(asked, address.day, language)
        )

    def wish(self, address: Address) -> screens.Wish | None:
        """The last day that an address names, if there is a day left on which to remind of it."""
        asked, day = self._asked(address), _day_of(address.day)
        if asked is None or day is None or plausible(asked.rule, day, asked.today):
            return None
        deadline = self._deadline(asked, day)
        return screens.Wish(asked, deadline) if deadline.remind else None

    def _remind(self, address: Address, language: Language) -> Screen | None:
        """Asks whether a reminder may be stored; where none is possible, the page of the last day, or says why."""
        wish = self.wish(address)
        if wish is None:
            return self._when(replace(address, page="when"), language)
        return (
            screens.remind(language, wish, self.keeping.stale_days)
            if self.keeping.reminds
            else screens.reminder_unkept(language, wish, "none")
        )

    def _reminders(self, language: Language) -> Screen:
        return screens.reminders(language, []) if self.keeping.reminds else screens.reminders_away(language, why="none")

    def matter(self, kind: str) -> tuple[Entry, Rule] | None:
        """What reminders of a kind are about; None where the content does not know that any more."""
        return self._matters.get(kind)

    def came(self, kind: str, last: date) -> screens.Came:
        """A reminder on its day, and when the next one about the same last day comes."""
        matter, today = self.matter(kind), self.today()
        following = next(iter(remind_days(matter[1], last, today)), None) if matter else None
        return screens.Came(kind, last, today, following, matter)

    def remind(self, came: screens.Came, language: Language | None) -> Screen:
        """What comes on the day; in all languages where that of the reader is not known."""
        return screens.reminder(language, came) if language else screens.reminder_in_all(self.languages, came)

    def _due(self, address: Address, language: Language) -> Screen | None:
        last = _day_of(address.day)
        return screens.reminder(language, self.came(address.name, last)) if last else None

    def _day(self, address: Address, language: Language) -> Screen | None:
        """What can be counted from a day."""
        day = _day_of(address.day)
        fitting = self._fitting(day) if day else []
        return screens.what_happened(language, day, fitting, address.part) if day and fitting else None

    def _fitting(self, day: date) -> list[tuple[Entry, Rule]]:
        today = self.today()
        return [
            (entry, rule)
            for entry in self.faq.ordered
            for rule in entry.rules
            if not plausible(rule, day, today) and freshness(entry, today) != "withheld"
        ]

    def _dated(self, text: str, language: Language, place: Address | None) -> Screen | None:
        """The screen for a text that is nothing but a date; None for any other."""
        asked = self._asked(place)
        ahead = asked is not None and asked.rule.direction == "before"
        match read(text, language.letters, self.today(), ahead, waiting=asked is not None):
            case When(day):
                return self._counted(asked, f"{day:%Y%m%d}", language) if asked else self._day(_address(day), language)
            case Ambiguous(days) if asked or any(map(self._fitting, days)):
                return screens.which_day(language, asked, days)
            case Unreadable() if asked:
                return screens.question(language, asked, "unreadable")
        return None


def _address(day: date) -> Address:
    return Address("day", day=f"{day:%Y%m%d}")


def _day_of(named: str) -> date | None:
    """The day of an address; None where the calendar has none such."""
    try:
        return datetime.strptime(named, "%Y%m%d").date()
    except ValueError:
        return None
