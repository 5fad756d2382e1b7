"""Nothing personal lies open: raw documents, files and logs are searched for what was put in, and the search finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from config.settings import Settings
from services.facade import Services
from services.store.collection import Document, open_client
from tests.api.conftest import Api
from tests.api.sheets import HEADER, bring_in, campaign_in, do_jobs, elector, sheet
from tests.factories import Person, next_phone
from tests.fieldwork import make_work

ROOT = Path(__file__).parents[2]
NOTE = "शाम को पाँच बजे फ़ोन करें"
QUESTION = "Will the canal reach Chhapar this year?"


@pytest.fixture
def client(settings: Settings) -> Iterator[MongoClient[Document]]:
    with open_client(settings.mongodb_uri or "") as client:
        yield client


@pytest.fixture
def known(api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person) -> list[str]:
    """What was put into an installation by a sheet, by outcomes, questions, requests and the roster."""
    phones = [next_phone() for _ in range(4)]
    people = [
        elector(at, phone=phone, epic=f"XQZ{7654321 + at}", relative_name="Ghanshyam Vyas", house_no="Haveli 7-B")
        for at, phone in enumerate(phones[:3], start=1)
    ]
    columns = (*HEADER, "relative_name", "house_no")
    campaign = campaign_in(api, headquarters, ["ac-24"])
    bring_in(api, services, headquarters, sheet([*people, {"ac_no": 24, "phone": "12"}], columns), campaign_id=campaign)
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    contact = work.items[0]["contacts"][0]
    told = [
        work.told(0, disposition="refused", contact_id=contact, note=NOTE),
        work.told(1, disposition="do_not_contact"),
    ]
    assert {
        one["status"] for one in api.post("/me/outcomes", {"outcomes": told}, volunteer_of_churu).json["receipts"]
    } == {"stored"}
    api.post("/me/questions", {"campaign_id": work.campaign_id, "text": QUESTION}, volunteer_of_churu)
    api.post("/rights/requests", {"kind": "access", "phone": phones[3], "note": "I live in Ladnun house 4"})
    do_jobs(services)
    texts = [str(person[name]) for person in people for name in ("name", "epic", "relative_name", "house_no")]
    staff = [person.user for person in (headquarters, volunteer_of_churu)]
    return [
        *phones,
        *texts,
        *work.phones.values(),
        NOTE,
        QUESTION,
        "I live in Ladnun house 4",
        *(text for one in staff for text in (one.name, one.phone)),
    ]


def test_nothing_that_was_put_in_lies_open(services: Services, known: list[str], settings: Settings) -> None:
    assert len(known) > 20
    assert list(services.leak_search.run(known, below=[settings.data_dir])) == []


def test_the_search_finds_what_lies_open_in_a_document(
    services: Services, known: list[str], settings: Settings, client: MongoClient[Document]
) -> None:
    planted = {"_id": "planted", "notes": [{"text": f"called {known[0][3:]} twice"}]}
    client[settings.mongodb_database]["campaigns"].insert_one(planted)
    assert [(leak.known, leak.place) for leak in services.leak_search.run(known, below=[])] == [
        (1, "collection campaigns")
    ]


def test_the_search_finds_what_lies_open_in_a_file(services: Services, known: list[str], tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "api.log").write_text(json.dumps({"note": known.index(NOTE), "said": NOTE}))
    number = known.index(NOTE) + 1
    assert [leak.known for leak in services.leak_search.run(known, below=[tmp_path])] == [number]


def test_the_command_tells_the_line_and_never_the_plaintext(
    services: Services, known: list[str], settings: Settings, tmp_path: Path
) -> None:
    words, log = tmp_path / "known.txt", tmp_path / "api.log"
    words.write_text("\n".join(known), encoding="utf-8")
    log.write_text(f"GET /contacts?phone={known[1]}\n", encoding="utf-8")
    named = {"ENV": "test", "MONGODB_URI": settings.mongodb_uri, "MONGODB_DATABASE": settings.mongodb_database}
    named["DATA_DIR"] = str(tmp_path / "var")
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "leaks", "--known", str(words), "--log", str(log), "--json"],
        env=os.environ | {f"SAMPARK_{name}": str(value) for name, value in named.items()},
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout) == {"found": [{"known": 2, "place": f"file {log}"}]}
