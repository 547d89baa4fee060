"""The command ``pana`` and what all its parts need: settings, content, a language, a line on the screen."""

from __future__ import annotations

import sys
from typing import Any

import click

from bot import __version__, log
from bot import settings as configuration
from bot.settings import Settings


class Fail(click.ClickException):
    """A sentence, or several lines of them, on standard error; exit 1."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True, file=file)


def read_settings() -> Settings:
    """The settings; every wrong variable is a sentence. The log is ready after it."""
    try:
        settings = configuration.load()
    except configuration.SettingsError as error:
        raise Fail(str(error)) from None
    log.configure(settings.log_level)
    return settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pana")
def main() -> None:
    """Pana answers refugees in Kazakhstan on Telegram, in Kazakh, Russian, English and Dari."""


def print_line(line: str) -> None:
    """Coloured on a terminal, plain when piped."""
    if not sys.stdout.isatty():
        click.echo(line)
        return
    from rich.console import Console
    from rich.text import Text

    Console(highlight=True).print(Text(line), soft_wrap=True)


def load_guide() -> Any:
    """The content as it would be served; every fault of it is a line."""
    from bot.shelf import ContentError, load

    try:
        return load(read_settings())
    except ContentError as error:
        raise Fail(str(error)) from None


def named_language(guide: Any, name: str | None) -> Any:
    """The language that somebody named; None where nobody did."""
    language = guide.languages.suggested(name)
    if name and language is None:
        raise Fail(f"“{name}” is none of the four languages. Write kk, ru, en or fa.")
    return language
