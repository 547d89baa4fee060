"""The command ``pana``. Only here click and rich."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import click

from bot import __version__, log
from bot import settings as configuration
from bot.settings import Settings

OLDEST_SIGN: Final = 90.0  # seconds after which a sign of life is too old


class _Fail(click.ClickException):
    """A sentence, or several lines of them, on standard error; exit 1."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True, file=file)


def _settings() -> Settings:
    try:
        settings = configuration.load()
    except configuration.SettingsError as error:
        raise _Fail(str(error)) from None
    log.configure(settings.log_level)
    return settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pana")
def main() -> None:
    """Pana answers refugees in Kazakhstan on Telegram, in Kazakh, Russian, English and Dari."""


@main.command()
def run() -> None:
    """Serve Telegram; without a token, serve the try-out page instead and say so."""
    settings = _settings()
    if settings.telegram_token is None:
        click.echo(
            "TELEGRAM_TOKEN is not set, so nothing is sent to Telegram. Get a token from @BotFather and write it into .env."
        )
        _try_out(settings, "127.0.0.1", 8080)
        return
    gc.disable()  # nothing that is made at the start is garbage, and looking for it costs a seventh of the start
    from bot import app

    _until_stopped(lambda: app.serve(settings), settings)


@main.command(name="try")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on; 0 takes a free one.")
def try_(host: str, port: int) -> None:
    """Chat with Pana in the browser: no token, no network, the same handlers."""
    _try_out(_settings(), host, port)


def _try_out(settings: Settings, host: str, port: int) -> None:
    from bot import app

    def ready(url: str) -> None:
        click.echo(f"Pana can be tried at {url} (Ctrl+C stops it).")

    _until_stopped(lambda: app.try_out(settings, host, port, ready), settings)


def _until_stopped(work: Callable[[], Any], settings: Settings) -> None:
    """Run a server; every way in which it cannot start or go on is a sentence."""
    from telegram.error import InvalidToken

    from bot.shelf import ContentError

    try:
        asyncio.run(work())
    except InvalidToken:
        name = settings.token_source
        raise _Fail(
            f"Telegram refused the token in {name}. Copy it again from @BotFather (/mybots, API Token)."
        ) from None
    except ContentError as error:
        raise _Fail(str(error)) from None
    except OSError as error:
        raise _Fail(f"Cannot listen there ({error.strerror}). Choose another port: pana try --port 8081.") from None
    except KeyboardInterrupt:
        pass
    except click.ClickException:  # a sentence already
        raise
    except configuration.SettingsError as error:
        raise _Fail(str(error)) from None
    except Exception as error:  # its message may hold anything: only the type and the place are shown
        raise _Fail(f"Pana stopped: {' at '.join(log.fault(error).values())}. Please report this line.") from None


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Write the problems as JSON.")
@click.option("--difficulty", is_flag=True, help="Say instead how many sentences are long, by language.")
def check(as_json: bool, difficulty: bool) -> None:
    """Judge all content and catalogs: every problem with file, line and what to write."""
    from bot import faq, languages

    settings = _settings()
    content, problems = faq.load(settings.faq_dir, thorough=not difficulty)
    if difficulty and content is not None:
        return _print_difficulty(faq.difficulty(content))
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
            _print(line)
        _print(f"{errors} errors, {len(problems) + len(catalogs) - errors} warnings.")
    sys.exit(1 if errors else 0)


def _print_difficulty(languages: list[Any]) -> None:
    """A table: aligned by spaces, so that it can be read when piped, too."""
    _print("language  sentences  words each  over 20 words")
    for one in languages:
        _print(f"{one.language:8}  {one.sentences:9}  {one.words:10.1f}  {one.long:6} = {one.share:.1f} %")


def _print(line: str) -> None:
    """Coloured on a terminal, plain when piped."""
    if not sys.stdout.isatty():
        click.echo(line)
        return
    from rich.console import Console
    from rich.text import Text

    Console(highlight=True).print(Text(line), soft_wrap=True)


@main.command()
@click.argument("entry")
@click.argument("language")
@click.option("--role", type=click.Choice(["lawyer", "native", "editor"]), required=True, help="Who confirms the text.")
@click.option("--by", "initials", required=True, help="Initials, one to four capital letters; never a whole name.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day, if not today: 2026-11-23.")
def review(entry: str, language: str, role: str, initials: str, day: datetime | None) -> None:
    """Record that somebody confirms the text of ENTRY (topic/name) in LANGUAGE (kk, ru, en or fa) as it stands now."""
    from bot.faq import ledger

    guide = _guide()
    new = _reviewed(guide, entry, language, role, initials, day.date() if day else guide.today())
    if new in guide.faq.reviews:
        click.echo("This is recorded already.")
        return
    try:
        path = ledger.record(_settings().faq_dir, guide.faq.reviews, new)
    except OSError as error:
        raise _Fail(
            f"reviews.yaml cannot be written ({error.strerror}). Check the folder and who may write there."
        ) from None
    click.echo(f"Recorded in {path}: {entry}, {new.language}, {role}, {initials}, {new.on}.")


