"""Proportions of single-arm series, pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.contrasts import contrasts
from locoregional.evidence.pooling.effects import TRANSFORMS, checked_counts, proportion_effects, proportions_back
from locoregional.evidence.pooling.frame import Frame, Settings, not_pooled, single, study_names
from locoregional.evidence.pooling.glmm import binomial_normal, tau2_profile
from locoregional.evidence.pooling.heterogeneity import heterogeneity
from locoregional.evidence.pooling.poolable import labels
from locoregional.evidence.pooling.pooled import Pooled, StudyEffect
from locoregional.evidence.pooling.single_study import clopper_pearson
from locoregional.evidence.pooling.summary import pool_effects, with_gate

__all__ = ["pool_proportions"]


def pool_proportions(
    events: ArrayLike,
    totals: ArrayLike,
    *,
    names: Sequence[str] = (),
    method: str = "glmm",
    test: str = "hk",
    transform: str = "logit",
    prediction: str = "hts",
    level: float = 0.95,
    floor: bool = False,
    units: Sequence[str] = (),
    estimands: Sequence[str] = (),
    clocks: Sequence[str] = (),
) -> Pooled:
    """Pool counts of single-arm series.

    Parameters
    ----------
    events, totals : ArrayLike
        Counts, shape (k,).
    names : sequence of str
        Of the studies; numbered if not given.
    method : str
        ``glmm`` (binomial-normal, maximum likelihood) or an estimator of the variance between studies for inverse-variance
        pooling of transformed proportions.
    test : str
        ``hk`` (Hartung-Knapp) or ``z``. A GLMM and a common effect know only ``z``; a GLMM has a companion by REML and
        Hartung-Knapp.
    transform : str
        ``logit``, ``freeman-tukey``, ``arcsine``, ``raw`` or ``log``; a GLMM is always on the logit scale.
    prediction : str
        Convention of the first prediction interval: ``hts`` or ``metafor``.
    level : float
        Of all intervals.
    floor : bool
        Keep Hartung and Knapp's variance from falling below Wald's.
    units, estimands, clocks : sequence of str
        One label per study: what was counted, what was measured, from when time runs.

    Returns
    -------
    Pooled
        Also where nothing may be pooled; ``poolable`` and ``reason`` say so.

    Raises
    ------
    EvidenceError
        If counts are impossible, a study stands twice, or a setting is unknown.
    """
    who = study_names(names, np.size(events))
    x, n = checked_counts(events, totals, names=who)
    known = Settings(method, test, prediction, level, floor).checked()
    if transform not in TRANSFORMS:
        raise EvidenceError(f"no transform is called {transform!r}", where="transform", remedy=f"Choose {', '.join(TRANSFORMS)}.")
    if method == "glmm" and transform != "logit":
        raise EvidenceError("a GLMM is on the logit scale", where="transform", remedy="Choose REML or another estimator with it.")
    low, high = clopper_pearson(x, n, level=level)
    frame = Frame(
        measure="proportion",
        transform=transform,
        studies=tuple(
            StudyEffect(name, xi / ni, float(a), float(b), events=int(xi), total=int(ni))
            for name, xi, ni, a, b in zip(who, x.tolist(), n.tolist(), low, high, strict=True)
        ),
        labels=labels(who, units=units, estimands=estimands, clocks=clocks),
        settings=known,
        back=lambda values: proportions_back(values, transform=transform, totals=n),
        warnings=_freeman_tukey(transform, n),
    )
    if frame.labels.mixture:
        return not_pooled(frame, reason=frame.labels.mixture)
    if len(x) == 1:
        return single(frame, test="exact")
    if method == "glmm":
        return _summed(frame, x, n) if x.sum() in (0.0, n.sum()) else _glmm(frame, x, n)
    return pool_effects(frame, *proportion_effects(x, n, transform=transform))


def _glmm(frame: Frame, x: NDArray[np.float64], n: NDArray[np.float64]) -> Pooled:
    s = frame.settings
    fit = binomial_normal(x, n, level=s.level)
    y, v = proportion_effects(x, n)
    i2_percent = heterogeneity(contrasts(y, v), fit.tau2, method="ML")[1]
    low, high = tau2_profile(fit, level=s.level)
    pooled = with_gate(
        frame,
        mean=(fit.value, fit.se, fit.low, fit.high, fit.p),
        tau2=(fit.tau2, low, high),
        i2_percent=i2_percent,
        homogeneity=(fit.q, fit.q_p),
        degrees=None,
        tau2_interval="profile likelihood",
    )
    companion = replace(frame, settings=replace(s, method="REML", test="hk"))
    return replace(pooled, companion=pool_effects(companion, y, v))


def _summed(frame: Frame, x: NDArray[np.float64], n: NDArray[np.float64]) -> Pooled:
    """All or nothing in every study: the summed counts, which no model can improve."""
    total = float(n.sum())
    low, high = clopper_pearson([x.sum()], [total], level=frame.settings.level)[:, 0]
    what = "no study saw an event" if x.sum() == 0 else "every study saw nothing but events"
    return replace(
        not_pooled(frame, reason=f"{what}: no model can be fitted; the interval is that of the summed counts"),
        method="summed counts",
        test="exact",
        estimate=float(x.sum()) / total,
        ci_low=float(low),
        ci_high=float(high),
    )


def _freeman_tukey(transform: str, n: NDArray[np.float64]) -> tuple[str, ...]:
    if transform != "freeman-tukey":
        return ()
    return (
        "Freeman-Tukey is for comparison only: its way back depends on the harmonic mean of the denominators "
        f"(here {1.0 / np.mean(1.0 / n):.0f}, of {n.min():.0f} to {n.max():.0f}) and misleads where they differ much",
    )
