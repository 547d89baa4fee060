"""Two pictures of the figures, as SVG that reads in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

BAR, GAP, LABEL, WIDTH = 22, 10, 250, 760
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">\n'
    "<style>text{{fill:#57606a}}.h{{font-weight:bold}}.a{{fill:#1f6feb}}.b{{fill:#8c959f}}.l{{stroke:#8c959f;stroke-width:.5}}"
    "@media(prefers-color-scheme:dark){{text{{fill:#c9d1d9}}}}</style>\n"
)
LINES = ("#1f6feb", "#bf5700", "#2da44e", "#8250df")


def bars(path: Path, groups: Mapping[str, Mapping[str, float]]) -> None:
    """A group of bars for each title; the first of a group is ours."""
    parts, y = [], 24
    for title, values in groups.items():
        parts.append(f'<text class="h" x="8" y="{y}">{escape(title)}</text>')
        y += 10
        for at, (name, value) in enumerate(values.items()):
            long = (WIDTH - LABEL - 90) * value / max(values.values())
            parts.append(
                f'<text x="{LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>'
                f'<rect class="{"b" if at else "a"}" x="{LABEL}" y="{y}" width="{long:.1f}" height="{BAR}"/>'
                f'<text x="{LABEL + long + 6:.1f}" y="{y + 15}">{value:,.{0 if value >= 20 else 2}f}</text>'
            )
            y += BAR + 4
        y += GAP + 20
    _write(path, y, parts)


def lines(path: Path, title: str, across: Sequence[float], curves: Mapping[str, Sequence[float]]) -> None:
    """Curves in milliseconds over a number of entries, both axes by powers of ten."""
    low = math.floor(math.log10(min(min(values) for values in curves.values())))
    high = math.ceil(math.log10(max(max(values) for values in curves.values())))
    left, top, wide, tall = 70, 40, WIDTH - 250, 300
    first, last = math.log10(across[0]), math.log10(across[-1])
    parts = [f'<text class="h" x="8" y="22">{escape(title)}</text>']

    def x(value: float) -> float:
        return left + wide * (math.log10(value) - first) / max(last - first, 1e-9)

    def y(value: float) -> float:
        return top + tall * (high - math.log10(value)) / max(high - low, 1)

    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<line class="l" x1="{left}" x2="{left + wide}" y1="{at:.1f}" y2="{at:.1f}"/>'
                     f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>')  # fmt: skip
    parts += [
        f'<text x="{x(value):.1f}" y="{top + tall + 18}" text-anchor="middle">{value:,.0f}</text>' for value in across
    ]
    for colour, (name, values) in zip(LINES, curves.items(), strict=False):
        points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in zip(across, values, strict=True))
        place = f'x="{left + wide + 8}" y="{y(values[-1]) + 4:.1f}"'
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>'
                     f'<text {place} style="fill:{colour}">{escape(name)}</text>')  # fmt: skip
    _write(path, top + tall + 30, parts)


def _write(path: Path, height: float, parts: Sequence[str]) -> None:
    path.write_text(HEAD.format(width=WIDTH, height=height) + "\n".join(parts) + "\n</svg>\n", "utf-8")
