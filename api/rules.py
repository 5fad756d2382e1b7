"""Rules of the state and of campaigns, poll hours of places, and the Model Code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.context import services
from api.operations import Resource
from api.preconditions import note_version
from schemas.campaigns import ModelCodeIn, ModelCodeOut, PollIn, PollOut
from schemas.rules import RulePreviewOut, RulesIn, RulesOut, RulesQuery
from services.domain.errors import Invalid
from services.domain.people.actor import Actor

resource = Resource("rules", __name__, description="What the law and the campaign allow, and when")


@resource.operation(
    "GET", "/campaigns/<campaign_id>/rules", verb="rules.read", query=RulesQuery, answer=RulesOut, versioned=True
)
def get_rules(actor: Actor, campaign_id: str, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Return the rules that are live, there or in one of its places, and the versions that wait or begin later."""
    return _ruled(services().rules.show(campaign_id, area=query["area"]))


@resource.operation(
    "PUT",
    "/campaigns/<campaign_id>/rules",
    verb="rules.write",
    query=RulesQuery,
    body=RulesIn,
    answer=RulesOut,
    versioned=True,
    problems=("state_conflict",),
)
def put_rules(
    actor: Actor, campaign_id: str, query: dict[str, Any], body: dict[str, Any], if_match: int | None
) -> dict[str, Any]:
    """Set rules; a narrowing is `live` at once, a widening `pending` until another person approves it."""
    with _own_names(query["area"]):
        return _ruled(services().rules.propose(actor, campaign_id, body, area=query["area"], version=if_match))


@resource.operation(
    "POST",
    "/campaigns/<campaign_id>/rules/preview",
    verb="rules.read",
    query=RulesQuery,
    body=RulesIn,
    answer=RulePreviewOut,
)
def preview_rules(
    actor: Actor,
    campaign_id: str,
    query: dict[str, Any],
    body: dict[str, Any],
) -> dict[str, Any]:
    """Show what rules would change if they were set: fields, places, hours, targets. Nothing is kept."""
    with _own_names(query["area"]):
        return services().rule_preview.of(actor, campaign_id, body, area=query["area"])


@resource.operation(
    "POST",
    "/campaigns/<campaign_id>/rules/<int:version>/approve",
    verb="rules.write",
    answer=RulesOut,
    problems=("own_approval", "state_conflict", "validation_failed"),
    versioned=True,
)
def approve_rules(actor: Actor, campaign_id: str, version: int, if_match: int | None) -> dict[str, Any]:
    """Make a pending version live; never by the person who proposed it."""
    return _ruled(services().rules.decide(actor, campaign_id, version, approve=True, tag=if_match))


@resource.operation(
    "POST",
    "/campaigns/<campaign_id>/rules/<int:version>/reject",
    verb="rules.write",
    answer=RulesOut,
    problems=("state_conflict",),
    versioned=True,
)
def reject_rules(actor: Actor, campaign_id: str, version: int, if_match: int | None) -> dict[str, Any]:
    """Refuse a pending version."""
    return _ruled(services().rules.decide(actor, campaign_id, version, approve=False, tag=if_match))


@resource.operation("GET", "/rules", verb="rules.read", query=RulesQuery, answer=RulesOut, versioned=True)
def get_state_rules(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Return the state's rules, which hold in every campaign that does not say otherwise."""
    return _ruled(services().rules.show(None, area=query["area"]))


@resource.operation(
    "PUT", "/rules", verb="rules.write", query=RulesQuery, body=RulesIn, answer=RulesOut, versioned=True
)
def put_state_rules(actor: Actor, query: dict[str, Any], body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Set the state's rules; what widens them for any campaign waits for another person's approval."""
    with _own_names(query["area"]):
        return _ruled(services().rules.propose(actor, None, body, area=query["area"], version=if_match))


@resource.operation("POST", "/rules/preview", verb="rules.read", query=RulesQuery, body=RulesIn, answer=RulePreviewOut)
def preview_state_rules(actor: Actor, query: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Show what the state's rules would change in every campaign if they were set. Nothing is kept."""
    with _own_names(query["area"]):
        return services().rule_preview.of(actor, None, body, area=query["area"])


@resource.operation(
    "POST",
    "/rules/<int:version>/approve",
    verb="rules.write",
    answer=RulesOut,
    problems=("own_approval", "state_conflict", "validation_failed"),
    versioned=True,
)
def approve_state_rules(actor: Actor, version: int, if_match: int | None) -> dict[str, Any]:
    """Make a pending version of the state's rules live; never by the person who proposed it."""
    return _ruled(services().rules.decide(actor, None, version, approve=True, tag=if_match))


@resource.operation(
    "POST",
    "/rules/<int:version>/reject",
    verb="rules.write",
    answer=RulesOut,
    problems=("state_conflict",),
    versioned=True,
)
def reject_state_rules(actor: Actor, version: int, if_match: int | None) -> dict[str, Any]:
    """Refuse a pending version of the state's rules."""
    return _ruled(services().rules.decide(actor, None, version, approve=False, tag=if_match))


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
    note_version(rules.pop("tag"))
    return rules


def _tagged(document: dict[str, Any]) -> dict[str, Any]:
    note_version(document["version"])
    return document


@contextmanager
def _own_names(area: str | None) -> Iterator[None]:
    """Name wrong fields as the body has them: the domain names a rule by its place in a campaign."""
    try:
        yield
    except Invalid as error:
        inside = f"rules.areas.{area}." if area else "rules."
        wrong = {name.removeprefix(inside).removeprefix("rules."): codes[0] for name, codes in error.fields.items()}
        raise Invalid(**wrong) from error
