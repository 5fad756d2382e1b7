"""A language barrier: the person goes on to a volunteer who has their language, once the next try is due."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api.phone import give_batches, work
from tests.batch_factories import make_campaign
from tests.factories import make_person


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def batch(api, services, campaign, volunteer_of_churu):
    (given,) = give_batches(services, campaign, volunteer_of_churu, 1, size=2)
    return api.post(f"/me/batches/{given['_id']}/open", actor=volunteer_of_churu).json


def barrier(services, batch, **facts):
    return {
        "id": str(uuid4()),
        "batch_id": batch["id"],
        "item_id": batch["items"][0]["id"],
        "channel": "call",
        "disposition": "language_barrier",
        "occurred_at": services.clock.now().isoformat(),
        **facts,
    }


def tell(api, actor, outcome):
    return api.put(f"/me/outcomes/{outcome['id']}", outcome, actor)


def claim(api, actor, campaign):
    return api.post("/me/batches/claim", {"campaign_id": campaign, "channel": "call"}, actor)


def test_person_waits_for_a_volunteer_of_their_language(
    api, app, services, headquarters, volunteer_of_churu, campaign, batch, clock
):
    tell(api, volunteer_of_churu, barrier(services, batch, language="mwr"))
    work(services)
    (pooled,) = api.get(f"/batches?campaign_id={campaign}&state=pooled", headquarters).json["items"]
    assert (pooled["languages"], pooled["size"], pooled["parent_id"]) == (["mwr"], 1, batch["id"])
    speaker = make_person(app, languages=("hi", "mwr"))
    assert claim(api, speaker, campaign).status_code == 404  # the cooldown still holds
    clock.advance(timedelta(hours=24))
    work(services)
    assert claim(api, make_person(app, languages=("hi",)), campaign).status_code == 404
    claimed = claim(api, speaker, campaign)
    assert (claimed.status_code, claimed.json["id"]) == (201, pooled["id"])
    opened = api.post(f"/me/batches/{pooled['id']}/open", actor=speaker).json
    assert "phone" in opened["items"][0]


def test_language_that_was_told_is_the_persons_from_then_on(api, services, headquarters, volunteer_of_churu, batch):
    tell(api, volunteer_of_churu, barrier(services, batch, language="mwr"))
    work(services)
    contact = batch["items"][0]["people"][0]["contact_id"]
    assert api.get(f"/contacts/{contact}", headquarters).json["language"] == "mwr"


def test_drawing_the_consequences_again_makes_no_second_batch(
    api, services, headquarters, volunteer_of_churu, campaign, batch
):
    outcome = barrier(services, batch, language="mwr")
    tell(api, volunteer_of_churu, outcome)
    work(services)
    services.projecting.project(list(services.stores.outcomes.find_many([outcome["id"]]).values()))
    assert len(api.get(f"/batches?campaign_id={campaign}&state=pooled", headquarters).json["items"]) == 1
    assert services.reconciling.run() == []


def test_person_of_unknown_language_is_left_to_the_next_plan(
    api, services, headquarters, volunteer_of_churu, campaign, batch
):
    tell(api, volunteer_of_churu, barrier(services, batch))
    work(services)
    assert api.get(f"/batches?campaign_id={campaign}&state=pooled", headquarters).json["items"] == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"language": "Marwari"}, "language"), ({"language": "mwr", "disposition": "no_answer"}, "language")],
)
def test_language_that_cannot_be_is_refused(api, services, volunteer_of_churu, batch, facts, field):
    answer = tell(api, volunteer_of_churu, barrier(services, batch, **facts))
    assert answer.status_code == 422
    assert field in answer.json["errors"]
