"""The field keys of the installation: sealing anew what older ones sealed."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.jobs import shown
from api.operations import Resource
from schemas.jobs import JobOut
from services.domain.people.actor import Actor

resource = Resource("keys", __name__, description="Rotating the keys that protect personal data")


@resource.operation("POST", "/keys/reseal", verb="keys.reseal", answer=JobOut, status=202, creates=True)
def reseal(actor: Actor) -> dict[str, Any]:
    """Seal everything anew with the first field key; the older ones may go when the job ends with `older` 0."""
    return shown(services().resealing.begin(actor))
