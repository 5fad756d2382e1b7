"""What everybody may see and change about themselves."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api
from tests.factories import Person


def test_the_own_profile(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.get("/me", volunteer_of_churu)
    assert answer.status_code == 200
    assert answer.json == {
        "id": volunteer_of_churu.id,
        "phone": volunteer_of_churu.user.phone,
        "name": "सीता देवी",
        "role": "volunteer",
        "home_area": "rj-churu",
        "areas": [],
        "languages": ["hi"],
        "channels": ["call", "whatsapp"],
        "daily_capacity": None,
        "prioritised_tags": [],
        "excluded_tags": [],
        "locale": "en",
        "state": "active",
        "merged_into": None,
        "created_at": "2026-11-23T05:00:00Z",
    }


@pytest.mark.parametrize("role", ["hq_admin", "coordinator", "volunteer", "observer", "expert"])
def test_every_role_has_a_profile(api: Api, person, role: str) -> None:
    assert api.get("/me", person(role=role)).json["role"] == role


def test_changing_ones_languages_channels_and_capacity(api: Api, volunteer_of_churu: Person) -> None:
    change = {"locale": "hi", "languages": ["hi", "raj", "hi"], "channels": ["call"], "daily_capacity": 25}
    answer = api.patch("/me", change, volunteer_of_churu)
    assert answer.status_code == 200
    assert api.get("/me", volunteer_of_churu).json == answer.json
    assert answer.json["languages"] == ["hi", "raj"]
    assert (answer.json["locale"], answer.json["daily_capacity"]) == ("hi", 25)


def test_problems_are_told_in_the_persons_own_language(api: Api, volunteer_of_churu: Person) -> None:
    api.patch("/me", {"locale": "hi"}, volunteer_of_churu)
    assert api.get("/me", volunteer_of_churu).json["locale"] == "hi"


@pytest.mark.parametrize("field", ["role", "home_area", "areas", "phone", "name", "state"])
def test_nobody_changes_ones_own_standing(api: Api, volunteer_of_churu: Person, field: str) -> None:
    answer = api.patch("/me", {field: "hq_admin"}, volunteer_of_churu)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_stale_change_is_refused(api: Api, volunteer_of_churu: Person) -> None:
    tag = api.get("/me", volunteer_of_churu).headers["ETag"]
    assert api.patch("/me", {"daily_capacity": 1}, volunteer_of_churu, headers={"If-Match": tag}).status_code == 200
    answer = api.patch("/me", {"daily_capacity": 2}, volunteer_of_churu, headers={"If-Match": tag})
    assert (answer.status_code, answer.json["code"]) == (412, "stale_version")


def test_an_unchanged_profile_is_not_sent_again(api: Api, volunteer_of_churu: Person) -> None:
    tag = api.get("/me", volunteer_of_churu).headers["ETag"]
    answer = api.get("/me", volunteer_of_churu, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_signing_in_elsewhere_does_not_make_a_profile_stale(api: Api, volunteer_of_churu: Person) -> None:
    tag = api.get("/me", volunteer_of_churu).headers["ETag"]
    api.delete("/me/sessions", volunteer_of_churu)
    assert api.patch("/me", {"daily_capacity": 1}, volunteer_of_churu, headers={"If-Match": tag}).status_code == 200
