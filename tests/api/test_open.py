"""Opening: numbers are revealed to the holder alone, logged, within the cap, and only while the rules allow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.domain.contacts.suppressions import Suppression
from tests.api.conftest import Api
from tests.batch_factories import HQ, address_of, enrol, make_campaign, make_contact, make_people, wanted
from tests.factories import audited, make_person, next_phone


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def given(api, services, headquarters, volunteer_of_churu):
    """Return a batch with so many people, assigned to the volunteer of Churu."""

    def give(number=3, *, campaign, actor=volunteer_of_churu, channel="call", people=None, **facts):
        if people is None:
            make_people(services, campaign, number)
        assign = {"mode": "volunteers", "user_ids": [actor.id]}
        made = api.post("/batches", wanted(campaign, channel=channel, assign=assign, **facts), headquarters).json
        return made["items"][0]["id"]

    return give


def open_it(api, batch_id, actor, **options):
    return api.post(f"/me/batches/{batch_id}/open", None, actor, **options)


def look(api, batch_id, actor):
    return api.get(f"/me/batches/{batch_id}", actor)


def suppress(services, contact):
    key = contact.addresses[0].key
    services.stores.suppressions.insert_once(
        Suppression(id=key, kind="mobile", reason="opted_out", origin="test", at=services.clock.now())
    )


def test_opening_reveals_names_numbers_and_links(api, services, volunteer_of_churu, campaign, given):
    phone = next_phone()
    contact = make_contact(services, phone=phone, part=17, tags=("hot",))
    enrol(services, campaign, [contact])
    batch_id = given(campaign=campaign, people=[contact])
    assert "phone" not in look(api, batch_id, volunteer_of_churu).json["items"][0]
    answer = open_it(api, batch_id, volunteer_of_churu)
    assert answer.status_code == 200
    assert answer.json["state"] == "active"
    item = answer.json["items"][0]
    assert item["people"] == [
        {
            "contact_id": contact.id,
            "name": "Sita Devi",
            "relative": "Ram Lal",
            "house": "12",
            "age_band": "30-44",
            "gender": "female",
            "part": "24/17",
            "serial": 7,
            "tags": ["hot"],
        }
    ]
    assert (item["phone"], item["link"], item["state"]) == (phone, f"tel:{phone}", "ready")
    assert "blocked_by" not in item
    assert look(api, batch_id, volunteer_of_churu).json == answer.json


def test_opening_is_logged_once_for_what_it_reveals(api, services, volunteer_of_churu, campaign, given):
    batch_id = given(campaign=campaign)
    for _ in range(2):
        open_it(api, batch_id, volunteer_of_churu)
    entries = audited(services, "batch.open")
    assert [entry["subject"] for entry in entries] == [f"batch:{batch_id}"]
    assert entries[0]["facts"]["revealed"] == 3 == len(entries[0]["facts"]["items"])


def test_nobody_else_sees_or_opens_a_batch(api, app, volunteer_of_churu, coordinator_of_churu, campaign, given):
    batch_id = given(campaign=campaign)
    stranger = make_person(app)
    assert look(api, batch_id, stranger).status_code == 404
    assert open_it(api, batch_id, stranger).status_code == 404
    assert api.post(f"/me/batches/{batch_id}/release", None, stranger).status_code == 404
    assert open_it(api, batch_id, coordinator_of_churu).status_code == 403


def test_a_forbidden_number_is_blocked_and_the_others_open(api, services, volunteer_of_churu, campaign, given):
    people = make_people(services, campaign, 3)
    batch_id = given(campaign=campaign, people=people)
    suppress(services, people[0])
    body = open_it(api, batch_id, volunteer_of_churu).json
    by_contact = {item["people"][0]["contact_id"]: item for item in body["items"]}
    blocked = by_contact[people[0].id]
    assert (blocked["state"], blocked["blocked_by"]) == ("blocked", ["suppressed"])
    assert "phone" not in blocked
    assert blocked["people"][0]["name"] == "S••• D•••"
    assert all(by_contact[person.id]["phone"] for person in people[1:])
    assert body["counts"] == {"total": 3, "ready": 2, "callback": 0, "done": 0, "blocked": 1}


def test_a_number_that_was_opened_is_hidden_once_it_is_forbidden(api, services, volunteer_of_churu, campaign, given):
    people = make_people(services, campaign, 2)
    batch_id = given(campaign=campaign, people=people)
    open_it(api, batch_id, volunteer_of_churu)
    suppress(services, people[0])
    items = look(api, batch_id, volunteer_of_churu).json["items"]
    assert sorted("phone" in item for item in items) == [False, True]


def test_nothing_to_reveal_is_423_with_every_reason(api, services, headquarters, volunteer_of_churu, campaign, given):
    people = make_people(services, campaign, 2)
    batch_id = given(campaign=campaign, people=people)
    suppress(services, people[0])
    api.post("/kill-switch", {"on": True, "reason": "stop it"}, headquarters)
    answer = open_it(api, batch_id, volunteer_of_churu)
    assert answer.status_code == 423
    assert set(answer.json["reasons"]) == {"suppressed", "kill_switch"}
    assert services.stores.batches.get(batch_id)["state"] == "assigned"
    assert services.stores.caps.used(volunteer_of_churu.id, "2026-11-23")["call"] == 0


@pytest.mark.parametrize(("hours", "opens"), [(8.5, True), (18.9, True), (2.9, True)])
def test_the_next_morning_is_prepared_in_the_evening(api, volunteer_of_churu, campaign, given, clock, hours, opens):
    batch_id = given(campaign=campaign)
    clock.advance(timedelta(hours=hours))
    item = open_it(api, batch_id, volunteer_of_churu).json["items"][0]
    assert ("phone" in item) is opens
    outside = hours > 8.4
    assert item.get("blocked_by") == (["contact_window"] if outside else None)
    if outside:
        assert (item["not_before"], item["not_after"]) == ("2026-11-24T04:30:00Z", "2026-11-24T13:30:00Z")
        assert item["state"] == "ready"


def test_silence_never_opens_ahead(api, services, headquarters, volunteer_of_churu, campaign, given, clock):
    batch_id = given(campaign=campaign)
    closes = clock.now() + timedelta(hours=1)
    poll = {"opens_at": closes - timedelta(hours=9), "closes_at": closes}
    api.put("/areas/ac-24/poll", {name: at.isoformat() for name, at in poll.items()}, headquarters)
    answer = open_it(api, batch_id, volunteer_of_churu)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["silence"])
    assert answer.json["allowed_from"] == closes.isoformat().replace("+00:00", "Z")


def test_the_cap_of_a_day_is_never_overrun(api, app, services, headquarters, campaign, given, clock):
    asha = make_person(app, daily_capacity=4)
    make_people(services, campaign, 6)
    batch_id = given(campaign=campaign, actor=asha, people=[])
    first = open_it(api, batch_id, asha).json["items"]
    assert sum("phone" in item for item in first) == 4
    assert [item["blocked_by"] for item in first if "phone" not in item] == [["volunteer_cap"]] * 2
    again = open_it(api, batch_id, asha).json["items"]
    assert sum("phone" in item for item in again) == 4
    clock.advance(timedelta(hours=24))
    tomorrow = open_it(api, batch_id, asha).json["items"]
    assert sum("phone" in item for item in tomorrow) == 6


def test_openings_at_once_share_one_cap(api, app, services, headquarters, campaign, given):
    asha = make_person(app, daily_capacity=7)
    batches = []
    for _ in range(5):
        make_people(services, campaign, 3)
        batches.append(given(campaign=campaign, actor=asha, people=[]))
    with ThreadPoolExecutor(10) as hands:
        list(hands.map(lambda batch_id: open_it(Api(app), batch_id, asha), batches * 2))
    opened = [
        item
        for batch_id in batches
        for item in services.stores.batches.get(batch_id)["items"]
        if item["opened_at"] is not None
    ]
    assert len(opened) == 7 == services.stores.caps.used(asha.id, "2026-11-23")["call"]


def test_a_release_gives_no_cap_back(api, app, services, headquarters, campaign, given):
    asha = make_person(app, daily_capacity=3)
    batch_id = given(campaign=campaign, actor=asha)
    open_it(api, batch_id, asha)
    api.post(f"/me/batches/{batch_id}/release", None, asha)
    make_people(services, campaign, 1)
    answer = api.post("/me/batches/claim", {"campaign_id": campaign, "channel": "call"}, asha)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["volunteer_cap"])


def test_a_released_batch_goes_on_in_the_pool(api, app, services, volunteer_of_churu, campaign, given):
    batch_id = given(campaign=campaign)
    open_it(api, batch_id, volunteer_of_churu)
    answer = api.post(f"/me/batches/{batch_id}/release", None, volunteer_of_churu)
    assert (answer.status_code, answer.json["state"]) == (200, "recalled")
    assert api.post(f"/me/batches/{batch_id}/release", None, volunteer_of_churu).status_code == 200
    assert [lease["batch_id"] for lease in services.stores.leases.walk()] == [None] * 3
    other = make_person(app)
    body = api.post("/me/batches/claim", {"campaign_id": campaign, "channel": "call"}, other).json
    assert body["counts"]["total"] == 3
    assert open_it(api, body["id"], other).json["items"][0]["phone"]
    assert open_it(api, batch_id, volunteer_of_churu).status_code == 409


def test_a_number_that_another_batch_holds_is_not_shown(api, services, volunteer_of_churu, campaign, given):
    batch_id = given(campaign=campaign)
    open_it(api, batch_id, volunteer_of_churu)
    lease = next(services.stores.leases.walk())
    services.stores.leases.release([lease["_id"]], batch_id)
    hidden = [item for item in look(api, batch_id, volunteer_of_churu).json["items"] if "phone" not in item]
    assert [item["blocked_by"] for item in hidden] == [["held"]]


def test_a_batch_whose_time_is_over_opens_no_more(api, volunteer_of_churu, campaign, given, clock):
    batch_id = given(campaign=campaign)
    clock.advance(timedelta(hours=48))
    assert open_it(api, batch_id, volunteer_of_churu).status_code == 409


def test_a_stale_version_opens_nothing(api, services, volunteer_of_churu, campaign, given):
    batch_id = given(campaign=campaign)
    assert open_it(api, batch_id, volunteer_of_churu, headers={"If-Match": '"77"'}).status_code == 412
    tag = look(api, batch_id, volunteer_of_churu).headers["ETag"]
    assert open_it(api, batch_id, volunteer_of_churu, headers={"If-Match": tag}).status_code == 200


def test_a_household_shows_those_who_may_be_met(api, services, volunteer_of_churu, campaign, given):
    shared = next_phone()
    people = [make_contact(services, phone=shared, name=name) for name in ("Asha Verma", "Ravi Verma")]
    enrol(services, campaign, people)
    batch_id = given(campaign=campaign, people=people)
    services.stores.targets.close([campaign], [people[0].id], why="moved")
    item = open_it(api, batch_id, volunteer_of_churu).json["items"][0]
    assert [person["name"] for person in item["people"]] == ["Ravi Verma"]
    assert item["phone"] == shared


@pytest.mark.parametrize(
    ("channel", "kind", "value", "link"),
    [
        ("whatsapp", "mobile", "+919812340000", "https://wa.me/919812340000?text="),
        ("facebook", "facebook", "asha.verma", "https://m.me/asha.verma"),
    ],
)
def test_every_channel_has_its_own_address_and_link(api, app, services, campaign, given, channel, kind, value, link):
    asha = make_person(app, channels=("whatsapp", "facebook"))
    contact = make_contact(services, addresses=[address_of(services, value, kind)])
    enrol(services, campaign, [contact])
    batch_id = given(campaign=campaign, actor=asha, channel=channel, people=[contact])
    item = open_it(api, batch_id, asha).json["items"][0]
    assert (item["phone"], item["link"]) == (value, link)


def test_a_paused_campaign_shows_no_number(api, services, volunteer_of_churu, campaign, given):
    batch_id = given(campaign=campaign)
    open_it(api, batch_id, volunteer_of_churu)
    services.campaigns.move(HQ, campaign, "pause", version=None)
    items = look(api, batch_id, volunteer_of_churu).json["items"]
    assert [item["blocked_by"] for item in items] == [["campaign_inactive"]] * 3
    assert not any("phone" in item for item in items)


def test_an_opened_batch_of_which_all_is_forbidden_now_is_423_and_counts_say_so(
    api, headquarters, volunteer_of_churu, campaign, given
):
    batch_id = given(campaign=campaign)
    assert open_it(api, batch_id, volunteer_of_churu).json["counts"]["ready"] == 3
    api.post("/kill-switch", {"on": True, "reason": "stop it"}, headquarters)
    answer = open_it(api, batch_id, volunteer_of_churu)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["kill_switch"])
    seen = look(api, batch_id, volunteer_of_churu).json
    assert (seen["counts"]["blocked"], seen["counts"]["ready"]) == (3, 0)
    assert not any("phone" in item for item in seen["items"])
