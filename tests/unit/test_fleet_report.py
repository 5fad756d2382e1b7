"""The demo's report: numbers as India writes them, and pushes searched for what must not be in them."""

from __future__ import annotations

import time

import pytest

from bench.fleet.ledger import Ledger
from bench.tour.pushes import telling
from bench.tour.report import grouped


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1000, "1,000"), (100_000, "1,00,000"), (12_345_678, "1,23,45,678")]
)
def test_numbers_are_grouped_as_in_india(number: int, text: str) -> None:
    assert grouped(number) == text


@pytest.mark.parametrize("spelling", ["+919876543210", "9876543210", "98765-43210", "919876543210"])
def test_a_number_in_a_push_is_found_however_it_is_written(spelling: str) -> None:
    ledger = Ledger()
    batch = {"id": "b", "items": [{"id": "i", "people": [{}], "phone": "+919876543210"}]}
    ledger.revealed("asha", batch, asked=time.monotonic())
    told = {"data": {"kind": "batch"}, "notification": {"title": "New work", "body": f"Call {spelling}"}}
    clean = {"data": {"kind": "batch", "batch_id": "01m83ks6rnv"}, "notification": {"title": "New work", "body": "25"}}
    assert telling([told, clean], ledger) == 1
