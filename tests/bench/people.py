"""What people do in the benchmarks: whole plans, the same for every bot."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import count

from bot.faq.model import Faq

from .telegram import Act, Plan

FIRST = 3_000_000
LETTERS = {"kk": "kk", "ru": "ru", "en": "en", "fa_AF": "fa"}
LANGUAGES = tuple(LETTERS)


@dataclass(frozen=True)
class People:
    """Draws from the content's own phrasings and places; the same seed draws the same."""

    phrases: dict[str, tuple[str, ...]]
    places: tuple[str, ...]

    @classmethod
    def of(cls, content: Faq) -> People:
        entries = content.entries.values()
        phrases = {code: tuple(p for one in entries for p in one.texts[code].asked) for code in LANGUAGES}
        return cls(phrases, tuple(entry.replace("/", "_") for entry in content.entries))

    def does(self, kind: str, at: float, chat: int, chance: random.Random) -> Act:
        """One act of a person whose language follows from the number of the chat."""
        code = LANGUAGES[chat % len(LANGUAGES)]
        if kind == "text":
            return Act(at, chat, "text", chance.choice(self.phrases[code]), LETTERS[code])
        return Act(at, chat, "press", f"{LETTERS[code]}_{chance.choice(self.places)}", LETTERS[code])

    def arriving(self, chats: int, first: int = FIRST) -> Plan:
        """Each chooses a language."""
        acts = (
            Act(0, chat, "press", f"{LETTERS[LANGUAGES[chat % 4]]}_set_home") for chat in range(first, first + chats)
        )
        return Plan(tuple(acts), patience=30 + chats / 50)

    def waiting(self, kind: str, number: int, chats: int, first: int = FIRST, seed: int = 7) -> Plan:
        """So many updates that all lie ready at once, a few of each chat."""
        chance = random.Random(seed)
        acts = tuple(self.does(kind, 0, first + at % chats, chance) for at in range(number))
        return Plan(acts, patience=30 + number / 50)

    def steady(self, kind: str, rate: int, seconds: int, chats: int, delay: float) -> Plan:
        """So many updates a second, evenly."""
        chance = random.Random(11)
        acts = tuple(self.does(kind, at / rate, FIRST + at % chats, chance) for at in range(rate * seconds))
        return Plan(acts, delay, patience=3)

    def crowd(self, chats: int, seconds: int) -> Plan:
        """Everybody once, evenly: every tenth calls for help, the others press buttons and ask."""
        chance, first = random.Random(13), FIRST + 1_000_000
        acts = []
        for number, chat in enumerate(range(first, first + chats)):
            at = number * seconds / chats
            kind = "press" if number % 10 < 6 else "text"
            acts.append(Act(at, chat, "text", "/emergency", LETTERS[LANGUAGES[chat % 4]]) if number % 10 == 9
                        else self.does(kind, at, chat, chance))  # fmt: skip
        return Plan(tuple(acts), 0.06, patience=60)

    def flood(self, number: int, seconds: int, others: int) -> tuple[Plan, int]:
        """One who sends without end, and others who ask once a second. Also: whose flood it is."""
        chance, flooding = random.Random(17), FIRST + others
        acts = [self.does("text", at * seconds / number, flooding, chance) for at in range(number)]
        for at, other in zip(count(), [FIRST + n for _ in range(seconds) for n in range(others)], strict=False):
            acts.append(self.does("text", at / others, other, chance))
        return Plan(tuple(sorted(acts, key=lambda act: act.at)), 0.06, patience=5), flooding
