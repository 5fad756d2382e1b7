"""Pages on the wire: `limit` and `cursor` in, `items` and `next_cursor` out; a cursor opens its own list alone."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from flask import request

from services.domain.errors import Invalid
from services.domain.paging import Page, PageRequest


def page_request(query: Mapping[str, Any]) -> PageRequest:
    """Read the page that a list's query asks for; raise Invalid for the cursor of another list."""
    key, _, of_list = (query["cursor"] or "").rpartition(".")
    if query["cursor"] and of_list != _list():
        raise Invalid(cursor="cursor_invalid")
    return PageRequest.parse(limit=query["limit"], cursor=key)


def page_answer(page: Page[Any]) -> dict[str, Any]:
    """Return the body of a list."""
    return {"items": page.items, "next_cursor": f"{page.next_cursor}.{_list()}" if page.next_cursor else None}


def _list() -> str:
    """Return a mark of the list that is asked for: its route, whatever its filters."""
    return f"{zlib.crc32((request.endpoint or '').encode()):08x}"
