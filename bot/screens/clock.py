"""The deadline clock: which day, "when did it happen?", the last day, and a calendar file. All state is in the addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from bot import markup
from bot.addresses import Address
from bot.deadlines import Deadline, calendar_file, plausible
from bot.deadlines.clock import YEARS, month_grid, months_later
from bot.faq.model import Entry, Faq, Rule
from bot.languages import Language
from bot.screens.screen import (
    Button,
    File,
    Row,
    Screen,
    entry_button,
    language_button,
    overdue_line,
    pairs,
    reminders_button,
    screen,
    source_line,
    ways_out,
)

ICON: Final = "⏳"
FILE: Final = "reminder.ics"
EARLIER: Final = (0, 1, 2, 7)  # days ago that have a button
AHEAD: Final = 24  # months that can be turned to where a day is still to come
ON_A_SCREEN: Final = 5  # rules offered for a day that was typed without a question


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule of an entry for which a day is asked. ``overdue``: its facts have not been checked for too long.

    ``reminds``: whether this Pana can keep reminders.
    """

    faq: Faq
    entry: Entry
    rule: Rule
    today: date
    overdue: bool = False
    reminds: bool = False

    def address(self, language: Language, day: str = "", page: str = "when") -> Address:
        """The place of the question, of a month or of the last day counted from a day."""
        entry = self.entry
        return Address(page, entry.topic, entry.name, language.letters, deadline=self.rule.id, day=day)


def clock_row(language: Language, entry: Entry) -> Row:
    """The way from an answer to its clock; nothing where it has none."""
    if not entry.rules:
        return ()
    # NOTE: a button; it leads to a page that counts the last day of a time limit. Keep it short.
    label = language.icon(ICON, language.say("Count my days"))
    return (Button(label, Address("when", entry.topic, entry.name, language.letters)),)


def which(language: Language, entry: Entry, reminds: bool = False) -> Screen:
    """The days from which an answer counts, to choose one."""
    rows = [(Button(rule.label.text(language.code), _when(language, entry, rule)),) for rule in entry.rules]
    rows += [(reminders_button(language),)] if reminds else []
    blocks = [_title(language, entry.text(language.code)[0].question), markup.escape(language.say("What happened?"))]
    here = Address("when", entry.topic, entry.name)
    return screen(blocks, [*rows, (language_button(language, here),), *_out(language, entry)], language)


def _when(language: Language, entry: Entry, rule: Rule, day: str = "") -> Address:
    return Address("when", entry.topic, entry.name, language.letters, deadline=rule.id, day=day)


def _title(language: Language, text: str) -> str:
    return markup.bold(language.icon(ICON, text))


def _out(language: Language, entry: Entry) -> list[Row]:
    return [(_back(language, entry),), ways_out(language)]


def _back(language: Language, entry: Entry) -> Button:
    label = language.icon("↩", entry.text(language.code)[0].question)
    return replace(entry_button(language, entry), label=label)


def question(language: Language, asked: Asked, notice: str = "") -> Screen:
    """When did it happen? ``notice`` says why it is asked again: "future", "far" or "unreadable"."""
    say, rule = language.say, asked.rule
    example = language.typed_date(asked.today)
    blocks = [
        _title(language, rule.label.text(language.code)),
        markup.escape(_notices(language)[notice]),
        _line(language, asked.faq, rule.event.text(language.code)),
        markup.escape(say("Press a day, or write the date: {example}.", example=example)),
        _unkept(language),
    ]
    # NOTE: a button; it shows the days of a month, to press one.
    calendar = Button(language.icon("📅", say("Choose in a calendar")), asked.address(language, f"{asked.today:%Y%m}"))
    quick = [_quick(language, asked, days) for days in EARLIER] if rule.direction == "after" else []
    rows = [*pairs(quick), (calendar,), *_out(language, asked.entry)]
    return screen(blocks, rows, language, asked.address(language))


def _quick(language: Language, asked: Asked, days: int) -> Button:
    """With its date: an old button must not mean another day tomorrow."""
    day = asked.today - timedelta(days=days)
    return Button(
        f"{_days_ago(language, days)} · {language.day_and_month(day)}", asked.address(language, f"{day:%Y%m%d}")
    )


def _days_ago(language: Language, days: int) -> str:
    match days:
        case 0:
            return language.say("Today")
        case 1:
            return language.say("Yesterday")
        case _:
            return language.say_count("{number} day ago", "{number} days ago", days)


def _notices(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "": "",
        "future": say("That day has not come yet. Look at the date again."),
        "far": say("That day is more than {years} years away. We cannot count from it. Ask a lawyer.",
                   years=language.number(YEARS)),
        "unreadable": say("I could not read this date. Write the day, the month as a word and the year."),
    }  # fmt: skip


def _unkept(language: Language) -> str:
    return markup.escape(language.say("We do not store this date."))


def _line(language: Language, faq: Faq, text: str) -> str:
    return markup.line(text, faq.numbers, language.rtl)


