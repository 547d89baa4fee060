"""Screens as values: one pure function for each page, by kind of page.

A Screen is what a front end shows: a text in Telegram's HTML and rows of buttons.
"""

from bot.screens.answer import Answer, Doubt, entry
from bot.screens.choosing import change_language, choose
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
    privacy,
    results,
)
from bot.screens.screen import Button, Row, Screen
from bot.screens.topics import EMERGENCY, group, home, topic

__all__ = [
    "EMERGENCY",
    "Answer",
    "Button",
    "Doubt",
    "Row",
    "Screen",
    "about",
    "change_language",
    "choose",
    "commands_of",
    "courtesy",
    "emergency",
    "emergency_in_all",
    "entry",
    "failure",
    "first_numbers",
    "group",
    "group_chat",
    "help_page",
    "home",
    "nothing",
    "notice",
    "privacy",
    "results",
    "topic",
]
