"""The chain over the audit trail: whatever is done to sealed entries behind our back shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.audit.sealing import REFUSALS, AuditSealing
from services.audit.verifying import AuditVerifying
from services.domain.audit.chain import make_chunk
from services.domain.people.actor import Actor
from services.facade import Services
from services.gateways.clock import FrozenClock
from services.store.audit import KEPT

T0 = datetime(2026, 1, 1, tzinfo=UTC)
MEERA = Actor(user_id="meera", role="hq_admin", session_id="s-1", address="10.0.0.1")


class Trail:
    """Three sealed chunks of two entries each, and the raw collections to do mischief in."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.stores = services.stores
        self.machine = FrozenClock(datetime.now(UTC).replace(microsecond=0))
        self.sealing = AuditSealing(self.stores.audit, self.stores.audit_chunks, services.cipher, self.machine)
        self.entries = self.stores.audit._entries
        self.chunks = self.stores.audit_chunks._chunks
        self.anchor = self.stores.audit_chunks._anchor
        for _ in range(3):
            self.write(2)
            self.sealing.seal_all()

    def write(self, number: int) -> None:
        for _ in range(number):
            self.services.audit.record(MEERA, "user.suspend", subject="user:u1", n=number)

    def verify(self, **options: Any) -> Any:
        return AuditVerifying(self.stores.audit, self.stores.audit_chunks, self.sealing, self.machine).run(**options)

    def kinds(self, **options: Any) -> set[str]:
        return {problem.kind for problem in self.verify(**options).problems}

    def an_entry(self, chunk: int) -> dict[str, Any]:
        return self.entries.many({"chunk": chunk})[0]


@pytest.fixture
def trail(services: Services) -> Trail:
    return Trail(services)


def test_a_chain_that_nobody_touched_is_whole(trail: Trail) -> None:
    trail.write(1)
    found = trail.verify()
    assert (found.problems, found.chunks, found.entries, found.pending) == ((), 3, 6, 1)


def test_who_writes_never_waits_and_the_worker_seals_after_a_minute(trail: Trail) -> None:
    trail.write(1)
    assert trail.sealing.seal() == 0
    trail.machine.advance(timedelta(minutes=2))
    assert trail.sealing.seal() == 1
    assert trail.kinds() == set()


def _edit(trail: Trail) -> None:
    trail.entries.update({"_id": trail.an_entry(2)["_id"]}, {"$set": {"actor": "somebody-else"}})


def _delete(trail: Trail) -> None:
    trail.entries.delete({"_id": trail.an_entry(2)["_id"]})


def _insert(trail: Trail) -> None:
    trail.entries.insert({**trail.an_entry(2), "_id": "0" * 24})


def _insert_beyond(trail: Trail) -> None:
    trail.entries.insert({**trail.an_entry(2), "_id": "0" * 24, "chunk": 9})


def _swap_entries(trail: Trail) -> None:
    one, other = trail.an_entry(1), trail.an_entry(3)
    trail.entries.update({"_id": one["_id"]}, {"$set": {"chunk": 3}})
    trail.entries.update({"_id": other["_id"]}, {"$set": {"chunk": 1}})


def _swap_chunks(trail: Trail) -> None:
    one, other = trail.chunks.get(1), trail.chunks.get(2)
    trail.chunks.delete({"_id": {"$in": [1, 2]}})
    trail.chunks.insert({**one, "_id": 2})
    trail.chunks.insert({**other, "_id": 1})


def _cut_off(trail: Trail) -> None:
    trail.chunks.delete({"_id": 3})
    trail.entries.delete({"chunk": 3})


def _cut_off_with_the_anchor(trail: Trail) -> None:
    _cut_off(trail)
    trail.anchor.delete({})


def _forge_the_anchor(trail: Trail) -> None:
    _cut_off(trail)
    trail.anchor.update({}, {"$set": {"number": 2, "head": trail.chunks.get(2)["head"]}})


def _take_out_a_chunk(trail: Trail) -> None:
    trail.chunks.delete({"_id": 2})
    trail.entries.delete({"chunk": 2})


def _edit_and_list_anew(trail: Trail) -> None:
    from services.domain.audit.chain import digest, root

    _edit(trail)
    listed = sorted([one["_id"], digest(one)] for one in trail.entries.many({"chunk": 2}))
    trail.chunks.update({"_id": 2}, {"$set": {"entries": listed, "root": root(listed)}})


@pytest.mark.parametrize(
    ("mischief", "kind"),
    [
        (_edit, "entry_changed"),
        (_delete, "entry_missing"),
        (_insert, "entry_inserted"),
        (_insert_beyond, "entry_without_chunk"),
        (_swap_entries, "entry_inserted"),
        (_swap_chunks, "chunk_changed"),
        (_cut_off, "chain_cut_off"),
        (_cut_off_with_the_anchor, "anchor_missing"),
        (_forge_the_anchor, "anchor_changed"),
        (_take_out_a_chunk, "chunk_missing"),
        (_edit_and_list_anew, "chunk_changed"),
    ],
)
def test_mischief_shows(trail: Trail, mischief: Callable[[Trail], None], kind: str) -> None:
    mischief(trail)
    assert kind in trail.kinds()


def test_worker_does_not_hide_that_the_end_and_the_anchor_are_gone(trail: Trail) -> None:
    trail.chunks.delete({"_id": {"$gte": 2}})
    trail.entries.delete({"chunk": {"$gte": 2}})
    trail.anchor.delete({})
    refused = REFUSALS._value.get()
    trail.write(1)
    assert (trail.sealing.run(), trail.sealing.seal_all(), trail.sealing.adopt()) == (0, 0, 0)
    assert trail.kinds() == {"anchor_missing"}
    assert REFUSALS._value.get() > refused


