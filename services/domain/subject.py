"""What the rules are asked about: a person, their address and history, the campaign, volunteer and template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.domain.calendar import KillSwitch
from services.domain.channels import serves
from services.domain.standing import UNTOUCHED, Standing

# What the store fills by the hundred thousand are named tuples: they are made in a third of a frozen dataclass's time.


class Touch(NamedTuple):
    """One attempt on a person or an address, of whatever campaign."""

    at: datetime
    channel: str
    campaign_id: str


class Address(NamedTuple):
    """A phone or handle; `touches` are the attempts on it, whoever of the household was meant."""

    key: str
    kind: str
    state: str = "ok"
    dead_channels: frozenset[str] = frozenset()
    suppressed: bool = False
    held_by_other: bool = False
    held_until: datetime | None = None
    touches: tuple[Touch, ...] = ()


class Subject(NamedTuple):
    """A person of a campaign and the address that would be used; `gone` is one who moved, died or was erased."""

    part_id: str
    constituency_id: str
    address: Address | None
    standing: Standing = UNTOUCHED
    touches: tuple[Touch, ...] = ()
    suppressed: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class CampaignView:
    """What of a campaign decides whether its people may be contacted."""

    id: str
    state: str
    kill_switches: tuple[KillSwitch, ...] = ()


@dataclass(frozen=True, slots=True)
class VolunteerView:
    """What of a volunteer decides whether they may take more; `cap_left` None asks nothing."""

    paused: bool = False
    cap_left: int | None = None


@dataclass(frozen=True, slots=True)
class TemplateView:
    """The content that would be sent; `certified` also where it was ruled not to be an advertisement."""

    id: str
    certified: bool


def pick_address(addresses: Sequence[Address], channel: str) -> Address | None:
    """Return the address to use on a channel: the first that works, else the first of the kind, to say why not."""
    fitting = [address for address in addresses if serves(address.kind, channel)]
    working = (address for address in fitting if address.state == "ok" and channel not in address.dead_channels)
    return next(working, fitting[0] if fitting else None)
