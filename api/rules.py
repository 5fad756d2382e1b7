"""Rules of a campaign, poll hours of places, and the Model Code."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.preconditions import note_version
from schemas.campaigns import ModelCodeIn, ModelCodeOut, PollIn, PollOut, RulesIn, RulesOut
from services.domain.errors import Invalid
from services.domain.people.actor import Actor

resource = Resource("rules", __name__, description="What the law and the campaign allow, and when")


@resource.operation("GET", "/campaigns/<campaign_id>/rules", verb="rules.read", answer=RulesOut, versioned=True)
def get_rules(actor: Actor, campaign_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Return the rules that are live, and the versions that wait for approval."""
    return _ruled(services().rules.show(campaign_id))


@resource.operation(
    "PUT",
    "/campaigns/<campaign_id>/rules",
    verb="rules.write",
    body=RulesIn,
    answer=RulesOut,
    versioned=True,
    problems=("state_conflict",),
)
def put_rules(actor: Actor, campaign_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Set rules; a narrowing is `live` at once, a widening `pending` until another person approves it."""
    try:
        return _ruled(services().rules.propose(actor, campaign_id, body, version=if_match))
    except Invalid as error:
        # The domain names a rule by its place in a campaign; here the body is the rules.
        raise Invalid(**{name.removeprefix("rules."): codes[0] for name, codes in error.fields.items()}) from error


@resource.operation(
    "POST",
    "/campaigns/<campaign_id>/rules/<int:version>/approve",
    verb="rules.write",
    answer=RulesOut,
    problems=("own_approval", "state_conflict", "stale_version"),
)
def approve_rules(actor: Actor, campaign_id: str, version: int) -> dict[str, Any]:
    """Make a pending version live; never by the person who proposed it."""
    return _ruled(services().rules.decide(actor, campaign_id, version, approve=True))


@resource.operation(
    "POST",
    "/campaigns/<campaign_id>/rules/<int:version>/reject",
    verb="rules.write",
    answer=RulesOut,
    problems=("state_conflict", "stale_version"),
)
def reject_rules(actor: Actor, campaign_id: str, version: int) -> dict[str, Any]:
    """Refuse a pending version."""
    return _ruled(services().rules.decide(actor, campaign_id, version, approve=False))


@resource.operation("GET", "/areas/<area_id>/poll", verb="polls.read", answer=PollOut, versioned=True)
def get_poll(actor: Actor, area_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Return the poll hours that hold in a place, null while they are not announced."""
    return _tagged(services().controls.poll(area_id))


@resource.operation("PUT", "/areas/<area_id>/poll", verb="polls.write", body=PollIn, answer=PollOut, versioned=True)
def put_poll(actor: Actor, area_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Set the poll hours of a constituency, or of a part, whose own beat its constituency's."""
    return _tagged(services().controls.set_poll(actor, area_id, **body, version=if_match))


@resource.operation("GET", "/model-code", verb="model_code.read", answer=ModelCodeOut, versioned=True)
def get_model_code(actor: Actor) -> dict[str, Any]:  # noqa: ARG001
    """Return the time in which the Model Code is in force."""
    return _tagged(services().controls.model_code())


@resource.operation(
    "PUT", "/model-code", verb="model_code.write", body=ModelCodeIn, answer=ModelCodeOut, versioned=True
)
def put_model_code(actor: Actor, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Set the time in which the Model Code is in force."""
    return _tagged(services().controls.set_model_code(actor, **body, version=if_match))


def _ruled(rules: dict[str, Any]) -> dict[str, Any]:
    note_version(rules.pop("campaign_version"))
    return rules


def _tagged(document: dict[str, Any]) -> dict[str, Any]:
    note_version(document["version"])
    return document
