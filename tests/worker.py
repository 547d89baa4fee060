"""A worker that sends reminders by writing a line: ``python -m tests.worker PLACE KEY FILE [drain]``. To be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.store import Keys, Store


async def main(place: str, key: str, file: str, drain: bool) -> None:
    store = Store(place if "://" in place else Path(place), Keys.read(key))
    written = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    while True:
        found = await store.jobs.claim(datetime.now(UTC), 50 if drain else 5)
        for due in found:
            os.write(written, f"{due.chat}\n".encode())
            await store.jobs.sent(due)
        if not found:
            if drain:
                break
            await asyncio.sleep(0.01)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], drain=len(sys.argv) > 4))
