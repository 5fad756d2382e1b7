"""What the rules are asked about: a person, their address and history, the campaign, volunteer and template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.domain.identifiers.channels import serves
from services.domain.outcomes.standing import UNTOUCHED, Standing
from services.domain.rules.calendar import KillSwitch

# What the store fills by the hundred thousand are named tuples: they are made in a third of a frozen dataclass's time.


class Touch(NamedTuple):
    """One outcome told about a person or an address, of whatever campaign; `item_id` joins a message's steps."""

    at: datetime
    channel: str
    campaign_id: str
    item_id: str


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

    def usable(self, channel: str) -> bool:
        """Tell whether nothing about the address itself forbids the channel."""
        return (
            self.state == "ok"
            and not self.suppressed
            and channel not in self.dead_channels
            and serves(self.kind, channel)
        )


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
    """Return the address to use on a channel; if none can be used, one of the kind, so that it can be said why.

    The person's order holds, save that a number given for WhatsApp goes before a mobile that may have it.
    """
    fitting = [address for address in addresses if serves(address.kind, channel)]
    fitting.sort(key=lambda address: address.kind != channel)
    usable = (address for address in fitting if address.usable(channel))
    return next(usable, fitting[0] if fitting else None)
