"""Looking at the source pages: a local web server changes, fails and misbehaves in every way that we know of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web

from bot import faq
from bot.faq.pages import Page, pages
from bot.web import watch as watching
from bot.web.watch import Found, WatchError, calm, report, watch

from .conftest import SMALL
from .test_cli import pana

DAY, NEXT, LATER = date(2026, 11, 24), date(2026, 11, 25), date(2026, 12, 30)
LAW = "Refugees have the right to stay until the procedure ends. " * 8
RUSSIAN = "Лицо, ищущее убежище, имеет право остаться до конца процедуры. " * 8


def html(words: str, head: str = "", around: str = "") -> str:
    return f"<!doctype html><html><head><title>Law</title>{head}</head><body>{around}<p>{words}</p></body></html>"


class Site:
    """A web server of this machine; ``answers`` maps a path to a handler, or to a text that is served as HTML."""

    def __init__(self) -> None:
        self.answers: dict[str, str | Callable[[web.Request], Awaitable[web.StreamResponse]]] = {}
        self.url = ""
        self.seen: list[web.Request] = []
        self.at_once = self.most_at_once = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self.answers.get(request.path)
            if answer is None:
                raise web.HTTPNotFound
            return (
                web.Response(text=answer, content_type="text/html")
                if isinstance(answer, str)
                else await answer(request)
            )
        finally:
            self.at_once -= 1

    def page(self, path: str, *rests: str, compared: date = DAY) -> Page:
        return Page(f"{self.url}{path}", rests or ("asylum/appeal",), compared)

    def bytes(self, path: str, body: bytes, content_type: str) -> None:
        async def answer(_request: web.Request) -> web.Response:
            return web.Response(body=body, headers={"Content-Type": content_type})

        self.answers[path] = answer

    def redirect(self, path: str, target: str, status: int = 302) -> None:
        async def answer(_request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": target})

        self.answers[path] = answer

    def status(self, path: str, status: int) -> None:
        async def answer(_request: web.Request) -> web.Response:
            return web.Response(status=status, text=LAW, content_type="text/html")

        self.answers[path] = answer


async def started(site: Site) -> web.AppRunner:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return runner


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    runner = await started(site)
    yield site
    await runner.cleanup()


@pytest.fixture
async def other() -> AsyncIterator[Site]:
    site = Site()
    runner = await started(site)
    yield site
    await runner.cleanup()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state" / "watch.json"


def kept(state: Path) -> set[str]:
    return set(json.loads(state.read_text("utf-8"))["pages"])


async def look(state: Path, *named: Page, today: date = DAY, seconds: float = 5) -> list[Found]:
    return await watch(named, state, today, seconds, loopback=True)


async def kinds(state: Path, *named: Page, today: date = DAY, seconds: float = 5) -> list[str]:
    return [one.kind for one in await look(state, *named, today=today, seconds=seconds)]


class TestComparing:
    async def test_new_and_then_unchanged(self, site: Site, state: Path) -> None:
        site.answers["/law"] = html(LAW)
        first = await look(state, site.page("/law"))
        assert [one.kind for one in first] == ["new"]
        assert calm(first), "there was nothing to compare it with"
        second = await look(state, site.page("/law"), today=NEXT)
        assert [one.kind for one in second] == ["unchanged"]
        assert calm(second)

    @pytest.mark.parametrize("changed", ["10 days", "5 working days", "5  days!"])
    async def test_one_changed_word_number_or_sign_is_a_change(self, site: Site, state: Path, changed: str) -> None:
        site.answers["/law"] = html(f"{LAW} Apply within 5 days.")
        await look(state, site.page("/law"))
        site.answers["/law"] = html(f"{LAW} Apply within {changed}.")
        [found] = await look(state, site.page("/law"), today=NEXT)
        assert (found.kind, found.detail) == ("changed", "seen on 2026-11-25")
        assert not calm([found])

    async def test_a_change_is_told_until_what_rests_on_the_page_was_compared(self, site: Site, state: Path) -> None:
        site.answers["/law"] = html(LAW)
        await look(state, site.page("/law"))
        site.answers["/law"] = html(f"{LAW} Now.")
        assert await kinds(state, site.page("/law"), today=NEXT) == ["changed"]
        [found] = await look(state, site.page("/law"), today=LATER)
        assert (found.kind, found.detail) == ("changed", "seen on 2026-11-25")
        assert await kinds(state, site.page("/law", compared=NEXT), today=LATER) == ["unchanged"]
        assert await kinds(state, site.page("/law", compared=DAY), today=LATER) == ["unchanged"]

    async def test_a_second_change_begins_anew(self, site: Site, state: Path) -> None:
        for words, today in ((LAW, DAY), (f"{LAW} A.", NEXT), (f"{LAW} B.", LATER)):
            site.answers["/law"] = html(words)
            [found] = await look(state, site.page("/law", compared=NEXT), today=today)
        assert (found.kind, found.detail) == ("changed", "seen on 2026-12-30")

    @pytest.mark.parametrize(
        "same",
        [
            html(LAW.replace(" ", "\n\t ")),
            html(LAW, head="<style>p { color: red }</style>"),
            html(LAW, around="<script>var visitors = 12345;</script>"),
            html(LAW, around="<!-- made in 0.3 s --><nav>Home <b>News 12</b></nav><footer>© 2027</footer>"),
            html(LAW, around="<aside>Weather: -5</aside><noscript>Turn it on</noscript>"),
            html(LAW.replace("right", "ri\u200bght")),
            html(LAW.replace("right", "&#114;ight")),
            html(LAW).replace("<p>", '<p id="x" class="y" data-views="77">'),
        ],
    )
    async def test_what_is_no_text_of_the_page_does_not_count(self, site: Site, state: Path, same: str) -> None:
        site.answers["/law"] = html(LAW)
        await look(state, site.page("/law"))
        site.answers["/law"] = same
        assert await kinds(state, site.page("/law")) == ["unchanged"]

    async def test_a_menu_that_is_never_closed_hides_no_change(self, site: Site, state: Path) -> None:
        for expected, words in (("new", "5 days"), ("changed", "7 days")):
            site.answers["/law"] = html(f"{LAW} {words}", around="<nav><div>")
            assert await kinds(state, site.page("/law")) == [expected]

    async def test_plain_text_is_compared_as_it_is(self, site: Site, state: Path) -> None:
        for expected, words in (("new", "<5 days>"), ("changed", "<7 days>")):
            site.bytes("/law", f"{LAW} {words}".encode(), "text/plain; charset=utf-8")
            assert await kinds(state, site.page("/law")) == [expected]

    async def test_pages_that_nothing_names_any_more_are_forgotten(self, site: Site, state: Path) -> None:
        site.answers |= {"/a": html(LAW), "/b": html(LAW)}
        await look(state, site.page("/a"), site.page("/b"))
        await look(state, site.page("/b"))
        assert kept(state) == {f"{site.url}/b"}


class TestFailing:
    """Each failure has its own name; none is called unchanged, and the last good text stays for the next look."""

    async def test_gone(self, site: Site, state: Path) -> None:
        site.status("/410", 410)
        found = await look(state, site.page("/404"), site.page("/410"))
        assert [(one.kind, one.detail) for one in found] == [("gone", "answers 404"), ("gone", "answers 410")]

    @pytest.mark.parametrize("status", [403, 429, 500, 503, 204, 304])
    async def test_other_answers(self, site: Site, state: Path, status: int) -> None:
        site.status("/law", status)
        [found] = await look(state, site.page("/law"))
        assert (found.kind, found.detail) == ("unreachable", f"answers {status}")

    @pytest.mark.parametrize("where", ["head", "body"])
    async def test_slow(self, site: Site, state: Path, where: str) -> None:
        async def slow(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/html"})
            if where == "head":
                await asyncio.sleep(20)
            await response.prepare(request)
            for _ in range(200):
                await response.write(LAW.encode())
                await asyncio.sleep(0.1)
            return response

        site.answers["/law"] = slow
        site.answers["/quick"] = html(LAW)
        found = await look(state, site.page("/law"), site.page("/quick"), seconds=0.4)
        assert [(one.kind, one.detail) for one in found] == [("slow", "after 0.4 seconds"), ("new", "")]

    @pytest.mark.parametrize("packed", [False, True])
    async def test_huge(self, site: Site, state: Path, packed: bool) -> None:
        async def huge(_request: web.Request) -> web.Response:
            response = web.Response(text="a " * (2 * 1024 * 1024), content_type="text/html")
            if packed:
                response.enable_compression()
            return response

        site.answers["/law"] = huge
        assert await kinds(state, site.page("/law")) == ["too large"]

    async def test_huge_without_end(self, site: Site, state: Path) -> None:
        async def endless(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/html"})
            await response.prepare(request)
            while True:
                await response.write(b"more " * 20_000)

        site.answers["/law"] = endless
        assert await kinds(state, site.page("/law")) == ["too large"]

    @pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/json", "application/octet-stream"])
    async def test_not_html(self, site: Site, state: Path, kind: str) -> None:
        site.bytes("/law", LAW.encode(), kind)
        [found] = await look(state, site.page("/law"))
        assert (found.kind, found.detail) == ("not text", kind)

    async def test_a_page_that_is_built_by_scripts(self, site: Site, state: Path) -> None:
        site.answers["/law"] = html("Please turn on JavaScript.", around=f"<script>show({LAW!r})</script>")
        assert await kinds(state, site.page("/law")) == ["no text"]

    @pytest.mark.parametrize("head", ["text/html; charset=utf-8", "text/html", "text/html; charset=nonsense"])
    async def test_wrong_encoding(self, site: Site, state: Path, head: str) -> None:
        site.bytes("/law", html(RUSSIAN).encode("windows-1251"), head)
        [found] = await look(state, site.page("/law"))
        assert (found.kind, found.detail) == ("garbled", "not utf-8, as it says")

    async def test_what_only_calls_itself_html(self, site: Site, state: Path) -> None:
        site.bytes("/law", b"<![" + bytes(range(256)) * 40, "text/html")
        assert await kinds(state, site.page("/law")) == ["garbled"]

    async def test_connection_refused(self, state: Path, unused_tcp_port: int) -> None:
        [found] = await look(state, Page(f"http://127.0.0.1:{unused_tcp_port}/law", ("asylum/appeal",), DAY))
        assert (found.kind, found.detail) == ("unreachable", "nothing answers there")

    async def test_broken_off(self, site: Site, state: Path) -> None:
        async def broken(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/html", "Content-Length": "99999"})
            await response.prepare(request)
            await response.write(LAW.encode())
            assert request.transport
            request.transport.abort()
            return response

        site.answers["/law"] = broken
        [found] = await look(state, site.page("/law"))
        assert found.kind == "unreachable"
        assert "broke off" in found.detail

    async def test_wrongly_packed(self, site: Site, state: Path) -> None:
        async def packed(_request: web.Request) -> web.Response:
            return web.Response(body=LAW.encode(), headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})

        site.answers["/law"] = packed
        assert await kinds(state, site.page("/law")) == ["unreachable"]

    async def test_no_web_server(self, state: Path) -> None:
        async def mail(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example.org ESMTP\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(mail, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with server:
            [found] = await look(state, Page(url, ("asylum/appeal",), DAY))
        assert (found.kind, found.detail) == ("unreachable", "what answers there is no web server")

    async def test_a_failure_forgets_nothing(self, site: Site, state: Path) -> None:
        site.answers["/law"] = html(LAW)
        await look(state, site.page("/law"))
        site.status("/law", 503)
        assert await kinds(state, site.page("/law")) == ["unreachable"]
        site.answers["/law"] = html(f"{LAW} Changed while nobody could look.")
        assert await kinds(state, site.page("/law"), today=NEXT) == ["changed"]


class TestEncodings:
    @pytest.mark.parametrize(
        ("body", "head"),
        [
            (html(RUSSIAN).encode("windows-1251"), "text/html; charset=windows-1251"),
            (html(RUSSIAN, head='<meta charset="windows-1251">').encode("windows-1251"), "text/html"),
            (html(RUSSIAN, head='<meta charset="windows-1251">').encode("windows-1251"), "text/html; charset=utf-8"),
            (
                html(RUSSIAN, head='<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">').encode(
                    "koi8-r"
                ),
                "text/html",
            ),
            (html(RUSSIAN).encode("utf-8-sig"), "text/html; charset=windows-1251"),
            (html(RUSSIAN).encode("utf-16"), "text/html"),
            (html(RUSSIAN).encode() + b"\xff", "text/html; charset=utf-8"),
            (html(RUSSIAN).encode(), "text/html; charset=base64"),
            (html(RUSSIAN).encode(), "text/html; charset=undefined"),
        ],
    )
    async def test_the_same_words_in_any_encoding(self, site: Site, state: Path, body: bytes, head: str) -> None:
        site.answers["/law"] = html(RUSSIAN)
        await look(state, site.page("/law"))
        site.bytes("/law", body.replace(b"\xff", b"") if head.endswith("8") and body[-1] == 255 else body, head)
        assert await kinds(state, site.page("/law")) == ["unchanged"]

    async def test_one_stray_byte_in_a_long_page_is_forgiven(self, site: Site, state: Path) -> None:
        site.bytes("/law", html(RUSSIAN * 3).encode() + b"\xff", "text/html; charset=utf-8")
        assert await kinds(state, site.page("/law")) == ["new"]


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_inside_a_site_they_are_followed_in_silence(self, site: Site, state: Path, status: int) -> None:
        site.redirect("/law", "/laws/law?x=1", status)
        site.answers["/laws/law"] = html(LAW)
        assert await look(state, site.page("/law")) == [Found(site.page("/law"), "new")]
        assert await kinds(state, site.page("/law")) == ["unchanged"]

    async def test_to_another_site_they_are_told_and_followed(self, site: Site, other: Site, state: Path) -> None:
        site.redirect("/law", f"{other.url}/law")
        other.answers["/law"] = html(LAW)
        for _ in range(2):
            [found] = await look(state, site.page("/law"))
            assert (found.kind, found.detail) == ("redirected", f"now at {other.url}/law")
            assert not calm([found])
        other.answers["/law"] = html(f"{LAW} Changed.")
        [found] = await look(state, site.page("/law"), today=NEXT)
        assert (found.kind, found.detail) == ("changed", f"seen on 2026-11-25, now at {other.url}/law")

    @pytest.mark.parametrize(("steps", "expected"), [(5, "new"), (6, "unreachable")])
    async def test_five_are_followed_and_no_more(self, site: Site, state: Path, steps: int, expected: str) -> None:
        for step in range(steps):
            site.redirect(f"/{step}", f"/{step + 1}")
        site.answers[f"/{steps}"] = html(LAW)
        assert await kinds(state, site.page("/0")) == [expected]

    async def test_a_circle_ends(self, site: Site, state: Path) -> None:
        site.redirect("/law", "/law")
        [found] = await look(state, site.page("/law"))
        assert (found.kind, found.detail) == ("unreachable", "leads on more than 5 times")

    @pytest.mark.parametrize(
        "target",
        ["http://example.org/", "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "http://localhost/"],
    )
    async def test_out_of_https_they_are_not_followed(self, site: Site, state: Path, target: str) -> None:
        site.redirect("/law", target)
        [found] = await look(state, site.page("/law"))
        assert found.kind == "unreachable"
        assert "without https" in found.detail

    @pytest.mark.parametrize("target", ["https://[bad/", "http://127.0.0.1:99999/", "https://"])
    async def test_to_no_address(self, site: Site, state: Path, target: str) -> None:
        site.redirect("/law", target)
        assert await kinds(state, site.page("/law")) == ["unreachable"]


class TestManners:
    async def test_plain_http_is_refused_outside_tests(self, site: Site, state: Path) -> None:
        site.answers["/law"] = html(LAW)
        [found] = await watch([site.page("/law")], state, DAY)
        assert found.kind == "unreachable"
        assert site.seen == []

    async def test_the_request_names_the_project(self, site: Site, state: Path) -> None:
        site.answers["/law"] = html(LAW)
        await look(state, site.page("/law"))
        assert site.seen[0].headers["User-Agent"].startswith("Pana/")
        assert "refugees in Kazakhstan" in site.seen[0].headers["User-Agent"]

    async def test_few_at_once_from_one_site_and_waiting_is_not_slow(self, site: Site, state: Path) -> None:
        async def answer(_request: web.Request) -> web.Response:
            await asyncio.sleep(0.1)
            return web.Response(text=html(LAW), content_type="text/html")

        names = [f"/{number}" for number in range(12)]
        site.answers |= dict.fromkeys(names, answer)
        found = await look(state, *map(site.page, names), seconds=0.4)
        assert {one.kind for one in found} == {"new"}
        assert site.most_at_once == watching.AT_ONE_SITE

    async def test_the_order_is_that_of_the_pages(self, site: Site, state: Path) -> None:
        site.answers["/b"] = html(LAW)
        assert await kinds(state, site.page("/a"), site.page("/b"), site.page("/c")) == ["gone", "new", "gone"]


class TestTheState:
    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "{}", '{"pages": []}', '{"pages": {"u": 1}}', '{"pages": {"u": {}}}']
    )
    def test_a_damaged_file_is_said_and_kept(self, state: Path, text: str) -> None:
        state.parent.mkdir()
        state.write_text(text, "utf-8")
        with pytest.raises(WatchError, match=r"watch\.json is damaged\. Delete it"):
            asyncio.run(look(state))
        assert state.read_text("utf-8") == text

    async def test_a_place_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(WatchError, match=r"cannot be (read|written)"):
            await look(tmp_path / "file" / "watch.json")

    async def test_nothing_is_left_beside_it(self, site: Site, state: Path) -> None:
        site.answers["/law"] = html(LAW)
        await look(state, site.page("/law"))
        assert [path.name for path in state.parent.iterdir()] == ["watch.json"]


def test_every_page_once_with_all_that_rests_on_it() -> None:
    content, problems = faq.load(SMALL)
    assert content is not None, problems
    found = pages(content)
    assert [page.url for page in found] == sorted({page.url for page in found})
    by_url = {page.url: page for page in found}
    for entry in content.entries.values():
        for source in entry.sources:
            assert entry.id in by_url[source.url.partition("#")[0]].rests
            assert by_url[source.url.partition("#")[0]].compared <= entry.checked
    for contact in content.contacts.values():
        assert f"contacts.yaml: {contact.id}" in by_url[contact.evidence.url].rests


def test_a_page_counts_as_compared_when_the_last_of_its_entries_was() -> None:
    content, _ = faq.load(SMALL)
    assert content is not None
    first, second, *_ = content.entries.values()
    source = replace(first.sources[0], url="https://example.org/one#article-3")
    twin = replace(source, url="https://example.org/one#article-5")
    entries = {
        first.id: replace(first, sources=(source, twin), checked=DAY),
        second.id: replace(second, sources=(twin,), checked=LATER),
    }
    [page] = pages(replace(content, entries=entries, contacts={}))
    assert page == Page("https://example.org/one", (first.id, second.id), DAY)


@pytest.mark.parametrize(
    ("seen", "day"),
    [
        ("2026", date(2026, 12, 31)),
        ("2026-02", date(2026, 2, 28)),
        ("2026-12", date(2026, 12, 31)),
        ("2026-11-23", date(2026, 11, 23)),
    ],
)
def test_a_contact_was_compared_in_the_period_that_it_names(seen: str, day: date) -> None:
    content, _ = faq.load(SMALL)
    assert content is not None
    contact = next(iter(content.contacts.values()))
    contact = replace(contact, evidence=replace(contact.evidence, seen=seen))
    [page] = pages(replace(content, entries={}, contacts={contact.id: contact}))
    assert page.compared == day


def test_the_report_names_pages_and_what_rests_on_them() -> None:
    law = Page("https://example.org/law", ("asylum/appeal", "contacts.yaml: kibhr"), DAY)
    found = [Found(law, "changed", "seen on 2026-11-25"), Found(replace(law, url="https://example.org/x"), "unchanged")]
    assert report(found) == [
        "Changed. Compare what rests on it, then set checked (or a contact's seen):",
        "  https://example.org/law (seen on 2026-11-25)",
        "    asylum/appeal",
        "    contacts.yaml: kibhr",
        "",
        "2 pages: 1 unchanged, 0 new, 1 changed, 0 to look at or not compared.",
    ]


def test_every_kind_but_unchanged_is_reported() -> None:
    law = Page("https://example.org/law", ("asylum/appeal",), DAY)
    for kind in set(watching.Kind.__args__) - {"unchanged"}:
        assert any("https://example.org/law" in line for line in report([Found(law, kind)])), kind
        assert calm([Found(law, kind)]) == (kind == "new")


class TestTheCommand:
    def test_what_cannot_be_fetched_is_told_and_fails(
        self, content: Path, tmp_path: Path, unused_tcp_port: int
    ) -> None:
        for path in content.rglob("*.yaml"):
            text = path.read_text("utf-8")
            for host in ("example.org", "example.com"):
                text = text.replace(f"https://{host}", f"https://127.0.0.1:{unused_tcp_port}")
            path.write_text(text, "utf-8")
        state = tmp_path / "elsewhere.json"
        done = pana("watch", "--timeout", "5", "--state", str(state), FAQ_DIR=str(content), STATE_DIR=str(tmp_path))
        assert done.returncode == 1, done.stderr
        assert "Not compared: could not be fetched." in done.stdout
        assert "(nothing answers there)" in done.stdout
        assert "    asylum/appeal" in done.stdout
        assert " 0 unchanged, 0 new, 0 changed, " in done.stdout
        assert json.loads(state.read_text("utf-8")) == {"pages": {}}

    def test_a_damaged_state_is_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "watch.json").write_text("{", "utf-8")
        done = pana("watch", FAQ_DIR=str(SMALL), STATE_DIR=str(tmp_path))
        assert done.returncode == 1
        assert "watch.json is damaged. Delete it: then every page counts as new once." in done.stderr
        assert "Traceback" not in done.stderr
