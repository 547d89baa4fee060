"""Logs that name nobody. Ours pass an allow-list of keys; foreign records lose everything but their template.

Libraries write tokens into URLs, whole updates into DEBUG lines and answers of servers into exceptions. So of a
foreign record only the text that stands in the library's source is kept, never its arguments; of an exception only
its type and where it was raised.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from traceback import extract_tb
from typing import Any, Final

from bot.lean import without

# Pictures of tracebacks: we show none, for they tell what people wrote. Three megabytes.
with without("rich"):
    import structlog

ALLOWED: Final = frozenset(
    {"event", "level", "timestamp", "logger", "entry", "topic", "language", "band", "kind", "page", "duration_ms",
     "count", "seconds", "error", "raised", "at", "problems", "signal", "port", "version", "status", "command"}
)  # fmt: skip
_SECRET: Final = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}|\d{6,}")


def _allowed(_logger: object, _name: str, values: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in values.items() if key in ALLOWED}


def fault(error: BaseException) -> dict[str, str]:
    """What may be said of an exception: its type and where it was raised, never its message."""
    frames = extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "raised": f"{_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else "",
    }


def _short(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-2:])


class _Strict(logging.Formatter):
    """One line for any record, with nothing private in it."""

    def format(self, record: logging.LogRecord) -> str:
        if getattr(record, "ours", False):
            return str(record.msg)
        template = _SECRET.sub("…", _template(record))
        parts = [
            self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            record.levelname.lower(),
            record.name,
            template,
        ]
        if record.exc_info and record.exc_info[1]:
            parts.append(" ".join(fault(record.exc_info[1]).values()))
        return " ".join(parts)


def _template(record: logging.LogRecord) -> str:
    """What a foreign record says without its arguments; of libraries that write arguments into it, only the beginning."""
    said = (str(record.msg).splitlines() or [""])[0][:200]
    if record.name == "py.warnings":
        return " ".join(re.findall(r"\b[A-Za-z]*Warning\b", said)[:1]) or "a warning"
    return re.split(r"[(<]", said)[0].strip() if record.name == "asyncio" else said


class _Ours:
    """Where structlog's finished lines enter the standard library's logging, marked as judged."""

    def __init__(self, *_args: object) -> None:
        self._logger = logging.getLogger("pana")

    def msg(self, level: str, line: str) -> None:
        self._logger.log(logging.getLevelNamesMapping()[level.upper()], line, extra={"ours": True})

    def __getattr__(self, level: str) -> Any:
        return lambda line: self.msg(level, line)


def configure(level: str, stream: Any = None) -> None:
    """Send everything that any library logs through one strict handler. Safe to call again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Strict())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its own set-up, which helps nobody
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # its own report of a failure to log would show the arguments
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allowed,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
        ],
        logger_factory=_Ours,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )


def get(name: str) -> Any:
    """A logger of ours; ``name`` says which room speaks."""
    return structlog.get_logger().bind(logger=name)
