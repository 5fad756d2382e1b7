"""Who may manage whom, which passwords are refused, and what a limited session may do."""

from __future__ import annotations

import pytest

from config.paths import read_json
from services.domain.errors import Forbidden, Unauthenticated
from services.domain.people.actor import ROLES, Actor
from services.domain.people.passwords import SHORTEST, normal, weakness
from services.domain.people.users import manages, sees
from services.policy import Policy

PHONE = "+919876543210"
COMMON = read_json("common_passwords.json")
KNOWN = {normal(text) for text in COMMON}


def _actor(role: str, home: str | None = None, *, limited: bool = False) -> Actor:
    return Actor(user_id="somebody", role=role, session_id="s", home_area=home, limited=limited)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("home", [None, "rj-churu", "rj-bhilwara"])
def test_headquarters_manages_everybody(role: str, home: str | None) -> None:
    assert manages(_actor("hq_admin"), role=role, home_area=home)
    assert sees(_actor("hq_admin"), home_area=home)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("home", [None, "rj-churu", "rj-bhilwara"])
def test_a_coordinator_manages_the_own_volunteers(role: str, home: str | None) -> None:
    coordinator = _actor("coordinator", "rj-churu")
    assert manages(coordinator, role=role, home_area=home) == (role == "volunteer" and home == "rj-churu")
    assert sees(coordinator, home_area=home) == (home == "rj-churu")


@pytest.mark.parametrize("role", ["volunteer", "observer", "expert"])
def test_the_others_manage_nobody(role: str) -> None:
    assert not any(manages(_actor(role, "rj-churu"), role=other, home_area="rj-churu") for other in ROLES)


def test_a_coordinator_without_a_district_sees_nobody() -> None:
    assert not sees(_actor("coordinator"), home_area=None)


def _weakness(password: str, name: str = "Gopal Singh") -> str | None:
    return weakness(password, common=KNOWN, phone=PHONE, name=name)


def test_the_whole_list_is_refused() -> None:
    assert len(COMMON) > 8000
    for password in COMMON:
        if len(password) >= SHORTEST:
            assert _weakness(password) == _weakness(password.upper()) == "password_too_common"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_too_short"),
        ("nine lett", "password_too_short"),
        ("x" * 201, "password_too_long"),
        ("abababababab", "password_too_common"),
        ("१२३४५६७८९०", "password_too_common"),
        ("bcdefghijklm", "password_too_common"),
        ("my9876543210", "password_personal"),
        ("GopalSingh@2026", "password_personal"),
        ("P@ssw0rd2026!", "password_too_common"),
        ("Rajasthan@123", "password_too_common"),
        ("##jaipur1234", "password_too_common"),
        ("KrishnaKrishna", "password_too_common"),
        ("जयपुर है प्यारा", None),
        ("jaipur4829173", None),
        ("dragonfly at dusk", None),
        ("a quiet green door", None),
        ("छत पर एक दिया है", None),
        ("gopal sells lamps", None),
    ],
)
def test_a_password_is_judged(password: str, code: str | None) -> None:
    assert _weakness(password) == code


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("सीता देवी", "sitadevi12"),
        ("सीता देवी", "My-Seeta Devi!"),
        ("Sita Devi", "सीतादेवी२०२६"),
        ("राजेश मीणा", "rajeshmeena"),
    ],
)
def test_ones_own_name_is_no_password_in_the_other_script_either(name: str, password: str) -> None:
    assert _weakness(password, name) == "password_personal"


@pytest.mark.parametrize(("verb", "may"), [("me.outcomes", True), ("me.sync", True), ("me.batches", False)])
def test_a_revoked_session_hands_in_work_and_nothing_else(verb: str, may: bool) -> None:
    policy = Policy(read_json("roles.json"))
    volunteer = _actor("volunteer", limited=True)
    assert policy.can(_actor("volunteer"), verb)
    assert policy.can(volunteer, verb) == may
    if not may:
        with pytest.raises(Unauthenticated):
            policy.require(volunteer, verb)


def test_a_verb_that_the_role_lacks_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        Policy(read_json("roles.json")).require(_actor("observer"), "users.read")
