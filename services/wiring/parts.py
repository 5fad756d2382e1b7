"""What several subjects are put together from; none of it holds anything of its own."""

from __future__ import annotations

from functools import cache

from config.data_files import dispositions
from services.batches.desk import gate_for
from services.contacts.standing_surveys import StandingSurveys
from services.contacts.surveying import Surveyor
from services.domain.outcomes.dispositions import Catalogue
from services.gateways.clock import Clock
from services.store.stores import Stores


@cache
def catalogue_of_outcomes() -> Catalogue:
    """Return what may come of a call or a message, read once."""
    return Catalogue.parse(dispositions())


def wire_surveys(stores: Stores, clock: Clock) -> tuple[Surveyor, StandingSurveys]:
    """Return what asks the rules about the people of parts, and the sums that stand ready of what it found."""
    surveyor = Surveyor(stores.facts)
    surveys = StandingSurveys(
        store=stores.surveys,
        surveyor=surveyor,
        gate_of=lambda ruling, channel: gate_for(ruling, channel, clock.now()),
        clock=clock,
    )
    return surveyor, surveys
