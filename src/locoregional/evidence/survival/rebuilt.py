"""A printed survival curve as data: individual times, what they say, how far to trust them, and two of them compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.accuracy import accuracy_words
from locoregional.evidence.survival.assumed import times_without_numbers_at_risk
from locoregional.evidence.survival.curve import SurvivalCurve
from locoregional.evidence.survival.curve_input import Digitised, NumbersAtRisk
from locoregional.evidence.survival.guyot import IndividualTimes, individual_times
from locoregional.evidence.survival.kaplan_meier import Estimate, KaplanMeier, kaplan_meier
from locoregional.evidence.survival.quantiles import quantile_time

__all__ = ["Rebuilt", "rebuild"]

_CONTRADICTION = 0.05  # a rebuilt curve further than this from the printed one was drawn from other numbers at risk
_FLAT = 0.01  # a reading error of the height of a curve
_FLAT_SHARE = 0.05  # a median that such an error moves by more than this is said to be uncertain
_NOTHING = Estimate(float("nan"), float("nan"), float("nan"))
_EVENTS_APART = 0.02  # share of the printed events by which the rebuilt ones may differ unsaid


@dataclass(frozen=True)
class Rebuilt:
    """A survival curve rebuilt from a figure.

    Attributes
    ----------
    curve : Digitised
        The points, checked.
    at_risk : NumbersAtRisk or None
        Numbers printed under the figure.
    times : IndividualTimes or None
        One row per patient; None if the number of patients is unknown.
    kaplan_meier : KaplanMeier or None
        Of these times.
    events_given : bool
        Whether the number of events was known.
    notes : tuple of str
        What was assumed, mended or doubtful.
    """

    curve: Digitised
    at_risk: NumbersAtRisk | None
    times: IndividualTimes | None
    kaplan_meier: KaplanMeier | None
    events_given: bool
    notes: tuple[str, ...]

    @property
    def n(self) -> int | None:
        """Patients; None if unknown."""
        return None if self.times is None else int(self.times.event.size)

    @property
    def events(self) -> int | None:
        """Events rebuilt; None if the number of patients is unknown."""
        return None if self.times is None else int(self.times.event.sum())

    @property
    def given(self) -> str:
        """What stood beside the curve: ``numbers at risk``, ``patients and events``, ``patients`` or ``nothing``."""
        if self.times is None:
            return "nothing"
        if self.at_risk is not None:
            return "numbers at risk"
        return "patients and events" if self.events_given else "patients"

    @property
    def accuracy(self) -> str:
        """How far to trust the numbers, in words, from rebuilding curves whose data are known."""
        return accuracy_words(self.given, n=self.n)

    @property
    def reason(self) -> str:
        """Why the median must not be pooled; empty if it may be."""
        if self.times is None:
            return "the number of patients is not known, so nothing has an interval: give the total or the numbers at risk"
        if self.given == "patients":
            return "neither numbers at risk nor the number of events are known, so that every interval rests on an assumption"
        median = self.median()
        if abs(float(self.curve.survival[-1]) - 0.5) <= _FLAT:
            return "the curve ends within a reading error of 50 %: whether there is a median is uncertain"
        if np.isnan(median.value):
            return "the curve does not come down to 50 %, so there is no median"
        if np.isnan([median.low, median.high]).any():
            return "the interval of the median is open at one end"
        return ""

    @property
    def max_deviation(self) -> float | None:
        """Largest vertical distance between the rebuilt and the printed curve at its points, 0..1; None without a rebuilt one."""
        return None if self.kaplan_meier is None else float(_distances(self.curve, self.kaplan_meier).max())

    def median(self) -> Estimate:
        """Median time [months], read off the printed curve; its limits are those of the rebuilt patients.

        So are all numbers here: what a figure shows is closer to the truth than what comes back by way of whole patients.
        """
        rebuilt = None if self.kaplan_meier is None else self.kaplan_meier.quantile()
        return _read(_read_median(self.curve), rebuilt)

    def survival_at(self, t: float) -> Estimate:
        """Survival at a time [months]; NaN beyond the end of the curve."""
        if not 0 <= t <= self.curve.time_months[-1]:
            return _NOTHING
        rebuilt = None if self.kaplan_meier is None else self.kaplan_meier.at(t)
        return _read(float(_level(self.curve, np.array([t]))[0]), rebuilt)

    def restricted_mean(self, *, stop: float) -> Estimate:
        """Mean time event-free up to ``stop`` [months], the area under the curve; NaN beyond its end."""
        if not 0 < stop <= self.curve.time_months[-1]:
            return _NOTHING
        t = np.r_[self.curve.time_months[self.curve.time_months < stop], stop]
        s = _level(self.curve, t)
        height = 0.5 * (s[1:] + s[:-1]) if self.curve.samples else s[:-1]
        rebuilt = None if self.kaplan_meier is None else self.kaplan_meier.restricted_mean(stop=stop, extend=True)
        return _read(float(height @ np.diff(t)), rebuilt)

    def drawn(self, name: str) -> SurvivalCurve:
        """The curve for a picture."""
        km = self.kaplan_meier
        nothing = np.full(self.curve.time_months.size, np.nan)
        risk = self.at_risk
        t, n = (risk.time_months, risk.count) if risk is not None else (np.zeros(0), np.zeros(0, dtype=np.int64))
        if km is None:
            return SurvivalCurve(name, self.curve.time_months, self.curve.survival, nothing, nothing, t, n)
        late = int(km.time[0] > 0)  # a curve starts at time 0, whether or not something happened then
        first, one, none = np.zeros(late), np.ones(late), np.full(late, np.nan)
        low, high = np.r_[none, km.low], np.r_[none, km.high]
        return SurvivalCurve(name, np.r_[first, km.time], np.r_[one, km.survival], low, high, t, n)


def rebuild(
    curve: Digitised, *, at_risk: NumbersAtRisk | None = None, total: int | None = None, events: int | None = None
) -> Rebuilt:
    """Rebuild individual times from a digitised curve, by what stands beside it.

    Parameters
    ----------
    curve : Digitised
        From :func:`locoregional.evidence.survival.curve_input.clean_curve`.
    at_risk : NumbersAtRisk, optional
        From :func:`locoregional.evidence.survival.curve_input.clean_numbers_at_risk`. A single number is but a total.
    total : int, optional
        Patients at time 0, where no numbers at risk are known.
    events : int, optional
        Events in all.

    Returns
    -------
    Rebuilt
        With the curve alone it holds what can be read off it, and no individual times.

    Raises
    ------
    EvidenceError
        If numbers contradict each other or the curve.
    """
    if at_risk is not None and at_risk.count.size == 1:
        total, at_risk = int(at_risk.count[0]), None
    n = int(at_risk.count[0]) if at_risk is not None else total
    if n is not None and n < 1:
        raise EvidenceError(f"{n} patients make no curve", where="total", remedy="Give the number of patients at time 0.")
    if events is not None and (events < 0 or n is None or events > n):
        what = f"{events} events of {'unknown' if n is None else n} patients cannot be"
        raise EvidenceError(what, where="events", remedy="Give the number of patients, and no more events than patients.")
    if n is None:
        return Rebuilt(curve, None, None, None, False, (*curve.notes, *_doubts(curve)))
    if at_risk is None:
        times = times_without_numbers_at_risk(curve, n, events=events)
    else:
        times = individual_times(curve, at_risk, events=events)
    km = kaplan_meier(times.time_months, times.event)
    _refuse_contradiction(curve, km, at_risk)
    notes = [*curve.notes, *_doubts(curve)]
    if at_risk is None:
        rest = (
            "so many were censored before as leave the printed events"
            if events is not None
            else "nobody was censored before a quarter of the follow-up"
        )
        notes.append(
            f"without numbers at risk it was assumed that patients were censored evenly up to the end of the curve: {rest}"
        )
    found = int(times.event.sum())
    if events is not None and abs(found - events) > _EVENTS_APART * max(events, 50):
        notes.append(f"the curve gives {found} events where {events} are printed: one of the two may be another endpoint")
    if at_risk is not None:
        last, end = float(at_risk.time_months[-1]), float(curve.time_months[-1])
        if not end / 3 <= last <= end * 1.5:
            notes.append(f"numbers at risk end at {last:.3g} months, the curve at {end:.3g}: check that both have one unit")
    return Rebuilt(curve, at_risk, times, km, events is not None, tuple(notes))


def _level(curve: Digitised, t: NDArray) -> NDArray:
    """Height of the printed curve at times: between points straight if they are samples, else level."""
    if curve.samples:
        return np.interp(t, curve.time_months, curve.survival)
    return curve.survival[np.maximum(np.searchsorted(curve.time_months, t, side="right") - 1, 0)]


def _read(value: float, rebuilt: Estimate | None) -> Estimate:
    """A value of the printed curve with the limits of the rebuilt patients, which always enclose it."""
    if rebuilt is None or np.isnan(value):
        return Estimate(value, float("nan"), float("nan"))
    return Estimate(value, float(np.minimum(rebuilt.low, value)), float(np.maximum(rebuilt.high, value)), rebuilt.sigma)


def _read_median(curve: Digitised) -> float:
    """Median read off the printed curve; NaN if it does not come down to one half."""
    t, s = curve.time_months, curve.survival
    if not curve.samples or s[-1] >= 0.5:
        return quantile_time(t, s)
    onto, off = int(np.argmax(s <= 0.5)), int(np.argmax(s < 0.5))
    return 0.5 * sum(float(np.interp(-0.5, -s[k - 1 : k + 1], t[k - 1 : k + 1])) for k in (onto, off))


def _doubts(curve: Digitised) -> list[str]:
    """Warning where a small error of height moves the median far."""
    t, s = curve.time_months, curve.survival
    if s[-1] > 0.5 + _FLAT:
        return []
    early, late = (quantile_time(t, s, fraction=0.5 + d) for d in (-_FLAT, _FLAT))
    gap = (np.inf if np.isnan(late) else late) - early
    step = float(np.median(np.diff(np.unique(t))))
    if gap - step <= _FLAT_SHARE * early:
        return []
    end = "the end of the curve" if np.isnan(late) else f"{late:.3g} months"
    return [f"the curve is nearly level about 50 %: one point of reading error puts the median from {early:.3g} months to {end}"]


def _distances(curve: Digitised, km: KaplanMeier) -> NDArray:
    """Vertical distance from each printed point to the rebuilt curve, its risers included, shape (k,)."""
    after = np.r_[1.0, km.survival]
    at = np.searchsorted(km.time, curve.time_months * (1 + 1e-9), side="right")
    just_before = np.searchsorted(km.time, curve.time_months * (1 - 1e-9), side="left")
    return np.maximum(np.maximum(after[at] - curve.survival, curve.survival - after[just_before]), 0.0)


def _refuse_contradiction(curve: Digitised, km: KaplanMeier, at_risk: NumbersAtRisk | None) -> None:
    """Refuse numbers that the curve cannot have been drawn from; a step that is coarse since few are left is none."""
    away = _distances(curve, km)
    at = np.minimum(np.searchsorted(km.time, curve.time_months), km.time.size - 1)
    coarse = km.survival[np.maximum(at - 1, 0)] / km.at_risk[at]
    wrong = away > _CONTRADICTION + coarse
    if wrong.any():
        k = int(np.argmax(wrong))
        t, s = curve.time_months[k], curve.survival[k]
        remedy = "Check that both belong to one arm, that their times have one unit, and the typing."
        beside = "numbers at risk" if at_risk is not None else "number of patients or events"
        raise EvidenceError(
            f"the curve and the {beside} contradict each other", where=f"at {t:.3g} months, {100 * s:.0f} %", remedy=remedy
        )
