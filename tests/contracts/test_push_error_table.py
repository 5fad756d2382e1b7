"""Each row of the error table: what it does to the row in the outbox, to the phone's target, and to the sender."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.people.actor import Actor
from tests.api.conftest import MORNING
from tests.contracts.phones import bind, free_task, phones_with

HEADQUARTERS = Actor(user_id="hq", role="hq_admin", session_id="s")


@pytest.fixture
def phones(services, clock, messaging):
    return phones_with(services, clock, messaging)


@pytest.fixture
def drain(phones):
    def run():
        while phones.pushing.send_due():
            pass

    return run


@pytest.fixture
def target(services, volunteer_of_churu):
    return bind(services, volunteer_of_churu, "a")


@pytest.fixture
def queued(services, phones, target):
    """A task's push that waits, and the way to look at its row."""
    free_task(services, phones, HEADQUARTERS)

    def row():
        (found,) = services.stores.outbox._rows.many({})
        return found

    return row


def device(services, person):
    return next(iter(services.stores.devices.of_user(person.id)), None)


def fate(row):
    return row["state"], row.get("code"), row["attempts"]


def test_unregistered_target_is_deleted(services, drain, double, queued, target, volunteer_of_churu):
    double.script({target: ["unregistered"]})

    drain()

    assert fate(queued()) == ("failed", "unregistered", 1)
    assert device(services, volunteer_of_churu) is None


def test_target_that_was_renewed_meanwhile_stays(services, phones, drain, double, queued, target, volunteer_of_churu):
    double.script({target: ["unregistered"]})
    choose = phones.pushing._selection.choose
    facts = {"platform": "android", "app_version": "1.0", "locale": "hi"}

    class Renewing:
        def choose(self, *args, **kwargs):
            chosen = choose(*args, **kwargs)
            new = {"kind": "token", "value": "renewed"}
            services.stores.devices.bind(volunteer_of_churu.id, "a", target=new, facts=facts, at=MORNING)
            return chosen

    phones.pushing._selection = Renewing()
    drain()

    assert device(services, volunteer_of_churu)["target"]["value"] == "renewed"


def test_missing_project_stops_the_sender_and_deletes_nothing(
    services, drain, double, clock, queued, target, volunteer_of_churu
):
    double.script({target: ["not_found_no_detail"]})

    drain()

    assert fate(queued()) == ("waiting", None, 0)
    assert device(services, volunteer_of_churu) is not None
    assert services.stores.outbox.sender()["stop_code"] == "not_found"
    clock.advance(timedelta(seconds=30))
    drain()
    assert fate(queued()) == ("accepted", "ok", 1)
    assert services.stores.outbox.sender()["stopped_until"] is None


@pytest.mark.parametrize(("probe", "kept"), [("invalid", False), (200, True)])
def test_invalid_message_is_given_up_and_the_target_probed(
    services, drain, double, queued, target, volunteer_of_churu, probe, kept
):
    double.script({target: ["invalid", probe]})

    drain()

    assert fate(queued()) == ("failed", "invalid_argument", 1)
    assert (device(services, volunteer_of_churu) is not None) is kept
    assert [entry["validate_only"] for entry in double.log()] == [False, True]


def test_target_of_another_sender_is_quarantined(services, phones, drain, double, queued, target, volunteer_of_churu):
    double.script({target: ["sender_id_mismatch"]})

    drain()

    assert fate(queued()) == ("failed", "sender_id_mismatch", 1)
    assert "quarantined_at" in device(services, volunteer_of_churu)
    free_task(services, phones, HEADQUARTERS)
    drain()
    assert len(double.log()) == 1


def test_platform_whose_key_is_refused_rests(services, phones, drain, double, clock, queued, target, person):
    phone = bind(services, person(home_area="rj-churu"), "i", platform="ios")
    double.script({target: ["third_party_auth"]})

    drain()
    free_task(services, phones, HEADQUARTERS)
    drain()

    assert [entry["target"] for entry in double.log() if entry["accepted"]] == [phone]
    waiting = services.stores.outbox._rows.many({"state": "waiting"})
    assert {row["attempts"] for row in waiting} == {0}
    assert {row["due_at"] for row in waiting} == {MORNING + timedelta(minutes=15)}
    clock.advance(timedelta(minutes=15))
    drain()
    assert len([entry for entry in double.log() if entry["target"] == target and entry["accepted"]]) == 2


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ({"t-a": [401]}, "unauthenticated"),
        ({"t-a": [403]}, "permission_denied"),
        ({"/token": [400]}, "token_refresh_failed"),
    ],
)
def test_refused_credential_breaks_the_circuit(services, drain, double, clock, queued, script, code):
    double.script(script)

    drain()
    drain()

    assert fate(queued()) == ("waiting", None, 0)
    assert services.stores.outbox.sender()["stop_code"] == code
    assert len(double.log()) <= 1
    clock.advance(timedelta(seconds=30))
    drain()
    assert fate(queued()) == ("accepted", "ok", 1)


