"""The app installations of a person."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.base import PagedQuery
from schemas.devices import DeviceIn, DeviceOut, DevicePageOut
from services.domain.people.actor import Actor

resource = Resource("devices", __name__, description="Own app installations, where pushes go")


@resource.operation("GET", "/me/devices", verb="me.devices", query=PagedQuery, answer=DevicePageOut)
def list_devices(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List the own installations; a push goes to those that were seen in the last 60 days."""
    return page_answer(services().devices.own(actor, page_request(query)))


@resource.operation(
    "PUT",
    "/me/devices/<installation_id>",
    verb="me.devices",
    body=DeviceIn,
    answer=DeviceOut,
    also={201: "Bound for the first time"},
)
def bind_device(actor: Actor, installation_id: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Bind an installation and its push target to oneself; a target that somebody else had moves here."""
    device, created = services().devices.bind(actor, installation_id, body)
    return device, 201 if created else 200


@resource.operation("DELETE", "/me/devices/<installation_id>", verb="me.devices", status=204)
def unbind_device(actor: Actor, installation_id: str) -> None:
    """Unbind an installation: no push goes there any more."""
    services().devices.unbind(actor, installation_id)
