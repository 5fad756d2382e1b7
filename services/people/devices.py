"""A person's devices: where their pushes go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.domain.errors import NotFound
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.store.collection import Document
from services.store.people.devices import DeviceStore


class Devices:
    """Binds and unbinds the actor's own installations."""

    def __init__(self, store: DeviceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def bind(self, actor: Actor, installation_id: str, facts: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """Bind an installation to the actor and its target to it; return it, and whether it is new."""
        rest = {name: value for name, value in facts.items() if name != "target"}
        at = self._clock.now()
        created = self._store.bind(actor.user_id, installation_id, target=facts["target"], facts=rest, at=at)
        return {"installation_id": installation_id, **facts, "last_seen_at": at}, created

    def own(self, actor: Actor, page: PageRequest) -> Page[dict[str, Any]]:
        """Return the actor's installations, by their ids."""
        shown = ("installation_id", "platform", "app_version", "locale", "last_seen_at")
        after = page.after_text() or ""
        found = [device for device in self._store.of_user(actor.user_id) if device["installation_id"] > after]
        wired = [{name: device[name] for name in shown} for device in found[: page.limit + 1]]
        return page_of(wired, page, lambda device: (device["installation_id"],))

    def unbind(self, actor: Actor, installation_id: str) -> None:
        """Unbind an installation of the actor; raise NotFound when there is none."""
        if not self._store.unbind(actor.user_id, installation_id):
            raise NotFound

    def forget(self, actor: Actor, installation_id: str | None) -> None:
        """Unbind the installation of a sign-in that has ended, if it had one."""
        if installation_id is not None:
            self._store.unbind(actor.user_id, installation_id)

    def of_user(self, user_id: str) -> list[Document]:
        """Return a person's devices."""
        return self._store.of_user(user_id)
