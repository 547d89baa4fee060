"""Asking as a reader asks: ask, show, search-check."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

import click

from bot.cli.command import Fail, load_guide, main, named_language, print_line


@main.command()
@click.argument("text", required=False)
@click.option("--language", "-l", "name", help="Language of the answer: kk, ru, en or fa.")
@click.option("--explain", "why", is_flag=True, help="Say which entries were found, and why.")
@click.option("--jsonl", is_flag=True, help='Read lines {"q": …, "language": …} and write what each finds.')
def ask(text: str | None, name: str | None, jsonl: bool, why: bool) -> None:
    """Ask a question and see the screen that a reader would see."""
    guide = load_guide()
    if jsonl:
        _ask_lines(guide)
    elif text is None:
        raise Fail('Write the question in quotes: pana ask "How do I apply for asylum?" --language en')
    elif why:
        _explain(guide, text, named_language(guide, name))
    else:
        _show_screen(guide.ask(text, named_language(guide, name)))


_BANDS: Final = {
    "answer": "The answer is shown at once.",
    "choices": "Not sure enough: the reader chooses among these.",
    "none": "Nothing is near enough: the reader is told so, with topics and contacts.",
}


def _explain(guide: Any, text: str, language: Any) -> None:
    """Which entries a question found and why, in plain words for an editor."""
    ranking = guide.rank(text, language)
    if ranking.urgent:
        print_line(f"Speaks of danger (faq/danger.yaml): {ranking.urgent} comes first, whatever else is found.")
    print_line(f"{_BANDS[ranking.band]} Typed in: {ranking.language or 'unclear'}.")
    if ranking.beyond:
        print_line(f"Nearer to “{ranking.beyond}” of faq/beyond.yaml, which Pana does not answer, than to any entry.")
    for number, reason in enumerate(guide.explain(text, language), 1):
        print_line(f"{number}. {reason.entry}, chance {round(100 * reason.confidence)} %")
        print_line(f"   nearest phrasing ({reason.cosine:.2f} of 1): {reason.nearest}")
        print_line(
            f"   words it knows: {', '.join(reason.shared) or 'none'}; does not know: {', '.join(reason.missing) or 'none'}"
        )
    print_line("Wrong? Add what was asked, in the asker's words, to “asked” of the right entry.")


@main.command(name="search-check")
def search_check() -> None:
    """List phrasings that collide, entries that are hard to reach, and those with too few phrasings."""
    guide = load_guide()
    health = guide.examine()
    for entry, phrase, other, rival in health.colliding:
        print_line(f"{entry}: “{phrase}” is as good as “{rival}” of {other}. Keep it where it fits best.")
    for entry, share in health.hard:
        print_line(
            f"{entry}: only {round(100 * share)} % of its phrasings find it without themselves. Add other ways of asking."
        )
    for entry, code, number in health.few:
        print_line(f"{entry}: {number} ways of asking in {code}. Write at least 12.")
    print_line(f"{len(health.colliding)} collide, {len(health.hard)} hard to reach, {len(health.few)} with too few.")


def _ask_lines(guide: Any) -> None:
    wrong = 0
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            question, named = str(asked["q"]), asked.get("language")
        except (ValueError, KeyError, TypeError, AttributeError):
            click.echo(f'standard input:{number}: is not a question. Write {{"q": "…", "language": "en"}}.', err=True)
            wrong += 1
            continue
        ranking = guide.rank(question, guide.languages.suggested(named))
        found = {
            "q": question,
            "ranked": list(ranking.shown),
            "band": ranking.band,
            "confident": ranking.band == "answer",
            "urgent": ranking.urgent,
        }
        click.echo(_line(found))
    sys.exit(1 if wrong else 0)


def _line(found: dict[str, Any]) -> str:
    """JSON with letters as they are; escaped where a broken character could not be written."""
    line = json.dumps(found, ensure_ascii=False)
    return json.dumps(found) if any("\ud800" <= letter <= "\udfff" for letter in line) else line


@main.command()
@click.argument("address")
@click.option("--language", "-l", "name", default="en", show_default=True, help="kk, ru, en or fa.")
def show(address: str, name: str) -> None:
    """Show the screen of an ADDRESS, such as home, topic_asylum or asylum_appeal."""
    from bot.addresses import Address

    guide = load_guide()
    _show_screen(guide.open(Address.parse(address), named_language(guide, name)))


def _show_screen(screen: Any) -> None:
    from bot import markup

    click.echo(markup.words(screen.text))
    for row in screen.rows:
        click.echo("  " + "  ".join(f"[{button.label} → {_target(button)}]" for button in row))


def _target(button: Any) -> str:
    if button.copy:
        return f"copies {button.copy}"
    return f"shares {button.share}" if button.share else button.url or str(button.to)
