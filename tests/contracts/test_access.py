"""Every route, asked by every role about a thing of its own district and one of another: to whom it is there.

The routes are those of the url map, what to expect is config/data/access.json: the page docs/permissions.md says the
same. A route without a line there fails, as does one whose line is not true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from api.access import routes
from api.operations import Declared
from config.paths import read_json
from config.settings import Settings
from services.domain.people.actor import ROLES, Actor
from tests.api.conftest import MORNING
from tests.contracts.two_districts import OTHER, OWN, World, opened_world
from tests.factories import Person, sign_in

ACCESS = read_json("access.json")
LATER = "2026-11-24T06:00:00Z"
NOW = MORNING.isoformat()
TEXT = {"hi": "पानी", "en": "Water"}
# A version that nothing has: whoever sees the thing is told so, and nothing is changed.
STALE = {"If-Match": '"999999999"'}
# Bodies that are read before the thing is looked for; `{name}` stands for an id of the district that is asked about.
BODIES: dict[str, Any] = {
    "PUT /areas/<area_id>/poll": {"opens_at": None, "closes_at": None},
    "POST /batches/<batch_id>/assign": {"user_id": "{user_id}"},
    "POST /batches/<batch_id>/extend": {"due_at": LATER},
    "POST /batches/<batch_id>/recall": {"reason": "A trial"},
    "PATCH /campaigns/<campaign_id>": {"name": "Another"},
    "POST /campaigns/<campaign_id>/kill-switch": {"on": True, "reason": "A trial"},
    "PATCH /contacts/<contact_id>": {"house_no": "7"},
    "POST /contacts/<contact_id>/merge": {"into": "another"},
    "PUT /contacts/<contact_id>/fields": {"campaign_id": "{campaign_id}", "values": {"known": None}},
    "POST /exports/<export_id>/reject": {"reason": "A trial"},
    "PUT /me/devices/<installation_id>": {
        "target": {"kind": "token", "value": "target-of-{role}"},
        "platform": "android",
        "app_version": "1.0",
        "locale": "hi",
    },
    "PUT /me/outcomes/<outcome_id>": {
        "batch_id": "{batch_id}",
        "item_id": "{item_id}",
        "channel": "call",
        "disposition": "busy",
        "occurred_at": NOW,
    },
    "POST /outcomes/conflicts/<conflict_id>/settle": {"keep": "none"},
    "POST /outcomes/held/<held_id>/settle": {"decision": "drop"},
    "POST /outcomes/held/settle": {"session_id": "another", "decision": "drop"},
    "POST /pauses/<user_id>/lift": {"reason": "A trial"},
    "POST /questions/<question_id>/answer": {"question": TEXT, "answer": TEXT},
    "POST /requests/<work_request_id>/decline": {"reason": "A trial"},
    "POST /rights/requests/<request_id>/prove": {"how": "callback"},
    "POST /reports/reveal-flags/<flag_id>/settle": {"finding": "explained"},
    "POST /rights/requests/<request_id>/resolve": {"result": "refused"},
    "DELETE /suppressions/<suppression_id>": {"reason": "A trial"},
    "POST /join/codes": {"district": "rj-churu"},
    "POST /users/<user_id>/merge": {"duplicate_id": "{user_id}"},
    "POST /users/<user_id>/move": {"home_area": "rj-churu"},
    "PATCH /users/<user_id>": {"daily_capacity": 40},
}
QUERIES: dict[str, str] = {
    "GET /batches/balance": "campaign_id={campaign_id}",
    "GET /contacts": "campaign_id={campaign_id}",
    "GET /contacts/<contact_id>/fields": "campaign_id={campaign_id}",
    **dict.fromkeys(
        [f"GET /reports/{name}" for name in ("funnel", "leaderboard", "progress", "response-rates", "volunteers")],
        "campaign_id={campaign_id}",
    ),
}
# Their path names what the caller chooses, so there is nothing that could be another's.
NAMED_BY_THE_CALLER = frozenset({"installation_id"})
# There is nothing to decide about in this world; that it is for headquarters alone is tried nevertheless.
NOTHING_THERE = {
    "GET /audit/exports/<export_id>/file",
    "POST /campaigns/<campaign_id>/rules/<int:version>/approve",
    "POST /campaigns/<campaign_id>/rules/<int:version>/reject",
    "POST /rules/<int:version>/approve",
    "POST /rules/<int:version>/reject",
}
# After these the session is over.
ENDING = ("POST /auth/logout", "DELETE /me/sessions")
# Whether a role of this reach sees the thing of the own district, and that of the other. What is a volunteer's own is
# the volunteer's of this world; what is live is nothing here.
_HOLDS = {"all": (True, True), "district": (True, False)}
_ORDER = {"GET": 0, "PUT": 1, "PATCH": 2, "POST": 3, "DELETE": 4}


class Case(NamedTuple):
    """A route as the page names it, and what it promises."""

    name: str
    declared: Declared

    @property
    def names(self) -> list[str]:
        """Return what its path has to be filled with."""
        return re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", self.name)


@pytest.fixture(scope="module")
def world(settings: Settings) -> Iterator[World]:
    with opened_world(settings) as made:
        yield made


@pytest.fixture(scope="module")
def cases(world: World) -> list[Case]:
    found = [Case(name, declared) for name, declared in routes(world.app) if ACCESS["routes"].get(name) != "open"]
    return sorted(found, key=lambda case: (case.name in ENDING, _ORDER[case.declared.method], case.name))


def test_every_route_by_every_role_in_both_districts(world: World, cases: list[Case]) -> None:
    wrong = [
        f"{case.name} by {role} about {where}: {answer.status_code}, expected {expected}"
        for case in cases
        for role in ROLES
        for where, expected in _expected(world, case, role)
        for answer in [_ask(world, case, role, where)]
        if not _is(answer, expected)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_list_names_a_thing_of_another_district(world: World, cases: list[Case]) -> None:
    foreign = world.things[OTHER].items() - world.things[OWN].items()
    told = []
    for case in cases:
        if case.declared.method == "GET" and case.declared.is_json and not case.names:
            for role in ROLES:
                if _reach(case, role) not in {"all", None} and _may(world, case, role):
                    text = _ask(world, case, role, OWN).get_data(as_text=True)
                    told += [f"{case.name} by {role}: {name}" for name, key in foreign if key in text]
    assert told == []


def _expected(world: World, case: Case, role: str) -> Iterator[tuple[str, str]]:
    """Give (district, `forbidden`, `there` or `not there`) for each thing that the role asks the route about."""
    reach = _reach(case, role)
    if not _may(world, case, role):
        yield OWN, "forbidden"
        return
    assert reach is not None, f"{case.name}: {role} holds the verb, but {ACCESS['routes'][case.name]} has no reach"
    if not case.names or NAMED_BY_THE_CALLER.issuperset(case.names):
        yield OWN, "there"
        return
    if case.name in NOTHING_THERE:
        return
    holds = _HOLDS.get(reach) or (role == "volunteer" and reach == "own", False)
    yield from ((where, "there" if there else "not there") for where, there in zip((OWN, OTHER), holds, strict=True))


def _is(answer: Any, expected: str) -> bool:
    status = answer.status_code
    if expected == "there":
        return status not in {401, 403, 404} and status < 500
    return bool(status == {"forbidden": 403, "not there": 404}[expected])


def _ask(world: World, case: Case, role: str, where: str) -> Any:
    things = {**world.things[where], "outcome_id": str(uuid4()), "role": role}
    if case.name.startswith(("GET /contacts/imports", "POST /contacts/imports")):
        things["import_id"] = things["sheet_id"]
    path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda name: things.get(name[1], "nothing"), case.name.partition(" ")[2])
    query = QUERIES.get(case.name, "").format(**things)
    sent: dict[str, Any] = {"headers": STALE if case.declared.matches else {}}
    if case.declared.has_body and "body" in case.declared.shapes:
        sent["json"] = _filled(BODIES.get(case.name, {}), things)
    actor: Person = world.people[role]
    if case.name in ENDING:
        actor = sign_in(world.app, actor.user)
    return world.send(case.declared.method, f"{path}?{query}", actor, **sent)


def _filled(value: Any, things: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, things) for name, inner in value.items()}
    return value.format(**things) if isinstance(value, str) else value


def _reach(case: Case, role: str) -> str | None:
    found: str | None = ACCESS["kinds"][ACCESS["routes"][case.name]]["reach"].get(role)
    return found


def _may(world: World, case: Case, role: str) -> bool:
    person = world.people[role]
    actor = Actor(user_id=person.id, role=role, session_id=person.session_id)
    may: bool = world.app.extensions["sampark"].policy.can(actor, case.declared.verb)
    return may
