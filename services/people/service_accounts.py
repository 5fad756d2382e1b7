"""Service accounts: made, given new keys and ended by headquarters; who a key speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.campaigns.places import Places
from services.domain.errors import Conflict, Invalid, StaleVersion, Unauthenticated
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.people.service_accounts import (
    ACTIVE,
    REVOKED,
    AccountRules,
    ServiceAccount,
    account_of,
    matching,
    new_key,
    rotated,
)
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.policy import Policy
from services.store.people.service_accounts import ServiceAccountStore


class ServiceAccounts:
    """The text of a key leaves this class once, when it is made."""

    def __init__(
        self,
        store: ServiceAccountStore,
        *,
        rules: AccountRules,
        policy: Policy,
        places: Places,
        machine: Clock,
        audit: Audit,
    ) -> None:
        self._store = store
        self._rules = rules
        self._policy = policy
        self._places = places
        self._machine = machine
        self._audit = audit

    def authenticate(self, text: str, *, address: str | None) -> Actor:
        """Return who a key speaks for, by one read; raise Unauthenticated for one that opens nothing, or no more."""
        account_id = account_of(text)
        account = self._store.find(account_id) if account_id else None
        key = matching(account.keys, text) if account else None
        if account is None or key is None or account.state != ACTIVE:
            raise Unauthenticated("token_invalid")
        now = self._machine.now()
        if key.expires_at <= now:
            raise Unauthenticated("token_expired")
        self._store.note_use(account, at=now, address=address)
        return Actor(
            user_id=account.id,
            role=account.acts_as,
            session_id=f"key-{key.id}",
            home_area=account.home_area,
            locale="en",
            scopes=frozenset(account.verbs),
            address=address,
        )

    def create(
        self,
        actor: Actor,
        *,
        name: str,
        acts_as: str,
        home_area: str | None,
        verbs: Sequence[str],
        expires_in_days: int | None,
    ) -> tuple[ServiceAccount, str]:
        """Make an account and return it with its key; raise Invalid for verbs or a place that it may not have."""
        self._check(acts_as, home_area, verbs)
        account_id, now = new_id(), self._machine.now()
        text, key = new_key(account_id, now=now, lasts=self._lasts(expires_in_days))
        account = ServiceAccount(
            id=account_id,
            name=name,
            acts_as=acts_as,
            home_area=home_area,
            verbs=tuple(sorted(set(verbs))),
            keys=(key,),
            state=ACTIVE,
            created_by=actor.user_id,
            created_at=now,
        )
        self._store.insert(account)
        facts: dict[str, Any] = {"acts_as": acts_as, "home_area": home_area, "verbs": list(account.verbs)}
        self._audit.record(
            actor, "service_account.create", subject=account_id, key=key.id, expires_at=key.expires_at, **facts
        )
        return account, text

    def list_page(self, page: PageRequest, *, state: str | None) -> Page[ServiceAccount]:
        """Return accounts in the order in which they were made."""
        return self._store.list_page(page, state=state)

    def get(self, account_id: str) -> ServiceAccount:
        """Return an account, or raise NotFound."""
        return self._store.get(account_id)

    def rotate(
        self,
        actor: Actor,
        account_id: str,
        *,
        expires_in_days: int | None,
        grace_hours: int | None,
        version: int | None,
    ) -> tuple[ServiceAccount, str]:
        """Give an account a new key; the one before goes on for the grace, so that nothing stands still meanwhile."""
        account = self._current(account_id, version)
        if account.state != ACTIVE:
            raise Conflict("state_conflict")
        now = self._machine.now()
        hours = self._rules.usual_grace_hours if grace_hours is None else grace_hours
        text, key = new_key(account_id, now=now, lasts=self._lasts(expires_in_days))
        keys = rotated(account.keys, key, now=now, grace=timedelta(hours=hours))
        changed = self._store.change(account, keys=keys, state=ACTIVE)
        self._audit.record(
            actor,
            "service_account.rotate",
            subject=account_id,
            key=key.id,
            expires_at=key.expires_at,
            grace_hours=hours,
        )
        return changed, text

    def revoke(self, actor: Actor, account_id: str, *, version: int | None) -> ServiceAccount:
        """End an account at once, with all its keys; ending it twice is ending it once."""
        account = self._current(account_id, version)
        if account.state == REVOKED:
            return account
        changed = self._store.change(account, keys=(), state=REVOKED)
        self._audit.record(actor, "service_account.revoke", subject=account_id)
        return changed

    def _current(self, account_id: str, version: int | None) -> ServiceAccount:
        account = self._store.get(account_id)
        if version is not None and version != account.version:
            raise StaleVersion
        return account

    def _lasts(self, days: int | None) -> timedelta:
        return timedelta(days=self._rules.usual_days if days is None else days)

    def _check(self, acts_as: str, home_area: str | None, verbs: Sequence[str]) -> None:
        somebody = Actor(user_id="", role=acts_as, session_id="")
        wrong = {
            f"verbs.{at}": "verb_not_for_services"
            for at, verb in enumerate(verbs)
            if verb not in self._rules.verbs or not self._policy.can(somebody, verb)
        }
        if wrong:
            raise Invalid(**wrong)
        if acts_as == "coordinator":
            if home_area is None:
                raise Invalid(home_area="required")
            self._places.require([home_area], field="home_area", kinds=frozenset({"district"}))
        elif home_area is not None:
            raise Invalid(home_area="not_of_a_district")
