"""Mappings that are remembered: said once for a list, they hold for its next sheet with the same headings."""

from __future__ import annotations

from typing import Any

from services.facade import Services
from tests.api.conftest import Api
from tests.api.sheets import LIST, bring_in, do_jobs, hand_in
from tests.factories import Person

_SAID = {"name": "Ref", "phone": "Zzz"}


def odd_sheet(*rows: str, headings: str = "ac_no,part_no,Ref,Zzz,Age") -> bytes:
    """A sheet with headings that nobody could guess."""
    return "\n".join([headings, *rows]).encode() + b"\n"


def tried(api: Api, services: Services, actor: Person, content: bytes, **options: Any) -> dict[str, Any]:
    """What a dry run tells."""
    job_id = hand_in(api, actor, content, source=LIST, dry_run="true", **options).json["id"]
    do_jobs(services)
    return dict(api.get(f"/jobs/{job_id}", actor).json["result"])


def test_what_was_said_of_a_list_holds_for_its_next_sheet(api: Api, services: Services, headquarters: Person) -> None:
    first = odd_sheet("24,17,Sita Devi,9876543210,40")
    bring_in(api, services, headquarters, first, source=LIST, mapping=_SAID)
    told = bring_in(api, services, headquarters, odd_sheet("24,17,Ram Lal,9876543211,41"), source=LIST)
    assert told["counts"]["created"] == 1
    people = services.stores.contacts.in_part("ac-24-17")
    assert sorted(one.facts["name"] for one in people) == ["Ram Lal", "Sita Devi"]
    assert tried(api, services, headquarters, first)["mapping_from"] == "saved"


def test_other_headings_and_other_lists_are_guessed(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, odd_sheet("24,17,Sita Devi,9876543210,40"), source=LIST, mapping=_SAID)
    other = odd_sheet("24,17,Sita Devi,9876543210,40,x", headings="ac_no,part_no,Ref,Zzz,Age,More")
    assert tried(api, services, headquarters, other)["mapping_from"] == "guess"
    foreign = {**LIST, "name": "Another list"}
    job_id = hand_in(api, headquarters, odd_sheet("24,17,A,B,40"), source=foreign, dry_run="true").json["id"]
    do_jobs(services)
    assert api.get(f"/jobs/{job_id}", headquarters).json["result"]["mapping_from"] == "guess"


def test_a_dry_run_is_not_remembered(api: Api, services: Services, headquarters: Person) -> None:
    content = odd_sheet("24,17,Sita Devi,9876543210,40")
    assert tried(api, services, headquarters, content, mapping=_SAID)["mapping_from"] == "request"
    assert api.get("/sheet-mappings", headquarters).json["items"] == []


def test_a_mapping_can_be_seen_and_forgotten(api: Api, services: Services, headquarters: Person) -> None:
    content = odd_sheet("24,17,Sita Devi,9876543210,40")
    bring_in(api, services, headquarters, content, source=LIST, mapping=_SAID)
    (shown,) = api.get("/sheet-mappings", headquarters).json["items"]
    assert (shown["source_name"], shown["mapping"], shown["saved_by"]) == (LIST["name"], _SAID, headquarters.id)
    path = f"/sheet-mappings/{shown['id']}"
    assert api.delete(path, headquarters).status_code == 204
    assert api.delete(path, headquarters).status_code == 404
    assert tried(api, services, headquarters, content)["mapping_from"] == "guess"
