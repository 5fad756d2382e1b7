"""What claiming and opening cost: so many round trips, whatever the size of the batch and of the collections."""

from __future__ import annotations

import pytest

from tests.batch_factories import make_campaign, make_people, wanted
from tests.factories import make_person

# Among them one for who is asking, of a claim another once they have it; the first opening also reads the script, which
# a process keeps.
CLAIM, CLAIM_AGAIN, OPEN, LOOK, MASKED, RELEASE = 8, 5, 6, 2, 2, 9


@pytest.fixture
def campaign(services):
    return make_campaign(services)


def trips(commands, ask):
    with commands.noted() as names:
        answer = ask()
    assert answer.status_code in {200, 201}, answer.json
    return len(names)


def claimed(api, commands, actor, campaign):
    body = {"campaign_id": campaign, "channel": "call"}
    return trips(commands, lambda: api.post("/me/batches/claim", body, actor))


@pytest.mark.parametrize(("people", "size"), [(6, 2), (60, 20), (300, 100)])
def test_a_claim_costs_the_same_for_any_size(api, app, services, headquarters, commands, campaign, people, size):
    make_people(services, campaign, people, parts=1)
    assert api.post("/batches", wanted(campaign, size=size), headquarters).status_code == 201
    # Whoever claims first lets the process see which pools a campaign has.
    claimed(api, commands, make_person(app), campaign)
    asha = make_person(app)
    assert claimed(api, commands, asha, campaign) == CLAIM
    assert claimed(api, commands, asha, campaign) == CLAIM_AGAIN


def test_the_worker_tells_of_five_claims_by_as_many_commands_as_of_one(
    api, app, services, headquarters, commands, campaign
):
    make_people(services, campaign, 12, parts=1)
    assert api.post("/batches", wanted(campaign, size=2), headquarters).status_code == 201
    (telling,) = (step for step in services.worker_steps if step.name == "batch events")
    costs = []
    for claims in (1, 5):
        for _ in range(claims):
            claimed(api, commands, make_person(app), campaign)
        with commands.noted() as names:
            assert telling.run() == claims
        costs.append(len(names))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(("people", "size"), [(2, 2), (60, 20), (100, 100)])
def test_opening_and_looking_cost_the_same_for_any_size(
    api, app, services, headquarters, commands, campaign, people, size
):
    make_people(services, campaign, people, parts=1)
    assert api.post("/batches", wanted(campaign, size=size), headquarters).status_code == 201
    asha = make_person(app, daily_capacity=100)
    batch_id = api.post("/me/batches/claim", {"campaign_id": campaign, "channel": "call"}, asha).json["id"]
    path = f"/me/batches/{batch_id}"
    assert trips(commands, lambda: api.get(path, asha)) == MASKED
    assert trips(commands, lambda: api.post(f"{path}/open", None, asha)) == OPEN
    assert trips(commands, lambda: api.get(path, asha)) == LOOK
    assert trips(commands, lambda: api.post(f"{path}/release", None, asha)) == RELEASE
