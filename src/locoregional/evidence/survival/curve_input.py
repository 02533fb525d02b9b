"""Digitised points of a survival curve, checked and made into a curve: what a reader of a figure gives us, noise included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError

__all__ = ["POINTS", "UNITS", "Digitised", "NumbersAtRisk", "clean_curve", "clean_numbers_at_risk"]

POINTS = ("auto", "corners", "samples")
"""Where on the curve its points lie: at the feet of the steps, or anywhere; ``auto`` looks at their spacing."""

UNITS = ("auto", "fraction", "percent")
"""Scales of the survival column."""

_OVER = 0.005  # a curve may stand this much above 1, and no more
_RISE = 0.02  # two clicks of one height differ by this much at most; a larger rise is no noise
_FIRST = 0.1  # largest drop at time 0
_HEAD = 0.25  # largest drop that may lie before the first point
_LONGEST_MONTHS = 400.0  # a longer follow-up is a wrong unit
_FEW = 20  # gaps; of as many or more, most must be even
_EVEN_FEW, _EVEN_MANY, _MOST = 0.05, 0.25, 0.7


@dataclass(frozen=True)
class Digitised:
    """A curve read from a figure.

    Attributes
    ----------
    time_months : ndarray of float64, shape (k,)
        Times, not decreasing, the first 0 [months].
    survival : ndarray of float64, shape (k,)
        Share event-free, 0..1, not increasing, the first 1.
    samples : bool
        Whether the points lie anywhere on the curve, so that an event falls between two of them; else each point is the foot
        of a step.
    notes : tuple of str
        What was assumed and mended.
    """

    time_months: NDArray
    survival: NDArray
    samples: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class NumbersAtRisk:
    """The row of numbers under a figure.

    Attributes
    ----------
    time_months : ndarray of float64, shape (m,)
        Times, increasing [months].
    count : ndarray of int64, shape (m,)
        Patients at risk just before each time.
    """

    time_months: NDArray
    count: NDArray


def clean_curve(
    time_months: ArrayLike,
    survival: ArrayLike,
    *,
    unit: str = "auto",
    points: str = "auto",
    where: str = "curve",
    lines: NDArray | None = None,
) -> Digitised:
    """Check digitised points and make them a curve that starts at 1 and never rises.

    Points may come in any order, twice, with noise; rises within noise are averaged out (isotonic regression).

    Parameters
    ----------
    time_months, survival : array_like of float, shape (k,)
        Points of the figure.
    unit : str
        One of ``UNITS``.
    points : str
        One of ``POINTS``.
    where : str
        Name of the file, for messages.
    lines : ndarray of int, shape (k,), optional
        Line of the file that each point stands on, for messages; without it they count points from 1.

    Returns
    -------
    Digitised
        With notes on what was assumed.

    Raises
    ------
    EvidenceError
        If the points are no survival curve; the message names the point or line.
    """
    from scipy.optimize import isotonic_regression

    source = _Source(where, lines)
    t, s = np.asarray(time_months, dtype=float), np.asarray(survival, dtype=float)
    if t.ndim != 1 or t.shape != s.shape or t.size < 2:
        raise EvidenceError(
            f"{t.size} points are no curve", where=where, remedy="Give two points or more, a time and a survival each."
        )
    source.refuse(~np.isfinite(t) | ~np.isfinite(s), "a time or survival is missing or no number", "Delete the row or fill it.")
    source.refuse(t < 0, "a time is negative", "A survival curve starts at time 0.")
    source.refuse(s < 0, "a survival is negative", "Survival lies between 0 and 100 %.")
    source.refuse(t > _LONGEST_MONTHS, f"a time exceeds {_LONGEST_MONTHS:g} months", "Say the unit of the times, such as days.")
    s, said = _fractions(s, unit, source)
    notes = [said] if said else []
    rows = np.lexsort((-s, t))
    t, s = t[rows], s[rows]
    if np.unique(t).size < 2:
        raise EvidenceError("all points have one time", where=where, remedy="Give points along the whole curve.")
    rise = s - np.minimum.accumulate(s)
    if rise.max() > _RISE:
        remedy = (
            "Survival never rises: look for swapped columns, points of another curve, or a curve of events instead of survival."
        )
        raise EvidenceError(
            f"the curve rises by {100 * rise.max():.1f} percentage points",
            where=source.at(int(rows[np.argmax(rise)])),
            remedy=remedy,
        )
    if rise.max() > 0:
        notes.append(f"rises of up to {100 * rise.max():.1f} percentage points were taken for noise and averaged out")
    samples = _evenly_spaced(t) if points == "auto" else points == "samples"
    start = s[t == 0].max() if t[0] == 0 else None
    if start is not None and start < 1 - _FIRST:
        remedy = "A survival curve starts at 100 %. Digitise it from time 0, or give the unit."
        raise EvidenceError(f"the curve starts at {100 * start:g} %", where=where, remedy=remedy)
    if start is None and s[0] < 1 - _HEAD:
        remedy = "Digitise the curve from time 0 on."
        raise EvidenceError(
            f"the first point lies at {t[0]:g} months and {100 * s[0]:.0f} %: the beginning is missing",
            where=where,
            remedy=remedy,
        )
    if start is None:
        notes.append("time 0 was added, at 100 %")
    keep = ~((t == 0) & (s > 1 - _RISE))
    t, s = np.r_[0.0, t[keep]], np.r_[1.0, s[keep]]
    s = np.clip(isotonic_regression(s, weights=np.r_[1e6, np.ones(s.size - 1)], increasing=False).x, 0.0, 1.0)
    s[0] = 1.0
    if samples:
        notes.append("points were taken for samples of the curve, so that events were set between them")
    else:
        notes.append("points were taken for the feet of the steps, where the events happened")
    return Digitised(t, s, samples, tuple(notes))


def clean_numbers_at_risk(
    time_months: ArrayLike,
    count: ArrayLike,
    *,
    total: int | None = None,
    where: str = "numbers at risk",
    lines: NDArray | None = None,
) -> NumbersAtRisk:
    """Check the numbers at risk under a curve.

    Parameters
    ----------
    time_months : array_like of float, shape (m,)
        Times [months].
    count : array_like of float, shape (m,)
        Patients at risk at each.
    total : int, optional
        Patients at time 0; needed where the numbers start later.
    where : str
        Name of the file, for messages.
    lines : ndarray of int, shape (m,), optional
        Line of the file that each number stands on, for messages.

    Returns
    -------
    NumbersAtRisk
        From time 0 on.

    Raises
    ------
    EvidenceError
        If a number is missing, broken, rises, or exceeds the total.
    """
    source = _Source(where, lines)
    t, n = np.asarray(time_months, dtype=float), np.asarray(count, dtype=float)
    if t.ndim != 1 or t.shape != n.shape or t.size == 0:
        raise EvidenceError("there are no numbers at risk", where=where, remedy="Give a time and a number of patients per row.")
    source.refuse(~np.isfinite(t) | ~np.isfinite(n), "a time or number is missing or no number", "Delete the row or fill it.")
    source.refuse(t < 0, "a time is negative", "Times start at 0.")
    source.refuse((n < 0) | (n != np.round(n)), "a number of patients is no whole number from 0 on", "Copy the printed numbers.")
    source.refuse(np.r_[False, np.diff(t) <= 0], "a time is not later than the one before", "Sort the rows, one per time.")
    source.refuse(
        np.r_[False, np.diff(n) > 0], "the number at risk rises", "Patients at risk never increase: look for a typing error."
    )
    if total is not None:
        source.refuse(n > total, f"the number at risk exceeds the total of {total}", "Correct the number or the total.")
        if t[0] == 0 and n[0] < total:
            remedy = "Give the number that the curve starts with as the total, or leave the total out."
            raise EvidenceError(f"{n[0]:g} patients at risk at time 0, but {total} in all", where=source.at(0), remedy=remedy)
    if t[0] > 0:
        if total is None:
            raise EvidenceError("the number at risk at time 0 is missing", where=where, remedy="Add it, or give the total.")
        t, n = np.r_[0.0, t], np.r_[float(total), n]
    if n[0] < 1:
        raise EvidenceError("nobody is at risk at time 0", where=where, remedy="Copy the printed numbers.")
    return NumbersAtRisk(t, n.astype(np.int64))


@dataclass(frozen=True)
class _Source:
    """What to call the places of an input in messages."""

    name: str
    lines: NDArray | None

    def at(self, k: int) -> str:
        return f"{self.name}, row {k + 1}" if self.lines is None else f"{self.name}, line {self.lines[k]}"

    def refuse(self, bad: NDArray, what: str, remedy: str) -> None:
        if bad.any():
            raise EvidenceError(what, where=self.at(int(np.argmax(bad))), remedy=remedy)


def _fractions(s: NDArray, unit: str, source: _Source) -> tuple[NDArray, str]:
    """Survival as a share of 1, and what was assumed about its scale."""
    top, said = float(s.max()), ""
    row = source.at(int(np.argmax(s)))
    if unit == "auto":
        if 1 + _OVER < top < 2:
            remedy = "Say whether it is a fraction or a percentage."
            raise EvidenceError(
                f"the largest survival is {top:g}: more than 1, too little for per cent", where=row, remedy=remedy
            )
        unit = "fraction" if top <= 1 + _OVER else "percent"
        said = f"survival was read as a {unit.replace('percent', 'percentage')}, since its largest value is {top:g}"
    share = s / 100.0 if unit == "percent" else s
    if share.max() > 1 + _OVER:
        raise EvidenceError(
            f"a survival of {100 * share.max():g} % exceeds 100 %", where=row, remedy="Correct the point or the unit."
        )
    return np.minimum(share, 1.0), said


def _evenly_spaced(t: NDArray) -> bool:
    """Whether times are the ticks of a sampling rather than those of events; few times must be quite even for that."""
    gaps = np.diff(np.unique(t))
    middle = np.median(gaps)
    off = np.abs(gaps / middle - 1.0)
    return bool((off <= _EVEN_FEW).all() if gaps.size < _FEW else np.mean(off <= _EVEN_MANY) >= _MOST)
