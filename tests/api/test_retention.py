"""After the poll: what need not be kept of people goes by the campaign's rule, what was counted stays true."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.contacts.contacts import Contact
from services.facade import Services
from services.gateways.clock import FrozenClock
from services.worker import Worker
from tests.api.conftest import MORNING, Api
from tests.api.sheets import LIST, ROLL, bring_in, campaign_in, counts, do_jobs, elector, sheet
from tests.api.telling import put
from tests.factories import Person
from tests.fieldwork import make_work

LIST_ROW = {"ac_no": 24, "part_no": 17, "name": "Gita Bai", "phone": "9876500011"}


@pytest.fixture
def campaign(api: Api, services: Services, headquarters: Person) -> str:
    """A closed campaign of Sujangarh with somebody of the roll, who gave a number and a tag, and one of a list."""
    campaign_id = campaign_in(api, headquarters, ["ac-24"])
    api.post(f"/campaigns/{campaign_id}/activate", actor=headquarters)
    roll = sheet([elector(1, name="Sita Devi", epic="ABC1234567", phone="9876543210")])
    bring_in(api, services, headquarters, roll, campaign_id=campaign_id)
    told = sheet([{"epic": "ABC1234567", "name": "Sita Devi", "tags": "helper"}], header=("epic", "name", "tags"))
    bring_in(api, services, headquarters, told, source=LIST)
    bring_in(api, services, headquarters, sheet([LIST_ROW]), source=LIST, campaign_id=campaign_id)
    assert api.post(f"/campaigns/{campaign_id}/close", actor=headquarters).status_code == 200
    return campaign_id


def people(services: Services) -> dict[int | None, Contact]:
    return {one.serial_no: one for one in services.stores.contacts.in_part("ac-24-17")}


def wait(services: Services, clock: FrozenClock, days: int) -> None:
    clock.advance(timedelta(days=days))
    do_jobs(services)


def test_only_what_the_public_roll_says_is_kept(services: Services, clock: FrozenClock, campaign: str) -> None:
    before = people(services)
    assert (before[1].tags, len(before[1].addresses), len(before[None].addresses)) == (("helper",), 1, 1)
    wait(services, clock, 89)
    assert people(services) == before
    wait(services, clock, 2)
    after = people(services)
    assert (after[1].facts, after[1].age, after[1].state) == (before[1].facts, 40, "active")
    assert (after[1].addresses, after[1].tags) == ((), ())
    assert (after[None].state, after[None].facts, after[None].addresses) == ("retired", {}, ())
    targets = services.stores.targets.of_contacts([campaign], [one.id for one in before.values()])
    assert [target["keys"] for target in targets.values()] == [[], []]


def test_fields_of_the_campaign_go_also_of_people_of_whom_nothing_else_goes(
    api: Api, services: Services, clock: FrozenClock, headquarters: Person
) -> None:
    campaign_id = campaign_in(api, headquarters, ["ac-24"])
    field = {"name": "remark", "label": {"hi": "टिप्पणी", "en": "Remark"}, "kind": "text"}
    api.post(f"/campaigns/{campaign_id}/fields", field, headquarters)
    api.post(f"/campaigns/{campaign_id}/activate", actor=headquarters)
    header = ("ac_no", "part_no", "serial_no", "name", "Remark")
    content = sheet([elector(1, Remark="Has a dog")], header)
    bring_in(api, services, headquarters, content, source={**ROLL, "field_basis": {}}, campaign_id=campaign_id)
    (target,) = services.stores.targets.in_part(campaign_id, "ac-24-17")
    assert "custom" in target
    api.post(f"/campaigns/{campaign_id}/close", actor=headquarters)
    wait(services, clock, 91)
    (target,) = services.stores.targets.in_part(campaign_id, "ac-24-17")
    assert {"custom", "custom_undo"}.isdisjoint(target)


def test_what_the_roll_says_holds_again_where_something_else_did(
    api: Api, services: Services, clock: FrozenClock, campaign: str, headquarters: Person
) -> None:
    assert api.patch(f"/contacts/{people(services)[1].id}", {"age": 44}, headquarters).status_code == 200
    wait(services, clock, 91)
    assert people(services)[1].age == 40


def test_it_is_told_in_the_audit_trail_with_counts(
    api: Api, services: Services, clock: FrozenClock, campaign: str, headquarters: Person
) -> None:
    wait(services, clock, 91)
    (entry,) = api.get("/audit?action=campaign.retain", headquarters).json["items"]
    assert (entry["subject"], entry["facts"]["people"], entry["facts"]["addresses"]) == (f"campaign:{campaign}", 2, 2)
    wait(services, clock, 10)
    assert len(api.get("/audit?action=campaign.retain", headquarters).json["items"]) == 1


def test_the_time_counts_from_a_later_poll_and_by_the_rule(
    api: Api, services: Services, clock: FrozenClock, campaign: str, headquarters: Person
) -> None:
    poll = {"opens_at": "2026-12-20T01:30:00Z", "closes_at": "2026-12-20T12:30:00Z"}
    assert api.put("/areas/ac-24/poll", poll, headquarters).status_code == 200
    answer = api.put("/rules", {"retention_days": 30}, headquarters)
    assert (answer.status_code, answer.json["retention_days"], answer.json["state"]) == (200, 30, "live")
    wait(services, clock, 45)
    assert people(services)[1].addresses
    wait(services, clock, 14)
    assert not people(services)[1].addresses


def test_keeping_longer_needs_another_person(api: Api, headquarters: Person) -> None:
    open_one = campaign_in(api, headquarters, ["ac-24"])
    shorter = api.put(f"/campaigns/{open_one}/rules", {"retention_days": 60}, headquarters)
    assert (shorter.json["state"], shorter.json["retention_days"]) == ("live", 60)
    answer = api.put(f"/campaigns/{open_one}/rules", {"retention_days": 365}, headquarters)
    assert (answer.json["state"], answer.json["widens"]) == ("pending", ["retention_days"])


def test_whom_another_campaign_covers_is_kept(
    api: Api, services: Services, clock: FrozenClock, campaign: str, headquarters: Person
) -> None:
    campaign_in(api, headquarters, ["ac-24"])
    wait(services, clock, 91)
    assert people(services)[1].addresses


def test_who_comes_again_by_a_new_sheet_is_found_again(
    api: Api, services: Services, clock: FrozenClock, campaign: str, headquarters: Person
) -> None:
    before = people(services)
    wait(services, clock, 91)
    later = {**LIST, "name": "Another list", "collected_on": MORNING.date().isoformat()}
    told = bring_in(api, services, headquarters, sheet([LIST_ROW]), source=later)
    assert counts(told) == (1, 0, 1, 0, 0, 0)
    after = people(services)[None]
    assert (after.id, after.state, after.facts["name"]) == (before[None].id, "active", "Gita Bai")
    roll = sheet([elector(1, name="Sita Devi", epic="ABC1234567")])
    assert counts(bring_in(api, services, headquarters, roll, source={**ROLL, "name": "Again"})) == (1, 0, 0, 1, 0, 0)


def test_opt_outs_and_tallies_stay_true_and_nobody_said_anything(
    api: Api, services: Services, clock: FrozenClock, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    said = work.told(0, disposition="contacted", support=4, note="Works at night")
    assert put(api, volunteer_of_churu, said).status_code == 201
    assert put(api, volunteer_of_churu, work.told(1, disposition="do_not_contact")).status_code == 201
    do_jobs(services)
    api.post(f"/campaigns/{work.campaign_id}/close", actor=headquarters)
    path = f"/reports/progress?campaign_id={work.campaign_id}&by=part"
    told_before = api.get(path, headquarters).json["rows"]
    assert told_before[0]["support"] == {"4": 1}
    stopped = services.suppressions.suppressed([work.items[1]["address"]])
    clock.advance(timedelta(days=91))
    # The batch of this test is made by hand and nothing for upkeep to read.
    assert Worker([step for step in services.worker_steps if not step.name.startswith("batch")]).run_once()
    (outcome,) = services.stores.outcomes.find_many([said["id"]]).values()
    assert services.stores.outcomes.said(outcome) == {}
    assert services.reconciling.run() == []
    assert api.get(path, headquarters).json["rows"] == told_before
    assert services.suppressions.suppressed([work.items[1]["address"]]) == stopped != set()