def _reviewed(guide: Any, name: str, language: str, role: Any, initials: str, day: date) -> Any:
    from bot.faq.reviews import reviewed

    entry, code = guide.faq.entries.get(name), _language(guide, language).code
    if entry is None:
        close = get_close_matches(name, guide.faq.entries, 1, 0.5)
        raise _Fail(
            f"“{name}” is no entry. Did you mean {close[0]}?" if close else f"“{name}” is no entry. Write topic/name."
        )
    if code not in entry.texts:
        raise _Fail(f"{name} has no text in {code} yet, so nobody can confirm it.")
    if day > guide.today():
        raise _Fail(f"{day} has not come yet. Write the day on which the text was confirmed.")
    try:
        return reviewed(entry, code, role, initials, day)
    except ValueError:
        raise _Fail(
            f"“{initials}” is no initials. Write one to four capital letters, never a whole name: --by AK."
        ) from None


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Write the state of every entry in every language as JSON.")
def status(as_json: bool) -> None:
    """Show which texts are reviewed, outdated, missing or overdue, and what to look at first."""
    from bot.faq import status as standings

    guide = _guide()
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

    settings, guide = _settings(), _guide()
    named = pages(guide.faq)
    click.echo(f"Reading {len(named)} pages …", err=True)
    try:
        work = watching.watch(named, state or settings.state_dir / "watch.json", guide.today(), seconds)
        found = asyncio.run(work)
    except watching.WatchError as error:
        raise _Fail(str(error)) from None
    for line in watching.report(found):
        _print(line)
    sys.exit(0 if watching.calm(found) else 1)


@main.command()
@click.argument("text", required=False)
@click.option("--language", "-l", "name", help="Language of the answer: kk, ru, en or fa.")
@click.option("--explain", "why", is_flag=True, help="Say which entries were found, and why.")
@click.option("--jsonl", is_flag=True, help='Read lines {"q": …, "language": …} and write what each finds.')
def ask(text: str | None, name: str | None, jsonl: bool, why: bool) -> None:
    """Ask a question and see the screen that a reader would see."""
    guide = _guide()
    if jsonl:
        _ask_lines(guide)
    elif text is None:
        raise _Fail('Write the question in quotes: pana ask "How do I apply for asylum?" --language en')
    elif why:
        _explain(guide, text, _language(guide, name))
    else:
        _show_screen(guide.ask(text, _language(guide, name)))


_BANDS: Final = {
    "answer": "The answer is shown at once.",
    "choices": "Not sure enough: the reader chooses among these.",
    "none": "Nothing is near enough: the reader is told so, with topics and contacts.",
}


def _explain(guide: Any, text: str, language: Any) -> None:
    """Which entries a question found and why, in plain words for an editor."""
    ranking = guide.rank(text, language)
    if ranking.urgent:
        _print(f"Speaks of danger (faq/danger.yaml): {ranking.urgent} comes first, whatever else is found.")
    _print(f"{_BANDS[ranking.band]} Typed in: {ranking.language or 'unclear'}.")
    if ranking.beyond:
        _print(f"Nearer to “{ranking.beyond}” of faq/beyond.yaml, which Pana does not answer, than to any entry.")
    for number, reason in enumerate(guide.explain(text, language), 1):
        _print(f"{number}. {reason.entry}, chance {round(100 * reason.confidence)} %")
        _print(f"   nearest phrasing ({reason.cosine:.2f} of 1): {reason.nearest}")
        _print(
            f"   words it knows: {', '.join(reason.shared) or 'none'}; does not know: {', '.join(reason.missing) or 'none'}"
        )
    _print("Wrong? Add what was asked, in the asker's words, to “asked” of the right entry.")


@main.command(name="search-check")
def search_check() -> None:
    """List phrasings that collide, entries that are hard to reach, and those with too few phrasings."""
    guide = _guide()
    health = guide.examine()
    for entry, phrase, other, rival in health.colliding:
        _print(f"{entry}: “{phrase}” is as good as “{rival}” of {other}. Keep it where it fits best.")
    for entry, share in health.hard:
        _print(
            f"{entry}: only {round(100 * share)} % of its phrasings find it without themselves. Add other ways of asking."
        )
    for entry, code, number in health.few:
        _print(f"{entry}: {number} ways of asking in {code}. Write at least 12.")
    _print(f"{len(health.colliding)} collide, {len(health.hard)} hard to reach, {len(health.few)} with too few.")


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

    guide = _guide()
    _show_screen(guide.open(Address.parse(address), _language(guide, name)))


def _guide() -> Any:
    from bot.shelf import ContentError, load

    try:
        return load(_settings())
    except ContentError as error:
        raise _Fail(str(error)) from None


