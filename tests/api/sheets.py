"""Sheets of made-up people, handed in over HTTP and brought in by the worker."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from services.facade import Services
from services.worker import Worker
from tests.api.conftest import Api
from tests.factories import Person

ROLL = {
    "name": "Roll of 2026",
    "kind": "electoral_roll",
    "lawful_basis": "roll_public",
    "collected_on": "2026-10-01",
    "field_basis": {"phone": "consent"},
}
LIST = {"name": "Own list", "kind": "own_list", "lawful_basis": "consent", "collected_on": "2026-11-01"}
HEADER = ("ac_no", "part_no", "serial_no", "epic", "name", "gender", "age", "phone")


def sheet(rows: Sequence[Mapping[str, Any]], header: Sequence[str] = HEADER) -> bytes:
    """A CSV sheet; what a row leaves out is an empty cell."""
    lines = [",".join(header), *(",".join(str(row.get(name, "")) for name in header) for row in rows)]
    return "\n".join(lines).encode() + b"\n"


def elector(serial_no: int, **facts: Any) -> dict[str, Any]:
    """A row of the roll in part 24/17."""
    known = {"ac_no": 24, "part_no": 17, "serial_no": serial_no, "name": f"Sita {'abcdefghij'[serial_no % 10] * 3}i"}
    return {**known, "gender": "female", "age": 40, **facts}


def hand_in(
    api: Api,
    actor: Person,
    content: bytes,
    *,
    source: Mapping[str, Any] = ROLL,
    campaign_id: str | None = None,
    headers: dict[str, str] | None = None,
    **form: Any,
) -> TestResponse:
    """Upload a sheet."""
    file = FileStorage(io.BytesIO(content), filename="sheet.csv", name="file")
    data: dict[str, Any] = {"file": file, "source": json.dumps(dict(source))}
    if campaign_id is not None:
        data["campaign_id"] = campaign_id
    data |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in form.items()}
    # By itself the client would spool a large form into a file that it never closes.
    boundary, body = encode_multipart(data)
    content_type = f"multipart/form-data; boundary={boundary}"
    return api.post("/contacts/imports", actor=actor, data=body, content_type=content_type, headers=headers)


def campaign_in(api: Api, actor: Person, constituencies: Sequence[str], **facts: Any) -> str:
    """Make a campaign and return its id."""
    body = {"name": "By-election", "constituencies": list(constituencies), "channels": ["call"], **facts}
    answer = api.post("/campaigns", body, actor)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def do_jobs(services: Services) -> None:
    """Let the worker do everything that is due."""
    assert Worker(services.worker_steps).run_once()


def bring_in(api: Api, services: Services, actor: Person, content: bytes, **options: Any) -> dict[str, Any]:
    """Upload a sheet, let the worker bring it in, and return what the import then tells."""
    handed_in = hand_in(api, actor, content, **options)
    assert handed_in.status_code == 202, handed_in.json
    do_jobs(services)
    answer = api.get(f"/contacts/imports/{handed_in.json['id']}", actor)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def counts(told: Mapping[str, Any]) -> tuple[int, ...]:
    """Rows, created, updated, duplicates, rejected, suppressed."""
    return tuple(told["counts"][name] for name in told["counts"])
