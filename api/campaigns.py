"""Campaigns: their places, helpers, states and kill switches."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.campaigns import (
    CampaignIn,
    CampaignOut,
    CampaignPageOut,
    CampaignPatch,
    CampaignQuery,
    KillSwitchesOut,
    KillSwitchIn,
)
from services.domain.people.actor import Actor

resource = Resource("campaigns", __name__, description="Drives in some constituencies: rules, helpers, states")


@resource.operation("GET", "/campaigns", verb="campaigns.read", query=CampaignQuery, answer=CampaignPageOut)
def list_campaigns(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List campaigns in the order in which they were made."""
    return page_answer(services().campaigns.list_page(page_request(query), state=query["state"]))


@resource.operation(
    "POST",
    "/campaigns",
    verb="campaigns.create",
    body=CampaignIn,
    answer=CampaignOut,
    status=201,
    creates=True,
    versioned=True,
)
def create_campaign(actor: Actor, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:  # noqa: ARG001
    """Make a campaign, as a draft; rules that allow more than the defaults wait for another person's approval."""
    return _shown(services().campaigns.create(actor, body))


@resource.operation("GET", "/campaigns/<campaign_id>", verb="campaigns.read", answer=CampaignOut, versioned=True)
def get_campaign(actor: Actor, campaign_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Return a campaign."""
    return _shown(services().campaigns.get(campaign_id))


@resource.operation(
    "PATCH",
    "/campaigns/<campaign_id>",
    verb="campaigns.edit",
    body=CampaignPatch,
    answer=CampaignOut,
    versioned=True,
    problems=("state_conflict",),
)
def edit_campaign(actor: Actor, campaign_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Change a campaign that is not closed."""
    return _shown(services().campaigns.edit(actor, campaign_id, body, version=if_match))


def _move(change: str, said: str) -> None:
    """Declare one state change; they differ in nothing but their name."""

    def view(actor: Actor, campaign_id: str, if_match: int | None) -> dict[str, Any]:
        return _shown(services().campaigns.move(actor, campaign_id, change, version=if_match))

    view.__name__, view.__doc__ = f"{change}_campaign", said
    resource.operation(
        "POST",
        f"/campaigns/<campaign_id>/{change}",
        verb="campaigns.move",
        answer=CampaignOut,
        versioned=True,
        problems=("state_conflict",),
    )(view)


_move("activate", "Start a draft or go on after a pause.")
_move("pause", "Stop all work until it is activated again.")
_move("close", "End a campaign for good.")


@resource.operation(
    "POST",
    "/campaigns/<campaign_id>/kill-switch",
    verb="kill_switch.set",
    body=KillSwitchIn,
    answer=KillSwitchesOut,
    problems=("own_approval", "state_conflict"),
)
def switch_campaign(actor: Actor, campaign_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Stop the campaign, one of its channels or a template at once; lifting a stop needs another person."""
    return {"kill_switches": services().controls.switch(actor, body, campaign_id=campaign_id)}


@resource.operation(
    "POST",
    "/kill-switch",
    verb="kill_switch.set",
    body=KillSwitchIn,
    answer=KillSwitchesOut,
    problems=("own_approval", "state_conflict"),
)
def switch_state(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Stop the whole state, one channel or a template at once; lifting a stop needs another person."""
    return {"kill_switches": services().controls.switch(actor, body)}


def _shown(campaign: dict[str, Any]) -> dict[str, Any]:
    note_version(campaign["version"])
    return campaign
