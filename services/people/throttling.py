"""Failed sign-ins: counted by address, and by phone and address; a wait grows but never stays."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import NamedTuple

from services.domain.cipher import Cipher
from services.domain.errors import Throttled
from services.gateways.clock import Clock
from services.store.people.throttle import ThrottleStore

_WINDOW = timedelta(minutes=1)
# Four slips cost nothing; then the wait grows to a quarter of an hour, where guessing is hopeless and waiting is not.
_WAITS = tuple(timedelta(seconds=seconds) for seconds in (0, 0, 0, 0, 30, 60, 120, 240, 480, 900))
_KEPT = timedelta(days=1)
# A phone as a whole waits only when many addresses guess it at once: one alone fails nine times in such a window.
_PERSON_WINDOW = timedelta(minutes=15)
_PER_PERSON_WINDOW = 30
# Behind an address that fails too often so many more a minute are heard, each person who has not failed there: a hall.
_HEARD_BEYOND = 300


class Admission(NamedTuple):
    """What a try is let through with.

    `slipped` says that this person has failed lately there, which a success should make forgotten; `retry_after` (in
    seconds) that the address has failed too often: this try is heard, and a failure is answered as throttled.
    """

    slipped: bool
    retry_after: int | None = None


class SignInThrottle:
    """Asked before a secret is checked, told when it was wrong; the counts are shared by all processes."""

    def __init__(self, store: ThrottleStore, cipher: Cipher, machine: Clock, *, per_minute: int) -> None:
        self._store = store
        self._cipher = cipher
        self._machine = machine
        self._per_minute = per_minute

    def admit(
        self, *, address: str | None, person: str | None = None, known: bool = False, hall: bool = False
    ) -> Admission:
        """Raise Throttled when the address failed too often this minute, or its wait for this person is not over.

        Another address is kept waiting by a person's failures only when all of them together have failed very often,
        so that no stranger who fails now and then keeps somebody out. With `hall` whoever has not failed at this
        address is heard although it failed too often, up to a bound: others' failures keep nobody out either.

        `person` is what tries are counted by: a phone's key or, for an installation that the person has signed in
        with before, the two together, so that a stranger's failures do not lock anybody out of their own phone. With
        such an installation (`known`) the address is not asked either: in a hall one line is shared by hundreds.
        """
        now = self._machine.now()
        by_address = self._key("address", address)
        by_person = self._key("person", _there(person, address))
        by_everybody = self._key("everybody", person)
        counters = self._store.read(key for key in (by_address, by_person, by_everybody) if key)
        wait = counters.get(by_person or "")
        for key, limit in ((by_everybody, _PER_PERSON_WINDOW), (by_address, self._per_minute)):
            window = counters.get(key or "")
            if not window or window["ends_at"] <= now or window["count"] < limit or (known and key == by_address):
                continue
            over = _seconds(window["ends_at"] - now)
            heard = key == by_address and hall and wait is None and window["count"] < limit + _HEARD_BEYOND
            if not heard:
                raise Throttled("signin_throttled", retry_after=over)
            return Admission(slipped=False, retry_after=over)
        if wait and wait["until"] > now:
            raise Throttled("signin_throttled", retry_after=_seconds(wait["until"] - now))
        return Admission(slipped=wait is not None)

    def failed(self, *, address: str | None, person: str | None = None) -> None:
        """Count a failure."""
        now = self._machine.now()
        if by_address := self._key("address", address):
            self._store.count_in_window(by_address, now=now, window=_WINDOW)
        if by_person := self._key("person", _there(person, address)):
            self._store.count_with_wait(by_person, now=now, waits=_WAITS, kept=_KEPT)
        if by_everybody := self._key("everybody", person):
            self._store.count_in_window(by_everybody, now=now, window=_PERSON_WINDOW)

    def succeeded(self, *, address: str | None, person: str) -> None:
        """Forget the person's failures at this address."""
        if key := self._key("person", _there(person, address)):
            self._store.forget(key)

    def _key(self, kind: str, value: str | None) -> str | None:
        return None if value is None else self._cipher.index(f"sign-in {kind}", value)


def _there(person: str | None, address: str | None) -> str | None:
    return None if person is None else f"{person} {address}"


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
