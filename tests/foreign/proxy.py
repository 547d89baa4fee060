"""What stands between Pana and telegram-test-api: it mends what that server leaves out or writes otherwise than Telegram.

A user without ``is_bot``, dates in milliseconds, ``null`` where Telegram says ``true``, a press without ``chat_instance``
and with a message that has no date. Nothing that Pana sends is touched.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, web

MILLISECONDS = 10**11  # no date in seconds is as large


class Proxy:
    """Serves the Bot API at ``url``, behind it the foreign server at ``behind``."""

    def __init__(self, behind: str) -> None:
        self.url = ""
        self._behind = behind
        self.called: list[str] = []  # the methods, without getUpdates

    async def __aenter__(self) -> Self:
        self._session = ClientSession()
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _pass_on(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method != "getUpdates":
            self.called.append(method)
        headers = {"Content-Type": request.headers.get("Content-Type", "application/json")}
        url = f"{self._behind}{request.path}"
        async with self._session.post(url, data=await request.read(), headers=headers) as answer:
            return web.json_response(mended(method, await answer.json()), status=answer.status)


def mended(method: str, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as Telegram would have given it."""
    if not answer.get("ok"):
        return answer
    result = True if answer.get("result") is None else _dated(answer["result"])
    if method == "getMe":
        result = {"is_bot": True} | result
    if method == "getUpdates":
        result = [_whole(update) for update in result]
    return answer | {"result": result}


def _dated(value: Any) -> Any:
    """Every date in seconds."""
    if isinstance(value, list):
        return [_dated(one) for one in value]
    if isinstance(value, dict):
        return {name: _seconds(one) if name == "date" else _dated(one) for name, one in value.items()}
    return value


def _seconds(date: int) -> int:
    return date // 1000 if date > MILLISECONDS else date


def _whole(update: dict[str, Any]) -> dict[str, Any]:
    """A press with all that a press has."""
    if query := update.get("callback_query"):
        message = {"date": int(time.time())} | query["message"]
        return update | {"callback_query": {"chat_instance": "1"} | query | {"message": message}}
    return update
