"""The whole program, or its sending alone: ``python -m tests.sending PLACE STATE API [drain]``, the key in PANA_KEY.

To be killed. It takes it to be noon of today in Almaty, and hurries. With ``drain`` it sends what is due, says how much,
and ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime, time
from pathlib import Path

from pydantic import SecretStr

from bot.app import Pana, build
from bot.chat.reminders import Rhythm
from bot.deadlines import ALMATY
from bot.settings import Settings
from bot.web.botapi import LOCAL_TOKEN

ROOT = Path(__file__).parent.parent


def settings(place: str, state: str, api: str) -> Settings:
    return Settings(
        telegram_token=SecretStr(LOCAL_TOKEN),
        telegram_api_url=api,
        faq_dir=ROOT / "tests" / "faqs" / "small",
        locales_dir=ROOT / "locales",
        state_dir=Path(state),
        pana_key=SecretStr(os.environ["PANA_KEY"]),
        database_url=SecretStr(place) if "://" in place else None,
    )


def noon() -> datetime:
    return datetime.combine(datetime.now(ALMATY).date(), time(12), ALMATY)


async def drained(pana: Pana) -> int:
    await pana.application.initialize()
    pana.chosen.start()
    sent = 0
    while found := await pana.reminders.look():
        sent += found
    await pana.close()
    return sent


async def main(place: str, state: str, api: str, drain: bool) -> None:
    pana = build(settings(place, state, api), rhythm=Rhythm(noon, look_seconds=0.02, a_second=500))
    if drain:
        print(await drained(pana))
    else:
        await pana.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], drain=len(sys.argv) > 4))
