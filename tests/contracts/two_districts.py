"""One state with two districts that are alike: of everything one in Churu and one in Bhilwara."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from flask import Flask

from api.factory import create_app
from config.places import load_places
from config.settings import Settings
from services.container import build_services
from services.domain.areas import build_tree
from services.domain.batches.reveal_watch import new_flag
from services.domain.ids import new_id
from services.domain.people.actor import Actor
from services.facade import Services
from services.gateways.clock import FrozenClock
from services.imports.refused_rows import RefusedRows
from services.people.roster_import import KIND as ROSTER_IMPORT
from services.store.collection import open_client
from tests import batch_factories as work
from tests.api.conftest import MORNING
from tests.contracts.walk import ROLES_BY_RANK
from tests.factories import Person, make_person, next_phone, sign_in
from tests.library import SCRIPT, TEMPLATE

SEATS = {"rj-churu": "ac-24", "rj-bhilwara": "ac-179"}
OWN, OTHER = SEATS


@dataclass(frozen=True)
class World:
    """Who asks, by role (those of a district are of Churu), and what there is: in each district, and for all."""

    app: Flask
    people: dict[str, Person]
    things: dict[str, dict[str, str]]

    def send(self, method: str, path: str, actor: Person | None, **options: Any) -> Any:
        """Send a request as somebody."""
        headers = {**(actor.headers if actor else {}), **options.pop("headers", {})}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **options)


@contextmanager
def opened_world(settings: Settings) -> Iterator[World]:
    """Give the world in a database of its own, made once for all tests that only look at it."""
    client = open_client(settings.mongodb_uri or "")
    named = replace(settings, mongodb_database=f"sampark_world_{new_id()}")
    services = build_services(named, client=client, clock=FrozenClock(MORNING))
    services.stores.ensure_indexes()
    services.stores.areas.load(build_tree(load_places()))
    try:
        yield _make(create_app(named, services), services)
    finally:
        client.drop_database(named.mongodb_database)
        client.close()


def _make(app: Flask, services: Services) -> World:
    helpers = [{"constituency": seat, "districts": [district]} for district, seat in SEATS.items()]
    campaign_id = work.make_campaign(services, constituencies=list(SEATS.values()), helpers=helpers)
    world = World(app, {role: make_person(app, role=role) for role in ROLES_BY_RANK}, {})
    shared = {
        "area_id": "ac-24",
        "campaign_id": campaign_id,
        "installation_id": "phone-1",
        "version": "1",
        "tag": "young",
        "account_id": _account(world),
        **_content(world),
    }
    for district in SEATS:
        world.things[district] = {**shared, **_things(world, services, campaign_id, district)}
    return world


def _account(world: World) -> str:
    wanted = {"name": "Dashboard", "acts_as": "observer", "verbs": ["reports.read"]}
    made = world.send("POST", "/service-accounts", world.people["hq_admin"], json=wanted)
    return str(_made(made)["id"])


def _content(world: World) -> dict[str, str]:
    chief = world.people["hq_admin"]
    script = world.send("POST", "/scripts", chief, json=SCRIPT).json["id"]
    template = world.send("POST", "/templates", chief, json=TEMPLATE).json["id"]
    picture = {"file": (BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(64)), "a.png"), "label": "A picture"}
    media = world.send("POST", "/media", chief, data=picture, content_type="multipart/form-data").json["id"]
    return {"script_id": script, "template_id": template, "media_id": media}


def _hear(world: World, services: Services, holder: Person, told: dict[str, str]) -> None:
    """Let somebody give the volunteer another number, for the coordinator to decide about."""
    other = {"kind": "phone", "value": next_phone(), "consent": True, "notice_version": "v1"}
    spoke = {**told, "disposition": "contacted", "given": [other]}
    _made(world.send("PUT", f"/me/outcomes/{uuid4()}", holder, json=spoke))
    services.projecting.run()


def _things(world: World, services: Services, campaign_id: str, district: str) -> dict[str, str]:
    """Return an id of each kind in a district, by its name in paths."""
    own, chief = district == OWN, world.people["hq_admin"]
    coordinator = world.people["coordinator"] if own else _somebody(world, "coordinator", district)
    holder = world.people["volunteer"] if own else _somebody(world, "volunteer", district)
    colleague = _somebody(world, "volunteer", district)
    phone = next_phone()
    address = work.address_of(services, phone)
    asked = work.make_contact(services, seat=SEATS[district], addresses=(address,), keys=(address.key,))
    work.make_people(services, campaign_id, 4, parts=1, seat=SEATS[district])
    assign = {"mode": "volunteers", "user_ids": [holder.id]}
    plan = work.wanted(campaign_id, size=2, limit=2, area=SEATS[district], assign=assign)
    batch_id = _made(world.send("POST", "/batches", chief, json=plan))["items"][0]["id"]
    items = _made(world.send("POST", f"/me/batches/{batch_id}/open", holder))["items"]
    told = {"batch_id": batch_id, "item_id": items[0]["id"], "channel": "call", "disposition": "busy"}
    told["occurred_at"] = (MORNING - timedelta(minutes=5)).isoformat()
    outcome = f"/me/outcomes/{uuid4()}"
    _made(world.send("PUT", outcome, holder, json=told))
    world.send("PUT", outcome, holder, json={**told, "disposition": "no_answer"})
    _hear(world, services, holder, told)
    export = {"kind": "progress", "filter": {"campaign_id": campaign_id}, "purpose": "A trial"}
    saved = {"campaign_id": campaign_id, "name": "All", "filter": {"areas": [SEATS[district]]}}
    code = _made(world.send("POST", "/join/codes", chief, json={"district": district}))
    join = {"code": code["code"], "phone": next_phone(), "name": "Kavita Bishnoi"}
    _made(world.send("POST", "/join/requests", None, json=join))
    lost = sign_in(world.app, holder.user)
    _done(world.send("POST", f"/me/sessions/{lost.session_id}/lost", holder))
    _made(world.send("POST", "/me/outcomes", lost, json={"outcomes": [{**told, "id": str(uuid4())}]}))
    text = {"hi": "पढ़ें", "en": "Read"}
    task = {"kind": "read", "title": text, "body": text, "audience": {"areas": [district], "roles": ["volunteer"]}}
    question = {"text": "When will the canal carry water?", "campaign_id": campaign_id}
    right = {"kind": "access", "phone": phone}
    more = {"campaign_id": campaign_id, "channel": "call"}
    stop = {"phone": next_phone(), "reason": "opted_out"}
    things = {
        "export_id": _made(world.send("POST", "/exports", chief, json=export))["id"],
        "audience_id": _made(world.send("POST", "/audiences", coordinator, json=saved))["id"],
        "task_id": _made(world.send("POST", "/tasks", coordinator, json=task))["id"],
        "work_request_id": _made(world.send("POST", "/me/requests", holder, json=more))["id"],
        "question_id": _made(world.send("POST", "/me/questions", holder, json=question))["id"],
        "suppression_id": _made(world.send("POST", "/suppressions", coordinator, json=stop))["id"],
        "code_id": code["id"],
        "join_request_id": _made(world.send("GET", "/join/requests", coordinator))["items"][0]["id"],
        "held_id": _made(world.send("GET", "/outcomes/held", coordinator))["items"][0]["id"],
        "review_id": _made(world.send("GET", "/reviews", coordinator))["items"][0]["id"],
        "conflict_id": _made(world.send("GET", "/outcomes/conflicts", coordinator))["items"][0]["id"],
    }
    _made(world.send("POST", "/rights/requests", None, json=right))
    services.phones.spread.spread_next()
    return {
        **things,
        "request_id": _made(world.send("GET", "/rights/requests", coordinator))["items"][0]["id"],
        "batch_id": batch_id,
        "item_id": items[1]["id"],
        "contact_id": asked.id,
        "job_id": _job(services, coordinator, "enrol"),
        "import_id": _job(services, coordinator, ROSTER_IMPORT, file_name="people.csv"),
        **_sheet(world, services, district),
        "session_id": sign_in(world.app, holder.user).session_id,
        "user_id": colleague.id,
        "flag_id": _flag(services, colleague),
    }


def _sheet(world: World, services: Services, district: str) -> dict[str, str]:
    """Hand in a list of the district, and say what its columns are."""
    chief = world.people["hq_admin"]
    source = {"name": district, "kind": "own_list", "lawful_basis": "consent", "collected_on": "2026-11-01"}
    form = {"source": json.dumps(source), "mapping": json.dumps({"name": "Who", "phone": "Where"})}
    file = (BytesIO(b"Who,Where\nKavita,9800000000\n"), "list.csv")
    sheet = {**form, "file": file}
    made = _made(world.send("POST", "/contacts/imports", chief, data=sheet, content_type="multipart/form-data"))
    _refuse(services, made["id"])
    (mapping,) = (
        one["id"]
        for one in _made(world.send("GET", "/sheet-mappings", chief))["items"]
        if one["source_name"] == district
    )
    told = _made(world.send("GET", f"/contacts/imports/{made['id']}", chief))
    return {"sheet_id": made["id"], "source_id": told["source_id"], "mapping_id": mapping}


def _flag(services: Services, somebody: Person) -> str:
    evidence = {"revealed": 9, "attempted": 0, "openings": [], "peers": None, "peers_median": None}
    home, now = somebody.user.home_area, services.clock.now()
    flag = new_flag("2026-11-23", somebody.id, home, "above_peers", evidence, at=now)
    services.stores.reveal_flags.raise_once(flag)
    return str(flag["_id"])


def _somebody(world: World, role: str, district: str) -> Person:
    return make_person(world.app, role=role, home_area=district)


def _job(services: Services, owner: Person, kind: str, **params: Any) -> str:
    """Return the id of a job that waits, with a sheet of refused rows as an import has it."""
    actor = Actor(user_id=owner.id, role=owner.user.role, session_id=owner.session_id, home_area=owner.user.home_area)
    job_id = services.jobs.begin(actor, kind, params).id
    _refuse(services, job_id)
    return job_id


def _refuse(services: Services, job_id: str) -> None:
    refused = RefusedRows(services.stores.files)
    refused.finish(job_id, refused.begin(job_id, ["phone"]))


def _done(answer: Any) -> None:
    assert answer.status_code == 204, answer.get_data(as_text=True)


def _made(answer: Any) -> Any:
    assert answer.status_code < 300, answer.get_data(as_text=True)
    return answer.json
