"""Writing ``reviews.yaml``: the one file of the content that a program writes, one record in a line."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from typing import Final

from bot import whole
from bot.faq.model import Review
from bot.faq.shapes import REVIEWS_FILE

HEADER: Final = "# Written only by the command: pana review ENTRY LANGUAGE --role … --by …\n"


def record(folder: Path, earlier: Iterable[Review], new: Review) -> Path:
    """Add a review behind the earlier ones, which are those of this file; its comments at the top stay.

    Whoever reads meanwhile sees the old file or the new one, never half of one. Raises OSError where it cannot be
    written; the old file is then as it was.
    """
    path = (folder / REVIEWS_FILE).resolve()
    _replace(path, _header(path) + "".join(map(_line, [*earlier, new])))
    return path


def _header(path: Path) -> str:
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except FileNotFoundError:
        return HEADER
    return "".join(f"{line}\n" for line in takewhile(lambda line: line.startswith("#"), lines))


def _line(review: Review) -> str:
    return (
        f"- {{entry: {review.entry}, language: {review.language}, role: {review.role}, by: {review.by}, "
        f"on: {review.on.isoformat()}, source_hash: {review.source_hash}, text_hash: {review.text_hash}}}\n"
    )


def _replace(path: Path, text: str) -> None:
    rights = path.stat().st_mode & 0o777 if path.exists() else 0o644
    whole.write(path, text.encode(), rights)
