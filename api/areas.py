"""Places: the tree of state, districts, constituencies and parts."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.areas import AreaPageOut, AreaQuery
from services.campaigns.places import wire
from services.domain.people.actor import Actor

resource = Resource("areas", __name__, description="Places, in Hindi and English, with the codes that the roll has")


@resource.operation("GET", "/areas", verb="areas.read", query=AreaQuery, answer=AreaPageOut)
def list_areas(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List places by kind, parent and name or code, in the order of their ids."""
    page = services().places.list_page(page_request(query), kind=query["kind"], parent=query["parent"], text=query["q"])
    return page_answer(page.map(wire))
