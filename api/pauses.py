"""Pauses of volunteers after complaints: the own one with an appeal, and the coordinator's look and lifting."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.pauses import OwnPauseOut, PauseAppealIn, PauseLiftIn, PauseOut, PausePageOut, PauseQuery
from services.domain.people.actor import Actor

resource = Resource("pauses", __name__, description="Volunteers who rest after complaints until somebody has looked")


@resource.operation("GET", "/me/pause", verb="me.pause", answer=OwnPauseOut)
def get_own_pause(actor: Actor) -> dict[str, Any]:
    """Return whether the caller's own work is paused, and what they said about it."""
    return services().pauses.own(actor)


@resource.operation(
    "POST",
    "/me/pause/appeal",
    verb="me.pause",
    body=PauseAppealIn,
    answer=OwnPauseOut,
    problems=("state_conflict", "stale_version"),
)
def appeal_pause(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Say one's side of it to the coordinator, who is asked to look again; the last word counts."""
    return services().pauses.appeal(actor, body["text"])


@resource.operation("GET", "/pauses", verb="pauses.read", query=PauseQuery, answer=PausePageOut)
def list_pauses(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List volunteers of the own district, for headquarters all, against whom somebody complained."""
    return page_answer(services().pauses.list_page(actor, page_request(query), state=query["state"]))


@resource.operation("GET", "/pauses/<user_id>", verb="pauses.read", answer=PauseOut, versioned=True)
def get_pause(actor: Actor, user_id: str) -> dict[str, Any]:
    """Return what was complained of a volunteer, and what they said."""
    return _shown(services().pauses.get(actor, user_id))


@resource.operation(
    "POST",
    "/pauses/<user_id>/lift",
    verb="pauses.lift",
    body=PauseLiftIn,
    answer=PauseOut,
    versioned=True,
    problems=("state_conflict",),
)
def lift_pause(actor: Actor, user_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Let a volunteer work again; the complaints so far count no more."""
    return _shown(services().pauses.lift(actor, user_id, body["reason"], version=if_match))


def _shown(pause: dict[str, Any]) -> dict[str, Any]:
    note_version(pause["version"])
    return pause
