"""Funnel plot: estimates against their standard errors, with the region where 95 % of equal studies would lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from locoregional.errors import EvidenceError
from locoregional.evidence.plots.canvas import DIRECTNESS_COLOURS, INK, QUIET, new_sheet, save_picture, wrapped
from locoregional.evidence.plots.forest_row import ForestRow, forest_rows
from locoregional.evidence.plots.funnel_labels import place_labels
from locoregional.evidence.plots.scale import Scale, number_words, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from locoregional.evidence.pooling.pooled import Pooled

__all__ = ["LEAST_STUDIES", "draw_funnel"]

LEAST_STUDIES = 10
"""Below this number of studies no test of small-study effects is done: it could not tell bias from chance."""

_WIDTH_MM, _HEIGHT_MM = 120.0, 92.0
_LOW_TICKS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
_PROPORTION_TICKS = (*_LOW_TICKS, 0.5, *(round(1.0 - t, 4) for t in reversed(_LOW_TICKS)))
_MONTH_TICKS = (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 21, 24, 30, 36, 48, 60, 72, 96, 120, 144, 192)


@dataclass(frozen=True)
class _Point:
    """A study on the scale of the analysis: place, standard error."""

    row: ForestRow
    x: float
    se: float


def draw_funnel(
    pooled: Pooled, path: str | Path, *, title: str = "", rows: Sequence[ForestRow] | None = None, estimand: str = "Estimate"
) -> Path:
    """Draw a funnel plot; with fewer than ten studies it says that asymmetry was not tested.

    Standard errors belong to the scale of the analysis (logit of a proportion, logarithm of months, points), and the axis
    shows the numbers people read. The dashed lines are pseudo-confidence limits around the pooled value at each standard
    error, without heterogeneity; where the studies may not be pooled there is neither line nor limit.

    Parameters
    ----------
    pooled : Pooled
        Result of a synthesis.
    path : str or Path
        Ends in ``.svg`` or ``.png``.
    title : str
        What is shown, in words.
    rows : sequence of ForestRow, optional
        Studies with their marks.
    estimand : str
        What is estimated, for the axis.

    Returns
    -------
    Path
        Where the picture stands.

    Raises
    ------
    EvidenceError
        If no study has an interval or counts, or the suffix is not known.
    """
    scale = scale_of(pooled.measure)
    shown = tuple(rows) if rows is not None else forest_rows(pooled)
    points = [p for p in (_point(row, scale, pooled.level) for row in shown) if p is not None]
    if not points:
        raise EvidenceError(
            "no study has a standard error",
            where=title or "funnel plot",
            remedy="Give counts, or an interval with each estimate.",
        )
    notes = _notes(pooled, len(points), len(shown))
    lines = [part for text in notes for part in wrapped(text, width_mm=_WIDTH_MM - 10.0, size=6.5)]
    titles = wrapped(title, width_mm=_WIDTH_MM - 10.0, size=9.5, bold=True) if title else []
    head, foot = 5.0 + 4.4 * len(titles), 13.0 + 2.9 * len(lines)
    height = head + _HEIGHT_MM + foot
    figure, sheet = new_sheet(width_mm=_WIDTH_MM, height_mm=height)
    axes = figure.add_axes((16.0 / _WIDTH_MM, foot / height, (_WIDTH_MM - 21.0) / _WIDTH_MM, (_HEIGHT_MM - 2.0) / height))
    _draw(axes, pooled, points, scale=scale, estimand=estimand)
    place_labels(figure, axes, [(p.row.name, p.x, p.se) for p in points])
    for i, text in enumerate(titles):
        sheet.text(5.0, 5.0 + 4.4 * i, text, fontsize=9.5, fontweight="bold", color=INK, va="center_baseline")
    for i, text in enumerate(lines):
        sheet.text(5.0, height - foot + 12.5 + 2.9 * i, text, fontsize=6.5, color=QUIET, va="center_baseline")
    words = "\n".join(
        [*(f"{p.row.name}: {number_words(p.row.value or 0.0, scale)} {scale.unit}; SE {p.se:.3f}" for p in points), *notes]
    )
    return save_picture(figure, path, title=title, words=words)


def _forward(value: float, scale: Scale) -> float:
    """From the number people read to the scale of the analysis."""
    if scale.measure == "proportion":
        return math.log(value / (1.0 - value))
    return math.log(value) if scale.logarithmic else value


def _point(row: ForestRow, scale: Scale, level: float) -> _Point | None:
    """Place and standard error of a study: from its counts, else from its interval; None where it has neither."""
    if row.events is not None and row.total:
        a, b = float(row.events), float(row.total - row.events)
        a, b = (a + 0.5, b + 0.5) if a == 0 or b == 0 else (a, b)  # as the analysis does with empty or full cells
        return _Point(row, math.log(a / b), math.sqrt(1.0 / a + 1.0 / b))
    if row.value is None or row.low is None or row.high is None:
        return None
    from scipy.special import ndtri

    width = _forward(row.high, scale) - _forward(row.low, scale)
    return _Point(row, _forward(row.value, scale), width / (2.0 * float(ndtri(0.5 + level / 2.0))))


def _notes(pooled: Pooled, drawn: int, given: int) -> list[str]:
    notes = []
    if pooled.k < LEAST_STUDIES:
        notes.append(
            f"k = {pooled.k}: asymmetry is not tested below {LEAST_STUDIES} studies; "
            "such a plot can neither show nor exclude missing studies."
        )
    if not pooled.poolable:
        notes.append(f"Not poolable: {pooled.reason}")
    if drawn < given:
        notes.append(f"{given - drawn} of {given} studies give neither counts nor an interval and are not drawn.")
    return notes


def _draw(axes: Axes, pooled: Pooled, points: Sequence[_Point], *, scale: Scale, estimand: str) -> None:
    from scipy.special import ndtri

    deepest = 1.12 * max(p.se for p in points)
    xs = [p.x for p in points]
    if pooled.poolable and pooled.estimate is not None:
        z = float(ndtri(0.5 + pooled.level / 2.0))
        middle = _forward(pooled.estimate, scale)
        tent = np.array([middle - z * deepest, middle, middle + z * deepest])
        axes.fill_between(tent, [deepest, 0.0, deepest], deepest, color="#eef2f6", linewidth=0, zorder=0)
        axes.plot(tent, [deepest, 0.0, deepest], color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)), gid="pseudo-limits")
        axes.plot([middle, middle], [0.0, deepest], color=INK, linewidth=0.9, gid="pooled-line")
        xs += [float(tent[0]), float(tent[-1])]
    room = 0.06 * max(max(xs) - min(xs), 0.5)
    axes.set_xlim(min(xs) - room, max(xs) + room)
    axes.set_ylim(deepest, 0.0)
    for point in points:
        colour = DIRECTNESS_COLOURS.get(point.row.directness, INK)
        face = "white" if point.row.status == "unverified" else colour
        axes.plot(
            [point.x], [point.se], "o", markersize=5.5, markerfacecolor=face, markeredgecolor=colour, clip_on=False, zorder=3
        )
    _ticks(axes, scale)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    axes.tick_params(colors=QUIET, labelsize=7.5, length=2.5)
    axes.set_xlabel(f"{estimand} [{scale.unit}, {_axis_words(scale)}]", fontsize=7.5, color=INK)
    axes.set_ylabel(f"standard error ({_error_words(scale)})", fontsize=7.5, color=INK)


def _ticks(axes: Axes, scale: Scale) -> None:
    """Ticks where the numbers people read stand on the axis of the analysis, thinned so that they do not touch."""
    if scale.measure == "mean change":
        return
    low, high = axes.get_xlim()
    known = _PROPORTION_TICKS if scale.measure == "proportion" else _MONTH_TICKS
    kept: list[float] = []
    for tick in known:
        place = _forward(tick, scale)
        if low <= place <= high and (not kept or place - _forward(kept[-1], scale) > 0.08 * (high - low)):
            kept.append(tick)
    axes.set_xticks([_forward(t, scale) for t in kept], [f"{t * scale.factor:g}" for t in kept])


def _axis_words(scale: Scale) -> str:
    return {"proportion": "logit axis", "median survival": "log axis", "mean change": "linear axis"}[scale.measure]


def _error_words(scale: Scale) -> str:
    return {"proportion": "logit", "median survival": "log months", "mean change": "points"}[scale.measure]
