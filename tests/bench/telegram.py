"""Telegram for the benchmarks, in a process of its own: it holds updates ready by a plan and times what comes back.

What it does not know of the real one, the strict server of bot/web knows: here only speed counts. Formatted texts are
read by that server's own rules, each once, so that what a bot gets back is as long as from Telegram.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing.connection import Connection as Pipe
from types import TracebackType
from typing import Any, Literal, Self

from bot.web.botapi import LOCAL_TOKEN
from bot.web.rules import message_text
from bot.web.switchboard import BOT_ID

from .delivery import Delivery
from .wire import Answer, Connection, Fields

ME = {"id": BOT_ID, "is_bot": True, "first_name": "Bench", "username": "pana_bench_bot"}
AWAITED = {"text": "sendMessage", "press": "editMessageText"}  # the call for which the reader waits
BATCH = 100
SAME_OFFSET = 0.5  # seconds in which Telegram answers the same number with one update only
LONGEST_POLL = 50.0


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does: writes a text or presses a button, so many seconds after the beginning."""

    at: float
    chat: int
    kind: Literal["text", "press"]
    content: str
    language: str = "en"


@dataclass(frozen=True)
class Plan:
    """Acts in the order of their time. After the last one, so long is waited for answers that are missing."""

    acts: tuple[Act, ...]
    delay: float = 0.0  # seconds that every call but getUpdates takes longer
    patience: float = 10.0


@dataclass
class Outcome:
    """What came back. `latencies` in seconds, one for each act; None where nothing came."""

    latencies: list[float | None]
    seconds: float  # from the first update that lay ready to the last answer
    calls: Counter[tuple[str, int]] = field(default_factory=Counter)  # by method and chat
    busy: float = 0.0  # processor seconds of this Telegram itself

    @property
    def answered(self) -> int:
        return sum(latency is not None for latency in self.latencies)


