"""`sync_bytes`: what a sync weighs on the wire: a batch of 25 that is new, and nothing new.

Goal (guarantee 9): a 25-item batch in 8 KB; nothing new is a 204 whose head is all there is. The bytes are counted on
the socket, head and body.
"""

from __future__ import annotations

import socket
from urllib.parse import urlencode, urlsplit

from bench.fleet.phone import Phone

from .grounds import Grounds, served
from .table import Table
from .world import World, build, fill

GOAL = "a 25-item sync within 8,192 bytes, a 204 within 350"
_CONTACTS = 2_000
_ENCODINGS = ("identity", "gzip", "br", "zstd")


def run() -> Table:
    """Measure."""
    with served() as grounds:
        world = build(grounds.url, volunteers=2)
        fill(world, contacts=_CONTACTS, size=25)
        rows: list[tuple[str, str, int, int, int]] = []
        masked, opened = world.phones
        _take(world, masked, opened=False)
        _take(world, opened, opened=True)
        for what, phone in (("first sync, 25 items masked", masked), ("first sync, 25 items opened", opened)):
            rows += [(what, encoding, *_weigh(grounds, phone, None, encoding)) for encoding in _ENCODINGS]
        opened.sync()
        rows.append(("nothing new", "gzip", *_weigh(grounds, opened, opened.cursor, "gzip")))
        columns = ("sync", "accepts", "status", "head", "body")
        return Table("Bytes of a sync on the wire", GOAL, grounds.engine, columns, rows)


def _take(world: World, phone: Phone, *, opened: bool) -> None:
    if opened:
        world.open_batch(phone)
    else:
        phone.sync()
        phone.claim(world.campaign_id, "call")


def _weigh(grounds: Grounds, phone: Phone, cursor: str | None, encoding: str) -> tuple[int, int, int]:
    """Return status, bytes of the head, bytes of the body."""
    parts = urlsplit(grounds.url)
    query = f"?{urlencode({'cursor': cursor})}" if cursor else ""
    request = (
        f"GET /api/v1/me/sync{query} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: {encoding}\r\n"
        f"Authorization: {phone.person.authorization}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as line:
        line.sendall(request.encode())
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), len(head) + 4, len(body)
