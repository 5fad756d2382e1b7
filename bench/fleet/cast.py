"""Everybody who works on an installation: enrolled, invited, signed in, their phones bound to push targets."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config.roll_names import load_names

from .connection import Json
from .headquarters import Desk
from .ledger import Ledger
from .person import Person
from .phone import Phone
from .stage import Stage, sampark
from .steps import each
from .volunteer import CHANNEL, Habits, Volunteer

DISTRICTS = 12
_AT_ONCE = 8
_HQ_PHONES = 9100000000
_COORDINATOR_PHONES = 9100000100
_VOLUNTEER_PHONES = 9100001000


@dataclass
class Cast:
    """Everybody, and how they sign in."""

    password: str
    desk: Desk
    second: Desk
    seats: Mapping[str, Json]
    districts: Mapping[str, Json]
    helpers: dict[str, list[str]]
    coordinators: dict[str, Desk] = field(default_factory=dict)
    volunteers: list[Volunteer] = field(default_factory=list)
    # User → the targets of all their installations.
    targets: dict[str, list[str]] = field(default_factory=dict)

    def of_district(self, district: str) -> list[Volunteer]:
        """Return the volunteers at home in a district."""
        return [one for one in self.volunteers if one.phone.person.user["home_area"] == district]


def headquarters(stage: Stage) -> Cast:
    """Make the first account by the command line and a second one over HTTP; look up where the work will be."""
    password = secrets.token_urlsafe(12)
    first = f"+91{_HQ_PHONES}"
    name = ("--name", "Meera Joshi", "--password-stdin")
    sampark("admin", "create", "--phone", first, *name, given=f"{password}\n")
    desk = Desk(Person.sign_in(stage.connection(), phone=first, password=password))
    second = desk.enrol(phone=f"+91{_HQ_PHONES + 1}", name="Kailash Purohit", role="hq_admin")
    token = desk.invite([second["id"]])[second["id"]]
    seats, districts = desk.areas("constituency"), desk.areas("district")
    return Cast(
        password=password,
        desk=desk,
        second=Desk(Person.accept(stage.connection(), token=token, password=password)),
        seats=seats,
        districts=districts,
        helpers=_helpers(seats, districts),
    )


def enrol_everybody(stage: Stage, cast: Cast, ledger: Ledger, *, volunteers: int, seed: int) -> None:
    """Headquarters enrols the coordinators, each coordinator the district's volunteers; all accept, all bind phones."""
    homes = list(dict.fromkeys(home for helping in cast.helpers.values() for home in helping))
    names = _names(seed)
    _appoint(stage, cast, homes, names)
    wanted: dict[str, list[tuple[int, str]]] = {home: [] for home in homes}
    for n in range(volunteers):
        wanted[homes[n % len(homes)]].append((n, next(names)))

    def enrol(home: str) -> list[tuple[int, str]]:
        desk = cast.coordinators[home]
        ids = {n: desk.enrol(**_volunteer(n, name, home))["id"] for n, name in wanted[home]}
        invited = desk.invite(list(ids.values())) if ids else {}
        return [(n, invited[user_id]) for n, user_id in ids.items()]

    invited = [pair for pairs in each("enrolling", homes, enrol, at_once=_AT_ONCE) for pair in pairs]

    def accept(pair: tuple[int, str]) -> Volunteer:
        return _at_work(stage, cast, ledger, number=pair[0], token=pair[1], seed=seed)

    # The order in which they are ready is chance; who is who is not.
    cast.volunteers = sorted(
        each("signing in", sorted(invited), accept, at_once=_AT_ONCE), key=lambda one: one.phone.installation_id
    )


def _appoint(stage: Stage, cast: Cast, homes: Sequence[str], names: Iterator[str]) -> None:
    """Enrol a coordinator for each district and let them sign in."""
    users = [
        cast.desk.enrol(phone=f"+91{_COORDINATOR_PHONES + n}", name=next(names), role="coordinator", home_area=home)
        for n, home in enumerate(homes)
    ]
    tokens = cast.desk.invite([user["id"] for user in users])
    for user in users:
        person = Person.accept(stage.connection(), token=tokens[user["id"]], password=cast.password)
        cast.coordinators[user["home_area"]] = Desk(person)


def _at_work(stage: Stage, cast: Cast, ledger: Ledger, *, number: int, token: str, seed: int) -> Volunteer:
    """Accept an invitation and bind the phone, one person in ten a second one too."""
    installation = f"tour-{number:05}"
    person = Person.accept(stage.connection(), token=token, password=cast.password, installation_id=installation)
    phone = Phone(person, ledger, installation_id=installation)
    installations = [installation, f"{installation}-b"] if number % 10 == 7 else [installation]
    for each_one in installations:
        phone.bind(f"target-{each_one}", installation_id=each_one)
    cast.targets[person.id] = [f"target-{each_one}" for each_one in installations]
    habits = Habits(offline=number % 5 == 0, repeats=number % 10 == 3, changes_mind=number % 50 == 1)
    return Volunteer(phone, ledger, habits=habits, seed=f"{seed}/{number}")


def _helpers(seats: Mapping[str, Json], districts: Mapping[str, Json]) -> dict[str, list[str]]:
    """Return which districts help each seat: its own, and others in turn."""
    helpers = {seat_id: [seat["parent_id"]] for seat_id, seat in seats.items()}
    own = {seat["parent_id"] for seat in seats.values()}
    others = [district for district in sorted(districts) if district not in own]
    for n, district in enumerate(others[: DISTRICTS - len(own)]):
        helpers[list(seats)[n % len(seats)]].append(district)
    return helpers


def _volunteer(number: int, name: str, home: str) -> Json:
    return {
        "phone": f"+91{_VOLUNTEER_PHONES + number}",
        "name": name,
        "role": "volunteer",
        "home_area": home,
        "languages": ["hi"],
        "channels": [CHANNEL],
        "locale": "en" if number % 4 == 2 else "hi",
    }


def _names(seed: int) -> Iterator[str]:
    """Yield made-up names without end, men's and women's in turn, in Hindi."""
    dice, stock = random.Random(seed), load_names()
    while True:
        yield f"{dice.choice(stock.male_first).hi} {dice.choice(stock.male_second).hi}"
        yield f"{dice.choice(stock.female_first).hi} {dice.choice(stock.female_second).hi}"
