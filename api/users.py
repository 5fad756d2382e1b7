"""The roster of people who work here."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.people import (
    HandOverIn,
    InvitationOut,
    InvitationsIn,
    InvitationsOut,
    MergeIn,
    MovedOut,
    MoveIn,
    UserChangeIn,
    UserIn,
    UserOut,
    UserPageOut,
    UserQuery,
)
from services.domain.people.actor import Actor
from services.domain.people.users import User, profile
from services.people.invitations import Invitation
from services.people.moving import Moved

resource = Resource("users", __name__, description="The roster: everybody who works here")


@resource.operation("GET", "/users", verb="users.read", query=UserQuery, answer=UserPageOut)
def list_users(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List people by role, home district, state and name; a coordinator sees those of the own district."""
    filters = {name: query[name] for name in ("role", "home_area", "state")}
    page = services().roster.list_page(actor, page_request(query), filters=filters, text=query["q"])
    warnings = services().outsiders.warnings(page.items)
    return page_answer(page.map(lambda user: {**profile(user), "warnings": warnings.get(user.id, [])}))


@resource.operation(
    "POST",
    "/users",
    verb="users.create",
    body=UserIn,
    answer=UserOut,
    status=201,
    creates=True,
    problems=("phone_taken",),
)
def create_user(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Enrol a person; a coordinator enrols volunteers of the own district."""
    return _shown(services().roster.create(actor, body))


@resource.operation("GET", "/users/<user_id>", verb="users.read", answer=UserOut, versioned=True)
def get_user(actor: Actor, user_id: str) -> dict[str, Any]:
    """Return a person."""
    return _shown(services().roster.get(actor, user_id))


@resource.operation(
    "PATCH",
    "/users/<user_id>",
    verb="users.edit",
    body=UserChangeIn,
    answer=UserOut,
    versioned=True,
    problems=("phone_taken", "own_account", "last_headquarters"),
)
def change_user(actor: Actor, user_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Change a person; role and places hold from their next request on."""
    return _shown(services().roster.change(actor, user_id, body, version=if_match))


@resource.operation(
    "POST",
    "/users/<user_id>/suspend",
    verb="users.suspend",
    body=HandOverIn,
    body_optional=True,
    answer=UserOut,
    versioned=True,
    problems=("own_account", "last_headquarters"),
)
def suspend_user(actor: Actor, user_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Suspend a person: for seven days they can hand in finished work, and nothing else."""
    return _shown(services().moving.suspend(actor, user_id, hand_over_to=body["hand_over_to"], version=if_match))


@resource.operation("POST", "/users/<user_id>/move", verb="users.edit", body=MoveIn, answer=MovedOut, versioned=True)
def move_user(actor: Actor, user_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Move a person to another district; their open work goes to a colleague or back to the pool."""
    return _moved(services().moving.move(actor, user_id, **body, version=if_match))


@resource.operation(
    "POST",
    "/users/<user_id>/merge",
    verb="users.edit",
    body=MergeIn,
    answer=MovedOut,
    versioned=True,
    problems=("state_conflict", "last_headquarters"),
)
def merge_users(actor: Actor, user_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Let a duplicate be over: this person gets its open work, its places, languages and channels."""
    return _moved(services().moving.merge(actor, user_id, body["duplicate_id"], version=if_match))


@resource.operation(
    "POST",
    "/users/<user_id>/activate",
    verb="users.suspend",
    answer=UserOut,
    versioned=True,
    problems=("state_conflict",),
)
def activate_user(actor: Actor, user_id: str, if_match: int | None) -> dict[str, Any]:
    """Let a suspended person work again."""
    return _shown(services().roster.activate(actor, user_id, version=if_match))


@resource.operation(
    "POST", "/users/<user_id>/invite", verb="users.invite", answer=InvitationOut, problems=("state_conflict",)
)
def invite_user(actor: Actor, user_id: str) -> Invitation:
    """Make a one-time invitation; it ends the one before, and asked again there is another: no secret is kept."""
    return services().invitations.invite(actor, [user_id])[0]


@resource.operation("DELETE", "/users/<user_id>/invite", verb="users.invite", status=204)
def revoke_invitation(actor: Actor, user_id: str) -> None:
    """End a person's open invitation."""
    services().invitations.revoke(actor, user_id)


@resource.operation(
    "POST",
    "/users/invitations",
    verb="users.invite",
    body=InvitationsIn,
    answer=InvitationsOut,
    problems=("not_found", "state_conflict"),
)
def invite_users(actor: Actor, body: dict[str, Any]) -> dict[str, list[Invitation]]:
    """Make invitations for up to 500 people, for all of them or for none."""
    return {"items": services().invitations.invite(actor, body["user_ids"])}


def _shown(user: User) -> dict[str, Any]:
    note_version(user.version)
    return {**profile(user), "warnings": services().outsiders.warnings([user]).get(user.id, [])}


def _moved(moved: Moved) -> dict[str, Any]:
    return {"user": _shown(moved.user), "handed_over": moved.handed_over, "returned": moved.returned}
