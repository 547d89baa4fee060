"""Every call that Pana makes, held against Telegram's own description of its Bot API."""

from __future__ import annotations

from bot.app import build
from bot.chat.profile import set_profile
from bot.guide import Guide
from bot.settings import Settings
from bot.web.botapi import LocalBotApi, violations_of

from .conftest import OFFICIAL, needs_description, running


@needs_description
async def test_every_recorded_call_is_as_telegram_describes_it(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi(record_polls=True) as api:
        async with running(local_settings, api, guide) as chat:
            for letters in ("kk", "ru", "en", "fa"):
                person = await chat.newcomer(letters)
                for text in ("/help", "/emergency", "/language", "how do I appeal", "gjkhgf", "/start asylum_appeal"):
                    person.write(text)
                person.send("photo")
                await chat.settled()
                for data in [b["callback_data"] for b in person.last.buttons if "callback_data" in b][:3]:
                    person.press(person.last.id, data, stale=True)
                await chat.settled()
            member = chat.person(kind="group")
            member.write("/help@pana_try_bot")
            await chat.settled()
            await set_profile(chat.pana.application.bot, guide.languages)
        methods = {call.method for call in api.calls}
        assert {
            "getMe",
            "getUpdates",
            "sendMessage",
            "editMessageText",
            "answerCallbackQuery",
            "setMyCommands",
        } <= methods
        found = [violation for call in api.calls for violation in violations_of(call, OFFICIAL)]
        assert found == []


@needs_description
async def test_the_check_itself_finds_what_is_wrong() -> None:
    async with LocalBotApi(spec=OFFICIAL) as api:
        import aiohttp

        async with aiohttp.ClientSession() as session:
            await session.post(f"{api.base_url}{api.token}/sendMessage", json={"chat_id": 1, "txt": "x"})
        assert api.violations


async def test_the_profile_is_set_once_in_every_language(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api:
        pana = build(local_settings.model_copy(update={"telegram_api_url": api.url}))
        async with pana.application:
            changed = await set_profile(pana.application.bot, guide.languages)
            assert {line.split(":")[0] for line in changed} == {"default", "kk", "ru", "en", "fa"}
            # What Telegram shows to English phones is the default already, so it is not set a second time.
            assert {"default: name", "en: commands", "fa: name", "kk: description", "ru: short description"} <= set(
                changed
            )
            assert await set_profile(pana.application.bot, guide.languages) == []
        assert api.person(language_code="fa").commands[0]["command"] == "start"
        assert [call for call in api.calls if not call.ok] == []
