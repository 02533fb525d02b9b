"""Published breast cancer curves, drawn from known data, digitised, and rebuilt: hazard ratios and medians that come back."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import inf, isfinite, nan
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from locoregional.evidence.survival.accuracy import READING, SMALL
from locoregional.evidence.survival.cox import cox
from locoregional.evidence.survival.kaplan_meier import KaplanMeier
from locoregional.evidence.survival.rebuilt import Rebuilt, rebuild
from locoregional.progress import Progress, silent
from locoregional.validation.printed_curves import SERIES, Arm, digitised, printed_numbers, simulated, trials
from locoregional.validation.row import Row, not_run

__all__ = ["accuracy", "measured", "rows"]

TOPIC = "Rebuilt survival curves"
_SHOWN = ("rounded", "pixels")
_RATIO_SHARE, _MEDIAN_PERCENT = 0.05, 2.0
_SEED = 20
_QUARTERS = (0.25, 0.5, 0.75)
_MEAN_UP_TO = 0.9
_HEIGHT, _END = 0.005, 0.01
_CASES = {"numbers at risk": (True, False), "patients and events": (False, True), "patients": (False, False)}


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Each trial from numbers at risk, and what is lost without them, where ``LOCOREGIONAL_DATA`` names the folder of trials.

    The tables of the trials were themselves rebuilt by others from printed figures, with censoring spaced evenly: they are
    known data with the events of real trials, not the patients of those trials. Made-up patients with staggered entry stand
    beside them where accuracy is stated.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        Rebuilt against the data that the curve was drawn from.
    """
    folder = Path(os.environ.get("LOCOREGIONAL_DATA", "")) / "clinical" / "kmdata_breast_trials"
    found = trials(folder) if "LOCOREGIONAL_DATA" in os.environ else {}
    if not found:
        yield not_run(TOPIC, "All trials", "needs the tables of breast cancer trials: --data or LOCOREGIONAL_DATA")
        return
    for k, series in enumerate(_SHOWN):
        progress(0.2 * k, f"Rebuilt survival curves: {series}")
        for trial, arms in found.items():
            yield from _trial(trial, arms, series, _noise(trial, series))
    yield from _all_corners(found)
    progress(0.4, "Rebuilt survival curves: accuracy by what is printed")
    for size, errors_of in accuracy(found).items():
        for (given, quantity), errors in errors_of.items():
            unit = "percentage points" if quantity == "survival" else "%"
            name = f"{quantity.replace('_', ' ')} from {given}, {size}: error that 9 of 10 stay within"
            note = f"of {errors.size}: half within {np.median(errors):.2g}, largest {errors.max():.3g}"
            source = "kmdata, and made-up patients" if "more" in size else "made-up patients"
            yield Row(TOPIC, name, float(np.quantile(errors, 0.9)), 0.0, unit, inf, source, note)
    progress(1.0, "Rebuilt survival curves compared")


def accuracy(found: Mapping[str, tuple[Arm, ...]]) -> dict[str, dict[tuple[str, str], NDArray]]:
    """Absolute errors of what is rebuilt, for trials and made-up patients together, by the size of the arms.

    Parameters
    ----------
    found : mapping of str to tuple of Arm
        Published trials.

    Returns
    -------
    dict
        ``100 patients or more`` and ``fewer than 100``; values as :func:`measured` gives them.
    """
    everyone = {**found, **simulated(np.random.default_rng(_SEED))}
    small = {name: arms for name, arms in everyone.items() if max(arm.time.size for arm in arms) < SMALL}
    large = {name: arms for name, arms in everyone.items() if name not in small}
    return {f"{SMALL} patients or more": measured(large), f"fewer than {SMALL}": measured(small)}


def measured(found: Mapping[str, tuple[Arm, ...]]) -> dict[tuple[str, str], NDArray]:
    """Absolute errors [%, of survival percentage points] of what is rebuilt, by what is given and by quantity.

    All ways of digitising. Medians of curves that end within a percentage point of 50 % are left
    out: such a curve is refused for pooling. A median that is reached in only one of the two curves has an infinite error.

    Parameters
    ----------
    found : mapping of str to tuple of Arm
        From :func:`locoregional.validation.printed_curves.trials`.
    """
    errors: dict[tuple[str, str], list[float]] = defaultdict(list)
    for series in SERIES:
        for trial, arms in found.items():
            rng = _noise(trial, series)
            curves = [arm.kaplan_meier() for arm in arms]
            points = [digitised(curve, series, rng) for curve in curves]
            for given, (numbers, counted) in _CASES.items():
                built = []
                for arm, curve, drawn in zip(arms, curves, points, strict=True):
                    risk = printed_numbers(curve) if numbers else None
                    events = int(arm.event.sum()) if counted else None
                    built.append(rebuild(drawn, at_risk=risk, total=arm.time.size, events=events))
                    own = built[-1].kaplan_meier
                    if numbers and own is not None and curve.quantile().value > 0 and _clear(built[-1]):
                        error = _percent(own.quantile().value, curve.quantile().value)
                        errors[given, "median_of_rebuilt_patients"].append(error)
                true, ours = _ratio(*[(arm.time, arm.event) for arm in arms]), _ratio(*map(_table, built))
                errors[given, "hazard_ratio"].append(_percent(ours[0], true[0]))
                errors[given, "standard_error"].append(_percent(ours[1], true[1]))
            for curve, drawn in zip(curves, points, strict=True):
                _reading_errors(errors, curve, rebuild(drawn))
    return {key: np.array(values) for key, values in errors.items()}


