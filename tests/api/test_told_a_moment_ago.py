"""What was told a moment ago holds for the next request, before the worker has drawn its consequences."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api.phone import give_batches, work
from tests.batch_factories import make_campaign


@pytest.fixture
def batch(api, services, volunteer_of_churu):
    (given,) = give_batches(services, make_campaign(services), volunteer_of_churu, 1, size=2)
    return api.post(f"/me/batches/{given['_id']}/open", actor=volunteer_of_churu).json


def tell(api, services, batch, actor, disposition):
    """Tell of a call of this moment on the first item, and return how the item looks then."""
    item = batch["items"][0]
    told = {"id": str(uuid4()), "batch_id": batch["id"], "item_id": item["id"], "channel": "call"}
    told |= {"disposition": disposition, "occurred_at": services.clock.now().isoformat()}
    told |= {"contact_id": item["people"][0]["contact_id"]}
    assert api.put(f"/me/outcomes/{told['id']}", told, actor).status_code == 201
    return lambda: api.get(f"/me/batches/{batch['id']}", actor).json["items"][0]


def test_retry_rule_holds_at_once_and_after_the_worker(api, services, batch, volunteer_of_churu, clock):
    look = tell(api, services, batch, volunteer_of_churu, "busy")
    again = (clock.now() + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    assert look()["not_before"] == again
    work(services)
    assert look()["not_before"] == again


def test_cooldown_hides_the_number_at_once(api, services, batch, volunteer_of_churu):
    look = tell(api, services, batch, volunteer_of_churu, "partial")
    assert "phone" not in look()
    work(services)
    assert "phone" not in look()
