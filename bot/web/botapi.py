"""A strict local server that speaks Telegram's Bot API: the try-out's engine and the wire of the tests.

    async with LocalBotApi() as api:
        person = api.person(language_code="fa")
        ...                     # a bot with base_url=f"{api.url}/bot" and token=api.token
        person.start()
        assert "…" in (await person.reply()).text

It refuses what Telegram refuses, in Telegram's words (see rules.py): what passes here passes there.
Everything runs in the event loop that started it: call it from that loop only.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import BodyPartReader, web

from bot.web.chats import CallbackAnswer, ChatMessage
from bot.web.methods import METHODS, get_updates
from bot.web.official import read_spec, violations_of
from bot.web.person import Person
from bot.web.rules import Refusal, decoded
from bot.web.switchboard import BOT_ID, Switchboard
from bot.web.weather import AFTER, Weather, cut

__all__ = ["Call", "CallbackAnswer", "ChatMessage", "LocalBotApi", "Person", "violations_of"]

# Valid in shape and good for nothing; put together, so that no scanner takes it for a leak.
LOCAL_TOKEN = f"{BOT_ID}:" + "local-try-out".center(35, "_")
UPLOAD_LIMIT = 50 * 2**20
CUT = 0
ATTACHED = "attach://"
BY_LOWER_CASE = {name.lower(): name for name in (*METHODS, "getUpdates")}


@dataclass(frozen=True)
class Call:
    """What the bot asked for and got; `params` are decoded, an uploaded file is its name, size and content."""

    method: str
    params: dict[str, Any]
    at: float
    ok: bool = True
    description: str = ""
    result: Any = field(default=None, repr=False)

    @property
    def chat_id(self) -> int | None:
        chat_id = self.params.get("chat_id")
        return chat_id if isinstance(chat_id, int) else None


@dataclass
class _Fault:
    method: str
    refusal: Refusal
    times: int

    def meets(self, method: str) -> bool:
        return self.method == method or (self.method == "*" and method != "getUpdates")


class LocalBotApi:
    """See the module.

    `delay` is the seconds that every answer but getUpdates takes longer; `calls` grows with each call unless
    `recording` is False, as a benchmark wants it.
    """

    def __init__(
        self,
        token: str = LOCAL_TOKEN,
        delay: float = 0.0,
        username: str = "pana_try_bot",
        *,
        spec: Path | None = None,
        record_polls: bool = False,
    ) -> None:
        """With `spec`, a bot-api.json, a call that it does not allow is refused and put in `violations`."""
        self.token = token
        self.delay = delay
        self.record_polls = record_polls
        self.recording = True
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.board = Switchboard(username)
        self.app = web.Application(client_max_size=UPLOAD_LIMIT)
        self.app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self.url = ""
        self._spec = read_spec(spec) if spec else None
        self._faults: list[_Fault] = []
        self.weather: Weather | None = None  # trouble by chance
        self._runner: web.AppRunner | None = None

    # running

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve; returns the base URL, with the port that the system chose if `port` is 0."""
        # No access log: its lines would hold the token and what people do.
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        self.board.updates.end_poll()
        await self.board.delivery.close()
        if self._runner:
            await self._runner.cleanup()
        self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """What python-telegram-bot wants as base_url."""
        return f"{self.url}/bot"

    # the other side

    @property
    def username(self) -> str:
        return str(self.board.bot["username"])

    def person(
        self,
        name: str = "Reader",
        language_code: str = "",
        chat_id: int | None = None,
        kind: str = "private",
    ) -> Person:
        """Somebody in a chat; with the `chat_id` of a group that stands, one more member of it.

        In groups and channels `name` names the chat too. An empty `language_code`: the phone says nothing.
        """
        chat = self.board.open_chat(chat_id, kind, name)
        number = chat.id if chat.kind == "private" else self.board.new_person_id()
        code = {"language_code": language_code} if language_code else {}
        return Person(self.board, chat, {"id": number, "is_bot": False, "first_name": name} | code)

    def raw_update(self, update: dict[str, Any]) -> int:
        """Queue any update, malformed ones too; returns its update_id, which is given if it has none."""
        return self.board.updates.put_raw(update)

    @property
    def webhook_via(self) -> str:
        """Where a webhook is really brought: a base URL in the place of the one with the certificate; empty: where it leads."""
        return self.board.delivery.via

    @webhook_via.setter
    def webhook_via(self, base: str) -> None:
        self.board.delivery.via = base

    # trouble on request

    def fail_next(
        self, method: str, status: int, description: str = "", retry_after: int | None = None, times: int = 1
    ) -> None:
        """Let the next calls of `method` ("*" for any but getUpdates) fail; status 0 cuts the connection."""
        text = description or (f"Too Many Requests: retry after {retry_after}" if retry_after else "Error")
        self._faults.append(_Fault(method, Refusal(status, text, retry_after), times))

    @property
    def hold_updates(self) -> bool:
        """While True, getUpdates finds nothing; what people do waits."""
        return self.board.updates.hold

    @hold_updates.setter
    def hold_updates(self, value: bool) -> None:
        self.board.updates.hold = value

    @property
    def callback_lifetime(self) -> float:
        """Seconds in which a press can be answered."""
        return self.board.callback_lifetime

    @callback_lifetime.setter
    def callback_lifetime(self, seconds: float) -> None:
        self.board.callback_lifetime = seconds

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    # answering

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = BY_LOWER_CASE.get(request.match_info["method"].lower(), request.match_info["method"])
        if request.match_info["token"] != self.token:
            return _refused(Refusal(401, "Unauthorized"))
        params = decoded(await _parameters(request))
        kind = self.weather.meet(method, params.get("chat_id")) if self.weather else ""
        handled = await self._handled(request, method, params) if not kind or kind in AFTER else None
        return handled if handled and not kind else await self._spoiled(kind, request, handled)

    async def _spoiled(self, kind: str, request: web.Request, handled: web.StreamResponse | None) -> web.StreamResponse:
        assert self.weather is not None  # noqa: S101 - it gave the kind
        return await self.weather.answer(kind, request, handled)

    async def _handled(self, request: web.Request, method: str, params: dict[str, Any]) -> web.StreamResponse:
        asked = time.monotonic()
        try:
            result = await self._result(method, params)
        except Refusal as refusal:
            self._record(Call(method, params, asked, ok=False, description=refusal.description))
            return cut(request) if refusal.status == CUT else _refused(refusal)
        self._record(Call(method, params, asked, result=result))
        return web.json_response({"ok": True, "result": result})

    async def _result(self, method: str, params: dict[str, Any]) -> Any:
        if method != "getUpdates":
            await asyncio.sleep(self.delay)
        self._stumble(method)
        self._judge(Call(method, params, 0.0))
        if method == "getUpdates":
            return await get_updates(self.board, params)
        if method not in METHODS:
            raise Refusal(404, "Not Found: method not found")
        return METHODS[method](self.board, params)

    def _stumble(self, method: str) -> None:
        for fault in self._faults:
            if fault.times > 0 and fault.meets(method):
                fault.times -= 1
                raise fault.refusal

    def _judge(self, call: Call) -> None:
        found = violations_of(call, self._spec) if self._spec else []
        self.violations += found
        if found:
            status, kind = (404, "Not Found") if found[0].endswith("no such method") else (400, "Bad Request")
            raise Refusal(status, f"{kind}: {'; '.join(found)}")

    def _record(self, call: Call) -> None:
        if self.recording and (call.method != "getUpdates" or self.record_polls):
            self.calls.append(call)


