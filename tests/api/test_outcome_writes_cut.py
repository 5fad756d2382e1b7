"""An outcome is cut off before each of its writes, in request and worker: all heals, and receipts are right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from services.domain.contacts.suppressions import person_key
from services.facade import Services
from services.store.collection import Collection
from tests.api.conftest import Api
from tests.api.telling import upload
from tests.factories import Person, next_phone
from tests.fieldwork import Work, make_work

WRITES = ("insert", "insert_new", "update", "update_many", "change", "change_if", "change_each_if", "change_each")
_MOST_WRITES = 80
GIVEN = {"kind": "phone", "value": "9812345678", "consent": True, "notice_version": "v2"}
Told = dict[str, Any]


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@dataclass
class Kill:
    """Cuts before the write number `at`; a write of many documents is torn: its first half is written."""

    at: int
    torn: bool
    writes: int = 0

    def wrapped(self, name: str, write: Callable[..., Any]) -> Callable[..., Any]:
        def cut(collection: Collection, *args: Any, **options: Any) -> Any:
            self.writes += 1
            if self.writes == self.at:
                if self.torn and name in {"insert_new", "bulk"} and len(args[0]) > 1:
                    write(collection, args[0][: len(args[0]) // 2], **options)
                raise Killed
            return write(collection, *args, **options)

        return cut


@contextmanager
def killed_at(at: int, *, torn: bool) -> Iterator[Kill]:
    kill = Kill(at, torn)
    with pytest.MonkeyPatch.context() as patch:
        for name in (*WRITES, "bulk", "delete"):
            patch.setattr(Collection, name, kill.wrapped(name, getattr(Collection, name)))
        yield kill


@dataclass
class Scene:
    """A volunteer's work whose first person has another number, and what is told of it: the last upload is cut."""

    services: Services
    work: Work
    other: str
    before: Sequence[Told]
    last: Sequence[Told]

    def facts(self) -> dict[str, Any]:
        """Return all that follows from what was told, without what differs from one scene to the next."""
        stores, item, target = self.services.stores, self.work.item(), self.work.target()
        contact = stores.contacts.get(item["contacts"][0])
        keys = {"called": item["address"], "other": self.other, "person": person_key(contact.id)}
        suppressed = self.services.suppressions.suppressed(keys.values())
        told = [one for item in self.work.items for one in stores.outcomes.of_items([item["id"]])]
        mine = {one["_id"] for one in told}
        lease = stores.leases.by_keys([item["address"]])[item["address"]]
        return {
            "told": sorted((one["disposition"], one["status"], "pending" in one) for one in told),
            "twins": sum(one["outcome_id"] in mine for one in stores.outcomes.walk_twins()),
            "reviews": sorted(one["kind"] for one in stores.reviews._reviews.many({}) if one["outcome_id"] in mine),
            "item": (item["state"], item["attempts"], item["last_disposition"], len(item["told"])),
            "target": (target["state"], target["total"], target["last_disposition"], target["final"]),
            "batch": self.work.batch()["counts"],
            "addresses": [one.state for one in contact.addresses],
            "touches": len(contact.touches),
            "suppressed": {name for name, key in keys.items() if key in suppressed},
            "lease": (lease["batch_id"] is None, len(lease["attempts"])),
            "counted": _counted(self.services, self.work.campaign_id),
        }


def _counted(services: Services, campaign_id: str) -> list[Any]:
    cells = services.stores.cells._tallies.many({"campaign_id": campaign_id, "kind": "cell"})
    return [{name: n for name, n in cell["counters"].items() if n} for cell in cells]


Make = Callable[[], Scene]


