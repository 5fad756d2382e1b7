"""Verbs and reach as data: what a role may do, and about whose things."""

from __future__ import annotations

from typing import Any

import pytest

from config.paths import read_json
from services.domain.errors import Forbidden, NotFound
from services.domain.people.actor import Actor
from services.domain.people.subject import Subject
from services.policy import Policy

POLICY = Policy(read_json("roles.json"), read_json("access.json"))
OF_CHURU = Subject.of_district("batch", "rj-churu")


def _actor(role: str, **facts: Any) -> Actor:
    return Actor(user_id="me", role=role, session_id="s", **facts)


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (_actor("hq_admin"), True),
        (_actor("coordinator", home_area="rj-churu"), True),
        (_actor("coordinator", home_area="rj-bhilwara"), False),
        (_actor("coordinator"), False),
        (_actor("observer", home_area="rj-churu"), False),
        (_actor("volunteer", home_area="rj-churu"), False),
    ],
)
def test_a_thing_is_its_districts(actor: Actor, *, may: bool) -> None:
    assert POLICY.can(actor, "batches.read", OF_CHURU) == may


def test_a_thing_of_several_districts_is_each_ones() -> None:
    subject = Subject.of_district("rights_request", "rj-churu", "rj-bhilwara", None)
    assert POLICY.can(_actor("coordinator", home_area="rj-bhilwara"), "rights.read", subject)


def test_a_thing_of_no_district_is_headquarters_alone() -> None:
    subject = Subject.of_district("batch", None)
    assert POLICY.can(_actor("hq_admin"), "batches.read", subject)
    assert not POLICY.can(_actor("coordinator", home_area=None), "batches.read", subject)


@pytest.mark.parametrize(("owner", "may"), [("me", True), ("another", False), (None, False)])
def test_what_is_ones_own_is_nobody_elses(owner: str | None, *, may: bool) -> None:
    volunteer = _actor("volunteer", home_area="rj-churu")
    assert POLICY.can(volunteer, "me.batches", Subject(kind="own", owner=owner)) == may


def test_reach_without_the_verb_is_not_enough() -> None:
    assert not POLICY.can(_actor("coordinator", home_area="rj-churu"), "batches.destroy", OF_CHURU)


def test_what_is_out_of_reach_is_not_there_and_what_the_role_may_never_is_forbidden() -> None:
    with pytest.raises(NotFound):
        POLICY.require(_actor("coordinator", home_area="rj-bhilwara"), "batches.read", OF_CHURU)
    with pytest.raises(Forbidden):
        POLICY.require(_actor("observer"), "batches.read", OF_CHURU)


def test_a_revoked_session_reaches_its_work_alone() -> None:
    mine = Subject(kind="own", owner="me")
    assert POLICY.can(_actor("volunteer", limited=True), "me.outcomes", mine)
    assert not POLICY.can(_actor("volunteer", limited=True), "me.batches", mine)
