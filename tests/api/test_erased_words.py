"""What was said of somebody who is erased: none of it stays, and none of it comes back with what is told late."""

from __future__ import annotations

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.api.telling import project, upload, work
from tests.factories import Person
from tests.fieldwork import Work

__all__ = ["work"]  # a fixture
GIVEN = {"kind": "phone", "value": "9812345678", "consent": True, "notice_version": "v2"}


@pytest.fixture
def erase(api: Api, work: Work, headquarters: Person) -> object:
    contact = work.items[0]["contacts"][0]
    return lambda: api.delete(f"/contacts/{contact}", headquarters)


def sealed_words(services: Services) -> list[str]:
    """Return where words are kept of anybody."""
    stores = services.stores
    places = {
        "outcomes": stores.outcomes._outcomes,
        "conflicts": stores.outcomes._conflicts,
        "held": stores.held_outcomes._held,
        "reviews": stores.reviews._reviews,
    }
    return [name for name, rows in places.items() for row in rows.many({}) if row.get("sealed")]


def words(work: Work, **facts: object) -> dict[str, object]:
    contact = work.items[0]["contacts"][0]
    return work.told(disposition="contacted", contact_id=contact, note="her son answers", given=[GIVEN], **facts)


def test_erasing_takes_the_words_of_outcomes_corrections_conflicts_and_reviews(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person, erase
) -> None:
    first = words(work)
    second = words(work, corrects=first["id"])
    upload(api, volunteer_of_churu, first, second, {**second, "note": "or was it her brother"})
    project(services)
    assert set(sealed_words(services)) == {"outcomes", "conflicts", "reviews"}
    assert erase().status_code == 204
    assert sealed_words(services) == []
    assert api.get("/reviews?state=open", coordinator_of_churu).json["items"] == []


def test_words_told_after_the_erasure_are_not_kept(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, erase
) -> None:
    erase()
    told = words(work)
    statuses = [one["status"] for one in upload(api, volunteer_of_churu, told, {**told, "note": "another"})]
    project(services)
    assert statuses == ["stored", "conflict"]
    assert sealed_words(services) == []
    assert work.target()["total"] == 1


def test_words_of_a_lost_phone_are_not_kept_either(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person, erase
) -> None:
    path = f"/users/{volunteer_of_churu.id}/phone-lost"
    assert api.post(path, {}, coordinator_of_churu).status_code in {200, 202, 204}
    upload(api, volunteer_of_churu, words(work))
    assert sealed_words(services) == ["held"]
    erase()
    upload(api, volunteer_of_churu, words(work))
    assert sealed_words(services) == []
