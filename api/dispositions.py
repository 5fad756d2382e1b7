"""The catalogue of result codes, so that no client needs a copy of its own."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.dispositions import DispositionsOut, DispositionsQuery
from services.domain.outcomes.dispositions import Disposition
from services.domain.paging import slice_of
from services.domain.people.actor import Actor

resource = Resource("dispositions", __name__, description="What may come of a call or a message, and what follows")


@resource.operation("GET", "/dispositions", verb="dispositions.read", query=DispositionsQuery, answer=DispositionsOut)
def list_dispositions(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List every result code, or those of one channel: labels, AAPOR code and class, what must and may come with it."""
    catalogue, rulebook = services().outcomes.catalogue, services().rulebook
    retries = rulebook.of_state(rulebook.controls(), services().clock.now()).to_wire()["retry"]
    rows = catalogue.for_channel(query["channel"]) if query["channel"] else tuple(catalogue.by_name.values())
    page = slice_of(rows, page_request(query)).map(lambda row: _shown(row, retries.get(row.retry)))
    return {"version": catalogue.version, **page_answer(page)}


def _shown(row: Disposition, retry: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "name": row.name,
        "label": dict(row.labels),
        "channels": sorted(row.channels),
        "aapor": {"code": row.aapor_code, "class": row.aapor_class} if row.aapor_code else None,
        "final": row.final,
        "step": row.step,
        "retry": retry,
        "needs": sorted(row.needs),
        "may": sorted(row.may),
        "effects": sorted(row.effects),
    }