def month(language: Language, asked: Asked, shown: date) -> Screen:
    """The days of a month as buttons, a week in a row from Monday to Sunday."""
    blocks = [
        _title(language, asked.rule.label.text(language.code)),
        _line(language, asked.faq, asked.rule.event.text(language.code)),
        markup.bold(_month_name(language, shown)),
        markup.escape(language.say("Each row is a week, from Monday to Sunday.")),
    ]
    weeks = [
        tuple(_cell(language, asked, shown, day) for day in week)
        for week in month_grid(shown.year, shown.month)
        if any(_may_be(asked, day) for day in week)
    ]
    rows = [*weeks, _turning(language, asked, shown), *_out(language, asked.entry)]
    return screen(blocks, rows, language, asked.address(language))


def _month_name(language: Language, shown: date) -> str:
    last = months_later(shown, 1) - timedelta(days=1)
    solar = f" ({language.day_and_month(shown)} – {language.day_and_month(last)})" if language.rtl else ""
    return language.month(shown.year, shown.month) + solar


def _may_be(asked: Asked, day: date | None) -> bool:
    return day is not None and not plausible(asked.rule, day, asked.today)


def _cell(language: Language, asked: Asked, shown: date, day: date | None) -> Button:
    if day is None or not _may_be(asked, day):
        return Button("·", asked.address(language, f"{shown:%Y%m}"))
    return Button(language.number(day.day), asked.address(language, f"{day:%Y%m%d}"))


def _turning(language: Language, asked: Asked, shown: date) -> Row:
    earlier, later = months_later(shown, -1), months_later(shown, 1)
    first, last = months_shown(asked)
    buttons = []
    if earlier >= first:
        buttons.append(
            Button(f"‹ {language.month(earlier.year, earlier.month)}", asked.address(language, f"{earlier:%Y%m}"))
        )
    if later <= last:
        buttons.append(Button(f"{language.month(later.year, later.month)} ›", asked.address(language, f"{later:%Y%m}")))
    return tuple(buttons)


def months_shown(asked: Asked) -> tuple[date, date]:
    """The first and the last month that can be turned to, each by its first day."""
    now = asked.today.replace(day=1)
    return months_later(now, -12 * YEARS), months_later(now, AHEAD if asked.rule.direction == "before" else 0)


def which_day(language: Language, asked: Asked | None, days: Sequence[date]) -> Screen:
    """A typed date that can mean several days: each of them as a button."""
    say = language.say
    rows = [(Button(language.weekday_date(day), _chosen(language, asked, day)),) for day in days]
    blocks = [
        markup.escape(say("Which day do you mean?")),
        markup.escape(say("Press it, or write the month as a word.")),
    ]
    out = _out(language, asked.entry) if asked else [ways_out(language)]
    return screen(blocks, [*rows, *out], language, asked.address(language) if asked else None)


def _chosen(language: Language, asked: Asked | None, day: date) -> Address:
    named = f"{day:%Y%m%d}"
    return asked.address(language, named) if asked else Address("day", language=language.letters, day=named)


