"""The catalogue of result codes as clients get it."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api
from tests.factories import Person


def test_every_code_comes_with_what_a_phone_needs(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.get("/dispositions", volunteer_of_churu).json
    rows = {row["name"]: row for row in answer["items"]}
    assert (answer["version"], len(rows)) == (1, 24)
    assert rows["call_back"]["needs"] == ["callback_at"]
    assert rows["contacted"]["aapor"] == {"code": "1.1", "class": "I"}
    assert rows["contacted"]["may"] == ["answers", "note", "support"]
    assert rows["refused"]["retry"] == {"after_minutes": 10080, "other_band": False, "times": 1}
    assert rows["minor_answered"]["aapor"] is None
    assert all(row["label"]["hi"] and row["label"]["en"] for row in rows.values())


def test_channel_narrows_the_codes_to_its_own(api: Api, volunteer_of_churu: Person) -> None:
    rows = api.get("/dispositions?channel=sms", volunteer_of_churu).json["items"]
    assert {row["name"] for row in rows} >= {"opened", "declared_sent", "replied", "opted_out"}
    assert "contacted" not in {row["name"] for row in rows}


def test_unknown_channel_is_refused_by_name(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.get("/dispositions?channel=fax", volunteer_of_churu)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["channel"])


@pytest.mark.parametrize("role", ["coordinator", "observer", "expert"])
def test_whoever_signs_in_may_read_them(api: Api, person, role: str) -> None:
    assert api.get("/dispositions", person(role=role, home_area="rj-churu")).status_code == 200
