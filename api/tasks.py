"""Tasks: asking people, following what came of it, and the receivers' answers."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.base import PagedQuery
from schemas.tasks import DeliveryOut, MyTaskPageOut, TaskIn, TaskOut, TaskPageOut, TaskQuery, TaskReceiptOut
from services.domain.paging import slice_of
from services.domain.people.actor import Actor

resource = Resource("tasks", __name__, description="What people are asked to do, by push and in their lists")


@resource.operation("GET", "/tasks", verb="tasks.read", query=TaskQuery, answer=TaskPageOut)
def list_tasks(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List the tasks that people made, newest first; a coordinator's are those given in the own district."""
    page = services().tasks.list_page(actor, page_request(query), kind=query["kind"], state=query["state"])
    return page_answer(page)


@resource.operation(
    "POST", "/tasks", verb="tasks.create", body=TaskIn, answer=TaskOut, status=201, creates=True, versioned=True
)
def create_task(actor: Actor, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:  # noqa: ARG001
    """Ask people to do something; answers with their number and tells them in the background.

    A coordinator reaches the own district's people. A broadcast to the whole state (of any kind, narrowed by no
    area and no names) is `pending` until a second person at headquarters approves it.
    """
    return _shown(services().tasks.create(actor, body))


@resource.operation("GET", "/tasks/<task_id>", verb="tasks.read", answer=TaskOut, versioned=True)
def get_task(actor: Actor, task_id: str) -> dict[str, Any]:
    """Return a task."""
    return _shown(services().tasks.get(actor, task_id))


@resource.operation("GET", "/tasks/<task_id>/delivery", verb="tasks.read", answer=DeliveryOut)
def get_delivery(actor: Actor, task_id: str) -> dict[str, int]:
    """Return how far a task has come, from counters that follow within seconds."""
    return services().tasks.delivery(actor, task_id)


@resource.operation(
    "POST",
    "/tasks/<task_id>/approve",
    verb="tasks.approve",
    answer=TaskOut,
    versioned=True,
    problems=("own_approval", "state_conflict"),
)
def approve_task(actor: Actor, task_id: str, if_match: int | None) -> dict[str, Any]:
    """Let a task for the whole state go out, as a second person."""
    return _shown(services().tasks.approve(actor, task_id, version=if_match))


@resource.operation(
    "POST",
    "/tasks/<task_id>/cancel",
    verb="tasks.create",
    answer=TaskOut,
    versioned=True,
    problems=("state_conflict",),
)
def cancel_task(actor: Actor, task_id: str, if_match: int | None) -> dict[str, Any]:
    """Take a task back, or refuse one that waits for approval: it leaves all lists and is pushed no more."""
    return _shown(services().tasks.cancel(actor, task_id, version=if_match))


@resource.operation("GET", "/me/tasks", verb="me.tasks", query=PagedQuery, answer=MyTaskPageOut)
def list_my_tasks(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List one's own open tasks, the oldest first; a volunteer's phone gets the same by sync."""
    return page_answer(slice_of(services().tasks.mine(actor), page_request(query)))


def _answer(answer: str, said: str) -> None:
    """Declare one answer of a receiver; they differ in nothing but their name."""

    def view(actor: Actor, task_id: str) -> dict[str, Any]:
        return services().tasks.answer(actor, task_id, answer)

    view.__name__, view.__doc__ = f"task_{answer}", said
    resource.operation(
        "POST",
        f"/me/tasks/<task_id>/{'decline' if answer == 'declined' else answer}",
        verb="me.tasks",
        answer=TaskReceiptOut,
    )(view)


_answer("seen", "Tell that one has seen a task; again changes nothing.")
_answer("done", "Tell that a task is done; again changes nothing.")
_answer("declined", "Tell that one will not do a task; again changes nothing.")


def _shown(task: dict[str, Any]) -> dict[str, Any]:
    note_version(task["version"])
    return task
