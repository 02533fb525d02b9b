"""Where the margin is thin: the tumour's surface unrolled, seen from its middle."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from locoregional.measures.margin import Margin
from locoregional.sources import read_facts

__all__ = ["draw_margin"]

_LOWEST_MM, _HIGHEST_MM = -5.0, 15.0


def draw_margin(margin: Margin, path: str | Path) -> None:
    """Draw the margin over the tumour surface as a world map: head on top, front in the middle.

    Parameters
    ----------
    margin : Margin
        The measurement.
    path : path
        PNG file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import TwoSlopeNorm
    from matplotlib.figure import Figure
    from matplotlib.tri import Triangulation

    facts = read_facts(__package__)
    wanted, safe = float(facts["margin.wanted"]), float(facts["margin.safe"])
    middle = np.average(margin.points_lps_mm, axis=0, weights=margin.area_mm2)
    longitude, latitude = _angles(margin.points_lps_mm - middle)
    corners = longitude[margin.triangles]
    whole = np.ptp(corners, axis=1) < np.pi  # triangles across the seam at the back would smear over the map
    figure = Figure(figsize=(8.0, 4.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(projection="mollweide")
    net = Triangulation(longitude, latitude, margin.triangles[whole])
    shown = np.clip(margin.margins_mm, _LOWEST_MM, _HIGHEST_MM)
    image = axes.tripcolor(
        net, shown, cmap="RdYlBu", norm=TwoSlopeNorm(wanted, vmin=_LOWEST_MM, vmax=_HIGHEST_MM), shading="gouraud"
    )
    inside = [t for t in (0.0, wanted, safe) if shown.min() < t < shown.max()]
    if inside:
        lines = axes.tricontour(net, shown, levels=inside, colors="black", linewidths=0.8)
        axes.clabel(lines, fmt="%g mm", fontsize=7)
    if not margin.counted.all():
        axes.plot(
            longitude[~margin.counted], latitude[~margin.counted], ".", color="0.35", markersize=1.5, label="left out: capsule"
        )
    thin_longitude, thin_latitude = _angles(np.array([margin.thinnest_point_lps_mm]) - middle)
    low, high = margin.interval_mm
    words = f"thinnest: {margin.minimal_margin_mm:.1f} mm (90 %: {low:.1f} to {high:.1f})"
    axes.plot(thin_longitude, thin_latitude, "k*", markersize=11, markeredgecolor="white", label=words)
    axes.legend(loc="lower right", fontsize=8, framealpha=0.9)
    axes.set_xticks(np.radians([-90, 0, 90]), ["right", "front", "left"], fontsize=8)
    axes.set_yticks(np.radians([-60, 0, 60]), ["feet", "", "head"], fontsize=8)
    axes.grid(alpha=0.3)
    axes.set_title("Ablation margin over the tumour surface", fontsize=11)
    figure.colorbar(image, ax=axes, label="margin [mm]", shrink=0.7, ticks=[_LOWEST_MM, 0.0, wanted, safe, _HIGHEST_MM])
    figure.savefig(str(path), format="png")


def _angles(offsets_mm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Longitude (0 in front, positive to the patient's left) and latitude (positive to the head) of LPS offsets."""
    left, back, head = offsets_mm.T
    return np.arctan2(left, -back), np.arctan2(head, np.hypot(left, back))
