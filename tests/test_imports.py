"""Imports point downwards only, and each guest library stays in its room (docs: CONTRIBUTING.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

# Each room, and the rooms that it may know. What is not named, may not be imported.
ROOMS: dict[str, frozenset[str]] = {
    "lean": frozenset(),
    "whole": frozenset(),
    "settings": frozenset(),
    "languages": frozenset(),
    "addresses": frozenset(),
    "markup": frozenset(),
    "log": frozenset({"lean"}),
    "tally": frozenset(),
    "faq.model": frozenset(),
    "faq": frozenset({"faq", "faq.model", "markup", "addresses", "whole"}),
    "search": frozenset({"search", "faq.model"}),
    "deadlines": frozenset({"deadlines", "faq.model"}),
    "screens": frozenset({"screens", "deadlines", "faq.model", "faq.reviews", "languages", "addresses", "markup"}),
    "guide": frozenset({"screens", "search", "deadlines", "faq.model", "faq.reviews", "languages", "addresses"}),
    "shelf": frozenset({"guide", "screens", "faq", "languages", "search", "settings", "log"}),
    "store": frozenset({"store", "lean", "log", "whole"}),
    "chat": frozenset(
        {"chat", "lean", "guide", "deadlines", "screens", "languages", "addresses", "log", "store", "tally"}
    ),
    "web": frozenset({"web", "faq.pages", "log", "tally", "whole"}),
    "doors": frozenset({"chat", "web", "settings", "shelf", "store", "tally"}),
    "app": frozenset(
        {"lean", "doors", "tally", "chat", "web", "shelf", "guide", "screens", "settings", "log", "store"}
    ),
    "cli": frozenset(
        {
            "cli",
            "lean",
            "app",
            "shelf",
            "faq",
            "languages",
            "settings",
            "log",
            "markup",
            "addresses",
            "chat",
            "web.watch",
            "doors",
            "store",
        }
    ),
    "__main__": frozenset({"cli"}),
}
GUESTS: dict[str, tuple[str, ...]] = {
    "telegram": ("chat", "app", "cli"),
    "aiohttp": ("chat", "web"),
    "yaml": ("faq.read",),
    "babel": ("languages",),
    "persiantools": ("languages",),
    "markdown_it": ("markup",),
    "click": ("cli",),
    "rich": ("cli",),
    "numpy": ("search",),
    "structlog": ("log",),
    "dotenv": ("settings",),
    "sqlalchemy": ("store",),
    "aiosqlite": ("store",),
    "alembic": ("store",),
    "cryptography": ("store",),
    "psycopg": ("store",),
    "prometheus_client": ("web.metrics",),
    "uvloop": ("cli",),
    "pydantic": ("settings", "faq.model", "faq.drafts", "faq.kept", "faq.shapes", "app"),
}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        parts = path.relative_to(ROOT / "bot").with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (
                f"{node.module}.{alias.name}" if node.module == "bot" or _is_package(node.module) else node.module
                for alias in node.names
            )


def _is_package(module: str) -> bool:
    return module.startswith("bot.") and (ROOT / module.replace(".", "/")).is_dir()


def room(module: str) -> str:
    """The most particular room of a module: faq.model before faq."""
    names = [name for name in ROOMS if module == name or module.startswith(f"{name}.")]
    return max(names, key=len, default="")


def allowed(importer: str, imported: str) -> bool:
    names = ROOMS[room(importer)]
    return any(imported == name or imported.startswith(f"{name}.") for name in names)


@pytest.mark.parametrize(("name", "path"), [pytest.param(*one, id=one[0] or "bot") for one in modules()])
def test_imports_point_downwards(name: str, path: Path) -> None:
    if not name:
        return
    assert room(name), f"bot/{name} is in no room of CONTRIBUTING.md: name it in ROOMS"
    for imported in imports(path):
        if imported.startswith("bot."):
            target = imported.removeprefix("bot.")
            if target in ("__version__",):
                continue
            assert allowed(name, target), f"{name} may not know {target}"


@pytest.mark.parametrize(("name", "path"), [pytest.param(*one, id=one[0] or "bot") for one in modules()])
def test_guests_stay_in_their_rooms(name: str, path: Path) -> None:
    for imported in imports(path):
        rooms = GUESTS.get(imported.split(".")[0])
        if rooms is not None:
            assert any(name == one or name.startswith(f"{one}.") for one in rooms), f"{name} may not know {imported}"


def test_the_environment_is_read_in_one_place() -> None:
    readers = [name for name, path in modules() if "environ" in path.read_text("utf-8")]
    assert readers == ["chat", "settings"], "chat only turns a switch of its library"


def test_an_upward_arrow_would_fail() -> None:
    assert not allowed("markup", "languages")
    assert not allowed("search.index", "guide")
    assert not allowed("screens", "guide")
    assert allowed("guide", "screens")
