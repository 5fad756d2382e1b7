"""What phones tell: outcomes one by one or by the hundred, and the conflicts among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from api.context import services
from api.limits import OUTCOMES_LIMIT
from api.operations import Resource
from api.paging import page_answer, page_request
from api.problems import flatten, sentence
from schemas.outcomes import (
    ConflictPageOut,
    ConflictQuery,
    DecisionIn,
    HeldOut,
    HeldPageOut,
    HeldQuery,
    OutcomeIn,
    PhoneDecisionIn,
    PhoneDecisionOut,
    ReceiptOut,
    ReceiptsOut,
    SettledOut,
    SettleIn,
    UploadIn,
)
from services.domain.errors import Conflict, Invalid, NotFound
from services.domain.outcomes.outcomes import Report
from services.domain.people.actor import Actor
from services.outcomes.outcomes import Receipt, Upload

resource = Resource("outcomes", __name__, description="Results of calls and messages, told by phones, exactly once")
_ONE = OutcomeIn()


@resource.operation(
    "POST", "/me/outcomes", verb="me.outcomes", body=UploadIn, answer=ReceiptsOut, body_limit=OUTCOMES_LIMIT
)
def upload_outcomes(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Store 1–500 outcomes; each gets its own receipt, in the order sent, and a bad one never spoils the others."""
    read = [_read(raw) for raw in body["outcomes"]]
    upload = Upload(actor, sent_at=body["sent_at"], installation_id=body["installation_id"])
    recorded = iter(services().outcomes.record(upload, [report for report in read if isinstance(report, Report)]))
    return {"receipts": [_shown(next(recorded)) if isinstance(report, Report) else report for report in read]}


@resource.operation(
    "PUT",
    "/me/outcomes/<outcome_id>",
    verb="me.outcomes.single",
    body=OutcomeIn,
    answer=ReceiptOut,
    also={201: "Stored, or kept as late"},
    problems=("outcome_conflict",),
)
def put_outcome(actor: Actor, outcome_id: str, body: dict[str, Any]) -> Any:
    """Store one outcome under the phone's UUID: 201 stored or late, 200 the same once more, 409 another content."""
    try:
        given = _ONE.fields["id"].deserialize(outcome_id)
    except ValidationError as error:
        raise Invalid(id="uuid_invalid") from error
    if body.pop("id", given) != given:
        raise Invalid(id="id_not_of_path")
    receipt = services().outcomes.record(Upload(actor), [_report({**body, "id": given})])[0]
    if receipt.status == "conflict":
        raise Conflict("outcome_conflict")
    if receipt.code == "item_not_found":
        raise NotFound
    if receipt.status == "rejected":
        raise Invalid(**{receipt.field or "body": receipt.code or "validation_failed"})
    return _shown(receipt), 200 if receipt.status == "duplicate" else 201


@resource.operation(
    "GET", "/outcomes/conflicts", verb="outcomes.conflicts", query=ConflictQuery, answer=ConflictPageOut
)
def list_conflicts(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List the outcomes of one's volunteers whose id came with two contents."""
    return page_answer(services().conflicts.list_page(actor, page_request(query)))


@resource.operation("GET", "/outcomes/held", verb="outcomes.held", query=HeldQuery, answer=HeldPageOut)
def list_held_outcomes(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List what phones reported lost have told since; none of it counts yet, but its opt-outs hold."""
    page = services().holding.list_page(actor, page_request(query), session_id=query["session_id"])
    return page_answer(page.map(_held))


@resource.operation(
    "POST",
    "/outcomes/held/<held_id>/settle",
    verb="outcomes.held",
    body=DecisionIn,
    answer=HeldOut,
    problems=("state_conflict",),
)
def settle_held_outcome(actor: Actor, held_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Accept or drop one held outcome."""
    return _held(services().holding.settle(actor, held_id, accept=body["decision"] == "accept"))


@resource.operation(
    "POST",
    "/outcomes/held/settle",
    verb="outcomes.held",
    body=PhoneDecisionIn,
    answer=PhoneDecisionOut,
    problems=("state_conflict",),
)
def settle_held_phone(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Accept or drop what one lost phone told, up to 200 outcomes at a time."""
    accept = body["decision"] == "accept"
    settled, more = services().holding.settle_phone(actor, body["session_id"], accept=accept)
    return {"settled": settled, "more": more}


@resource.operation(
    "POST",
    "/outcomes/conflicts/<conflict_id>/settle",
    verb="outcomes.settle",
    body=SettleIn,
    answer=SettledOut,
    problems=("state_conflict",),
)
def settle_conflict(actor: Actor, conflict_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Say which content stands, by its fingerprint, or `none`; figures follow."""
    return services().conflicts.settle(actor, conflict_id, keep=body["keep"])


def _held(held: Mapping[str, Any]) -> dict[str, Any]:
    return {**held, "id": held["_id"]}


def _read(raw: Any) -> Report | dict[str, Any]:
    """Return the report, or the receipt of one that cannot be read."""
    outcome_id = raw.get("id") if isinstance(raw, Mapping) else None
    shown = outcome_id if isinstance(outcome_id, str) else None
    try:
        loaded = _ONE.load(raw)
        if "id" not in loaded:
            raise ValidationError({"id": ["required"]})
    except ValidationError as error:
        name, codes = next(iter(flatten(error.messages).items()))
        code = codes[0] if codes[0].replace("_", "").islower() else "validation_failed"
        return _with_reason({"id": shown, "status": "rejected"}, code, name)
    return _report(loaded)


def _report(loaded: Mapping[str, Any]) -> Report:
    given = tuple(loaded.get("given") or ())
    return Report(**{**loaded, "given": given})


def _shown(receipt: Receipt) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": receipt.id, "status": receipt.status}
    if receipt.code:
        shown = _with_reason(shown, receipt.code, receipt.field)
    if receipt.flags:
        shown["flags"] = list(receipt.flags)
    return shown


def _with_reason(receipt: dict[str, Any], code: str, field: str | None) -> dict[str, Any]:
    """Return a receipt with its code for the app, a sentence for the volunteer, and the field that was wrong."""
    told = {**receipt, "code": code, "detail": sentence(code)}
    return {**told, "field": field} if field else told
