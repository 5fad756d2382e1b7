"""One of everything, made over HTTP or through the stores, so that a generated request can be about something real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.domain.contacts.contacts import Mention
from services.facade import Services
from tests.api.conftest import Api
from tests.batch_factories import make_campaign, make_people, wanted
from tests.factories import Person, next_phone
from tests.library import make_content

FIELD = {"name": "first_vote", "label": {"hi": "पहली बार", "en": "First vote"}, "kind": "boolean"}


def make_world(api: Api, services: Services, person: Callable[..., Person], holder: Person) -> dict[str, Any]:
    """Return an id of each kind by its name in paths; `holder` has a batch in hand."""
    chief = person(role="hq_admin")
    somebody = person(role="volunteer", home_area="rj-churu")
    campaign_id = make_campaign(services)
    source = Mention(source_id="source-1", import_id="import-1", line=2, on="2026-10-01", group="list-1")
    contact = make_people(services, campaign_id, 6, sources=(source,))[0]
    assign = {"mode": "volunteers", "user_ids": [holder.id]}
    made = {
        "task_id": api.post("/tasks", _task([somebody.id]), chief),
        "suppression_id": api.post("/suppressions", {"phone": next_phone(), "reason": "opted_out"}, chief),
        "work_request_id": api.post("/me/requests", {"campaign_id": campaign_id, "channel": "call"}, holder),
        "request_id": api.post("/rights/requests", {"kind": "access", "phone": next_phone()}),
        "job_id": api.post(f"/campaigns/{campaign_id}/enrol", {}, chief),
        "export_id": api.post("/exports", {"kind": "suppressions", "purpose": "A trial"}, chief),
        "field": api.post(f"/campaigns/{campaign_id}/fields", FIELD, chief),
        "audience_id": api.post("/audiences", {"campaign_id": campaign_id, "name": "All"}, chief),
    }
    for name, answer in made.items():
        assert answer.status_code in {200, 201, 202}, f"{name}: {answer.get_data(as_text=True)}"
    answer = api.post("/batches", wanted(campaign_id, size=3, limit=3, assign=assign), chief)
    batch_id = answer.json["items"][0]["id"]
    return {
        **{name: answer.json["id"] for name, answer in made.items() if "id" in answer.json},
        "area_id": "ac-24",
        "batch_id": batch_id,
        "campaign_id": campaign_id,
        "contact_id": contact.id,
        "installation_id": "phone-1",
        "item_id": services.stores.batches.get(batch_id)["items"][0]["id"],
        "tag": "young",
        "script_id": make_content(api, "script", chief)["id"],
        "session_id": somebody.session_id,
        "template_id": make_content(api, "template", chief)["id"],
        "user_id": somebody.id,
        "version": 1,
    }


def about(world: dict[str, Any], value: Any) -> Any:
    """Return a generated body or query with what it names put in the place of made-up ids, phones and places."""
    if isinstance(value, list):
        return [about(world, one) for one in value]
    if not isinstance(value, dict):
        return value
    real = {name: world[name] for name in value.keys() & world.keys() if isinstance(value[name], str)}
    places = {"area": "ac-24", "home_area": "rj-churu", "constituency": "ac-24", "phone": next_phone()}
    lists = {"constituencies": ["ac-24"], "districts": ["rj-churu"], "areas": ["ac-24"], "user_ids": [world["user_id"]]}
    real |= {name: known for name, known in places.items() if isinstance(value.get(name), str)}
    real |= {name: known for name, known in lists.items() if value.get(name)}
    return {**{name: about(world, one) for name, one in value.items()}, **real}


def _task(user_ids: list[str]) -> dict[str, Any]:
    text = {"hi": "पढ़ें", "en": "Read"}
    return {"kind": "read", "title": text, "body": text, "audience": {"user_ids": user_ids}}
