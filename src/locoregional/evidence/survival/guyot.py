"""Individual times from a Kaplan-Meier curve and its numbers at risk (key guyot2012).

Between two numbers at risk so many patients are censored, evenly in time, that the drops of the curve and the censorings
together make the second number out of the first. Drops become whole events, each against the curve as rebuilt so far, so that
rounding does not add up. Where the last number at risk has passed, censoring goes on at its average rate, or so that the
total number of events is met if it is known; who is left is censored at the end of the curve.

Two things go beyond the published algorithm, since few patients are left at the end of small series: where even censoring
does not let the rebuilt curve come down as far as the printed one, it is crowded towards either end of its interval; and a
last step of a fifth or more is read as the fewest events that make it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.evidence.survival.curve_input import Digitised, NumbersAtRisk

__all__ = ["IndividualTimes", "individual_times"]

_FOLLOWED = 0.01  # a rebuilt curve this close to the printed one follows it
_BENDS = (1.0, 0.7, 1.4, 0.5, 2.0, 0.35, 2.8, 0.25, 4.0, 0.1, 10.0)  # censoring even first, then ever more crowded
_LARGE_STEP = 0.2


@dataclass(frozen=True)
class IndividualTimes:
    """One row per patient, rebuilt.

    Attributes
    ----------
    time_months : ndarray of float64, shape (n,)
        Time to the event or to censoring [months], increasing.
    event : ndarray of bool, shape (n,)
        Whether it is an event.
    """

    time_months: NDArray
    event: NDArray


@dataclass(frozen=True)
class _Censoring:
    """Patients censored on a stretch: evenly, crowded towards its start (bend below 1) or its end (above 1)."""

    count: int
    bend: float = 1.0


@dataclass(frozen=True)
class _Piece:
    """A stretch of the curve between two numbers at risk, and what comes of its drops."""

    start: float
    stop: float
    since: NDArray  # the drop to each point lies between these two times, which are the same where its time is known
    until: NDArray
    survival: NDArray

    def events(self, n: int, censoring: _Censoring, reached: float, most: int) -> tuple[NDArray, float, float]:
        """Events at each point, at most so many in all, the survival rebuilt by the end, and how badly it follows the curve.

        ``n`` patients start at a rebuilt survival of ``reached``. A distance of half an event on the way is no fault; at the
        end of the stretch it is.
        """
        length = self.stop - self.start
        middle = 0.5 * (self.since + self.until)
        share = ((middle - self.start) / length) ** (1.0 / censoring.bend) if length > 0 else np.zeros(middle.size)
        gone = np.maximum(np.ceil(censoring.count * share - 0.5), 0.0)  # censored before; who leaves at an event still counts
        found, total, away = np.zeros(middle.size, dtype=np.int64), 0, 0.0
        for k, (level, out) in enumerate(zip(self.survival.tolist(), gone.tolist(), strict=True)):
            left = n - total - int(out)
            if level >= reached:
                continue
            d = min(int(left * (1.0 - level / reached) + 0.5), most - total, left)
            half = 0.5 * reached / left if left > 0 else 0.0
            if d > 0:
                found[k] = d
                total += d
                reached *= 1.0 - d / left
            away = max(away, reached - level - half)
        end = float(self.survival[-1]) if self.survival.size else reached
        possible = total + censoring.count <= n
        return found, reached, max(away, abs(reached - end)) if possible else np.inf

    def away(self, n: int, censoring: _Censoring, reached: float, most: int) -> float:
        """How badly the rebuilt curve follows the printed one."""
        return self.events(n, censoring, reached, most)[2]

    def places(self, events: NDArray) -> NDArray:
        """Times of the events, evenly within the gap that each drop lies in."""
        which = np.repeat(np.arange(events.size), events)
        rank = np.arange(which.size) - np.repeat(np.cumsum(events) - events, events)
        share = (rank + 0.5) / events[which]
        return self.since[which] + share * (self.until[which] - self.since[which])

    def censorings(self, censoring: _Censoring) -> NDArray:
        """Times of the censorings."""
        share = (np.arange(censoring.count) + 0.5) / max(censoring.count, 1)
        return self.start + share**censoring.bend * (self.stop - self.start)


def individual_times(curve: Digitised, at_risk: NumbersAtRisk, *, events: int | None = None) -> IndividualTimes:
    """Rebuild who had an event and who was censored, when.

    Parameters
    ----------
    curve : Digitised
        Checked points of the figure.
    at_risk : NumbersAtRisk
        Checked numbers at risk; at least the one at time 0.
    events : int, optional
        Events in all, if printed.

    Returns
    -------
    IndividualTimes
        As many patients as were at risk at time 0.
    """
    t, s = _with_times_at_risk(curve, at_risk)
    times, marks = [], []
    reached, lost, seen = 1.0, 0, 0
    for i, n in enumerate(at_risk.count.tolist()):
        start = float(at_risk.time_months[i])
        last = i + 1 == at_risk.count.size
        stop = float(t[-1]) if last else float(at_risk.time_months[i + 1])
        piece = _piece(t, s, start, stop, last=last, samples=curve.samples)
        if last:
            losses = n
            rate = lost / start if start > 0 else 0.0
            censoring = _after_the_last(piece, n, reached, rate=rate, wanted=None if events is None else events - seen)
        else:
            losses = n - int(at_risk.count[i + 1])
            censoring = _between(piece, n, reached, losses)
            lost += censoring.count
        found, reached, _ = piece.events(n, censoring, reached, losses)
        total = int(found.sum())
        seen += total
        rest = losses - total - censoring.count  # at the end of the curve, or drops that rounding has put off
        times += [piece.places(found), piece.censorings(censoring), np.full(rest, stop)]
        marks += [np.ones(total, dtype=bool), np.zeros(censoring.count + rest, dtype=bool)]
    time, mark = np.concatenate(times), np.concatenate(marks)
    order = np.argsort(time, kind="stable")
    return IndividualTimes(time[order], mark[order])


def _with_times_at_risk(curve: Digitised, at_risk: NumbersAtRisk) -> tuple[NDArray, NDArray]:
    """Points of the curve, with one at each time of the numbers at risk; a curve that ends before goes on level."""
    t, s = curve.time_months, curve.survival
    new = np.setdiff1d(at_risk.time_months, t)
    before = np.searchsorted(t, new, side="right") - 1
    level = s[before]
    if curve.samples:  # a drop between two points is shared out in whole events
        after = np.minimum(before + 1, t.size - 1)
        drop = s[before] - s[after]
        n = np.interp(new, at_risk.time_months, at_risk.count)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(t[after] > t[before], (new - t[before]) / (t[after] - t[before]), 0.0)
            whole = np.where(drop > 0, np.maximum(np.round(n * drop / s[before]), 1.0), 1.0)
        level = level - drop * np.round(share * whole) / whole
    order = np.argsort(np.r_[t, new], kind="stable")
    return np.r_[t, new][order], np.r_[s, level][order]


def _piece(t: NDArray, s: NDArray, start: float, stop: float, *, last: bool, samples: bool) -> _Piece:
    """Drops between two numbers at risk. A step at the time of a number at risk comes after it."""
    since = np.r_[0.0, t[:-1]]
    if samples:
        inside = (since >= start) & (t <= stop) & ((t > start) | (since < t))
        return _Piece(start, stop, since[inside], t[inside], s[inside])
    inside = (t >= start) & ((t <= stop) if last else (t < stop))
    return _Piece(start, stop, t[inside], t[inside], s[inside])


def _between(piece: _Piece, n: int, reached: float, losses: int) -> _Censoring:
    """Censorings that with the events make the losses: evenly, or as crowded as it takes to follow the curve."""
    tried = []
    for bend in _BENDS:

        def short(censored: int, bend: float = bend) -> int:
            return losses - censored - int(piece.events(n, _Censoring(censored, bend), reached, n)[0].sum())

        tried.append(_Censoring(_last_not_negative(short, losses), bend))
        if piece.away(n, tried[-1], reached, losses) <= _FOLLOWED:
            return tried[-1]
    return min(tried, key=lambda c: piece.away(n, c, reached, losses))


def _after_the_last(piece: _Piece, n: int, reached: float, *, rate: float, wanted: int | None) -> _Censoring:
    """Censorings after the last number at risk: at the average rate so far [1/month], or to meet the events wanted.

    Fewer, if with so many the curve could not come down as far as it does.
    """
    if wanted is None:
        most = min(n, round(rate * (piece.stop - piece.start)))
    else:
        most = _last_not_negative(lambda c: int(piece.events(n, _Censoring(c), reached, n)[0].sum()) - wanted, n)
    tried = []
    for count in range(most, -1, -1):
        tried.append(_Censoring(count))
        if piece.away(n, tried[-1], reached, n) <= _FOLLOWED:
            break
    best = min(tried, key=lambda c: piece.away(n, c, reached, n))
    return best if wanted is not None or rate == 0 else _one_at_the_end(piece, n, reached, best)


def _one_at_the_end(piece: _Piece, n: int, reached: float, censoring: _Censoring) -> _Censoring:
    """More censorings, if they make a large last step of fewer events and the curve is followed as well."""
    levels = np.r_[reached, piece.survival]
    falls = np.flatnonzero(np.diff(levels) < 0)
    if falls.size == 0 or levels[falls[-1] + 1] > (1 - _LARGE_STEP) * levels[falls[-1]]:
        return censoring
    most_away = max(_FOLLOWED, piece.away(n, censoring, reached, n))

    def last_step(c: _Censoring) -> int:
        found = piece.events(n, c, reached, n)[0]
        return int(found[falls[-1]]) or n + 1

    more = (_Censoring(count) for count in range(censoring.count, n))
    return min((c for c in more if piece.away(n, c, reached, n) <= most_away), key=last_step, default=censoring)


def _last_not_negative(of: Callable[[int], int], most: int) -> int:
    """Largest number up to ``most`` at which a decreasing whole function is not yet negative; 0 if it is so at once."""
    if of(0) < 0:
        return 0
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if of(middle) >= 0 else (low, middle)
    return low
