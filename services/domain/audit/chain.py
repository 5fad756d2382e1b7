"""The hash chain over the audit trail: entries are sealed in chunks, each of which names the head of the one before.

The heads are keyed (HMAC): who can write to the database but has not the keys can break the chain, not forge it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Document = Mapping[str, Any]
Mac = Callable[[str], str]
LARGEST = 500
# What the chain does not cover: where an entry was sealed is written when it is.
_OUTSIDE = frozenset({"chunk"})
SIGNATURE = "mac"
# What the keyed digests of the trail are made under.
CHAIN = "audit chain"
# So much later than it says may an entry arrive: a request that waited for the database, clocks that differ a little.
_LATENESS = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that is not as it was sealed."""

    kind: str
    chunk: int | None = None
    entry: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return it as it is shown."""
        return asdict(self)


def digest(entry: Document) -> str:
    """Return the digest of an entry as it is stored."""
    content = {name: value for name, value in entry.items() if name not in _OUTSIDE}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def signature(entry: Document, mac: Mac) -> str:
    """Return the keyed digest that an entry gets when it is written: who has not the keys cannot write one."""
    return mac(f"entry|{digest({name: value for name, value in entry.items() if name != SIGNATURE})}")


def is_genuine(entry: Document, mac: Mac) -> bool:
    """Tell whether an entry was written by who has the keys, and as it is."""
    return bool(entry.get(SIGNATURE) == signature(entry, mac))


def make_chunk(
    number: int, previous: str, entries: Sequence[Document], *, sealed_at: datetime, mac: Mac, signed: bool = True
) -> dict[str, Any]:
    """Return the chunk that seals some entries after the chunk whose head is `previous`.

    In one that says `signed` an entry without a valid signature was put in. It is sealed all the same, so that it
    stays to be seen and holds nothing up.
    """
    listed = sorted([entry["_id"], digest(entry)] for entry in entries)
    recorded = [entry["recorded_at"] for entry in entries]
    chunk = {
        "_id": number,
        "previous": previous,
        "count": len(listed),
        "oldest": min(recorded),
        "newest": max(recorded),
        "root": root(listed),
        "sealed_at": sealed_at,
        "entries": listed,
        **({"signed": True} if signed else {}),
    }
    return {**chunk, "head": head(chunk, mac)}


def root(listed: Sequence[Sequence[str]]) -> str:
    """Return the digest over the ids and digests of a chunk's entries."""
    return hashlib.sha256("\n".join(f"{key}:{value}" for key, value in listed).encode()).hexdigest()


def head(chunk: Document, mac: Mac) -> str:
    """Return what the next chunk names: all that a chunk says, keyed."""
    said = [chunk[name] for name in ("_id", "previous", "count", "oldest", "newest", "root", "sealed_at")]
    # Chunks from before entries were signed say nothing of it, nor do their heads.
    return mac("|".join([*(_plain(one) for one in said), *(["signed"] if chunk.get("signed") else [])]))


def broken_links(chunks: Sequence[Document], mac: Mac) -> Iterator[Problem]:
    """Give what is wrong with the chunks themselves, in the order of their numbers: each must follow the one before."""
    expected, previous = 1, ""
    for chunk in chunks:
        number = chunk["_id"]
        if number != expected:
            yield Problem(kind="chunk_missing", chunk=expected)
        elif chunk["previous"] != previous:
            yield Problem(kind="chunk_out_of_place", chunk=number)
        if chunk["head"] != head(chunk, mac):
            yield Problem(kind="chunk_changed", chunk=number)
        listed = chunk.get("entries")
        if listed is not None and (root(listed) != chunk["root"] or len(listed) != chunk["count"]):
            yield Problem(kind="chunk_changed", chunk=number)
        expected, previous = number + 1, chunk["head"]


def broken_entries(
    chunk: Document, entries: Sequence[Document], *, after: datetime | None, now: datetime, kept: timedelta, mac: Mac
) -> Iterator[Problem]:
    """Give what is wrong with the entries of a chunk; `after` is when the chunk before was sealed.

    From when its first entry is due to go, entries may be missing: the database drops them one by one.
    """
    number, listed = chunk["_id"], chunk.get("entries")
    if listed is None:
        return
    sealed = {key: value for key, value in listed}  # noqa: C416 - a list of lists from the database
    found = {entry["_id"]: entry for entry in entries}
    if chunk["oldest"] + kept > now:
        yield from (Problem(kind="entry_missing", chunk=number, entry=key) for key in sealed if key not in found)
    for key, entry in found.items():
        if key not in sealed or (chunk.get("signed") and digest(entry) == sealed[key] and not is_genuine(entry, mac)):
            yield Problem(kind="entry_inserted", chunk=number, entry=key)
        elif digest(entry) != sealed[key]:
            yield Problem(kind="entry_changed", chunk=number, entry=key)
        elif after is not None and entry["recorded_at"] + _LATENESS < after:
            yield Problem(kind="entry_backdated", chunk=number, entry=key)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        # The database keeps milliseconds.
        return moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return str(value)
