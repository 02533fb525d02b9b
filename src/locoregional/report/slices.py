"""The compact form of images inside a page: 8-bit voxels around the target as one PNG, outlines as small fields."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.report.document import SliceStack
from locoregional.report.fields import FIELD_MM, crop_around, outline_field
from locoregional.report.marks import Layer

__all__ = ["Atlas", "atlas_of", "encode_stack", "grey_table", "voxels_of"]

MOST_VOXELS = 4_500_000
"""Of the embedded image: about 3 MB in the page."""
FINEST_MM = 0.9
ALONG = 0.9999
"""Cosine from which an axis of the image counts as an axis of the body (within 0.8 degrees)."""
LAYER_MM = {"lesion": 1.0, "zone": 1.2, "contour": 1.4}
COARSE_LAYER_MM = 1.8
CT_KNOTS_HU = (-1024.0, -200.0, 500.0, 3071.0)
CT_KNOTS_CODE = (0.0, 36.0, 215.0, 255.0)
"""Codes are spent where tissues differ: 4 HU apart between -200 and 500 HU, coarser elsewhere."""


@dataclass(frozen=True, eq=False)
class Atlas:
    """Slices of an 8-bit volume as tiles of one PNG.

    Attributes
    ----------
    png : bytes
        Tiles row by row, first slice first.
    shape : tuple of int
        Slices, rows, columns.
    across : int
        Tiles in a row.
    """

    png: bytes
    shape: tuple[int, int, int]
    across: int


def grey_table(volume: Volume) -> NDArray[np.float32]:
    """Value that each of the 256 codes stands for, shape (256,); finest between -200 and 500 HU for CT."""
    codes = np.arange(256.0)
    if volume.modality == "CT" or volume.unit == "HU":
        return np.interp(codes, CT_KNOTS_CODE, CT_KNOTS_HU).astype(np.float32)
    low, high = np.percentile(volume.array[:: max(1, volume.shape[0] // 32)], [0.1, 99.9])
    return np.linspace(low, max(high, low + 1e-3), 256).astype(np.float32)


def atlas_of(array: NDArray[np.uint8]) -> Atlas:
    """Atlas of an array of codes, shape (slices, rows, columns)."""
    from PIL import Image

    slices, rows, columns = array.shape
    across = int(np.clip(np.ceil(np.sqrt(slices * rows / columns)), 1, slices))
    down = -(-slices // across)
    padded = np.zeros((across * down, rows, columns), dtype=np.uint8)
    padded[:slices] = array
    picture = padded.reshape(down, across, rows, columns).transpose(0, 2, 1, 3).reshape(down * rows, across * columns)
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(out, format="PNG", compress_level=5)
    return Atlas(out.getvalue(), (slices, rows, columns), across)


def voxels_of(atlas: Atlas) -> NDArray[np.uint8]:
    """Codes back from an atlas, shape (slices, rows, columns)."""
    from PIL import Image

    slices, rows, columns = atlas.shape
    picture = np.asarray(Image.open(BytesIO(atlas.png)))
    tiles = picture.reshape(-1, rows, atlas.across, columns).transpose(0, 2, 1, 3).reshape(-1, rows, columns)
    return np.asarray(tiles[:slices])


def _axial_spacing(volume: Volume) -> NDArray[np.float64]:
    """Voxel side along head, back and left [mm]: the image's own along its axes, its finest where it is oblique."""
    own = [_own_axis(volume, lps) for lps in (2, 1, 0)]
    sides = [volume.spacing_mm.min() if axis is None else volume.spacing_mm[axis] for axis in own]
    return np.maximum(np.asarray(sides, dtype=float), FINEST_MM)


def _own_axis(volume: Volume, lps: int) -> int | None:
    """Index axis that runs along an LPS axis, None where none does."""
    cosine = np.abs(volume.grid.directions[lps])
    axis = int(np.argmax(cosine))
    return axis if cosine[axis] > ALONG else None


def _grid(low: NDArray[np.float64], high: NDArray[np.float64], spacing_mm: NDArray[np.float64], *, like: Volume) -> Grid:
    """Axial grid of a box that falls on the image's own slices where the spacing is theirs: no slice is blurred into the next."""
    start = low.copy()
    for lps in range(3):
        axis, side = _own_axis(like, lps), spacing_mm[2 - lps]
        if axis is not None and abs(like.spacing_mm[axis] - side) < 1e-6:
            first = like.affine[lps, 3]
            start[lps] = first + np.ceil((low[lps] - first) / side - 1e-6) * side
    shape = np.maximum(2, np.floor((high - start)[::-1] / spacing_mm + 1e-6).astype(int) + 1)
    return Grid.regular(tuple(int(n) for n in shape), spacing_mm=spacing_mm, origin_lps_mm=start)  # type: ignore[arg-type]


