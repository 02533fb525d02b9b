"""A number with its 90 % interval, and draws from many of them at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import PlanningError

__all__ = ["LEVEL", "NOTHING", "Spread", "draw", "exact", "fraction", "positive", "relative"]

LEVEL = 0.9
"""Coverage of every interval of a plan."""
SHARE_END = 0.999
_SIGMAS = 1.6448536269514722  # half-width of a 90 % interval in standard deviations of a normal variable


@dataclass(frozen=True)
class Spread:
    """A value between the ends of its 90 % interval.

    Attributes
    ----------
    value, low, high : float
        Median and ends, in the unit that the name of the argument states.
    assumed : str
        Words, where the interval was assumed and not measured.
    """

    value: float
    low: float
    high: float
    assumed: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no number and a value outside its interval."""
        if not all(isfinite(x) for x in (self.value, self.low, self.high)):
            raise PlanningError("a number is missing or not finite", where="interval", remedy="Give value, low and high.")
        if not self.low <= self.value <= self.high:
            raise PlanningError(
                f"{self.value:g} lies outside its interval {self.low:g} to {self.high:g}",
                where="interval",
                remedy="Correct the ends of the interval.",
            )

    @property
    def wide(self) -> bool:
        """Whether the interval has any width."""
        return self.high > self.low

    def times(self, factor: float) -> Spread:
        """The same in another unit; ``factor`` is positive."""
        return replace(self, value=self.value * factor, low=self.low * factor, high=self.high * factor)


NOTHING = Spread(0.0, 0.0, 0.0)
"""Exactly none."""


def exact(value: float) -> Spread:
    """A number taken as known."""
    return Spread(value, value, value)


def relative(value: float, *, share: float, words: str = "") -> Spread:
    """A positive number known to a factor: the interval reaches from ``value / (1 + share)`` to ``value * (1 + share)``."""
    return Spread(value, value / (1.0 + share), value * (1.0 + share), words)


def positive(number: Spread, name: str) -> Spread:
    """The number, if its whole interval is positive.

    Raises
    ------
    PlanningError
        If it is not.
    """
    if not number.low > 0.0:
        raise PlanningError(f"{name} reaches down to {number.low:g}", where=name, remedy="Give a positive number and interval.")
    return number


def fraction(number: Spread, name: str) -> Spread:
    """The number, if it is a fraction: from 0 to below 1.

    Raises
    ------
    PlanningError
        If it is negative, or 1 and more: then it was most likely meant in per cent.
    """
    if number.low < 0.0:
        raise PlanningError(f"{name} of {number.low:g} is negative", where=name, remedy="Give a fraction from 0 to below 1.")
    if number.high >= 1.0:
        raise PlanningError(
            f"{name} of {number.high:g} is no fraction",
            where=name,
            remedy=f"Give a fraction from 0 to below 1: {number.high:g} % is {number.high / 100.0:g}.",
        )
    return number


def draw(
    inputs: Mapping[str, Spread], *, fractions: Collection[str] = (), members: int = 1024, seed: int = 1
) -> dict[str, NDArray[np.float64]]:
    """Draws of independent numbers by Latin hypercube; 5 and 95 % of each are the ends of its interval.

    Parameters
    ----------
    inputs : mapping of str to Spread
        Numbers by name. All are positive but for the fractions.
    fractions : collection of str
        Names of fractions: normal on either side of the median, kept within 0 and 1. The others are log-normal on either side.
    members : int
        Number of draws.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    dict of str to ndarray, shape (members,)
        A number without width is the same in all.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    wide = [name for name, number in inputs.items() if number.wide]
    out = {name: np.full(members, number.value) for name, number in inputs.items()}
    if not wide:
        return out
    units = qmc.LatinHypercube(d=len(wide), rng=np.random.default_rng(seed)).random(members)
    for name, z in zip(wide, ndtri(units.T) / _SIGMAS, strict=True):
        number = inputs[name]
        if name in fractions:
            step = np.where(z > 0.0, number.high - number.value, number.value - number.low)
            out[name] = np.clip(number.value + z * step, 0.0, SHARE_END)
        else:
            ends = np.log(number.high / number.value), np.log(number.value / number.low)
            out[name] = number.value * np.exp(z * np.where(z > 0.0, *ends))
    return out
