"""Whether the process lives, whether it can serve, and its figures."""

from __future__ import annotations

import os
from typing import Any

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client import REGISTRY as OWN_REGISTRY

from api.context import services
from api.gauges import queue_gauges
from api.limits import PUBLIC
from api.operations import Resource
from schemas.health import LiveOut, ReadyOut

resource = Resource("health", __name__, description="Whether the service lives and can serve")


@resource.operation("GET", "/health/live", verb=PUBLIC, answer=LiveOut)
def live() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "live"}


@resource.operation("GET", "/health/ready", verb=PUBLIC, answer=ReadyOut)
def ready() -> dict[str, Any]:
    """Tell whether the database answers and what pushes do; 503 while the database does not."""
    return services().readiness.check()


@resource.operation("GET", "/metrics", verb=PUBLIC, media="text/plain")
def metrics() -> Response:
    """Return the figures of all processes, and what waits for the worker, in the Prometheus text format."""
    registry = OWN_REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return Response(generate_latest(registry) + queue_gauges(services().queues), content_type=CONTENT_TYPE_LATEST)
