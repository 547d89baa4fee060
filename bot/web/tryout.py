"""The try-out: a chat page in the browser on top of the local Bot API, for editors and operators.

    api = LocalBotApi()
    mount(api)
    url = await api.start(host, port)       # then run the real bot against f"{url}/bot"

Everything lives in memory and is gone with the process. The page speaks to this process only.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Collection
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.helpers import content_disposition_header

from bot.web.botapi import LocalBotApi, Person
from bot.web.chats import CallbackAnswer, Chat, ChatMessage, Json
from bot.web.entities import units
from bot.web.methods import start_payload
from bot.web.person import CONTENTS
from bot.web.rules import TEXT_LIMIT

PHONE_LANGUAGES = ("", "en", "ru", "kk", "fa", "uz", "ps", "uk")
HERE = frozenset(("localhost", "127.0.0.1", "::1"))
ANY_ADDRESS = frozenset(("0.0.0.0", "::"))  # noqa: S104 - compared with, not bound to
BODY_LIMIT = 64 * 1024
HEARTBEAT = 15.0
WAITING_EVENTS = 1000
END = ""
PAGE = {
    "index.html": "text/html",
    "style.css": "text/css",
    "chat.js": "text/javascript",
    "text.js": "text/javascript",
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Body = dict[str, Any]
Act = Callable[[Person, Body], Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def mount(api: LocalBotApi, hosts: Collection[str] = ()) -> "TryOut":
    """Add the page to a server that has not started; `hosts` are more names under which it may be called.

    Every request whose Host is not this computer or the bound address is refused, those to the Bot API too.
    """
    return TryOut(api, hosts)


class TryOut:
    """The phones that the page shows, and the browsers that watch them."""

    def __init__(self, api: LocalBotApi, hosts: Collection[str] = ()) -> None:
        self.phones: dict[int, Person] = {}
        self._api = api
        self._hosts = HERE | frozenset(hosts)
        self._watchers: set[asyncio.Queue[str]] = set()
        api.board.listeners.append(self._heard)
        api.app.middlewares.append(self._guard)
        api.app.on_shutdown.append(self._close)
        api.app.add_routes(
            [
                web.get("/", self._index),
                web.get("/page/{name}", self._file),
                web.get("/tryout/events", self._events),
                web.get(r"/tryout/chats/{chat:-?\d+}/files/{message:\d+}", self._download),
                web.post("/tryout/chats", self._new_chat),
                web.post(r"/tryout/chats/{chat:-?\d+}/{act}", self._act),
            ]
        )

    # who may ask

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Against other sites: a foreign name that resolves to this computer, and a foreign origin."""
        origin = request.headers.get("Origin")
        if not self._is_here(request.host) or (origin and origin != f"{request.scheme}://{request.host}"):
            return web.Response(status=403, text="This page answers to its own address only.", headers=HEADERS)
        # A picture or a form of another site carries no Origin; browsers say where it came from all the same.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            return web.Response(status=403, text="This page answers to itself only.", headers=HEADERS)
        if request.method == "POST" and request.path.startswith("/tryout/"):
            if origin is None or request.content_type != "application/json":
                return web.Response(status=403, text="Only the page itself may do this.", headers=HEADERS)
            if request.content_length is None or request.content_length > BODY_LIMIT:
                return web.Response(status=413, text="Too large.", headers=HEADERS)
        return await handler(request)

    def _is_here(self, host: str) -> bool:
        bound = urlsplit(self._api.url).hostname or ""
        return _hostname(host) in self._hosts | ({bound} - ANY_ADDRESS)

    # what the browser gets

    async def _index(self, request: web.Request) -> web.Response:
        return _page_file("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in PAGE:
            raise web.HTTPNotFound
        return _page_file(name)

    async def _download(self, request: web.Request) -> web.Response:
        """A file that the bot sent, to be saved: never shown as a page."""
        person = self.phones.get(int(request.match_info["chat"]))
        message = person.chat.present(int(request.match_info["message"])) if person else None
        if message is None or not message.upload:
            raise web.HTTPNotFound
        headers = HEADERS | {
            "Content-Disposition": content_disposition_header("attachment", filename=_file_name(message))
        }
        return web.Response(body=message.upload, content_type="application/octet-stream", headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the whole state first, then each change."""
        response = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue: asyncio.Queue[str] = asyncio.Queue(WAITING_EVENTS)
        queue.put_nowait(_event("state", self._state()))
        self._watchers.add(queue)
        try:
            await self._stream(response, queue)
        except ConnectionError:
            pass  # the browser left
        finally:
            self._watchers.discard(queue)
        return response

    async def _stream(self, response: web.StreamResponse, queue: asyncio.Queue[str]) -> None:
        while queue in self._watchers and (text := await _next(queue)) != END:
            await response.write(text.encode())

    async def _close(self, app: web.Application) -> None:
        for queue in tuple(self._watchers):
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(END)

    def _heard(self, event: str, chat: Chat, about: Any) -> None:
        person = self.phones.get(chat.id)
        if person:
            self._publish(event, {"chat": chat.id} | VIEWS[event](self, person, about))

    def _publish(self, event: str, data: Json) -> None:
        for queue in tuple(self._watchers):
            if queue.full():
                # A browser that does not read is let go; it comes back by itself and gets the whole state.
                self._watchers.discard(queue)
            else:
                queue.put_nowait(_event(event, data))

    def _state(self) -> Json:
        return {
            "username": self._api.username,
            "chats": [{"chat": number} | self._chat_view(person) for number, person in self.phones.items()],
        }

    def _chat_view(self, person: Person, about: Any = None) -> Json:
        profile, code = self._api.board.profile, person.language_code
        return {
            "name": person.user["first_name"],
            "language": code,
            "blocked": person.chat.blocked,
            "bot_name": profile.word("name", code) or self._api.board.bot["first_name"],
            "description": profile.word("description", code),
            "commands": person.commands,
            "messages": [self._message_view(person, m)["message"] for m in person.messages if not m.deleted],
        }

    def _message_view(self, person: Person, message: ChatMessage) -> Json:
        buttons = [[_button_view(self._api, button) for button in row] for row in message.keyboard]
        return {
            "message": {
                "id": message.id,
                "from_bot": message.from_bot,
                "text": message.text,
                "entities": message.entities,
                "keyboard": buttons,
                "kind": message.kind,
                "file": _file_name(message),
                "saved": bool(message.upload),
                "date": message.date,
                "edited": message.edited,
                "deleted": message.deleted,
            }
        }

    def _answer_view(self, person: Person, answer: CallbackAnswer) -> Json:
        payload = start_payload(self._api.board, answer.url) if answer.url else None
        shown = {"query": answer.query_id, "text": answer.text, "alert": answer.show_alert}
        return shown | {"start": payload}

    def _action_view(self, person: Person, action: str) -> Json:
        return {"action": action}

    # what the browser does

    async def _new_chat(self, request: web.Request) -> web.Response:
        body = await _body(request)
        person = self._api.person(_name(body, f"Reader {len(self.phones) + 1}"), _language(body))
        self.phones[person.chat_id] = person
        self._heard("chat", person.chat, None)
        return web.json_response({"chat": person.chat_id}, headers=HEADERS)

    async def _act(self, request: web.Request) -> web.Response:
        person = self.phones.get(int(request.match_info["chat"]))
        act = ACTS.get(request.match_info["act"])
        if person is None or act is None:
            raise web.HTTPNotFound
        body = await _body(request)
        try:
            result = act(person, body)
        except (LookupError, RuntimeError, TypeError, ValueError):
            return web.json_response({"error": "That is not possible here."}, status=400, headers=HEADERS)
        self._heard("chat", person.chat, None) if act is _phone else None
        return web.json_response({"query": result if isinstance(result, str) else ""}, headers=HEADERS)


VIEWS: dict[str, Callable[[TryOut, Person, Any], Json]] = {
    "chat": TryOut._chat_view,
    "message": TryOut._message_view,
    "answer": TryOut._answer_view,
    "action": TryOut._action_view,
}


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _page_file(name: str) -> web.Response:
    body = files("bot.web").joinpath("page", name).read_bytes()
    return web.Response(body=body, content_type=PAGE[name], charset="utf-8", headers=HEADERS)


async def _next(queue: asyncio.Queue[str]) -> str:
    """The next event, or after a while a comment, so that a browser that left is noticed."""
    try:
        async with asyncio.timeout(HEARTBEAT):
            return await queue.get()
    except TimeoutError:
        return ": still here\n\n"


def _event(name: str, data: Json) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _button_view(api: LocalBotApi, button: Json) -> Json:
    """What the page needs of a button; a link to this bot becomes its start payload."""
    kind = next((name for name in ("callback_data", "url", "copy_text") if name in button), "other")
    view = {"text": button["text"], "style": button.get("style", ""), "kind": kind}
    if kind == "url":
        view |= {"url": button["url"], "start": start_payload(api.board, button["url"])}
    if kind == "copy_text":
        view["copy"] = button["copy_text"]["text"]
    return view


def _file_name(message: ChatMessage) -> str:
    return str(message.content.get("file_name", "")) if isinstance(message.content, dict) else ""


async def _body(request: web.Request) -> Body:
    try:
        body = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest
    return body


def _name(body: Body, default: str) -> str:
    return str(body.get("name") or "").strip()[:64] or default


def _language(body: Body) -> str:
    code = body.get("language", "")
    return code if code in PHONE_LANGUAGES else ""


def _text(body: Body) -> str:
    """What a person may write. Raises ValueError for anything else."""
    text = str(body["text"]).strip()
    if not text or units(text) > TEXT_LIMIT:
        raise ValueError
    return text


# --- acts of a person, by their name in the address ---------------------------------------------


def _write(person: Person, body: Body) -> Any:
    person.write(_text(body))


def _start(person: Person, body: Body) -> Any:
    payload = str(body.get("payload") or "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
        raise ValueError
    person.start(payload)


def _press(person: Person, body: Body) -> str:
    message = person.chat.messages[body["message"]]
    row, column = body["row"], body["column"]
    if row < 0 or column < 0:
        raise LookupError
    return person.press(message.id, message.keyboard[row][column]["callback_data"])


def _send(person: Person, body: Body) -> Any:
    if body["kind"] not in CONTENTS:
        raise LookupError
    person.send(body["kind"])


def _edit(person: Person, body: Body) -> Any:
    person.edit(body["message"], _text(body))


def _phone(person: Person, body: Body) -> Any:
    person.language_code = _language(body)


def _block(person: Person, body: Body) -> Any:
    if body["blocked"]:
        person.block()
    else:
        person.unblock()


ACTS: dict[str, Act] = {
    "write": _write,
    "start": _start,
    "press": _press,
    "send": _send,
    "edit": _edit,
    "phone": _phone,
    "block": _block,
}
