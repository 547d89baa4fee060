"""Content that was judged is not judged again at the next start: a copy of it, under a mark that takes Pana's key.

files of the content and the code that judges them ─► fingerprint ─┬─ a copy marked for just that ─► Faq, ten times as fast
                                                                   └─ none, or another ─► judged, and kept where it holds

Whoever can write into the folder of the copy cannot make an answer with it: that takes the key.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pydantic

from bot import faq, whole
from bot.faq.model import Faq

if TYPE_CHECKING:
    from bot.faq.drafts import Problem

FILE: Final = "content"  # in the state folder: the mark, then JSON
CODE: Final = Path(__file__).parent.parent
SIZE: Final = 32  # bytes of a mark

Mark = Callable[[bytes], bytes | None]  # what only our key makes of bytes; None: there is no key


def load(folder: Path, state: Path, mark: Mark) -> tuple[Faq | None, list[Problem]]:
    """As ``faq.load``; without warnings where the copy is taken."""
    if mark(b"") is None:
        return faq.load(folder)
    before, copy = fingerprint(folder), state / FILE
    with suppress(OSError, ValueError):
        return _read(copy, before, mark), []
    content, problems = faq.load(folder)
    if content is not None and fingerprint(folder) == before:  # else an editor saved meanwhile
        with suppress(OSError):  # a full or read-only disk: it is judged again at the next start
            _write(copy, content, before, mark)
    return content, problems


def fingerprint(folder: Path) -> bytes:
    """The hash of the content's files, and of the code by which they were judged. May raise OSError."""
    found = sha256(pydantic.VERSION.encode())
    for root, pattern in ((folder, "*.y*ml"), (CODE, "*.py")):
        for path in sorted(root.rglob(pattern)):
            name, text = path.relative_to(root).as_posix().encode(), path.read_bytes()
            found.update(b"%d %b %d " % (len(name), name, len(text)) + text)
    return found.digest()


def _read(copy: Path, judged: bytes, mark: Mark) -> Faq:
    """Raises OSError or ValueError where there is no copy of just this content, or a changed one."""
    kept = copy.read_bytes()
    given, text = kept[:SIZE], kept[SIZE:]
    if not compare_digest(given, mark(judged + text) or b""):
        raise ValueError("a copy of other content, or nobody's")
    return pydantic.TypeAdapter(Faq).validate_json(text)


def _write(copy: Path, content: Faq, judged: bytes, mark: Mark) -> None:
    text = pydantic.TypeAdapter(Faq).dump_json(content)
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole.write(copy, (mark(judged + text) or b"") + text)
