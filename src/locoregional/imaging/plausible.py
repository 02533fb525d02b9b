"""Refuse images that no patient could have given."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, ImagingError, MaskError

__all__ = ["NonFinite", "doubts_about_hu", "finite_values", "require_occupancy", "require_patient_scale"]

NonFinite = Literal["refuse", "zero"]
"""What to do with NaN and infinite voxels: refuse the image, or count them as 0 and say so."""

SMALLEST_VOXEL_MM, LARGEST_VOXEL_MM = 0.01, 200.0
"""Voxel sides outside are a wrong unit (metres read as millimetres are 1000 times too small), never a body scan."""

AIRLESS_ABOVE_HU = -200
"""A CT that shows skin, bowel gas or lung has voxels far below this."""


def finite_values(array: NDArray, *, where: str, nonfinite: NonFinite = "refuse") -> tuple[NDArray, tuple[str, ...]]:
    """Array without NaN and infinity, and what was assumed for that.

    Parameters
    ----------
    array : ndarray
        Voxel values.
    where : str
        File, for the message.
    nonfinite : {"refuse", "zero"}
        ``zero`` is meant for masks, where NaN commonly marks "nothing here".

    Raises
    ------
    ImagingError
        If there are such voxels and they are refused; the message counts them.
    """
    if array.dtype.kind != "f":
        return array, ()
    # the sum is finite when every voxel is, and costs no second array
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(array.sum(dtype=np.float64)):
            return array, ()
    bad = ~np.isfinite(array)
    count = int(np.count_nonzero(bad))
    if count == 0:
        return array, ()
    if nonfinite == "refuse":
        raise ImagingError(
            f"{count} of {array.size} voxels are NaN or infinite",
            where=where,
            remedy="Replace them with a real value (air is -1000 HU), or pass nonfinite='zero' when it is a mask.",
        )
    return np.where(bad, array.dtype.type(0), array), (f"{count} NaN or infinite voxels counted as 0",)


def doubts_about_hu(array: NDArray) -> tuple[str, ...]:
    """Words on values that are called HU but do not look so: none below -200 (a lost intercept), or all within 0..1 (a mask).

    Parameters
    ----------
    array : ndarray
        Voxel values, said to be HU.
    """
    low, high = float(array.min()), float(array.max())
    if low >= 0 and high <= 1:
        return (f"all values are {low:g} to {high:g}: a mask or a scaled image rather than HU?",)
    if low > AIRLESS_ABOVE_HU:
        return (f"no voxel is below {low:g}: no air and no lung in the image, or the intercept of the HU was lost",)
    return ()


def require_occupancy(array: NDArray, *, name: str) -> None:
    """Raise MaskError unless every value is a share of a voxel that can belong to one mask.

    Parameters
    ----------
    array : ndarray
        Boolean, 0/1, or occupancy 0..1.
    name : str
        Name of the mask, for the message.
    """
    if array.dtype == bool:
        return
    if not np.isfinite(array).all():
        raise MaskError("the mask holds NaN or infinite values", where=name, remedy="Export the segmentation again.")
    low, high = float(array.min()), float(array.max())
    if low < 0.0 or high > 1.0:
        raise MaskError(
            f"values run from {low:g} to {high:g}: a label map or grey image, not one mask",
            where=name,
            remedy="Choose one label.",
        )


def require_patient_scale(affine: NDArray[np.float64], *, where: str) -> None:
    """Raise GeometryError unless the affine is finite and its voxel sides are those of a body scan.

    Parameters
    ----------
    affine : ndarray, shape (4, 4) [mm]
        Index to LPS.
    where : str
        File, for the message.
    """
    sides = np.linalg.norm(affine[:3, :3], axis=0)
    if not np.isfinite(affine).all():
        raise GeometryError(
            "the affine holds NaN or infinite numbers", where=where, remedy="Write the image again with a valid header."
        )
    if sides.min() < SMALLEST_VOXEL_MM or sides.max() > LARGEST_VOXEL_MM:
        raise GeometryError(
            f"voxel sides of {', '.join(f'{s:.6g}' for s in sides)} mm (slice, row, column) are not those of a body scan",
            where=where,
            remedy="Check the length unit in the header (metres or micrometres marked as millimetres?).",
        )
    if abs(np.linalg.det(affine[:3, :3] / sides)) < 1e-3:
        raise GeometryError(
            "two voxel axes are parallel", where=where, remedy="Write the image again with a valid direction matrix."
        )
