"""Pana's name, descriptions and commands at Telegram, per language; compared first, so that nothing is set twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import Bot, BotCommand

from bot.languages import Language, Languages
from bot.screens import commands_of

DEFAULT = "en"  # what Telegram shows to phones of any other language


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that can be set: how to read it, how to set it, and what it should be."""

    name: str
    read: Callable[[str], Awaitable[object]]
    write: Callable[[str], Awaitable[object]]
    wanted: object


async def set_profile(bot: Bot, languages: Languages) -> list[str]:
    """Set what differs. Returns a line for each thing that was changed, such as ``fa: commands``."""
    changed: list[str] = []
    for code, language in [("", languages[DEFAULT]), *((one.letters, one) for one in languages)]:
        for part in _parts(bot, language):
            if await part.read(code) != part.wanted:
                await part.write(code)
                changed.append(f"{code or 'default'}: {part.name}")
    return changed


def _parts(bot: Bot, language: Language) -> list[Part]:
    # It stands above every notification on a locked phone; for whom Pana is, the descriptions say.
    # NOTE: the name of the bot at Telegram, at most 64 characters, seen on a locked phone: no word of refugees, rights or law.
    # "Pana" stays in Latin letters, because in Kazakh and Dari the word itself says what the bot is about.
    name = language.say("Pana: questions and answers")
    # NOTE: at most 120 characters.
    short = language.say(
        "Rights of refugees and asylum-seekers in Kazakhstan: questions and answers. Free. Not UNHCR, not the state."
    )
    # NOTE: at most 512 characters.
    long = language.say(
        "Pana answers questions about asylum, documents, work, health and school in Kazakhstan, in Kazakh, Russian, "
        "English and Dari. It does not store your questions or your name. Press Start."
    )  # fmt: skip
    commands = tuple(BotCommand(key, text) for key, text in commands_of(language).items())

    async def read_name(code: str) -> object:
        return (await bot.get_my_name(language_code=code)).name

    async def read_short(code: str) -> object:
        return (await bot.get_my_short_description(language_code=code)).short_description

    async def read_long(code: str) -> object:
        return (await bot.get_my_description(language_code=code)).description

    return [
        Part("name", read_name, lambda code: bot.set_my_name(name, language_code=code), name),
        Part("short description", read_short, lambda code: bot.set_my_short_description(short, language_code=code), short),
        Part("description", read_long, lambda code: bot.set_my_description(long, language_code=code), long),
        Part("commands", lambda code: bot.get_my_commands(language_code=code),
             lambda code: bot.set_my_commands(commands, language_code=code), commands),
    ]  # fmt: skip
