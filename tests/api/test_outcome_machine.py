"""The server against a simple model: outcomes told in any order, again, changed, corrected, late, between kills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from services.facade import Services
from tests.api.conftest import Api
from tests.api.telling import project, upload
from tests.factories import Person
from tests.fieldwork import Work, make_work

PEOPLE = 3
STOP = "do_not_contact"
DISPOSITIONS = ("no_answer", "busy", "contacted", "refused", "wrong_number", STOP)


class Killed(BaseException):
    """The process was killed here; nothing may catch it."""


class Model:
    """What must be there: every outcome once, by id, with the status that its receipt named first."""

    def __init__(self) -> None:
        self.told: dict[str, dict[str, Any]] = {}
        self.status: dict[str, str] = {}
        self.conflicts: set[str] = set()
        self.stopped: set[int] = set()

    def tell(self, outcome: dict[str, Any], item: int, status: str) -> None:
        self.told[outcome["id"]] = {**outcome, "item": item}
        self.status[outcome["id"]] = status
        if outcome["disposition"] == STOP:
            self.stopped.add(item)

    def standing(self) -> list[str]:
        """Return of each chain of corrections the one that holds: the latest that nothing corrects."""
        corrected = {one.get("corrects") for one in self.told.values()}
        held: dict[str, dict[str, Any]] = {}
        for one in sorted(self.told.values(), key=lambda one: (one["occurred_at"], one["id"])):
            if one["id"] not in corrected:
                held[self._root(one)] = one
        return [one["id"] for one in held.values()]

    def _root(self, one: dict[str, Any]) -> str:
        while one.get("corrects") is not None:
            one = self.told[one["corrects"]]
        return str(one["id"])


class Telling(RuleBasedStateMachine):
    """One volunteer's phone, a worker that is killed now and then, a coordinator who takes the batch back."""

    def __init__(self, api: Api, services: Services, work: Work, phone: Person, chief: Person) -> None:
        super().__init__()
        self.api, self.services, self.work, self.phone, self.chief = api, services, work, phone, chief
        self.model = Model()
        self.recalled = False

    @rule(item=st.integers(0, PEOPLE - 1), disposition=st.sampled_from(DISPOSITIONS), ago=st.integers(1, 50))
    def tell(self, item: int, disposition: str, ago: int) -> None:
        self._tell(self._outcome(item, disposition, ago), item)

    @precondition(lambda self: self.model.told)
    @rule(data=st.data(), disposition=st.sampled_from(DISPOSITIONS), ago=st.integers(1, 50))
    def correct(self, data: st.DataObject, disposition: str, ago: int) -> None:
        named = self._one(data)
        self._tell(self._outcome(named["item"], disposition, ago, corrects=named["id"]), named["item"])

    @precondition(lambda self: self.model.told)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        assert self._upload(self._one(data)) == "duplicate"

    @precondition(lambda self: self.model.told)
    @rule(data=st.data(), disposition=st.sampled_from(["no_answer", STOP]))
    def change(self, data: st.DataObject, disposition: str) -> None:
        told = self._one(data)
        assert self._upload({**told, "disposition": disposition, "duration_s": 7}) == "conflict"
        self.model.conflicts.add(told["id"])
        if disposition == STOP:
            self.model.stopped.add(told["item"])

    @rule(item=st.integers(0, PEOPLE - 1), disposition=st.sampled_from(DISPOSITIONS))
    def killed_before_the_receipt(self, item: int, disposition: str) -> None:
        outcome = self._outcome(item, disposition, 3)
        with killed(self.services.outcomes._work, "apply"):
            self.services.outcomes.record(_upload_of(self.phone), [_report(outcome)])
        assert self._upload(outcome) == "duplicate"
        self.model.tell(outcome, item, "late" if self.recalled else "stored")

    @rule(step=st.sampled_from(["_together", "_touch", "_stand", "_tally"]))
    def worker_killed(self, step: str) -> None:
        with killed(self.services.projecting, step):
            self.services.projecting.run()

    @rule()
    def worker(self) -> None:
        self.services.projecting.run()

    @precondition(lambda self: not self.recalled and len(self.model.told) > 2)
    @rule()
    def recall(self) -> None:
        taken = {"state": "recalled", "assignee": None}
        self.services.stores.batches._batches.update(
            {"_id": self.work.batch_id}, {"$set": taken, "$inc": {"version": 1}}
        )
        self.recalled = True

    def teardown(self) -> None:
        project(self.services)
        stored = {one["_id"]: one["status"] for one in self._stored()}
        assert stored == self.model.status
        assert self._conflicts() == self.model.conflicts
        assert self._counted() == self._expected()
        addresses = {at: item["address"] for at, item in enumerate(self.work.items)}
        assert self.services.suppressions.suppressed(addresses.values()) == {addresses[at] for at in self.model.stopped}
        assert self.services.reconciling.run() == []

    def _tell(self, outcome: dict[str, Any], item: int) -> None:
        status = "late" if self.recalled else "stored"
        assert self._upload(outcome) == status
        self.model.tell(outcome, item, status)

    def _outcome(self, item: int, disposition: str, ago: int, **more: Any) -> dict[str, Any]:
        at = self.services.clock.now() - timedelta(minutes=ago)
        return self.work.told(
            item,
            id=str(uuid4()),
            disposition=disposition,
            occurred_at=at.isoformat(),
            contact_id=self.work.items[item]["contacts"][0],
            **more,
        )

    def _one(self, data: st.DataObject) -> dict[str, Any]:
        return self.model.told[data.draw(st.sampled_from(sorted(self.model.told)))]

    def _upload(self, told: dict[str, Any]) -> str:
        outcome = {name: value for name, value in told.items() if name != "item"}
        return str(upload(self.api, self.phone, outcome)[0]["status"])

    def _stored(self) -> Iterator[dict[str, Any]]:
        yield from self.services.stores.outcomes.walk({"campaign_id": self.work.campaign_id})

    def _conflicts(self) -> set[str]:
        mine = self.model.told
        items = self.api.get("/outcomes/conflicts?limit=200", self.chief).json["items"]
        return {one["outcome_id"] for one in items if one["outcome_id"] in mine}

    def _counted(self) -> tuple[int, int]:
        rows = self.api.get(f"/reports/progress?campaign_id={self.work.campaign_id}", self.chief).json["rows"]
        return sum(row["attempts"] for row in rows), sum(row["late"] for row in rows)

    def _expected(self) -> tuple[int, int]:
        late = sum(self.model.status[key] == "late" for key in self.model.standing())
        return len(self.model.standing()) - late, late


@contextmanager
def killed(owner: Any, step: str) -> Iterator[None]:
    """Kill what runs in the block when it comes to a step, if it does."""
    with patch.object(owner, step, side_effect=Killed):
        try:
            yield
        except Killed:
            return


def _upload_of(person: Person) -> Any:
    from services.domain.people.actor import Actor
    from services.outcomes.outcomes import Upload

    return Upload(
        Actor(
            user_id=person.id,
            role=person.user.role,
            session_id=person.session_id,
            home_area=person.user.home_area,
        )
    )


def _report(outcome: dict[str, Any]) -> Any:
    from api.outcomes import _ONE, _report

    return _report(_ONE.load(outcome))


def test_server_agrees_with_a_simple_model(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    def machine() -> Telling:
        work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=PEOPLE)
        return Telling(api, services, work, volunteer_of_churu, headquarters)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            # Looking for a smaller failure takes minutes, and the steps are few.
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
