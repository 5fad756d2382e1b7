"""A dry run: what a sheet would be read as, shown before anything of it is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.domain.batches.links import mask_address, mask_name
from services.domain.contacts.merging import Incoming
from services.domain.jobs import Run
from services.domain.sheets.sheets import SheetMapping
from services.gateways.spreadsheets import SheetTable
from services.imports.columns import SheetColumns
from services.imports.job import ImportJob, open_upload
from services.imports.refused_rows import Refused
from services.store.campaigns.campaigns import CampaignStore
from services.store.files import FileStore

KIND = "import_trial"
_SHOWN_ROWS = 20
_ASK_EVERY = 2000


class ImportTrial:
    """Handles jobs of kind "import_trial": reads the whole sheet as an import would and keeps nothing."""

    def __init__(
        self, *, files: FileStore, campaigns: CampaignStore, importer: ImportJob, columns: SheetColumns
    ) -> None:
        self._files = files
        self._campaigns = campaigns
        self._importer = importer
        self._columns = columns

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Return the mapping, the first rows masked, and how many rows have which problem."""
        table = open_upload(self._files, run.job, self._columns)
        origin = {"mapping_from": run.job.params["mapping_from"]}
        shown = {**mapping_shown(table.mapping), "skipped_sheets": list(table.skipped_sheets), **origin}
        return {**shown, "header_line": table.header_line, **self._read(run, table)}

    def _read(self, run: Run, table: SheetTable) -> dict[str, Any]:
        campaign_id = run.job.params["campaign_id"]
        maker = self._importer.maker(run.job, self._campaigns.get(campaign_id) if campaign_id else None)
        problems: Counter[str] = Counter()
        shown: list[dict[str, Any]] = []
        rows = quarantined = 0
        for row in table.rows:
            made = maker.make(row, table.mapping)
            rows += 1
            if isinstance(made, Refused):
                problems[made.problem.code] += 1
            else:
                quarantined += any(address.state == "quarantined" for address in made.addresses)
            if len(shown) < _SHOWN_ROWS:
                shown.append(row_shown(made))
            if rows % _ASK_EVERY == 0:
                run.save({}, done=rows)
        return {
            "rows": rows,
            "rejected": problems.total(),
            "quarantined": quarantined,
            "problems": dict(problems.most_common()),
            "sample": shown,
        }


def mapping_shown(mapping: SheetMapping) -> dict[str, Any]:
    """Return which column is read as which field and how sure that is."""
    return {
        "mapping": {name: mapping.headers[at] for name, at in mapping.fields.items()},
        "confidence": dict(mapping.confidence),
        "unknown_columns": list(mapping.unknown),
    }


def row_shown(made: Incoming | Refused) -> dict[str, Any]:
    """Return a row as it was understood, masked."""
    if isinstance(made, Refused):
        return {"line": made.line, "problem": {"column": made.problem.column, "code": made.problem.code}}
    person = made.person
    return {
        "line": made.mention.line,
        "part": made.place.part_id,
        "serial_no": person.serial_no,
        "name": mask_name(person.name or "") or None,
        "name_hi": mask_name(person.name_hi or "") or None,
        "relative_name": mask_name(person.relative_name or "") or None,
        "relation": person.relation,
        "age": person.age,
        "gender": person.gender,
        "language": person.language,
        "tags": list(person.tags),
        "fields": dict(person.custom or {}),
        "addresses": [
            {
                "kind": one.kind,
                "masked": mask_address(one.value),
                "basis": one.basis,
                "state": one.state,
                "why": one.why,
            }
            for one in made.addresses
        ],
    }
