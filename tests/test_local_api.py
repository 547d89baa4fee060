"""The local Bot API refuses what Telegram refuses, in the same words, and keeps what Telegram keeps."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.web.botapi import Call, LocalBotApi, Person, violations_of
from bot.web.entities import Formatted, MarkupError, checked_link, settled
from bot.web.html_reader import parse_html
from bot.web.rules import NOT_MODIFIED, OTHER_POLLER, QUERY_TOO_OLD, WEBHOOK_ACTIVE

from .conftest import OFFICIAL, needs_description

pytestmark = pytest.mark.asyncio


class Wire:
    """A bot with no library: what it asks goes out as it stands."""

    def __init__(self, api: LocalBotApi, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        async with self.session.post(f"{self.api.base_url}{self.api.token}/{method}", json=params) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == body.get("error_code", 200)
            return body

    async def result(self, method: str, **params: Any) -> Any:
        body = await self.call(method, **params)
        assert body["ok"], body
        return body["result"]

    async def refusal(self, method: str, **params: Any) -> str:
        body = await self.call(method, **params)
        assert not body["ok"], body
        return str(body["description"])


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    async with LocalBotApi() as api, aiohttp.ClientSession() as session:
        yield Wire(api, session)


@pytest.fixture
def person(wire: Wire) -> Person:
    return wire.api.person(language_code="fa")


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x"} | button]]}


# --- messages and keyboards ---------------------------------------------------------------------

ANY = {"text": "x", "callback_data": "a"}
REFUSED_MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({}, "message text is empty"),
    ({"text": ""}, "message text is empty"),
    ({"text": " \n "}, "text must be non-empty"),
    ({"text": "\u2028\u202e"}, "text must be non-empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "😀" * 2049}, "message is too long"),
    ({"text": "ش" * 17000}, "text is too long"),
    ({"text": "x", "parse_mode": "XML"}, "unsupported parse_mode"),
    ({"text": "a</b>", "parse_mode": "HTML"}, "can't parse entities: Unexpected end tag at byte offset 1"),
    ({"text": "x", "chat_id": 99}, "chat not found"),
    ({"text": "x", "chat_id": ""}, "chat_id is empty"),
    ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
    ({"text": "x", "reply_parameters": "{"}, "can't parse reply parameters JSON object"),
    ({"text": "x", "reply_parameters": {}, "reply_markup": []}, "object expected as reply markup"),
    ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    (
        {"text": "x", "reply_markup": {"inline_keyboard": None}},
        'field "inline_keyboard" must be of type Array',
    ),
    (
        {"text": "x", "reply_markup": {"inline_keyboard": [{}]}},
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ),
    (
        {"text": "x", "reply_markup": {"inline_keyboard": [["x"]]}},
        "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
    ),
    (
        {"text": "x", "reply_markup": {"inline_keyboard": [[{"callback_data": "x"}]]}},
        "can't parse inline keyboard button: Can't find field \"text\"",
    ),
    (
        {"text": "x", "reply_markup": keyboard()},
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        {"text": "x", "reply_markup": keyboard(callback_data="")},
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        {"text": "x", "reply_markup": keyboard(callback_data="a", url="https://a.kz")},
        "can't parse inline keyboard button: A button must have exactly one action, it has url, callback_data",
    ),
    (
        {"text": "x", "reply_markup": keyboard(callback_data="a", style="loud")},
        "can't parse inline keyboard button: invalid button style specified",
    ),
    (
        {"text": "x", "reply_markup": keyboard(text=" ", callback_data="a")},
        "inline keyboard button text must be non-empty",
    ),
    ({"text": "x", "reply_markup": keyboard(callback_data="ش" * 33)}, "BUTTON_DATA_INVALID"),
    ({"text": "x", "reply_markup": keyboard(copy_text={"text": "x" * 257})}, "BUTTON_COPY_TEXT_INVALID"),
    ({"text": "x", "reply_markup": keyboard(copy_text={"text": ""})}, "BUTTON_COPY_TEXT_INVALID"),
    ({"text": "x", "reply_markup": keyboard(url=f"https://a.kz/{'x' * 2048}")}, "BUTTON_URL_INVALID"),
    ({"text": "x", "reply_markup": keyboard(url="ton://a")}, "BUTTON_URL_INVALID"),
    (
        {"text": "x", "reply_markup": keyboard(url="ftp://a.kz")},
        "inline keyboard button URL 'ftp://a.kz' is invalid: Unsupported URL protocol",
    ),
    (
        {"text": "x", "reply_markup": keyboard(url="tel:+7727")},
        "inline keyboard button URL 'tel:+7727' is invalid: Wrong port number specified in the URL",
    ),
    (
        {"text": "x", "reply_markup": keyboard(url="http://localhost")},
        "inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL",
    ),
    ({"text": "x", "reply_markup": {"inline_keyboard": [[ANY]] * 101}}, "reply markup is too long"),
    ({"text": "x", "reply_markup": {"inline_keyboard": [[ANY] * 9]}}, "reply markup is too long"),
]


@pytest.mark.parametrize(("params", "words"), REFUSED_MESSAGES)
async def test_a_message_is_refused(wire: Wire, person: Person, params: dict[str, Any], words: str) -> None:
    assert await wire.refusal("sendMessage", **({"chat_id": person.chat_id} | params)) == f"Bad Request: {words}"
    assert person.messages == []


async def test_the_limits_themselves_are_allowed(wire: Wire, person: Person) -> None:
    full = [[{"text": "x", "callback_data": "ش" * 32}] * 8] * 12 + [[{"text": "y", "copy_text": {"text": "x" * 256}}]]
    await wire.result("sendMessage", chat_id=person.chat_id, text="😀" * 2048, reply_markup={"inline_keyboard": full})
    assert len(person.last.buttons) == 97


async def test_markup_does_not_count(wire: Wire, person: Person) -> None:
    text = "<b>" + "&amp;" * 4096 + "</b>"
    await wire.result("sendMessage", chat_id=person.chat_id, text=text, parse_mode="HTML")
    assert person.last.text == "&" * 4096


@pytest.mark.parametrize("style", ["danger", "success", "primary"])
async def test_coloured_buttons(wire: Wire, person: Person, style: str) -> None:
    markup = keyboard(callback_data="a", style=style)
    await wire.result("sendMessage", chat_id=person.chat_id, text="x", reply_markup=markup)
    assert person.last.keyboard[0][0]["style"] == style


@pytest.mark.parametrize("encoding", ["json", "form", "multipart", "query"])
async def test_every_encoding_is_read_alike(wire: Wire, person: Person, encoding: str) -> None:
    markup = keyboard(callback_data="a")
    values = {"chat_id": str(person.chat_id), "text": "سلام 😀", "reply_markup": json.dumps(markup)}
    address = f"{wire.api.base_url}{wire.api.token}/SENDmessage"
    ways: dict[str, dict[str, Any]] = {
        "json": {"json": values | {"reply_markup": markup}},
        "form": {"data": values},
        "multipart": {"data": aiohttp.FormData(values, default_to_multipart=True)},
        "query": {"params": values},
    }
    async with wire.session.post(address, **ways[encoding]) as answer:
        assert answer.status == 200, await answer.text()
    assert (person.last.text, person.last.keyboard) == ("سلام 😀", markup["inline_keyboard"])
    assert wire.api.calls[-1].params == {"chat_id": person.chat_id, "text": "سلام 😀", "reply_markup": markup}


async def test_blocked(wire: Wire, person: Person) -> None:
    person.block()
    words = await wire.refusal("sendMessage", chat_id=person.chat_id, text="x")
    assert words == "Forbidden: bot was blocked by the user"
    person.unblock()
    await wire.result("sendMessage", chat_id=person.chat_id, text="x")


async def test_files_become_bubbles(wire: Wire, person: Person) -> None:
    form = aiohttp.FormData({"chat_id": str(person.chat_id), "caption": "c", "document": "attach://one"})
    form.add_field("one", b"abc", filename="pack.pdf")
    async with wire.session.post(f"{wire.api.base_url}{wire.api.token}/sendDocument", data=form) as answer:
        assert answer.status == 200, await answer.text()
    assert (person.last.kind, person.last.content["file_name"], person.last.text) == (
        "document",
        "pack.pdf",
        "c",
    )
    assert person.last.upload == b"abc"
    assert await wire.refusal("sendPhoto", chat_id=person.chat_id) == "Bad Request: there is no photo in the request"


# --- edits and deletions ------------------------------------------------------------------------


async def test_edits(wire: Wire, person: Person) -> None:
    at = {"chat_id": person.chat_id}
    sent = await wire.result("sendMessage", **at, text="a", reply_markup=keyboard(callback_data="x"))
    at |= {"message_id": sent["message_id"]}
    same = {"text": "a", "reply_markup": keyboard(callback_data="x")}
    assert await wire.refusal("editMessageText", **at, **same) == f"Bad Request: {NOT_MODIFIED}"
    edited = await wire.result("editMessageText", **at, text="a")
    assert "reply_markup" not in edited
    assert person.last.edited
    assert await wire.refusal("editMessageReplyMarkup", **at) == f"Bad Request: {NOT_MODIFIED}"
    assert NOT_MODIFIED.endswith("exactly the same as a current content and reply markup of the message")
    await wire.result("editMessageReplyMarkup", **at, reply_markup=keyboard(callback_data="y"))
    words = await wire.refusal("editMessageText", **at, text="b", reply_markup={"remove_keyboard": True})
    assert words == "Bad Request: inline keyboard expected"


async def test_what_cannot_be_edited(wire: Wire, person: Person) -> None:
    at = {"chat_id": person.chat_id}
    assert (
        await wire.refusal("editMessageText", **at, message_id=99, text="x") == "Bad Request: message to edit not found"
    )
    assert await wire.refusal("editMessageText", text="x") == "Bad Request: message identifier is not specified"
    theirs = person.write("hello").id
    assert (
        await wire.refusal("editMessageText", **at, message_id=theirs, text="x")
        == "Bad Request: message can't be edited"
    )
    photo = (await wire.result("sendPhoto", **at, photo="https://a.kz/x.png"))["message_id"]
    words = await wire.refusal("editMessageText", **at, message_id=photo, text="x")
    assert words == "Bad Request: there is no text in the message to edit"


async def test_deleting(wire: Wire, person: Person) -> None:
    at = {"chat_id": person.chat_id}
    ids = [(await wire.result("sendMessage", **at, text=str(n)))["message_id"] for n in range(3)]
    assert await wire.result("deleteMessage", **at, message_id=ids[0]) is True
    assert person.messages[0].deleted
    assert await wire.refusal("deleteMessage", **at, message_id=ids[0]) == "Bad Request: message to delete not found"
    assert (
        await wire.refusal("editMessageText", **at, message_id=ids[0], text="x")
        == "Bad Request: message to edit not found"
    )
    assert await wire.result("deleteMessages", **at, message_ids=[*ids[:2], 999]) is True
    assert person.last.id == ids[2]
    person.last.date -= 49 * 3600
    words = await wire.refusal("deleteMessage", **at, message_id=ids[2])
    assert words == "Bad Request: message can't be deleted for everyone"


async def test_one_message_that_may_not_be_deleted_refuses_the_batch(wire: Wire, person: Person) -> None:
    at = {"chat_id": person.chat_id}
    young, old = person.write("young"), person.write("old")
    old.date -= 49 * 3600
    for refused in (old, person.send("dice")):
        words = await wire.refusal("deleteMessages", **at, message_ids=[young.id, refused.id])
        assert words == "Bad Request: message can't be deleted for everyone"
        assert not young.deleted
    person.messages[-1].date -= 25 * 3600
    assert await wire.result("deleteMessages", **at, message_ids=[young.id, person.messages[-1].id]) is True
    assert young.deleted


# --- presses ------------------------------------------------------------------------------------


async def test_a_press_is_answered_once(wire: Wire, person: Person) -> None:
    await wire.result("sendMessage", chat_id=person.chat_id, text="x", reply_markup=keyboard(callback_data="go"))
    query = person.tap("x")
    update = (await wire.result("getUpdates"))[-1]["callback_query"]
    assert (update["id"], update["data"], update["message"]["text"]) == (query, "go", "x")
    await wire.result("answerCallbackQuery", callback_query_id=query, text="خوب", show_alert=True)
    assert (await person.answer(query)).show_alert
    again = await wire.refusal("answerCallbackQuery", callback_query_id=query)
    assert again == f"Bad Request: {QUERY_TOO_OLD}"
    assert QUERY_TOO_OLD == "query is too old and response timeout expired or query ID is invalid"


async def test_presses_that_cannot_be_answered(wire: Wire, person: Person) -> None:
    assert await wire.refusal("answerCallbackQuery", callback_query_id="1") == f"Bad Request: {QUERY_TOO_OLD}"
    await wire.result("sendMessage", chat_id=person.chat_id, text="x", reply_markup=keyboard(callback_data="go"))
    query = person.press(person.last.id, "long gone", stale=True)
    long = await wire.refusal("answerCallbackQuery", callback_query_id=query, text="x" * 201)
    assert long == "Bad Request: MESSAGE_TOO_LONG"
    elsewhere = await wire.refusal("answerCallbackQuery", callback_query_id=query, url="https://a.kz")
    assert elsewhere == "Bad Request: URL_INVALID"
    wire.api.callback_lifetime = 0.0
    assert await wire.refusal("answerCallbackQuery", callback_query_id=query) == f"Bad Request: {QUERY_TOO_OLD}"


async def test_a_person_presses_only_what_is_there(wire: Wire, person: Person) -> None:
    await wire.result("sendMessage", chat_id=person.chat_id, text="x", reply_markup=keyboard(url="https://a.kz"))
    with pytest.raises(LookupError, match="there are: 'x'"):
        person.tap("y")
    with pytest.raises(ValueError, match="no callback button"):
        person.tap("x")


# --- getUpdates ---------------------------------------------------------------------------------


async def test_updates_stay_until_confirmed(wire: Wire, person: Person) -> None:
    for text in ("a", "b", "c"):
        person.write(text)
    first = await wire.result("getUpdates", limit=2)
    assert [u["message"]["text"] for u in first] == ["a", "b"]
    assert await wire.result("getUpdates", limit=2) == first
    rest = await wire.result("getUpdates", offset=first[-1]["update_id"] + 1)
    assert [u["message"]["text"] for u in rest] == ["c"]
    assert await wire.result("getUpdates", offset=rest[-1]["update_id"] + 1) == []


async def test_a_negative_offset_keeps_the_newest(wire: Wire, person: Person) -> None:
    for text in ("a", "b", "c"):
        person.write(text)
    assert [u["message"]["text"] for u in await wire.result("getUpdates", offset=-1)] == ["c"]
    assert len(await wire.result("getUpdates")) == 1


async def test_a_long_poll_wakes_at_once(wire: Wire, person: Person) -> None:
    poll = asyncio.create_task(wire.result("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    person.write("now")
    assert [u["message"]["text"] for u in await poll] == ["now"]
    assert time.monotonic() - began < 1


async def test_a_second_poller_ends_the_first(wire: Wire, person: Person) -> None:
    first = asyncio.create_task(wire.call("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(wire.result("getUpdates", timeout=30))
    assert await first == {"ok": False, "error_code": 409, "description": OTHER_POLLER}
    assert OTHER_POLLER == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    person.write("x")
    assert len(await second) == 1


async def test_no_polling_with_a_webhook(wire: Wire, person: Person) -> None:
    poll = asyncio.create_task(wire.refusal("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    await wire.result("setWebhook", url="https://pana.example/hook", secret_token="a_b-c")
    assert await poll == "Conflict: terminated by setWebhook request"
    assert await wire.refusal("getUpdates") == WEBHOOK_ACTIVE
    assert (await wire.result("getWebhookInfo"))["url"] == "https://pana.example/hook"
    person.write("x")
    await wire.result("deleteWebhook", drop_pending_updates=True)
    assert await wire.result("getUpdates") == []
    assert "HTTPS URL must be provided" in await wire.refusal("setWebhook", url="http://a.kz")


async def test_allowed_updates_stay(wire: Wire, person: Person) -> None:
    await wire.result("getUpdates", allowed_updates=["callback_query"])
    person.write("unheard")
    assert await wire.result("getUpdates") == []
    await wire.result("getUpdates", allowed_updates=[])
    person.write("heard")
    assert len(await wire.result("getUpdates")) == 1


async def test_held_updates_wait(wire: Wire, person: Person) -> None:
    wire.api.hold_updates = True
    poll = asyncio.create_task(wire.result("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    person.write("x")
    await asyncio.sleep(0.05)
    assert not poll.done()
    wire.api.hold_updates = False
    assert len(await poll) == 1


async def test_raw_updates_go_out_as_they_are(wire: Wire) -> None:
    number = wire.api.raw_update({"message": {"nonsense": True}})
    assert await wire.result("getUpdates") == [{"update_id": number, "message": {"nonsense": True}}]


# --- a person -----------------------------------------------------------------------------------


async def test_what_a_person_sends(wire: Wire, person: Person) -> None:
    person.start("en_asylum_appeal")
    person.write("hi")
    for kind in ("photo", "document", "voice", "sticker", "contact", "location"):
        person.send(kind)
    person.edit(person.messages[1].id, "hi!")
    person.block()
    updates = await wire.result("getUpdates")
    start = updates[0]["message"]
    assert (start["text"], start["from"]["language_code"], start["chat"]["type"]) == (
        "/start en_asylum_appeal",
        "fa",
        "private",
    )
    assert start["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert [next(k for k in CONTENT if k in u["message"]) for u in updates[2:8]] == CONTENT
    assert updates[8]["edited_message"]["text"] == "hi!"
    assert updates[9]["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    ids = [u["update_id"] for u in updates]
    assert ids == sorted(set(ids))


CONTENT = ["photo", "document", "voice", "sticker", "contact", "location"]


async def test_groups_and_channels(wire: Wire) -> None:
    first = wire.api.person("Family", kind="supergroup")
    second = wire.api.person("Ahmad", chat_id=first.chat_id)
    second.write("/start")
    wire.api.person("News", kind="channel").write("post")
    group, channel = await wire.result("getUpdates")
    assert group["message"]["chat"] == {"id": first.chat_id, "type": "supergroup", "title": "Family"}
    assert group["message"]["from"]["first_name"] == "Ahmad"
    assert "from" not in channel["channel_post"]


async def test_a_person_waits_for_the_reply(wire: Wire, person: Person) -> None:
    waiting = asyncio.create_task(person.reply())
    await wire.result("sendMessage", chat_id=person.chat_id, text="late")
    assert (await waiting).text == "late"
    with pytest.raises(TimeoutError):
        await person.reply(within=0.05)


# --- profile ------------------------------------------------------------------------------------


async def test_commands_by_language_and_scope(wire: Wire, person: Person) -> None:
    for code, text in (("", "Start"), ("fa", "شروع")):
        commands = [{"command": "start", "description": text}]
        await wire.result("setMyCommands", commands=commands, language_code=code)
    assert person.commands[0]["description"] == "شروع"
    person.language_code = "uz"
    assert person.commands[0]["description"] == "Start"
    await wire.result("setMyCommands", commands=commands, scope={"type": "chat", "chat_id": person.chat_id})
    assert person.commands[0]["description"] == "شروع"
    await wire.result("deleteMyCommands", language_code="fa")
    assert await wire.result("getMyCommands", language_code="fa") == []


COMMAND = {"command": "a", "description": "b"}
REFUSED_PROFILES: list[tuple[str, dict[str, Any], str]] = [
    ("setMyCommands", {"commands": [], "language_code": "prs"}, "invalid language code specified"),
    ("setMyName", {"name": "x", "language_code": "FA"}, "invalid language code specified"),
    ("setMyCommands", {"commands": "x"}, "can't parse commands JSON object"),
    ("setMyCommands", {"commands": [1]}, "can't parse BotCommand: expected an Object"),
    ("setMyCommands", {"commands": [COMMAND] * 101}, "BOT_COMMANDS_TOO_MUCH"),
    ("setMyCommands", {"commands": [COMMAND | {"command": "Ä"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [COMMAND | {"command": "a" * 33}]}, "command length must not exceed 32"),
    (
        "setMyCommands",
        {"commands": [COMMAND | {"description": " "}]},
        "command description must be non-empty",
    ),
    ("setMyCommands", {"scope": {"type": "x"}}, "can't parse BotCommandScope: Unsupported type specified"),
    ("setMyName", {"name": "x" * 65}, "NAME_TOO_LONG"),
    ("setMyDescription", {"description": "x" * 513}, "DESCRIPTION_TOO_LONG"),
    ("setMyShortDescription", {"short_description": "x" * 121}, "SHORT_DESCRIPTION_TOO_LONG"),
    ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
    ("getChat", {"chat_id": 12345}, "chat not found"),
]


@pytest.mark.parametrize(("method", "params", "words"), REFUSED_PROFILES)
async def test_a_profile_is_refused(wire: Wire, method: str, params: dict[str, Any], words: str) -> None:
    assert await wire.refusal(method, **params) == f"Bad Request: {words}"


async def test_words_of_the_profile_fall_back(wire: Wire) -> None:
    await wire.result("setMyDescription", description="all")
    await wire.result("setMyDescription", description="دری", language_code="fa")
    assert await wire.result("getMyDescription", language_code="fa") == {"description": "دری"}
    assert await wire.result("getMyDescription", language_code="ru") == {"description": "all"}
    assert await wire.result("getMyName") == {"name": "Pana"}


# --- HTML ---------------------------------------------------------------------------------------

COMMAND_AND_NUMBER = [("bot_command", 0, 14), ("phone_number", 15, 16)]
MARKED: list[tuple[str, str, list[tuple[str, int, int]]]] = [
    ("<b>a</b><strong>b</strong>", "ab", [("bold", 0, 2)]),
    ("😀 <i>سلام</i>", "😀 سلام", [("italic", 3, 4)]),
    ("<u>a<s>b</s></u>", "ab", [("underline", 0, 2), ("strikethrough", 1, 1)]),
    ("<tg-spoiler>a</tg-spoiler><span class='tg-spoiler'>b</span>", "ab", [("spoiler", 0, 2)]),
    ("<b>a <code>b</code> c</b>", "a b c", [("bold", 0, 2), ("code", 2, 1), ("bold", 3, 2)]),
    ("<code>a<b>b</b></code>", "ab", [("code", 0, 2)]),
    ("<blockquote>a<b>b</b></blockquote>", "ab", [("blockquote", 0, 2), ("bold", 1, 1)]),
    ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
    ("<pre><code class='language-sh'>a</code></pre>", "a", [("pre", 0, 1)]),
    ("&lt;&gt;&amp;&quot;&#1662;&#x1F600;&nbsp;", '<>&"پ😀&nbsp;', []),
    ("<a href='http://a.kz/?a=1&amp;b=2'>a</a>", "a", [("text_link", 0, 1)]),
    ("<a href='nowhere'>a</a>", "a", []),
    ("<b></b>a", "a", []),
    ("<B>a</b  > ", "a", [("bold", 0, 1)]),
    ("a\u2028<b>b\u202ec</b>\u2067d\u2069", "abc\u2067d\u2069", [("bold", 1, 2)]),
    ("  <b> a</b> ", " a", [("bold", 0, 2)]),
    ("1\r\n\t2", "1\n 2", []),
    ("see https://a.kz/x?y=1, ok", "see https://a.kz/x?y=1, ok", [("url", 4, 18)]),
    ("/help@pana_bot +7 727 258 26 99", "/help@pana_bot +7 727 258 26 99", COMMAND_AND_NUMBER),
    ("<a href='https://a.kz'>https://b.kz</a>", "https://b.kz", [("text_link", 0, 12)]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "entities"), MARKED)
async def test_html(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    kept = settled(parse_html(source))
    assert kept.text == text
    assert [(e.type, e.offset, e.length) for e in kept.entities] == entities


BROKEN: list[tuple[str, str]] = [
    ("ф<p>a</p>", 'Unsupported start tag "p" at byte offset 2'),
    ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ("<b", "Unclosed start tag at byte offset 0"),
    ("<b class", 'Unclosed start tag "b" at byte offset 0'),
    ("<a href='x", "Unclosed start tag at byte offset 0"),
    ("<a =x>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
    ("<a href=a/b>a</a>", "Unexpected end of name token at byte offset 8"),
    ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("😀</b>", "Unexpected end tag at byte offset 4"),
    ("<b>a</b", "Unclosed end tag at byte offset 4"),
    ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
    (
        "&#xD800;",
        "Text contains invalid Unicode characters after decoding HTML entities, "
        "check for unmatched surrogate code units",
    ),
]


@pytest.mark.parametrize(("source", "words"), BROKEN)
async def test_broken_html(source: str, words: str) -> None:
    with pytest.raises(MarkupError) as caught:
        parse_html(source)
    assert str(caught.value) == words


async def test_entities_beside_plain_text(wire: Wire, person: Person) -> None:
    bold = {"type": "bold", "offset": 0, "length": 2}
    await wire.result("sendMessage", chat_id=person.chat_id, text="😀a", entities=[bold])
    assert person.last.entities == [bold]


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://a.kz", "https://a.kz/"),
        ("a.kz?x=1", "http://a.kz/?x=1"),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
        ("HTTPS://u@a.kz:8443/x y", "https://u@a.kz:8443/x%20y"),
    ],
)
async def test_links(link: str, kept: str) -> None:
    assert checked_link(link) == kept


async def test_settled_text_stays_settled() -> None:
    once = settled(parse_html("<b>سلام</b> 😀\n<code>x</code> "))
    assert settled(once) == once
    assert settled(Formatted("plain")) == Formatted("plain")


# --- faults, tokens, records --------------------------------------------------------------------


async def test_wrong_tokens_and_methods(wire: Wire) -> None:
    async with wire.session.get(f"{wire.api.base_url}1:wrong/getMe") as answer:
        assert await answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await wire.refusal("flyToTheMoon") == "Not Found: method not found"


async def test_faults(wire: Wire, person: Person) -> None:
    wire.api.fail_next("sendMessage", 429, retry_after=3, times=2)
    for _ in range(2):
        body = await wire.call("sendMessage", chat_id=person.chat_id, text="x")
        assert body["description"] == "Too Many Requests: retry after 3"
        assert body["parameters"] == {"retry_after": 3}
    await wire.result("sendMessage", chat_id=person.chat_id, text="x")
    wire.api.fail_next("*", 502, "Bad Gateway")
    assert await wire.refusal("getMe") == "Bad Gateway"
    wire.api.fail_next("getUpdates", 500, "Internal Server Error")
    assert await wire.refusal("getUpdates") == "Internal Server Error"


async def test_a_cut_connection(wire: Wire) -> None:
    wire.api.fail_next("sendChatAction", 0)
    with pytest.raises(aiohttp.ClientError):
        await wire.call("sendChatAction")


async def test_delay(wire: Wire) -> None:
    wire.api.delay = 0.1
    began = time.monotonic()
    await wire.result("getUpdates")
    assert time.monotonic() - began < 0.1
    await wire.result("getMe")
    assert time.monotonic() - began >= 0.1


async def test_calls_are_recorded(wire: Wire, person: Person) -> None:
    await wire.result("getUpdates")
    await wire.result("sendMessage", chat_id=person.chat_id, text="x", surprise=1)
    await wire.call("sendMessage", chat_id=1, text="x")
    good, bad = wire.api.called("sendMessage")
    assert wire.api.calls == [good, bad]
    assert (good.ok, good.chat_id, good.params["surprise"]) == (True, person.chat_id, 1)
    assert (bad.ok, bad.description) == (False, "Bad Request: chat not found")


async def test_the_token_has_the_shape_of_one() -> None:
    number, _, secret = LocalBotApi().token.partition(":")
    assert number.isdigit()
    assert len(secret) == 35


# --- the official description -------------------------------------------------------------------


@needs_description
@pytest.mark.parametrize(
    ("method", "params", "found"),
    [
        ("sendMessage", {"chat_id": 1, "text": "x"}, []),
        ("sendMessage", {"chat_id": "@x", "text": "x", "reply_markup": keyboard(callback_data="a")}, []),
        ("sendMessage", {"chat_id": 1}, ["sendMessage: text is missing"]),
        ("sendMessage", {"chat_id": 1.5, "text": "x"}, ["sendMessage.chat_id: float is no Integer"]),
        ("sendMessage", {"chat_id": 1, "text": "x", "loud": True}, ["sendMessage: no field loud"]),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": keyboard(colour="red")},
            [
                "sendMessage.reply_markup(InlineKeyboardMarkup).inline_keyboard[0][0](InlineKeyboardButton): "
                "no field colour"
            ],
        ),
        ("setMyCommands", {"commands": [COMMAND], "scope": {"type": "chat", "chat_id": 1}}, []),
        (
            "deleteMessages",
            {"chat_id": 1, "message_ids": ["1"]},
            ["deleteMessages.message_ids[0]: str is no Integer"],
        ),
        ("sendDocument", {"chat_id": 1, "document": {"file_name": "a", "size": 1}}, []),
        ("dance", {}, ["dance: no such method"]),
    ],
)
async def test_violations(method: str, params: dict[str, Any], found: list[str]) -> None:
    assert violations_of(Call(method, params, 0.0), OFFICIAL) == found


@needs_description
async def test_a_server_with_the_description_refuses() -> None:
    async with LocalBotApi(spec=OFFICIAL) as api, aiohttp.ClientSession() as session:
        wire, person = Wire(api, session), api.person()
        await wire.result("sendMessage", chat_id=person.chat_id, text="x")
        assert api.violations == []
        words = await wire.refusal("sendMessage", chat_id=person.chat_id, text="x", loud=True)
        assert words == "Bad Request: sendMessage: no field loud"
        assert (await wire.call("dance"))["error_code"] == 404
        assert api.violations == ["sendMessage: no field loud", "dance: no such method"]
