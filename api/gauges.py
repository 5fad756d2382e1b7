"""The gauges of the queues, in the Prometheus text format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from services.domain.errors import Unavailable
from services.operations.queues import Queues, Waiting

_log = structlog.get_logger("sampark.http")


def queue_gauges(queues: Queues) -> bytes:
    """Return the gauges; nothing while the database does not answer, for the other figures are still wanted then."""
    try:
        waiting = queues.waiting()
    except Unavailable:
        _log.warning("queues not counted")
        return b""
    registry = CollectorRegistry()
    registry.register(_Gauges(waiting))
    return generate_latest(registry)


class _Gauges(Collector):
    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        waiting = self._waiting
        plain = {
            "sampark_outcomes_pending": ("Outcomes whose consequences are not drawn yet", waiting.outcomes),
            "sampark_outcomes_pending_seconds": ("Age of the oldest of them", waiting.oldest_outcome_seconds),
            "sampark_batches_pending": ("Batches with events not followed up yet", waiting.batches),
            "sampark_suppressions_pending": ("Opt-outs that have not reached every batch", waiting.suppressions),
        }
        for name, (meaning, number) in plain.items():
            yield GaugeMetricFamily(name, meaning, value=number)
        yield _labelled("sampark_pushes_waiting", "Pushes in the outbox, due now or later", "due", waiting.pushes)
        yield _labelled("sampark_jobs_open", "Jobs not ended", "state", waiting.jobs)


def _labelled(name: str, meaning: str, label: str, numbers: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in sorted(numbers.items()):
        family.add_metric([value], number)
    return family
