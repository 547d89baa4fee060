"""Screens as values: one pure function for each page, by kind of page.

A Screen is what a front end shows: a text in Telegram's HTML and rows of buttons.
"""

from bot.screens.answer import Answer, Doubt, entry
from bot.screens.choosing import change_language, choose
from bot.screens.clock import Asked, calendar, last_day, month, months_shown, question, what_happened, which, which_day
from bot.screens.contacts import first_numbers
from bot.screens.emergency import emergency, emergency_in_all
from bot.screens.pages import (
    about,
    commands_of,
    courtesy,
    failure,
    group_chat,
    help_page,
    nothing,
    notice,
    results,
)
from bot.screens.privacy import (
    IN_MEMORY,
    NOTHING_STORED,
    Keeping,
    Kept,
    Known,
    cleaned,
    forget,
    forgotten,
    held,
    privacy,
    quiet_off,
    quiet_on,
    resting,
    stored,
)
from bot.screens.screen import Button, File, Row, Screen
from bot.screens.topics import EMERGENCY, group, home, topic

__all__ = [
    "EMERGENCY",
    "IN_MEMORY",
    "NOTHING_STORED",
    "Answer",
    "Asked",
    "Button",
    "Doubt",
    "File",
    "Keeping",
    "Kept",
    "Known",
    "Row",
    "Screen",
    "about",
    "calendar",
    "change_language",
    "choose",
    "cleaned",
    "commands_of",
    "courtesy",
    "emergency",
    "emergency_in_all",
    "entry",
    "failure",
    "first_numbers",
    "forget",
    "forgotten",
    "group",
    "group_chat",
    "held",
    "help_page",
    "home",
    "last_day",
    "month",
    "months_shown",
    "nothing",
    "notice",
    "privacy",
    "question",
    "quiet_off",
    "quiet_on",
    "resting",
    "results",
    "stored",
    "topic",
    "what_happened",
    "which",
    "which_day",
]
