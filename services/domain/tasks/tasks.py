"""Tasks: who is asked, what a receiver's answer means, and when a task is still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from services.domain.people.actor import ROLES

FREE_KINDS = ("read", "share", "attend", "train", "custom")
KINDS = (*FREE_KINDS, "batch", "callback")
# No task but a wave of silent pushes, which goes through an audience as a task does.
WAVE = "sync"
STATES = ("pending", "open", "cancelled")
# What a receiver has told, in the order in which it counts: answers may arrive late and in any order.
ANSWERS = ("seen", "declined", "done")
RECEIPT_STATES = ("given", *ANSWERS)
OVER = frozenset({"declined", "done"})
_UNTIL_FURTHER_NOTICE = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Group:
    """People found by one equality: at home in a district (None: without one), at work in an area, or named."""

    kind: Literal["home", "works", "named"]
    area: str | None = None
    role: str | None = None
    user_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who is asked: active people by role, and by home district or working area, or by name.

    None asks nothing of that kind. `inside` keeps it to the people of one district, whatever else is asked.
    """

    roles: tuple[str, ...] | None = None
    homes: tuple[str, ...] | None = None
    works: tuple[str, ...] = ()
    user_ids: tuple[str, ...] | None = None
    inside: str | None = None

    @property
    def statewide(self) -> bool:
        """Whether nothing but a role narrows it down."""
        return self.homes is None and self.user_ids is None and self.inside is None

    def groups(self, districts: Iterable[str]) -> list[Group]:
        """Return the groups that make it up, always in the same order; `districts` are all of the state."""
        if self.user_ids is not None:
            return [Group(kind="named", user_ids=self.user_ids)]
        homes: Iterable[str | None] = (*sorted(districts), None) if self.homes is None else self.homes
        roles = self.roles or ROLES
        at_home = [Group(kind="home", area=home, role=role) for home in homes for role in roles]
        return [*at_home, *(Group(kind="works", area=area, role=role) for area in self.works for role in roles)]

    def to_document(self) -> dict[str, Any]:
        """Return what is stored."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Audience:
        """Read what `to_document` returned."""
        facts: dict[str, Any] = {
            name: tuple(kept) if isinstance(kept, list) else kept for name, kept in document.items()
        }
        return cls(**facts)


def new_task(task_id: str, kind: str, *, now: datetime, expires_at: datetime, **facts: Any) -> dict[str, Any]:
    """Return a task as it is stored; what `facts` leave out it does not have."""
    return {
        "_id": task_id,
        "kind": kind,
        "state": "open",
        "audience": None,
        "template_id": None,
        "template_version": None,
        "batch_id": None,
        "campaign_id": None,
        "district_id": None,
        "due_at": None,
        "expires_at": expires_at,
        "priority": "normal",
        "receivers": 1,
        "created_by": None,
        "created_at": now,
        "updated_at": now,
        "version": 1,
        **facts,
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def states_before(answer: str) -> list[str]:
    """Return the states of a receipt that an answer changes: the furthest holds, in whatever order they come."""
    return list(RECEIPT_STATES[: RECEIPT_STATES.index(answer)])


def expiry(due_at: datetime | None, now: datetime) -> datetime:
    """Return until when a task is of use: its due time, else a fortnight."""
    return due_at if due_at is not None else now + _UNTIL_FURTHER_NOTICE


def held(batch: Mapping[str, Any] | None, user_id: str) -> bool:
    """Tell whether the batch is in the volunteer's hands."""
    return batch is not None and batch["assignee"] == user_id and batch["state"] in {"assigned", "active"}


def batch_waits(batch: Mapping[str, Any] | None, user_id: str) -> bool:
    """Tell whether the batch still waits for its volunteer to open it."""
    return batch is not None and held(batch, user_id) and batch["state"] == "assigned"


def callback_waits(batch: Mapping[str, Any] | None, user_id: str, now: datetime) -> bool:
    """Tell whether the volunteer still has a callback of the batch to make."""
    if batch is None or not held(batch, user_id):
        return False
    return any(item["state"] == "callback" and (item.get("callback_at") or now) <= now for item in batch["items"])


def for_phone(task: Mapping[str, Any], receipt: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task as its receiver's phone gets it, without what is empty."""
    shown = {
        "id": task["_id"],
        "kind": task["kind"],
        "title": task["title"],
        "body": task["body"],
        "state": receipt["state"],
        "priority": task["priority"],
        "due_at": task["due_at"],
        "given_at": receipt["given_at"],
        "batch_id": task["batch_id"],
        "template_id": task["template_id"],
        "template_version": task["template_version"],
    }
    return {name: value for name, value in shown.items() if value is not None}
