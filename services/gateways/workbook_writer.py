"""Writes a workbook of plain texts: nothing in it is a formula, a link or a macro."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from xml.sax.saxutils import escape

# A worksheet ends at 1,048,576 rows; what comes after goes into the next, under the same heading.
_ROWS = 1_000_000
_LONGEST_CELL = 32_767
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def workbook(lines: Iterable[Sequence[str]], *, sheet: str) -> bytes:
    """Return an XLSX file of lines, the first being the heading; `sheet` names its worksheets."""
    rows = iter(lines)
    heading = next(rows, [])
    out = io.BytesIO()
    names: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        while first := list(islice(rows, 1)) or (not names and [[]]):
            some = chain(first if first != [[]] else [], islice(rows, _ROWS - 1))
            names.append(sheet if not names else f"{sheet} {len(names) + 1}")
            with archive.open(f"xl/worksheets/sheet{len(names)}.xml", "w") as part:
                for text in _sheet(chain([heading], some)):
                    part.write(text.encode())
        for name, text in _around(names).items():
            archive.writestr(name, _HEAD + text)
    return out.getvalue()


def _sheet(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'
    for cells in rows:
        yield "<row>" + "".join(map(_cell, cells)) + "</row>"
    yield "</sheetData></worksheet>"


def _cell(text: str) -> str:
    shown = escape(_FORBIDDEN.sub("\ufffd", text[:_LONGEST_CELL]))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _around(names: Sequence[str]) -> dict[str, str]:
    """Return the parts of the package beside its worksheets."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(f'<sheet name="{escape(names[n - 1])}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
    }
