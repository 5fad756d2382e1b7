"""Which column of a sheet is which import field: guessed from its headings, or as the uploader says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.domain.errors import Invalid
from services.domain.sheets.headings import Heading, HeadingTable

HEADER_LINES = 20
MAX_COLUMNS = 200

# The wire's import fields, and those by which a sheet may bring the name instead of `name`.
IMPORT_FIELDS = frozenset(
    {
        "ac_no",
        "part_no",
        "section",
        "serial_no",
        "epic",
        "name",
        "relative_name",
        "relation",
        "house_no",
        "age",
        "gender",
    }
    | {"phone", "phone_2", "whatsapp", "facebook", "instagram", "x", "language", "tags", "address"}
)
FIELDS = IMPORT_FIELDS | {"name_hi", "first_name", "last_name"}

_DEVANAGARI = re.compile("[\u0900-\u097f]")


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """The columns that are read, by our field; the others are named, never stored."""

    headers: tuple[str, ...]
    fields: Mapping[str, int]
    confidence: Mapping[str, float] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    forbidden: Mapping[str, str] = field(default_factory=dict)
    """Heading → `caste`, `religion` or `aadhaar`."""

    def off_the_roll(self, table: HeadingTable, explicit: Mapping[str, str | None]) -> SheetMapping:
        """Return the mapping of a sheet that is no roll: its bare "S. No." counts its own rows, unless said otherwise.

        Read as a serial of the roll it would make strangers of one person, and one person of strangers.
        """
        at = self.fields.get("serial_no")
        if at is None or explicit.get("serial_no") or not table.counts_rows(self.headers[at]):
            return self
        return replace(
            self,
            fields={name: column for name, column in self.fields.items() if name != "serial_no"},
            confidence={name: sureness for name, sureness in self.confidence.items() if name != "serial_no"},
            unknown=tuple(name for column, name in enumerate(self.headers) if name in self.unknown or column == at),
        )

    def refuse_forbidden(self) -> None:
        """Raise `Invalid` that names each column which must not be in a sheet (field-facts §1, §3)."""
        if self.forbidden:
            raise Invalid(
                "forbidden_column", **{header: f"forbidden_{kind}" for header, kind in self.forbidden.items()}
            )


def find_header(rows: Sequence[Sequence[str]], table: HeadingTable, explicit: Mapping[str, str | None]) -> int:
    """Return the index of the headings among a sheet's first rows; raises `Invalid` `header_not_found`.

    It is the row that names most fields with most confidence, the first of equals; columns that the uploader named
    or that are forbidden count as well, so that a title above or data below never wins.
    """
    scores = [heading_score(row, table, explicit) for row in rows[:HEADER_LINES]]
    best = max(scores, default=0.0)
    if best < 1.0:
        raise Invalid("header_not_found", file="header_not_found")
    return scores.index(best)


def heading_score(row: Sequence[str], table: HeadingTable, explicit: Mapping[str, str | None]) -> float:
    """Return how much of a heading the row is: the sum of our confidence in each field that it names."""
    named = {_comparable(column) for column in explicit.values() if column}
    fields: dict[str, float] = {}
    extra = 0
    for cell in row[:MAX_COLUMNS]:
        heading = table.read(cell)
        if _comparable(cell) in named or heading.forbidden:
            extra += 1
        elif heading.field:
            fields[heading.field] = max(heading.confidence, fields.get(heading.field, 0.0))
    return sum(fields.values()) + extra


def guess_mapping(
    header_cells: Sequence[str], table: HeadingTable, explicit: Mapping[str, str | None] | None = None
) -> SheetMapping:
    """Return the mapping of a heading row; `explicit` {our field: column, None: do not read it} goes before guesses.

    Raises `Invalid`: `too_many_columns`, or per entry `mapping.<field>` `unknown_field` or `unknown_column`.
    """
    headers = [cell.strip() for cell in header_cells]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS:
        raise Invalid("too_many_columns", file="too_many_columns")
    headings = [table.read(header) for header in headers]
    said = _explicit_columns(headers, explicit or {}, FIELDS | table.added)
    columns: dict[str, tuple[int, float]] = {name: (at, 1.0) for name, at in said.items() if at is not None}
    taken = {at for at, _ in columns.values()}
    free = [(at, heading) for at, heading in enumerate(headings) if heading.field and at not in taken]
    for at, heading in sorted(free, key=lambda candidate: -candidate[1].confidence):
        _place(columns, said, at, heading, headers)
    _drop_row_counter(columns)
    _order_names(columns, headers)
    used = {at for at, _ in columns.values()} | {at for at, heading in enumerate(headings) if heading.forbidden}
    return SheetMapping(
        headers=tuple(headers),
        fields={name: at for name, (at, _) in columns.items()},
        confidence={name: confidence for name, (_, confidence) in columns.items()},
        unknown=tuple(header for at, header in enumerate(headers) if header and at not in used),
        forbidden={headers[at]: heading.forbidden for at, heading in enumerate(headings) if heading.forbidden},
    )


def headings_digest(headers: Sequence[str]) -> str:
    """Return what tells sheets with the same headings from others, whatever their spacing and case."""
    return hashlib.sha256("\n".join(map(_comparable, headers)).encode()).hexdigest()[:20]


def _explicit_columns(
    headers: Sequence[str], explicit: Mapping[str, str | None], known: frozenset[str]
) -> dict[str, int | None]:
    places: dict[str, int] = {}
    for at, header in enumerate(headers):
        places.setdefault(_comparable(header), at)
    wrong: dict[str, str] = {}
    said: dict[str, int | None] = {}
    for name, column in explicit.items():
        if name not in known:
            wrong[f"mapping.{name}"] = "unknown_field"
        elif column and _comparable(column) not in places:
            wrong[f"mapping.{name}"] = "unknown_column"
        else:
            said[name] = places[_comparable(column)] if column else None
    if wrong:
        raise Invalid(**wrong)
    return said


def _place(
    columns: dict[str, tuple[int, float]],
    said: Mapping[str, int | None],
    at: int,
    heading: Heading,
    headers: Sequence[str],
) -> None:
    """Give a column to its field, or a second phone or name column to the field's twin."""
    wanted = [heading.field or ""]
    if heading.field == "phone":
        wanted.append("phone_2")
    elif heading.field == "name" and "name" in columns:
        in_two_scripts = _is_hindi(headers[at]) != _is_hindi(headers[columns["name"][0]])
        wanted.extend(["name_hi"] if in_two_scripts else [])
    for name in wanted:
        if name not in columns and name not in said:
            columns[name] = (at, heading.confidence)
            return


def _drop_row_counter(columns: dict[str, tuple[int, float]]) -> None:
    """A list's own numbering ("S. No.") is no roll serial: one that is only likely is kept beside a part alone."""
    if "serial_no" in columns and columns["serial_no"][1] < 1.0 and "part_no" not in columns:
        del columns["serial_no"]


def _order_names(columns: dict[str, tuple[int, float]], headers: Sequence[str]) -> None:
    """Of `Name` and `नाम` side by side the Hindi heading is `name_hi`; a Hindi name alone is the name."""
    if "name_hi" in columns and "name" not in columns and "first_name" not in columns:
        columns["name"] = columns.pop("name_hi")
    elif "name_hi" in columns and "name" in columns:
        name, name_hi = columns["name"], columns["name_hi"]
        if _is_hindi(headers[name[0]]) and not _is_hindi(headers[name_hi[0]]) and name[1] == name_hi[1]:
            columns["name"], columns["name_hi"] = name_hi, name


def _comparable(header: str) -> str:
    return " ".join(header.casefold().split())


def _is_hindi(text: str) -> bool:
    return bool(_DEVANAGARI.search(text))
