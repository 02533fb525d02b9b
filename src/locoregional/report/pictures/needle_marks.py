"""Needles on a plane: where they enter, run, cross and end, with their names where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from locoregional.report.marks import NeedleLine
from locoregional.report.palette import COLOURS
from locoregional.report.pictures.canvas import halo
from locoregional.report.planes import Plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_crossings", "draw_needles"]

IN_PLANE_MM = 2.0
"""A needle that stays this close to a plane lies in it."""
APART = 0.055
"""Names nearer than this share of the picture are written together."""
BESIDE_PT = (6.0, 7.0)
"""From a tip to its name, in points."""
CENTRED_PT = 4.0
"""Names that stand farther to a side end at their needle instead of being centred on it."""
_Place = tuple[str, tuple[float, float], tuple[float, float]]


def draw_needles(axes: Axes, plane: Plane, needles: Sequence[NeedleLine]) -> None:
    """Needles projected onto a plane: ring at the skin, dot at the tip; dashed where they leave the plane."""
    colour = COLOURS["needle"]
    places: list[_Place] = []
    for needle in needles:
        (u0, v0, w0), (u1, v1, w1) = plane.project(np.stack([needle.entry_lps_mm, needle.tip_lps_mm]))
        style: tuple[int, tuple[int, ...]] | str = "-" if max(abs(w0), abs(w1)) < IN_PLANE_MM else (0, (5, 2))
        axes.plot([u0, u1], [v0, v1], color=colour, linewidth=1.8, linestyle=style, path_effects=halo(width_px=3.2), zorder=7)
        ring: dict[str, Any] = {"markersize": 5.5, "markerfacecolor": "none", "markeredgewidth": 1.5}
        axes.plot([u0], [v0], marker="o", markeredgecolor=colour, zorder=8, **ring)
        axes.plot([u1], [v1], marker="o", markersize=3.2, color=colour, zorder=8)
        inside = abs(u0) < 0.46 * plane.width_mm and abs(v0) < 0.46 * plane.height_mm
        out = np.array([u0 - u1, v0 - v1]) / max(float(np.hypot(u0 - u1, v0 - v1)), 1e-6)
        # at the skin the name stands outside, in the picture's y upwards; else beside the tip
        places.append((needle.name, (u0, v0), (8.0 * out[0], -8.0 * out[1])) if inside else (needle.name, (u1, v1), BESIDE_PT))
    if len(needles) > 1:
        _names(axes, plane, places)


def draw_crossings(axes: Axes, plane: Plane, needles: Sequence[NeedleLine]) -> None:
    """Points where needles cross a plane; open where the tip ends before it."""
    colour = COLOURS["needle"]
    places: list[_Place] = []
    for needle in needles:
        (u0, v0, w0), (u1, v1, w1) = plane.project(np.stack([needle.entry_lps_mm, needle.tip_lps_mm]))
        crosses = w0 * w1 <= 0 and w0 != w1
        t = w0 / (w0 - w1) if crosses else 1.0
        u, v = u0 + t * (u1 - u0), v0 + t * (v1 - v0)
        look: dict[str, Any] = {"marker": "o", "markersize": 6, "markeredgecolor": "black", "zorder": 8}
        if crosses:
            axes.plot([u], [v], markerfacecolor=colour, **look)
        else:
            axes.plot([u], [v], **(look | {"markerfacecolor": "none", "markeredgecolor": colour, "markeredgewidth": 1.8}))
        places.append((needle.name, (u, v), BESIDE_PT))
    _names(axes, plane, places if len(needles) > 1 else [])


def _names(axes: Axes, plane: Plane, places: Sequence[_Place]) -> None:
    groups: list[tuple[list[str], tuple[float, float], tuple[float, float]]] = []
    for name, (u, v), away in sorted(places, key=lambda place: place[1]):
        near = (g for g in groups if np.hypot(g[1][0] - u, g[1][1] - v) < APART * plane.width_mm)
        group = next(near, None)
        if group is None:
            groups.append(([name], (u, v), away))
        else:
            group[0].append(name)
    for names, place, away in groups:
        side = "center" if abs(away[0]) < CENTRED_PT else "left" if away[0] > 0 else "right"
        axes.annotate(
            ", ".join(sorted(names)), place, xytext=away, textcoords="offset points", path_effects=halo(width_px=2.6), ha=side,
            va="center", color=COLOURS["needle"], fontsize=9, fontweight="bold", zorder=9,
        )  # fmt: skip
