"""One place at which we listen, for the webhook or for health. What others send is neither logged nor unpacked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web

BODY_LIMIT: Final = 2**20  # bytes; Telegram's updates are some kilobytes
CLOSING_SECONDS: Final = 1.0  # for connections, once everything in hand is answered

Mount = Callable[[web.Application], None]


class Server:
    """Serves what is mounted on it, on one address."""

    def __init__(self, host: str, port: int, *mounts: Mount) -> None:
        self._host, self._port = host, port
        self._app = web.Application(client_max_size=BODY_LIMIT)
        for mount in mounts:
            mount(self._app)
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Listen; the port, which the system chose where ours is 0. Raises OSError where that cannot be."""
        # A refused body is not read to its end (lingering), and none is unpacked: a small one could grow without limit.
        self._runner = web.AppRunner(
            self._app, access_log=None, shutdown_timeout=CLOSING_SECONDS, lingering_time=0.0, auto_decompress=False
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close every connection; does nothing where it never listened."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
