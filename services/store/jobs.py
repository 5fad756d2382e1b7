"""Collection `jobs`: long work, who leases it and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Collection as Kinds
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.jobs import CANCELLED, QUEUED, RUNNING, Job
from services.store.collection import Collection, Document, DuplicateDocument

# Leases follow the machine's time: a clock that is moved for a trial must not take a running job from its worker.
_FREE = datetime(1970, 1, 1, tzinfo=UTC)
_HELD = datetime(9999, 1, 1, tzinfo=UTC)
_CLOSED = {"open": False, "lease": None, "lease_until": _FREE}


class JobStore:
    """Jobs by id. A result may show what the database must not, so it is sealed; params never hold personal data."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._jobs = Collection(database, "jobs")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the search for work that is due, and let one job at a time hold a lane."""
        self._jobs.ensure_index([("open", 1), ("lease_until", 1)])
        self._jobs.ensure_index([("lane_held", 1)], unique=True, sparse=True)

    def insert_once(self, job: Job, *, held: bool = False) -> bool:
        """Store a new job unless there is one with its id; tell whether it was stored. A held one waits to be freed."""
        return self._jobs.insert_once(
            {
                "_id": job.id,
                "kind": job.kind,
                "state": job.state,
                "open": True,
                "owner": job.owner,
                "readers": list(job.readers),
                "params": dict(job.params),
                "checkpoint": dict(job.checkpoint),
                "done": job.done,
                "total": job.total,
                "lane": job.lane,
                "attempts": 0,
                "lease": None,
                "lease_until": _HELD if held else _FREE,
                "cancel_requested": False,
                "created_at": job.created_at,
                "finished_at": None,
                "version": job.version,
            }
        )

    def find(self, job_id: str, *, readers: Sequence[str] | None = None) -> Job | None:
        """Return the job if one of `readers` may see it (None: anyone), else None."""
        query: Document = {"_id": job_id}
        if readers is not None:
            query["readers"] = {"$in": list(readers)}
        stored = self._jobs.find(query)
        return self._to_job(stored) if stored else None

    def lease_next(self, worker: str, *, kinds: Kinds[str], seconds: float) -> Job | None:
        """Give the worker the oldest job of these kinds that nobody works on and whose lane is free, or None."""
        now = datetime.now(UTC)
        busy: list[str] = []
        while True:
            query: Document = {"open": True, "lease_until": {"$lt": now}, "kind": {"$in": list(kinds)}}
            if busy:
                query["lane"] = {"$nin": busy}
            waiting = self._jobs.many(query, fields=["lane"], sort=[("_id", 1)])
            if not waiting:
                return None
            candidate = waiting[0]
            try:
                taken = self._take(candidate, worker, now=now, until=now + timedelta(seconds=seconds))
            except DuplicateDocument:
                busy.append(candidate["lane"])
                continue
            if taken is not None:
                return self._to_job(taken)

    def _take(self, candidate: Document, worker: str, *, now: datetime, until: datetime) -> Document | None:
        changes: Document = {"state": RUNNING, "lease": worker, "lease_until": until}
        if candidate["lane"]:
            changes["lane_held"] = candidate["lane"]
        return self._jobs.change(
            {"_id": candidate["_id"], "open": True, "lease_until": {"$lt": now}},
            {"$set": changes, "$inc": {"attempts": 1, "version": 1}},
        )

    def free(self, job_id: str) -> None:
        """Let a held job be taken up; one that is not held any more stays as it is."""
        self._jobs.update({"_id": job_id, "open": True, "lease_until": _HELD}, {"$set": {"lease_until": _FREE}})

    def renew(self, job_id: str, worker: str, *, seconds: float) -> bool:
        """Lengthen the worker's lease; False when it is no longer the worker's."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        return bool(self._jobs.update({"_id": job_id, "lease": worker}, {"$set": {"lease_until": until}}))

    def save(
        self, job_id: str, worker: str, *, checkpoint: Mapping[str, Any], done: int, total: int | None
    ) -> Job | None:
        """Keep how far the job has come and return it; None when it is no longer the worker's."""
        changes: Document = {"checkpoint": dict(checkpoint), "done": done, "attempts": 0}
        if total is not None:
            changes["total"] = total
        changed = self._jobs.change({"_id": job_id, "lease": worker}, {"$set": changes, "$inc": {"version": 1}})
        return self._to_job(changed) if changed else None

    def release(self, job_id: str, worker: str, *, due_in: float = 0) -> None:
        """Give a job back unfinished; it is due again after `due_in` seconds."""
        due = datetime.now(UTC) + timedelta(seconds=due_in) if due_in else _FREE
        change = {
            "$set": {"state": QUEUED, "lease": None, "lease_until": due},
            "$unset": {"lane_held": ""},
            "$inc": {"version": 1},
        }
        self._jobs.update({"_id": job_id, "lease": worker}, change)

    def finish(
        self,
        job_id: str,
        worker: str,
        *,
        state: str,
        at: datetime,
        result: Mapping[str, Any] | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> bool:
        """End the job; False when it is no longer the worker's."""
        changes: Document = {
            **_CLOSED,
            "state": state,
            "finished_at": at,
            "problem": dict(problem) if problem else None,
        }
        if result is not None:
            changes["sealed_result"] = self._cipher.seal(json.dumps(dict(result)).encode(), bound_to=f"job:{job_id}")
        ended = {"$set": changes, "$unset": {"lane_held": ""}, "$inc": {"version": 1}}
        return bool(self._jobs.update({"_id": job_id, "lease": worker}, ended))

    def cancel(self, job_id: str, *, version: int | None, at: datetime) -> Job | None:
        """End a job that waits, ask a running one to end; None when it has ended or `version` is not current."""
        query: Document = {"_id": job_id, "open": True}
        if version is not None:
            query["version"] = version
        waiting = {**query, "lease": None}
        ended = {"$set": {**_CLOSED, "state": CANCELLED, "finished_at": at}, "$inc": {"version": 1}}
        changed = self._jobs.change(waiting, ended) or self._jobs.change(
            query, {"$set": {"cancel_requested": True}, "$inc": {"version": 1}}
        )
        return self._to_job(changed) if changed else None

    def _to_job(self, stored: Document) -> Job:
        sealed = stored.get("sealed_result")
        opened = self._cipher.open(sealed, bound_to=f"job:{stored['_id']}") if sealed else None
        return Job(
            id=stored["_id"],
            kind=stored["kind"],
            state=stored["state"],
            owner=stored["owner"],
            readers=tuple(stored["readers"]),
            params=stored["params"],
            checkpoint=stored["checkpoint"],
            done=stored["done"],
            total=stored["total"],
            result=json.loads(opened) if opened else None,
            problem=stored.get("problem"),
            lane=stored["lane"],
            attempts=stored["attempts"],
            cancel_requested=stored["cancel_requested"],
            created_at=stored["created_at"],
            finished_at=stored["finished_at"],
            version=stored["version"],
        )
