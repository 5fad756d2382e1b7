"""An import that is cancelled while it runs: what it has stored is counted, enrolled, and can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from services.facade import Services
from services.imports.rows import RowMaker
from services.imports.writer import ChunkWriter
from tests.api.conftest import Api
from tests.api.sheets import campaign_in, do_jobs, elector, hand_in, sheet
from tests.factories import Person


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_cancelled_import_counts_what_it_has_stored(
    api: Api, services: Services, headquarters: Person, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    campaign = campaign_in(api, headquarters, ["ac-24"])
    rows = [elector(number, part_no=number) for number in range(1, 11)]
    import_id = hand_in(api, headquarters, sheet(rows), campaign_id=campaign).json["id"]
    chunks, write, calls = RowMaker.chunks, ChunkWriter.write, 0

    def cancelling(self: ChunkWriter, *args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at:
            assert api.post(f"/jobs/{import_id}/cancel", None, headquarters).status_code < 300
        return write(self, *args)

    monkeypatch.setattr(
        RowMaker, "chunks", lambda self, table, after_line: chunks(self, table, after_line=after_line, size=2)
    )
    monkeypatch.setattr(ChunkWriter, "write", cancelling)
    do_jobs(services)
    told = api.get(f"/contacts/imports/{import_id}", headquarters).json
    parts = [f"ac-24-{number}" for number in range(1, 11)]
    stored = sum(len(services.stores.contacts.in_part(part)) for part in parts)
    assert told["state"] == "cancelled"
    assert 0 < stored < 10
    assert told["counts"]["rows"] == told["counts"]["created"] == stored
    assert sum(1 for _ in services.stores.targets.walk(campaign, parts)) == stored
    assert api.post(f"/contacts/imports/{import_id}/undo", None, headquarters).status_code == 202
    do_jobs(services)
    assert [one for part in parts for one in services.stores.contacts.in_part(part)] == []
