"""A predicted zone close up: lesion, zone with its band and what else has an edge, in the planes that matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from locoregional.imaging.volume import Volume
from locoregional.report.fields import outline_field
from locoregional.report.marks import Layer, NeedleLine, common_direction
from locoregional.report.pictures.anatomy import ACROSS, WINDOWS, Window, draw_outline, draw_panel, planes_of
from locoregional.report.pictures.canvas import jpeg_bytes, new_canvas
from locoregional.report.pictures.legend import legend_handles
from locoregional.report.pictures.needle_marks import draw_crossings, draw_needles
from locoregional.report.planes import Plane, across_plane, standard_planes

__all__ = ["zone_close_up"]

PANEL_MM, LEGEND_MM = 200.0 / 3, 11.0
EDGE_MM = 9.0
"""Space around the outermost outline."""
MOST_MM = 130.0


def zone_close_up(
    image: Volume,
    target_lps_mm: ArrayLike,
    *,
    layers: Sequence[Layer],
    needles: Sequence[NeedleLine],
    window: Window = WINDOWS["soft tissue"],
) -> bytes:
    """Axial plane, plane of the first needle, and plane across the needles, all through the target.

    Parameters
    ----------
    image : Volume
        CT [HU] or other image.
    target_lps_mm : array_like, shape (3,) [mm]
        Middle of the pictures.
    layers : sequence of Layer
        The zone and its contours set the size of the pictures.
    needles : sequence of NeedleLine
        At least one.
    window : Window
        Grey scale.

    Returns
    -------
    bytes
        JPEG.
    """
    target = np.asarray(target_lps_mm, dtype=float)
    shown = [layer for layer in layers if layer.shown]
    reach = max((_reach_mm(layer, target) for layer in shown if layer.role in ("zone", "contour", "lesion")), default=30.0)
    side = float(np.clip(2 * (reach + EDGE_MM), 40.0, MOST_MM))
    planes = [standard_planes(target, width_mm=side, height_mm=side, depth_mm=side)[0], *_needle_planes(needles, target, side)]
    fields = [(layer, outline_field(layer, target[None], reach_mm=side)) for layer in shown]
    height = PANEL_MM + LEGEND_MM
    figure = new_canvas(width_mm=200, height_mm=height, background="#0b0f13")
    seen: set[str] = set()
    for i, plane in enumerate(planes):
        axes = figure.add_axes((i / 3 + 0.002, LEGEND_MM / height, 1 / 3 - 0.004, PANEL_MM / height - 0.004))
        draw_panel(axes, plane, image, window, title=plane.name, pixel_mm=side / 300)
        for layer, field in fields:
            if field is not None and draw_outline(axes, plane, field, layer, pixel_mm=side / 300):
                seen.add(layer.name)
        (draw_crossings if plane.name.startswith(ACROSS) else draw_needles)(axes, plane, needles)
    handles = legend_handles([layer for layer, _ in fields if layer.name in seen], ())
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.0, -0.01), ncols=min(5, max(1, len(handles))), fontsize=7.5,
        labelcolor="white", frameon=False, handlelength=1.6, columnspacing=1.4, labelspacing=0.25,
    )  # fmt: skip
    return jpeg_bytes(figure)


def _needle_planes(needles: Sequence[NeedleLine], target: np.ndarray, side_mm: float) -> list[Plane]:
    """Plane of the first needle and plane across all, both around the target."""
    found = planes_of(needles, target, side_mm=side_mm)[0]
    middle = target - ((target - found.centre_lps_mm) @ found.normal) * found.normal
    along = Plane(found.name, middle, found.right, found.down, side_mm, side_mm)
    return [along, across_plane(common_direction(needles), target, side_mm=side_mm, name=ACROSS)]


def _reach_mm(layer: Layer, target: np.ndarray) -> float:
    inside = np.argwhere(layer.volume.array >= min(layer.levels))
    if len(inside) == 0:
        return 0.0
    ends = np.array(np.meshgrid(*zip(inside.min(axis=0), inside.max(axis=0), strict=True), indexing="ij")).reshape(3, -1).T
    away = layer.volume.grid.to_lps(ends) - target
    return float(np.abs(away).max())
