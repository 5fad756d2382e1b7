"""What phones are woken for: rules that changed, sign-ins that ended, outcomes that a coordinator must look at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.people.actor import Actor
from tests.batch_factories import make_campaign
from tests.contracts.phones import bind, phones_with
from tests.factories import sign_in
from tests.library import make_live, move

HEADQUARTERS = Actor(user_id="hq", role="hq_admin", session_id="s")
STOP = {"on": True, "channel": "call", "template_id": None, "reason": "complaints"}


@pytest.fixture
def phones(services, clock, messaging):
    return phones_with(services, clock, messaging)


@pytest.fixture
def told(phones, clock, double):
    """Let the worker do what is due now and in the next seconds; return who was told what."""

    def run():
        while phones.spread.spread_next():
            pass
        clock.advance(timedelta(seconds=20))
        while phones.pushing.send_due():
            pass
        return sorted((entry["target"], entry["data"]["kind"]) for entry in double.log())

    return run


def test_stop_of_the_whole_state_wakes_every_volunteer_once(services, told, person, volunteer_of_churu):
    there = bind(services, volunteer_of_churu, "a")
    elsewhere = bind(services, person(home_area="rj-kota"), "b")
    bind(services, person(role="coordinator", home_area="rj-kota"), "c")

    services.controls.switch(HEADQUARTERS, STOP)
    services.controls.set_model_code(HEADQUARTERS, starts_at=services.clock.now(), ends_at=None, version=None)

    assert told() == [(there, "sync"), (elsewhere, "sync")]


@pytest.mark.parametrize("kind", ["template", "script"])
def test_withdrawn_content_wakes_the_phones_that_have_it(api, services, told, expert, headquarters, person, kind):
    there = bind(services, person(home_area="rj-churu"), "a")
    bind(services, person(home_area="rj-kota"), "b")
    campaign = make_campaign(services, helpers=[{"constituency": "ac-24", "districts": ["rj-churu"]}])
    made = make_live(api, kind, expert, headquarters, campaign_id=campaign)
    services.clock.advance(timedelta(hours=1))
    assert move(api, kind, made["id"], "withdraw", headquarters).status_code == 200
    assert (there, "sync") in told()


def test_campaign_wakes_the_districts_that_help_it(services, told, clock, double, person, volunteer_of_churu):
    there = bind(services, volunteer_of_churu, "a")
    bind(services, person(home_area="rj-kota"), "b")
    campaign = make_campaign(services, helpers=[{"constituency": "ac-24", "districts": ["rj-churu"]}])
    told()
    double.clear()

    services.controls.switch(HEADQUARTERS, STOP, campaign_id=campaign)
    services.rules.propose(HEADQUARTERS, campaign, {"daily": {"call": 10}}, version=None)
    services.campaigns.move(HEADQUARTERS, campaign, "pause", version=None)

    assert told() == [(there, "sync")]


def test_wave_leaves_no_task_behind(services, told, headquarters, api):
    services.controls.switch(HEADQUARTERS, STOP)
    told()

    assert services.stores.tasks._tasks.many({}) == []


def test_revoked_sign_in_reaches_its_own_phone(api, app, services, told, volunteer_of_churu):
    lost = bind(services, volunteer_of_churu, "lost")
    bind(services, volunteer_of_churu, "kept")
    session = sign_in(app, volunteer_of_churu.user, installation_id="lost").session_id

    assert api.delete(f"/me/sessions/{session}", volunteer_of_churu).status_code == 204

    assert told() == [(lost, "purge")]


def test_escalation_is_a_task_of_the_districts_coordinators(
    services, phones, told, coordinator_of_churu, person, clock
):
    phone = bind(services, coordinator_of_churu, "c", locale="en")
    person(role="coordinator", home_area="rj-kota")
    outcome = {
        "_id": "outcome-1",
        "district_id": "rj-churu",
        "batch_id": "batch-1",
        "campaign_id": "drive",
        "received_at": clock.now(),
    }

    phones.waking.escalated(outcome)
    phones.waking.escalated(outcome)

    assert told() == [(phone, "task")]
    ((task, _),) = phones.tasks.open_of(coordinator_of_churu.id)
    assert (task["kind"], task["batch_id"], task["priority"]) == ("custom", "batch-1", "high")


def test_escalation_without_a_coordinator_goes_to_headquarters(services, phones, told, headquarters, clock):
    phone = bind(services, headquarters, "h")
    outcome = {"_id": "o", "district_id": "rj-kota", "batch_id": "b", "campaign_id": "c", "received_at": clock.now()}

    phones.waking.escalated(outcome)

    assert told() == [(phone, "task")]
