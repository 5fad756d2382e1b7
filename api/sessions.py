"""Sign-ins as people see them: their own, and those on a phone that is lost."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.base import PagedQuery
from schemas.signin import PhoneLostIn, PhoneLostOut, SessionPageOut
from services.domain.people.actor import Actor

resource = Resource("sessions", __name__, description="Sign-ins: which there are, ending them, and lost phones")


@resource.operation("GET", "/me/sessions", verb="me.sessions", query=PagedQuery, answer=SessionPageOut)
def list_sessions(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List the own live sign-ins, the oldest first."""
    return page_answer(services().signouts.own(actor, page_request(query)))


@resource.operation("DELETE", "/me/sessions", verb="me.sessions", status=204)
def end_other_sessions(actor: Actor) -> None:
    """End every sign-in but this one."""
    services().signouts.end_others(actor)


@resource.operation("DELETE", "/me/sessions/<session_id>", verb="me.sessions", status=204)
def end_session(actor: Actor, session_id: str) -> None:
    """End one sign-in; work done there before may still be handed in for seven days."""
    services().signouts.revoke(actor, session_id)


@resource.operation(
    "POST", "/me/sessions/<session_id>/lost", verb="me.sessions", status=204, problems=("state_conflict",)
)
def report_own_phone_lost(actor: Actor, session_id: str) -> None:
    """Report the phone of another own sign-in lost: it is told to wipe itself, and what it uploads waits."""
    services().signouts.lose(actor, session_id, owner=actor.user_id)


@resource.operation("GET", "/users/<user_id>/sessions", verb="users.sessions", query=PagedQuery, answer=SessionPageOut)
def list_sessions_of(actor: Actor, user_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """List the live sign-ins of a person whom one manages."""
    return page_answer(services().lost_phones.sessions(actor, user_id, page_request(query)))


@resource.operation(
    "POST",
    "/users/<user_id>/phone-lost",
    verb="users.sessions",
    body=PhoneLostIn,
    body_optional=True,
    answer=PhoneLostOut,
    problems=("state_conflict",),
)
def report_phone_lost(actor: Actor, user_id: str, body: dict[str, Any]) -> dict[str, list[str]]:
    """Report a person's phone lost: it can only hand in work, which waits for acceptance, and its opt-outs hold."""
    return {"sessions": services().lost_phones.report(actor, user_id, body["session_id"])}
