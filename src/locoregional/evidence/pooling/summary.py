"""From a fitted model to the numbers people read, with the gate applied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from locoregional.evidence.pooling.frame import Frame, Settings, not_pooled, other_convention
from locoregional.evidence.pooling.heterogeneity import q_profile
from locoregional.evidence.pooling.poolable import too_different
from locoregional.evidence.pooling.pooled import Pooled
from locoregional.evidence.pooling.prediction import CONVENTIONS, prediction_interval
from locoregional.evidence.pooling.quantiles import quantile
from locoregional.evidence.pooling.random_effects import Mean, random_effects
from locoregional.sources import read_facts

__all__ = ["pool_effects", "with_gate"]


def pool_effects(frame: Frame, y: NDArray[np.float64], v: NDArray[np.float64]) -> Pooled:
    """Inverse-variance pool of effects on the scale of the analysis, gate included.

    Parameters
    ----------
    frame : Frame
        Of the studies.
    y, v : NDArray
        Effects and sampling variances, shape (k,).
    """
    s = frame.settings
    mean = random_effects(y, v, method=s.method, test=s.test, level=s.level, floor=s.floor)
    spread = None if s.method == "EE" else q_profile(mean.data, level=s.level)
    weighted = tuple(
        replace(study, weight_percent=100.0 * float(w)) for study, w in zip(frame.studies, mean.weights, strict=True)
    )
    return with_gate(
        replace(frame, studies=weighted, warnings=(*frame.warnings, *_hartung_knapp(mean, s), *_common_effect(s))),
        mean=(mean.value, mean.se, mean.low, mean.high, mean.p),
        tau2=(None, None, None) if spread is None else (mean.tau2, spread.low, spread.high),
        i2_percent=mean.i2_percent,
        homogeneity=(mean.q, mean.q_p),
        degrees=mean.degrees,
        tau2_interval="" if spread is None else "Q profile",
    )


def with_gate(
    frame: Frame,
    *,
    mean: tuple[float, float, float, float, float],
    tau2: tuple[float, float, float] | tuple[None, None, None],
    i2_percent: float,
    homogeneity: tuple[float, float],
    degrees: int | None,
    tau2_interval: str,
) -> Pooled:
    """Back-transform a fitted mean, add both prediction intervals, and judge.

    Parameters
    ----------
    frame : Frame
        Of the studies, weights included.
    mean : tuple of float
        Value, standard error, ends of the interval, and p-value, on the scale of the analysis.
    tau2 : tuple
        Variance between studies and its interval; None for a common effect.
    i2_percent : float
        Share of the variation between studies [%].
    homogeneity : tuple of float
        Q and its p-value.
    degrees : int or None
        Degrees of freedom of the interval; None for the normal distribution.
    tau2_interval : str
        How the interval of tau2 was made.
    """
    s, k = frame.settings, len(frame.studies)
    facts = read_facts(__package__).section("poolable")
    value, se, low, high, p = mean
    ends: dict[str, tuple[float, float] | None] = dict.fromkeys(CONVENTIONS)
    if tau2[0] is not None and k >= int(facts["prediction_studies"].value):
        for convention in CONVENTIONS:
            ends[convention] = prediction_interval(
                value, se=se, tau2=tau2[0], k=k, degrees=degrees, convention=convention, level=s.level
            )
    flat = [value, low, high] + [x for c in CONVENTIONS for x in (ends[c] or (np.nan, np.nan))]
    estimate, ci_low, ci_high, *rest = (None if np.isnan(x) else float(x) for x in frame.back(np.array(flat)))
    natural = {c: (rest[2 * i], rest[2 * i + 1]) for i, c in enumerate(CONVENTIONS)}
    first, other = natural[s.prediction], natural[other_convention(s.prediction)]
    reason = frame.labels.doubt or too_different(i2_percent=i2_percent, k=k, low=first[0], high=first[1], measure=frame.measure)
    return replace(
        not_pooled(frame, reason=reason or f"{k} studies, and nothing forbids it"),
        method=s.method,
        test="z" if degrees is None else "hk",
        estimate=estimate,
        ci_low=ci_low,
        ci_high=ci_high,
        tau2=tau2[0],
        tau2_low=tau2[1],
        tau2_high=tau2[2],
        i2_percent=i2_percent,
        q=homogeneity[0],
        q_p=homogeneity[1],
        prediction_low=first[0],
        prediction_high=first[1],
        other_prediction_low=other[0],
        other_prediction_high=other[1],
        poolable=not reason,
        warnings=(*frame.warnings, *frame.labels.warnings, *_few(k, int(facts["few_studies"].value))),
        scale_estimate=value,
        scale_se=se,
        p=p,
        tau2_interval=tau2_interval,
    )


def _few(k: int, enough: int) -> tuple[str, ...]:
    if k == 2:
        return ("two studies: the variance between them is a guess, and a prediction interval is not estimable",)
    return (f"{k} studies are few: the variance between them is poorly known",) if k < enough else ()


def _common_effect(settings: Settings) -> tuple[str, ...]:
    if settings.method != "EE":
        return ()
    return ("a common effect assumes that all studies estimate one true value; it has no prediction interval",)


def _hartung_knapp(mean: Mean, settings: Settings) -> tuple[str, ...]:
    """Words where Hartung and Knapp's interval is narrower than Wald's, which happens when studies agree by chance."""
    if mean.ratio is None or mean.degrees is None or settings.floor:
        return ()
    if mean.ratio**0.5 * quantile(settings.level, mean.degrees) >= quantile(settings.level):
        return ()
    return (
        "the studies agree better than chance would let them, so that the Hartung-Knapp interval is narrower than the "
        "ordinary one; do not trust it: use its floor, or the test z",
    )
