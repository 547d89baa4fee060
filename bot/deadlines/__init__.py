"""The deadline clock: reads a typed date, counts a last day from it, writes it as a calendar file. Pure; stores nothing."""

from bot.deadlines.clock import ALMATY, Deadline, count, plausible, remind_days
from bot.deadlines.ics import calendar_file
from bot.deadlines.when import Ambiguous, Unreadable, When, read

__all__ = [
    "ALMATY",
    "Ambiguous",
    "Deadline",
    "Unreadable",
    "When",
    "calendar_file",
    "count",
    "plausible",
    "read",
    "remind_days",
]
