"""Reminders: what would be stored, before yes; what came of it; the list of mine; and what comes on the day.

What comes on the day is seen by whoever looks at the phone: its words name no matter, in any language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bot import markup
from bot.addresses import Address
from bot.deadlines import Deadline
from bot.faq.model import Entry, Rule, kind_of
from bot.languages import Language
from bot.screens.clock import Asked
from bot.screens.screen import Button, Row, Screen, entry_button, reminders_button, screen, ways_out

ICON: Final = "🔔"
OPENS: Final = "10:00"  # in Almaty: reminders come between these two
CLOSES: Final = "19:00"
AGAIN: Final = (1, 3)  # days after which a reminder can be asked for again
ON_A_SCREEN: Final = 4

Why = Literal["away", "none", "many"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A last day of which somebody may want to be reminded."""

    asked: Asked
    deadline: Deadline

    @property
    def kind(self) -> str:
        """What stands for it in the store."""
        return kind_of(self.deadline.entry, self.deadline.rule.id)


@dataclass(frozen=True, slots=True, repr=False)
class Mine:
    """A reminder of the reader: its id, its days, and what it is about where the content still knows that."""

    id: str
    day: date
    last: date
    matter: tuple[Entry, Rule] | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """A reminder on its day. ``following`` is the day of the next one about the same last day; None after the last."""

    kind: str
    last: date
    today: date
    following: date | None = None
    matter: tuple[Entry, Rule] | None = None

    @property
    def again(self) -> list[int]:
        """In how many days it can come again: not after the last day, and before the next one comes anyway."""
        left = (self.last - self.today).days
        return [days for days in AGAIN if days <= left and not (self.following and days >= self._until_next)]

    @property
    def _until_next(self) -> int:
        return (self.following - self.today).days if self.following else 0


def remind(language: Language, wish: Wish, days: int) -> Screen:
    """What a reminder stores and when it comes. Nothing is stored before yes. ``days`` after its last day one that could
    not be sent is deleted."""
    say = language.say
    blocks = [
        _title(language, say("Remind me")),
        markup.bold(say("To be done by: {day}", day=language.weekday_date(wish.deadline.open_day))),
        _coming(language, wish.deadline.remind),
        markup.escape(say("The message does not say what it is about.")),
        markup.escape(
            language.say_count(
                "If you say yes, we store the day of the next reminder and, locked, the number of this chat, the last day "
                "and a code that shows what day it is. We delete all of it when the last reminder is sent, or {number} day "
                "after the last day if that was not possible.",
                "If you say yes, we store the day of the next reminder and, locked, the number of this chat, the last day "
                "and a code that shows what day it is. We delete all of it when the last reminder is sent, or {number} days "
                "after the last day if that was not possible.",
                days,
            )
        ),
        _instead(language),
    ]
    # NOTE: a button; the answer to “If you say yes, we store …”.
    yes = _button(language, "✅", say("Yes, remind me"), _place(language, wish, "keep"))
    # NOTE: a button beside “Yes, remind me”; it sends a file that the calendar of the phone opens.
    file = _button(language, "📅", say("Calendar file instead"), _place(language, wish, "ics"))
    return screen(blocks, [(yes,), (file,), (_back(language, wish),), ways_out(language)], language)


def _title(language: Language, text: str) -> str:
    return markup.bold(language.icon(ICON, text))


def _coming(language: Language, days: Sequence[date]) -> str:
    said = language.say(
        "You will be reminded here, between {opens} and {closes} in Almaty:",
        opens=language.digits(OPENS),
        closes=language.digits(CLOSES),
    )
    return "\n".join([markup.escape(said), *(f"• {markup.escape(language.weekday_date(day))}" for day in days)])


def _instead(language: Language) -> str:
    return markup.escape(
        language.say("Or take the calendar file: your phone reminds you by itself, and we store nothing.")
    )