class _State:
    """All that this Telegram knows; one event loop, nothing waits."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.waiting: deque[tuple[int, bytes]] = deque()  # updates that nobody has confirmed
        self.delivery: Delivery | None = None
        self.hook = ""  # the address that the bot has set; delivered is to another one, on this machine
        self.outcome = Outcome([], 0.0)
        self.due: dict[tuple[str, int], deque[tuple[int, float]]] = defaultdict(deque)  # acts not yet answered
        self.missing = 0
        self.done = asyncio.Event()
        self.last_call = 0.0
        self._poll: tuple[Answer, int, asyncio.TimerHandle] | None = None
        self._asked = (0, 0.0)
        self._update_ids = 1_000_000
        self._message_ids = 1
        self._methods: dict[str, Callable[[Fields], bytes]] = {
            "getMe": lambda _: json.dumps(ME).encode(),
            "sendMessage": self._message,
            "editMessageText": self._message,
            "setWebhook": self._webhook,
            "getWebhookInfo": lambda _: json.dumps(
                {"url": self.hook, "has_custom_certificate": False, "pending_update_count": 0}
            ).encode(),
        }

    def update(self, act: Act) -> tuple[int, bytes]:
        """The update of an act, as Telegram would write it."""
        self._update_ids += 1
        self._message_ids += 1
        sender = {"id": act.chat, "is_bot": False, "first_name": "Reader", "language_code": act.language}
        message = {"message_id": self._message_ids, "date": int(time.time()), "text": act.content,
                   "chat": {"id": act.chat, "type": "private", "first_name": "Reader"}}  # fmt: skip
        if act.kind == "press":
            shown = message | {"from": ME, "text": "What was shown before"}
            pressed = {"id": str(self._update_ids), "from": sender, "chat_instance": "1", "data": act.content}
            body: dict[str, Any] = {"callback_query": pressed | {"message": shown}}
        else:
            command = [{"type": "bot_command", "offset": 0, "length": len(act.content.split()[0])}]
            entities = {"entities": command} if act.content.startswith("/") else {}
            body = {"message": message | {"from": sender} | entities}
        return self._update_ids, json.dumps({"update_id": self._update_ids} | body).encode()

    def put(self, number: int, act: Act, update: tuple[int, bytes]) -> None:
        """An update lies ready from now on."""
        self.due[AWAITED[act.kind], act.chat].append((number, time.monotonic()))
        if self.delivery is None:
            self.waiting.append(update)
        else:
            self.delivery.put((act.kind, act.chat), update[1])

    def wake(self) -> None:
        """Answer the long poll that waits, if something lies ready."""
        if self._poll and self.waiting:
            answer, limit, timer = self._poll
            timer.cancel()
            self._poll = None
            self._hand_over(answer, limit)

    def call(self, method: str, params: Fields, answer: Answer) -> None:
        if method == "getUpdates":
            self._get_updates(params, answer)
        elif self.delay:
            asyncio.get_running_loop().call_later(self.delay, self._answer, method, params, answer)
        else:
            self._answer(method, params, answer)

    def _answer(self, method: str, params: Fields, answer: Answer) -> None:
        known = self._methods.get(method)
        answer(b'{"ok":true,"result":%b}' % (known(params) if known else b"true"))
        chat = int(params.get("chat_id") or 0)
        self.outcome.calls[method, chat] += 1
        if due := self.due.get((method, chat)):
            number, ready = due.popleft()
            self.last_call = time.monotonic()
            self.outcome.latencies[number] = self.last_call - ready
            self.missing -= 1
            if not self.missing:
                self.done.set()

    def _message(self, params: Fields) -> bytes:
        self._message_ids += 1
        number = int(params.get("message_id") or self._message_ids)
        markup = params.get("reply_markup") or ""
        shown = _shown(
            params["text"], params.get("parse_mode", ""), markup if isinstance(markup, str) else json.dumps(markup)
        )
        chat = int(params["chat_id"])
        return b'{"message_id":%d,"date":%d,"from":%b,"chat":{"id":%d,"type":"private","first_name":"Reader"},%b}' % (
            number,
            int(time.time()),
            json.dumps(ME).encode(),
            chat,
            shown,
        )

    def _webhook(self, params: Fields) -> bytes:
        self.hook = str(params.get("url") or "")
        if self.delivery is not None:
            self.delivery.begin(str(params.get("secret_token") or ""))
        return b"true"

    def _get_updates(self, params: Fields, answer: Answer) -> None:
        """As the real one: what is below the offset is confirmed, and the same offset twice is answered slowly."""
        offset, limit = int(params.get("offset") or 0), int(params.get("limit") or BATCH)
        seconds, now = min(float(params.get("timeout") or 0), LONGEST_POLL), time.monotonic()
        if offset == self._asked[0] and now - self._asked[1] < SAME_OFFSET:
            limit = 1
        self._asked = (offset, now)
        while self.waiting and self.waiting[0][0] < offset:
            self.waiting.popleft()
        if self.waiting or not seconds:
            self._hand_over(answer, limit)
        else:
            timer = asyncio.get_running_loop().call_later(seconds, self._expire)
            self._poll = (answer, limit, timer)

    def _expire(self) -> None:
        if self._poll:
            answer, self._poll = self._poll[0], None
            answer(b'{"ok":true,"result":[]}')

    def _hand_over(self, answer: Answer, limit: int) -> None:
        ready = b",".join(self.waiting[at][1] for at in range(min(limit, len(self.waiting))))
        answer(b'{"ok":true,"result":[%b]}' % ready)

    async def play(self, plan: Plan) -> Outcome:
        """Do what the plan says and wait until it is answered."""
        updates = [self.update(act) for act in plan.acts]
        self.delay, self.missing, self.done = plan.delay, len(updates), asyncio.Event()
        self.outcome = Outcome([None] * len(updates), 0.0)
        self.due.clear()
        busy, began = time.process_time(), time.monotonic()
        for number, (act, update) in enumerate(zip(plan.acts, updates, strict=True)):
            if (ahead := began + act.at - time.monotonic()) > 0:
                self.wake()
                await asyncio.sleep(ahead)
            self.put(number, act, update)
        self.wake()
        try:
            async with asyncio.timeout(plan.patience):
                await self.done.wait()
        except TimeoutError:
            pass
        self.outcome.seconds, self.outcome.busy = self.last_call - began, time.process_time() - busy
        await asyncio.sleep(plan.delay)  # what still comes belongs to this plan
        return self.outcome


@lru_cache(maxsize=10_000)
def _shown(text: str, mode: str, markup: str) -> bytes:
    """Text, entities and buttons of a message as Telegram shows them again."""
    read = message_text({"text": text, "parse_mode": mode})
    parts: dict[str, Any] = {"text": read.text}
    if read.entities:
        parts["entities"] = [entity.json() for entity in read.entities]
    if markup:
        parts["reply_markup"] = json.loads(markup)
    return json.dumps(parts).encode()[1:-1]


async def _serve(pipe: Pipe, webhook: str) -> None:
    loop, state = asyncio.get_running_loop(), _State()
    server = await loop.create_server(lambda: Connection(state.call), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    if webhook:
        state.delivery = Delivery(webhook)
    while (plan := await loop.run_in_executor(None, pipe.recv)) is not None:
        if isinstance(plan, Plan):
            pipe.send(await state.play(plan))
        else:
            assert state.delivery is not None
            pipe.send(await state.delivery.forge(*plan))
    if state.delivery is not None:
        state.delivery.close()
    server.close()


def _process(pipe: Pipe, webhook: str) -> None:
    asyncio.run(_serve(pipe, webhook))


class Telegram:
    """The process of it, from outside. With `webhook`, an http:// address, updates are delivered there."""

    token = LOCAL_TOKEN

    def __init__(self, webhook: str = "") -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_process, args=(theirs, webhook), daemon=True)
        self._process.start()
        theirs.close()
        self.url = f"http://127.0.0.1:{self._pipe.recv()}"

    def begin(self, plan: Plan) -> None:
        self._pipe.send(plan)

    def outcome(self) -> Outcome:
        found = self._pipe.recv()
        assert isinstance(found, Outcome)
        return found

    def play(self, plan: Plan) -> Outcome:
        self.begin(plan)
        return self.outcome()

    def forge(self, number: int, headers: Mapping[str, str]) -> list[tuple[int, float]]:
        """Deliver so many updates with these headers; the status and the seconds of each answer."""
        self._pipe.send((number, dict(headers)))
        found = self._pipe.recv()
        assert isinstance(found, list)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.send(None)
        self._process.join(5)
        self._process.terminate()
