"""The same question on CT: how much of a tumour enhances, before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.volume import Volume
from locoregional.sources import read_facts

__all__ = ["Enhancing", "enhancing_volume", "lost_volume_percent"]


@dataclass(frozen=True)
class Enhancing:
    """Enhancing part of a tumour.

    Attributes
    ----------
    enhancing_ml, tumour_ml : float
        Volumes.
    threshold_hu : float
        Rise from which a voxel counts.
    """

    enhancing_ml: float
    tumour_ml: float
    threshold_hu: float


def enhancing_volume(plain: Volume, arterial: Volume, tumour: Volume, *, threshold_hu: float | None = None) -> Enhancing:
    """Volume of a tumour that rises by a threshold from the plain to the arterial phase.

    Parameters
    ----------
    plain, arterial : Volume
        CT [HU] on one grid.
    tumour : Volume
        Mask on that grid.
    threshold_hu : float, optional
        Rise from which a voxel counts; by default the fact ``enhancement.least``.

    Raises
    ------
    GeometryError
        If the grids differ.
    MaskError
        If the tumour is empty.
    """
    _one_grid(plain, arterial, tumour)
    inside = _inside(tumour)
    least = float(read_facts(__package__)["enhancement.least"]) if threshold_hu is None else threshold_hu
    rise = arterial.array[inside].astype(np.float64) - plain.array[inside]
    voxel_ml = plain.grid.voxel_ml
    return Enhancing(float((rise >= least).sum()) * voxel_ml, float(inside.sum()) * voxel_ml, least)


def lost_volume_percent(before: Enhancing, after: Enhancing) -> float | None:
    """Share of the enhancing volume that was lost; None if nothing enhanced before.

    Raises
    ------
    MaskError
        If the two were found with different thresholds.
    """
    if before.threshold_hu != after.threshold_hu:
        raise MaskError(
            f"two thresholds, {before.threshold_hu:g} and {after.threshold_hu:g} HU, cannot be compared", remedy="Use one."
        )
    return 100.0 * (1.0 - after.enhancing_ml / before.enhancing_ml) if before.enhancing_ml > 0 else None


def _one_grid(*volumes: Volume) -> None:
    if any(not v.grid.same_as(volumes[0].grid) for v in volumes[1:]):
        raise GeometryError("the phases and the tumour do not lie on one grid", remedy="Register and resample them first.")


def _inside(tumour: Volume) -> NDArray[np.bool_]:
    inside = np.asarray(tumour.array > 0.5)
    if not inside.any():
        raise MaskError("the tumour is empty", remedy="Give its mask.")
    return inside
