"""Brings a database to what this version of the code expects: indexes, places from the data files, migrations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.domain.areas import Area
from services.store.stores import Stores


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What there was to do: places that were written, migrations that ran."""

    places: int
    migrations: Sequence[str]


class Upkeep:
    """Changes nothing the second time; any number of processes may do it at once."""

    def __init__(self, stores: Stores, *, areas: Sequence[Area], migrate: Callable[[], Sequence[str]]) -> None:
        self._stores = stores
        self._areas = areas
        self._migrate = migrate

    def prepare(self) -> Prepared:
        """Create missing indexes, load the places unless these very ones are there, run pending migrations."""
        self._stores.ensure_indexes()
        self._stores.devices.seal_open()
        places = self._stores.areas.load(self._areas)
        return Prepared(places=places, migrations=self._migrate())
