"""Forest plot: every study with its interval, the pooled diamond and the prediction interval, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locoregional.errors import EvidenceError
from locoregional.evidence.plots.canvas import INK, QUIET, new_sheet, save_picture
from locoregional.evidence.plots.forest_layout import (
    FOOT_MM,
    GAP_MM,
    LINE_MM,
    MARGIN_MM,
    SIZE,
    SMALL,
    TITLE,
    TITLE_MM,
    Columns,
    Line,
    Page,
    columns_of,
    page_of,
)
from locoregional.evidence.plots.forest_marks import draw_axis, draw_diamond, draw_prediction, draw_study
from locoregional.evidence.plots.forest_row import ForestRow, forest_rows
from locoregional.evidence.plots.forest_words import (
    axis_label,
    counts_total,
    counts_words,
    estimate_words,
    foot_texts,
    head_words,
    picture_words,
    summary_words,
)
from locoregional.evidence.plots.scale import Scale, scale_limits, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from locoregional.evidence.pooling.pooled import Pooled

__all__ = ["draw_forest"]


def draw_forest(
    pooled: Pooled,
    path: str | Path,
    *,
    title: str = "",
    rows: Sequence[ForestRow] | None = None,
    set_aside: Sequence[ForestRow] = (),
    estimand: str = "Estimate",
    unit_of_analysis: str = "",
    notes: Sequence[str] = (),
    width_mm: float = 180.0,
) -> Path:
    """Draw a forest plot, with a diamond only where the studies may be pooled.

    The area of a square is in proportion to its weight; filled squares are verified in their primary source, hollow ones with
    a dashed line are not. Colours and words tell breast-only, mixed and borrowed populations apart.

    Parameters
    ----------
    pooled : Pooled
        Result of a synthesis.
    path : str or Path
        Ends in ``.svg`` or ``.png``.
    title : str
        What is shown, in words.
    rows : sequence of ForestRow, optional
        Studies with their marks; by default those of ``pooled``, unmarked.
    set_aside : sequence of ForestRow
        Studies that are shown below the pool and do not enter it, each with its reason as note.
    estimand : str
        What is estimated, for the axis.
    unit_of_analysis : str
        ``patient``, ``lesion`` ...
    notes : sequence of str
        Further sentences below the plot.
    width_mm : float [mm]
        Width of the page; 180 fills two columns of a journal.

    Returns
    -------
    Path
        Where the picture stands.

    Raises
    ------
    EvidenceError
        If there is no study, or the suffix is not known.
    """
    shown = tuple(rows) if rows is not None else forest_rows(pooled)
    every = (*shown, *set_aside)
    if not every:
        raise EvidenceError("there is no study to draw", where=title or "forest plot", remedy="Choose a pool that holds studies.")
    scale = scale_of(pooled.measure)
    heads, summaries = head_words(pooled, every), summary_words(pooled)
    feet = foot_texts(pooled, every, unit_of_analysis=unit_of_analysis, notes=notes)
    columns = columns_of(every, scale=scale, heads=heads, summaries=summaries, width_mm=width_mm)
    why = "" if pooled.poolable else f"Not poolable: {pooled.reason}"
    sizes: dict[str, Any] = {"title": title, "why": why, "summaries": len(summaries), "feet": feet, "width_mm": width_mm}
    page = page_of(shown, set_aside, columns=columns, **sizes)
    figure, sheet = new_sheet(width_mm=width_mm, height_mm=page.height_mm)
    limits = scale_limits(*_extent(pooled, every), scale)
    top = page.head_mm + 2.4
    place: dict[str, Any] = {"top_mm": top, "bottom_mm": page.axis_mm, "limits": limits}
    axes = draw_axis(figure, columns, scale=scale, label=axis_label(estimand, scale), **place)
    heaviest = max((r.weight_percent for r in shown if r.weight_percent is not None), default=None)
    for line in (*page.lines, *page.aside):
        draw_study(axes, line, scale=scale, limits=limits, heaviest_percent=heaviest)
    if summaries:
        draw_diamond(axes, pooled, y=page.summary_mm[0], start_mm=top, scale=scale, limits=limits)
        draw_prediction(axes, pooled, y=page.summary_mm[-1], scale=scale, limits=limits)
    _write(sheet, page, columns, heads=heads, scale=scale, width_mm=width_mm)
    _write_summaries(sheet, page, columns, summaries=summaries, counts=counts_total(shown))
    return save_picture(figure, path, title=title, words=picture_words(pooled, shown, set_aside, feet=feet))


def _extent(pooled: Pooled, rows: Sequence[ForestRow]) -> tuple[list[float], list[float]]:
    """Numbers that must be on the axis, and those that may run off it."""
    inner = [v for r in rows for v in (r.value, r.low, r.high) if v is not None]
    outer = [pooled.ci_low, pooled.ci_high, pooled.prediction_low, pooled.prediction_high] if pooled.poolable else []
    return inner, [v for v in outer if v is not None]


def _say(sheet: Axes, x: float, y: float, text: str, *, size: int | float = SIZE, right: bool = False, **look: Any) -> None:
    """Text that starts (or ends) at a place; its middle line is at ``y``."""
    sheet.text(x, y, text, fontsize=size, ha="right" if right else "left", va="center_baseline", **{"color": INK, **look})


def _write(sheet: Axes, page: Page, columns: Columns, *, heads: tuple[str, str, str], scale: Scale, width_mm: float) -> None:
    """Title, headings, studies, the reason against pooling and the lines below."""
    for i, text in enumerate(page.titles):
        _say(sheet, MARGIN_MM, MARGIN_MM + 1.5 + TITLE_MM * i, text, size=TITLE, fontweight="bold")
    y = page.head_mm
    names = (
        (columns.name_mm, heads[0], False),
        (columns.counts_mm + columns.counts_width_mm, heads[1] if columns.counts_width_mm else "", True),
        (columns.estimate_mm, heads[2], False),
        (columns.weight_mm + columns.weight_width_mm, "Weight" if columns.weight_width_mm else "", True),
        (columns.evidence_mm, "Evidence" if columns.evidence_width_mm else "", False),
    )
    for x, text, right in names:
        _say(sheet, x, y, text, right=right, fontweight="bold")
    sheet.plot([MARGIN_MM, width_mm - MARGIN_MM], [y + 2.4, y + 2.4], color=INK, linewidth=0.8)
    for line in page.lines:
        _write_study(sheet, line, columns, heads=heads, scale=scale, colour=INK)
    for line in page.aside:
        _write_study(sheet, line, columns, heads=heads, scale=scale, colour=QUIET)
    if page.aside:
        _say(sheet, MARGIN_MM, page.aside_mm, "Shown beside it, not part of a pool", fontweight="bold", color=QUIET)
    if page.why:
        _write_why(sheet, page, width_mm=width_mm)
    for i, text in enumerate(page.foot):
        _say(sheet, MARGIN_MM, page.foot_mm + FOOT_MM * i, text, size=SMALL, color=QUIET)


def _write_study(sheet: Axes, line: Line, columns: Columns, *, heads: tuple[str, str, str], scale: Scale, colour: str) -> None:
    y, row = line.middle_mm, line.row
    for i, text in enumerate(line.names):
        _say(sheet, columns.name_mm, y + LINE_MM * i, text, color=colour)
    _say(sheet, columns.counts_mm + columns.counts_width_mm, y, counts_words(row, heads), right=True, color=colour)
    _say(sheet, columns.estimate_mm, y, estimate_words(row, scale), color=colour)
    weight = "" if row.weight_percent is None else f"{row.weight_percent:.1f} %"
    _say(sheet, columns.weight_mm + columns.weight_width_mm, y, weight, right=True, color=colour)
    _say(sheet, columns.evidence_mm, y, row.evidence, color=colour)
    below = y + LINE_MM * (len(line.names) - 0.5) + 0.3
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # the line of the pooled value passes behind notes
    for i, text in enumerate(line.notes):
        at = (columns.name_mm + GAP_MM, below + FOOT_MM * (i + 0.5))
        _say(sheet, *at, text, size=SMALL, color=QUIET, fontstyle="italic", bbox=paper)


def _write_summaries(sheet: Axes, page: Page, columns: Columns, *, summaries: Sequence[tuple[str, str]], counts: str) -> None:
    for (name, words), y in zip(summaries, page.summary_mm, strict=True):
        _say(sheet, columns.name_mm, y, name, fontweight="bold")
        _say(sheet, columns.estimate_mm, y, words, fontweight="bold")
    if summaries and columns.counts_width_mm:
        _say(sheet, columns.counts_mm + columns.counts_width_mm, page.summary_mm[0], counts, right=True, fontweight="bold")


def _write_why(sheet: Axes, page: Page, *, width_mm: float) -> None:
    """The reason why there is no diamond, in a box across the page."""
    from matplotlib.patches import Rectangle

    size = (width_mm - 2 * MARGIN_MM, LINE_MM * len(page.why) + 2.0)
    sheet.add_patch(Rectangle((MARGIN_MM, page.why_mm), *size, facecolor="#fbf1dd", edgecolor="#c9a24a", linewidth=0.6))
    for i, text in enumerate(page.why):
        y = page.why_mm + 1.0 + LINE_MM * (i + 0.5)
        _say(sheet, MARGIN_MM + 2.0, y, text, fontweight="bold", color="#6b4b00")
