"""Content that was judged once is read again from a copy, which only Pana's key can have made."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

from bot import faq
from bot.faq import kept
from bot.faq.model import Faq
from bot.settings import Settings
from bot.shelf import ContentError, Shelf
from bot.store import Keys, Nowhere, Store, new_key

from .conftest import ROOT

KEY = new_key()


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Each folder that was really read and judged."""
    seen, load = [], faq.load

    def counted(folder: Path) -> object:
        seen.append(folder)
        return load(folder)

    monkeypatch.setattr(faq, "load", counted)
    return seen


@pytest.fixture
def settings(local_settings: Settings, content: Path) -> Settings:
    return local_settings.model_copy(update={"faq_dir": content})


def served(settings: Settings, key: str = KEY) -> Faq:
    """What a start serves."""
    store = Store(settings.state_dir / "pana.db", Keys.read(key))
    return Shelf(settings, mark=store.mark).guide().faq


def copy_of(settings: Settings) -> Path:
    return settings.state_dir / kept.FILE


def test_the_second_start_judges_nothing_and_serves_the_same(settings: Settings, judged: list[Path]) -> None:
    first = served(settings)
    assert served(settings) == first
    assert len(judged) == 1


def test_all_of_the_real_content_comes_back_as_it_was(tmp_path: Path, judged: list[Path]) -> None:
    mark = Keys.read(KEY).mark
    first, _ = kept.load(ROOT / "faq", tmp_path, mark)
    assert kept.load(ROOT / "faq", tmp_path, mark) == (first, [])
    assert len(judged) == 1


@pytest.mark.parametrize("name", ["topics.yaml", "contacts.yaml", "asylum/deadline.yaml"])
def test_any_change_of_a_file_is_judged(settings: Settings, judged: list[Path], name: str) -> None:
    served(settings)
    with (settings.faq_dir / name).open("a") as file:
        file.write("# noted\n")
    served(settings)
    assert len(judged) == 2


def test_a_broken_change_is_refused_though_a_copy_of_the_old_is_there(settings: Settings) -> None:
    served(settings)
    changed = settings.faq_dir / "asylum/deadline.yaml"
    good = changed.read_text("utf-8")
    changed.write_text(good.replace("risk: high", "risk: huge"), "utf-8")
    with pytest.raises(ContentError, match="risk"):
        served(settings)
    changed.write_text(good, "utf-8")
    assert served(settings)


def test_new_code_judges_anew(settings: Settings, judged: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    served(settings)
    monkeypatch.setattr(kept, "CODE", ROOT / "tests" / "bench")
    served(settings)
    assert len(judged) == 2


def test_a_copy_that_was_changed_without_the_key_answers_nobody(settings: Settings, judged: list[Path]) -> None:
    first = served(settings)
    copy = copy_of(settings)
    mark, text = copy.read_bytes()[: kept.SIZE], copy.read_bytes()[kept.SIZE :]
    assert b"Within **5 days**" in text
    for given in (mark, Keys.read(new_key()).mark(kept.fingerprint(settings.faq_dir) + text), b"", bytes(kept.SIZE)):
        copy.write_bytes(given + text.replace(b"Within **5 days**", b"Within **9 days**"))
        assert served(settings) == first
    assert len(judged) == 5


@pytest.mark.parametrize("damaged", [b"", b"short", bytes(100)])
def test_a_damaged_copy_is_made_anew(settings: Settings, judged: list[Path], damaged: bytes) -> None:
    first = served(settings)
    copy_of(settings).write_bytes(damaged)
    assert served(settings) == first
    assert served(settings) == first
    assert len(judged) == 2


def test_with_another_key_or_none_it_is_judged(settings: Settings, judged: list[Path]) -> None:
    served(settings)
    served(settings, new_key())
    Shelf(settings, mark=Nowhere().mark)
    assert len(judged) == 3
    copy_of(settings).unlink()
    Shelf(settings, mark=Nowhere().mark)
    assert not copy_of(settings).exists(), "without a key nothing is kept"


def test_where_nothing_can_be_written_content_is_served_all_the_same(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.whole.os.open", full)
    assert served(settings).entries
    assert not copy_of(settings).exists()


def test_what_is_saved_while_it_is_judged_is_not_kept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    load = faq.load

    def slow(folder: Path) -> object:
        found = load(folder)
        with (folder / "topics.yaml").open("a") as file:
            file.write("# an editor saves just now\n")
        return found

    monkeypatch.setattr(faq, "load", slow)
    served(settings)
    assert not copy_of(settings).exists()


def test_a_start_with_a_copy_loads_nothing_that_reads_and_judges(settings: Settings) -> None:
    """And nothing of other libraries that we never use. What they leave out is there for whoever imports it later."""
    served(settings)
    program = f"""
import sys
from pathlib import Path
from bot.cli import serve
serve._app()
from bot.faq import kept
from bot.store import Keys
found, _ = kept.load(Path({str(settings.faq_dir)!r}), Path({str(settings.state_dir)!r}), Keys.read({KEY!r}).mark)
assert found is not None
import bot.store.engine
print(*sorted(set(sys.modules) & {{"yaml", "bot.faq.guards", "rich", "cryptography", "sqlalchemy.orm"}}))
import rich.console, sqlalchemy.ext.asyncio
print(sqlalchemy.ext.asyncio.AsyncSession.__name__, sqlalchemy.ext.asyncio.AsyncEngine is bot.store.engine.AsyncEngine)
"""
    said = run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == "\nAsyncSession True\n"
