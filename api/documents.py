"""Writes the pages that are made from the code, openapi.json, problems.md and permissions.md: `make openapi`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from flask import Flask

from api.access import permissions
from api.catalogue import PROBLEMS
from api.factory import create_app
from api.openapi_document import declared_routes
from config.settings import load_settings
from schemas.codes import FIELD_CODES
from services.facade import Services

DOCS = Path(__file__).parents[1] / "docs"
_HEAD = """# Problems

Made from `api/catalogue.py` by `make openapi`; a test compares.
Every answer that is not 2xx or 3xx is `application/problem+json` (RFC 9457). `code` is stable and for programs;
`title` and `detail` are for people and come in Hindi or English.

"""
_FIELDS_HEAD = """
## Codes of single fields

With 422 `errors` names each wrong field by its path (`helpers.0.districts`) and says what is wrong by codes.

| Code | Meaning |
|---|---|
"""


def openapi(app: Flask) -> str:
    """Return the OpenAPI document as it is kept for review: one line a value."""
    answer = app.test_client().get("/api/v1/openapi.json")
    return json.dumps(answer.json, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def problems(app: Flask) -> str:
    """Return the page of all codes."""
    return _HEAD + "\n".join(_statuses(_routes_by_code(app))) + _FIELDS_HEAD + "".join(_field_rows())


def _routes_by_code(app: Flask) -> dict[str, list[str]]:
    by_code: dict[str, list[str]] = {}
    for path, declared in declared_routes(app):
        for code in declared.codes:
            by_code.setdefault(code, []).append(f"`{declared.method} {path.removeprefix('/api/v1')}`")
    return by_code


def _statuses(routes: dict[str, list[str]]) -> Iterator[str]:
    status = 0
    for code, entry in sorted(PROBLEMS.items(), key=lambda item: item[1].status):
        if entry.status != status:
            status = entry.status
            yield f"## {status}\n"
        yield f"### `{code}`\n\n**{entry.title}.** {entry.detail}\n{_answered_by(routes.get(code, []))}"


def _answered_by(routes: list[str]) -> str:
    if not routes:
        return "*Any route, or before one is known.*\n"
    many = 8
    return f"*{len(routes)} routes.*\n" if len(routes) > many else f"{' · '.join(sorted(routes))}\n"


def _field_rows() -> Iterator[str]:
    for code, meaning in FIELD_CODES.items():
        yield f"| `{code}` | {meaning} |\n"


def pages() -> dict[Path, str]:
    """Return the content of each page by where it lies."""
    app = create_app(load_settings(), cast("Services", None))
    made: dict[str, Any] = {"openapi.json": openapi(app), "problems.md": problems(app)}
    made["permissions.md"] = permissions(app)
    return {DOCS / name: text for name, text in made.items()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
