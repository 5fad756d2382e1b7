"""A person's own sign-ins."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.base import PagedQuery
from schemas.signin import SessionPageOut
from services.domain.people.actor import Actor

resource = Resource("sessions", __name__, description="Own sign-ins: which there are, and ending them")


@resource.operation("GET", "/me/sessions", verb="me.sessions", query=PagedQuery, answer=SessionPageOut)
def list_sessions(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List the own live sign-ins, the oldest first."""
    return page_answer(services().sessions.own(actor, page_request(query)))


@resource.operation("DELETE", "/me/sessions", verb="me.sessions", status=204)
def end_other_sessions(actor: Actor) -> None:
    """End every sign-in but this one."""
    services().sessions.end_others(actor)


@resource.operation("DELETE", "/me/sessions/<session_id>", verb="me.sessions", status=204)
def end_session(actor: Actor, session_id: str) -> None:
    """End one sign-in; work done there before may still be handed in for seven days."""
    services().sessions.revoke(actor, session_id)
