"""Survival curves as steps with their bands, and the numbers at risk in a table beneath."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import EvidenceError
from locoregional.evidence.plots.canvas import GRID, INK, LINE_COLOURS, QUIET, new_sheet, save_picture, text_width_mm, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from locoregional.evidence.survival.curve import SurvivalCurve

__all__ = ["draw_survival"]

_WIDTH_MM, _PLOT_MM = 130.0, 70.0
_ROW_MM = 3.6
_SAMPLE_MM = 8.5
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), "-.", (0, (8, 3)), (0, (3, 1, 1, 1, 1, 1)))
_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)


def draw_survival(
    curves: Sequence[SurvivalCurve],
    path: str | Path,
    *,
    title: str = "",
    event: str = "survival",
    censored: Sequence[NDArray] = (),
    notes: Sequence[str] = (),
) -> Path:
    """Draw survival curves with bands, medians and numbers at risk.

    Parameters
    ----------
    curves : sequence of SurvivalCurve
        One to six groups.
    path : str or Path
        Ends in ``.svg`` or ``.png``.
    title : str
        What is shown, in words.
    event : str
        Name of the vertical axis.
    censored : sequence of ndarray, shape (m,)
        Times of censoring [months] of each curve, drawn as ticks; none by default.
    notes : sequence of str
        Sentences below the table.

    Returns
    -------
    Path
        Where the picture stands.

    Raises
    ------
    EvidenceError
        If there is no curve, more than six, or the suffix is not known.
    """
    if not 1 <= len(curves) <= len(LINE_COLOURS):
        raise EvidenceError(
            f"{len(curves)} curves cannot be told apart", where=title or "survival plot", remedy="Draw one to six curves."
        )
    longest = max(float(t) for c in curves for t in (c.time_months[-1], *c.at_risk_times_months[-1:]))
    step = next((s for s in _STEPS if longest / s <= 10), 12 * math.ceil(longest / 120))
    tabled = [c for c in curves if len(c.at_risk)]
    titles = wrapped(title, width_mm=_WIDTH_MM - 10.0, size=9.5, bold=True) if title else []
    lines = [part for text in notes for part in wrapped(text, width_mm=_WIDTH_MM - 10.0, size=6.5)]
    names = {c.name: wrapped(c.name, width_mm=32.0, size=7.0) for c in tabled}
    left = max([14.0, *(5.0 + text_width_mm(part, size=7.0) + 4.0 for parts in names.values() for part in parts)])
    entries = _legend_places([c.name for c in curves], left=left, start_mm=5.5 + 4.4 * len(titles))
    head = max(y for _, y in entries) + 4.5
    table = sum(max(1, len(parts)) for parts in names.values()) * _ROW_MM + (5.0 if tabled else 0.0)
    foot = 11.0 + table + 2.9 * len(lines) + 3.0
    height = head + _PLOT_MM + foot
    figure, sheet = new_sheet(width_mm=_WIDTH_MM, height_mm=height)
    width = _WIDTH_MM - left - 6.0
    axes = figure.add_axes((left / _WIDTH_MM, foot / height, width / _WIDTH_MM, _PLOT_MM / height))
    _axes(axes, longest=longest, step=step, event=event)
    for i, curve in enumerate(curves):
        _curve(axes, curve, i, censored[i] if i < len(censored) else None)
    for i, (x, y) in enumerate(entries):
        sheet.plot([x, x + 7.0], [y, y], color=LINE_COLOURS[i], linestyle=_DASHES[i], linewidth=1.5)
        sheet.text(x + _SAMPLE_MM, y, curves[i].name, fontsize=7.0, color=INK, va="center_baseline")
    for i, text in enumerate(titles):
        sheet.text(5.0, 5.0 + 4.4 * i, text, fontsize=9.5, fontweight="bold", color=INK, va="center_baseline")
    top = height - foot + 11.0
    if tabled:
        _table(sheet, curves, names, top=top, left=left, scale=width / (longest * 1.02))
    for i, text in enumerate(lines):
        sheet.text(5.0, top + table + 2.0 + 2.9 * i, text, fontsize=6.5, color=QUIET, va="center_baseline")
    return save_picture(figure, path, title=title, words="\n".join([*(_words(c) for c in curves), *notes]))


def _axes(axes: Axes, *, longest: float, step: int, event: str) -> None:
    axes.set_xlim(0.0, longest * 1.02)
    axes.set_ylim(0.0, 1.02)
    axes.set_xticks(np.arange(0.0, longest * 1.02 + 1e-9, step))
    axes.set_yticks(np.linspace(0.0, 1.0, 6), [f"{v}" for v in range(0, 101, 20)])
    axes.grid(True, axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    axes.tick_params(colors=QUIET, labelsize=7.5, length=2.5)
    axes.set_xlabel("time [months]", fontsize=8, color=INK, labelpad=2)
    axes.set_ylabel(f"{event} [%]", fontsize=8, color=INK, labelpad=2)


def _curve(axes: Axes, curve: SurvivalCurve, index: int, censored: NDArray | None) -> None:
    colour = LINE_COLOURS[index]
    banded = np.isfinite(curve.low) & np.isfinite(curve.high)
    if banded.any():
        low, high = np.where(banded, curve.low, np.nan), np.where(banded, curve.high, np.nan)
        axes.fill_between(curve.time_months, low, high, step="post", color=colour, alpha=0.16, linewidth=0)
    axes.step(curve.time_months, curve.survival, where="post", color=colour, linewidth=1.5, linestyle=_DASHES[index])
    if censored is not None and len(censored):
        at = np.searchsorted(curve.time_months, censored, side="right") - 1
        axes.plot(censored, curve.survival[at], "|", color=colour, markersize=4.5, markeredgewidth=0.8)


def _legend_places(names: Sequence[str], *, left: float, start_mm: float) -> list[tuple[float, float]]:
    """Where each name stands above the plot [mm]: side by side as long as the line has room."""
    places, x, y = [], left, start_mm
    for name in names:
        width = _SAMPLE_MM + text_width_mm(name, size=7.0)
        if x > left and x + width > _WIDTH_MM - 5.0:
            x, y = left, y + 3.8
        places.append((x, y))
        x += width + 5.0
    return places


def _table(
    sheet: Axes, curves: Sequence[SurvivalCurve], names: dict[str, list[str]], *, top: float, left: float, scale: float
) -> None:
    sheet.text(5.0, top + 1.5, "Number at risk", fontsize=7.0, fontweight="bold", color=INK, va="center_baseline")
    y = top + 1.5 + _ROW_MM
    for i, curve in enumerate(curves):
        if curve.name not in names:
            continue
        for j, part in enumerate(names[curve.name]):
            sheet.text(5.0, y + _ROW_MM * j, part, fontsize=7.0, color=LINE_COLOURS[i], va="center_baseline")
        last = -math.inf
        for time, count in zip(curve.at_risk_times_months, curve.at_risk, strict=True):
            x, half = left + float(time) * scale, text_width_mm(f"{count}", size=7.0) / 2
            if x - half < last + 1.0:
                continue  # numbers that would touch are left out
            sheet.text(x, y, f"{count}", fontsize=7.0, color=INK, ha="center", va="center_baseline")
            last = x + half
        y += _ROW_MM * max(1, len(names[curve.name]))


def _words(curve: SurvivalCurve) -> str:
    below = np.flatnonzero(curve.survival <= 0.5)
    median = f"median {curve.time_months[below[0]]:.1f} months" if len(below) else "median not reached"
    risk = ", ".join(f"{n} at {t:g}" for t, n in zip(curve.at_risk_times_months, curve.at_risk, strict=True))
    return f"{curve.name}: {median}; numbers at risk: {risk or 'not given'}"
