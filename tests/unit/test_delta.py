"""The difference engine: whatever is written between a phone's reads, the phone ends with what is there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.domain.sync.delta import SyncPage, difference

KIND = "batches"
KEYS = st.sampled_from("abcdef")
WRITES = st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers(0, 3))), max_size=4)
# A sync: what others write between the reading of heads and of bodies, and whether the answer gets lost.
SYNCS = st.tuples(st.just("sync"), WRITES, st.booleans())
STEPS = st.lists(st.one_of(st.tuples(st.just("write"), WRITES), SYNCS), max_size=30)


class Server:
    """Things with a version that grows with every write, and a content that may stay the same."""

    def __init__(self):
        self.things = {}
        self.writes = 0

    def write(self, writes):
        for key, content in writes:
            self.writes += 1
            if content is None:
                self.things.pop(key, None)
            else:
                self.things[key] = (self.writes, content)

    def sync(self, known, between, *, most=2):
        heads = {key: str(version) for key, (version, _) in self.things.items()}
        page = SyncPage(known)
        delta = difference(known, {KIND: heads})
        changed = page.cut(delta.changed[KIND], most=most)
        missing = page.cut(delta.removed[KIND], most=most)
        self.write(between)
        page.remove(KIND, [key for key in missing if key not in self.things])
        for key in changed:
            if key in self.things:
                body = f"{key}={self.things[key][1]}".encode()
                page.send(KIND, key, body, stamp=heads[key])
        return page


class Phone:
    def __init__(self):
        self.known = {}
        self.things = {}

    def take(self, page):
        self.known = page.known
        for body in page.bodies.get(KIND, ()):
            key, _, content = body.decode().partition("=")
            self.things[key] = int(content)
        for key in page.removed.get(KIND, ()):
            self.things.pop(key, None)


@given(STEPS)
def test_phone_ends_with_what_is_there(steps):
    server, phone = Server(), Phone()
    for step in steps:
        if step[0] == "write":
            server.write(step[1])
            continue
        page = server.sync(phone.known, step[1])
        if not step[2]:
            phone.take(page)

    rounds = 0
    while True:
        page = server.sync(phone.known, [])
        phone.take(page)
        rounds += 1
        if page.empty and not page.more:
            break

    assert phone.things == {key: content for key, (_, content) in server.things.items()}
    assert rounds <= 8


@given(STEPS)
def test_nothing_is_sent_twice_in_the_same_form(steps):
    server, phone = Server(), Phone()
    for step in steps:
        if step[0] == "write":
            server.write(step[1])
            continue
        page = server.sync(phone.known, step[1])
        for body in page.bodies.get(KIND, ()):
            key, _, content = body.decode().partition("=")
            assert phone.things.get(key) != int(content)
        phone.take(page)


def test_page_ends_before_it_gets_too_large():
    page = SyncPage({})

    for number in range(5):
        page.send(KIND, str(number), bytes([number]) * 90_000, stamp="1")

    assert len(page.bodies[KIND]) == 2
    assert page.more
    assert set(page.known[KIND]) == {"0", "1"}


def test_thing_that_is_larger_than_a_page_comes_alone():
    page = SyncPage({})

    page.send(KIND, "a", b"x" * 300_000, stamp="1")

    assert len(page.bodies[KIND]) == 1
    assert not page.more
