"""Figures as a reader would digitise them, drawn from trials whose individual data are known."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.evidence.survival.curve_input import Digitised, NumbersAtRisk, clean_curve
from locoregional.evidence.survival.kaplan_meier import KaplanMeier, kaplan_meier

__all__ = ["SERIES", "Arm", "digitised", "printed_numbers", "simulated", "trials"]

SERIES = {
    "corners": "the foot of every step, exactly",
    "rounded": "100 points evenly along the curve, heights rounded to 0.5 percentage points",
    "pixels": "100 points of a plot of 800 by 500 pixels, each off by a pixel (one standard deviation) both ways",
}
"""Ways of digitising."""

_POINTS = 100
_WIDTH_PX, _HEIGHT_PX = 800, 500
_TICKS = 10  # numbers at risk stand under about so many
_SIZES, _TRIALS_OF_A_SIZE = (30, 60, 120, 250), 20
_STEPS = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 12.0, 24.0)


@dataclass(frozen=True)
class Arm:
    """One arm of a trial.

    Attributes
    ----------
    name : str
        As its table has it.
    time : ndarray of float64, shape (n,)
        Times, in the unit of the figure.
    event : ndarray of bool, shape (n,)
        Event or censored.
    """

    name: str
    time: NDArray
    event: NDArray

    def kaplan_meier(self) -> KaplanMeier:
        """Curve of the data."""
        return kaplan_meier(self.time, self.event)


def trials(folder: Path) -> dict[str, tuple[Arm, ...]]:
    """Arms of each trial figure in a folder of tables with the columns time, event, arm; arms by name.

    Parameters
    ----------
    folder : Path
        Folder of CSV files.
    """
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        arms = []
        for name in sorted({line["arm"] for line in lines}):
            mine = [line for line in lines if line["arm"] == name]
            time = np.array([float(line["time"]) for line in mine])
            arms.append(Arm(name, time, np.array([float(line["event"]) == 1 for line in mine])))
        found[path.stem] = tuple(arms)
    return found


def simulated(rng: np.random.Generator) -> dict[str, tuple[Arm, ...]]:
    """Trials of made-up patients, small ones too, with staggered entry, one closing date, and losses to follow-up.

    Parameters
    ----------
    rng : Generator
        Source of the patients.
    """
    found = {}
    for size in _SIZES:
        for k in range(_TRIALS_OF_A_SIZE):
            arms = []
            shape, median = rng.uniform(0.8, 1.6), rng.uniform(8.0, 30.0)
            entry, closing, loss = rng.uniform(6.0, 24.0), rng.uniform(30.0, 60.0), rng.uniform(60.0, 300.0)
            for name, ratio in (("control", 1.0), ("treated", rng.uniform(0.5, 1.1))):
                scale = median / np.log(2) ** (1 / shape) * ratio ** (-1 / shape)
                dies = scale * rng.weibull(shape, size)
                leaves = np.minimum(closing - rng.uniform(0.0, entry, size), rng.exponential(loss, size))
                arms.append(Arm(name, np.round(np.minimum(dies, leaves), 3), dies <= leaves))
            found[f"simulated, {size} per arm, {k + 1}"] = tuple(arms)
    return found


def digitised(curve: KaplanMeier, series: str, rng: np.random.Generator) -> Digitised:
    """Points that a digitiser would give of a curve.

    Parameters
    ----------
    curve : KaplanMeier
        The curve of the data, drawn up to its last observation.
    series : str
        One of ``SERIES``.
    rng : Generator
        Source of the noise.
    """
    end = float(curve.time[-1])
    if series == "corners":
        step = curve.events > 0
        return clean_curve(np.r_[0.0, curve.time[step], end], np.r_[1.0, curve.survival[step], curve.survival[-1]])
    t = np.linspace(0.0, end, _POINTS)
    k = np.searchsorted(curve.time, t, side="right")
    s = np.r_[1.0, curve.survival][k]
    if series == "rounded":
        return clean_curve(t, np.round(s * 200) / 200)
    t = np.clip(t + rng.normal(0, end / _WIDTH_PX, t.size), 0.0, None)
    return clean_curve(t, np.clip(s + rng.normal(0, 1 / _HEIGHT_PX, s.size), 0.0, 1.0))


def printed_numbers(curve: KaplanMeier) -> NumbersAtRisk:
    """Numbers at risk at round times, about ten along the curve."""
    end = float(curve.time[-1])
    step = min(_STEPS, key=lambda s: abs(np.log(s * _TICKS / end)))
    t = np.arange(0.0, end, step)
    return NumbersAtRisk(t, curve.at_risk[np.searchsorted(curve.time, t)])
