"""Keys that may move: whoever claims one has it alone, however many requests ask for the same person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pymongo.database import Database

from services.store.claims import ClaimStore


def test_requests_for_one_owner_never_keep_each_other_out(database: Database):
    claims, gate = ClaimStore(database), Barrier(6)

    def take(key: str) -> bool:
        gate.wait(10)
        return claims.take(key, "asha", holds=lambda _owner: False)

    with ThreadPoolExecutor(6) as pool:
        for number in range(15):
            assert list(pool.map(take, [f"phone:{number}"] * 6)) == [True] * 6


def test_of_two_owners_at_once_one_has_the_key(database: Database):
    claims, gate = ClaimStore(database), Barrier(2)

    def take(key: str, owner: str) -> bool:
        gate.wait(10)
        return claims.take(key, owner, holds=lambda _owner: False)

    with ThreadPoolExecutor(2) as pool:
        for number in range(15):
            asked = [pool.submit(take, f"phone:{number}", owner) for owner in ("asha", "mohan")]
            assert sorted(one.result() for one in asked) == [False, True]


def test_a_key_that_was_given_up_goes_to_whoever_asks_next(database: Database):
    claims = ClaimStore(database)
    assert claims.take("phone:1", "asha", holds=lambda _owner: False)
    assert not claims.take("phone:1", "mohan", holds=lambda _owner: False)
    claims.give_up("phone:1", "asha")
    assert claims.take("phone:1", "mohan", holds=lambda _owner: False)
