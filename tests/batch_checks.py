"""What holds of batches, numbers and targets whatever was killed when: nothing twice, orphaned or lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from services.batches.audit import BatchAudit
from services.batches.lease_audit import LeaseAudit
from services.domain.batches.batches import LIVE, POOLED, UNWORKED
from services.facade import Services


def orphans(services: Services, campaign_id: str, contact_ids: Iterable[str]) -> list[str]:
    """Return everything that is wrong with a campaign of which nothing is worked yet, as sentences."""
    batches = {batch["_id"]: batch for batch in services.stores.batches._batches.many({"campaign_id": campaign_id})}
    open_ones = {key: batch for key, batch in batches.items() if batch["state"] in {POOLED, *LIVE}}
    return [
        *_wrong_leases(services, open_ones),
        *_wrong_batches(services, open_ones),
        *_wrong_targets(services, campaign_id, open_ones, list(contact_ids)),
    ]


def audit_of(services: Services) -> BatchAudit:
    """Return the slow walk of the worker over batches, to be taken all at once."""
    found: BatchAudit = _walker(services, "batch audit")
    return found


def lease_audit_of(services: Services) -> LeaseAudit:
    """Return the slow walk of the worker over leases, to be taken all at once."""
    found: LeaseAudit = _walker(services, "lease audit")
    return found


def _walker(services: Services, name: str) -> Any:
    step = next(step for step in services.worker_steps if step.name == name)
    return step.run.__self__  # type: ignore[attr-defined]


def _wrong_leases(services: Services, batches: dict[str, Any]) -> Iterable[str]:
    for lease in services.stores.leases.walk():
        if lease["batch_id"] is None:
            continue
        batch = batches.get(lease["batch_id"])
        if batch is None or batch["state"] == POOLED:
            yield f"lease {lease['_id']} is held by a batch that is not live"
        elif batch["assignee"] != lease["user_id"] or lease["_id"] not in _open_addresses(batch):
            yield f"lease {lease['_id']} is not of its batch's holder or items"


def _wrong_batches(services: Services, batches: dict[str, Any]) -> Iterable[str]:
    holders = {lease["_id"]: lease["batch_id"] for lease in services.stores.leases.walk()}
    for key, batch in batches.items():
        if batch["forming_since"] is not None:
            yield f"batch {key} is half made"
        if batch["pending"] or batch["events"]:
            yield f"batch {key} has events that nobody handled"
        if batch["state"] in LIVE and any(holders.get(one) != key for one in _open_addresses(batch)):
            yield f"batch {key} has numbers that it does not hold"
        if batch["state"] == POOLED and batch["pool_key"] is None and batch["pool_from"] is None:
            yield f"batch {key} lies in no pool"
    for pool in {batch["pool_key"] for batch in batches.values() if batch["pool_key"]}:
        campaign, channel, district, part = pool.split("|")
        seat = services.places.get(part).parent_id
        pools = services.stores.pools.read([f"{campaign}|{channel}|{seat}|{district}"])
        if not any(part in (found.get("parts") or {}) for found in pools.values()):
            yield f"pool {pool} has batches and no name"


def _wrong_targets(
    services: Services, campaign_id: str, batches: dict[str, Any], contact_ids: list[str]
) -> Iterable[str]:
    owners: Counter[str] = Counter()
    for batch in batches.values():
        for item in batch["items"]:
            if item["state"] in UNWORKED:
                owners.update(item["contacts"])
    targets = services.stores.targets.of_contacts([campaign_id], contact_ids)
    for contact in contact_ids:
        if owners[contact] > 1:
            yield f"contact {contact} is in {owners[contact]} batches"
        batch_id = targets[f"{campaign_id}:{contact}"]["batch_id"]
        if owners[contact] == 0 and batch_id is not None:
            yield f"contact {contact} is lost in {batch_id}"
        if owners[contact] == 1 and (batch_id not in batches or contact not in _contacts(batches[batch_id])):
            yield f"contact {contact} does not point to the batch that it is in"


def _open_addresses(batch: dict[str, Any]) -> set[str]:
    return {item["address"] for item in batch["items"] if item["state"] in UNWORKED}


def _contacts(batch: dict[str, Any]) -> set[str]:
    return {contact for item in batch["items"] if item["state"] in UNWORKED for contact in item["contacts"]}
