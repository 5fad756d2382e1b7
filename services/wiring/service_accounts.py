"""Puts together how programs sign in: their accounts and keys."""

from __future__ import annotations

from config.paths import read_json
from services.campaigns.places import Places
from services.domain.people.service_accounts import AccountRules
from services.gateways.clock import MachineClock
from services.operations.audit import Audit
from services.people.service_accounts import ServiceAccounts
from services.policy import Policy
from services.store.stores import Stores


def wire_service_accounts(stores: Stores, *, policy: Policy, places: Places, audit: Audit) -> ServiceAccounts:
    """Return the use case of programs that sign in by keys."""
    rules = AccountRules.parse(read_json("service_accounts.json"))
    return ServiceAccounts(
        stores.service_accounts, rules=rules, policy=policy, places=places, machine=MachineClock(), audit=audit
    )