def what_happened(language: Language, day: date, fitting: Sequence[tuple[Entry, Rule]], part: int) -> Screen:
    """A date that was typed without a question: what can be counted from it."""
    say = language.say
    parts = max(1, -(-len(fitting) // ON_A_SCREEN))
    part = min(part, parts)
    shown = fitting[(part - 1) * ON_A_SCREEN : part * ON_A_SCREEN]
    rows = [
        (Button(rule.label.text(language.code), _when(language, entry, rule, f"{day:%Y%m%d}")),)
        for entry, rule in shown
    ]
    if parts > 1:
        # NOTE: a button under a list; it shows the rest of it.
        more = language.icon("⬇️", say("Something else"))
        rows.append(
            (Button(more, Address("day", language=language.letters, day=f"{day:%Y%m%d}", part=part % parts + 1)),)
        )
    blocks = [_title(language, language.weekday_date(day)), markup.escape(say("What happened on that day?"))]
    return screen(blocks, [*rows, ways_out(language)], language)


def last_day(language: Language, asked: Asked, deadline: Deadline) -> Screen:
    """The last day, how many are left, and what to do where none is."""
    rule = asked.rule
    blocks = [
        _title(language, rule.label.text(language.code)),
        overdue_line(language) if asked.overdue else "",
        "\n".join(_counted(language, deadline)),
        "\n".join(_left(language, deadline)),
        _line(language, asked.faq, rule.passed.text(language.code)) if deadline.left < 0 else "",
        _line(language, asked.faq, rule.note.text(language.code)) if rule.note else "",
        "\n".join(_cautions(language, deadline)),
        source_line(language, asked.entry.sources[rule.source - 1]),
        _unkept(language),
    ]
    rows = [*_taking(language, asked, deadline), (_again(language, asked),), *_out(language, asked.entry)]
    return screen(blocks, rows, language)


def _counted(language: Language, deadline: Deadline) -> Iterator[str]:
    say = language.say
    yield markup.escape(say("Counted from: {day}.", day=language.weekday_date(deadline.event)))
    yield markup.escape(_limit(language, deadline.rule))
    yield markup.bold(say("Last day: {day}", day=language.weekday_date(deadline.last)))


def _limit(language: Language, rule: Rule) -> str:
    say_count, days, months = language.say_count, rule.days or 0, rule.months or 0
    match rule.direction, "months" if rule.months else rule.count:
        case "after", "months":
            return say_count(
                "The limit: {number} month after that day.", "The limit: {number} months after that day.", months
            )
        case "after", "working":
            return say_count(
                "The limit: {number} working day after that day.",
                "The limit: {number} working days after that day.",
                days,
            )
        case "after", _:
            return say_count(
                "The limit: {number} calendar day after that day.",
                "The limit: {number} calendar days after that day.",
                days,
            )
        case _, "months":
            return say_count(
                "The limit: {number} month before that day.", "The limit: {number} months before that day.", months
            )
        case _, "working":
            return say_count(
                "The limit: {number} working day before that day.",
                "The limit: {number} working days before that day.",
                days,
            )
        case _:
            return say_count(
                "The limit: {number} calendar day before that day.",
                "The limit: {number} calendar days before that day.",
                days,
            )


def _left(language: Language, deadline: Deadline) -> Iterator[str]:
    say, left = language.say, deadline.left
    if left < 0:
        said = language.say_count("The last day was {number} day ago.", "The last day was {number} days ago.", -left)
        yield markup.bold(language.icon("⚠️", said))
    elif left == 0:
        yield markup.bold(language.icon("⚠️", say("Today is the last day. Go now.")))
    else:
        # Today is not among the days that are left: what is done today is done in time.
        yield markup.bold(
            language.say_count("{number} day is left after today.", "{number} days are left after today.", left)
        )
    if left >= 0 and deadline.open_day < deadline.last:
        yield markup.escape(_closed(language, deadline))


def _closed(language: Language, deadline: Deadline) -> str:
    if deadline.open_day < deadline.today:
        return language.say(
            "Offices are closed until that day is over. Call a lawyer today, and go on the next working day."
        )
    return language.say("Offices are closed on that day. Go by {day}.", day=language.weekday_date(deadline.open_day))


def _cautions(language: Language, deadline: Deadline) -> Iterator[str]:
    """What nobody should rely on."""
    say = language.say
    if deadline.rule.direction == "after" and deadline.left >= 0:
        yield markup.escape(
            say("We did not count the day itself. An office may count it: be safe and go a day earlier.")
        )
    for year in deadline.unlisted:
        yield markup.escape(say("We have no list of holidays for {year}: count again with a lawyer.",
                                year=language.digits(str(year))))  # fmt: skip
    yield markup.escape(say("Let a lawyer confirm this day. If your paper names an earlier day, that one counts."))


def _taking(language: Language, asked: Asked, deadline: Deadline) -> list[Row]:
    if not deadline.is_ahead:
        return []
    # NOTE: a button; it sends a file that the calendar of the phone opens.
    file = (_taken(language, asked, deadline, "ics", language.icon("📅", language.say("Calendar file"))),)
    if not asked.reminds:
        return [file]
    # NOTE: a button and a title; the page asks before a reminder is stored.
    remind = (_taken(language, asked, deadline, "remind", language.icon("🔔", language.say("Remind me"))),)
    return [remind if deadline.remind else (), file, (reminders_button(language),)]


def _taken(language: Language, asked: Asked, deadline: Deadline, page: str, label: str) -> Button:
    return Button(label, asked.address(language, f"{deadline.event:%Y%m%d}", page))


def _again(language: Language, asked: Asked) -> Button:
    # NOTE: a button; it leads back to the question for the day.
    return Button(language.icon("✏️", language.say("Another day")), asked.address(language))


def calendar(language: Language, asked: Asked, deadline: Deadline) -> Screen:
    """The last day as a calendar file. Its words name no matter: others may see them on the phone."""
    say, day = language.say, deadline.open_day
    # NOTE: the title of an entry in the phone's calendar, which others may see. Name no matter.
    summary = say("Papers: last day")
    # NOTE: the text of the entry in the phone's calendar, which others may see. Name no matter.
    description = say("Go to the office today or earlier. Take your papers with you.")
    file = File(FILE, calendar_file(day, summary, description, [(day - one).days for one in deadline.remind]))
    blocks = [
        markup.bold(language.weekday_date(day)),
        markup.escape(say("Open this file: your phone will remind you in its own calendar.")),
        markup.escape(say("The words in it do not say what it is about. We store nothing.")),
    ]
    back = Button(language.icon("↩", say("Back")), asked.address(language, f"{deadline.event:%Y%m%d}"))
    return screen(blocks, [(back,), ways_out(language)], language, file=file)
