"""Syncs between the steps of writers: one has read the clock, others come and go, and only then its write lands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.domain.tasks.tasks import expiry, new_task
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import MORNING, Api
from tests.api.phone import Phone, give_batches
from tests.batch_factories import make_campaign
from tests.factories import Person

Writer = Iterator[None]
KINDS = ("give", "cancel", "extend", "recall")
TEXT = {"hi": "पढ़ें", "en": "Read"}
# What happens at one moment: a writer begins, an older one goes a step further, or the phone syncs; while it does,
# after the heads are read, writers go on; and the answer may get lost.
STARTS = st.tuples(st.just("start"), st.sampled_from(KINDS), st.integers(0, 5))
STEPS = st.tuples(st.just("step"), st.integers(0, 5))
SYNCS = st.tuples(st.just("sync"), st.lists(st.integers(0, 5), max_size=2), st.booleans())
SCHEDULES = st.lists(st.one_of(STARTS, STEPS, SYNCS), min_size=4, max_size=25)


class Office:
    """Writers over the real stores, each cut into its steps; every step is at a moment of its own."""

    def __init__(self, services: Services, clock: FrozenClock, person: Person, batch_ids: list[str]) -> None:
        self.services, self.clock, self.person = services, clock, person
        self.batch_ids, self.task_ids = batch_ids, list[str]()
        self.at_work: list[Writer] = []
        self.made = 0

    def start(self, kind: str, number: int) -> None:
        """Let a writer read what it changes, and the clock."""
        writer: Writer = getattr(self, f"_{kind}")(number)
        self.at_work.append(writer)
        self._advance(writer)

    def step(self, number: int) -> None:
        """Let one of those at work do its next write."""
        if self.at_work:
            self._advance(self.at_work[number % len(self.at_work)])

    def finish(self) -> None:
        while self.at_work:
            self.step(0)

    def _advance(self, writer: Writer) -> None:
        self.clock.advance(timedelta(milliseconds=250))
        try:
            next(writer)
        except StopIteration:
            self.at_work.remove(writer)

    def _give(self, _: int) -> Writer:
        at = self.clock.now()
        self.made += 1
        key = f"task-{at.timestamp():.3f}-{self.made}"
        facts = {"title": TEXT, "body": TEXT, "campaign_id": None}
        task = new_task(key, "read", now=at, expires_at=expiry(None, at), **facts)
        yield
        self.services.stores.tasks.insert_once(task)
        self.task_ids.append(key)
        yield
        self.services.stores.task_receipts.give(task, [self.person.id], cell=f"{key}|0", now=at)

    def _cancel(self, number: int) -> Writer:
        key = self.task_ids[number % len(self.task_ids)] if self.task_ids else None
        fields = {"state": "cancelled", "updated_at": self.clock.now()}
        yield
        if key is not None:
            self.services.stores.tasks.change(key, fields, states=("open",))

    def _extend(self, number: int) -> Writer:
        yield from self._batch(number, lambda batch: {"due_at": batch["due_at"] + timedelta(hours=1)})

    def _recall(self, number: int) -> Writer:
        yield from self._batch(number, lambda _: {"state": "recalled", "assignee": None})

    def _batch(self, number: int, changes: Callable[[dict[str, Any]], dict[str, Any]]) -> Writer:
        batch = self.services.stores.batches.get(self.batch_ids[number % len(self.batch_ids)])
        fields = {**changes(batch), "updated_at": self.clock.now()}
        yield
        self.services.stores.batches.swap(batch, fields)


@pytest.fixture
def between(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What is done in the middle of the next sync: after the heads were read, before what they say is."""
    todo: list[Callable[[], None]] = []
    whole = type(services.syncing)._page

    def page(self: Any, *args: Any) -> Any:
        while todo:
            todo.pop(0)()
        return whole(self, *args)

    monkeypatch.setattr(type(services.syncing), "_page", page)
    return todo


@pytest.fixture
def begin(api: Api, services: Services, clock: FrozenClock, volunteer_of_churu: Person) -> Callable[[], Any]:
    campaign = make_campaign(services)

    def run() -> tuple[Office, Phone]:
        clock.set(MORNING)
        services.stores.task_receipts._receipts.delete({})
        services.stores.batches._batches.delete({})
        batches = give_batches(services, campaign, volunteer_of_churu, 2, size=1)
        return Office(services, clock, volunteer_of_churu, [one["_id"] for one in batches]), Phone(
            api, volunteer_of_churu
        )

    return run


def play(office: Office, phone: Phone, between: list[Callable[[], None]], schedule: list[tuple[Any, ...]]) -> None:
    for what, *how in schedule:
        if what == "start":
            office.start(*how)
        elif what == "step":
            office.step(*how)
        else:
            inner, lost = how
            between += [lambda number=number: office.step(number) for number in inner]
            answer = phone.ask()
            if not lost and answer.status_code == 200:
                phone.take(answer.json or {})
            between.clear()
    office.finish()


def what_is_there(office: Office) -> tuple[set[str], dict[str, str]]:
    services, user_id = office.services, office.person.id
    heads = services.stores.batches.of_assignee(user_id, ("assigned", "active"), whole=False)
    tasks = {task["_id"] for task, _ in services.tasks.open_of(user_id)}
    return tasks, {head["_id"]: _text(head["due_at"]) for head in heads}


def what_is_known(phone: Phone) -> tuple[set[str], dict[str, str]]:
    batches = {key: batch["due_at"] for key, batch in phone.known["batches"].items()}
    return set(phone.known["tasks"]), batches


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(schedule=SCHEDULES)
def test_phone_ends_with_what_is_there_however_writers_and_syncs_interleave(
    begin: Callable[[], Any], between: list[Callable[[], None]], schedule: list[tuple[Any, ...]]
) -> None:
    office, phone = begin()
    play(office, phone, between, schedule)
    phone.sync_all()
    phone.sync_all()
    assert what_is_known(phone) == what_is_there(office)


def test_such_a_schedule_would_betray_a_cursor_that_is_a_time(
    services: Services, begin: Callable[[], Any], between: list[Callable[[], None]]
) -> None:
    """A write whose clock was read before a sync and which lands after it is older than a cursor made of time."""
    office, phone = begin()
    phone.sync_all()
    office.start("extend", 0)
    phone.sync()
    by_time = office.clock.now()
    office.finish()
    later = [one["_id"] for one in services.stores.batches._batches.many({"updated_at": {"$gt": by_time}})]
    page = phone.sync()
    assert later == []
    assert [one["id"] for one in (page or {})["batches"]] == [office.batch_ids[0]]


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
