"""What is measured: Pana as an operator runs it, bare echoes of its peers, and sockets alone; each a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from bot.settings import Settings
from bot.store import new_key

from .telegram import Telegram

ROOT = Path(__file__).parent.parent.parent
KEY = new_key()
GRACE = 30  # seconds in which a bot that is asked to stop must have stopped
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Bot:
    """One row of the tables. ``settings`` makes the environment from the port at which a webhook would be served."""

    name: str
    module: tuple[str, ...]
    settings: Callable[[int], Mapping[str, str]] = lambda _port: {}
    webhook: str = ""  # the path of its webhook, if it runs by one
    ours: bool = False


PANA = Bot("Pana, full answers", ("bot", "run"), ours=True)
PTB = Bot(f"python-telegram-bot {version('python-telegram-bot')}, echo", ("tests.bench.peers.ptb",))
SOCKETS = Bot("no bot, sockets only (the ceiling)", ("tests.bench.peers.sockets",))
WEBHOOK = replace(
    PANA, name="Pana by webhook, full answers", webhook="/hook",
    settings=lambda port: {"WEBHOOK_URL": "https://bench.example/hook", "WEBHOOK_LISTEN": f"127.0.0.1:{port}"},
)  # fmt: skip
# Every mode of ours stands in every table; the one by webhook as soon as the settings know it.
OURS: tuple[Bot, ...] = (PANA, WEBHOOK) if "webhook_url" in Settings.model_fields else (PANA,)


def peers() -> tuple[Bot, ...]:
    """The bare echoes; aiogram only where it is installed."""
    try:
        return PTB, Bot(f"aiogram {version('aiogram')}, echo", ("tests.bench.peers.aiogram3",))
    except ModuleNotFoundError:
        print("aiogram is not installed and is left out: pip install aiogram", file=sys.stderr)
        return (PTB,)


@dataclass
class Running:
    """A bot's process, and the Telegram to which it talks."""

    telegram: Telegram
    process: subprocess.Popen[bytes]
    began: float  # when the process was started

    def rss(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def cpu(self) -> float:
        """Seconds of processor time so far, all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rest(self, most: float = 60.0) -> None:
        """Wait until it does nothing any more: what is written behind belongs to what went before."""
        ends, before = time.monotonic() + most, -1.0
        while time.monotonic() < ends and self.cpu() > before:
            before = self.cpu()
            time.sleep(0.3)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None


@contextmanager
def running(bot: Bot, state: Path) -> Iterator[Running]:
    """A bot at work. ``state`` holds Pana's store and saved index."""
    port = _free_port() if bot.webhook else 0
    with Telegram(f"http://127.0.0.1:{port}{bot.webhook}" if port else "") as telegram:
        given = {"TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url, "STATE_DIR": str(state),
                 "PANA_KEY": KEY}  # fmt: skip
        arguments = () if bot.ours else (telegram.url, telegram.token)
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", *bot.module, *arguments], cwd=ROOT, stderr=subprocess.DEVNULL,
            env=_clean() | (given if bot.ours else {}) | dict(bot.settings(port)),
        )  # fmt: skip
        try:
            yield Running(telegram, process, began)
        finally:
            _stop(process)


def _clean() -> dict[str, str]:
    """The environment without what would set up a Pana, nor anybody's proxy between the two."""
    ours = ("TELEGRAM_", "PANA_", "DATABASE_", "WEBHOOK_", "HEALTH_", "STATE_", "STORE")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours) and "proxy" not in key.lower()}


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def without_store(bot: Bot) -> Bot:
    """The same without anything remembered."""
    return replace(bot, name=f"{bot.name}, STORE=none", settings=lambda port: {**bot.settings(port), "STORE": "none"})
