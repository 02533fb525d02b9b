"""The words of a forest plot: headings, sums, heterogeneity, what the marks mean, and the whole picture as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from locoregional.evidence.plots.forest_row import ForestRow
from locoregional.evidence.plots.scale import Scale, interval_words, number_words, scale_of

if TYPE_CHECKING:
    from locoregional.evidence.pooling.pooled import Pooled

__all__ = [
    "axis_label",
    "counts_total",
    "counts_words",
    "estimate_words",
    "foot_texts",
    "head_words",
    "heterogeneity_words",
    "picture_words",
    "summary_words",
]

_MEASURES = {"proportion": "%", "median survival": "Median, months", "mean change": "Change, points"}
_CONVENTIONS = {"hts": "Higgins-Thompson-Spiegelhalter (t with k − 2)", "metafor": "the model's own quantile (as metafor)"}
_TESTS = {"hk": "Hartung-Knapp", "z": "Wald", "exact": "exact", "t": "t"}
_AFTER = {"proportion": " %", "median survival": " months", "mean change": " points"}


def head_words(pooled: Pooled, rows: Sequence[ForestRow]) -> tuple[str, str, str]:
    """Headings of the study, its counts and its estimate."""
    counts = "n/N" if any(r.events is not None for r in rows) else "N"
    return "Study", counts, f"{_MEASURES[pooled.measure]} ({100 * pooled.level:.0f} % CI)"


def axis_label(estimand: str, scale: Scale) -> str:
    """What the axis shows, with its unit."""
    return f"{estimand} [{scale.unit}{', log scale' if scale.logarithmic else ''}]"


def estimate_words(row: ForestRow, scale: Scale) -> str:
    """Estimate with its interval; a tilde where the interval follows from the size alone."""
    if row.value is None:
        return "not given" if row.low is None or row.high is None else f"{interval_words(row.low, row.high, scale)} (range)"
    if row.low is None or row.high is None:
        return f"{number_words(row.value, scale)} (no interval)"
    return f"{number_words(row.value, scale)} ({'~' if row.approximate else ''}{interval_words(row.low, row.high, scale)})"


def counts_words(row: ForestRow, heads: tuple[str, str, str]) -> str:
    """Events of the total, or the total alone, as the heading of the column says."""
    if row.total is None:
        return ""
    events = "\N{EN DASH}" if row.events is None else f"{row.events}"
    return f"{events}/{row.total}" if "/" in heads[1] else f"{row.total}"


def counts_total(rows: Sequence[ForestRow]) -> str:
    """Sum of the counts; empty where one of them is not given."""
    totals = [r.total for r in rows if r.total is not None]
    events = [r.events for r in rows if r.events is not None]
    if len(totals) < len(rows):
        return ""
    return f"{sum(events)}/{sum(totals)}" if len(events) == len(rows) else f"{sum(totals)}"


def summary_words(pooled: Pooled) -> list[tuple[str, str]]:
    """Names and numbers of the pooled line and the prediction line; none where the studies may not be pooled."""
    if not pooled.poolable or pooled.estimate is None or pooled.ci_low is None or pooled.ci_high is None:
        return []
    scale = scale_of(pooled.measure)
    lines = [("Pooled", f"{number_words(pooled.estimate, scale)} ({interval_words(pooled.ci_low, pooled.ci_high, scale)})")]
    if pooled.prediction_low is not None and pooled.prediction_high is not None:
        low, high = pooled.prediction_low, pooled.prediction_high
        lines.append((f"{100 * pooled.level:.0f} % prediction", f"({interval_words(low, high, scale)})"))
    return lines


def heterogeneity_words(pooled: Pooled) -> str:
    """Number of studies, between-study variance, I2 and Q, with the method."""
    parts = [f"k = {pooled.k} {'study' if pooled.k == 1 else 'studies'}"]
    if pooled.n_total is not None:
        parts.append(f"N = {pooled.n_total}")
    if pooled.tau2 is not None:
        around = ""
        if pooled.tau2_low is not None and pooled.tau2_high is not None:
            around = f" ({pooled.tau2_interval or 'interval'} {pooled.tau2_low:.2f} to {pooled.tau2_high:.2f})"
        parts.append(f"τ² = {pooled.tau2:.3f}{around}")
    if pooled.i2_percent is not None:
        parts.append(f"I² = {pooled.i2_percent:.0f} %")
    if pooled.q is not None and pooled.q_p is not None:
        parts.append(f"Q = {pooled.q:.2f}, p {f'= {pooled.q_p:.3f}' if pooled.q_p >= 0.001 else '< 0.001'}")
    return f"{'; '.join(parts)}. Method: {pooled.method}, interval: {_TESTS.get(pooled.test, pooled.test)}."


def foot_texts(pooled: Pooled, rows: Sequence[ForestRow], *, unit_of_analysis: str, notes: Sequence[str]) -> list[str]:
    """Lines below the plot: heterogeneity, unit, prediction conventions, marks, warnings and notes, each where it applies."""
    texts = [heterogeneity_words(pooled)] if pooled.poolable else []
    if unit_of_analysis:
        texts.append(f"Unit of analysis: {unit_of_analysis}.")
    if pooled.poolable and pooled.prediction_low is not None:
        texts.append(_prediction_words(pooled))
    if any(r.status == "unverified" for r in rows):
        texts.append("Filled: read in the primary source. Hollow and dashed: unverified, as printed by the review.")
    if any(r.directness and r.directness != "breast" for r in rows):
        texts.append("Evidence: breast = breast cancer only; mixed = several primaries together; borrowed = another tumour.")
    if any(r.approximate for r in rows):
        texts.append("~ interval from the number of patients alone (every patient counted as an event): too narrow.")
    return [*texts, *(f"Caution: {w}" for w in pooled.warnings), *notes]


def _prediction_words(pooled: Pooled) -> str:
    text = f"Prediction interval: {_CONVENTIONS.get(pooled.prediction_convention, pooled.prediction_convention)}"
    if pooled.other_prediction_low is not None and pooled.other_prediction_high is not None:
        other = interval_words(pooled.other_prediction_low, pooled.other_prediction_high, scale_of(pooled.measure))
        by = _CONVENTIONS.get(pooled.other_convention, pooled.other_convention)
        text += f"; by {by}: {other}{_AFTER[pooled.measure]}"
    return f"{text}."


def picture_words(pooled: Pooled, rows: Sequence[ForestRow], aside: Sequence[ForestRow], *, feet: Sequence[str]) -> str:
    """The whole picture as lines of text."""
    scale = scale_of(pooled.measure)
    heads = head_words(pooled, [*rows, *aside])
    lines = [_row_words(r, scale, heads) for r in rows]
    lines += [f"{name}: {words}" for name, words in summary_words(pooled)]
    if not pooled.poolable:
        lines.append(f"Not poolable: {pooled.reason}")
    lines += [f"Not part of the pool: {_row_words(r, scale, heads)}" for r in aside]
    return "\n".join([*lines, *feet])


def _row_words(row: ForestRow, scale: Scale, heads: tuple[str, str, str]) -> str:
    parts = [counts_words(row, heads), f"{estimate_words(row, scale)} {scale.unit}", row.evidence, row.note]
    if row.weight_percent is not None:
        parts.insert(2, f"weight {row.weight_percent:.1f} %")
    return f"{row.name}: {'; '.join(p for p in parts if p)}"