def test_breaker_stays_open_longer_each_time_and_tries_one_message(
    services, phones, drain, double, clock, person, volunteer_of_churu
):
    targets = [bind(services, volunteer_of_churu, f"p{number}") for number in range(5)]
    free_task(services, phones, HEADQUARTERS)
    double.script({target: [403] * 4 for target in targets})

    drain()
    first = len(double.log())
    clock.advance(timedelta(seconds=30))
    drain()
    assert len(double.log()) == first + 1
    clock.advance(timedelta(seconds=59))
    drain()
    assert len(double.log()) == first + 1
    clock.advance(timedelta(seconds=1))
    drain()

    assert len(double.log()) == first + 2


def test_quota_makes_the_row_wait_and_the_sender_slow(services, drain, double, clock, queued, target):
    double.script({target: ["429 Retry-After 100"]})

    drain()

    assert fate(queued()) == ("waiting", "quota_exceeded", 1)
    assert timedelta(seconds=100) <= queued()["due_at"] - MORNING <= timedelta(seconds=150)
    assert services.stores.outbox.sender()["pace"] == 200
    clock.advance(timedelta(seconds=210))
    drain()
    assert fate(queued()) == ("accepted", "ok", 2)


def test_quota_waits_a_minute_at_least(services, drain, double, queued, target):
    double.script({target: ["quota"]})

    drain()

    assert timedelta(seconds=60) <= queued()["due_at"] - MORNING <= timedelta(seconds=90)


@pytest.mark.parametrize(
    ("step", "code", "least"),
    [
        (503, "unavailable", 10),
        (500, "internal", 10),
        (502, "http_502", 10),
        ("503 Retry-After 40", "unavailable", 40),
        (504, "deadline_exceeded", 10),
        ("hang", "deadline_exceeded", 10),
        ("reset", "connection_lost", 10),
        ("bad_json", "unreadable_answer", 10),
    ],
)
def test_what_may_pass_is_sent_again_later(services, drain, double, clock, queued, target, step, code, least):
    double.script({target: [step]})

    drain()

    assert fate(queued()) == ("waiting", code, 1)
    assert timedelta(seconds=least) <= queued()["due_at"] - MORNING <= timedelta(seconds=least * 1.5)
    clock.set(queued()["due_at"] + timedelta(seconds=5))
    drain()
    assert fate(queued()) == ("accepted", "ok", 2)


def test_wait_doubles_with_each_try(services, drain, double, clock, queued, target):
    double.script({target: [503, 503, 503]})
    waits = []

    for _ in range(3):
        drain()
        waits.append((queued()["due_at"] - clock.now()).total_seconds())
        clock.set(queued()["due_at"] + timedelta(seconds=5))
        assert not double.log()[len(waits) :]

    assert [10 <= waits[0] <= 15, 20 <= waits[1] <= 30, 40 <= waits[2] <= 60] == [True] * 3


def test_accepted_push_whose_answer_was_lost_is_sent_again_under_the_same_id(drain, double, clock, queued, target):
    double.script({target: ["accepted_then_reset"]})

    drain()
    clock.set(queued()["due_at"] + timedelta(seconds=5))
    drain()

    assert [entry["accepted"] for entry in double.log()] == [True, True]
    assert len({entry["data"]["push_id"] for entry in double.log()}) == 1
    assert fate(queued()) == ("accepted", "ok", 2)


def test_unknown_refusal_is_a_dead_letter(services, drain, double, queued, target, volunteer_of_churu):
    double.script({target: [418]})

    drain()

    assert fate(queued()) == ("failed", "http_418", 1)
    assert device(services, volunteer_of_churu) is not None


def test_retries_end_when_the_push_is_of_no_more_use(services, phones, drain, double, target):
    free_task(services, phones, HEADQUARTERS, due_at=MORNING + timedelta(seconds=9))
    double.script({target: [503]})

    drain()

    (row,) = services.stores.outbox._rows.many({})
    assert fate(row) == ("failed", "unavailable", 1)


def test_one_bad_phone_holds_up_no_other(services, phones, drain, double, volunteer_of_churu):
    targets = [bind(services, volunteer_of_churu, f"p{number}") for number in range(40)]
    free_task(services, phones, HEADQUARTERS)
    double.script({targets[0]: ["hang"], targets[1]: [503], targets[2]: ["unregistered"]})

    drain()

    accepted = {entry["target"] for entry in double.log() if entry["accepted"]}
    assert accepted == set(targets[3:])
