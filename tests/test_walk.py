"""Every screen, reached from /start by pressing every button, in each language, over the real wire."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bot import markup
from bot.addresses import Address
from bot.guide import Guide
from bot.languages import Languages
from bot.screens import Button, Screen

from .conftest import Chat

MARKS = "\u200e\u200f\u2066\u2067\u2068\u2069"
ISOLATES, END = "\u2066\u2067\u2068", "\u2069"


class Balance(HTMLParser):
    """Raises where a tag is not one of ours or is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.feed(text)
        self.close()
        assert not self.opened, f"never closed: {self.opened}"

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in ("b", "a"), tag
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


def walk(guide: Guide, letters: str) -> dict[str, Screen]:
    """All screens that buttons lead to from the first contact, by address; one language is chosen on the way.

    Of the days that a clock offers only the first three of each are followed: the others differ in their numbers.
    """
    days: Counter[str] = Counter()
    waiting = [Address("home").spoken(letters, "set"), Address("sos")]
    seen: dict[str, Screen] = {}
    while waiting:
        address = waiting.pop()
        if str(address) in seen:
            continue
        clock = str(replace(address, day="")) + str(len(address.day))
        days[clock] += bool(address.day)
        if days[clock] > 3:
            continue
        screen = guide.open(address, guide.languages[letters])
        seen[str(address)] = screen
        targets = [button.to for row in screen.rows for button in row if button.to]
        # Choosing another language is another walk: each language has its own.
        waiting += [to for to in targets if to.step != "set" or to.language == letters]
    return seen


@pytest.fixture(scope="module")
def walks(storing: Guide) -> dict[str, dict[str, Screen]]:
    return {letters: walk(storing, letters) for letters in ("kk", "ru", "en", "fa")}


LETTERS = pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])


def buttons(screen: Screen) -> list[Button]:
    return [button for row in screen.rows for button in row]


@LETTERS
def test_every_entry_and_page_is_reached(walks: dict[str, dict[str, Screen]], guide: Guide, letters: str) -> None:
    reached = {Address.parse(address).entry_id for address in walks[letters] if Address.parse(address).page == "entry"}
    assert reached == set(guide.faq.entries)
    pages = {Address.parse(address).page for address in walks[letters]}
    assert {"home", "sos", "help", "privacy", "about", "topic", "when", "ics", "remind", "keep", "reminders"} <= pages


@LETTERS
def test_no_dead_end_and_emergency_in_one_tap(walks: dict[str, dict[str, Screen]], letters: str) -> None:
    for address, screen in walks[letters].items():
        there = {button.to.page for button in buttons(screen) if button.to}
        assert "home" in there, address
        assert "sos" in there or Address.parse(address).page == "sos", address


@LETTERS
def test_no_button_leads_to_a_lost_place(walks: dict[str, dict[str, Screen]], spoken: Languages, letters: str) -> None:
    lost = spoken[letters].say("This button or link is too old or was cut off. Here are all topics.")
    for address, screen in walks[letters].items():
        assert lost not in screen.text, address


@LETTERS
def test_limits_of_telegram(walks: dict[str, dict[str, Screen]], letters: str) -> None:
    for address, screen in walks[letters].items():
        assert 0 < markup.length(screen.text) <= 4096, address
        assert screen.text.count("<b>") + screen.text.count("<a ") <= 100, address
        assert len(buttons(screen)) <= 100, address
        for row in screen.rows:
            assert 1 <= len(row) <= 8, address
        for button in buttons(screen):
            assert button.label.strip(), address
            assert not button.to or len(str(button.to).encode()) <= 64, button
            assert len(button.copy) <= 256, button


@LETTERS
def test_the_way_to_another_language_is_never_cut_off(walks: dict[str, dict[str, Screen]], letters: str) -> None:
    for address, screen in walks[letters].items():
        for row in screen.rows:
            assert len(row) == 1 or not any(one.to and one.to.step == "lang" for one in row), address


@LETTERS
def test_at_most_eight_questions_on_a_shelf(walks: dict[str, dict[str, Screen]], letters: str) -> None:
    for address, screen in walks[letters].items():
        if Address.parse(address).page == "topic":
            assert sum(1 for one in buttons(screen) if one.to and one.to.page == "entry") <= 8, address


@LETTERS
def test_markup_is_balanced(walks: dict[str, dict[str, Screen]], letters: str) -> None:
    for screen in walks[letters].values():
        Balance(screen.text)


@LETTERS
def test_marks_of_direction(walks: dict[str, dict[str, Screen]], letters: str) -> None:
    for address, screen in walks[letters].items():
        for text in (screen.text, *(button.label for button in buttons(screen))):
            assert not re.search("[\u202a-\u202e\u2028\u2029]", text), address
            shown = markup.words(text)
            assert not re.search(f"[{MARKS}][{MARKS}]", shown), (address, ascii(shown))
            opened = 0
            for letter in shown:
                opened += (letter in ISOLATES) - (letter == END)
                assert opened in (0, 1), (address, "isolates nest or are not paired")
            assert opened == 0, address


def test_no_line_of_dari_is_laid_out_left_to_right(walks: dict[str, dict[str, Screen]]) -> None:
    """By Telegram's own rule: the first strong letter outside isolates decides, and emoji count as left-to-right."""
    for address, screen in walks["fa"].items():
        place = Address.parse(address)
        if place.also or place.step == "lang" or (place.page == "sos" and not place.language):
            continue
        labels = [button.label for button in buttons(screen) if button.to and not button.copy]
        labels = [label for label in labels if label not in ("Қазақша", "Русский", "English")]
        for line in [*markup.words(screen.text).splitlines(), *labels]:
            bare = re.sub(f"[{ISOLATES}][^{END}]*{END}", "", line)
            strong = [one for one in bare if unicodedata.bidirectional(one) in ("L", "R", "AL")]
            if not any(unicodedata.bidirectional(one) in ("R", "AL") for one in line):
                continue  # wholly in another script, or only numbers
            assert unicodedata.bidirectional(strong[0]) in ("R", "AL"), (address, line)
            assert not unicodedata.category(bare.strip()[0]).startswith("So"), (address, line)


@LETTERS
async def test_the_whole_walk_over_the_wire(chat: Chat, walks: dict[str, dict[str, Screen]], letters: str) -> None:
    """Presses each address on a real message: everything that Telegram would refuse is refused here."""
    person = await chat.newcomer(letters)
    message = person.last.id
    chat.api.callback_lifetime = 600  # all presses lie ready at once
    for number, address in enumerate(walks[letters], 1):
        person.press(message, address, stale=True)
        if number % 15 == 0:  # more at once would be a flood
            await chat.settled()
    await chat.settled()
    refused = [call for call in chat.api.calls if not call.ok and "not modified" not in call.description]
    assert refused == []
    assert len(person.answers) >= len(walks[letters])
