"""Jobs: one worker at a time, gone on with after a kill, cancelled, and run once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.errors import Invalid
from services.domain.ids import new_id
from services.domain.jobs import Job, Run
from services.gateways.clock import Clock
from services.operations.job_runner import JobRunner
from services.store.collection import Document
from services.store.jobs import JobStore

Handle = Callable[[Run], Mapping[str, Any]]


@pytest.fixture
def jobs(database: Database[Document], cipher: Cipher) -> JobStore:
    store = JobStore(database, cipher)
    store.ensure_indexes()
    return store


def queue(jobs: JobStore, *, kind: str = "count", lane: str | None = None) -> str:
    job = Job(id=new_id(), kind=kind, owner="someone", readers=("someone",), created_at=datetime.now(UTC), lane=lane)
    jobs.insert_once(job)
    return job.id


def runner(jobs: JobStore, handle: Handle, *, lease_seconds: float = 15) -> JobRunner:
    return JobRunner(jobs, {"count": handle}, clock=Clock(), lease_seconds=lease_seconds)


def found(jobs: JobStore, job_id: str) -> Job:
    job = jobs.find(job_id)
    assert job is not None
    return job


def test_a_waiting_job_is_done_and_tells_its_result(jobs: JobStore) -> None:
    job_id = queue(jobs)
    assert runner(jobs, lambda _run: {"counted": 3}).run_next() == 1
    job = found(jobs, job_id)
    assert (job.state, job.result, job.problem) == ("succeeded", {"counted": 3}, None)


def test_a_result_is_not_readable_in_the_database(jobs: JobStore, database: Database[Document]) -> None:
    job_id = queue(jobs)
    runner(jobs, lambda _run: {"name": "Sushila"}).run_next()
    assert b"Sushila" not in repr(database.jobs.find_one({"_id": job_id})).encode()


def test_nothing_due_is_nothing_done(jobs: JobStore) -> None:
    assert runner(jobs, lambda _run: {}).run_next() == 0


def test_a_job_is_leased_by_one_of_many_workers(jobs: JobStore) -> None:
    queue(jobs)
    taken: list[str] = []
    start = threading.Barrier(8)

    def take(worker: str) -> None:
        start.wait()
        if jobs.lease_next(worker, kinds={"count"}, seconds=15):
            taken.append(worker)

    threads = [threading.Thread(target=take, args=(f"worker {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1


def test_after_a_kill_another_worker_goes_on_from_the_checkpoint(jobs: JobStore) -> None:
    job_id = queue(jobs)
    killed = jobs.lease_next("killed", kinds={"count"}, seconds=0.05)
    assert killed is not None
    jobs.save(job_id, "killed", checkpoint={"line": 7}, done=7, total=9)
    time.sleep(0.1)
    seen: list[Any] = []
    runner(jobs, lambda run: seen.append(run.job.checkpoint) or {}).run_next()  # type: ignore[func-returns-value]
    assert seen == [{"line": 7}]
    assert (found(jobs, job_id).state, found(jobs, job_id).done) == ("succeeded", 7)


def test_a_worker_that_was_taken_over_changes_nothing_any_more(jobs: JobStore) -> None:
    job_id = queue(jobs)
    jobs.lease_next("slow", kinds={"count"}, seconds=0.01)
    time.sleep(0.05)
    jobs.lease_next("quick", kinds={"count"}, seconds=15)
    assert jobs.save(job_id, "slow", checkpoint={"line": 1}, done=1, total=None) is None
    assert not jobs.finish(job_id, "slow", state="failed", at=datetime.now(UTC))
    assert not jobs.renew(job_id, "slow", seconds=15)


def test_the_heartbeat_keeps_a_job_longer_than_its_lease(jobs: JobStore) -> None:
    queue(jobs)

    def slow(run: Run) -> Mapping[str, Any]:
        time.sleep(0.8)
        assert jobs.lease_next("other", kinds={"count"}, seconds=15) is None
        return {}

    runner(jobs, slow, lease_seconds=0.4).run_next()


def test_a_lane_takes_one_job_at_a_time(jobs: JobStore) -> None:
    first, _ = sorted(queue(jobs, lane="imports") for _ in range(2))
    beside = queue(jobs)
    leased = [jobs.lease_next(f"worker {number}", kinds={"count"}, seconds=15) for number in range(3)]
    assert [job.id if job else None for job in leased] == [first, beside, None]


def test_a_lane_is_free_again_when_its_job_has_ended(jobs: JobStore) -> None:
    _, second = sorted(queue(jobs, lane="imports") for _ in range(2))
    runner(jobs, lambda _run: {}).run_next()
    leased = jobs.lease_next("next", kinds={"count"}, seconds=15)
    assert leased is not None
    assert leased.id == second


def test_a_waiting_job_is_cancelled_at_once(jobs: JobStore) -> None:
    job_id = queue(jobs)
    jobs.cancel(job_id, version=None, at=datetime.now(UTC))
    assert found(jobs, job_id).state == "cancelled"
    assert runner(jobs, lambda _run: {}).run_next() == 0


def test_a_running_job_is_cancelled_at_its_next_checkpoint(jobs: JobStore) -> None:
    job_id = queue(jobs)

    def work(run: Run) -> Mapping[str, Any]:
        jobs.cancel(job_id, version=None, at=datetime.now(UTC))
        run.save({"line": 5}, done=5)
        raise AssertionError("went on")

    runner(jobs, work).run_next()
    assert (found(jobs, job_id).state, found(jobs, job_id).checkpoint) == ("cancelled", {"line": 5})


def test_a_worker_that_stops_leaves_the_job_to_the_next(jobs: JobStore) -> None:
    job_id = queue(jobs)

    def work(run: Run) -> Mapping[str, Any]:
        first.stop()
        run.save({"line": 5}, done=5)
        raise AssertionError("went on")

    first = runner(jobs, work)
    first.run_next()
    assert found(jobs, job_id).state == "queued"
    assert first.run_next() == 0
    assert runner(jobs, lambda run: dict(run.job.checkpoint)).run_next() == 1
    assert found(jobs, job_id).result == {"line": 5}


def test_what_the_handler_refuses_is_the_jobs_problem(jobs: JobStore) -> None:
    job_id = queue(jobs)

    def refuse(run: Run) -> Mapping[str, Any]:
        raise Invalid("header_not_found", file="header_not_found")

    runner(jobs, refuse).run_next()
    job = found(jobs, job_id)
    assert job.state == "failed"
    assert job.problem == {"code": "header_not_found", "errors": {"file": ["header_not_found"]}}


def test_an_unforeseen_failure_is_tried_again_before_the_job_has_failed(jobs: JobStore) -> None:
    job_id = queue(jobs)
    attempts = []

    def break_down(run: Run) -> Mapping[str, Any]:
        attempts.append(1)
        raise RuntimeError("unforeseen")

    worker = runner(jobs, break_down)
    deadline = time.monotonic() + 30
    while not found(jobs, job_id).ended and time.monotonic() < deadline:
        if not worker.run_next():
            jobs._jobs.update({"_id": job_id}, {"$set": {"lease_until": datetime(1970, 1, 1, tzinfo=UTC)}})
    assert found(jobs, job_id).problem == {"code": "job_failed"}
    assert len(attempts) == 5


def test_progress_gives_a_job_all_its_attempts_back(jobs: JobStore) -> None:
    job_id = queue(jobs)
    jobs.lease_next("first", kinds={"count"}, seconds=15)
    jobs.save(job_id, "first", checkpoint={}, done=1, total=None)
    assert found(jobs, job_id).attempts == 0


def test_a_worker_leases_only_what_it_can_do(jobs: JobStore) -> None:
    queue(jobs, kind="import")
    assert runner(jobs, lambda _run: {}).run_next() == 0
