"""Refused rows as a sheet: downloaded, corrected, and handed in again as they are."""

from __future__ import annotations

import csv
import io

from services.facade import Services
from tests.api.conftest import Api
from tests.api.sheets import bring_in, counts, elector, sheet
from tests.factories import Person


def rejects(api: Api, actor: Person, told: dict) -> str:
    """The download."""
    return str(api.get(f"/contacts/imports/{told['id']}/rejects.csv", actor).get_data(as_text=True))


def test_rejects_handed_in_as_they_are_are_refused_for_the_same(
    api: Api, services: Services, headquarters: Person
) -> None:
    rows = [elector(1), elector(2, phone="12"), elector(3, name="=HYPERLINK(1)"), elector(4, part_no=4000)]
    first = rejects(api, headquarters, bring_in(api, services, headquarters, sheet(rows)))
    again = bring_in(api, services, headquarters, first.encode())
    assert counts(again) == (3, 0, 0, 0, 3, 0)
    second = rejects(api, headquarters, again)
    assert [row[1:] for row in csv.reader(io.StringIO(second.lstrip("\ufeff")))] == [
        row[1:] for row in csv.reader(io.StringIO(first.lstrip("\ufeff")))
    ]


def test_a_corrected_row_comes_in(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1), elector(2, phone="98765")]))
    corrected = rejects(api, headquarters, told).replace("98765,", "9876543210,").replace("98765\r\n", "9876543210\r\n")
    assert counts(bring_in(api, services, headquarters, corrected.encode())) == (1, 1, 0, 0, 0, 0)
    assert {one.serial_no for one in services.stores.contacts.in_part("ac-24-17")} == {1, 2}


def test_rows_that_were_blanked_are_no_rows_when_they_come_back(
    api: Api, services: Services, headquarters: Person
) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1, age=9), elector(2, phone="12"), elector(3)]))
    again = bring_in(api, services, headquarters, rejects(api, headquarters, told).encode())
    assert counts(again) == (1, 0, 0, 0, 1, 0)
