"""What a pool gives: a number with two intervals, and whether it may be used at all."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["METHODS", "Pooled", "StudyEffect"]

METHODS = ("glmm", "REML", "PM", "DL", "ML", "EB", "SJ", "HS", "HE", "EE")
"""Ways to pool, by the names that the literature uses; ``glmm`` for proportions only."""


@dataclass(frozen=True)
class StudyEffect:
    """One study, on the scale people read.

    Attributes
    ----------
    name : str
        As the table names it.
    estimate, low, high : float or None
        Proportion 0..1, months or points, with the study's own interval (exact for proportions).
    weight_percent : float or None
        Share in the pool; None where the model has no weights or nothing was pooled.
    events, total : int or None
        Counts, where the measure has them.
    note : str
        What the reader must know, for example how a missing interval was replaced.
    """

    name: str
    estimate: float | None
    low: float | None
    high: float | None
    weight_percent: float | None = None
    events: int | None = None
    total: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Pooled:
    """A pooled number on the scale people read; what cannot be given is None.

    Attributes
    ----------
    measure : str
        ``proportion`` (0..1), ``median survival`` (months) or ``mean change`` (points).
    method : str
        One of ``METHODS``, or ``single study``, ``summed counts``, ``none`` where no model was fitted.
    test : str
        Confidence interval: ``hk`` (Hartung and Knapp), ``z`` (Wald) or ``exact``; empty where there is none.
    estimate, ci_low, ci_high : float or None
        Pooled value and its confidence interval.
    level : float
        Of all intervals.
    tau2, tau2_low, tau2_high : float or None
        Between-study variance on the analysis scale (logit, log months, points), and its interval.
    i2_percent : float or None
        Share of the variation that is between studies [%].
    q, q_p : float or None
        Test of homogeneity and its p-value.
    prediction_low, prediction_high : float or None
        Where the true value of a further study is expected, by ``prediction_convention``.
    prediction_convention : str
        ``hts`` (Higgins, Thompson, Spiegelhalter: t with k-2) or ``metafor`` (the quantile of the model).
    other_prediction_low, other_prediction_high : float or None
        The same by ``other_convention``.
    k : int
        Number of studies.
    n_total : int or None
        Sum of the denominators, where all are known.
    poolable : bool
        Whether the pooled number may be quoted.
    reason : str
        Why, or why not.
    warnings : tuple of str
        What the reader must know besides.
    studies : tuple of StudyEffect
        In the order given.
    transform : str
        Scale of the analysis.
    scale_estimate, scale_se : float or None
        Pooled value and standard error on that scale.
    p : float or None
        Test of the pooled value against zero on that scale.
    tau2_interval : str
        How the interval of tau2 was made.
    left_out : str
        Study that was left out, in an analysis that leaves out one at a time.
    companion : Pooled or None
        The same studies by REML and Hartung-Knapp, beside a GLMM, whose interval ignores how few they are.
    """

    measure: str
    method: str
    test: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    level: float
    tau2: float | None
    tau2_low: float | None
    tau2_high: float | None
    i2_percent: float | None
    q: float | None
    q_p: float | None
    prediction_low: float | None
    prediction_high: float | None
    prediction_convention: str
    other_prediction_low: float | None
    other_prediction_high: float | None
    other_convention: str
    k: int
    n_total: int | None
    poolable: bool
    reason: str
    warnings: tuple[str, ...]
    studies: tuple[StudyEffect, ...]
    transform: str = ""
    scale_estimate: float | None = None
    scale_se: float | None = None
    p: float | None = None
    tau2_interval: str = ""
    left_out: str = ""
    companion: Pooled | None = None
