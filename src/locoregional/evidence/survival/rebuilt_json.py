"""A rebuilt curve as a JSON document and as lines of text."""

from __future__ import annotations

import math
from typing import Any

from locoregional.evidence.survival.chi_square import ChiSquare
from locoregional.evidence.survival.kaplan_meier import Estimate
from locoregional.evidence.survival.rebuilt import Rebuilt
from locoregional.evidence.survival.two_curves import Comparison
from locoregional.version import __version__

__all__ = ["SCHEMA", "SHOWN_MONTHS", "rebuilt_document", "rebuilt_lines"]

SCHEMA = "locoregional.rebuilt/1"
"""Name and version of the document; the number changes when a field changes its meaning."""

SHOWN_MONTHS = (12, 24, 36)
"""Times at which survival is given."""

_RESEARCH_ONLY = "Research software: not a medical device, not for clinical decisions."


def rebuilt_document(arms: dict[str, Rebuilt], comparison: Comparison | None = None) -> dict[str, Any]:
    """Numbers for JSON: those of the first arm at the top, of all arms under ``arms``; what is not known is null.

    Parameters
    ----------
    arms : dict of str to Rebuilt
        By name; the first is the one asked for.
    comparison : Comparison, optional
        Of the first against the second.

    Returns
    -------
    dict
        Times in months, survival 0..1.
    """
    stop = min(float(arm.curve.time_months[-1]) for arm in arms.values())
    each = {name: _arm(arm, stop) for name, arm in arms.items()}
    out = {
        "schema": SCHEMA,
        "version": __version__,
        "research_only": _RESEARCH_ONLY,
        "arm": next(iter(arms)),
        **next(iter(each.values())),
    }
    if len(arms) > 1:
        out["arms"] = each
    if comparison is not None:
        ratio = comparison.hazard_ratio
        out["hazard_ratio"] = None if ratio is None else _finite(ratio.value)
        out["hazard_ratio_low"] = None if ratio is None else _finite(ratio.low)
        out["hazard_ratio_high"] = None if ratio is None else _finite(ratio.high)
        out["hazard_ratio_of"] = " over ".join(arms)
        out["hazard_ratio_reason"] = comparison.reason
        out["log_rank_p"] = _p(comparison.log_rank)
        out["proportional_hazards_p"] = _p(comparison.proportional)
    return out


def rebuilt_lines(arms: dict[str, Rebuilt], comparison: Comparison | None = None) -> list[str]:
    """What a reader needs, a few lines per arm; arguments as for the document."""
    lines = []
    stop = min(float(arm.curve.time_months[-1]) for arm in arms.values())
    for name, arm in arms.items():
        size = "number of patients unknown" if arm.n is None else f"{arm.n} patients, {arm.events} events"
        lines.append(f"{name}: {size}")
        lines.append(f"  median             {_words(arm.median(), ' months')}")
        lines += [
            f"  at {t} months       {_words(arm.survival_at(t), ' %', 100.0)}"
            for t in SHOWN_MONTHS
            if t <= arm.curve.time_months[-1]
        ]
        lines.append(f"  mean to {f'{stop:.3g}':<10} {_words(arm.restricted_mean(stop=stop), ' months')}")
        if arm.max_deviation is not None:
            lines.append(f"  furthest apart     {100 * arm.max_deviation:.1f} percentage points from the printed curve")
        lines += [f"  note: {words}" for words in arm.notes]
        if arm.reason:
            lines.append(f"  not poolable: {arm.reason}")
        lines.append(f"  accuracy: {arm.accuracy}")
    if comparison is not None:
        names = " over ".join(arms)
        if comparison.hazard_ratio is None:
            lines.append(f"hazard ratio withheld: {comparison.reason}")
        else:
            lines.append(f"hazard ratio {_words(comparison.hazard_ratio)} ({names}); log-rank {_p_words(comparison.log_rank)}")
            lines.append(f"proportional hazards: {_p_words(comparison.proportional)}")
    return [*lines, _RESEARCH_ONLY]


def _arm(arm: Rebuilt, stop: float) -> dict[str, Any]:
    median, mean = arm.median(), arm.restricted_mean(stop=stop)
    return {
        "n": arm.n,
        "events": arm.events,
        "median_months": _finite(median.value),
        "median_low": _finite(median.low),
        "median_high": _finite(median.high),
        "level": 0.95 if arm.kaplan_meier is None else arm.kaplan_meier.level,
        "rmst_months": _finite(mean.value),
        "rmst_low": _finite(mean.low),
        "rmst_high": _finite(mean.high),
        "rmst_until_months": stop,
        "survival_at": {str(t): _finite(arm.survival_at(t).value) for t in SHOWN_MONTHS},
        "survival_low": {str(t): _finite(arm.survival_at(t).low) for t in SHOWN_MONTHS},
        "survival_high": {str(t): _finite(arm.survival_at(t).high) for t in SHOWN_MONTHS},
        "max_deviation": arm.max_deviation,
        "numbers_at_risk_given": arm.at_risk is not None,
        "events_given": arm.events_given,
        "accuracy": arm.accuracy,
        "poolable": not arm.reason,
        "reason": arm.reason,
        "notes": list(arm.notes),
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _p(test: ChiSquare | None) -> float | None:
    return None if test is None else _finite(test.p)


def _p_words(test: ChiSquare | None) -> str:
    return "not tested" if test is None else "p < 0.0001" if test.p < 1e-4 else f"p = {test.p:.2g}"


def _words(number: Estimate, unit: str = "", scale: float = 1.0) -> str:
    """Value, unit and 95 % interval."""
    if math.isnan(number.value):
        return "not reached"
    limits = [f"{scale * v:.3g}" if math.isfinite(v) else "open" for v in (number.low, number.high)]
    band = "" if limits == ["open", "open"] else f" (95 %: {limits[0]} to {limits[1]})"
    return f"{scale * number.value:.3g}{unit}{band}"
