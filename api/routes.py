"""The list of resources that the application serves, and whether each lies under /api/v1."""

from __future__ import annotations

from api import areas, health
from api.operations import Resource

RESOURCES: list[tuple[Resource, bool]] = [
    (health.resource, False),
    (areas.resource, True),
]
