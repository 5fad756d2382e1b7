"""Response, cooperation, refusal and contact rates by the AAPOR Standard Definitions (9th edition, 2016, pp. 61–66).

Cases are persons by the class of their final disposition: I interview, P partial interview, R refusal, NC non-contact
of somebody known to be eligible, O other, UH and UO of unknown eligibility, NE not eligible. Cases that are not
eligible are in no rate; they only tell how likely the unknown ones are to be eligible.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, fields

ELIGIBLE_KNOWN = ("I", "P", "R", "NC", "O")
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Cases:
    """How many persons have a final disposition of each class."""

    I: int = 0  # noqa: E741 - AAPOR's own letter
    P: int = 0
    R: int = 0
    NC: int = 0
    O: int = 0  # noqa: E741 - AAPOR's own letter
    UH: int = 0
    UO: int = 0
    NE: int = 0

    @staticmethod
    def of(counts: Mapping[str, int]) -> Cases:
        """Return the cases of counts by class; a class that is missing has none."""
        return Cases(**{field.name: counts.get(field.name, 0) for field in fields(Cases)})

    @property
    def interviewed(self) -> int:
        """Interviews, whole and partial."""
        return self.I + self.P

    @property
    def eligible(self) -> int:
        """Everybody who is known to be eligible."""
        return self.interviewed + self.R + self.NC + self.O

    @property
    def unknown(self) -> int:
        """Everybody of whom it is not known."""
        return self.UH + self.UO

    @property
    def contacted(self) -> int:
        """Everybody who was reached: AAPOR's (I+P)+R+O."""
        return self.interviewed + self.R + self.O


def eligibility(cases: Cases) -> float | None:
    """Return e, the share of unknown cases taken to be eligible; None where no case is known either way.

    By proportional allocation (CASRO): e = (I+P+R+NC+O) / (I+P+R+NC+O+NE). AAPOR leaves the choice to whoever reports
    and asks that it be said; it is one e for UH and UO.
    """
    return _share(cases.eligible, cases.eligible + cases.NE)


def rates(cases: Cases, e: float | None) -> dict[str, float | None]:
    """Return all sixteen rates, each between 0 and 1, rounded to four digits; None where nobody is in its base.

    Where e is None there is nothing to tell how many of the unknown cases are eligible, and they all count as such.
    """
    unknown = (1.0 if e is None else e) * cases.unknown
    return {
        **_response(cases, unknown),
        **_cooperation(cases),
        **_refusal(cases, unknown),
        **_contact(cases, unknown),
    }


_INTERVIEWS, _REFUSALS, _REACHED = frozenset({"I", "P"}), frozenset({"R"}), frozenset({"I", "P", "R", "O"})
# The classes above the line of each rate.
_UPPER: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("RR1", "RR3", "RR5", "COOP1", "COOP3"), frozenset({"I"})),
    **dict.fromkeys(("RR2", "RR4", "RR6", "COOP2", "COOP4"), _INTERVIEWS),
    **dict.fromkeys(("REF1", "REF2", "REF3"), _REFUSALS),
    **dict.fromkeys(("CON1", "CON2", "CON3"), _REACHED),
}


def without_hidden(found: Mapping[str, float | None], hidden: Set[str]) -> dict[str, float | None]:
    """Return rates, null where nobody of the upper term is told: its classes are all `hidden`."""
    return {name: None if _UPPER[name] <= hidden else value for name, value in found.items()}


def _response(cases: Cases, unknown: float) -> dict[str, float | None]:
    """Response rates.

    RR1 = I / ((I+P) + (R+NC+O) + (UH+UO)); RR3 = I / ((I+P) + (R+NC+O) + e(UH+UO)); RR5 = I / ((I+P) + (R+NC+O));
    RR2, RR4 and RR6 are the same with partial interviews counted: (I+P) in the place of I.
    """
    whole, likely, known = cases.eligible + cases.unknown, cases.eligible + unknown, cases.eligible
    return {
        "RR1": _share(cases.I, whole),
        "RR2": _share(cases.interviewed, whole),
        "RR3": _share(cases.I, likely),
        "RR4": _share(cases.interviewed, likely),
        "RR5": _share(cases.I, known),
        "RR6": _share(cases.interviewed, known),
    }


def _cooperation(cases: Cases) -> dict[str, float | None]:
    """Cooperation rates, of those who were reached.

    COOP1 = I / ((I+P) + R + O); COOP2 = (I+P) / ((I+P) + R + O); COOP3 = I / ((I+P) + R); COOP4 = (I+P) / ((I+P) + R).
    """
    able = cases.interviewed + cases.R
    return {
        "COOP1": _share(cases.I, cases.contacted),
        "COOP2": _share(cases.interviewed, cases.contacted),
        "COOP3": _share(cases.I, able),
        "COOP4": _share(cases.interviewed, able),
    }


def _refusal(cases: Cases, unknown: float) -> dict[str, float | None]:
    """Refusal rates.

    REF1 = R / ((I+P) + (R+NC+O) + UH + UO); REF2 = R / ((I+P) + (R+NC+O) + e(UH+UO)); REF3 = R / ((I+P) + (R+NC+O)).
    """
    return {
        "REF1": _share(cases.R, cases.eligible + cases.unknown),
        "REF2": _share(cases.R, cases.eligible + unknown),
        "REF3": _share(cases.R, cases.eligible),
    }


def _contact(cases: Cases, unknown: float) -> dict[str, float | None]:
    """Contact rates.

    CON1 = ((I+P)+R+O) / ((I+P) + R + O + NC + UH + UO); CON2 = ((I+P)+R+O) / ((I+P) + R + O + NC + e(UH+UO));
    CON3 = ((I+P)+R+O) / ((I+P) + R + O + NC).
    """
    return {
        "CON1": _share(cases.contacted, cases.eligible + cases.unknown),
        "CON2": _share(cases.contacted, cases.eligible + unknown),
        "CON3": _share(cases.contacted, cases.eligible),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, _DIGITS) if whole else None
