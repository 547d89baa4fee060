"""Serving, and what belongs to a service: run, try, profile, health."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import click

from bot import lean, log
from bot import settings as configuration
from bot.cli.command import Fail, main, read_settings
from bot.settings import Settings


@main.command()
def run() -> None:
    """Serve Telegram; without a token, serve the try-out page instead and say so."""
    settings = read_settings()
    if settings.telegram_token is None:
        click.echo(
            "TELEGRAM_TOKEN is not set, so nothing is sent to Telegram. Get a token from @BotFather and write it into .env."
        )
        _try_out(settings, "127.0.0.1", 8080)
        return
    lean.one_heap()
    gc.disable()  # nothing that is made at the start is garbage, and looking for it costs a seventh of the start
    app = _app()
    _until_stopped(lambda: app.serve(settings), settings)


@main.command(name="try")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on; 0 takes a free one.")
def try_(host: str, port: int) -> None:
    """Chat with Pana in the browser: no token, no network, the same handlers."""
    _try_out(read_settings(), host, port)


def _app() -> Any:
    """The composition, which only serving needs: it loads a hundred modules."""
    from bot import chat  # noqa: F401 - first: it loads Telegram's library without what we never use of it
    from bot import app  # isort: skip

    return app


def _try_out(settings: Settings, host: str, port: int) -> None:
    app = _app()

    def ready(url: str) -> None:
        click.echo(f"Pana can be tried at {url} (Ctrl+C stops it).")

    _until_stopped(lambda: app.try_out(settings, host, port, ready), settings)


def _until_stopped(work: Callable[[], Any], settings: Settings) -> None:
    """Run a server; every way in which it cannot start or go on is a sentence."""
    from telegram.error import InvalidToken

    from bot.chat.liveness import Stale
    from bot.shelf import ContentError

    try:
        with asyncio.Runner(loop_factory=_loops()) as runner:
            runner.run(work())
    except InvalidToken:
        name = settings.token_source
        raise Fail(
            f"Telegram refused the token in {name}. Copy it again from @BotFather (/mybots, API Token)."
        ) from None
    except Stale:
        raise Fail(
            "Telegram has not answered for 90 seconds. Pana ends, so that it is started anew; if that does not help, see "
            "whether this machine reaches TELEGRAM_API_URL."
        ) from None
    except ContentError as error:
        raise Fail(str(error)) from None
    except OSError as error:
        raise Fail(f"Cannot listen there ({error.strerror}). Choose another port: pana try --port 8081.") from None
    except KeyboardInterrupt:
        pass
    except click.ClickException:  # a sentence already
        raise
    except configuration.SettingsError as error:
        raise Fail(str(error)) from None
    except Exception as error:  # its message may hold anything: only the type and the place are shown
        raise Fail(f"Pana stopped: {' at '.join(log.fault(error).values())}. Please report this line.") from None


def _loops() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes event loops: uvloop where it is installed (extra “speed”), else Python's own."""
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop


@main.command()
def profile() -> None:
    """Set Pana's name, descriptions and commands at Telegram, in every language; only what differs."""
    settings = read_settings()
    if settings.telegram_token is None:
        raise Fail("TELEGRAM_TOKEN is not set. Write the token that @BotFather gave you into .env.")
    from bot.store import Nowhere

    app = _app()
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
        raise Fail(f"Telegram did not take the profile ({type(error).__name__}). Try again in some minutes.") from None
    finally:
        await pana.close()
    click.echo("\n".join([f"set {one}" for one in changed] or ["Everything is as it should be."]))


@main.command()
def health() -> None:
    """Exit 0 if Telegram answered within the last 90 seconds: for a container's health check."""
    from bot.chat.liveness import LIMIT, age_of

    age = age_of(read_settings().state_dir)
    if age is None or age > LIMIT:
        raise Fail("Telegram has not answered for 90 seconds. Look at the log; restart Pana if it does not recover.")
    click.echo(f"Telegram answered {round(age)} seconds ago.")
