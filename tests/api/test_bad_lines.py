"""A few phones on bad lines with wrong clocks: in the end the server knows what they recorded, each once."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from bench.fleet.bad_line import BadLine
from bench.fleet.phone import Phone
from services.facade import Services
from tests.api.conftest import Api
from tests.api.telling import project
from tests.factories import Person
from tests.fieldwork import make_work

PHONES, PEOPLE = 6, 10
DISPOSITIONS = ("no_answer", "busy", "contacted", "wrong_number", "do_not_contact")


class Answer(NamedTuple):
    body: Any


class Sender:
    """Asks as somebody, like the fleet's person does."""

    def __init__(self, api: Api, person: Person) -> None:
        self._api, self._person = api, person

    def post(self, path: str, body: Any) -> Answer:
        answer = self._api.post(path, body, self._person)
        assert answer.status_code == 200, answer.json
        return Answer(answer.json)

    def cut(self, method: str, path: str, content: bytes) -> None:
        sent = {"Content-Type": "application/json"}
        half = content[: len(content) // 2]
        assert self._api.ask(method, path, self._person, data=half, headers=sent).status_code in {400, 422}


class Handset:
    """As much of the fleet's phone as a bad line needs."""

    def __init__(self, api: Api, services: Services, person: Person) -> None:
        self.person = Sender(api, person)
        self.now = services.clock.now


def test_server_knows_in_the_end_what_the_phones_recorded(
    api: Api, services: Services, headquarters: Person, person: Any
) -> None:
    lines = []
    for number in range(PHONES):
        holder = person(role="volunteer", home_area="rj-churu")
        work = make_work(services, headquarters=headquarters, holder=holder, people=PEOPLE)
        line = BadLine(cast("Phone", Handset(api, services, holder)), seed=f"phone {number}")
        named = [item["contacts"][0] for item in work.items]
        line.record(
            [
                work.told(at, disposition=DISPOSITIONS[at % 5], contact_id=named[at], duration_s=9)
                for at in range(PEOPLE)
            ]
        )
        lines.append(line)
    for _ in range(60):
        if sum(line.upload() for line in lines) == PHONES:
            break
        services.projecting.run()
    project(services)
    recorded = {key for line in lines for key in line.recorded}
    assert {one["_id"] for one in services.stores.outcomes.walk({})} == recorded
    assert [key for line in lines for key in line.wrongly_answered()] == []
    assert any(len(issued) > 1 for line in lines for issued in line.issued.values())
    assert {key for line in lines for key in line.receipts} == recorded
    # That no figure differs from a recount is asked after every test.
