"""An import whose chunk comes out otherwise than it was matched, while the next chunk is matched with it already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from services.domain.contacts.contacts import Contact
from services.facade import Services
from services.imports.rows import RowMaker
from services.store.contacts.contacts import ContactStore
from tests.api.conftest import Api
from tests.api.sheets import HEADER, campaign_in, do_jobs, elector, hand_in, sheet
from tests.factories import Person


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = RowMaker.chunks
    monkeypatch.setattr(
        RowMaker, "chunks", lambda self, table, after_line: chunks(self, table, after_line=after_line, size=2)
    )


def test_rows_that_add_to_people_of_the_chunk_before_are_counted_as_updates(
    api: Api, services: Services, headquarters: Person, small_chunks: None
) -> None:
    rows = [elector(1), elector(2), elector(1, house_no="9"), elector(2), elector(1, house_no="9"), elector(3)]
    import_id = hand_in(api, headquarters, sheet(rows, (*HEADER, "house_no"))).json["id"]
    do_jobs(services)
    counts = api.get(f"/contacts/imports/{import_id}", headquarters).json["counts"]
    assert (counts["created"], counts["updated"], counts["duplicates"]) == (3, 1, 2)


def test_somebody_else_storing_a_person_meanwhile_leaves_one_of_them_with_all_that_both_told(
    api: Api, services: Services, headquarters: Person, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = campaign_in(api, headquarters, ["ac-24"])
    insert_new, calls = ContactStore.insert_new, 0

    def overtaken(self: ContactStore, contacts: Sequence[Contact], *, at: datetime) -> set[str]:
        nonlocal calls
        calls += 1
        if calls == 1:
            insert_new(self, contacts[:1], at=at)
        return insert_new(self, contacts, at=at)

    monkeypatch.setattr(ContactStore, "insert_new", overtaken)
    rows = [elector(1), elector(2), elector(1, house_no="9"), elector(3), elector(1, house_no="9"), elector(4)]
    import_id = hand_in(api, headquarters, sheet(rows, (*HEADER, "house_no")), campaign_id=campaign).json["id"]
    do_jobs(services)
    told = api.get(f"/contacts/imports/{import_id}", headquarters).json
    people = services.stores.contacts.in_part("ac-24-17")
    assert (told["state"], told["counts"]["rows"]) == ("succeeded", 6)
    assert len(people) == 4
    assert sum(one.facts.get("house_no") == "9" for one in people) == 1
    assert len(services.stores.targets.in_part(campaign, "ac-24-17")) == 4
