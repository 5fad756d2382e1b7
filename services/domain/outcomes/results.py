"""Which attempt of a person counts: the final disposition, on each channel and over all of them.

AAPOR asks for one final disposition a case and lets what was learned outweigh what was merely tried last. So: an
interview, whole before partial, once made stays made; else the latest attempt that told something of the person (they
refused, could not be met, moved, died, do not speak the language); else the latest attempt of any kind. A dead number
says nothing of the person, who may have another, so it counts among the last only. Attempts that were told late are
evidence of the person like any other; a code without an AAPOR class counts where there is nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.domain.outcomes.dispositions import Catalogue, Disposition

# Over all channels; no channel is called so.
ALL = "all"
_ABOUT_THE_NUMBER = frozenset({"number_dead", "channel_dead"})
_ABOUT_THE_PERSON = frozenset({"R", "NC", "O", "NE"})


def results_of(tried: Sequence[tuple[str, str]], catalogue: Catalogue) -> dict[str, str]:
    """Return the final disposition by channel and over `ALL` of attempts `(channel, disposition)`, the latest last."""
    by_channel: dict[str, list[str]] = {ALL: [name for _, name in tried]} if tried else {}
    for channel, name in sorted(tried, key=lambda one: one[0]):
        by_channel.setdefault(channel, []).append(name)
    return {channel: _counting(names, catalogue) for channel, names in by_channel.items()}


def _counting(names: Sequence[str], catalogue: Catalogue) -> str:
    weights = [(_weight(catalogue.by_name[name]), at) for at, name in enumerate(names)]
    return names[max(weights)[1]]


def _weight(row: Disposition) -> int:
    """Return how much a disposition tells; of two that tell as much the later one counts."""
    if row.aapor_class is None:
        return 0
    told = {"I": 4, "P": 3}.get(row.aapor_class, 1)
    if row.aapor_class in _ABOUT_THE_PERSON and not row.effects & _ABOUT_THE_NUMBER:
        told = 2
    return told
