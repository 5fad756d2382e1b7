"""How tests of outcomes tell them: a batch in hand, an upload, one outcome, and the worker that follows."""

from __future__ import annotations

from typing import Any

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.factories import Person
from tests.fieldwork import Work, make_work


@pytest.fixture
def work(services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    return make_work(services, headquarters=headquarters, holder=volunteer_of_churu)


def project(services: Services) -> None:
    while services.projecting.run():
        pass


def upload(api: Api, person: Person, *outcomes: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = api.post("/me/outcomes", {"outcomes": list(outcomes), **more}, person)
    assert answer.status_code == 200, answer.json
    receipts: list[dict[str, Any]] = answer.json["receipts"]
    return receipts


def put(api: Api, person: Person, outcome: dict[str, Any]) -> Any:
    return api.put(f"/me/outcomes/{outcome['id']}", outcome, person)