def _box(volume: Volume) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in volume.shape], indexing="ij")).reshape(3, -1).T
    places = volume.grid.to_lps(corners)
    return places.min(axis=0), places.max(axis=0)


def _placed(grid: Grid, atlas: Atlas) -> dict[str, Any]:
    spacing = grid.spacing_mm
    return {
        "png": "data:image/png;base64," + b64encode(atlas.png).decode("ascii"), "across": atlas.across,
        "shape": list(atlas.shape), "origin": grid.affine[:3, 3].tolist(),
        "spacing": [float(spacing[2]), float(spacing[1]), float(spacing[0])],
    }  # fmt: skip


def _encode_layer(
    layer: Layer, points: NDArray[np.float64], reach_mm: float, box: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> dict[str, Any] | None:
    field = outline_field(layer, points, reach_mm=reach_mm)
    if field is None:
        return None
    seen = np.argwhere(field.array >= 0.04)
    if len(seen) == 0:
        return None
    edge = np.ceil(FIELD_MM / 2 / field.spacing_mm).astype(int)
    start, stop = np.maximum(seen.min(axis=0) - edge, 0), np.minimum(seen.max(axis=0) + edge + 1, field.shape)
    part = field.cropped(start, stop)
    low, high = _box(part)
    spacing = np.maximum(_axial_spacing(part), LAYER_MM.get(layer.role, COARSE_LAYER_MM))
    grid = _grid(np.maximum(low, box[0]), np.minimum(high, box[1]), spacing, like=part)
    values = resampled(part, grid).array
    codes = np.round(255.0 * np.clip(values, 0.0, 1.0)).astype(np.uint8)
    return {
        "name": layer.name,
        "role": layer.role,
        "colour": layer.colour,
        "levels": list(layer.levels),
        "shown": layer.shown,
        **_placed(grid, atlas_of(codes)),
    }


def encode_stack(stack: SliceStack) -> dict[str, Any]:
    """Everything the slice viewer of a page needs, as JSON values.

    Parameters
    ----------
    stack : SliceStack
        Image, layers, needles.

    Returns
    -------
    dict
        Image and layers as PNG atlases on axial grids (``origin`` and ``spacing`` in LPS x, y, z), table of values, needles.

    Raises
    ------
    GeometryError
        If target and needles lie outside the image.
    """
    ends = [p for n in stack.needles for p in (n.entry_lps_mm, n.tip_lps_mm)]
    points = np.array([stack.target_lps_mm, *ends], dtype=float)
    part = crop_around(stack.image, points, reach_mm=stack.reach_mm + 5.0)
    if part is None:
        raise GeometryError(
            "the target lies outside the image", where=str(tuple(stack.target_lps_mm)), remedy="Check the frame of reference."
        )
    image_low, image_high = _box(part)
    low = np.maximum(points.min(axis=0) - stack.reach_mm, image_low)
    high = np.minimum(points.max(axis=0) + stack.reach_mm, image_high)
    spacing = _axial_spacing(stack.image)
    grid = _grid(low, high, spacing, like=stack.image)
    while np.prod(grid.shape) > MOST_VOXELS:
        spacing = np.where(spacing <= spacing.min() * 1.01, spacing * 1.08, spacing)
        grid = _grid(low, high, spacing, like=stack.image)
    table = grey_table(stack.image)
    values = resampled(part, grid, outside=float(table[0])).array
    codes = np.searchsorted((table[1:] + table[:-1]) / 2, values).astype(np.uint8)
    reach = stack.reach_mm + FIELD_MM
    layers = [_encode_layer(layer, points, reach, (low, high)) for layer in stack.layers]
    return {
        **_placed(grid, atlas_of(codes)), "table": np.round(table, 1).tolist(), "unit": stack.image.unit or "",
        "window": stack.window, "ct": bool(table[0] == CT_KNOTS_HU[0]),
        "layers": [layer for layer in layers if layer], "target": [float(x) for x in stack.target_lps_mm],
        "needles": [{"name": n.name, "entry": n.entry_lps_mm.tolist(), "tip": n.tip_lps_mm.tolist()} for n in stack.needles],
        "native_mm": [round(float(s), 2) for s in stack.image.spacing_mm],
    }  # fmt: skip
