"""The content for its editors: check, review, status, watch, schema."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from bot.cli.command import Fail, load_guide, main, named_language, print_line, read_settings


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Write the problems as JSON.")
@click.option("--difficulty", is_flag=True, help="Say instead how many sentences are long, by language.")
def check(as_json: bool, difficulty: bool) -> None:
    """Judge all content and catalogs: every problem with file, line and what to write."""
    from bot import faq, languages

    settings = read_settings()
    content, problems = faq.load(settings.faq_dir, thorough=not difficulty)
    if difficulty and content is not None:
        from bot.faq.guards.sentences import difficulty as difficult

        return _print_difficulty(difficult(content))
    try:
        languages.load(settings.locales_dir)
        catalogs = []
    except languages.CatalogError as error:
        catalogs = error.problems
    errors = len(catalogs) + sum(not problem.warning for problem in problems)
    if as_json:
        found = [{"path": one.path, "line": one.line, "text": one.text, "warning": one.warning} for one in problems]
        click.echo(json.dumps({"errors": errors, "problems": found, "catalogs": catalogs}, ensure_ascii=False))
    else:
        for line in [*map(str, problems), *catalogs]:
            print_line(line)
        print_line(f"{errors} errors, {len(problems) + len(catalogs) - errors} warnings.")
    sys.exit(1 if errors else 0)


def _print_difficulty(languages: list[Any]) -> None:
    """A table: aligned by spaces, so that it can be read when piped, too."""
    print_line("language  sentences  words each  over 20 words")
    for one in languages:
        print_line(f"{one.language:8}  {one.sentences:9}  {one.words:10.1f}  {one.long:6} = {one.share:.1f} %")


@main.command()
@click.argument("entry")
@click.argument("language")
@click.option("--role", type=click.Choice(["lawyer", "native", "editor"]), required=True, help="Who confirms the text.")
@click.option("--by", "initials", required=True, help="Initials, one to four capital letters; never a whole name.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day, if not today: 2026-11-23.")
def review(entry: str, language: str, role: str, initials: str, day: datetime | None) -> None:
    """Record that somebody confirms the text of ENTRY (topic/name) in LANGUAGE (kk, ru, en or fa) as it stands now."""
    from bot.faq import ledger

    guide = load_guide()
    new = _reviewed(guide, entry, language, role, initials, day.date() if day else guide.today())
    if new in guide.faq.reviews:
        click.echo("This is recorded already.")
        return
    try:
        path = ledger.record(read_settings().faq_dir, guide.faq.reviews, new)
    except OSError as error:
        raise Fail(
            f"reviews.yaml cannot be written ({error.strerror}). Check the folder and who may write there."
        ) from None
    click.echo(f"Recorded in {path}: {entry}, {new.language}, {role}, {initials}, {new.on}.")


def _reviewed(guide: Any, name: str, language: str, role: Any, initials: str, day: date) -> Any:
    from bot.faq.reviews import reviewed

    entry, code = guide.faq.entries.get(name), named_language(guide, language).code
    if entry is None:
        close = get_close_matches(name, guide.faq.entries, 1, 0.5)
        raise Fail(
            f"“{name}” is no entry. Did you mean {close[0]}?" if close else f"“{name}” is no entry. Write topic/name."
        )
    if code not in entry.texts:
        raise Fail(f"{name} has no text in {code} yet, so nobody can confirm it.")
    if day > guide.today():
        raise Fail(f"{day} has not come yet. Write the day on which the text was confirmed.")
    try:
        return reviewed(entry, code, role, initials, day)
    except ValueError:
        raise Fail(
            f"“{initials}” is no initials. Write one to four capital letters, never a whole name: --by AK."
        ) from None


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Write the state of every entry in every language as JSON.")
def status(as_json: bool) -> None:
    """Show which texts are reviewed, outdated, missing or overdue, and what to look at first."""
    from bot.faq import status as standings

    guide = load_guide()
    found = standings.lines(guide.faq, guide.today())
    if as_json:
        click.echo(json.dumps(standings.facts(found, guide.today()), indent=1))
        return
    _print_table(standings.table(found))
    _print_table(standings.urgent_table(found))


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """With lines on a terminal, in plain columns when piped. The first row is the heading."""
    if not sys.stdout.isatty():
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            click.echo("  ".join(map(str.ljust, row, widths)).rstrip())
        click.echo()
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*rows[0])
    for row in rows[1:]:
        table.add_row(*row)
    Console().print(table)


@main.command()
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds for one page.",
)
@click.option(
    "--state", type=click.Path(path_type=Path, dir_okay=False), help="Where the last look is kept, if not in STATE_DIR."
)
def watch(seconds: float, state: Path | None) -> None:
    """Look whether the pages on which answers rest have changed. Exit 1 if somebody needs to look at one."""
    from bot.faq.pages import pages
    from bot.web import watch as watching

    settings, guide = read_settings(), load_guide()
    named = pages(guide.faq)
    click.echo(f"Reading {len(named)} pages …", err=True)
    try:
        work = watching.watch(named, state or settings.state_dir / "watch.json", guide.today(), seconds)
        found = asyncio.run(work)
    except watching.WatchError as error:
        raise Fail(str(error)) from None
    for line in watching.report(found):
        print_line(line)
    sys.exit(0 if watching.calm(found) else 1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("faq/schema.json"))
def schema(file: Path) -> None:
    """Write the JSON Schema with which editors' programs complete and check entries."""
    from bot.faq.shapes import schema as made

    file.write_text(json.dumps(made(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    click.echo(f"Written: {file}")
