"""What is counted, as Prometheus reads it. Only here prometheus-client, and only where somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.tally import COUNTS, Tally
from bot.web.health import Health, coarse

_HELP = {
    "answers": "Screens shown, by the kind of page, in steps of 10.",
    "languages": "Updates by the chosen language, in steps of 10.",
    "failures": "Handlers that failed.",
}


def written(tally: Tally, health: Health, outcomes: Callable[[], Mapping[str, int]]) -> bytes:
    """The page. ``outcomes`` tells what became of updates and of requests that were refused."""
    from prometheus_client import CollectorRegistry, generate_latest

    class Collected:
        def collect(self) -> Iterator[Any]:
            yield from _counted(tally)
            yield from _happened(outcomes())
            yield from _state(health)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collected())
    return generate_latest(registry)


def _counted(tally: Tally) -> Iterator[Any]:
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    for name, label in COUNTS.items():
        family = CounterMetricFamily(f"pana_{name}", _HELP[name], labels=[label])
        for part, number in tally.shown(name).items():
            family.add_metric([part], number)
        yield family
    # Without the sum of all durations: by how much it grew would tell of each single answer.
    yield HistogramMetricFamily(
        "pana_answer_seconds",
        "From an update to its answer, in steps of 10.",
        buckets=tally.durations(),
        sum_value=None,
    )


def _happened(outcomes: Mapping[str, int]) -> Iterator[Any]:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(
        "pana_updates", "What became of updates, in steps of 10, and of refused requests.", labels=["outcome"]
    )
    for outcome, number in sorted(outcomes.items()):
        family.add_metric([outcome], number)
    yield family


def _state(health: Health) -> Iterator[Any]:
    from prometheus_client.core import GaugeMetricFamily

    yield GaugeMetricFamily(
        "pana_telegram_seconds", "Since Telegram was heard last, in steps of 45.", value=coarse(health.age())
    )
    for name, word in (("receives", health.receives()), ("store", health.store()), ("content", health.content())):
        family = GaugeMetricFamily(f"pana_{name}", f"1 for what /readyz says as “{name}”.", labels=[name])
        family.add_metric([word], 1)
        yield family