async def _parameters(request: web.Request) -> dict[str, Any]:
    """Query, JSON body, form or multipart, as the real server takes them."""
    return dict(request.query) | await _body(request)


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return _json_object(await request.text())
    if request.content_type.startswith("multipart/"):
        return await _multipart(request)
    return dict(await request.post())


def _json_object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


async def _multipart(request: web.Request) -> dict[str, Any]:
    """A file is its name, its size and its bytes; a parameter "attach://name" becomes the file of that name."""
    fields: dict[str, Any] = {}
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name:
            fields[part.name] = await _part(part)
    files = {k: v for k, v in fields.items() if isinstance(v, dict)}
    named = {k: v.removeprefix(ATTACHED) for k, v in fields.items() if isinstance(v, str) and v.startswith(ATTACHED)}
    attached = {k: files[name] for k, name in named.items() if name in files}
    return {k: v for k, v in fields.items() if k not in named.values()} | attached


async def _part(part: BodyPartReader) -> Any:
    content = await part.read(decode=True)
    if part.filename is None:
        return bytes(content).decode("utf-8", "replace")
    return {"file_name": part.filename, "size": len(content), "content": bytes(content)}


def _refused(refusal: Refusal) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.retry_after is not None:
        body["parameters"] = {"retry_after": refusal.retry_after}
    return web.json_response(body, status=refusal.status)
