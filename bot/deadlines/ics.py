"""A last day as a calendar file (RFC 5545): one whole-day event with an alarm on each of the days before it.

What stands in it is on a phone that others may see: the words are given by the caller and name no matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import uuid4

from bot.deadlines.clock import ALMATY

OCTETS: Final = 75
ALARM_HOUR: Final = 10  # o'clock in Almaty
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def calendar_file(last: date, summary: str, description: str, remind: Iterable[int]) -> bytes:
    """The file's bytes. Its UID is random: two files of one reader cannot be told to belong together."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{uuid4()}",
        f"DTSTAMP:{_stamp(datetime.now(UTC))}",
        f"DTSTART;VALUE=DATE:{last:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{summary.translate(_ESCAPED)}",
        f"DESCRIPTION:{description.translate(_ESCAPED)}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        *(line for days in remind for line in _alarm(last, days, summary)),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _alarm(last: date, days: int, summary: str) -> Iterator[str]:
    """At a moment of the world, so that it rings at ten in Almaty wherever the phone thinks it is."""
    moment = datetime.combine(last - timedelta(days=days), time(ALARM_HOUR), ALMATY).astimezone(UTC)
    yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{summary.translate(_ESCAPED)}")
    yield from (f"TRIGGER;VALUE=DATE-TIME:{_stamp(moment)}", "END:VALARM")


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets, no letter cut in two; each but the first begins with a space."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > OCTETS:
            yield piece
            piece = " "
        piece += letter
    yield piece
