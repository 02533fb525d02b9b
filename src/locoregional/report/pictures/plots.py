"""Diagrams of the plan: temperature over time, zone size with its band, risk structures, the trade-off between needle paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from locoregional.errors import GeometryError
from locoregional.report.palette import COLOURS
from locoregional.report.pictures.canvas import INK, QUIET, new_canvas, plot_axes, png_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Curve", "PathPoint", "RiskBar", "dose_volume_curves", "path_trade_off", "risk_bars", "time_course", "zone_growth"]

LINES = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#7a6a00", "#56b4e9")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (2, 1.5)), "-.", ":", (0, (8, 3)))


@dataclass(frozen=True, eq=False)
class Curve:
    """A named curve with an optional band; ``x`` and ``y`` of shape (n,), ``low`` and ``high`` likewise."""

    name: str
    x: ArrayLike
    y: ArrayLike
    low: ArrayLike | None = None
    high: ArrayLike | None = None


@dataclass(frozen=True)
class RiskBar:
    """A risk structure: its value with interval, the limit it should stay below (or above), and an alert for another reason."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    alert: bool = False


@dataclass(frozen=True)
class PathPoint:
    """A needle path as a point of the trade-off: name, two costs and whether it is proposed."""

    name: str
    x: float
    y: float
    coverage_share: float
    proposed: bool = False


def _curves(axes: Axes, curves: Sequence[Curve]) -> None:
    for i, curve in enumerate(curves):
        x, y = np.asarray(curve.x, dtype=float), np.asarray(curve.y, dtype=float)
        if x.shape != y.shape or x.ndim != 1:
            raise GeometryError(f"x {x.shape} and y {y.shape} do not belong together", where=curve.name)
        colour = LINES[i % len(LINES)]
        if curve.low is not None and curve.high is not None:
            axes.fill_between(
                x, np.asarray(curve.low, float), np.asarray(curve.high, float), color=colour, alpha=0.18, linewidth=0
            )
        axes.plot(x, y, color=colour, linewidth=1.8, linestyle=DASHES[i % len(DASHES)], label=curve.name)


def time_course(temperatures: Sequence[Curve], damages: Sequence[Curve] = (), *, lethal_c: float | None = None) -> bytes:
    """Temperature, and damaged share beside it, over time.

    Parameters
    ----------
    temperatures : sequence of Curve
        Time [s] against temperature [C].
    damages : sequence of Curve
        Time [s] against volume [ml] or share; shown in a second panel when given.
    lethal_c : float, optional [C]
        Reference line.

    Returns
    -------
    bytes
        PNG.
    """
    figure = new_canvas(width_mm=200 if damages else 130, height_mm=78)
    left = figure.add_axes((0.08, 0.17, 0.40, 0.71) if damages else (0.12, 0.17, 0.85, 0.71))
    _curves(left, temperatures)
    plot_axes(left, xlabel="time [s]", ylabel="temperature [°C]", title="Temperature")
    if lethal_c is not None:
        left.axhline(lethal_c, color=INK, linewidth=0.9, linestyle=(0, (3, 2)))
        left.text(
            0.99, lethal_c + 1.0, f"{lethal_c:g} °C", transform=left.get_yaxis_transform(), ha="right", fontsize=8, color=QUIET
        )
    left.legend(fontsize=8, frameon=False, labelcolor=INK)
    if damages:
        right = figure.add_axes((0.575, 0.17, 0.40, 0.71))
        _curves(right, damages)
        plot_axes(right, xlabel="time [s]", ylabel="ablated volume [ml]", title="Ablated volume, with 90 % band")
        right.set_ylim(bottom=0)
        right.legend(fontsize=8, frameon=False, labelcolor=INK)
    return png_bytes(figure)


def zone_growth(axes_of_zone: Sequence[Curve], *, chosen_s: float | None = None, needed_mm: float | None = None) -> bytes:
    """Diameters of the predicted zone over time with their band, the chosen time and the size needed.

    Parameters
    ----------
    axes_of_zone : sequence of Curve
        Time [s] against diameter [mm].
    chosen_s : float, optional [s]
        Time the plan uses.
    needed_mm : float, optional [mm]
        Diameter of the lesion with its margin.

    Returns
    -------
    bytes
        PNG.
    """
    figure = new_canvas(width_mm=130, height_mm=78)
    axes = figure.add_axes((0.11, 0.17, 0.86, 0.71))
    _curves(axes, axes_of_zone)
    plot_axes(axes, xlabel="time [s]", ylabel="diameter [mm]", title="Predicted zone, with 90 % band")
    axes.set_ylim(bottom=0)
    if needed_mm is not None:
        axes.axhline(needed_mm, color=INK, linewidth=1, linestyle=(0, (3, 2)))
        axes.text(
            0.01,
            needed_mm,
            f"needed: {needed_mm:.0f} mm",
            transform=axes.get_yaxis_transform(),
            fontsize=8,
            color=INK,
            va="bottom",
        )
    if chosen_s is not None:
        axes.axvline(chosen_s, color=QUIET, linewidth=1)
        axes.text(
            chosen_s,
            0.02,
            f" planned: {chosen_s:.0f} s",
            transform=axes.get_xaxis_transform(),
            fontsize=8,
            color=QUIET,
            rotation=90,
            ha="right",
            va="bottom",
        )
    axes.legend(fontsize=8, frameon=False, labelcolor=INK, loc="upper left")
    return png_bytes(figure)


