"""The try-out's page in a real browser, with a small bot that needs no library."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page, ViewportSize, async_playwright, expect

from bot.web.botapi import LocalBotApi
from bot.web.tryout import TryOut, mount

from .conftest import CHROMIUM, CHROMIUM_ARGUMENTS, needs_chromium

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]

SMALL: ViewportSize = {"width": 360, "height": 740}
WIDE: ViewportSize = {"width": 1200, "height": 860}

DARI = "<b>چگونه شکایت کنم؟</b>\n1. تصمیم را بگیرید.\n2. زنگ بزنید 😀\nadilet.zan.kz in English"
NASTY = '<img src=x onerror="document.title=1">'
KEYBOARD = {
    "inline_keyboard": [
        [{"text": "🆘 خطر", "callback_data": "alert", "style": "danger"}],
        [{"text": "بعدی", "callback_data": "edit", "style": "primary"}, {"text": "قبلی", "callback_data": "toast"}],
        [{"text": "Copy", "copy_text": {"text": "+7 727"}}, {"text": "Law", "url": "https://adilet.zan.kz/rus"}],
        [{"text": "Deep", "url": "https://t.me/pana_try_bot?start=en_asylum_appeal"}],
    ]
}


class EchoBot:
    """Answers /start with a screen of buttons in Dari and everything else with the same words."""

    def __init__(self, api: LocalBotApi, session: aiohttp.ClientSession) -> None:
        self.address = f"{api.base_url}{api.token}"
        self.session = session
        self.slow = 0.0

    async def call(self, method: str, **params: Any) -> Any:
        async with self.session.post(f"{self.address}/{method}", json=params) as answer:
            body = await answer.json()
        assert body["ok"], body
        return body["result"]

    async def run(self) -> None:
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=30):
                offset = update["update_id"] + 1
                await asyncio.sleep(self.slow)
                await self.hear(update)

    async def hear(self, update: dict[str, Any]) -> None:
        if "message" in update:
            await self.reply(update["message"])
        elif "callback_query" in update:
            await self.pressed(update["callback_query"])

    async def reply(self, message: dict[str, Any]) -> None:
        words = message.get("text", "a file")
        screen = {"text": DARI, "parse_mode": "HTML", "reply_markup": KEYBOARD}
        said = screen if words == "/start" else {"text": f"{message['from'].get('language_code')}: {words}"}
        await self.call("sendMessage", chat_id=message["chat"]["id"], **said)

    async def pressed(self, query: dict[str, Any]) -> None:
        answer = {"text": "خوب", "show_alert": query["data"] == "alert"}
        await self.call("answerCallbackQuery", callback_query_id=query["id"], **answer)
        if query["data"] == "edit":
            at = {"chat_id": query["message"]["chat"]["id"], "message_id": query["message"]["message_id"]}
            await self.call("editMessageText", **at, text="edited in place", reply_markup=KEYBOARD)


class Tried:
    """All that a test needs: the page, the bot behind it, and the address."""

    def __init__(self, page: Page, bot: EchoBot, api: LocalBotApi, tryout: TryOut) -> None:
        self.page, self.bot, self.api, self.tryout = page, bot, api, tryout
        self.wrong: list[str] = []

    async def start(self) -> None:
        await self.page.click("#start")
        await expect(self.page.locator(".message.bot")).to_have_count(1)

    async def say(self, text: str) -> None:
        await self.page.fill("#text", text)
        await self.page.press("#text", "Enter")

    def said(self, text: str) -> Any:
        return self.page.locator(".message.bot .text", has_text=text)

    async def new_chat(self, name: str, language: str) -> None:
        if await self.page.locator("#open-chats").is_visible():
            await self.page.click("#open-chats")
        await self.page.fill("#new-name", name)
        await self.page.select_option("#new-language", language)
        await self.page.click("#new-chat button")
        await expect(self.page).to_have_title(re.compile(re.escape(name)))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def tried(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Tried]:
    api = LocalBotApi()
    tryout = mount(api)
    url = await api.start()
    async with aiohttp.ClientSession() as session:
        bot = EchoBot(api, session)
        task = asyncio.create_task(bot.run())
        size: ViewportSize = getattr(request, "param", SMALL)
        context = await browser.new_context(viewport=size, locale="fa")
        page = await context.new_page()
        tried = Tried(page, bot, api, tryout)
        page.on("pageerror", lambda error: tried.wrong.append(str(error)))
        page.on("console", lambda line: tried.wrong.append(line.text) if line.type == "error" else None)
        await page.goto(url)
        await expect(page.locator("#start")).to_be_visible()
        yield tried
        await context.close()
        task.cancel()
    await api.stop()
    assert tried.wrong == []


async def test_opens_small_without_scrolling_sideways(tried: Tried) -> None:
    await expect(tried.page.locator(".banner")).to_have_text("Try-out: nothing leaves this computer")
    await tried.start()
    width = await tried.page.evaluate("document.documentElement.scrollWidth")
    assert width <= SMALL["width"]
    for button in await tried.page.locator(".inline").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= SMALL["width"]


async def test_typing(tried: Tried) -> None:
    await tried.start()
    await tried.say("салам 😀")
    await expect(tried.said("fa: салам 😀")).to_be_visible()
    await expect(tried.page.locator("#text")).to_have_value("")


async def test_text_is_never_markup(tried: Tried) -> None:
    await tried.start()
    await tried.say(NASTY)
    await expect(tried.said(NASTY)).to_be_visible()
    assert await tried.page.locator(".log img").count() == 0


async def test_formatted_text(tried: Tried) -> None:
    await tried.start()
    await expect(tried.page.locator(".bot .text b")).to_have_text("چگونه شکایت کنم؟")
    link = tried.page.locator(".bot .text a")
    await expect(link).to_have_attribute("href", "http://adilet.zan.kz")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    text = await tried.page.locator(".bot .text").evaluate("e => e.textContent")
    assert text == re.sub("</?b>", "", DARI)


async def test_each_line_has_its_own_direction(tried: Tried) -> None:
    """Numbered lines in Dari stand at the right edge, the English one at the left."""
    await tried.start()
    edges = await tried.page.locator(".bot .text").evaluate(
        """e => {
            const range = document.createRange();
            const frame = e.getBoundingClientRect();
            const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
            const ends = {};
            for (let node = walk.nextNode(); node; node = walk.nextNode()) {
                for (const sign of ["1", "2", "English"]) {
                    const at = node.data.indexOf(sign);
                    if (at < 0) continue;
                    range.setStart(node, at);
                    range.setEnd(node, at + 1);
                    const box = range.getBoundingClientRect();
                    ends[sign] = {right: frame.right - box.right, left: box.left - frame.left};
                }
            }
            return ends;
        }"""
    )
    assert edges["1"]["right"] < 3
    assert edges["2"]["right"] < 3
    assert edges["English"]["left"] < edges["English"]["right"]


async def test_rows_of_buttons_are_not_mirrored(tried: Tried) -> None:
    await tried.start()
    boxes = [await b.bounding_box() for b in await tried.page.locator(".keyboard-row >> nth=1 >> .inline").all()]
    assert boxes[0] and boxes[1]
    assert boxes[0]["x"] < boxes[1]["x"]
    directions = [await b.evaluate(DIRECTION) for b in await tried.page.locator(".label").all()]
    # 🆘 is a left-to-right letter for Unicode, unlike most emoji: an editor should see what it does to the label.
    assert directions[:3] == ["ltr", "rtl", "rtl"]


DIRECTION = "e => getComputedStyle(e).direction"


async def test_a_press_edits_in_place(tried: Tried) -> None:
    await tried.start()
    await tried.page.click(".inline.primary")
    await expect(tried.page.locator(".message.bot")).to_have_count(1)
    await expect(tried.page.locator(".message.bot .text")).to_have_text("edited in place")
    await expect(tried.page.locator(".message.bot .meta")).to_contain_text("edited")
    await expect(tried.page.locator("#toast")).to_have_text("خوب")
    await expect(tried.page.locator("[aria-busy]")).to_have_count(0)


async def test_alerts(tried: Tried) -> None:
    await tried.start()
    await tried.page.click(".inline.danger")
    await expect(tried.page.locator("#alert-text")).to_have_text("خوب")
    await tried.page.keyboard.press("Enter")
    await expect(tried.page.locator("#alert")).not_to_be_visible()


async def test_copy_buttons_copy_and_say_so(tried: Tried) -> None:
    await tried.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await tried.start()
    await tried.page.click(".inline:has-text('Copy')")
    await expect(tried.page.locator("#toast")).to_have_text("Copied: +7 727")
    assert await tried.page.evaluate("navigator.clipboard.readText()") == "+7 727"


async def test_links_open_elsewhere_without_an_opener(tried: Tried) -> None:
    await tried.start()
    law = tried.page.locator("a.inline:has-text('Law')")
    await expect(law).to_have_attribute("href", "https://adilet.zan.kz/rus")
    await expect(law).to_have_attribute("target", "_blank")
    await expect(law).to_have_attribute("rel", "noopener noreferrer")


async def test_a_deep_link_button_stays_in_the_page(tried: Tried) -> None:
    await tried.start()
    await tried.page.click("a.inline:has-text('Deep')")
    assert len(tried.page.context.pages) == 1
    await tried.page.click("#start")
    await expect(tried.said("fa: /start en_asylum_appeal")).to_be_visible()
    await expect(tried.page.locator("#start")).to_be_hidden()


@pytest.mark.parametrize(
    ("start", "sent"), [("fa_asylum_appeal", "/start fa_asylum_appeal"), ("<b>x", "چگونه"), ("a" * 65, "چگونه")]
)
async def test_the_page_itself_takes_a_deep_link(tried: Tried, start: str, sent: str) -> None:
    """A payload that Telegram would not take is as if it were not there."""
    await tried.page.goto(f"{tried.api.url}/?start={start}")
    await tried.page.click("#start")
    await expect(tried.said(sent)).to_be_visible()
    assert "start=" not in tried.page.url


async def test_two_chats_are_two_people(tried: Tried) -> None:
    await tried.start()
    await tried.say("first")
    await expect(tried.said("fa: first")).to_be_visible()
    await tried.new_chat("Оксана", "uk")
    await expect(tried.page.locator(".message")).to_have_count(0)
    await tried.page.click("#start")
    await tried.say("second")
    await expect(tried.said("uk: second")).to_be_visible()
    await expect(tried.said("fa: first")).to_have_count(0)
    await tried.page.click("#open-chats")
    await tried.page.click(".chat-item:has-text('Reader 1')")
    await expect(tried.said("fa: first")).to_be_visible()
    await expect(tried.said("uk: second")).to_have_count(0)


async def test_a_reload_keeps_chat_and_messages(tried: Tried) -> None:
    await tried.start()
    await tried.new_chat("Ahmad", "ps")
    await tried.page.click("#start")
    await tried.say("still here")
    await expect(tried.said("ps: still here")).to_be_visible()
    await tried.page.reload()
    await expect(tried.said("ps: still here")).to_be_visible()
    await expect(tried.page.locator("#phone-language")).to_have_value("ps")
    await expect(tried.page.locator(".chat-item")).to_have_count(2)


async def test_the_language_of_the_phone_changes(tried: Tried) -> None:
    await tried.bot.call("setMyCommands", commands=[{"command": "start", "description": "Start"}])
    dari = [{"command": "start", "description": "شروع"}]
    await tried.bot.call("setMyCommands", commands=dari, language_code="fa")
    await tried.start()
    await tried.page.click("#commands")
    await expect(tried.page.locator("#command-menu")).to_contain_text("شروع")
    await tried.page.keyboard.press("Escape")
    await tried.page.select_option("#phone-language", "")
    await expect(tried.page.locator("#command-menu")).to_contain_text("Start")
    await tried.say("who am I")
    await expect(tried.said("None: who am I")).to_be_visible()


async def test_commands_are_sent_from_the_menu(tried: Tried) -> None:
    await tried.bot.call("setMyCommands", commands=[{"command": "help", "description": "Numbers"}])
    await tried.start()
    await tried.page.click("#commands")
    await tried.page.click("#command-menu button")
    await expect(tried.said("fa: /help")).to_be_visible()


async def test_other_kinds_are_sent(tried: Tried) -> None:
    await tried.start()
    for kind in ("photo", "document", "voice", "sticker", "contact", "location"):
        await tried.page.click("#attach")
        await tried.page.click(f"[data-kind={kind}]")
    await expect(tried.said("fa: a file")).to_have_count(6)
    await expect(tried.page.locator(".mine .file")).to_have_count(6)


async def test_one_edits_what_one_wrote(tried: Tried) -> None:
    await tried.start()
    await tried.say("helo")
    await expect(tried.said("fa: helo")).to_be_visible()
    await tried.page.press("#text", "ArrowUp")
    await tried.say("hello")
    await expect(tried.page.locator(".mine .text").last).to_have_text("hello")
    await expect(tried.page.locator(".mine .meta").last).to_contain_text("edited")


async def test_dots_until_the_bot_answers(tried: Tried) -> None:
    await tried.start()
    tried.bot.slow = 0.5
    await tried.say("slowly")
    await expect(tried.page.locator(".dots")).to_be_visible()
    await expect(tried.page.locator("#status")).to_have_text("typing…")
    await expect(tried.said("slowly")).to_be_visible()
    await expect(tried.page.locator(".dots")).to_have_count(0)
    await expect(tried.page.locator("#status")).to_have_text("bot")


async def test_blocking_and_starting_again(tried: Tried) -> None:
    await tried.start()
    await tried.page.click("#more")
    await tried.page.click("#block")
    await expect(tried.page.locator("#start")).to_have_text("RESTART BOT")
    await tried.page.click("#start")
    await expect(tried.page.locator(".message.bot")).to_have_count(2)


async def test_deleted_messages_go(tried: Tried) -> None:
    await tried.start()
    person = next(iter(tried.tryout.phones.values()))
    await tried.bot.call("deleteMessage", chat_id=person.chat_id, message_id=person.last.id)
    await expect(tried.page.locator(".message.bot")).to_have_count(0)


async def test_light_and_dark(tried: Tried) -> None:
    async def wall() -> Any:
        return await tried.page.locator(".phone").evaluate("e => getComputedStyle(e).backgroundColor")

    light = await wall()
    await tried.page.click("#more")
    await tried.page.click("#theme")
    assert await wall() != light
    await tried.page.reload()
    assert await wall() != light


async def test_all_by_keyboard(tried: Tried) -> None:
    """Start, a button and its answer without a pointer; the focus can be seen and is not lost by the edit."""
    await tried.page.focus("#start")
    await tried.page.keyboard.press("Enter")
    await expect(tried.page.locator(".inline.primary")).to_be_visible()
    await tried.page.focus("#log")
    for _ in range(5):
        await tried.page.keyboard.press("Tab")
    assert await tried.page.evaluate("document.activeElement.className") == "inline primary"
    outline = await tried.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    await tried.page.keyboard.press("Enter")
    await expect(tried.said("edited in place")).to_be_visible()
    assert await tried.page.evaluate("document.activeElement.closest('.keyboard') !== null")
    await expect(tried.page.locator("#log")).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("tried", [WIDE], indirect=True)
async def test_the_desk_is_wide(tried: Tried) -> None:
    await tried.start()
    await expect(tried.page.locator("#chats")).to_be_visible()
    box = await tried.page.locator(".phone").bounding_box()
    assert box is not None
    assert 420 <= box["width"] <= 480


async def test_nothing_from_outside_is_asked_for(tried: Tried) -> None:
    asked: list[str] = []
    tried.page.on("request", lambda request: asked.append(request.url))
    await tried.page.reload()
    await tried.start()
    await tried.page.click("a.inline:has-text('Deep')")
    assert all(url.startswith((tried.api.url, "data:")) for url in asked)
    with pytest.raises(Error):
        await tried.page.evaluate("fetch('https://example.org')")
    assert [line for line in tried.wrong if "Content Security Policy" not in line] == []
    tried.wrong.clear()


# --- what the page's server refuses; no browser needed ------------------------------------------


@pytest_asyncio.fixture(loop_scope="module")
async def served() -> AsyncIterator[tuple[LocalBotApi, aiohttp.ClientSession]]:
    api = LocalBotApi()
    mount(api, hosts=["pana.test"])
    await api.start()
    async with aiohttp.ClientSession() as session:
        yield api, session
    await api.stop()


Served = tuple[LocalBotApi, aiohttp.ClientSession]


@pytest.mark.parametrize(
    ("host", "status"), [("evil.example", 403), ("pana.test", 200), ("localhost", 200), ("[", 403)]
)
async def test_foreign_names_are_refused(served: Served, host: str, status: int) -> None:
    api, session = served
    for path in ("/", f"/bot{api.token}/getMe"):
        async with session.get(api.url + path, headers={"Host": host}) as answer:
            assert answer.status == status


async def test_only_the_page_may_act(served: Served) -> None:
    api, session = served
    wrong = [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": f"{api.url}0"}]
    for headers in wrong:
        async with session.post(f"{api.url}/tryout/chats", json={}, headers=headers) as answer:
            assert answer.status == 403
    right = {"Origin": api.url}
    async with session.post(f"{api.url}/tryout/chats", data="{}", headers=right) as answer:
        assert answer.status == 403
    async with session.post(f"{api.url}/tryout/chats", json={"name": "x" * 70000}, headers=right) as answer:
        assert answer.status == 413
    async with session.post(f"{api.url}/tryout/chats", json={}, headers=right) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("write", {}),
        ("write", {"text": "x" * 4097}),
        ("start", {"payload": "a b"}),
        ("press", {"message": 99, "row": 0, "column": 0}),
        ("press", {"message": "x"}),
        ("send", {"kind": "bomb"}),
        ("edit", {"message": 1, "text": ""}),
    ],
)
async def test_what_is_not_possible(served: Served, act: str, body: dict[str, Any]) -> None:
    api, session = served
    headers = {"Origin": api.url}
    async with session.post(f"{api.url}/tryout/chats", json={}, headers=headers) as answer:
        chat = (await answer.json())["chat"]
    async with session.post(f"{api.url}/tryout/chats/{chat}/{act}", json=body, headers=headers) as answer:
        assert answer.status == 400


async def test_strict_headers(served: Served) -> None:
    api, session = served
    async with session.get(api.url) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with session.get(f"{api.url}/page/..%2ftryout.py") as answer:
        assert answer.status == 404
