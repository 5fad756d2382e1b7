"""A crowd to plan and claim from, written straight through the stores: an import is measured elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from config.settings import load_settings
from services.contacts.target_counts import TargetCounts
from services.container import build_services
from services.domain.contacts.contacts import Contact, ContactAddress, Place
from services.domain.contacts.keys import ContactKeys
from services.domain.ids import new_id
from services.domain.people.users import User
from services.facade import Services

from .grounds import Grounds
from .world import World

_AT_ONCE = 2000
_FIRST_PHONE = 9_000_000_000
_FIRST_STAFF = 8_000_000_000
# A polling station has about so many electors; a smaller crowd fills fewer stations, as true to size.
_A_PART = 690


def opened(grounds: Grounds) -> Services:
    """Return the services of an installation that runs, opened beside it."""
    return build_services(replace(load_settings(), mongodb_uri=grounds.uri, mongodb_database=grounds.database))


def gather(services: Services, world: World, *, contacts: int) -> None:
    """Store contacts with a phone each over the campaign's parts, and make them its targets."""
    seats = services.campaigns.get(world.campaign_id)["constituencies"]
    by_seat = [services.places.children(seat) for seat in seats]
    turns = [part for turn in zip(*by_seat, strict=False) for part in turn]
    parts = [Place(*part.path) for part in turns[: max(len(seats), contacts // _A_PART)]]
    made = _people(services, parts, contacts)
    while some := list(islice(made, _AT_ONCE)):
        services.stores.contacts.insert_new(some, at=services.clock.now())
        services.stores.targets.enrol(world.campaign_id, some)
    counts = TargetCounts(
        services.stores.targets, services.stores.target_tallies, places=services.places, clock=services.clock
    )
    counts.recount(services.campaigns.get(world.campaign_id), [part.part_id for part in parts if part.part_id])


def _people(services: Services, parts: list[Place], number: int) -> Iterator[Contact]:
    keys = ContactKeys(services.cipher)
    each = -(-number // len(parts))
    for at in range(number):
        value = f"+91{_FIRST_PHONE + at}"
        address = ContactAddress(
            key=keys.address("mobile", value),
            kind="mobile",
            value=value,
            basis="voluntary",
            source_id="bench",
            collected_on="2026-10-01",
        )
        yield Contact(
            id=new_id(),
            place=parts[at // each],
            serial_no=at % each + 1,
            facts={"name": "Sita Devi", "relative_name": "Ram Lal", "house_no": "12"},
            addresses=(address,),
            age=34,
            gender="female",
            language="hi",
        )


def staff(services: Services, districts: Sequence[str], *, number: int) -> list[str]:
    """Store active volunteers, dealt over their home districts; return their ids."""
    made = [
        User(
            id=new_id(),
            phone=f"+91{_FIRST_STAFF + at}",
            name="Asha Verma",
            role="volunteer",
            home_area=districts[at % len(districts)],
            areas=(),
            languages=("hi",),
            channels=(),
            daily_capacity=None,
            locale="hi",
            state="active",
            version=1,
            created_at=services.clock.now(),
        )
        for at in range(number)
    ]
    for user in made:
        services.stores.users.insert(user)
    return [user.id for user in made]
