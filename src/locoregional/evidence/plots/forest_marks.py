"""The marks of a forest plot: squares with whiskers, the diamond, the prediction bar, and the axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locoregional.evidence.plots.canvas import DIRECTNESS_COLOURS, INK, POINTS_PER_MM, QUIET, text_width_mm
from locoregional.evidence.plots.forest_layout import SIZE, SMALL, Columns, Line
from locoregional.evidence.plots.scale import Scale, scale_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from locoregional.evidence.pooling.pooled import Pooled

__all__ = ["draw_axis", "draw_diamond", "draw_prediction", "draw_study"]

_LARGEST_MM, _SMALLEST_MM, _PLAIN_MM = 3.0, 1.1, 1.8
_PREDICTION = "#9b1b3b"


def draw_axis(
    figure: Figure, columns: Columns, *, top_mm: float, bottom_mm: float, limits: tuple[float, float], scale: Scale, label: str
) -> Axes:
    """Axes of the plot column, whose y is millimetres from the top of the page.

    Parameters
    ----------
    figure : Figure
        Page.
    columns : Columns
        Where the plot stands.
    top_mm, bottom_mm : float [mm]
        Top of the first study, and where the axis is drawn.
    limits : (float, float)
        Ends of the axis, in drawn units.
    scale : Scale
        What is drawn.
    label : str
        Words below the axis.

    Returns
    -------
    Axes
        Empty.
    """
    width, height = (side * 25.4 for side in figure.get_size_inches())
    place = (columns.plot_mm / width, 1.0 - bottom_mm / height, columns.plot_width_mm / width, (bottom_mm - top_mm) / height)
    axes = figure.add_axes(place)
    axes.patch.set_visible(False)
    axes.set_ylim(bottom_mm, top_mm)
    if scale.logarithmic:
        axes.set_xscale("log")
    axes.set_xlim(*limits)
    ticks = scale_ticks(*limits, scale)
    axes.set_xticks(ticks, [f"{t:g}".replace("-", "\N{MINUS SIGN}") for t in ticks])
    axes.minorticks_off()
    axes.set_yticks([])
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    axes.tick_params(colors=QUIET, labelsize=SIZE, length=2.5)
    size = SIZE if text_width_mm(label, size=SIZE) < 1.6 * columns.plot_width_mm else SMALL
    axes.set_xlabel(label, fontsize=size, color=INK, labelpad=2.0)
    if scale.measure == "mean change":
        axes.axvline(0.0, color=QUIET, linewidth=0.7)
    return axes


def _whisker(
    axes: Axes, y: float, *, low: float, high: float, limits: tuple[float, float], colour: str, dashed: bool = False
) -> None:
    """Interval, with an arrow where it runs off the axis."""
    first, last = max(low, limits[0]), min(high, limits[1])
    axes.plot([first, last], [y, y], color=colour, linewidth=1.0, linestyle=(0, (3, 1.6)) if dashed else "-", zorder=2)
    for off, end, mark in ((low < limits[0], first, "<"), (high > limits[1], last, ">")):
        if off:
            axes.plot([end], [y], marker=mark, color=colour, markersize=3.5, markeredgewidth=0, clip_on=False, zorder=2)


def draw_study(
    axes: Axes, line: Line, *, scale: Scale, limits: tuple[float, float], heaviest_percent: float | None = None
) -> None:
    """Square with whiskers; hollow and dashed where the number is unverified, a small ring where no interval is given.

    Parameters
    ----------
    axes : Axes
        From `draw_axis`.
    line : Line
        Study and its place.
    scale : Scale
        Axis.
    limits : (float, float)
        Ends of the axis, in drawn units.
    heaviest_percent : float, optional [%]
        Weight of the largest square; without it all are alike.
    """
    row, y = line.row, line.middle_mm
    colour = DIRECTNESS_COLOURS.get(row.directness, INK)
    hollow = row.status == "unverified"
    if row.low is not None and row.high is not None:
        ends = {"low": row.low * scale.factor, "high": row.high * scale.factor}
        _whisker(axes, y, limits=limits, colour=colour, dashed=hollow or row.approximate, **ends)
    if row.value is None:
        return
    side = _PLAIN_MM
    if heaviest_percent and row.weight_percent is not None:
        side = max(_SMALLEST_MM, _LARGEST_MM * (row.weight_percent / heaviest_percent) ** 0.5)
    axes.plot(
        [row.value * scale.factor],
        [y],
        marker="s" if row.low is not None else "o",
        markersize=side * POINTS_PER_MM,
        markerfacecolor="white" if hollow else colour,
        markeredgecolor=colour,
        markeredgewidth=0.9,
        clip_on=False,
        zorder=3,
    )


def draw_diamond(axes: Axes, pooled: Pooled, *, y: float, start_mm: float, scale: Scale, limits: tuple[float, float]) -> None:
    """Diamond from one end of the pooled interval to the other, and a line up to the studies.

    Parameters
    ----------
    axes : Axes
        From `draw_axis`.
    pooled : Pooled
        A poolable result.
    y, start_mm : float
        Middle of the diamond, and top of the line [mm from the top of the page].
    scale : Scale
        Axis.
    limits : (float, float)
        Ends of the axis, in drawn units.
    """
    if pooled.estimate is None or pooled.ci_low is None or pooled.ci_high is None:
        return
    middle = pooled.estimate * scale.factor
    low, high = max(pooled.ci_low * scale.factor, limits[0]), min(pooled.ci_high * scale.factor, limits[1])
    axes.plot([middle, middle], [start_mm, y - 1.7], color=QUIET, linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
    corners = ([low, middle, high, middle], [y, y - 1.5, y, y + 1.5])
    axes.fill(*corners, color=INK, linewidth=0, zorder=3, gid="pooled-diamond")


def draw_prediction(axes: Axes, pooled: Pooled, *, y: float, scale: Scale, limits: tuple[float, float]) -> None:
    """Bar of the prediction interval.

    Parameters
    ----------
    axes : Axes
        From `draw_axis`.
    pooled : Pooled
        A result with a prediction interval.
    y : float
        Middle of the bar [mm from the top of the page].
    scale : Scale
        Axis.
    limits : (float, float)
        Ends of the axis, in drawn units.
    """
    if pooled.prediction_low is None or pooled.prediction_high is None:
        return
    low, high = pooled.prediction_low * scale.factor, pooled.prediction_high * scale.factor
    ends = [max(low, limits[0]), min(high, limits[1])]
    axes.plot(ends, [y, y], color=_PREDICTION, linewidth=2.4, solid_capstyle="butt", zorder=2, gid="prediction-bar")
    for off, end, mark in ((low < limits[0], ends[0], "<"), (high > limits[1], ends[1], ">")):
        if off:
            axes.plot([end], [y], marker=mark, color=_PREDICTION, markersize=5, markeredgewidth=0, clip_on=False)
