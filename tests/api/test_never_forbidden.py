"""No sequence of calls and clock moves reveals a forbidden number: a machine tries, an oracle of its own judges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.domain.ist import IST
from tests.api.conftest import MORNING
from tests.api.phone import work
from tests.batch_factories import enrol, make_campaign, make_contact, wanted
from tests.factories import make_person, next_phone

PARTS = (1, 2)
AREAS = ("ac-24", "ac-24-1", "ac-24-2")
COOLDOWN, SILENCE, NIGHT = timedelta(hours=24), timedelta(hours=48), (22, 6)
# None of them has a retry rule: only the cooldown says when the next try is due.
TOLD = ("partial", "language_barrier", "left_message", "do_not_contact", "contacted")
moves = st.sampled_from([timedelta(seconds=1), timedelta(minutes=59), timedelta(hours=5), timedelta(hours=23)])


def text(moment):
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Oracle:
    """What the machine did, and what follows from it by the letter of the rules."""

    def __init__(self):
        self.polls, self.code, self.stopped, self.window = {}, None, False, (10, 19)
        self.suppressed, self.attempts = set(), []

    def wrong(self, campaign, phone, part, moment):
        """Return why a number must not be shown for use at a moment, or nothing."""
        hour = moment.astimezone(IST).hour
        closes = self.polls.get(f"ac-24-{part}") or self.polls.get("ac-24")
        first, last = self.window if campaign == 0 else (10, 19)
        near = [one for one in self.attempts if one[1] == phone and moment - COOLDOWN < one[0] <= moment]
        found = {
            "window": not first <= hour < last,
            "silence": closes is not None and closes - SILENCE <= moment < closes,
            "night": self.code is not None and self.code <= moment and (hour >= NIGHT[0] or hour < NIGHT[1]),
            "stopped": self.stopped,
            "suppressed": phone in self.suppressed,
            "cooldown": bool(near),
        }
        return [name for name, holds in found.items() if holds]


class Machine(RuleBasedStateMachine):
    """Two campaigns over the same people, two volunteers, two at headquarters, one clock."""

    api = app = services = clock = people = None

    @initialize()
    def begin(self):
        self.clock.set(MORNING)
        self.services.stores.controls.set_fields(
            {"polls": {}, "model_code": None, "kill_switches": [], "rules": []}, version=None
        )
        self.headquarters, self.second, *self.volunteers = self.people
        self.oracle = Oracle()
        self.phones = [next_phone() for _ in range(4)]
        contacts = [
            make_contact(self.services, phone=phone, part=PARTS[at % 2]) for at, phone in enumerate(self.phones)
        ]
        contacts.append(make_contact(self.services, phone=self.phones[0], part=PARTS[0]))
        self.part_of = {phone: PARTS[at % 2] for at, phone in enumerate(self.phones)}
        self.campaigns = [make_campaign(self.services, channels=["call"]) for _ in range(2)]
        for campaign in self.campaigns:
            enrol(self.services, campaign, contacts)
        self.batches = {}
        self.plan(0)
        self.take(0, 0)

    @rule(move=moves)
    def wait(self, move):
        self.clock.advance(move)
        work(self.services)

    @rule(area=st.sampled_from(AREAS), hours=st.sampled_from([None, 1, 30, 49, 72]))
    def poll(self, area, hours):
        closes = None if hours is None else self.clock.now() + timedelta(hours=hours)
        opens = None if closes is None else text(closes - timedelta(hours=11))
        body = {"opens_at": opens, "closes_at": None if closes is None else text(closes)}
        assert self.api.put(f"/areas/{area}/poll", body, self.headquarters).status_code == 200
        self.oracle.polls[area] = closes

    @rule(on=st.booleans())
    def model_code(self, on):
        self.oracle.code = self.clock.now() if on else None
        body = {"from": text(self.oracle.code) if on else None, "to": None}
        assert self.api.put("/model-code", body, self.headquarters).status_code == 200

    @rule(on=st.booleans())
    def switch(self, on):
        actor = self.headquarters if on else self.second
        answer = self.api.post("/kill-switch", {"on": on, "reason": "By order"}, actor)
        self.oracle.stopped = on if answer.status_code == 200 else self.oracle.stopped

    @rule(hours=st.sampled_from([(11, 17), (12, 15)]))
    def narrow(self, hours):
        span = {"from": f"{hours[0]}:00", "to": f"{hours[1]}:00"}
        answer = self.api.put(f"/campaigns/{self.campaigns[0]}/rules", {"contact_window": span}, self.headquarters)
        if answer.json["state"] == "live":
            self.oracle.window = hours

    @rule(which=st.integers(0, 3))
    def stop(self, which):
        body = {"phone": self.phones[which], "reason": "opted_out"}
        assert self.api.post("/suppressions", body, self.headquarters).status_code in {200, 201}
        self.oracle.suppressed.add(self.phones[which])

    @rule(campaign=st.integers(0, 1))
    def plan(self, campaign):
        body = wanted(self.campaigns[campaign], channel="call", size=2, assign={"mode": "pool"})
        assert self.api.post("/batches", body, self.headquarters).status_code < 500
        work(self.services)

    @rule(who=st.integers(0, 1), campaign=st.integers(0, 1))
    def take(self, who, campaign):
        """Claim and open; whatever comes back is judged with everything else that is visible."""
        body = {"campaign_id": self.campaigns[campaign], "channel": "call"}
        answer = self.api.post("/me/batches/claim", body, self.volunteers[who])
        assert answer.status_code in {200, 201, 404, 423}
        if answer.status_code < 300:
            batch = answer.json["id"]
            self.batches[batch] = (who, campaign)
            opened = self.api.post(f"/me/batches/{batch}/open", None, self.volunteers[who])
            assert opened.status_code in {200, 423}

    @rule(disposition=st.sampled_from(TOLD), which=st.integers(0, 9))
    def tell(self, disposition, which):
        """Tell of an attempt on something visible; the worker has not run when the next call comes."""
        if not (seen := self.seen()):
            return
        batch, item, phone, _ = seen[which % len(seen)]
        outcome = {"id": str(uuid4()), "batch_id": batch, "item_id": item["id"], "channel": "call"}
        outcome |= {"disposition": disposition, "occurred_at": text(self.clock.now())}
        outcome["contact_id"] = item["people"][0]["contact_id"]
        who = self.volunteers[self.batches[batch][0]]
        assert self.api.put(f"/me/outcomes/{outcome['id']}", outcome, who).status_code in {200, 201}
        self.oracle.attempts.append((self.clock.now(), phone))
        if disposition == "do_not_contact":
            self.oracle.suppressed.add(phone)

    def seen(self):
        """Return everything that phones show by now: batch, item, number, and from when it may be used."""
        found = []
        for batch, (who, _) in self.batches.items():
            shown = self.api.get(f"/me/batches/{batch}", self.volunteers[who])
            for item in shown.json["items"] if shown.status_code == 200 else ():
                if "phone" in item:
                    begins = item.get("not_before")
                    found.append((batch, item, item["phone"], datetime.fromisoformat(begins) if begins else None))
        return found

    @invariant()
    def nothing_forbidden_is_shown(self):
        now = self.clock.now()
        holders = {}
        for batch, _, phone, begins in self.seen() if hasattr(self, "batches") else ():
            wrong = self.oracle.wrong(self.batches[batch][1], phone, self.part_of[phone], begins or now)
            assert wrong == [], (phone, text(now), begins)
            assert holders.setdefault(phone, batch) == batch, f"{phone} is live in two batches"

    def teardown(self):
        """Close each door once on whatever is visible at the end, so that no run is without a silence or a stop."""
        for close in (
            lambda: self.poll("ac-24", 30),
            lambda: self.poll("ac-24", None),
            lambda: self.switch(on=True),
            lambda: self.switch(on=False),
            lambda: self.tell("partial", 0),
            lambda: [self.stop(which) for which in range(len(self.phones))],
        ):
            close()
            self.nothing_forbidden_is_shown()


def test_no_sequence_of_calls_reveals_a_forbidden_number(api, app, services, clock, headquarters, second_headquarters):
    people = (headquarters, second_headquarters, make_person(app), make_person(app))
    bound = type("Bound", (Machine,), {"api": api, "app": app, "services": services, "clock": clock, "people": people})
    # A failure is told with its steps as they were: making them fewer would take minutes.
    bounds = settings(
        max_examples=4,
        stateful_step_count=10,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(bound, settings=bounds)