def _noise(trial: str, series: str) -> np.random.Generator:
    """Noise of a figure that does not depend on which others are drawn."""
    return np.random.default_rng([_SEED, crc32(f"{trial} {series}".encode())])


def _clear(built: Rebuilt) -> bool:
    """Whether a curve ends clearly above or below one half."""
    return abs(float(built.curve.survival[-1]) - 0.5) > _END


def _reading_errors(errors: dict[tuple[str, str], list[float]], curve: KaplanMeier, built: Rebuilt) -> None:
    true, ours = curve.quantile().value, built.median().value
    if (isfinite(true) or isfinite(ours)) and _clear(built):
        errors[READING, "median"].append(_percent(ours, true))
    end = float(curve.time[-1])
    errors[READING, "survival"] += [100 * abs(built.survival_at(q * end).value - curve.at(q * end).value) for q in _QUARTERS]
    stop = _MEAN_UP_TO * end
    errors[READING, "restricted_mean"].append(
        _percent(built.restricted_mean(stop=stop).value, curve.restricted_mean(stop=stop).value)
    )


def _all_corners(found: Mapping[str, tuple[Arm, ...]]) -> Iterator[Row]:
    """Largest errors over all trials where every step is digitised."""
    ratios: list[tuple[float, str]] = []
    medians: list[tuple[float, str]] = []
    for trial, arms in found.items():
        for row in _trial(trial, arms, "corners", _noise(trial, "corners")):
            into = ratios if row.name.endswith("hazard ratio") else medians
            into.append((_percent(row.value, row.reference), trial))
    for name, errors, most in (("hazard ratio", ratios, 100 * _RATIO_SHARE), ("median", medians, _MEDIAN_PERCENT)):
        worst, trial = max(errors)
        note = f"{SERIES['corners']}; worst of {len(errors)}: {trial}"
        yield Row(TOPIC, f"all trials, corners: largest error of a {name}", worst, 0.0, "%", most, "kmdata", note)


def _trial(trial: str, arms: tuple[Arm, ...], series: str, rng: np.random.Generator) -> Iterator[Row]:
    """Hazard ratio of a trial, and the median of its arm that came out worse."""
    curves = [arm.kaplan_meier() for arm in arms]
    built = [rebuild(digitised(curve, series, rng), at_risk=printed_numbers(curve)) for curve in curves]
    true, ours = _ratio(*[(arm.time, arm.event) for arm in arms])[0], _ratio(*map(_table, built))[0]
    counts = " and ".join(f"{b.events} for {int(a.event.sum())}" for a, b in zip(arms, built, strict=True))
    note = f"{SERIES[series]}; events {counts}"
    yield Row(TOPIC, f"{trial}, {series}: hazard ratio", ours, true, "1", _RATIO_SHARE * true, "kmdata", note)
    medians = [(100 * b.median().value / c.quantile().value, a.name) for a, b, c in zip(arms, built, curves, strict=True)]
    either = [b.median().value > 0 or c.quantile().value > 0 for b, c in zip(built, curves, strict=True)]
    worst = max((m for m, reached in zip(medians, either, strict=True) if reached), key=_far, default=None)
    if worst is not None:
        curve = next(c for a, c in zip(arms, curves, strict=True) if a.name == worst[1])
        note = f"arm {worst[1]}; {_steepness(curve)}"
        yield Row(
            TOPIC, f"{trial}, {series}: median, share of the true one", worst[0], 100.0, "%", _MEDIAN_PERCENT, "kmdata", note
        )


def _steepness(curve: KaplanMeier) -> str:
    """How far an error of height moves the median of a curve, in words."""
    early, middle, late = (curve.quantile(0.5 + d).value for d in (-_HEIGHT, 0.0, _HEIGHT))
    moved = 100 * max(middle - early, late - middle) / middle
    how_far = f"{moved:.1f} %" if isfinite(moved) else "without limit"
    return f"half a percentage point of height moves this median by up to {how_far}"


def _far(median: tuple[float, str]) -> float:
    return abs(median[0] - 100) if isfinite(median[0]) else inf


def _table(built: Rebuilt) -> tuple[NDArray, NDArray]:
    assert built.times is not None
    return built.times.time_months, built.times.event


def _ratio(first: tuple[NDArray, NDArray], second: tuple[NDArray, NDArray]) -> tuple[float, float]:
    """Hazard ratio of two arms, and the standard error of its logarithm."""
    x = np.r_[np.ones(first[0].size), np.zeros(second[0].size)]
    fit = cox(np.r_[first[0], second[0]], np.r_[first[1], second[1]], x)
    return float(fit.hazard_ratio[0]), float(fit.se[0])


def _percent(ours: float, true: float) -> float:
    """Relative error [%]; infinite if only one of the two exists."""
    error = 100 * abs(ours / true - 1) if true > 0 else nan
    return error if isfinite(error) else inf
