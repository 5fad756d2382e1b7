"""From an event to the phones: who gets which push, in which words, once, and never with a contact's data."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from services.domain.people.actor import Actor
from tests.api.conftest import MORNING
from tests.contracts.phones import SECRETS, assigned_batch, bind, change_batch, free_task, phones_with

EVENING = MORNING.replace(hour=16, minute=0)  # 21:30 in Jaipur
HEADQUARTERS = Actor(user_id="hq", role="hq_admin", session_id="s")


@pytest.fixture
def phones(services, clock, messaging):
    return phones_with(services, clock, messaging)


@pytest.fixture
def drain(phones):
    """Send until nothing is due."""

    def run():
        while phones.pushing.send_due():
            pass

    return run


def texts(double):
    return {entry["target"]: entry["notification"] for entry in double.log()}


def rows(services):
    return services.stores.outbox._rows.many({})


def test_assigned_batch_reaches_every_phone_in_its_language(services, phones, drain, double, volunteer_of_churu):
    old, new = (
        bind(services, volunteer_of_churu, "old"),
        bind(services, volunteer_of_churu, "new", locale="en", kind="fid"),
    )
    batch, event = assigned_batch(services, volunteer_of_churu)

    phones.notifying.batches_assigned([(batch, event)])
    drain()

    assert texts(double) == {
        old: {"title": "नया काम मिला है", "body": "3 नंबरों पर संपर्क करना है।"},
        new: {"title": "New work for you", "body": "3 numbers to contact."},
    }
    (task,) = {entry["data"]["task_id"] for entry in double.log()}
    assert {entry["data"]["batch_id"] for entry in double.log()} == {batch["_id"]}
    assert {entry["data"]["kind"] for entry in double.log()} == {"batch"}
    assert len({entry["data"]["push_id"] for entry in double.log()}) == 1
    assert {entry["android"]["collapse_key"] for entry in double.log()} == {task}
    assert phones.tasks.open_of(volunteer_of_churu.id)[0][0]["batch_id"] == batch["_id"]


@pytest.mark.parametrize(("size", "hindi"), [(1, "1 नंबर पर संपर्क करना है।"), (2, "2 नंबरों पर संपर्क करना है।")])
def test_hindi_plural_follows_cldr(services, phones, drain, double, volunteer_of_churu, size, hindi):
    bind(services, volunteer_of_churu, "a")

    phones.notifying.batches_assigned([assigned_batch(services, volunteer_of_churu, size=size)])
    drain()

    assert double.log()[0]["notification"]["body"] == hindi


def test_event_handled_twice_is_pushed_once(services, phones, drain, double, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    batch, event = assigned_batch(services, volunteer_of_churu)

    phones.notifying.batches_assigned([(batch, event)])
    drain()
    phones.notifying.batches_assigned([(batch, event)])
    drain()

    assert len(double.log()) == 1
    assert len(phones.tasks.open_of(volunteer_of_churu.id)) == 1


def test_payload_says_nothing_about_contacts(services, phones, drain, double, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    batch, event = assigned_batch(services, volunteer_of_churu)

    phones.notifying.batches_assigned([(batch, event)])
    drain()
    phones.notifying.callback_due(with_callback(services, batch), {"id": "c", "kind": "callback_due", "at": MORNING})
    drain()

    assert len(double.log()) == 2
    sent = json.dumps(double.log(), ensure_ascii=False)
    assert not any(secret in sent for secret in (*SECRETS, "contact-0"))


def recalled_from(person):
    return {"id": "recalled-3", "kind": "recalled", "at": MORNING, "user_id": person.id}


def with_callback(services, batch, *, at=MORNING, items=1):
    changed = [
        {**item, "state": "callback", "callback_at": at} if number < items else item
        for number, item in enumerate(batch["items"])
    ]
    return change_batch(services, batch, items=changed, state="active")


def test_due_callback_reaches_every_phone_at_once(services, phones, drain, double, volunteer_of_churu):
    targets = {bind(services, volunteer_of_churu, name, locale="en") for name in "ab"}
    batch, _ = assigned_batch(services, volunteer_of_churu)
    batch = with_callback(services, batch, items=2)

    phones.notifying.callback_due(batch, {"id": "callback-3", "kind": "callback_due", "at": MORNING})
    drain()

    assert {entry["target"] for entry in double.log()} == targets
    entry = double.log()[0]
    assert (entry["data"]["kind"], entry["data"]["batch_id"]) == ("callback", batch["_id"])
    assert entry["android"]["priority"] == "high"
    assert entry["notification"]["body"] == "2 numbers asked to be contacted again now."


def test_callbacks_of_one_slot_are_one_reminder(services, phones, drain, double, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    batch, _ = assigned_batch(services, volunteer_of_churu)
    batch = with_callback(services, batch, items=2)

    for number in range(2):
        at = MORNING + timedelta(minutes=number)
        phones.notifying.callback_due(batch, {"id": f"callback-{number}", "kind": "callback_due", "at": at})
    drain()

    assert len(double.log()) == 1


def test_task_reaches_every_phone_of_its_audience(
    services, phones, drain, double, person, volunteer_of_churu, coordinator_of_churu
):
    hindi, english = bind(services, volunteer_of_churu, "h"), bind(services, volunteer_of_churu, "e", locale="en")
    other = bind(services, person(home_area="rj-churu"), "o")
    bind(services, coordinator_of_churu, "c")

    task = free_task(services, phones, HEADQUARTERS)
    drain()

    assert texts(double) == {
        hindi: {"title": "नया लेख पढ़ें", "body": "कृपया आज ही पढ़ें।"},
        english: {"title": "Read the new note", "body": "Please read it today."},
        other: {"title": "नया लेख पढ़ें", "body": "कृपया आज ही पढ़ें।"},
    }
    assert {entry["data"]["task_id"] for entry in double.log()} == {task["_id"]}
    while phones.counting.count_due():
        pass
    counts = phones.tasks.delivery(HEADQUARTERS, task["_id"])
    assert (counts["receivers"], counts["devices"], counts["accepted"], counts["queued"]) == (2, 3, 3, 0)


def test_long_text_is_clipped_to_what_a_notification_shows(services, phones, drain, double, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")

    free_task(services, phones, HEADQUARTERS, body={"hi": "क" * 2000, "en": "x" * 2000})
    drain()

    assert len(double.log()[0]["notification"]["body"]) == 300


def test_recalled_batch_orders_the_phone_to_wipe_it(services, phones, drain, double, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    batch, event = assigned_batch(services, volunteer_of_churu)
    phones.notifying.batches_assigned([(batch, event)])
    recalled = change_batch(services, batch, state="recalled")

    phones.notifying.batch_ended(recalled, recalled_from(volunteer_of_churu))
    drain()

    (entry,) = double.log()
    assert entry["data"]["kind"] == "purge"
    assert entry["data"]["batch_id"] == batch["_id"]
    assert entry["notification"] is None
    assert phones.tasks.open_of(volunteer_of_churu.id) == []


def test_wipe_is_not_sent_once_the_batch_is_the_volunteers_again(services, phones, drain, double, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    batch, _ = assigned_batch(services, volunteer_of_churu)
    recalled = change_batch(services, batch, state="recalled")
    phones.notifying.batch_ended(recalled, recalled_from(volunteer_of_churu))

    change_batch(services, recalled, state="assigned")
    drain()

    assert double.log() == []


@pytest.mark.parametrize("change", [{"state": "recalled"}, {"state": "active"}, {"assignee": "somebody-else"}])
def test_batch_is_asked_again_at_the_time_of_sending(services, phones, drain, double, volunteer_of_churu, change):
    bind(services, volunteer_of_churu, "a")
    batch, event = assigned_batch(services, volunteer_of_churu)
    phones.notifying.batches_assigned([(batch, event)])

    change_batch(services, batch, **change)
    drain()

    assert double.log() == []
    assert [(row["state"], row["code"]) for row in rows(services)] == [("dropped", "not_open")]


def test_cancelled_and_done_tasks_are_not_pushed(services, phones, drain, double, person):
    people = [person(home_area="rj-churu") for _ in range(2)]
    for one in people:
        bind(services, one, one.id)
    task = free_task(services, phones, HEADQUARTERS)
    phones.tasks.answer(Actor(user_id=people[0].id, role="volunteer", session_id="s"), task["_id"], "done")
    phones.tasks.cancel(HEADQUARTERS, task["_id"], version=None)

    drain()

    assert double.log() == []


def test_ordinary_push_waits_for_the_morning(services, phones, drain, double, clock, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    clock.set(EVENING)
    free_task(services, phones, HEADQUARTERS)

    drain()
    assert double.log() == []
    clock.set(EVENING + timedelta(hours=9, minutes=29))
    drain()
    assert double.log() == []
    clock.set(EVENING + timedelta(hours=9, minutes=30))  # 07:00
    drain()

    assert len(double.log()) == 1


def test_urgent_push_and_silent_tickle_do_not_wait(services, phones, drain, double, clock, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    clock.set(EVENING)
    free_task(services, phones, HEADQUARTERS, priority="high")
    phones.notifying.tickle([volunteer_of_churu.id])
    clock.advance(timedelta(seconds=20))

    drain()

    assert {entry["data"]["kind"] for entry in double.log()} == {"task", "sync"}


def test_many_changes_wake_a_phone_once(services, phones, drain, double, clock, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")

    for _ in range(5):
        phones.notifying.tickle([volunteer_of_churu.id])
        clock.advance(timedelta(seconds=2))
    clock.advance(timedelta(seconds=20))
    drain()

    (entry,) = double.log()
    assert (entry["data"]["kind"], entry["notification"]) == ("sync", None)


def test_without_credentials_pushes_wait(services, clock, volunteer_of_churu):
    phones = phones_with(services, clock, None)
    bind(services, volunteer_of_churu, "a")

    free_task(services, phones, HEADQUARTERS)

    assert phones.pushing.send_due() == 0
    assert [row["state"] for row in rows(services)] == ["waiting"]


def test_push_that_is_of_no_more_use_is_not_sent(services, phones, drain, double, clock, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    free_task(services, phones, HEADQUARTERS, due_at=MORNING + timedelta(hours=1))

    clock.advance(timedelta(hours=1))
    drain()

    assert double.log() == []
    assert [(row["state"], row["code"]) for row in rows(services)] == [("failed", "expired")]


def test_phone_that_was_silent_for_sixty_days_gets_nothing(services, phones, drain, double, clock, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    clock.advance(timedelta(days=60))

    free_task(services, phones, HEADQUARTERS)
    drain()

    assert double.log() == rows(services) == []


def test_phone_that_another_person_took_over_gets_nothing_for_the_first(
    services, phones, drain, double, person, volunteer_of_churu
):
    bind(services, volunteer_of_churu, "shared")
    free_task(services, phones, HEADQUARTERS)

    bind(services, person(home_area="rj-kota"), "shared")
    drain()

    assert double.log() == []


def test_rows_are_not_read_by_a_worker_while_another_holds_the_lane(
    services, phones, clock, messaging, double, volunteer_of_churu
):
    bind(services, volunteer_of_churu, "a")
    free_task(services, phones, HEADQUARTERS)
    (lane,) = services.stores.outbox.due_lanes(clock.now())
    services.stores.outbox.lease(lane["_id"], "another worker", seconds=60)

    assert phones.pushing.send_due() == 0
    assert double.log() == []


def test_lane_whose_writer_died_is_found_again(services, phones, drain, double, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    free_task(services, phones, HEADQUARTERS)
    services.stores.outbox._lanes.delete({})

    drain()

    assert len(double.log()) == 1


def test_empty_lanes_go(services, phones, drain, volunteer_of_churu):
    bind(services, volunteer_of_churu, "a")
    free_task(services, phones, HEADQUARTERS)

    drain()

    assert services.stores.outbox._lanes.many({}) == []
