"""What is remembered of people, for the operator: key new, key rotate, backup, restore, wipe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot import settings as configuration
from bot.cli.command import Fail, main, read_settings


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
    file = _of_settings(lambda: key_file(read_settings()))
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
        raise Fail(
            "The key cannot be written where it stands. Write a new one (“pana key new” prints it) before the old one "
            "there yourself, with a space or a new line between, and run: pana key rotate --given"
        ) from None


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy what is remembered into FILE, also while Pana runs."""
    _copying(lambda copies, database: copies.copy(database, file))
    click.echo(f"Written: {file}. Keep it apart from the key, and not for long: what people delete later stays in it.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put the copy FILE in the place of what is remembered. Stop Pana first, and start it again after."""
    from bot.app import ring_of

    said = "What is remembered now will be replaced, and what people deleted since the copy comes back. Write yes"
    if not yes and click.prompt(said, default="no") != "yes":
        raise Fail("Nothing was changed.")
    ring = _of_settings(lambda: ring_of(read_settings()))
    if ring is None:
        raise Fail("Without a key that can be read, nothing can be done. The line above says what is wrong.")
    _copying(lambda copies, database: copies.put_back(file, database, ring))
    click.echo("Put back. Start Pana again.")


def _copying(work: Callable[[Any, Path], None]) -> None:
    """Work on the file of the embedded database."""
    from bot.store import FILE, copies

    _remembering()
    settings = read_settings()
    if settings.database_url is not None:
        raise Fail("With DATABASE_URL, PostgreSQL makes the copies: pg_dump and pg_restore (docs/operating.md).")
    try:
        work(copies, settings.state_dir / FILE)
    except copies.CopyTrouble as trouble:
        raise Fail(str(trouble)) from None


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def wipe(yes: bool) -> None:
    """Delete all languages and reminders of everybody. The answers in faq/ are not touched."""
    _remembering()
    if (
        not yes
        and click.prompt("All languages and reminders of all people will be deleted. Write yes", default="no") != "yes"
    ):
        raise Fail("Nothing was deleted.")
    asyncio.run(_with_store(lambda store: store.wipe()))
    click.echo("Everything was deleted. If Pana is running, restart it: it has languages in memory.")


def _remembering() -> None:
    if read_settings().store == "none":
        raise Fail("STORE=none: nothing is remembered, so there is nothing to do.")


def _of_settings(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except configuration.SettingsError as error:
        raise Fail(str(error)) from None


async def _with_store(work: Callable[[Any], Any]) -> Any:
    from bot.app import store_of
    from bot.store import Nowhere, StoreAway

    store = _of_settings(lambda: store_of(read_settings()))
    if isinstance(store, Nowhere):
        raise Fail("Without a key that can be read, nothing can be done. The line above says what is wrong.")
    try:
        return await work(store)
    except StoreAway:
        raise Fail("The database could not do it; nothing was changed. The line above says why.") from None
    finally:
        await store.close()
