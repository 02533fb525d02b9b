"""An organ as it was outlined, on axial slices over its whole height, so that a reader can approve it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from locoregional.errors import MaskError
from locoregional.imaging.volume import Volume
from locoregional.report.fields import outline_field
from locoregional.report.marks import Layer
from locoregional.report.numbers import format_value
from locoregional.report.pictures.anatomy import WINDOWS, Window, draw_outline, draw_panel
from locoregional.report.pictures.canvas import jpeg_bytes, new_canvas
from locoregional.report.planes import Plane

__all__ = ["organ_panel"]

AROUND_MM = 12.0
"""Surroundings shown: enough to see what was left out."""

COLUMNS = 4
GAP = 0.003
"""Share of the picture between panels."""


def organ_panel(
    image: Volume, organ: Layer, *, outlined: Sequence[Layer] = (), count: int = 8, window: Window = WINDOWS["soft tissue"]
) -> bytes:
    """Axial slices through an organ from its top to its bottom, with outlines.

    Parameters
    ----------
    image : Volume
        CT [HU].
    organ : Layer
        Its mask or occupancy; sets the part of the image shown.
    outlined : sequence of Layer
        Further outlines, drawn over that of the organ.
    count : int
        Number of slices, spread evenly over its height.
    window : Window
        Grey scale.

    Returns
    -------
    bytes
        JPEG.

    Raises
    ------
    MaskError
        If the organ is empty.
    """
    inside = np.argwhere(organ.volume.array >= 0.5)
    if len(inside) == 0:
        raise MaskError("there is no voxel to outline", where=organ.name, remedy="Check the mask or the seed point.")
    ends = organ.volume.grid.to_lps(
        np.array(np.meshgrid(*zip(inside.min(axis=0), inside.max(axis=0), strict=True))).reshape(3, -1).T
    )
    low, high = ends.min(axis=0) - AROUND_MM, ends.max(axis=0) + AROUND_MM
    width, height = float(high[0] - low[0]), float(high[1] - low[1])
    levels = np.linspace(high[2] - AROUND_MM, low[2] + AROUND_MM, count + 2)[1:-1]
    fields = [(layer, outline_field(layer, ends, reach_mm=AROUND_MM)) for layer in (organ, *outlined)]
    rows = -(-count // COLUMNS)
    figure = new_canvas(width_mm=200, height_mm=200 / COLUMNS * rows * height / width, background="#0b0f13")
    pixel_mm = width / 300
    for i, z in enumerate(levels):
        centre = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, z])
        plane = Plane("Axial", centre, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), width, height)
        row, column = divmod(i, COLUMNS)
        place = (column / COLUMNS + GAP, 1 - (row + 1) / rows + GAP, 1 / COLUMNS - 2 * GAP, 1 / rows - 2 * GAP)
        axes = figure.add_axes(place)
        title = f"z {format_value(float(z), decimals=0)} mm"
        draw_panel(axes, plane, image, window, title=title, pixel_mm=pixel_mm, low_title=True)
        for layer, field in fields:
            if field is not None:
                draw_outline(axes, plane, field, layer, pixel_mm=pixel_mm)
    return jpeg_bytes(figure)
