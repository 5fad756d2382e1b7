"""A phone as tests play it: it does what answers tell it, and can lose one."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from services.domain.people.actor import Actor
from services.facade import Services
from tests.api.conftest import Api
from tests.batch_factories import make_people, wanted
from tests.factories import Person

HQ = Actor(user_id="hq", role="hq_admin", session_id="s")
KINDS = ("campaigns", "batches", "tasks", "scripts", "templates", "answers")


class Phone:
    """Keeps what it was sent by kind and id."""

    def __init__(self, api: Api, person: Person) -> None:
        self.api = api
        self.person = person
        self.cursor: str | None = None
        self.known: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}

    def ask(self, **query: Any) -> TestResponse:
        """Send the request; nothing is taken from the answer."""
        cursor = {"cursor": self.cursor} if self.cursor is not None else {}
        return self.api.get("/me/sync", self.person, query_string={**cursor, **query})

    def sync(self, **query: Any) -> dict[str, Any] | None:
        """Take one page and return it, or None when nothing was new."""
        answer = self.ask(**query)
        if answer.status_code == 204:
            return None
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json or {}
        self.take(page)
        return page

    def take(self, page: dict[str, Any]) -> None:
        if page["fresh"]:
            self.known = {kind: {} for kind in KINDS}
        for kind, things in self.known.items():
            things.update({thing["id"]: thing for thing in page[kind]})
            for key in page["removed"][kind]:
                things.pop(key, None)
        self.cursor = page["cursor"]

    def sync_all(self) -> None:
        """Take pages until there are no more."""
        while (page := self.sync()) is not None and page["more"]:
            pass


def give_batches(
    services: Services, campaign: str, person: Person, number: int = 1, *, size: int = 3, **facts: Any
) -> list[dict[str, Any]]:
    """Give a volunteer batches with people of their own, and let the worker tell."""
    make_people(services, campaign, number * size, parts=1, **facts)
    return assign_batches(services, campaign, person, size=size)


def assign_batches(
    services: Services, campaign: str, person: Person, *, size: int, channel: str = "call"
) -> list[dict[str, Any]]:
    """Give a volunteer everybody of a campaign who is to be had, and let the worker tell."""
    assign = {"mode": "volunteers", "user_ids": [person.id]}
    request = {"audience_id": None, "area": None, "size": size, "limit": None, "due_at": None}
    whole = {**request, **wanted(campaign, assign=assign, channel=channel)}
    whole["assign"] = {"user_ids": None, "area": None, "strategy": "even", "column": None, **whole["assign"]}
    made = services.dispatching.make(HQ, plan_id=None, request=whole)
    work(services)
    batches: list[dict[str, Any]] = made.batches  # type: ignore[union-attr]
    return batches


def work(services: Services) -> None:
    """Let the worker do what is due, sending excepted."""
    steps = [step for step in services.worker_steps if step.name != "pushes"]
    while sum(step.run() for step in steps):
        pass
