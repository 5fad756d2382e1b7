"""Pages on the wire: `limit` and `cursor` in, `items` and `next_cursor` out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.domain.paging import Page, PageRequest


def page_request(query: Mapping[str, Any]) -> PageRequest:
    """Read the page that a list's query asks for."""
    return PageRequest.parse(limit=query["limit"], cursor=query["cursor"])


def page_answer(page: Page[Any]) -> dict[str, Any]:
    """Return the body of a list."""
    return {"items": page.items, "next_cursor": page.next_cursor}
