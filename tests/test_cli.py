"""The command line, as an editor or operator types it: in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import socket

import pytest

from bot.app import store_of
from bot.chat.liveness import Liveness
from bot.cli import serve
from bot.settings import Settings
from bot.store import Held, Keys, Nowhere, Store, new_key

from .conftest import ROOT, SMALL

STRANGE = ("TELEGRAM_", "WEBHOOK_", "HEALTH_", "FAQ_", "STATE_", "PANA_", "DATABASE_", "STORE")
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith(STRANGE)} | {"PANA_KEY": new_key()}


def pana(*words: str, given: str = "", folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder, env=ENVIRONMENT | variables, input=given, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_check_of_the_real_content() -> None:
    found = pana("check")
    assert found.returncode == 0, found.stdout
    assert found.stdout.splitlines()[-1].startswith("0 errors")


def test_check_names_file_line_and_mend(content: Path) -> None:
    entry = content / "asylum" / "appeal.yaml"
    entry.write_text(
        entry.read_text("utf-8").replace("risk: high", "risk: hihg").replace("related:", "relatd:"), "utf-8"
    )
    found = pana("check", FAQ_DIR=str(content))
    assert found.returncode == 1
    assert "faq/asylum/appeal.yaml:3: “hihg” is not known for “risk”. Write 'high' or 'normal'." in found.stdout
    assert "faq/asylum/appeal.yaml:10: “relatd” is not a key here. Did you mean “related”?" in found.stdout
    as_json = json.loads(pana("check", "--json", FAQ_DIR=str(content)).stdout)
    assert as_json["errors"] == 2
    assert {(one["path"], one["line"]) for one in as_json["problems"] if not one["warning"]} == {
        ("faq/asylum/appeal.yaml", 3),
        ("faq/asylum/appeal.yaml", 10),
    }


@pytest.mark.parametrize("name", ["kk", "ru", "en", "fa", "prs", "fa-AF", "fa_AF"])
def test_show_in_every_language(name: str) -> None:
    found = pana("show", "asylum_appeal", "--language", name)
    assert found.returncode == 0, found.stderr
    assert "_sos]" in found.stdout


def test_show_of_an_unknown_language_says_which_there_are() -> None:
    found = pana("show", "home", "--language", "tlh")
    assert found.returncode == 1
    assert found.stderr.strip() == "“tlh” is none of the four languages. Write kk, ru, en or fa."


def test_ask_prints_the_screen() -> None:
    assert "5 calendar days" in pana("ask", "How soon must I apply for asylum?", "--language", "en").stdout


def test_ask_by_lines() -> None:
    lines = [
        {"q": "How soon must I apply for asylum?", "language": "en"},
        {"q": "муж меня бьёт, помогите"},
        {"q": "gjkhgf dfghj", "language": "fa_AF"},
        {"q": "\u0000\ud800"},
    ]
    found = pana("ask", "--jsonl", given="\n".join(json.dumps(line) for line in lines) + "\n\n")
    assert found.returncode == 0, found.stderr
    answers = [json.loads(line) for line in found.stdout.splitlines()]
    assert [set(answer) for answer in answers] == [{"q", "ranked", "band", "confident", "urgent"}] * 4
    assert answers[0]["ranked"][0] == "asylum/deadline-to-apply"
    assert answers[0]["band"] == "answer"
    assert answers[0]["confident"] is True
    assert answers[1]["ranked"][0] == "emergency/domestic-violence"
    assert answers[1]["urgent"] == "emergency/domestic-violence"
    assert answers[2] == {"q": "gjkhgf dfghj", "ranked": [], "band": "none", "confident": False, "urgent": None}


def test_a_bad_line_is_named_and_the_others_are_answered() -> None:
    found = pana("ask", "--jsonl", given='{"q": "appeal"}\nnot json\n{"language": "en"}\n[]\n')
    assert found.returncode == 1
    assert len(found.stdout.splitlines()) == 1
    assert [line.split(":")[1] for line in found.stderr.splitlines()] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"TELEGRAM_TOKEN": "abc"}, "TELEGRAM_TOKEN is no token of a bot. Copy the whole line that BotFather gave you"),
        ({"TELEGRAM_TOKEN_FILE": "/nowhere"}, "TELEGRAM_TOKEN_FILE names a file that cannot be read."),
        ({"TELEGRAM_TOKN": "x"}, "TELEGRAM_TOKN is not a setting of Pana. Did you mean TELEGRAM_TOKEN?"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is not known. Write DEBUG, INFO, WARNING or ERROR."),
        ({"FAQ_DIR": "nowhere"}, "FAQ_DIR names a folder that does not exist."),
        ({"TELEGRAM_API_URL": "ftp:/x"}, "TELEGRAM_API_URL is no address."),
        ({"WEBHOOK_URL": "http://a.kz/x"}, "WEBHOOK_URL is no address to which Telegram brings updates. Write https://"),
        ({"WEBHOOK_URL": "https://a.kz:8080/x"}, "WEBHOOK_URL is no address to which Telegram brings updates."),
        ({"WEBHOOK_URL": "https://a.kz:x/"}, "WEBHOOK_URL is no address to which Telegram brings updates."),
        ({"WEBHOOK_URL": "https://a.kz/x?y=1"}, "nothing after a “?”"),
        ({"WEBHOOK_URL": "https://a.kz/{x"}, "no braces"),
        ({"WEBHOOK_URL": "https://a.kz/a%20b"}, "no “%”"),
        ({"WEBHOOK_URL": f"https://a.kz/123456789:{'x' * 35}"}, "and never the token"),
        ({"WEBHOOK_SECRET": "too short"}, "WEBHOOK_SECRET is no secret that Telegram takes. Write at least 32 letters"),
        ({"WEBHOOK_SECRET_FILE": "/nowhere"}, "WEBHOOK_SECRET_FILE names a file that cannot be read."),
        ({"WEBHOOK_LISTEN": "here"}, "WEBHOOK_LISTEN is no place to listen. Write host:port"),
        ({"HEALTH_LISTEN": "127.0.0.1:99999"}, "HEALTH_LISTEN is no place to listen. Write host:port"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)  # fmt: skip
def test_settings_are_named_with_what_to_write(variables: dict[str, str], said: str) -> None:
    found = pana("run", **variables)
    assert found.returncode == 1
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_broken_content_at_start_is_printed_whole_and_nothing_is_served(content: Path) -> None:
    entry = content / "asylum" / "appeal.yaml"
    entry.write_text("source: en\n\tbad", "utf-8")
    (content / "topics.yaml").write_text("emergency: [", "utf-8")
    found = pana("run", FAQ_DIR=str(content))
    assert found.returncode == 1
    assert "faq/asylum/appeal.yaml:2: has a tab" in found.stderr
    assert "faq/topics.yaml:1:" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_refused_token_names_its_variable_and_botfather(refusing_server: str) -> None:
    found = pana("run", TELEGRAM_TOKEN="123456789:" + "x" * 35, TELEGRAM_API_URL=refusing_server)
    assert found.returncode == 1
    assert "Telegram refused the token in TELEGRAM_TOKEN. Copy it again from @BotFather" in found.stderr
    assert "x" * 35 not in found.stderr
    assert "Unclosed" not in found.stderr


@pytest.fixture
def refusing_server() -> Iterator[str]:
    """A Bot API that knows another token than ours."""
    with _answering(401, b'{"ok":false,"error_code":401,"description":"Unauthorized"}') as url:
        yield url


@pytest.fixture
def an_unhappy_server() -> Iterator[str]:
    """A Bot API that takes nothing."""
    with _answering(400, b'{"ok":false,"error_code":400,"description":"Bad Request: no"}') as url:
        yield url


@contextmanager
def _answering(status: int, body: bytes) -> Iterator[str]:
    class Same(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Same)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_profile_that_telegram_does_not_take_is_a_sentence(an_unhappy_server: str) -> None:
    found = pana("profile", TELEGRAM_TOKEN="123456789:" + "x" * 35, TELEGRAM_API_URL=an_unhappy_server)
    assert found.returncode == 1
    assert "Telegram did not take the profile (BadRequest). Try again in some minutes." in found.stderr
    assert "Please report" not in found.stderr
    assert "Unclosed" not in found.stderr


def test_run_without_a_token_says_so_and_goes_on_to_the_try_out() -> None:
    with socket() as taken:
        with suppress(OSError):  # somebody else may have it: no matter who
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        found = pana("run", FAQ_DIR=str(SMALL))
    assert "TELEGRAM_TOKEN is not set, so nothing is sent to Telegram. Get a token from @BotFather" in found.stdout
    assert "Choose another port: pana try --port 8081." in found.stderr


def test_try_says_where_it_is_and_serves_the_page() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "try", "--port", "0"],
        cwd=ROOT, env=ENVIRONMENT | {"FAQ_DIR": str(SMALL)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert "Pana can be tried at http://127.0.0.1:" in line
        url = line.split(" at ")[1].split(" ")[0]
        with urllib.request.urlopen(url, timeout=5) as page:
            assert b"<html" in page.read().lower()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        process.stdout.close()
        process.stderr.close()


def test_health_tells_whether_telegram_answered_lately(tmp_path: Path) -> None:
    assert pana("health", STATE_DIR=str(tmp_path)).returncode == 1
    Liveness(tmp_path).sign()
    assert pana("health", STATE_DIR=str(tmp_path)).returncode == 0
    os.utime(tmp_path / "alive", (time.monotonic() - 100,) * 2)
    assert pana("health", STATE_DIR=str(tmp_path)).returncode == 1


def test_the_schema_for_editors_is_current(tmp_path: Path) -> None:
    made = tmp_path / "schema.json"
    assert pana("schema", str(made)).returncode == 0
    assert (ROOT / "faq" / "schema.json").read_text("utf-8") == made.read_text("utf-8"), "run: make schema"


@pytest.mark.parametrize("line", ["TELEGRAM_TOKEN:{}", "TELEGRAM_TOKEN{}=", "TELEGRAM_TOKEN {}"])
def test_a_slip_in_the_env_file_never_shows_the_token(tmp_path: Path, line: str) -> None:
    token = "123456789:" + "AAEslip" * 5
    (tmp_path / ".env").write_text(line.format(token) + "\n", "utf-8")
    found = pana("health", folder=tmp_path, PYTHONPATH=str(ROOT))
    assert found.returncode == 1
    assert "AAEslip" not in found.stdout + found.stderr
    assert "Traceback" not in found.stderr


def test_an_env_file_in_another_encoding_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("LOG_LEVEL=INFO # é".encode("utf-16"))
    found = pana("health", folder=tmp_path, PYTHONPATH=str(ROOT))
    assert "Save it with the encoding UTF-8" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_key_is_printed(tmp_path: Path) -> None:
    found = pana("key", "new")
    assert len(Keys.read(found.stdout).ids) == 1
    assert found.stdout != pana("key", "new").stdout


KEYLESS = {"PANA_KEY": "", "TELEGRAM_TOKEN": "123456789:" + "x" * 35, "FAQ_DIR": str(SMALL)}


@pytest.mark.parametrize(
    "where",
    [
        {"PANA_CONTAINER": "1"},
        {"PANA_CONTAINER": "0", "DATABASE_URL": "postgresql://user:secretword@nowhere/pana"},
    ],
    ids=["container", "postgres"],
)
def test_in_a_container_and_with_postgres_the_key_must_be_given(where: dict[str, str]) -> None:
    found = pana("run", **KEYLESS, **where)
    assert found.returncode == 1
    assert "PANA_KEY_FILE is not set" in found.stderr
    assert "or the key itself, as PANA_KEY" in found.stderr
    assert "pana key new" in found.stderr
    assert "STORE=none" in found.stderr
    assert "secretword" not in found.stderr


def test_in_a_container_what_remembers_nothing_needs_no_key(local_settings: Settings) -> None:
    bare = local_settings.model_copy(update={"pana_key": None, "contained": True, "store": "none"})
    assert isinstance(store_of(bare), Nowhere)
    assert pana("check", **KEYLESS, PANA_CONTAINER="1").returncode == 0


def test_without_a_home_for_the_key_the_faq_goes_on_and_nothing_is_remembered(local_settings: Settings) -> None:
    bare = local_settings.model_copy(update={"pana_key": None, "contained": False, "key_home": None})
    assert isinstance(store_of(bare), Nowhere)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PANA_KEY": "abc"}, "PANA_KEY holds what is no key. Write 32 bytes in base64"),
        ({"PANA_KEY_FILE": "/nowhere", "PANA_KEY": ""}, "PANA_KEY_FILE names a file that cannot be read."),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL is no address of PostgreSQL."),
        ({"STORE": "oracle"}, "STORE is not known. Write sqlite, or none"),
        ({"PANA_KEYS": "x"}, "PANA_KEYS is not a setting of Pana. Did you mean PANA_KEY?"),
    ],
)
def test_settings_of_the_store_that_are_wrong_say_what_to_write(variables: dict[str, str], said: str) -> None:
    found = pana("wipe", "--yes", **variables)
    assert found.returncode == 1
    assert said in found.stderr


def test_a_key_beside_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(new_key())
    found = pana("wipe", "--yes", PANA_KEY="", PANA_KEY_FILE=str(tmp_path / "key"), STATE_DIR=str(tmp_path))
    assert "PANA_KEY_FILE lies in STATE_DIR, beside the database." in found.stderr


async def _one_reader(place: Path, key: str) -> Held:
    store = Store(place, Keys.read(key))
    if (await store.held(1)).language is None:
        await store.choose(1, "fa")
        await store.keep(1, "k3", date(2026, 11, 20), date(2026, 12, 1))
    held = await store.held(1)
    await store.close()
    return held


def test_the_first_run_makes_a_key_apart_from_the_database_and_says_what_that_means(tmp_path: Path) -> None:
    where = {
        "PANA_KEY": "",
        "PANA_CONTAINER": "0",
        "XDG_CONFIG_HOME": str(tmp_path / "x"),
        "STATE_DIR": str(tmp_path / "s"),
    }
    found = pana("wipe", "--yes", **where)
    assert found.returncode == 0, found.stderr
    assert "whoever has it and the database can tell who asked" in found.stderr
    assert (tmp_path / "x" / "pana" / "key").stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in (tmp_path / "s").iterdir()) == ["pana.db"]
    assert "a key was made" not in pana("wipe", "--yes", **where).stderr


def test_wiping_asks_first_and_then_deletes(tmp_path: Path) -> None:
    place, key = tmp_path / "s" / "pana.db", new_key()
    before = asyncio.run(_one_reader(place, key))
    where = {"PANA_KEY": key, "STATE_DIR": str(tmp_path / "s")}
    refused = pana("wipe", given="no\n", **where)
    assert (refused.returncode, "Nothing was deleted." in refused.stderr) == (1, True)
    assert asyncio.run(_one_reader(place, key)) == before
    assert "Everything was deleted." in pana("wipe", given="yes\n", **where).stdout
    assert asyncio.run(_one_reader(place, key)).reminders[0].id != before.reminders[0].id


def test_a_key_is_rotated_in_its_file(tmp_path: Path) -> None:
    place, file, key = tmp_path / "s" / "pana.db", tmp_path / "key", new_key()
    file.write_text(key)
    before = asyncio.run(_one_reader(place, key))
    where = {"PANA_KEY": "", "PANA_KEY_FILE": str(file), "STATE_DIR": str(tmp_path / "s")}
    found = pana("key", "rotate", **where)
    assert "Sealed anew: 1 reminders." in found.stdout, found.stderr
    newer, older = file.read_text().split()
    assert older == key
    assert asyncio.run(_one_reader(place, newer)).reminders == before.reminders
    assert asyncio.run(_one_reader(place, f"{newer} {older}")) == before


def test_a_key_that_stands_in_the_environment_is_rotated_by_hand(tmp_path: Path) -> None:
    place, key = tmp_path / "s" / "pana.db", new_key()
    before = asyncio.run(_one_reader(place, key))
    where = {"STATE_DIR": str(tmp_path / "s")}
    assert "pana key rotate --given" in pana("key", "rotate", PANA_KEY=key, **where).stderr
    both = f"{new_key()} {key}"
    assert "Sealed anew: 1 reminders." in pana("key", "rotate", "--given", PANA_KEY=both, **where).stdout
    assert asyncio.run(_one_reader(place, both)) == before


@pytest.mark.parametrize("words", [("wipe", "--yes"), ("key", "rotate")])
def test_with_no_store_there_is_nothing_to_do(words: tuple[str, ...]) -> None:
    assert "STORE=none: nothing is remembered" in pana(*words, STORE="none").stderr


def test_the_faster_event_loop_is_taken_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    with asyncio.Runner(loop_factory=serve._loops()) as runner:
        assert type(runner.get_loop()).__module__.startswith("uvloop")
    monkeypatch.setattr("bot.cli.serve.find_spec", lambda _name: None)
    with asyncio.Runner(loop_factory=serve._loops()) as runner:
        assert type(runner.get_loop()).__module__.startswith("asyncio")
