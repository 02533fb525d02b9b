"""A change between two examinations, with the interval that comes from measuring twice."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from statistics import NormalDist
from typing import Literal

from locoregional.errors import CaseError
from locoregional.sources import read_facts

__all__ = ["LEVEL", "READERS", "Change", "Readers", "Spread", "change_between", "diameter_spread", "uptake_spread"]

LEVEL = 0.9
"""Coverage of the interval of a change."""
Readers = Literal["different", "same"]
"""Whether one person measured both examinations."""
READERS: tuple[Readers, ...] = ("different", "same")

_Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
_Z_LIMITS = NormalDist().inv_cdf(0.975)  # limits of agreement hold 95 %


@dataclass(frozen=True)
class Spread:
    """How much a tumour that did not change seems to change.

    Attributes
    ----------
    share : float
        Standard deviation of the logarithm of the ratio of two measurements.
    words : str
        Where that comes from.
    fact : str
        Key of the fact behind it.
    """

    share: float
    words: str
    fact: str

    def times(self, factor: float) -> Spread:
        """Spread of a power of the measured value (2 for an area, 3 for a volume), as if all its diameters erred together."""
        return Spread(factor * self.share, f"{self.words}, times {factor:g} for the power of the diameter", self.fact)


@dataclass(frozen=True)
class Change:
    """Change of one number from a reference examination to follow-up.

    Attributes
    ----------
    name : str
        What changed.
    reference, value : float
        Before and after, in ``unit``.
    unit : str
        Unit of the two.
    percent, low_percent, high_percent : float
        Change relative to the reference, and its interval.
    method : str
        Where the interval comes from.
    """

    name: str
    reference: float
    value: float
    unit: str
    percent: float
    low_percent: float
    high_percent: float
    method: str

    @property
    def words(self) -> str:
        """One line: from, to, change with its interval."""
        unit = f" {self.unit}" if self.unit not in ("", "1") else ""
        interval = f" ({100 * LEVEL:.0f} %: {self.low_percent:+.0f} to {self.high_percent:+.0f} %)"
        change = f"{self.percent:+.1f} %{interval if self.low_percent < self.high_percent else ''}"
        return f"{self.name}: {self.reference:.4g} to {self.value:.4g}{unit}, {change}"


def change_between(*, name: str, reference: float, value: float, unit: str, spread: Spread) -> Change:
    """Change with its interval; a value of zero has none, since what has disappeared cannot be measured wrongly.

    Parameters
    ----------
    name : str
        What changed.
    reference, value : float
        Before (positive) and after (not negative), in ``unit``.
    unit : str
        Unit of both.
    spread : Spread
        Of the measurement.

    Raises
    ------
    CaseError
        If there was nothing to measure before.
    """
    if not reference > 0 or value < 0:
        raise CaseError(
            f"a change from {reference:g} to {value:g} {unit} has no meaning",
            where=name,
            remedy="The first value must be positive, the second must not be negative.",
        )
    ratio = value / reference
    low, high = (ratio * exp(sign * _Z * spread.share) for sign in (-1, 1))
    return Change(
        name,
        reference,
        value,
        unit,
        percent=100 * (ratio - 1),
        low_percent=100 * (low - 1),
        high_percent=100 * (high - 1),
        method=spread.words,
    )


def diameter_spread(*, readers: Readers, lesions: int) -> Spread:
    """Spread of a diameter, or of a sum of diameters, between two measurements of an unchanged tumour on CT.

    Parameters
    ----------
    readers : str
        ``different`` or ``same``.
    lesions : int
        How many are summed.

    Raises
    ------
    CaseError
        If ``readers`` is neither.
    """
    if readers not in READERS:
        raise CaseError(f"readers {readers!r} is unknown", where="readers", remedy=f"Use {' or '.join(READERS)}.")
    kind = "single" if lesions == 1 else "sum"
    fact = read_facts(__package__)[f"repeat.{readers}.{kind}"]
    assert fact.low is not None
    assert fact.high is not None
    share = (fact.high - fact.low) / 100 / (2 * _Z_LIMITS)
    who = "one observer" if readers == "same" else "two observers"
    what = "a single diameter" if kind == "single" else "a sum of diameters"
    words = f"{what} measured twice by {who}: 95 % within {fact.low:g} to {fact.high:+g} % (Yoon 2016)"
    return Spread(share, words, fact.key)


def uptake_spread() -> Spread:
    """Spread of tumour uptake between two PET examinations of an unchanged tumour."""
    fact = read_facts(__package__)["repeat.uptake"]
    share = sqrt(2) * float(fact) / 100
    return Spread(
        share, f"uptake measured twice: within-subject coefficient of variation {float(fact):g} % (Lodge 2017)", fact.key
    )
