"""What must never be written anywhere: the token, ids of chats, names, what people wrote."""

from __future__ import annotations

import logging
import random
from io import StringIO

import pytest

from bot import log
from bot.chat.wire import Wire
from bot.guide import Guide
from bot.settings import Settings
from bot.web.botapi import LOCAL_TOKEN

from .conftest import running

NAME = "Zarghuna-Secretname"
WORDS = ["mysecretword", "тайноеслово", "کلمه‌محرم", "құпиясөз"]


async def test_a_thousand_updates_leave_no_trace_in_the_log(
    local_settings: Settings, guide: Guide, everything: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(1)
    async with running(local_settings, guide=guide) as chat:
        people = [chat.person(chance.choice(["fa", "ru", "kk", "en"]), name=NAME) for _ in range(20)]
        for person in people:
            person.start()
            await person.reply()
        for number in range(1000 - len(people)):
            person = people[number % len(people)]
            match number % 5:
                case 0:
                    person.write(f"{chance.choice(WORDS)} {number}")
                case 1:
                    person.press(person.last.id, f"{chance.choice(['fa', 'ru'])}_asylum_appeal", stale=True)
                case 2:
                    person.send("contact")
                case 3:
                    person.write(f"/start {chance.choice(WORDS)}")
                case _:
                    person.send("location")
            if number % 200 == 199:  # more waiting in one chat would be a flood
                await chat.settled_whatever_fails(30)
        chat.api.fail_next("sendMessage", 500, f"secret of {NAME}", times=2)
        chat.api.fail_next("editMessageText", 400, f"Bad Request: {NAME}", times=1)
        chat.api.raw_update({"message": {"message_id": NAME}})
        await chat.settled_whatever_fails(60)
        ids = [str(person.chat_id) for person in people]
        chat.failures.clear()
    text = everything.getvalue() + "".join(capfd.readouterr())
    assert text.count("answered") > 900, "the log was on"
    for secret in (LOCAL_TOKEN, LOCAL_TOKEN.split(":")[1], NAME, *WORDS, *ids):
        assert secret not in text


def test_a_foreign_record_keeps_only_its_template(everything: StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: %s", f"https://api.telegram.org/bot{LOCAL_TOKEN}/getMe")
    logging.getLogger("other").error(f"formatted already: bot{LOCAL_TOKEN} 4711471147")
    try:
        raise ValueError(f"token {LOCAL_TOKEN}")
    except ValueError:
        logging.getLogger("third").exception("it failed with %s", NAME)
    text = everything.getvalue()
    assert "HTTP Request: %s" in text
    assert LOCAL_TOKEN not in text
    assert "4711471147" not in text
    assert NAME not in text
    assert "ValueError" in text


def test_our_own_log_has_an_allow_list(everything: StringIO) -> None:
    log.get("x").info("answered", page="home", text=NAME, chat_id=12345678)
    assert "page=home" in everything.getvalue()
    assert NAME not in everything.getvalue()
    assert "12345678" not in everything.getvalue()


async def test_errors_of_the_wire_do_not_name_the_address() -> None:
    wire = Wire()
    await wire.initialize()
    with pytest.raises(Exception) as caught:
        await wire.post(f"http://127.0.0.1:9/bot{LOCAL_TOKEN}/getMe")
    await wire.shutdown()
    assert LOCAL_TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_settings_show_no_token(local_settings: Settings) -> None:
    assert LOCAL_TOKEN not in repr(local_settings)
    assert LOCAL_TOKEN not in str(local_settings.model_dump())
