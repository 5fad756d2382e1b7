"""A phone's sync: one route, written straight to bytes, since it is the one that phones ask for all day."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, g

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.sync import PhonePageOut, PhonesQuery, SyncOut, SyncQuery
from services.domain.people.actor import Actor
from services.sync.batches import JSON
from services.sync.health import PhoneReport

resource = Resource("sync", __name__, description="What a volunteer's phone does not know yet")


@resource.operation("GET", "/me/sync", verb="me.sync", query=SyncQuery, answer=SyncOut, also={204: "Nothing is new"})
def sync(actor: Actor, query: dict[str, Any]) -> Response:
    """Return what is new since the cursor, what to forget, and the rules with the time until which they hold.

    A cursor that is unknown, expired or another's starts afresh. While `more` is true the next page is there already.
    """
    cursor = query.pop("cursor")
    answer = services().syncing.sync(actor, cursor, PhoneReport(**query))
    if answer is None:
        g.bytes_are_dear = True
        return Response(status=204)
    return Response(orjson.dumps(answer, option=JSON), content_type="application/json")


@resource.operation(
    "GET", "/reports/phones", verb="reports.volunteers", query=PhonesQuery, answer=PhonePageOut, problems=("not_found",)
)
def list_phones(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List how volunteers' phones fare: last seen, what waits on them, app version, skew of the clock."""
    return page_answer(services().sync_health.list_page(actor, page_request(query), area=query["area"]))
