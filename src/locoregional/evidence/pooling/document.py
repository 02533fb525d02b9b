"""A pool as JSON and as lines of text."""

from __future__ import annotations

from dataclasses import fields
from math import isfinite
from typing import Any

from locoregional.evidence.pooling.pooled import Pooled, StudyEffect

__all__ = ["natural", "pooled_document", "pooled_lines"]

_UNITS = {"proportion": "proportion", "median survival": "months", "mean change": "points"}
_TESTS = {
    "hk": "Hartung-Knapp (t, k - 1 degrees of freedom)",
    "z": "Wald (normal)",
    "exact": "exact (Clopper-Pearson)",
    "t": "t, n - 1 degrees of freedom",
}
_CONVENTIONS = {
    "hts": "Higgins-Thompson-Spiegelhalter (t, k - 2 degrees of freedom)",
    "metafor": "metafor (quantile of the model's own test)",
}


def pooled_document(pooled: Pooled, without_each: tuple[Pooled, ...] = ()) -> dict[str, Any]:
    """Everything as plain JSON; what cannot be given is null.

    Parameters
    ----------
    pooled : Pooled
        Of all studies.
    without_each : tuple of Pooled
        Of an analysis that leaves out one at a time.

    Returns
    -------
    dict
        ``estimate``, ``ci_low`` and so on as proportions 0..1, months or points.
    """
    document: dict[str, Any] = {"schema": 1, "unit": _UNITS[pooled.measure]}
    for field in fields(Pooled):
        value = getattr(pooled, field.name)
        if field.name == "studies":
            document["studies"] = [{f.name: _plain(getattr(study, f.name)) for f in fields(StudyEffect)} for study in value]
        elif field.name == "companion":
            document["companion"] = None if value is None else pooled_document(value)
        elif field.name != "left_out" or value:
            document[field.name] = _plain(value)
    document["test_words"] = _TESTS.get(pooled.test, pooled.test)
    document["prediction_words"] = _CONVENTIONS[pooled.prediction_convention]
    if without_each:
        document["leave_one_out"] = [pooled_document(each) for each in without_each]
    return document


def pooled_lines(pooled: Pooled, without_each: tuple[Pooled, ...] = ()) -> list[str]:
    """What a person reads first.

    Parameters
    ----------
    pooled : Pooled
        Of all studies.
    without_each : tuple of Pooled
        Of an analysis that leaves out one at a time.
    """
    width = max(len(s.name) for s in pooled.studies)
    lines = [f"{s.name:<{width}}  {_study(s, pooled.measure)}" for s in pooled.studies]
    who = f"{pooled.k} studies" + (f", {pooled.n_total} in all" if pooled.n_total is not None else "")
    if pooled.estimate is None:
        lines.append(f"{pooled.measure}: no pooled number ({who})")
    else:
        band = natural(pooled.ci_low, pooled.ci_high, measure=pooled.measure)
        test = _TESTS.get(pooled.test, pooled.test)
        value = natural(pooled.estimate, measure=pooled.measure)
        lines.append(f"{pooled.measure}: {value} ({100 * pooled.level:g} %: {band}), {who}; {pooled.method}, {test}")
        lines += _spread(pooled)
    if pooled.companion is not None and pooled.companion.estimate is not None:
        beside = pooled.companion
        value = natural(beside.estimate, measure=beside.measure)
        band = natural(beside.ci_low, beside.ci_high, measure=beside.measure)
        lines.append(f"beside it, by REML and Hartung-Knapp, which allows for how few studies there are: {value} ({band})")
    lines.append(("poolable: " if pooled.poolable else "NOT POOLABLE: ") + pooled.reason)
    lines += [f"note: {words}" for words in pooled.warnings]
    for each in without_each:
        value = natural(each.estimate, measure=each.measure)
        band = natural(each.ci_low, each.ci_high, measure=each.measure)
        lines.append(f"without {each.left_out}: {value} ({band})")
    return lines


def natural(*values: float | None, measure: str) -> str:
    """Numbers on the scale people read: one with its unit, or two as an interval with theirs."""
    factor, unit, digits = {
        "proportion": (100.0, " %", 1),
        "median survival": (1.0, " months", 1),
        "mean change": (1.0, " points", 2),
    }[measure]
    given = [v for v in values if v is not None]
    return " to ".join(f"{factor * v:.{digits}f}" for v in given) + unit if len(given) == len(values) else "not estimable"


def _spread(pooled: Pooled) -> list[str]:
    if pooled.i2_percent is None:
        return []
    lines = [f"I² {pooled.i2_percent:.0f} %, Q {pooled.q:.2f} (p {pooled.q_p:.3f})"]
    if pooled.tau2 is not None:
        lines[0] += f", tau2 {pooled.tau2:.4f} on the scale of {pooled.transform} ({pooled.tau2_interval}:"
        lines[0] += f" {pooled.tau2_low:.4f} to {pooled.tau2_high:.4g})"
    for convention, low, high in (
        (pooled.prediction_convention, pooled.prediction_low, pooled.prediction_high),
        (pooled.other_convention, pooled.other_prediction_low, pooled.other_prediction_high),
    ):
        lines.append(f"a further study is expected at {natural(low, high, measure=pooled.measure)} by {_CONVENTIONS[convention]}")
    return lines


def _study(study: StudyEffect, measure: str) -> str:
    counts = f"{study.events} of {study.total}, " if study.events is not None else ""
    weight = f", weight {study.weight_percent:.1f} %" if study.weight_percent is not None else ""
    value = f"{natural(study.estimate, measure=measure)} ({natural(study.low, study.high, measure=measure)})"
    return counts + value + weight + (f" [{study.note}]" if study.note else "")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bool | str | int) or value is None:
        return value
    return float(value) if isfinite(value) else None
