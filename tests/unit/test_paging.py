"""Pages: cut where the next begins, and go on from no cursor but our own."""

from __future__ import annotations

import pytest

from services.domain.errors import Invalid
from services.domain.paging import PageRequest, page_of, slice_of

LETTERS = "abcdefg"


def whole(limit: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = slice_of(LETTERS, PageRequest.parse(limit=limit, cursor=cursor))
        pages.append(list(page.items))
        cursor = page.next_cursor
        if cursor is None:
            return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_slices_join_without_gap_or_repeat(limit: int) -> None:
    pages = whole(limit)
    assert [letter for page in pages for letter in page] == list(LETTERS)
    assert all(len(page) == limit for page in pages[:-1])


def test_a_page_that_is_full_and_the_last_has_no_cursor() -> None:
    assert page_of("abc", PageRequest(limit=3), lambda letter: (letter,)).next_cursor is None


def test_a_cursor_names_the_last_entry_shown() -> None:
    page = page_of("abcd", PageRequest(limit=3), lambda letter: (letter,))
    assert PageRequest.parse(limit=3, cursor=page.next_cursor).after_text() == "c"


@pytest.mark.parametrize("after", [("a",), (-1,), (True,)])
def test_a_position_that_is_none(after: tuple[object, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        slice_of(LETTERS, PageRequest(after=after))
    assert refused.value.fields == {"cursor": ["cursor_invalid"]}


def test_a_position_past_the_end_is_an_empty_page() -> None:
    assert slice_of(LETTERS, PageRequest(after=(99,))).items == []


@pytest.mark.parametrize("cursor", ["%%%", "bm90IGpzb24", "W10", "W1tdXQ", "é"])
def test_a_cursor_that_was_never_ours(cursor: str) -> None:
    with pytest.raises(Invalid):
        PageRequest.parse(limit=1, cursor=cursor)
