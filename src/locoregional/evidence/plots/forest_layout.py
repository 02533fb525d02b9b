"""Where the columns and lines of a forest plot stand, in millimetres, measured so that nothing overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locoregional.evidence.plots.canvas import text_width_mm, wrapped
from locoregional.evidence.plots.forest_row import ForestRow
from locoregional.evidence.plots.forest_words import counts_words, estimate_words
from locoregional.evidence.plots.scale import Scale

__all__ = [
    "FOOT_MM",
    "GAP_MM",
    "LINE_MM",
    "MARGIN_MM",
    "SIZE",
    "SMALL",
    "TITLE",
    "TITLE_MM",
    "Columns",
    "Line",
    "Page",
    "columns_of",
    "lines_of",
    "page_of",
]

TITLE, SIZE, SMALL = 9.5, 7.5, 6.5
TITLE_MM, LINE_MM, FOOT_MM = 4.4, 3.3, 2.9
GAP_MM = 3.0
MARGIN_MM = 4.0
_NAME_MOST_MM = 50.0
_PLOT_LEAST_MM = 46.0
_AXIS_MM = 11.0


@dataclass(frozen=True)
class Columns:
    """Left edges and widths of the columns [mm]; a column of width 0 is not shown."""

    name_mm: float
    name_width_mm: float
    counts_mm: float
    counts_width_mm: float
    plot_mm: float
    plot_width_mm: float
    estimate_mm: float
    weight_mm: float
    weight_width_mm: float
    evidence_mm: float
    evidence_width_mm: float


@dataclass(frozen=True)
class Line:
    """A study's place: the lines of its name and note, the middle of its first line and its height [mm]."""

    row: ForestRow
    names: tuple[str, ...]
    notes: tuple[str, ...]
    middle_mm: float
    height_mm: float


@dataclass(frozen=True)
class Page:
    """Everything of a forest plot with its place from the top [mm].

    Attributes
    ----------
    titles, why, foot : tuple of str
        Lines of the title, of the reason against pooling, and below the axis.
    lines, aside : tuple of Line
        Studies of the pool, and those shown beside it.
    head_mm, why_mm, aside_mm, axis_mm, foot_mm, height_mm : float
        Places.
    summary_mm : tuple of float
        Middles of the pooled lines.
    """

    titles: tuple[str, ...]
    why: tuple[str, ...]
    foot: tuple[str, ...]
    lines: tuple[Line, ...]
    aside: tuple[Line, ...]
    head_mm: float
    summary_mm: tuple[float, ...]
    why_mm: float
    aside_mm: float
    axis_mm: float
    foot_mm: float
    height_mm: float


def _widest(words: Sequence[str], *, bold: bool = False) -> float:
    return max((text_width_mm(w, size=SIZE, bold=bold) for w in words if w), default=0.0)


def _column(words: Sequence[str], heading: str) -> float:
    """Width of a column with its heading; 0 where every row is empty."""
    width = _widest(words)
    return max(width, _widest([heading], bold=True)) if width else 0.0


def columns_of(
    rows: Sequence[ForestRow], *, scale: Scale, heads: tuple[str, str, str], summaries: Sequence[tuple[str, str]], width_mm: float
) -> Columns:
    """Columns for the rows, the plot taking what is left.

    Parameters
    ----------
    rows : sequence of ForestRow
        All rows, pooled or not.
    scale : Scale
        Axis.
    heads : (str, str, str)
        Headings of study, counts and estimate.
    summaries : sequence of (str, str)
        Name and estimate of the pooled lines.
    width_mm : float [mm]
        Width of the page.

    Returns
    -------
    Columns
        Edges in mm.
    """
    counts = _column([counts_words(r, heads) for r in rows], heads[1])
    weight = _column(["100.0 %" for r in rows if r.weight_percent is not None], "Weight")
    evidence = _column([r.evidence for r in rows], "Evidence")
    estimate = max(_widest([estimate_words(r, scale) for r in rows]), _widest([heads[2], *(s[1] for s in summaries)], bold=True))
    gaps = GAP_MM * (2 + sum(w > 0 for w in (counts, weight, evidence)))
    free = width_mm - 2 * MARGIN_MM - counts - estimate - weight - evidence - gaps
    name = max(_widest([r.name for r in rows]), _widest([heads[0], *(s[0] for s in summaries)], bold=True))
    name = min(name, max(min(_NAME_MOST_MM, free - _PLOT_LEAST_MM), 25.0))
    plot = max(free - name, 20.0)
    counts_x = MARGIN_MM + name + GAP_MM
    plot_x = counts_x + (counts + GAP_MM if counts else 0.0)
    estimate_x = plot_x + plot + GAP_MM
    weight_x = estimate_x + estimate + GAP_MM
    evidence_x = weight_x + (weight + GAP_MM if weight else 0.0)
    return Columns(MARGIN_MM, name, counts_x, counts, plot_x, plot, estimate_x, weight_x, weight, evidence_x, evidence)


