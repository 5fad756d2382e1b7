"""The list of resources that the application serves, and whether each lies under /api/v1."""

from __future__ import annotations

from api import (
    areas,
    audit,
    batches,
    campaigns,
    contacts,
    devices,
    health,
    imports,
    jobs,
    my_batches,
    outcomes,
    profile,
    reports,
    rights,
    roster_imports,
    rules,
    sessions,
    signin,
    suppressions,
    sync,
    tasks,
    users,
)
from api.operations import Resource

RESOURCES: list[tuple[Resource, bool]] = [
    (health.resource, False),
    (areas.resource, True),
    (audit.resource, True),
    (devices.resource, True),
    (profile.resource, True),
    (users.resource, True),
    (roster_imports.resource, True),
    (sessions.resource, True),
    (signin.resource, True),
    (jobs.resource, True),
    (batches.resource, True),
    (my_batches.resource, True),
    (imports.resource, True),
    (contacts.resource, True),
    (suppressions.resource, True),
    (rights.resource, True),
    (campaigns.resource, True),
    (rules.resource, True),
    (outcomes.resource, True),
    (reports.resource, True),
    (tasks.resource, True),
    (sync.resource, True),
]
