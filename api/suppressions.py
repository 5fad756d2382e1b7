"""Opt-outs: stored at once, listed, lifted by headquarters with a reason."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.suppressions import (
    LiftIn,
    LiftQuery,
    SuppressionIn,
    SuppressionOut,
    SuppressionPageOut,
    SuppressionQuery,
)
from services.domain.contacts.suppressions import Suppression
from services.domain.errors import Invalid
from services.domain.people.actor import Actor

resource = Resource("suppressions", __name__, description="People and addresses that are never contacted")


@resource.operation(
    "POST",
    "/suppressions",
    verb="suppressions.create",
    body=SuppressionIn,
    answer=SuppressionOut,
    status=201,
    problems=("not_found",),
    creates=True,
)
def create_suppression(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Suppress a number, a handle, or a person with all addresses; it holds from this answer on."""
    return _shown(services().suppressions.suppress(actor, **body))


@resource.operation("GET", "/suppressions", verb="suppressions.read", query=SuppressionQuery, answer=SuppressionPageOut)
def list_suppressions(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List what is suppressed, or look one number up; a coordinator is told of the people within reach alone."""
    page = services().suppressions.list_page(actor, page_request(query), phone=query["phone"])
    return page_answer(page.map(_shown))


@resource.operation(
    "DELETE",
    "/suppressions/<suppression_id>",
    verb="suppressions.lift",
    query=LiftQuery,
    body=LiftIn,
    body_optional=True,
    status=204,
)
def lift_suppression(actor: Actor, suppression_id: str, query: dict[str, Any], body: dict[str, Any]) -> None:
    """Lift a suppression; the reason is required, as a parameter or in the body."""
    reason = query["reason"] or body.get("reason")
    if not reason:
        raise Invalid(reason="required")
    services().suppressions.lift(actor, suppression_id, reason=reason)


def _shown(suppression: Suppression) -> dict[str, Any]:
    person = suppression.people[0] if suppression.kind == "person" else None
    return {
        "id": suppression.id,
        "kind": suppression.kind,
        "masked": suppression.shown,
        "contact_id": person,
        "reason": suppression.reason,
        "origin": suppression.origin,
        "note": suppression.note,
        "by": suppression.by,
        "at": suppression.at,
    }
