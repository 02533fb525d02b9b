"""Where the margin is thin: the tumour's surface as two hemispheres, seen from its middle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.margin import Margin
from locoregional.sources import read_facts

__all__ = ["draw_margin"]

_LOWEST_MM, _HIGHEST_MM = -5.0, 15.0
_RIM = np.sqrt(2.0)
"""Radius of a hemisphere in the equal-area projection."""

Array = NDArray[np.float64]


def draw_margin(margin: Margin, path: str | Path) -> None:
    """Draw the margin over the tumour surface, front and back half, areas kept (Lambert's azimuthal projection).

    Parameters
    ----------
    margin : Margin
        The measurement.
    path : path
        PNG file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    middle = np.average(margin.points_lps_mm, axis=0, weights=margin.area_mm2)
    unit = margin.points_lps_mm - middle
    unit = unit / np.linalg.norm(unit, axis=1)[:, None]
    thinnest = np.asarray(margin.thinnest_point_lps_mm) - middle
    figure = Figure(figsize=(8.6, 4.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    for place, (view, title) in enumerate(((-1.0, "front half, seen from the front"), (1.0, "back half, seen from the back"))):
        axes = figure.add_subplot(1, 2, place + 1)
        image = _half(axes, margin, unit, thinnest / np.linalg.norm(thinnest), view)
        axes.set_title(title, fontsize=10)
    low, high = margin.interval_mm
    figure.suptitle(
        f"Ablation margin over the tumour surface: minimum {margin.minimal_margin_mm:.1f} mm (90 %: {low:.1f} to {high:.1f})"
    )
    bar = figure.colorbar(image, ax=figure.axes, shrink=0.8, extend="both", label="margin [mm]")
    bar.set_ticks([_LOWEST_MM, *_thresholds(), _HIGHEST_MM])
    figure.savefig(str(path), format="png")


def _thresholds() -> list[float]:
    facts = read_facts(__package__)
    return [0.0, float(facts["margin.wanted"]), float(facts["margin.safe"])]


def _half(axes: Any, margin: Margin, unit: Array, thinnest: Array, view: float) -> Any:
    """One hemisphere; ``view`` is -1 for the patient's front, +1 for the back (the posterior direction of LPS)."""
    from matplotlib.colors import TwoSlopeNorm
    from matplotlib.patches import Circle
    from matplotlib.tri import Triangulation

    def flat(directions: Array) -> Array:
        toward = view * directions[:, 1]
        size = np.sqrt(2.0 / np.maximum(1.0 + toward, 0.05))
        return np.stack([-view * directions[:, 0] * size, directions[:, 2] * size])

    x, y = flat(unit)
    near = (view * unit[:, 1])[margin.triangles].min(axis=1) > -0.3  # a little beyond the rim, which clips it
    shown = np.clip(margin.margins_mm, _LOWEST_MM, _HIGHEST_MM)
    net = Triangulation(x, y, margin.triangles[near])
    norm = TwoSlopeNorm(_thresholds()[1], vmin=_LOWEST_MM, vmax=_HIGHEST_MM)
    rim = Circle((0.0, 0.0), _RIM, fill=False, linewidth=1.0)
    axes.add_patch(rim)
    image = axes.tripcolor(net, shown, cmap="RdYlBu", norm=norm, shading="gouraud")
    image.set_clip_path(rim)
    lines = axes.tricontour(net, shown, levels=_thresholds(), colors="black", linewidths=0.8)
    lines.set_clip_path(rim)
    for word in axes.clabel(lines, fmt="%g mm", fontsize=7):
        word.set_clip_path(rim)
        word.set_clip_on(True)
    left_out = ~margin.counted & (view * unit[:, 1] > 0)
    if left_out.any():
        axes.plot(x[left_out], y[left_out], ".", color="0.3", markersize=1.5)
        axes.text(0.0, -1.75, "dots: near the capsule, left out", ha="center", fontsize=7)
    if view * thinnest[1] > 0:
        spot = flat(thinnest[None])
        axes.plot(*spot, "k*", markersize=12, markeredgecolor="white")
    axes.set(xlim=(-1.65, 1.65), ylim=(-1.85, 1.65), aspect="equal")
    axes.axis("off")
    sides = ("right", "left") if view < 0 else ("left", "right")
    for where, word in (((-1.5, 0.0), sides[0]), ((1.5, 0.0), sides[1]), ((0.0, 1.5), "head"), ((0.0, -1.5), "feet")):
        upright = {"rotation": 90} if where[1] == 0.0 else {}
        axes.text(*where, word, ha="center", va="center", fontsize=8, **upright)
    return image