def _button(language: Language, icon: str, label: str, to: Address, style: str = "") -> Button:
    return Button(language.icon(icon, label), to, style=style)


def _place(language: Language, wish: Wish, page: str) -> Address:
    return wish.asked.address(language, f"{wish.deadline.event:%Y%m%d}", page)


def _back(language: Language, wish: Wish) -> Button:
    return _button(language, "↩", language.say("Back"), _place(language, wish, "when"))


def reminder_kept(language: Language, wish: Wish) -> Screen:
    """The reminder is stored."""
    blocks = [
        _title(language, language.say("Your reminder is kept.")),
        _coming(language, wish.deadline.remind),
        markup.escape(language.say("You can delete it at any time: {command}", command="/reminders")),
    ]
    rows = [(reminders_button(language),), (entry_button(language, wish.asked.entry),), ways_out(language)]
    return screen(blocks, rows, language)


def reminder_unkept(language: Language, wish: Wish, why: Why) -> Screen:
    """The reminder is not stored: the store is away, there is none, or this person has too many."""
    again = _button(language, "🔄", language.say("Try again"), _place(language, wish, "keep"))
    file = _button(language, "📅", language.say("Calendar file"), _place(language, wish, "ics"))
    first: dict[Why, Row] = {"away": (again,), "none": (), "many": (reminders_button(language),)}
    blocks = [_title(language, language.say("Remind me")), _reason(language, why), _instead(language)]
    return screen(blocks, [first[why], (file,), (_back(language, wish),), ways_out(language)], language)


def _reason(language: Language, why: Why) -> str:
    say = language.say
    return markup.escape(
        {
            "away": say("This does not work now. Please try again later. All answers work."),
            "none": say("Here nothing is stored, so no reminder can be kept."),
            "many": say("You have too many reminders. Delete one that you do not need."),
        }[why]
    )


def reminders_away(language: Language, to: Address | None = None, why: Why = "away") -> Screen:
    """What was asked of the reminders cannot be done. ``to``: the place where it can be tried again."""
    again = (_button(language, "🔄", language.say("Try again"), to.spoken(language.letters)),) if to else ()
    mine = (reminders_button(language),) if why == "many" else ()
    return screen([_heading(language), _reason(language, why)], [again, mine, ways_out(language)], language)


def _heading(language: Language) -> str:
    return _title(language, language.say("My reminders"))


