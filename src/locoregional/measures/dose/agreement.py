"""Agreement of two measurements of the same things: bias and limits (bland1986), concordance (lin1989), correlation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError, GeometryError
from locoregional.imaging.volume import Volume

__all__ = ["Agreement", "DoseAgreement", "Range", "agreement", "compare_doses", "concordance"]

_FEWEST = 3
"""Fewer pairs have no spread worth a limit."""


@dataclass(frozen=True)
class Range:
    """An estimate with its confidence interval; the ends are None where none can be given.

    Attributes
    ----------
    value, low, high : float
        In the unit of what was measured, or a correlation.
    """

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Agreement:
    """Second against first: differences are second minus first.

    Attributes
    ----------
    count : int
        Pairs.
    bias, lower, upper : Range
        Mean difference and limits of agreement.
    spread : float
        Standard deviation of the differences.
    concordance, correlation : Range
        Lin's coefficient and Pearson's.
    """

    count: int
    bias: Range
    lower: Range
    upper: Range
    spread: float
    concordance: Range
    correlation: Range


def agreement(first: ArrayLike, second: ArrayLike, *, level: float = 0.95, factor: float = 1.96) -> Agreement:
    """Compare independent pairs.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Measurements of the same n things.
    level : float
        Coverage of the confidence intervals.
    factor : float
        Standard deviations from the bias to a limit; 1.96 holds 95 % of normal differences.

    Raises
    ------
    EvidenceError
        If the lengths differ, fewer than three pairs are given, a value is not finite, or one side does not vary.
    """
    x, y = np.asarray(first, np.float64).ravel(), np.asarray(second, np.float64).ravel()
    if x.size != y.size or x.size < _FEWEST or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise EvidenceError(
            f"{x.size} and {y.size} values", where="agreement", remedy=f"Give at least {_FEWEST} pairs of finite numbers."
        )
    if np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        raise EvidenceError("one side does not vary", where="agreement", remedy="Agreement of a constant says nothing.")
    from scipy.stats import norm, t

    n = x.size
    d = y - x
    bias, spread = float(d.mean()), float(d.std(ddof=1))
    wide = float(t.ppf(0.5 * (1.0 + level), n - 1))
    off_bias = wide * spread / math.sqrt(n)
    off_limit = wide * spread * math.sqrt(1.0 / n + factor**2 / (2.0 * (n - 1)))
    lower, upper = bias - factor * spread, bias + factor * spread
    z = float(norm.ppf(0.5 * (1.0 + level)))
    rho, r = concordance(x, y), float(np.corrcoef(x, y)[0, 1])
    return Agreement(
        count=n,
        bias=Range(bias, bias - off_bias, bias + off_bias),
        lower=Range(lower, lower - off_limit, lower + off_limit),
        upper=Range(upper, upper - off_limit, upper + off_limit),
        spread=spread,
        concordance=_around(rho, z * _concordance_error(x, y, rho, r)),
        correlation=_around(r, z / math.sqrt(n - 3) if n > _FEWEST else math.inf),
    )


def concordance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Lin's concordance correlation coefficient, moments over n."""
    both = float(np.mean((first - first.mean()) * (second - second.mean())))
    return 2.0 * both / float(first.var() + second.var() + (first.mean() - second.mean()) ** 2)


def _around(value: float, reach: float) -> Range:
    """Interval that is even on Fisher's scale."""
    if not np.isfinite(reach) or abs(value) >= 1.0:
        return Range(value)
    middle = np.arctanh(value)
    return Range(value, float(np.tanh(middle - reach)), float(np.tanh(middle + reach)))


def _concordance_error(x: NDArray, y: NDArray, rho: float, r: float) -> float:
    """Standard error of the concordance on Fisher's scale (lin1989, with the correction of 2000)."""
    if abs(rho) >= 1.0 or r == 0.0 or x.size <= _FEWEST:
        return float("inf")
    u2 = float((x.mean() - y.mean()) ** 2 / (x.std() * y.std()))
    inside = (
        (1 - r**2) * rho**2 / ((1 - rho**2) * r**2)
        + 2 * rho**3 * (1 - rho) * u2 / (r * (1 - rho**2) ** 2)
        - rho**4 * u2**2 / (2 * r**2 * (1 - rho**2) ** 2)
    )
    return float(np.sqrt(max(inside, 0.0) / (x.size - 2)))


@dataclass(frozen=True)
class DoseAgreement:
    """A predicted dose against the delivered one.

    Attributes
    ----------
    means_gy : mapping of str to (predicted, delivered)
        Mean dose by structure.
    compartments : Agreement or None
        Over the structures; None below three of them.
    voxels : mapping of str to (concordance, correlation)
        Over the voxels of each structure. Neighbouring voxels are not independent: no interval is given.
    words : tuple of str
        What a reader must know.
    """

    means_gy: Mapping[str, tuple[float, float]]
    compartments: Agreement | None
    voxels: Mapping[str, tuple[float, float]]
    words: tuple[str, ...]


def compare_doses(predicted: Volume, delivered: Volume, masks: Mapping[str, Volume]) -> DoseAgreement:
    """Compare two dose maps in structures: the work-up's prediction against what was delivered.

    Parameters
    ----------
    predicted, delivered : Volume
        Doses in Gy in one patient space, each on its own grid; voxels are compared on the grid of the delivered dose.
    masks : mapping of str to Volume
        Structures; overlapping ones are compared each by itself.

    Raises
    ------
    GeometryError
        If the frames of reference differ.
    EvidenceError
        If there is no structure.
    """
    from locoregional.imaging.resample import resampled
    from locoregional.measures.dose.dvh import dose_volume

    if not masks:
        raise EvidenceError("no structure to compare in", where="masks", remedy="Give at least one.")
    a, b = predicted.frame_of_reference, delivered.frame_of_reference
    if a and b and a != b:
        raise GeometryError(
            "the dose maps are in different frames of reference", where=f"{a} / {b}", remedy="Register one to the other first."
        )
    means, voxels, words = {}, {}, []
    moved = resampled(predicted, delivered.grid, outside=np.nan).array
    for name, mask in masks.items():
        means[name] = (dose_volume(predicted, mask, name=name).mean_gy, dose_volume(delivered, mask, name=name).mean_gy)
        held = (resampled(mask, delivered.grid).array >= 0.5) & np.isfinite(moved)
        x, y = moved[held].astype(np.float64), delivered.array[held].astype(np.float64)
        if x.size >= _FEWEST and np.ptp(x) > 0 and np.ptp(y) > 0:
            voxels[name] = (concordance(x, y), float(np.corrcoef(x, y)[0, 1]))
        else:
            words.append(f"{name}: too few voxels, or a uniform dose: no concordance by voxel")
    pairs = np.array(list(means.values()))
    enough = len(means) >= _FEWEST and bool((np.ptp(pairs, axis=0) > 0).all())
    if not enough:
        words.append("fewer than three structures with differing doses: no limits of agreement")
    return DoseAgreement(means, agreement(*pairs.T) if enough else None, voxels, tuple(words))
