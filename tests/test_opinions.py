"""That the second opinion objects, where there is something to object to. It is asked of every conversation in conftest."""

from __future__ import annotations

from typing import Any

import pytest

from bot.web.botapi import Call

from .opinions import ASKED, NOT_ASKED, objections

pytestmark = pytest.mark.skipif(not ASKED, reason=NOT_ASKED)
GOOD: dict[str, Any] = {
    "chat_id": 1,
    "text": "x",
    "parse_mode": "HTML",
    "link_preview_options": {"is_disabled": True},
    "reply_markup": {
        "inline_keyboard": [[{"text": "a", "callback_data": "b"}, {"text": "c", "copy_text": {"text": "d"}}]]
    },
}


def keyboard(**button: Any) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": [[{"text": "a"} | button]]}}


def said(method: str, params: dict[str, Any]) -> str:
    return "; ".join(objections([Call(method, params, 0.0)]))


def test_it_has_nothing_against_a_good_call() -> None:
    assert said("sendMessage", GOOD) == ""
    assert said("sendDocument", {"chat_id": 1, "document": {"file_name": "a.ics", "size": 1, "content": b"x"}}) == ""


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"txt": "x"}, "txt"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({"link_preview_options": {"is_disabled": True, "why": "x"}}, "link_preview_options.why"),
        (keyboard(callback_data="b", colour="red"), "inline_keyboard.0.0.colour"),
        (keyboard(callback_data=5), "reply_markup"),
        (keyboard(copy_text={"text": "x", "more": "y"}), "copy_text.more"),
        ({"reply_markup": {"inline_keyboard": [{"text": "a"}]}}, "reply_markup"),
    ],
)
def test_it_objects_to(change: dict[str, Any], place: str) -> None:
    assert place in said("sendMessage", GOOD | change)


def test_it_objects_to_a_method_that_is_none_and_to_what_is_missing() -> None:
    assert "no such method" in said("sendMessages", GOOD)
    assert "text" in said("sendMessage", {"chat_id": 1})


def test_it_repeats_nothing_of_what_was_sent() -> None:
    assert "secret" not in said("sendMessage", {"chat_id": "secret", "text": {"secret": "secret"}, "other": "secret"})
