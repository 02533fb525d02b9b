"""A set of studies on its way into a pool: names, settings, labels, and the result that has no pooled number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.poolable import Labels
from locoregional.evidence.pooling.pooled import METHODS, Pooled, StudyEffect
from locoregional.evidence.pooling.prediction import CONVENTIONS
from locoregional.evidence.pooling.quantiles import quantile
from locoregional.evidence.pooling.random_effects import TESTS

__all__ = ["Frame", "Settings", "not_pooled", "other_convention", "single", "study_names"]

Back = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Settings:
    """How to pool.

    Attributes
    ----------
    method, test : str
        Model, and test of its mean.
    prediction : str
        Convention of the prediction interval that comes first.
    level : float
        Of all intervals.
    floor : bool
        Keep Hartung and Knapp's variance from falling below Wald's.
    """

    method: str
    test: str = "hk"
    prediction: str = "hts"
    level: float = 0.95
    floor: bool = False

    def checked(self) -> Settings:
        """The same, or an error that names what is unknown.

        Raises
        ------
        EvidenceError
            If a setting is not one of those known.
        """
        for what, given, known in (
            ("method", self.method, METHODS),
            ("test", self.test, TESTS),
            ("prediction", self.prediction, CONVENTIONS),
        ):
            if given not in known:
                raise EvidenceError(f"{given!r} is no {what}", where=what, remedy=f"Choose one of {', '.join(known)}.")
        quantile(self.level)
        return self


@dataclass(frozen=True)
class Frame:
    """What is the same for every model of one set of studies.

    Attributes
    ----------
    measure, transform : str
        What is pooled, and on which scale.
    studies : tuple of StudyEffect
        Without weights.
    labels : Labels
        What the labels of the studies allow.
    settings : Settings
        How to pool.
    back : callable
        From the scale of the analysis to that people read.
    warnings : tuple of str
        About the input.
    """

    measure: str
    transform: str
    studies: tuple[StudyEffect, ...]
    labels: Labels
    settings: Settings
    back: Back
    warnings: tuple[str, ...] = ()

    @property
    def n_total(self) -> int | None:
        """Sum of the denominators, where all are known."""
        totals = [s.total for s in self.studies]
        return None if None in totals else sum(t for t in totals if t is not None)


def study_names(names: Sequence[str], k: int) -> tuple[str, ...]:
    """Names of the studies; numbered if not given.

    Raises
    ------
    EvidenceError
        If there are names for some studies only, or one stands twice.
    """
    given = tuple(str(n) for n in names) or tuple(f"study {i + 1}" for i in range(k))
    if len(given) != k:
        raise EvidenceError(f"{len(given)} names for {k} studies", where="pool", remedy="Name every study.")
    twice = sorted({n for n in given if given.count(n) > 1})
    if twice:
        raise EvidenceError(
            f"{', '.join(twice)} stands twice", where="study", remedy="Pool each series once; patients must not be counted twice."
        )
    return given


def not_pooled(frame: Frame, *, reason: str) -> Pooled:
    """A result without a pooled number, the studies side by side."""
    return Pooled(
        measure=frame.measure,
        method="none",
        test="",
        estimate=None,
        ci_low=None,
        ci_high=None,
        level=frame.settings.level,
        tau2=None,
        tau2_low=None,
        tau2_high=None,
        i2_percent=None,
        q=None,
        q_p=None,
        prediction_low=None,
        prediction_high=None,
        prediction_convention=frame.settings.prediction,
        other_prediction_low=None,
        other_prediction_high=None,
        other_convention=other_convention(frame.settings.prediction),
        k=len(frame.studies),
        n_total=frame.n_total,
        poolable=False,
        reason=reason,
        warnings=frame.warnings + frame.labels.warnings,
        studies=frame.studies,
        transform=frame.transform,
    )


def single(frame: Frame, *, test: str) -> Pooled:
    """One study: its own number and interval, which pool nothing."""
    study = frame.studies[0]
    return replace(
        not_pooled(frame, reason=f"one study ({study.name}): there is nothing to pool"),
        method="single study",
        test=test,
        estimate=study.estimate,
        ci_low=study.low,
        ci_high=study.high,
    )


def other_convention(convention: str) -> str:
    """The convention of a prediction interval that is not this one."""
    return CONVENTIONS[1 - CONVENTIONS.index(convention)]
