"""How Telegram brings updates to a webhook: one in flight of each queue, other queues at once, again until it is taken.

Messages stand in the queue of their chat, presses in that of their person. What is not answered 2xx is repeated after
1, 2, 4 … 60 seconds, or after the Retry-After of the answer. This is what tdlib/telegram-bot-api (May 2026) does.
"""

import asyncio
import time
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp

from bot.web.chats import Json
from bot.web.updates import UpdateQueue

HEADER = "X-Telegram-Bot-Api-Secret-Token"
CONNECTIONS = 40
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
ANSWER_SECONDS = 60.0


class Delivery:
    """Brings what waits in `updates` to the webhook, as long as one is set.

    `via` stands for the proxy with the certificate: the base of an http URL that is asked in the place of the address.
    """

    def __init__(self, updates: UpdateQueue, via: str = "") -> None:
        self.via = via
        self._updates = updates
        self._hook: Json = {}
        self._in_flight: dict[object, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        updates.on_put = self.wake
        self.attempts: list[tuple[int, int]] = []  # the number of an update and what was answered; 0: nothing

    def set(self, hook: Json) -> None:
        """Another webhook, or none: what is on its way is given up and will be brought there anew."""
        self._hook = hook
        for task in self._in_flight.values():
            task.cancel()
        self._in_flight.clear()
        self.wake()

    def wake(self) -> None:
        """Send the first update of every queue that has none on its way."""
        if not self._hook or self._updates.hold:
            return
        for update in tuple(self._updates.pending):
            if len(self._in_flight) >= self._hook["max_connections"]:
                return
            queue = _queue(update)
            if queue not in self._in_flight:
                self._in_flight[queue] = asyncio.create_task(self._bring(queue, update, self._hook))

    async def _bring(self, queue: object, update: Json, hook: Json) -> None:
        pause = FIRST_PAUSE
        while True:
            status, again = await self._post(update, hook)
            self.attempts.append((update["update_id"], status))
            if 200 <= status < 300:
                break
            hook |= {"last_error_date": int(time.time()), "last_error_message": _trouble(status)}
            await asyncio.sleep(pause if again is None else again)
            pause = min(pause * 2, LONGEST_PAUSE)
        with suppress(ValueError):
            self._updates.pending.remove(update)
        del self._in_flight[queue]
        self.wake()

    async def _post(self, update: Json, hook: Json) -> tuple[int, float | None]:
        """The status of the answer, 0 where none came, and after how many seconds it asks us to come again."""
        secret = hook["secret"]
        headers = {HEADER: secret} if secret else {}
        try:
            async with self._client().post(self._place(hook["url"]), json=update, headers=headers) as answer:
                await answer.read()
                return answer.status, _seconds(answer.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, TimeoutError):
            return 0, None

    def _place(self, url: str) -> str:
        parts = urlsplit(url)
        return f"{self.via}{parts.path or '/'}{'?' if parts.query else ''}{parts.query}" if self.via else url

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=limit)
        return self._session

    async def close(self) -> None:
        self.set({})
        if self._session is not None:
            await self._session.close()


def _queue(update: Json) -> object:
    """Presses by their person, everything else by its chat."""
    press = update.get("callback_query")
    if press:
        return "person", press["from"]["id"]
    bodies = (body for name, body in update.items() if name != "update_id" and isinstance(body, dict))
    chats = (body["chat"].get("id") for body in bodies if isinstance(body.get("chat"), dict))
    return next(chats, update["update_id"])


def _trouble(status: int) -> str:
    return f"Wrong response from the webhook: {status}" if status else "Connection refused"


def _seconds(text: str) -> float | None:
    return float(text) if text.isdigit() else None


def shown(hook: Json) -> Json:
    """What getWebhookInfo tells: everything but the secret."""
    return {name: value for name, value in hook.items() if name != "secret"}
