"""The judge of the demo must be able to say no: what the fleet's ledger notes, and what it finds in it."""

from __future__ import annotations

import time
from typing import Any

from bench.fleet.ledger import Ledger

NUMBER = "+919876543210"


def opened(batch_id: str, *numbers: str) -> dict[str, Any]:
    items = [{"id": f"item-{n}", "people": [{}], "phone": number} for n, number in enumerate(numbers)]
    return {"id": batch_id, "items": items}


def show(ledger: Ledger, user_id: str, batch_id: str, *numbers: str) -> None:
    ledger.revealed(user_id, opened(batch_id, *numbers), asked=time.monotonic())


def test_a_number_on_two_screens_at_once_is_found() -> None:
    ledger = Ledger()
    show(ledger, "asha", "first", NUMBER, "+919876543211")
    show(ledger, "mohan", "second", NUMBER)
    assert ledger.with_two_holders() == [NUMBER]


def test_a_number_given_up_before_the_next_gets_it_is_fine() -> None:
    ledger = Ledger()
    show(ledger, "asha", "first", NUMBER)
    ledger.let_go("first", ["item-0"], at=time.monotonic())
    show(ledger, "mohan", "second", NUMBER)
    assert ledger.with_two_holders() == []


def test_the_same_volunteer_may_have_a_number_in_two_batches() -> None:
    ledger = Ledger()
    show(ledger, "asha", "first", NUMBER)
    show(ledger, "asha", "second", NUMBER)
    assert ledger.with_two_holders() == []


def test_giving_up_another_item_leaves_the_number_held() -> None:
    ledger = Ledger()
    show(ledger, "asha", "first", NUMBER, "+919876543211")
    ledger.let_go("first", ["item-1"], at=time.monotonic())
    show(ledger, "mohan", "second", NUMBER)
    assert ledger.with_two_holders() == [NUMBER]


def test_a_number_asked_for_after_its_owners_wish_is_found() -> None:
    ledger = Ledger()
    show(ledger, "asha", "first", NUMBER)
    ledger.silence(NUMBER)
    assert ledger.shown_against_wish() == []
    show(ledger, "asha", "first", NUMBER)
    assert ledger.shown_against_wish() == [NUMBER]


def test_the_first_receipt_says_what_became_of_an_outcome() -> None:
    ledger = Ledger()
    outcome = {"id": "one", "disposition": "busy"}
    ledger.told("asha", [outcome], [{"id": "one", "status": "stored"}])
    ledger.told("asha", [outcome], [{"id": "one", "status": "duplicate"}])
    assert [sent.status for sent in ledger.stored()] == ["stored"]
    assert ledger.receipts == {"stored": 1, "duplicate": 1}
