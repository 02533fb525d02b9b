"""GRADE: how certain a body of evidence is, each step down with the numbers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.evidence.appraisal.minors import Minors

if TYPE_CHECKING:
    from locoregional.evidence.pooling.pooled import Pooled

__all__ = ["LEVELS", "Grade", "Member", "Step", "grade"]

LEVELS = ("very low", "low", "moderate", "high")
"""Certainty, rising (guyatt2008)."""

_START = "low"
_SUBSTANTIAL_I2, _CONSIDERABLE_I2 = 50.0, 75.0
_WIDE_PREDICTION = {"proportion": 0.5, "median survival": 4.0, "mean change": 3.0}
_WIDE_INTERVAL = {"proportion": 0.2, "median survival": 2.0, "mean change": 2.0}
_FEW_PATIENTS = 100
_SMALL_STUDY_TEST = 10


@dataclass(frozen=True)
class Member:
    """A study as GRADE sees it: its size, directness, whether its number was read in the source, and its methods."""

    study: str
    total: int | None
    directness: str
    verified: bool
    minors: Minors | None


@dataclass(frozen=True)
class Step:
    """One domain: how many levels it costs (0, 1 or 2), and why."""

    domain: str
    down: int
    words: str


@dataclass(frozen=True)
class Grade:
    """Certainty with the steps that led to it.

    Attributes
    ----------
    start, certainty : str
        Levels before and after.
    steps : tuple of Step
        Five domains, also those that cost nothing.
    """

    start: str
    certainty: str
    steps: tuple[Step, ...]

    @property
    def words(self) -> str:
        """Certainty and what it was rated down for."""
        down = [s.domain for s in self.steps if s.down]
        return f"{self.certainty} (from {self.start}{', rated down for ' + ', '.join(down) if down else ''})"


def grade(pooled: Pooled, members: Sequence[Member]) -> Grade:
    """Certainty of a body of single-arm evidence by GRADE (guyatt2008).

    It starts at low, as for all observational evidence, and is never rated up: without a comparison group the size of an
    effect cannot be seen. The limits used here are conventions of this software, named in each step: I2 of 50 and 75 %;
    prediction and confidence intervals wider than a decision could bear (20 and 50 percentage points; a factor of 2 and 4
    of median survival; 2 and 3 points of pain); fewer than 100 patients.

    Parameters
    ----------
    pooled : Pooled
        Result of the synthesis, poolable or not.
    members : sequence of Member
        Its studies.

    Returns
    -------
    Grade
        ``very low`` to ``low``, with every step in words.
    """
    steps = (_bias(members), _inconsistency(pooled), _indirectness(members), _imprecision(pooled, members), _publication(pooled))
    level = max(0, LEVELS.index(_START) - sum(s.down for s in steps))
    return Grade(_START, LEVELS[level], steps)


def _share(members: Sequence[Member], chosen: Sequence[Member]) -> float:
    """Share of the patients; of the studies where a size is not given."""
    sizes = [m.total for m in members if m.total is not None]
    if not members:
        return 0.0
    if len(sizes) < len(members):
        return len(chosen) / len(members)
    return sum(m.total or 0 for m in chosen) / max(sum(sizes), 1)


def _bias(members: Sequence[Member]) -> Step:
    weak = [m for m in members if m.minors is None or m.minors.weak]
    unread = [m for m in members if not m.verified]
    part = _share(members, weak)
    words = f"{100 * part:.0f} % of the patients are in series with fewer than half of the MINORS points that could be judged"
    if unread:
        words += f"; {len(unread)} of {len(members)} numbers were not read in their source"
    return Step("risk of bias", int(part > 0.5 or _share(members, unread) > 0.5), words)


def _inconsistency(pooled: Pooled) -> Step:
    if pooled.k < 2:
        return Step("inconsistency", 0, "one study: not assessable")
    down, words = 0, "heterogeneity cannot be estimated"
    if pooled.i2_percent is not None:
        down = int(pooled.i2_percent >= _SUBSTANTIAL_I2) + int(pooled.i2_percent >= _CONSIDERABLE_I2)
        words = f"I² {pooled.i2_percent:.0f} %"
    if pooled.prediction_low is not None and pooled.prediction_high is not None:
        wide = _width(pooled.measure, pooled.prediction_low, pooled.prediction_high) > _WIDE_PREDICTION[pooled.measure]
        down = max(down, int(wide))
        words += (
            f"; prediction interval {_ends(pooled, prediction=True)}{', too wide to foretell a further study' if wide else ''}"
        )
    return Step("inconsistency", down, words)


def _indirectness(members: Sequence[Member]) -> Step:
    other = _share(members, [m for m in members if m.directness != "breast"])
    borrowed = _share(members, [m for m in members if m.directness == "borrowed"])
    down = 2 if borrowed > 0.5 else int(other > 1 / 3)
    words = f"{100 * other:.0f} % of the patients from mixed or other tumours" if other else "breast cancer only"
    return Step("indirectness", down, words + (f", {100 * borrowed:.0f} % without breast cancer" if borrowed else ""))


def _imprecision(pooled: Pooled, members: Sequence[Member]) -> Step:
    sizes = [m.total for m in members if m.total is not None]
    few = sum(sizes) < _FEW_PATIENTS
    words = f"{sum(sizes)} in all" + (f" (fewer than {_FEW_PATIENTS})" if few else "")
    if pooled.ci_low is None or pooled.ci_high is None:
        return Step("imprecision", max(1, int(few)), f"{words}; no interval can be given")
    wide = _width(pooled.measure, pooled.ci_low, pooled.ci_high) > _WIDE_INTERVAL[pooled.measure]
    words += f"; {'wide' if wide else 'narrow enough'} interval {_ends(pooled, prediction=False)}"
    return Step("imprecision", int(few) + int(wide), words)


def _publication(pooled: Pooled) -> Step:
    if pooled.k < _SMALL_STUDY_TEST:
        return Step(
            "publication bias", 0, f"not assessable with {pooled.k} studies (needs {_SMALL_STUDY_TEST}); cannot be excluded"
        )
    return Step("publication bias", 0, "see the tests for small-study effects; not rated down by itself")


def _width(measure: str, low: float, high: float) -> float:
    """Width of an interval as a decision feels it: a difference, or a ratio of medians."""
    return high / max(low, 1e-9) if measure == "median survival" else high - low


def _ends(pooled: Pooled, *, prediction: bool) -> str:
    ends = (pooled.prediction_low, pooled.prediction_high) if prediction else (pooled.ci_low, pooled.ci_high)
    factor, unit = {"proportion": (100.0, "%"), "median survival": (1.0, "months"), "mean change": (1.0, "points")}[
        pooled.measure
    ]
    low, high = (factor * (v or 0.0) for v in ends)
    return f"{low:.1f} to {high:.1f} {unit}"
