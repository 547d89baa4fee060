"""The pages about privacy: see what is held, delete it, clean the chat, be quiet; and what people try against them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date

import pytest

from bot import screens, settings
from bot.chat import quiet as quiet_mode
from bot.chat.crowd import CALM
from bot.chat.trail import Trail
from bot.guide import Guide
from bot.languages import Language, Languages
from bot.screens import Keeping, Kept, Known, Screen
from bot.settings import Settings
from bot.store import Held, Nowhere, Reminder, StoreAway
from bot.web.botapi import ChatMessage, LocalBotApi, Person

from . import test_walk
from .conftest import Chat, eventually, running

LETTERS = pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])
STORED = Keeping(
    (Kept("code", 13), Kept("reminders", 30), Kept("owed"), *screens.IN_MEMORY), "https://example.org/privacy"
)
QUESTION = {
    "kk": "Пана сұрап неше күнде өтініш беру керек?",
    "ru": "За сколько дней надо попросить убежище?",
    "en": "How soon must I apply for asylum?",
    "fa": "در ظرف چند روز باید درخواست پناهندگی بدهم؟",
}
DANGER = {"kk": "полиция мені ұстап кетті", "ru": "меня задержала полиция", "en": "police arrested me now",
          "fa": "پولیس مرا گرفت"}  # fmt: skip
# What whoever takes up the phone must not read there.
TELLING = (
    "refug",
    "asyl",
    "right",
    "law",
    "бежен",
    "убежищ",
    "прав",
    "босқын",
    "баспана",
    "құқы",
    "پناهنده",
    "پناهجو",
    "حقوق",
)


@dataclass
class Remembered(Nowhere):
    """A store in memory, as the seam describes it. ``away``: it cannot be reached."""

    people: dict[int, Held] = field(default_factory=dict)
    away: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    async def held(self, person: int) -> Held:
        self._reach()
        return self.people.get(person, Held())

    async def forget(self, person: int) -> None:
        self._reach()
        self.people.pop(person, None)

    def _reach(self) -> None:
        if self.away:
            raise StoreAway


class Clock:
    """Seconds that go on only when a test says so."""

    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Remembered:
    return Remembered()


@pytest.fixture
async def chat(local_settings: Settings, guide: Guide, store: Remembered, clock: Clock) -> AsyncIterator[Chat]:
    async with running(local_settings, guide=guide, store=store, now=clock) as chat:
        yield chat


def datas(message: ChatMessage) -> list[str]:
    return [button["callback_data"] for button in message.buttons if "callback_data" in button]


def standing(person: Person, from_bot: bool | None = None) -> list[ChatMessage]:
    return [one for one in person.messages if not one.deleted and from_bot in (None, one.from_bot)]


async def tapped(chat: Chat, person: Person, *buttons: str, within: float = 5.0) -> ChatMessage:
    """Press buttons of the newest message; one that does not stand there is taken from an older screen."""
    for button in buttons:
        person.press(person.last.id, button, stale=button not in datas(person.last))
        await chat.settled(within)
    return person.last


# --- three layers ---------------------------------------------------------------------------------


@LETTERS
async def test_the_first_layer_says_who_sees_the_chat(chat: Chat, spoken: Languages, letters: str) -> None:
    person = await chat.newcomer(letters)
    person.write("/privacy")
    message = await person.reply()
    assert (
        spoken[letters].say("Telegram itself sees this chat and keeps it. So does anyone who holds your phone.")
        in message.text
    )
    pages = ["held", "forget", "clean", "quiet-on", "stored", "lang_privacy", "home", "sos"]
    assert datas(message) == [f"{letters}_{page}" for page in pages]
    assert len(message.text) < 400, "one short message"


@LETTERS
def test_what_is_stored_follows_the_settings(spoken: Languages, letters: str) -> None:
    language = spoken[letters]
    with_store, without = screens.stored(language, STORED), screens.stored(language, screens.NOTHING_STORED)
    said = (
        "Reminders that you asked for: the day of the next one and, locked, the number of this chat, the last day and its kind. "
        "All of it is deleted when the last one is sent, or {number} %s after the last day if that was not possible."
    )
    reminders = language.say_count(said.replace("%s", "day"), said.replace("%s", "days"), 30)
    assert reminders in with_store.text
    assert reminders not in without.text
    owed = language.say(
        "If everything is to be deleted and that cannot be done at once: a code instead of your name, until it is done."
    )
    assert owed in with_store.text
    assert owed not in without.text
    assert language.number(13) in with_store.text
    assert language.number(13) not in without.text
    assert language.number(48) in without.text
    assert language.number(7) in screens.stored(language, Keeping((Kept("code", 7),))).text
    assert screens.privacy(language, STORED).text != screens.privacy(language, screens.NOTHING_STORED).text


def test_the_full_text_has_a_button_only_where_it_has_an_address(spoken: Languages) -> None:
    def urls(screen: Screen) -> list[str]:
        return [button.url for row in screen.rows for button in row if button.url]

    assert urls(screens.privacy(spoken["en"], screens.NOTHING_STORED)) == []
    assert urls(screens.privacy(spoken["en"], STORED)) == ["https://example.org/privacy"]


async def test_the_address_of_the_full_text_is_a_setting(local_settings: Settings) -> None:
    assert settings.load({"PRIVACY_URL": "https://example.org/p"}, None).privacy_url == "https://example.org/p"
    with pytest.raises(settings.SettingsError, match="PRIVACY_URL is no public address"):
        settings.load({"PRIVACY_URL": "http://example.org/p"}, None)
    given = local_settings.model_copy(update={"privacy_url": "https://example.org/p"})
    async with running(given) as chat:
        person = await chat.newcomer("en")
        person.write("/privacy")
        assert "https://example.org/p" in [one.get("url") for one in (await person.reply()).buttons]


def every_screen(language: Language) -> dict[str, Screen]:
    day = date(2026, 12, 1)
    known = Known(language, "2026-11", ((day, day),), 3, quiet=True)
    return {
        "off": screens.privacy(language, STORED),
        "on": screens.privacy(language, STORED, quiet=True),
        "stored": screens.stored(language, STORED),
        "in-memory": screens.stored(language, screens.NOTHING_STORED),
        "held": screens.held(language, known, deleting=True),
        "nothing": screens.held(language, Known()),
        "away": screens.held(language, None),
        "forget": screens.forget(language),
        "done": screens.forgotten(language, True),
        "owed": screens.forgotten(language, False),
        "clean": screens.cleaned(language, True),
        "partly": screens.cleaned(language, False),
        "quiet-on": screens.quiet_on(language),
        "not-now": screens.quiet_on(language, possible=False),
        "quiet-off": screens.quiet_off(language),
        "resting": screens.resting(language),
    }


@LETTERS
def test_the_pages_are_laid_out_well(spoken: Languages, letters: str) -> None:
    shown = {letters: every_screen(spoken[letters])}
    test_walk.test_limits_of_telegram(shown, letters)
    test_walk.test_markup_is_balanced(shown, letters)
    test_walk.test_marks_of_direction(shown, letters)
    test_walk.test_no_dead_end_and_emergency_in_one_tap(shown, letters)
    if letters == "fa":
        test_walk.test_no_line_of_dari_is_laid_out_left_to_right(shown)


@LETTERS
def test_labels_are_short_enough_for_a_small_phone(spoken: Languages, letters: str) -> None:
    for name, screen in every_screen(spoken[letters]).items():
        for row in screen.rows:
            for button in row:
                assert len(button.label) <= 34 // len(row), (name, button.label)


@LETTERS
def test_the_line_that_rests_tells_nothing(spoken: Languages, letters: str) -> None:
    screen = screens.resting(spoken[letters])
    seen = " ".join([screen.text, *(button.label for row in screen.rows for button in row)]).lower()
    assert "\n" not in screen.text
    assert not [word for word in TELLING if word in seen]


# --- what do you hold about me? ---------------------------------------------------------------------


@LETTERS
async def test_what_is_held_is_shown(chat: Chat, store: Remembered, spoken: Languages, letters: str) -> None:
    language, person = spoken[letters], await chat.newcomer(letters)
    day, last = date(2026, 12, 1), date(2026, 12, 31)
    store.people[person.chat_id] = Held(letters, "2026-11", (Reminder("r1", "k3", day, last),))
    message = await tapped(chat, person, f"{letters}_privacy", f"{letters}_held")
    for line in (language.name, language.period("2026-11"), language.date(day), language.date(last)):
        assert line in message.text
    assert "k3" not in message.text


async def test_what_another_person_has_is_not_shown(chat: Chat, store: Remembered, spoken: Languages) -> None:
    other, person = await chat.newcomer("ru"), await chat.newcomer("en")
    store.people[other.chat_id] = Held("ru", "2026-11", (Reminder("r1", "k3", date(2026, 12, 1), date(2026, 12, 31)),))
    message = await tapped(chat, person, "en_privacy", "en_held")
    assert "English" in message.text
    assert "December" not in message.text


async def test_the_store_away_is_said_and_everything_else_works(chat: Chat, store: Remembered) -> None:
    person = await chat.newcomer("en")
    store.away = True
    message = await tapped(chat, person, "en_privacy", "en_held")
    assert "This does not work now. Please try again later." in message.text
    person.write(QUESTION["en"])
    assert "5 calendar days" in (await person.reply()).text
    assert "Emergency" in (await tapped(chat, person, "en_sos")).text


async def test_a_store_that_hangs_is_away(chat: Chat, store: Remembered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.privacy.PATIENCE_SECONDS", 0.05)
    person = await chat.newcomer("en")
    hangs = asyncio.Event()

    async def held(_person: int) -> Held:
        await hangs.wait()
        return Held()

    monkeypatch.setattr(store, "held", held)
    message = await tapped(chat, person, "en_privacy", "en_held")
    assert "This does not work now." in message.text


# --- delete everything ------------------------------------------------------------------------------


@LETTERS
async def test_delete_everything_asks_once_and_leaves_nothing(
    chat: Chat, store: Remembered, spoken: Languages, letters: str
) -> None:
    language, person = spoken[letters], await chat.newcomer(letters)
    store.people[person.chat_id] = Held(letters, "2026-11")
    message = await tapped(chat, person, f"{letters}_privacy", f"{letters}_quiet-on", f"{letters}_privacy")
    message = await tapped(chat, person, f"{letters}_forget")
    assert language.say("Delete everything now?") in message.text
    assert person.chat_id in store.people, "asked first"
    message = await tapped(chat, person, f"{letters}_forget-now")
    assert language.say("Everything that Pana held about you is deleted. Quiet mode is off.") in message.text
    assert (
        language.say("The chat itself remains at Telegram and on your phone. Pana cannot delete Telegram's own copy.")
        in message.text
    )
    assert nothing_left(chat, store, person)
    message = await tapped(chat, person, f"{letters}_privacy", f"{letters}_held")
    assert language.say("Nothing.") in message.text, "asking gives us nothing to hold"


def nothing_left(chat: Chat, store: Remembered, person: Person) -> bool:
    privacy = chat.pana.privacy
    return (
        person.chat_id not in store.people
        and chat.pana.chosen[person.chat_id] is None
        and not privacy.trail.within_reach(person.chat_id)
        and person.chat_id not in privacy.quiet
        and not chat.pana.chosen.is_forgetting(person.chat_id)
    )


async def test_with_the_store_away_it_is_never_said_to_be_deleted(chat: Chat, store: Remembered) -> None:
    person = await chat.newcomer("en")
    store.people[person.chat_id] = Held("en", "2026-11")
    store.away = True
    message = await tapped(chat, person, "en_privacy", "en_forget", "en_forget-now")
    assert "Not everything could be deleted now. Pana tries again until it is done." in message.text
    assert "a code instead of your name, only for this" in message.text
    assert "is deleted" not in message.text
    assert chat.pana.chosen.is_forgetting(person.chat_id)
    message = await tapped(chat, person, "en_forget-now")
    assert "Not everything could be deleted now." in message.text
    store.away = False
    await eventually(lambda: nothing_left(chat, store, person), 10)  # by itself, without a press
    message = await tapped(chat, person, "en_forget-now")
    assert "Everything that Pana held about you is deleted." in message.text


async def test_a_deletion_that_is_owed_is_said_where_one_looks(chat: Chat, store: Remembered) -> None:
    person = await chat.newcomer("en")
    store.away = True
    await tapped(chat, person, "en_privacy", "en_forget", "en_forget-now")
    message = await tapped(chat, person, "en_home", "en_privacy", "en_held")
    assert "That is not finished yet" in message.text


async def test_blocking_deletes_in_the_store_too(chat: Chat, store: Remembered) -> None:
    person = await chat.newcomer("en")
    store.people[person.chat_id] = Held("en", "2026-11")
    store.away = True
    person.block()
    await chat.settled()
    assert person.chat_id in store.people
    store.away = False
    await eventually(lambda: nothing_left(chat, store, person), 10)


@pytest.mark.parametrize("page", ["forget-now", "clean", "quiet-on", "quiet-off"])
async def test_a_link_or_a_command_changes_nothing(chat: Chat, store: Remembered, page: str) -> None:
    person = await chat.newcomer("en")
    store.people[person.chat_id] = Held("en", "2026-11")
    for payload in (page, f"en_{page}", f"en_set_{page}"):
        person.start(payload)
        assert datas(await person.reply())
        person.write(f"/{page}")
        await person.reply()
    assert person.chat_id in store.people
    assert chat.pana.chosen[person.chat_id] == "en"
    assert person.chat_id not in chat.pana.privacy.quiet
    assert not chat.api.called("deleteMessages")


async def test_a_choice_of_language_does_not_delete(chat: Chat, store: Remembered) -> None:
    person = await chat.newcomer("en")
    store.people[person.chat_id] = Held("en", "2026-11")
    person.press(person.last.id, "en_set_forget-now", stale=True)
    await chat.settled()
    assert person.chat_id in store.people


@pytest.mark.parametrize("page", ["forget-now", "clean", "quiet-on", "held"])
async def test_a_press_by_somebody_else_does_nothing(chat: Chat, store: Remembered, page: str) -> None:
    """A callback whose sender is not the person of the chat: Telegram does not send that, and we do not believe it."""
    person, stranger = await chat.newcomer("en"), await chat.newcomer("ru")
    store.people[person.chat_id] = Held("en", "2026-11")
    before = person.last.text
    query = chat.api.board.ask(person.chat, stranger.user, person.last, f"en_{page}")
    await chat.settled()
    assert [one for one in person.answers if one.query_id == query], "answered"
    assert person.chat_id in store.people
    assert person.last.text == before
    assert not chat.api.called("deleteMessages")
    assert person.chat_id not in chat.pana.privacy.quiet


async def test_presses_in_a_group_do_nothing(chat: Chat) -> None:
    member = chat.person(kind="group")
    member.write("/start@pana_try_bot")
    message = await member.reply()
    for page in ("forget-now", "clean", "quiet-on"):
        member.press(message.id, f"en_{page}", stale=True)
    await chat.settled()
    assert not chat.api.called("deleteMessages")
    assert len(chat.pana.privacy.trail) == 0
    assert len(chat.pana.privacy.quiet) == 0


async def test_pressing_twice_and_pressing_an_old_button_are_no_errors(chat: Chat, store: Remembered) -> None:
    person = await chat.newcomer("en")
    message = await tapped(chat, person, "en_privacy", "en_forget")
    for _ in range(3):
        person.press(message.id, "en_forget-now", stale=True)
    await chat.settled()
    assert "is deleted" in person.last.text
    person.write(QUESTION["en"])
    await person.reply()
    person.press(message.id, "en_forget-now", stale=True)  # weeks later, on a message far above
    await chat.settled()
    assert nothing_left(chat, store, person)
    assert {answer.query_id for answer in person.answers}, "every press is answered"


async def test_deleting_while_an_answer_is_being_sent_leaves_nothing(chat: Chat, store: Remembered) -> None:
    person = await chat.newcomer("en")
    message = await tapped(chat, person, "en_privacy", "en_forget")
    chat.api.delay = 0.2
    person.write(QUESTION["en"])
    await asyncio.sleep(0.05)
    person.press(message.id, "en_forget-now")
    await chat.settled()
    assert nothing_left(chat, store, person)


# --- clean this chat --------------------------------------------------------------------------------


@LETTERS
async def test_cleaning_leaves_one_message_with_the_way_to_the_numbers(
    chat: Chat, spoken: Languages, letters: str
) -> None:
    person = await chat.newcomer(letters)
    for _ in range(3):
        person.write(QUESTION[letters])
        await person.reply()
    person.send("photo")
    await person.reply()
    message = await tapped(chat, person, f"{letters}_privacy", f"{letters}_clean")
    assert standing(person) == [message]
    assert f"{letters}_sos" in datas(message)
    assert (
        spoken[letters].say(
            "If it is not safe that others see this chat, delete it: open the menu of the chat and choose “Delete chat”."
        )
        in message.text
    )


async def test_hundreds_of_messages_are_deleted_a_hundred_at_a_time(chat: Chat) -> None:
    person = await chat.newcomer("en")
    for _ in range(13):
        for _ in range(10):
            person.write("/help")
        await chat.settled(20)
    await tapped(chat, person, "en_privacy", "en_clean")
    assert len(standing(person)) == 1
    assert [len(call.params["message_ids"]) for call in chat.api.called("deleteMessages")] == [100, 100, 61]


async def test_what_telegram_does_not_let_us_delete_is_said(chat: Chat) -> None:
    """One message in a batch that may not be deleted refuses the batch: all others are deleted all the same."""
    person = await chat.newcomer("en")
    dice = person.send("dice")
    await person.reply()
    for _ in range(4):
        person.write(QUESTION["en"])
        await person.reply()
    old = person.write("an old one")
    await person.reply()
    old.date -= 49 * 3600
    message = await tapped(chat, person, "en_privacy", "en_clean")
    assert standing(person) == [dice, old, message]
    assert "Some messages could not be deleted." in message.text
    assert "older than 48 hours" in message.text


async def test_a_broken_connection_is_not_taken_for_cleaned(chat: Chat) -> None:
    person = await chat.newcomer("en")
    person.write(QUESTION["en"])
    await person.reply()
    chat.api.fail_next("deleteMessages", 500, "Internal", times=3)
    message = await tapped(chat, person, "en_privacy", "en_clean", within=15)
    assert "Some messages could not be deleted." in message.text
    message = await tapped(chat, person, "en_clean")
    assert "Pana has deleted the messages of this chat that it knows" in message.text
    assert standing(person) == [message]


async def test_after_a_restart_it_says_what_it_cannot_reach(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api:
        async with running(local_settings, api, guide) as chat:
            person = await chat.newcomer("en")
            person.write(QUESTION["en"])
            await person.reply()
        async with running(local_settings, api, guide) as chat:
            before = len(standing(person))
            message = await tapped(chat, person, "en_privacy", "en_clean")
            assert "those from before the program was last restarted" in message.text
            assert len(standing(person)) == before


def test_the_numbers_of_messages_are_bounded_and_forgotten_after_48_hours(clock: Clock) -> None:
    trail = Trail(clock, per_chat=10, in_all=100)
    for message in range(1, 31):
        trail.sent(1, message)
    assert trail.within_reach(1) == list(range(21, 31))
    for person in range(2, 1000):
        trail.note(person, 1, age=0)
    assert len(trail) == 100
    assert trail.within_reach(999) == [1]
    trail.note(999, 2, age=49 * 3600)
    assert trail.within_reach(999) == [1], "too old to be of use"
    trail.sent(-100, 5)
    assert trail.within_reach(-100) == [], "groups are not ours to clean"
    clock.at += 48 * 3600
    assert trail.within_reach(999) == []
    trail.expire()
    assert len(trail) == 0


# --- quiet mode -------------------------------------------------------------------------------------


async def hushed(chat: Chat, letters: str = "en") -> Person:
    person = await chat.newcomer(letters)
    await tapped(chat, person, f"{letters}_privacy", f"{letters}_quiet-on", f"{letters}_clean")
    return person


@LETTERS
async def test_quietly_there_is_one_message_without_a_sound(chat: Chat, letters: str) -> None:
    person = await hushed(chat, letters)
    (message,) = standing(person)
    sent = len(chat.api.called("sendMessage"))
    for text in (QUESTION[letters], "/help", "gjkhgf dfghj"):
        person.write(text)
        await chat.settled()
        assert standing(person) == [message], "changed in place, and what was written is deleted"
    person.send("photo")
    await chat.settled()
    assert standing(person) == [message]
    assert len(chat.api.called("sendMessage")) == sent


@LETTERS
async def test_quietly_a_danger_is_answered_at_once(chat: Chat, letters: str) -> None:
    person = await hushed(chat, letters)
    person.write(DANGER[letters])
    answer = await person.reply()
    entry = chat.pana.shelf.guide().faq.entries["emergency/detained"]
    assert entry.text("fa_AF" if letters == "fa" else letters)[0].question in answer.text
    await chat.settled()
    assert standing(person) == [answer]


@LETTERS
async def test_after_ten_minutes_the_answer_is_gone(chat: Chat, clock: Clock, spoken: Languages, letters: str) -> None:
    person = await hushed(chat, letters)
    person.write(QUESTION[letters])
    await chat.settled()
    clock.at += 599
    await chat.pana.privacy.quiet.look()
    assert "5" in person.last.text or "۵" in person.last.text, "not yet"
    clock.at += 2
    await chat.pana.privacy.quiet.look()
    (message,) = standing(person)
    assert message.text.strip("\u200f") == spoken[letters].say("Pana. Press a button to go on.")
    assert datas(message) == [f"{letters}_home", f"{letters}_sos"]
    assert "102" in (await tapped(chat, person, f"{letters}_sos")).text


async def test_use_begins_the_ten_minutes_anew(chat: Chat, clock: Clock) -> None:
    person = await hushed(chat)
    clock.at += 500
    await tapped(chat, person, "en_home")
    clock.at += 500
    await chat.pana.privacy.quiet.look()
    assert "Choose a topic" in person.last.text


async def test_the_looks_are_made_by_themselves(chat: Chat, clock: Clock) -> None:
    person = await hushed(chat)
    clock.at += 600
    await eventually(lambda: "Press a button to go on" in person.last.text, 10)


async def test_an_answer_that_could_not_be_replaced_is_tried_again(chat: Chat, clock: Clock) -> None:
    person = await hushed(chat)
    clock.at += 600
    chat.api.fail_next("editMessageText", 400, "Bad Request: something new")
    await chat.pana.privacy.quiet.look()
    await chat.pana.privacy.quiet.look()
    assert "Press a button to go on" in person.last.text


@pytest.mark.parametrize("at_once", [1, 16])
async def test_an_answer_that_was_just_asked_for_is_not_replaced(
    chat: Chat, clock: Clock, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """The reader comes back while the answer is being replaced, or while it waits for its turn to be."""
    monkeypatch.setattr(quiet_mode, "AT_ONCE", at_once)
    first, person = await hushed(chat), await hushed(chat)
    clock.at += 600
    chat.api.delay = 0.2
    look = asyncio.create_task(chat.pana.privacy.quiet.look())
    await asyncio.sleep(0.05)
    person.press(person.last.id, "en_home", stale=True)
    await look
    await chat.settled()
    assert "Press a button to go on" in first.last.text
    assert "Choose a topic" in person.last.text


async def test_quietly_a_press_on_an_older_message_leaves_one(chat: Chat) -> None:
    person = await chat.newcomer("en")
    first = person.last
    person.write("/privacy")
    await person.reply()
    await tapped(chat, person, "en_quiet-on")
    person.press(first.id, "en_help", stale=True)
    await chat.settled()
    assert standing(person, from_bot=True) == [first]


async def test_quietly_the_answer_stands_where_one_looks(chat: Chat) -> None:
    """Quiet mode was turned on in a message far above: the next answer comes below, without a sound."""
    person = await chat.newcomer("en")
    first = person.last
    person.write("/help")
    await person.reply()
    person.press(first.id, "en_quiet-on", stale=True)
    await chat.settled()
    person.write(QUESTION["en"])
    await chat.settled()
    assert first.deleted
    assert "5 calendar days" in person.last.text
    assert chat.api.called("sendMessage")[-1].params["disable_notification"] is True


async def test_a_chat_that_its_person_deleted_is_not_written_to_again(chat: Chat, clock: Clock) -> None:
    person = await hushed(chat)
    for message in person.messages:
        message.deleted = True
    clock.at += 600
    await chat.pana.privacy.quiet.look()
    assert standing(person) == []
    person.write(QUESTION["en"])
    await chat.settled()
    (answer,) = standing(person)
    assert "5 calendar days" in answer.text
    assert chat.api.called("sendMessage")[-1].params["disable_notification"] is True


async def test_turning_quiet_mode_off_and_on(chat: Chat) -> None:
    person = await hushed(chat)
    message = await tapped(chat, person, "en_privacy")
    assert "en_quiet-off" in datas(message)
    await tapped(chat, person, "en_quiet-off")
    person.write("/privacy")
    message = await person.reply()
    assert len(standing(person, from_bot=True)) == 2
    assert "en_quiet-on" in datas(message)
    assert len(chat.pana.privacy.quiet) == 0


async def test_stopping_hides_the_answer_and_a_restart_ends_quiet_mode(
    local_settings: Settings, guide: Guide, clock: Clock
) -> None:
    async with LocalBotApi() as api:
        async with running(local_settings, api, guide, now=clock) as chat:
            person = await hushed(chat)
            person.write(QUESTION["en"])
            await chat.settled()
        assert "Press a button to go on" in person.last.text
        async with running(local_settings, api, guide, now=clock) as chat:
            await tapped(chat, person, "en_privacy")
            assert "en_quiet-on" in datas(person.last)


async def test_stopping_leaves_no_task_behind(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api:
        async with running(local_settings, api, guide) as chat:
            await hushed(chat)
            assert [name for name in tasks() if "Privacy" in name], "they were looking"
        await eventually(lambda: not [name for name in tasks() if "Privacy" in name or "Quiet" in name], 3)


def tasks() -> list[str]:
    return [str(getattr(task.get_coro(), "__qualname__", "")) for task in asyncio.all_tasks()]


async def test_a_place_for_quiet_mode_is_not_taken_from_anybody(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet_mode, "CHATS", 1)
    first, second = await hushed(chat), await chat.newcomer("en")
    message = await tapped(chat, second, "en_privacy", "en_quiet-on")
    assert "This does not work now." in message.text
    assert first.chat_id in chat.pana.privacy.quiet
    assert second.chat_id not in chat.pana.privacy.quiet


async def test_a_flood_of_presses_is_survived(chat: Chat) -> None:
    person = await chat.newcomer("en")
    for page in ("clean", "quiet-on", "held", "quiet-off", "privacy", "forget-now") * 40:
        person.press(person.last.id, f"en_{page}", stale=True)
    await chat.settled(60)
    await asyncio.sleep(CALM + 1)
    person.write(QUESTION["en"])
    assert "5 calendar days" in (await person.reply()).text
    assert len(chat.pana.privacy.trail) <= 500


def test_no_repr_shows_a_person() -> None:
    reminder = Reminder("r4711", "k3", date(2026, 12, 1), date(2026, 12, 31))
    for value in (reminder, Held("en", "2026-11", (reminder,)), Known(None, "2026-11"), quiet_mode._Chat(4711, 1.0)):
        assert not [told for told in ("4711", "2026", "k3") if told in repr(value)]