def reminders(language: Language, mine: Sequence[Mine], part: int = 1, notice: Literal["", "deleted"] = "") -> Screen:
    """The list of mine, in parts, each with its button to delete it."""
    say = language.say
    parts = max(1, -(-len(mine) // ON_A_SCREEN))
    first = (min(part, parts) - 1) * ON_A_SCREEN
    shown = list(enumerate(mine, 1))[first : first + ON_A_SCREEN]
    blocks = [
        _heading(language),
        markup.escape(say("Deleted.")) if notice else "",
        *(_line(language, number, one) for number, one in shown),
        "" if mine else markup.escape(say("You have none. Under a last day that was counted stands “Remind me”.")),
    ]
    rows = [(_delete(language, number, one),) for number, one in shown]
    if parts > 1:
        more = Address("reminders", language=language.letters, part=part % parts + 1)
        # NOTE: a button under a list of reminders; it shows the next ones.
        rows.append((_button(language, "⬇️", say("Other reminders"), more),))
    if len(mine) > 1:
        everything = Address("drop-all", language=language.letters)
        # NOTE: a button; it deletes all reminders of the reader.
        rows.append((_button(language, "🗑", say("Delete all reminders"), everything, "danger"),))
    return screen(blocks, [*rows, ways_out(language)], language)


def _line(language: Language, number: int, mine: Mine) -> str:
    # NOTE: what a reminder is about where that is not known any more.
    label = mine.matter[1].label.text(language.code) if mine.matter else language.say("Papers")
    days = language.say(
        "A reminder on {day}. The last day is {last}.", day=language.date(mine.day), last=language.date(mine.last)
    )
    return f"{markup.bold(f'{language.number(number)}. {label}')}\n{markup.escape(days)}"


def _delete(language: Language, number: int, mine: Mine) -> Button:
    # NOTE: a button; it deletes one reminder. {number} is its place in the list, {day} its day.
    label = language.say("Delete {number}: {day}", number=language.number(number), day=language.day_and_month(mine.day))
    return _button(language, "🗑", label, Address("drop", name=mine.id, language=language.letters))


def reminder(language: Language, came: Came) -> Screen:
    """What comes on the day. Its first words are seen on a locked phone, so nothing in it names the matter."""
    blocks = [_title(language, _reminding(language, came)), markup.escape(_what_next(language, came))]
    return screen(blocks, [*_doing(language, came), ways_out(language)], language)


def _reminding(language: Language, came: Came) -> str:
    day = language.weekday_date(came.last)
    if came.last < came.today:
        # NOTE: seen on a locked phone. Name no matter: no word of asylum, refugees or status.
        return language.say("The day that you asked to be reminded of was {day}.", day=day)
    if came.last == came.today:
        # NOTE: seen on a locked phone. Name no matter: no word of asylum, refugees or status.
        return language.say("Today is the day that you asked to be reminded of: {day}.", day=day)
    # NOTE: seen on a locked phone. Name no matter: no word of asylum, refugees or status.
    return language.say("You asked to be reminded of this day: {day}.", day=day)


def _what_next(language: Language, came: Came) -> str:
    if came.last < came.today and came.matter:
        # NOTE: “Open” is the button below. Name no matter: no word of asylum, refugees or status.
        return language.say("Press “Open” to see what you can still do.")
    if came.following:
        return language.say("The next reminder comes on {day}.", day=language.weekday_date(came.following))
    return language.say("This was the last reminder of it.")


def _doing(language: Language, came: Came) -> Iterator[Row]:
    say = language.say
    entry = Address.entry(came.matter[0].id, language.letters) if came.matter else None
    place = Address("done", name=came.kind, day=f"{came.last:%Y%m%d}", language=language.letters)
    if entry:
        # NOTE: a button under a reminder; it leads to what the reminder is about.
        yield (_button(language, "📖", say("Open"), entry),)
    # NOTE: a button under a reminder: no more of them are needed.
    yield (_button(language, "✅", say("Done"), place),)
    later = {
        # NOTE: a button under a reminder: remind me again tomorrow.
        1: say("Remind me tomorrow"),
        # NOTE: a button under a reminder: remind me again in 3 days.
        3: say("Remind me in 3 days"),
    }
    for days in came.again:
        again = Address("snooze", name=came.kind, day=place.day, part=days, language=language.letters)
        yield (_button(language, "⏰", later[days], again),)


def reminder_in_all(languages: Iterable[Language], came: Came) -> Screen:
    """The same for somebody whose language is not known: a short line in each, and each as a button."""
    place = Address("due", name=came.kind, day=f"{came.last:%Y%m%d}")
    known = list(languages)
    lines = [markup.escape(one.icon(ICON, _reminding(one, came))) for one in known]
    text = "\n\n".join(markup.directed(line) if one.rtl else line for one, line in zip(known, lines, strict=True))
    return Screen(text, tuple((Button(one.name, place.spoken(one.letters)),) for one in known))


def reminder_done(language: Language) -> Screen:
    """No more reminders of a last day."""
    said = language.say("Good. No more reminders of this day will come.")
    return screen([markup.escape(said)], [(reminders_button(language),), ways_out(language)], language)


def reminder_again(language: Language, day: date) -> Screen:
    """It comes again on a day."""
    said = language.say("You will be reminded again on {day}.", day=language.weekday_date(day))
    return screen([markup.escape(said)], [(reminders_button(language),), ways_out(language)], language)