def lines_of(rows: Sequence[ForestRow], *, columns: Columns, start_mm: float, width_mm: float) -> tuple[tuple[Line, ...], float]:
    """Rows one below the other, long names and notes wrapped.

    Parameters
    ----------
    rows : sequence of ForestRow
        What to place.
    columns : Columns
        Where the columns stand.
    start_mm : float [mm]
        Top of the first row.
    width_mm : float [mm]
        Width of the page.

    Returns
    -------
    lines : tuple of Line
        In order.
    float
        Bottom of the last [mm].
    """
    lines, y = [], start_mm
    for row in rows:
        names = wrapped(row.name, width_mm=columns.name_width_mm + 0.1, size=SIZE)
        notes = wrapped(row.note, width_mm=width_mm - 2 * MARGIN_MM - GAP_MM, size=SMALL) if row.note else []
        height = LINE_MM * len(names) + FOOT_MM * len(notes) + 1.7
        lines.append(Line(row, tuple(names), tuple(notes), y + 0.85 + LINE_MM / 2, height))
        y += height
    return tuple(lines), y


def page_of(
    rows: Sequence[ForestRow],
    aside: Sequence[ForestRow],
    *,
    columns: Columns,
    title: str,
    why: str,
    summaries: int,
    feet: Sequence[str],
    width_mm: float,
) -> Page:
    """Place everything on a page of a width; its height follows.

    Parameters
    ----------
    rows, aside : sequence of ForestRow
        Studies of the pool, and those shown beside it.
    columns : Columns
        Where the columns stand.
    title, why : str
        Title; reason against pooling, empty where there is none.
    summaries : int
        Number of pooled lines.
    feet : sequence of str
        Texts below the axis.
    width_mm : float [mm]
        Width of the page.

    Returns
    -------
    Page
        Places in mm.
    """
    room = width_mm - 2 * MARGIN_MM
    titles = wrapped(title, width_mm=room, size=TITLE, bold=True) if title else []
    reasons = wrapped(why, width_mm=room - 4.0, size=SIZE, bold=True) if why else []
    foot = [part for text in feet for part in wrapped(text, width_mm=room, size=SMALL)]
    head = MARGIN_MM + TITLE_MM * len(titles) + 2.5
    lines, y = lines_of(rows, columns=columns, start_mm=head + 3.2, width_mm=width_mm)
    summary = tuple(y + 3.0 + 5.0 * i for i in range(summaries))
    y = summary[-1] + 3.0 if summary else y + 1.0
    why_y = y
    y += LINE_MM * len(reasons) + 3.5 if reasons else 0.0
    aside_y = y + 2.0
    placed, y = lines_of(aside, columns=columns, start_mm=y + 4.6, width_mm=width_mm) if aside else ((), y)
    axis = y + 1.6
    foot_y = axis + _AXIS_MM + 1.0
    height = foot_y + FOOT_MM * len(foot) + MARGIN_MM - 2.0
    return Page(tuple(titles), tuple(reasons), tuple(foot), lines, placed, head, summary, why_y, aside_y, axis, foot_y, height)