def _language(guide: Any, name: str | None) -> Any:
    language = guide.languages.suggested(name)
    if name and language is None:
        raise _Fail(f"“{name}” is none of the four languages. Write kk, ru, en or fa.")
    return language


def _show_screen(screen: Any) -> None:
    from bot import markup

    click.echo(markup.words(screen.text))
    for row in screen.rows:
        click.echo("  " + "  ".join(f"[{button.label} → {_target(button)}]" for button in row))


def _target(button: Any) -> str:
    if button.copy:
        return f"copies {button.copy}"
    return f"shares {button.share}" if button.share else button.url or str(button.to)


@main.command()
def profile() -> None:
    """Set Pana's name, descriptions and commands at Telegram, in every language; only what differs."""
    settings = _settings()
    if settings.telegram_token is None:
        raise _Fail("TELEGRAM_TOKEN is not set. Write the token that @BotFather gave you into .env.")
    from bot import app
    from bot.store import Nowhere

    _until_stopped(lambda: _set_profile(app.build(settings, store=Nowhere())), settings)


async def _set_profile(pana: Any) -> None:
    from telegram.error import InvalidToken, TelegramError

    from bot.chat.profile import set_profile

    try:
        await pana.application.initialize()
        changed = await set_profile(pana.application.bot, pana.shelf.guide().languages)
    except InvalidToken:
        raise
    except TelegramError as error:
        raise _Fail(f"Telegram did not take the profile ({type(error).__name__}). Try again in some minutes.") from None
    finally:
        await pana.close()
    click.echo("\n".join([f"set {one}" for one in changed] or ["Everything is as it should be."]))


@main.command()
def health() -> None:
    """Exit 0 if Telegram answered within the last 90 seconds: for a container's health check."""
    from bot.app import Alive

    age = Alive(_settings().state_dir).age()
    if age is None or age > OLDEST_SIGN:
        raise _Fail("Telegram has not answered for 90 seconds. Look at the log; restart Pana if it does not recover.")
    click.echo(f"Telegram answered {round(age)} seconds ago.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("faq/schema.json"))
def schema(file: Path) -> None:
    """Write the JSON Schema with which editors' programs complete and check entries."""
    from bot.faq.shapes import schema as made

    file.write_text(json.dumps(made(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    click.echo(f"Written: {file}")


@main.group()
def key() -> None:
    """The key without which nobody can read what is remembered."""


@key.command(name="new")
def new_key() -> None:
    """Print a new key, for the file of PANA_KEY_FILE."""
    from bot.store import new_key as made

    click.echo(made())


@key.command()
@click.option("--given", is_flag=True, help="The new key stands before the old one already.")
def rotate(given: bool) -> None:
    """Put a new key before the old one and seal all reminders with it. Stop Pana first, and start it again after."""
    from bot.app import key_file

    _remembering()
    file = _of_settings(lambda: key_file(_settings()))
    if not given:
        _put_new_key(file)
    number = asyncio.run(_with_store(lambda store: store.rekey()))
    click.echo(
        f"Sealed anew: {number} reminders. Languages follow when their people come back: keep the older keys below the "
        "new one for 13 months, then delete their lines. Copy the keys to where you keep them, and start Pana again."
    )


def _put_new_key(file: Path | None) -> None:
    from bot.store import new_key as made
    from bot.store import write_ring

    try:
        if file is None:
            raise PermissionError
        write_ring(file, f"{made()}\n{file.read_text('ascii')}")
    except (OSError, UnicodeDecodeError):
        raise _Fail(
            "The key cannot be written where it stands. Write a new one (“pana key new” prints it) before the old one "
            "there yourself, with a space or a new line between, and run: pana key rotate --given"
        ) from None


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def wipe(yes: bool) -> None:
    """Delete all languages and reminders of everybody. The answers in faq/ are not touched."""
    _remembering()
    if (
        not yes
        and click.prompt("All languages and reminders of all people will be deleted. Write yes", default="no") != "yes"
    ):
        raise _Fail("Nothing was deleted.")
    asyncio.run(_with_store(lambda store: store.wipe()))
    click.echo("Everything was deleted. If Pana is running, restart it: it has languages in memory.")


def _remembering() -> None:
    if _settings().store == "none":
        raise _Fail("STORE=none: nothing is remembered, so there is nothing to do.")


def _of_settings(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except configuration.SettingsError as error:
        raise _Fail(str(error)) from None


async def _with_store(work: Callable[[Any], Any]) -> Any:
    from bot.app import store_of
    from bot.store import Nowhere, StoreAway

    store = _of_settings(lambda: store_of(_settings()))
    if isinstance(store, Nowhere):
        raise _Fail("Without a key that can be read, nothing can be done. The line above says what is wrong.")
    try:
        return await work(store)
    except StoreAway:
        raise _Fail("The database could not do it; nothing was changed. The line above says why.") from None
    finally:
        await store.close()