@pytest.fixture
def make(services: Services, headquarters: Person, volunteer_of_churu: Person, story: str) -> Make:
    def scene() -> Scene:
        work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=2)
        contact = services.stores.contacts.get(work.items[0]["contacts"][0])
        phone = next_phone()
        key = services.cipher.index("phone", phone)
        other = replace(contact.addresses[0], key=key, value=phone, preferred=False)
        after = replace(contact, addresses=(*contact.addresses, other), keys=(*contact.keys, key))
        services.stores.contacts.replace([(contact, after)], at=services.clock.now())
        return Scene(services, work, key, *STORIES[story](work))

    return scene


def _stops(work: Work) -> tuple[list[Told], list[Told]]:
    return [], [work.told(disposition="do_not_contact"), work.told(1, disposition="busy")]


def _earlier(work: Work, **facts: Any) -> Told:
    at = work.services.clock.now() - timedelta(minutes=10)
    return work.told(occurred_at=at.isoformat(), **facts)


def _wrong_and_given(work: Work) -> tuple[list[Told], list[Told]]:
    return [_earlier(work)], [
        work.told(disposition="wrong_number", given=[GIVEN]),
        work.told(1, disposition="deceased"),
    ]


def _corrects(work: Work) -> tuple[list[Told], list[Told]]:
    first = _earlier(work, disposition="wrong_number")
    return [first], [work.told(disposition="contacted", corrects=first["id"], support=2, note="a mistake")]


def _conflicts(work: Work) -> tuple[list[Told], list[Told]]:
    first = _earlier(work)
    return [first], [{**first, "disposition": "do_not_contact"}]


STORIES = {"stops": _stops, "wrong and given": _wrong_and_given, "corrects": _corrects, "conflicts": _conflicts}


def let_worker_work(services: Services) -> None:
    steps = [
        step for step in services.worker_steps if step.name in {"outcomes", "suppressions", "conflicts", "results"}
    ]
    while sum(step.run() for step in steps):
        pass


def played(api: Api, scene: Scene, person: Person) -> dict[str, Any]:
    """Return what follows when nothing is cut off."""
    if scene.before:
        upload(api, person, *scene.before)
        let_worker_work(scene.services)
    upload(api, person, *scene.last)
    let_worker_work(scene.services)
    return scene.facts()


@pytest.mark.parametrize("story", STORIES)
def test_request_cut_before_any_write_is_told_again_and_heals(
    api: Api, services: Services, make: Make, volunteer_of_churu: Person, story: str
) -> None:
    whole = played(api, make(), volunteer_of_churu)
    right = {"conflict"} if story == "conflicts" else {"stored", "duplicate"}
    for at in range(1, _MOST_WRITES):
        scene = make()
        if scene.before:
            upload(api, volunteer_of_churu, *scene.before)
            let_worker_work(services)
        killed = False
        with killed_at(at, torn=at % 2 == 0):
            try:
                upload(api, volunteer_of_churu, *scene.last)
            except Killed:
                killed = True
        let_worker_work(services)  # between the two, the worker goes on with what there is
        receipts = upload(api, volunteer_of_churu, *scene.last)
        let_worker_work(services)
        assert {one["status"] for one in receipts} <= right, at
        assert scene.facts() == whole, at
        if not killed:
            break
    assert at > 3
    assert services.reconciling.run() == []


@pytest.mark.parametrize("story", STORIES)
def test_worker_cut_before_any_write_heals(
    api: Api, services: Services, make: Make, volunteer_of_churu: Person, story: str
) -> None:
    whole = played(api, make(), volunteer_of_churu)
    for at in range(1, _MOST_WRITES):
        scene = make()
        if scene.before:
            upload(api, volunteer_of_churu, *scene.before)
            let_worker_work(services)
        upload(api, volunteer_of_churu, *scene.last)
        killed = False
        with killed_at(at, torn=at % 2 == 1):
            try:
                let_worker_work(services)
            except Killed:
                killed = True
        let_worker_work(services)
        assert scene.facts() == whole, at
        if not killed:
            break
    assert at > (3 if story == "conflicts" else 8)
    assert services.reconciling.run() == []