def test_first_worker_killed_between_chunk_and_anchor_is_finished_by_the_next(services: Services) -> None:
    trail = Trail(services)
    trail.chunks.delete({"_id": {"$gte": 2}})
    trail.entries.update_many({}, {"$set": {"chunk": None}})
    begun = {"number": 0, "head": "", "mac": trail.sealing.mac("anchor|0|")}
    trail.anchor.update({}, {"$set": begun})
    assert trail.sealing.seal_all() == 4
    assert trail.kinds() == set()


@pytest.mark.parametrize("signature", ["copied", "made up", "none"])
def test_a_copy_of_an_old_entry_that_was_put_in_shows_before_it_is_sealed_and_after(
    trail: Trail, signature: str
) -> None:
    forged = {**trail.an_entry(1), "_id": "0" * 24, "chunk": None}
    if signature == "made up":
        forged["mac"] = "é" * 20
    elif signature == "none":
        del forged["mac"]
    trail.entries.insert(forged)
    trail.write(1)
    problems = trail.verify().problems
    assert [(one.kind, one.entry) for one in problems] == [("entry_inserted", "0" * 24)]
    trail.sealing.seal_all()
    problems = trail.verify().problems
    assert [(one.kind, one.entry, one.chunk) for one in problems] == [("entry_inserted", "0" * 24, 4)]


def test_what_was_sealed_before_entries_were_signed_stays_good_and_cannot_be_had_again(trail: Trail) -> None:
    trail.chunks.delete({})
    trail.anchor.delete({})
    trail.entries.update_many({}, {"$set": {"chunk": None}, "$unset": {"mac": ""}})
    old = make_chunk(1, "", trail.stores.audit.unsealed(limit=9), sealed_at=T0, mac=trail.sealing.mac, signed=False)
    trail.chunks.insert(old)
    trail.stores.audit_chunks.first_anchor(trail.sealing._anchor(0, ""))
    trail.write(1)
    trail.entries.update({"chunk": None}, {"$unset": {"mac": ""}})
    trail.sealing.seal_all()
    trail.write(1)
    trail.sealing.seal_all()
    assert trail.kinds() == set()
    trail.chunks.update({"_id": trail.verify().number}, {"$unset": {"signed": ""}})
    assert "chunk_changed" in trail.kinds()


def test_an_entry_that_was_put_in_with_an_old_time_shows_once_it_is_sealed(trail: Trail) -> None:
    trail.machine.advance(timedelta(hours=3))
    trail.write(1)
    trail.sealing.seal_all()
    forged = {**trail.an_entry(1), "_id": "0" * 24, "chunk": None, "recorded_at": datetime.now(UTC)}
    trail.entries.insert(forged)
    trail.sealing.seal_all()
    assert trail.kinds() == {"entry_inserted"}


def test_an_older_copy_of_everything_shows_by_a_head_noted_elsewhere(trail: Trail) -> None:
    noted = trail.verify()
    assert trail.kinds(expected=(noted.number, noted.head)) == set()
    anchor = trail.chunks.get(2)
    _cut_off(trail)
    trail.anchor.update({}, {"$set": trail.sealing._anchor(2, anchor["head"])})  # as it stood in the older copy
    assert trail.kinds() == set()
    assert trail.kinds(expected=(noted.number, noted.head)) == {"head_not_in_chain"}


@pytest.mark.parametrize("marked", [True, False])
def test_a_worker_killed_while_it_sealed_is_finished_by_the_next(trail: Trail, *, marked: bool) -> None:
    trail.write(2)
    trail.sealing.seal_all()
    trail.anchor.update({}, {"$set": {"number": 3, "head": trail.chunks.get(3)["head"]}})
    if not marked:
        trail.entries.update_many({"chunk": 4}, {"$set": {"chunk": None}})
    before = trail.sealing.mac(f"anchor|3|{trail.chunks.get(3)['head']}")
    trail.anchor.update({}, {"$set": {"mac": before}})
    assert trail.kinds() == set()
    trail.write(1)
    assert trail.sealing.seal_all() == 1
    found = trail.verify()
    assert (found.problems, found.number, found.pending) == ((), 5, 0)


def test_two_workers_give_a_number_away_once(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    trail.write(2)
    late = AuditSealing(trail.stores.audit, trail.stores.audit_chunks, trail.services.cipher, trail.machine)
    end = late._end()
    monkeypatch.setattr(late, "_end", lambda: end)
    assert trail.sealing.seal_all() == 2
    trail.write(1)
    assert late.seal(everything=True) == 0
    assert trail.kinds() == set()


def test_after_a_year_entries_go_and_the_heads_stay(trail: Trail) -> None:
    trail.machine.advance(KEPT + timedelta(days=2))
    trail.entries.delete({"chunk": {"$lte": 2}})
    assert trail.stores.audit_chunks.trim(trail.machine.now(), limit=100) == 3
    found = trail.verify()
    assert (found.problems, found.chunks) == ((), 3)
    trail.chunks.update({"_id": 1}, {"$set": {"root": "0" * 64}})
    assert trail.kinds() == {"chunk_changed"}


def test_what_a_backup_has_beyond_its_last_chunk_is_sealed_anew(trail: Trail) -> None:
    trail.chunks.delete({"_id": 3})
    trail.anchor.update({}, {"$set": trail.sealing._anchor(2, trail.chunks.get(2)["head"])})
    assert trail.kinds() == {"entry_without_chunk"}
    assert trail.sealing.adopt() == 2
    trail.sealing.seal_all()
    assert trail.kinds() == set()


def test_the_worker_has_a_step_for_it(services: Services) -> None:
    assert "audit-seals" in {step.name for step in services.worker_steps}
