"""The place tree over HTTP."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api
from tests.factories import Person


def test_areas_by_kind_in_the_order_of_their_codes(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.get("/areas", volunteer_of_churu, query_string={"kind": "constituency"})
    assert answer.status_code == 200
    assert [area["id"] for area in answer.json["items"]] == ["ac-24", "ac-155", "ac-175", "ac-179"]


def test_areas_by_the_start_of_a_hindi_name(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.get("/areas", volunteer_of_churu, query_string={"q": "भीलव"})
    assert [area["id"] for area in answer.json["items"]] == ["rj-bhilwara"]


def test_areas_page_by_cursor_without_repeats(api: Api, volunteer_of_churu: Person) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"parent": "ac-24", "limit": 100} | ({"cursor": cursor} if cursor else {})
        page = api.get("/areas", volunteer_of_churu, query_string=query).json
        seen += [area["code"] for area in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"24/{number}" for number in range(1, 419)]


def test_areas_without_a_token(api: Api) -> None:
    answer = api.get("/areas")
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


def test_areas_with_a_foreign_cursor(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.get("/areas", volunteer_of_churu, query_string={"cursor": "bm90LW91cnM"})
    assert (answer.status_code, answer.json["errors"]) == (422, {"cursor": ["cursor_invalid"]})


@pytest.mark.parametrize("text", ["%", "[", "zzz", "ज़"])
def test_text_that_names_no_place_finds_none(api: Api, headquarters: Person, text: str) -> None:
    found = api.get("/areas", headquarters, query_string={"q": text}).json["items"]
    assert found == []
