"""The try-out as an editor opens it: Pana itself behind the page, in a real browser at the width of a small phone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.languages import Languages

from .conftest import CHROMIUM, CHROMIUM_ARGUMENTS, ROOT, needs_chromium

pytestmark = needs_chromium


@pytest.fixture
async def url() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "try", "--port", "0", cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    line = (await process.stdout.readline()).decode()
    yield line.split(" at ")[1].split(" ")[0]
    process.terminate()
    await process.wait()


@pytest.fixture
async def page(url: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        shown = await browser.new_page(viewport={"width": 360, "height": 740})
        errors: list[str] = []
        shown.on("pageerror", lambda error: errors.append(str(error)))
        await shown.goto(url)
        yield shown
        await browser.close()
        assert errors == []


def newest(page: Page):
    return page.locator("#log [data-message]").last


async def press(page: Page, label: str) -> None:
    await newest(page).get_by_role("button", name=label).first.click()


async def test_dari_from_start_to_an_answer_and_back(page: Page, spoken: Languages) -> None:
    dari = spoken["fa"]
    await page.get_by_role("button", name="START").click()
    await press(page, "دری")
    await expect(newest(page)).to_contain_text(dari.say("Choose a topic, or write your question in your own words."))
    await press(page, "درخواست پناهندگی")
    await press(page, "رد درخواست")
    await expect(newest(page)).to_contain_text("۱. ")
    first = newest(page).locator(".keyboard button").first
    question = (await first.inner_text()).split(". ", 1)[-1].strip()[:15]
    await first.click()
    await expect(newest(page)).to_contain_text(dari.say("Who can help"))
    await expect(newest(page)).to_contain_text(question)
    lines = await newest(page).evaluate(
        """message => [...message.querySelectorAll('[dir]')].filter(e => /[\\u0600-\\u06ff]{8}/.test(e.textContent))
                     .map(e => getComputedStyle(e).direction)"""
    )
    assert lines and lines.count("rtl") > 0.8 * len(lines), "an answer in Dari is laid out right to left"
    overflow = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not overflow, "nothing sticks out at 360 pixels"
    await press(page, "رد درخواست")
    await expect(newest(page)).not_to_contain_text(dari.say("Who can help"))


@pytest.mark.parametrize(
    ("name", "letters", "question"),
    [
        ("Қазақша", "kk", "Пана сұрап неше күнде өтініш беру керек?"),
        ("Русский", "ru", "За сколько дней надо попросить убежище?"),
        ("English", "en", "How soon must I apply for asylum?"),
        ("دری", "fa", "در ظرف چند روز باید درخواست پناهندگی بدهم؟"),
    ],
)
async def test_a_typed_question_is_answered(
    page: Page, spoken: Languages, name: str, letters: str, question: str
) -> None:
    await page.get_by_role("button", name="START").click()
    await press(page, name)
    await page.fill("#text", question)
    await page.press("#text", "Enter")
    await expect(newest(page)).to_contain_text(spoken[letters].say("Sources"))
    await press(page, "🆘")
    await expect(newest(page)).to_contain_text("112")


async def test_a_deep_link_is_kept_until_a_language_is_chosen(page: Page, url: str) -> None:
    await page.goto(f"{url}/?start=asylum_appeal")
    await page.wait_for_timeout(300)
    start = page.get_by_role("button", name="START")
    if await start.is_visible():
        await start.click()
    await press(page, "Русский")
    await expect(newest(page)).to_contain_text("обжаловать")


async def test_a_calendar_file_can_be_saved(page: Page, spoken: Languages) -> None:
    """The clock in the browser: a date is typed, its last day shown, and the file taken."""
    english = spoken["en"]
    await page.get_by_role("button", name="START").click()
    await press(page, "English")
    await page.fill("#text", "/start when_documents_extend-refugee-status_ends")
    await page.press("#text", "Enter")
    await expect(newest(page)).to_contain_text("What is the last day in your refugee certificate?")
    ends = date.today() + timedelta(days=200)
    await page.fill("#text", english.typed_date(ends))
    await page.press("#text", "Enter")
    await expect(newest(page)).to_contain_text(english.weekday_date(ends))
    await press(page, english.say("Calendar file"))
    link = newest(page).locator("a.file")
    await expect(link).to_have_text("reminder.ics")
    async with page.expect_download() as saved:
        await link.click()
    download = await saved.value
    assert download.suggested_filename == "reminder.ics"
    assert b"BEGIN:VEVENT" in await asyncio.to_thread((await download.path()).read_bytes)
