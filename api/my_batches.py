"""Batches on a volunteer's phone: claim, look, open, release."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from flask import Response

from api.context import services
from api.operations import Resource
from api.preconditions import note_version
from schemas.batches import BatchOut
from schemas.my_batches import ClaimIn, MyBatchOut
from services.batches.view import summary
from services.domain.people.actor import Actor
from services.domain.wire_time import utc_text

resource = Resource("my_batches", __name__, description="The volunteer's own work: numbers are shown by opening alone")


@resource.operation(
    "POST",
    "/me/batches/claim",
    verb="me.batches",
    body=ClaimIn,
    answer=MyBatchOut,
    status=201,
    also={200: "The batch that waits to be opened already"},
    problems=("no_batch", "not_found", "blocked_by_rule", "busy"),
    creates=True,
)
def claim_batch(actor: Actor, body: dict[str, Any]) -> Response:
    """Get the next pooled batch where one may work; one that is not opened yet is answered again."""
    batch, version, is_new = services().claiming.claim(actor, body["campaign_id"], body["channel"])
    return _whole(batch, version, status=201 if is_new else 200)


@resource.operation("GET", "/me/batches/<batch_id>", verb="me.batches", answer=MyBatchOut, versioned=True)
def get_my_batch(actor: Actor, batch_id: str) -> Response:
    """Return an own batch: masked until it is opened, with a number only while it may be used."""
    return _whole(*services().opening.show(actor, batch_id))


@resource.operation(
    "POST",
    "/me/batches/<batch_id>/open",
    verb="me.batches",
    answer=MyBatchOut,
    versioned=True,
    problems=("state_conflict", "blocked_by_rule", "busy"),
)
def open_batch(actor: Actor, batch_id: str, if_match: int | None) -> Response:
    """Reveal the numbers that are allowed and start the work; logged, and counted against the day's cap."""
    return _whole(*services().opening.open(actor, batch_id, version=if_match))


@resource.operation(
    "POST",
    "/me/batches/<batch_id>/release",
    verb="me.batches",
    answer=BatchOut,
    versioned=True,
    problems=("state_conflict", "busy"),
)
def release_batch(actor: Actor, batch_id: str, if_match: int | None) -> dict[str, Any]:
    """Give the open items back; no cap is given back with them."""
    batch = services().opening.release(actor, batch_id, version=if_match)
    note_version(batch["version"])
    return summary(batch)


def _whole(batch: dict[str, Any], version: int, *, status: int = 200) -> Response:
    """Return a batch with its items as it goes to the phone: already plain, so no schema has to go through it."""
    note_version(version)
    text = orjson.dumps(batch, default=_told, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return Response(text, status=status, content_type="application/json")


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return utc_text(value)
    raise TypeError(type(value).__name__)