def dose_volume_curves(curves: Sequence[Curve]) -> bytes:
    """Cumulative dose-volume curves.

    Parameters
    ----------
    curves : sequence of Curve
        Dose [Gy] against the share of the volume that receives at least as much [%].

    Returns
    -------
    bytes
        PNG.
    """
    figure = new_canvas(width_mm=165, height_mm=88)
    axes = figure.add_axes((0.09, 0.15, 0.88, 0.75))
    _curves(axes, curves)
    plot_axes(axes, xlabel="absorbed dose [Gy]", ylabel="volume [%]", title="Dose and volume")
    axes.set_xlim(left=0.0)
    axes.set_ylim(0.0, 101.0)
    axes.legend(fontsize=8, frameon=False, labelcolor=INK, loc="upper right")
    return png_bytes(figure)


def risk_bars(bars: Sequence[RiskBar], *, xlabel: str, title: str, above_is_bad: bool = True, start: float = 0.0) -> bytes:
    """Values at risk structures with interval and limit; those beyond their limit stand out by colour and mark.

    Parameters
    ----------
    bars : sequence of RiskBar
        Structures, first on top.
    xlabel, title : str
        Words with the unit.
    above_is_bad : bool
        True for heat and doses, False for cold and distances.
    start : float
        Value from which bars begin: body temperature for temperatures.

    Returns
    -------
    bytes
        PNG.
    """
    figure = new_canvas(width_mm=165, height_mm=24 + 8.5 * len(bars))
    margin = 15.0 / (24 + 8.5 * len(bars))
    axes = figure.add_axes((0.24, margin, 0.73, 1 - margin - 9.0 / (24 + 8.5 * len(bars))))
    for i, bar in enumerate(bars):
        far = bar.high if above_is_bad else bar.low
        worst = bar.value if far is None else far
        bad = bar.alert or (bar.threshold is not None and (worst >= bar.threshold if above_is_bad else worst <= bar.threshold))
        colour = "#9b1b3b" if bad else "#1f5fa8"
        axes.plot([start, bar.value], [i, i], color=colour, alpha=0.25, linewidth=7, solid_capstyle="butt")
        if bar.low is not None and bar.high is not None:
            axes.plot([bar.low, bar.high], [i, i], color=colour, linewidth=2)
        axes.plot([bar.value], [i], marker="D" if bad else "o", color=colour, markersize=6)
        if bar.threshold is not None:
            axes.plot([bar.threshold, bar.threshold], [i - 0.38, i + 0.38], color=INK, linewidth=1.6)
    axes.set_yticks(range(len(bars)), [bar.name for bar in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    plot_axes(axes, xlabel=xlabel, ylabel="", title=title)
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", labelcolor=INK, length=0)
    values = [v for b in bars for v in (b.value, b.low, b.high, b.threshold) if v is not None]
    low, high = min(*values, start), max(*values, start)
    room = 0.06 * (high - low)
    axes.set_xlim(low - (room if low < start else 0.0), high + room)
    return png_bytes(figure)


def path_trade_off(paths: Sequence[PathPoint], *, xlabel: str, ylabel: str) -> bytes:
    """Pareto picture of needle paths: each a point, coloured by the chance to cover the lesion, proposals named.

    Parameters
    ----------
    paths : sequence of PathPoint
        Paths with two costs and coverage 0..1.
    xlabel, ylabel : str
        Words with units.

    Returns
    -------
    bytes
        PNG.
    """
    figure = new_canvas(width_mm=165, height_mm=88)
    axes = figure.add_axes((0.09, 0.15, 0.72, 0.75))
    rest, best = [p for p in paths if not p.proposed], [p for p in paths if p.proposed]
    coverage = [p.coverage_share for p in paths]
    low = min(0.99, np.floor(20 * min(coverage, default=0.0)) / 20)
    shown = axes.scatter(
        [p.x for p in rest],
        [p.y for p in rest],
        c=[p.coverage_share for p in rest],
        cmap="cividis",
        vmin=low,
        vmax=1,
        s=16,
        alpha=0.8,
    )
    axes.scatter(
        [p.x for p in best],
        [p.y for p in best],
        c=[p.coverage_share for p in best],
        cmap="cividis",
        vmin=low,
        vmax=1,
        s=95,
        edgecolor=COLOURS["zone"],
        linewidth=2,
    )
    for p in best:
        axes.annotate(p.name, (p.x, p.y), xytext=(9, 7), textcoords="offset points", fontsize=9, fontweight="bold", color=INK)
    plot_axes(axes, xlabel=xlabel, ylabel=ylabel, title="Needle paths: what each choice costs")
    bar = figure.colorbar(shown, cax=figure.add_axes((0.85, 0.15, 0.022, 0.75)))
    bar.set_label("chance to cover the lesion", fontsize=9, color=INK)
    bar.ax.tick_params(labelsize=8, colors=QUIET)
    bar.outline.set_visible(False)
    return png_bytes(figure)
