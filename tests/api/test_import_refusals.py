"""Sheets and sources that are not taken: a code that names the field, and nothing kept of them."""

from __future__ import annotations

import gzip
import io
import random
import string
from typing import Any

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.api.sheets import LIST, ROLL, bring_in, counts, elector, hand_in, sheet
from tests.factories import Person


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"kind": "bought"}, "source.kind", "source_kind_refused"),
        ({"kind": "beneficiary_list"}, "source.kind", "source_kind_refused"),
        ({"lawful_basis": "legitimate_interest"}, "source.lawful_basis", "basis_unknown"),
        ({"collected_on": "2026-11-24"}, "source.collected_on", "date_in_future"),
        ({"field_basis": {"caste": "consent"}}, "source.field_basis.caste", "unknown_field"),
    ],
)
def test_a_source_that_cannot_be_is_refused(
    api: Api, headquarters: Person, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = hand_in(api, headquarters, sheet([elector(1)]), source={**ROLL, **changes})
    assert (answer.status_code, answer.json["errors"]) == (422, {field: [code]})


def test_a_source_with_an_unknown_field_is_refused(api: Api, headquarters: Person) -> None:
    answer = hand_in(api, headquarters, sheet([elector(1)]), source={**ROLL, "price": 4000})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["source.price"]


@pytest.mark.parametrize("name", ["source", "mapping"])
def test_what_is_no_json_is_named(api: Api, headquarters: Person, name: str) -> None:
    form = {"source": "{}", "mapping": "{}", name: "{"}
    data = {"file": (io.BytesIO(sheet([elector(1)])), "sheet.csv"), **form}
    answer = api.post("/contacts/imports", actor=headquarters, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert answer.json["errors"][name] == ["json_invalid"]


@pytest.mark.parametrize("text", ['{"name": "\\ud800"}', '{"\\udfff": 1}', "[" * 5000, "null", "7"])
def test_no_json_breaks_us(api: Api, headquarters: Person, text: str) -> None:
    data = {"file": (io.BytesIO(sheet([elector(1)])), "sheet.csv"), "source": text}
    answer = api.post("/contacts/imports", actor=headquarters, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert next(iter(answer.json["errors"])).startswith("source")


def test_a_request_without_a_sheet_is_refused(api: Api, headquarters: Person) -> None:
    answer = api.post(
        "/contacts/imports", actor=headquarters, data={"source": "{}"}, content_type="multipart/form-data"
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet_empty"),
        (b"%PDF-1.7 no sheet", "not_a_sheet"),
        (b"alpha,beta\n1,2\n", "header_not_found"),
        (gzip.compress(b"ac_no,part_no,name\n" + b"24,17,Sita\n" * 1000, mtime=0)[:60], "file_truncated"),
    ],
)
def test_what_is_no_sheet_is_refused(api: Api, headquarters: Person, content: bytes, code: str) -> None:
    answer = hand_in(api, headquarters, content)
    assert (answer.status_code, answer.json["code"]) == (422, code)


@pytest.mark.parametrize("column", ["caste", "जाति", "धर्म", "Aadhaar No"])
def test_a_column_for_caste_religion_or_aadhaar_is_refused_by_name(
    api: Api, services: Services, headquarters: Person, column: str
) -> None:
    content = f"ac_no,part_no,serial_no,name,{column}\n24,17,1,Sita Devi,x\n".encode()
    answer = hand_in(api, headquarters, content)
    assert (answer.status_code, answer.json["code"]) == (422, "forbidden_column")
    assert column in answer.json["errors"]
    assert services.stores.jobs.lease_next("nobody", kinds={"import"}, seconds=1) is None


def test_an_unknown_campaign_is_named(api: Api, headquarters: Person) -> None:
    answer = hand_in(api, headquarters, sheet([elector(1)]), campaign_id="nowhere")
    assert (answer.status_code, answer.json["errors"]) == (422, {"campaign_id": ["campaign_unknown"]})


def test_a_mapping_to_a_column_that_is_not_there_is_named(api: Api, headquarters: Person) -> None:
    answer = hand_in(api, headquarters, sheet([elector(1)]), mapping={"phone": "Telefon"})
    assert (answer.status_code, answer.json["errors"]) == (422, {"mapping.phone": ["unknown_column"]})


def test_a_file_that_breaks_off_keeps_what_was_read_and_says_so(
    api: Api, services: Services, headquarters: Person
) -> None:
    header = ("ac_no", "part_no", "serial_no", "name", "address")
    rows = [
        elector(number, address="".join(random.choices(string.ascii_lowercase, k=300))) for number in range(1, 9000)
    ]
    packed = gzip.compress(sheet(rows, header))
    told = bring_in(api, services, headquarters, packed[: len(packed) // 2])
    assert (told["state"], told["problem"]["code"]) == ("failed", "file_truncated")
    assert told["created"] == len(services.stores.contacts.in_part("ac-24-17"))
    assert told["created"] == told["rows"] > 0


def test_lines_without_anything_are_no_rows(api: Api, services: Services, headquarters: Person) -> None:
    content = b"ac_no,part_no,serial_no,name\n\n24,17,1,Sita Devi\n,,,\n\nTotal,,,\n"
    told = bring_in(api, services, headquarters, content)
    assert counts(told) == (2, 1, 0, 0, 1, 0)
    rejects = api.get(f"/contacts/imports/{told['id']}/rejects.csv", headquarters).get_data(as_text=True)
    assert rejects.splitlines()[1].startswith("6,")


def test_a_formula_in_a_refused_row_is_given_back_as_text(api: Api, services: Services, headquarters: Person) -> None:
    content = b"ac_no,part_no,serial_no,name\n24,17,1,=HYPERLINK(1)\n"
    told = bring_in(api, services, headquarters, content)
    rejects = api.get(f"/contacts/imports/{told['id']}/rejects.csv", headquarters).get_data(as_text=True)
    assert "'=HYPERLINK(1)" in rejects


def test_nothing_personal_of_a_sheet_is_readable_in_the_database(
    api: Api, services: Services, headquarters: Person
) -> None:
    personal = ("Sushilabai", "9876512345", "sushila.bai", "ZQA1234567", "Kothari Marg")
    header = ("ac_no", "part_no", "serial_no", "epic", "name", "phone", "instagram", "address", "age")
    row = {
        "epic": personal[3],
        "name": personal[0],
        "phone": personal[1],
        "instagram": personal[2],
        "address": personal[4],
    }
    content = sheet([elector(1, **row), elector(2, **{**row, "name": "Sushilabai Minor", "phone": "12"})], header)
    bring_in(api, services, headquarters, content, source=LIST)
    hand_in(api, headquarters, content, source=LIST, dry_run="true")
    database = services.stores.contacts._contacts._raw.database
    everything = b"".join(
        repr(document).encode() for name in database.list_collection_names() for document in database[name].find()
    )
    assert [secret for secret in personal if secret.encode() in everything] == []
