"""Forest and funnel plot of a pool, its rows marked by directness and status, with what stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from locoregional.evidence.plots.forest_row import ForestRow

if TYPE_CHECKING:
    from locoregional.evidence.pool_selection import Candidate
    from locoregional.evidence.pooling.pooled import Pooled, StudyEffect
    from locoregional.evidence.pools import PoolResult

__all__ = ["aside_rows", "draw_pool_forest", "draw_pool_funnel", "pool_notes", "study_rows"]

_FACTOR = {"proportion": (100.0, " %"), "median survival": (1.0, " months"), "mean change": (1.0, " points")}


def draw_pool_forest(result: PoolResult, path: str | Path) -> Path:
    """Draw the forest plot of a pool.

    Parameters
    ----------
    result : PoolResult
        From ``pools.pool_named``.
    path : str or Path
        Ends in ``.svg`` or ``.png``.

    Returns
    -------
    Path
        Where it stands.

    Raises
    ------
    EvidenceError
        If no row of the base speaks to the question, or the suffix is not known.
    """
    from locoregional.evidence.plots.forest import draw_forest

    spec = result.spec
    return draw_forest(
        result.pooled,
        path,
        title=spec.words,
        rows=study_rows(result),
        set_aside=aside_rows(result),
        estimand=spec.axis_words,
        unit_of_analysis=spec.unit_of_analysis,
        notes=pool_notes(result),
    )


def draw_pool_funnel(result: PoolResult, path: str | Path) -> Path:
    """Draw the funnel plot of a pool.

    Parameters
    ----------
    result : PoolResult
        From ``pools.pool_named``.
    path : str or Path
        Ends in ``.svg`` or ``.png``.

    Returns
    -------
    Path
        Where it stands.

    Raises
    ------
    EvidenceError
        If no study has a standard error, or the suffix is not known.
    """
    from locoregional.evidence.plots.funnel import draw_funnel

    spec = result.spec
    return draw_funnel(result.pooled, path, title=spec.words, rows=study_rows(result), estimand=spec.axis_words)


def study_rows(result: PoolResult) -> tuple[ForestRow, ...]:
    """Studies of a pool as rows of a forest plot."""
    return tuple(
        _study_row(candidate, effect, poolable=result.pooled.poolable)
        for candidate, effect in zip(result.chosen, result.pooled.studies, strict=True)
    )


def _study_row(candidate: Candidate, effect: StudyEffect, *, poolable: bool) -> ForestRow:
    return ForestRow(
        name=candidate.label,
        value=effect.estimate,
        low=effect.low,
        high=effect.high,
        weight_percent=effect.weight_percent if poolable else None,
        events=effect.events,
        total=effect.total,
        directness=candidate.directness,
        status=candidate.status,
        approximate=bool(effect.note) and candidate.used.low is None,
        note="" if candidate.used.low is None else effect.note,
    )


def aside_rows(result: PoolResult) -> tuple[ForestRow, ...]:
    """Rows of the same question that do not enter, each with its reason; those without any number are left out."""
    rows = (_aside_row(c, result.spec.measure) for c in result.aside)
    return tuple(row for row in rows if row is not None)


def _aside_row(candidate: Candidate, measure: str) -> ForestRow | None:
    factor = 100.0 if measure == "proportion" else 1.0
    used = candidate.used
    value, low, high = (None if v is None else v / factor for v in (used.value, used.low, used.high))
    if measure == "proportion" and used.n is not None and used.total is not None:
        value = used.n / used.total
        if low is None:
            from locoregional.evidence.pooling.single_study import clopper_pearson

            low, high = (float(v) for v in clopper_pearson([used.n], [used.total])[:, 0])
    if value is None and low is None:
        return None
    name = candidate.label + (f" ({candidate.subgroup})" if candidate.subgroup else "")
    return ForestRow(
        name, value, low, high, None, used.n, used.total, candidate.directness, candidate.status, note=candidate.reason
    )


def pool_notes(result: PoolResult) -> tuple[str, ...]:
    """What belongs below the numbers of a pool: the other model, verified rows alone, certainty, and its own note."""
    notes = []
    if result.spec.measure == "proportion" and (result.chosen or result.aside):
        notes.append("Intervals of single series: exact (Clopper-Pearson) where counts are given.")
    if result.companion is not None and result.pooled.poolable:
        notes.append(f"Beside it, {'binomial-normal model' if result.companion.method == 'glmm' else result.companion.method}: "
                     f"{_ends(result.companion)}.")  # fmt: skip
    if result.verified_only is not None:
        alone = result.verified_only
        said = _ends(alone) if alone.poolable or alone.k == 1 else f"not poolable, {alone.reason}"
        notes.append(f"Only the {alone.k} series read in their source: {said}.")
    if result.certainty is not None:
        notes.append(f"Certainty by GRADE: {result.certainty.words}.")
    return (*notes, result.spec.note) if result.spec.note and result.chosen else tuple(notes)


def _ends(pooled: Pooled) -> str:
    factor, unit = _FACTOR[pooled.measure]
    middle, low, high = (factor * (v or 0.0) for v in (pooled.estimate, pooled.ci_low, pooled.ci_high))
    return f"{middle:.1f}{unit} ({low:.1f} to {high:.1f})"
