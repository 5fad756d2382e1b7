"""Jobs over HTTP: whose they are, how they are cancelled, how they tell that they failed."""

from __future__ import annotations

from typing import Any

from services.domain.jobs import Job
from services.domain.people.actor import Actor
from services.facade import Services
from tests.api.conftest import Api
from tests.factories import Person


def begin(services: Services, person: Person, **options: Any) -> Job:
    actor = Actor(
        user_id=person.id, role=person.user.role, session_id=person.session_id, home_area=person.user.home_area
    )
    return services.jobs.begin(actor, "enrol", {"campaign_id": "none", "area": None}, **options)


def test_a_job_is_shown_with_its_progress(api: Api, services: Services, headquarters: Person) -> None:
    job = begin(services, headquarters, total=7)
    answer = api.get(f"/jobs/{job.id}", headquarters)
    assert (answer.status_code, answer.json["state"]) == (200, "queued")
    assert answer.json["progress"] == {"done": 0, "total": 7}
    assert (answer.json["result"], answer.json["problem"]) == (None, None)


def test_an_unchanged_job_is_not_sent_again(api: Api, services: Services, headquarters: Person) -> None:
    path = f"/jobs/{begin(services, headquarters).id}"
    tag = api.get(path, headquarters).headers["ETag"]
    assert api.get(path, headquarters, headers={"If-None-Match": tag}).status_code == 304


def test_a_coordinator_sees_the_jobs_of_the_own_district(
    api: Api, services: Services, coordinator_of_churu: Person, coordinator_of_bhilwara: Person, headquarters: Person
) -> None:
    job = begin(services, coordinator_of_churu)
    colleague = Actor(user_id="colleague", role="coordinator", session_id="s", home_area="rj-churu")
    assert services.jobs.get(colleague, job.id).id == job.id
    assert api.get(f"/jobs/{job.id}", coordinator_of_churu).status_code == 200
    assert api.get(f"/jobs/{job.id}", coordinator_of_bhilwara).status_code == 404
    assert api.get(f"/jobs/{job.id}", headquarters).status_code == 200


def test_headquarters_jobs_are_not_a_coordinators(
    api: Api, services: Services, headquarters: Person, coordinator_of_churu: Person
) -> None:
    job = begin(services, headquarters)
    assert api.get(f"/jobs/{job.id}", coordinator_of_churu).status_code == 404
    assert api.post(f"/jobs/{job.id}/cancel", actor=coordinator_of_churu).status_code == 404


def test_volunteers_and_observers_have_no_jobs(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person, observer: Person
) -> None:
    job = begin(services, headquarters)
    for person in (volunteer_of_churu, observer):
        assert api.get(f"/jobs/{job.id}", person).status_code == 403


def test_a_waiting_job_is_cancelled_and_stays_so(api: Api, services: Services, headquarters: Person) -> None:
    path = f"/jobs/{begin(services, headquarters).id}/cancel"
    for _ in range(2):
        answer = api.post(path, actor=headquarters)
        assert (answer.status_code, answer.json["state"]) == (200, "cancelled")


def test_a_running_job_is_asked_to_end(api: Api, services: Services, headquarters: Person) -> None:
    job = begin(services, headquarters)
    services.stores.jobs.lease_next("worker", kinds={"enrol"}, seconds=15)
    answer = api.post(f"/jobs/{job.id}/cancel", actor=headquarters)
    assert (answer.json["state"], answer.json["cancel_requested"]) == ("running", True)


def test_a_job_that_has_ended_cannot_be_cancelled(api: Api, services: Services, headquarters: Person) -> None:
    job = begin(services, headquarters)
    services.stores.jobs.lease_next("worker", kinds={"enrol"}, seconds=15)
    services.stores.jobs.finish(job.id, "worker", state="succeeded", at=services.clock.now(), result={})
    answer = api.post(f"/jobs/{job.id}/cancel", actor=headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")


def test_cancelling_an_old_version_is_refused(api: Api, services: Services, headquarters: Person) -> None:
    job = begin(services, headquarters)
    answer = api.post(f"/jobs/{job.id}/cancel", actor=headquarters, headers={"If-Match": '"7"'})
    assert (answer.status_code, answer.json["code"]) == (412, "stale_version")


def test_a_failed_job_says_why(api: Api, services: Services, headquarters: Person) -> None:
    job = begin(services, headquarters)
    services.stores.jobs.lease_next("worker", kinds={"enrol"}, seconds=15)
    problem = {"code": "header_not_found", "errors": {"file": ["header_not_found"]}}
    services.stores.jobs.finish(job.id, "worker", state="failed", at=services.clock.now(), problem=problem)
    told = api.get(f"/jobs/{job.id}", headquarters).json["problem"]
    assert (told["code"], told["errors"]) == ("header_not_found", {"file": ["header_not_found"]})
    assert told["title"]
    assert told["detail"]


def test_an_unknown_job_is_not_found(api: Api, headquarters: Person) -> None:
    assert api.get("/jobs/nothing", headquarters).status_code == 404
