"""The enhancing part of a tumour, against the liver around it, and mean densities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError
from locoregional.imaging.volume import Volume
from locoregional.sources import read_facts

__all__ = ["Density", "Viable", "density", "viable_part"]

LEAST_VOXELS = 100
"""Voxels of healthy liver below which its spread is not known."""


@dataclass(frozen=True)
class Density:
    """Density of a region.

    Attributes
    ----------
    mean_hu, deviation_hu : float
        Mean and standard deviation over its voxels; in HU on CT, in the image's own unit otherwise.
    voxels : int
        How many.
    """

    mean_hu: float
    deviation_hu: float
    voxels: int


@dataclass(frozen=True, eq=False)
class Viable:
    """Part of a tumour that enhances more than the liver.

    Attributes
    ----------
    mask : Volume
        Boolean, on the grid of the tumour.
    threshold_hu : float
        Least enhancement that counts.
    volume_ml, low_ml, high_ml : float
        Its volume, and what it would be with a higher or lower threshold [ml].
    tumour_ml : float
        Volume of the whole tumour [ml].
    liver : Density
        Enhancement of healthy liver.
    words : tuple of str
        How it was found.
    facts : tuple of str
        Keys of the facts used.
    """

    mask: Volume
    threshold_hu: float
    volume_ml: float
    low_ml: float
    high_ml: float
    tumour_ml: float
    liver: Density
    words: tuple[str, ...]
    facts: tuple[str, ...]


def density(image: Volume, mask: Volume) -> Density:
    """Mean density of a region.

    Parameters
    ----------
    image, mask : Volume
        On one grid.

    Raises
    ------
    MaskError
        If the mask is empty.
    """
    image.require_same_grid(mask, names=("image", "mask"))
    values = image.array[mask.array >= 0.5].astype(float)
    if values.size == 0:
        raise MaskError("the mask is empty", where="mask", remedy="Check label and grid.")
    return Density(float(values.mean()), float(values.std(ddof=1)) if values.size > 1 else 0.0, int(values.size))


def viable_part(tumour: Volume, *, arterial: Volume, native: Volume | None, liver: Volume) -> Viable:
    """Enhancing part of a tumour: where arterial enhancement exceeds that of healthy liver by some standard deviations.

    Parameters
    ----------
    tumour : Volume
        Mask of the whole lesion, on the grid of the images.
    arterial : Volume
        Arterial phase.
    native : Volume or None
        The same before contrast, on the same grid: it is subtracted. None: densities of the arterial phase are compared.
    liver : Volume
        Liver mask; the surroundings of the tumour are left out, but other tumours must not be in it.

    Raises
    ------
    MaskError
        If too little healthy liver is left to compare with.
    GeometryError
        If the grids differ.
    """
    from scipy.ndimage import distance_transform_edt

    facts = read_facts(__package__)
    for name, volume in (("tumour", tumour), ("liver", liver), ("native phase", native)):
        if volume is not None:
            arterial.require_same_grid(volume, names=("arterial phase", name))
    inside = tumour.array >= 0.5
    if not inside.any():
        raise MaskError("the mask of the tumour is empty", where="tumour", remedy="Check label and grid.")
    rise = arterial.array.astype(np.float32) - (0.0 if native is None else native.array.astype(np.float32))
    away, steps = facts["enhancing.liver_away"], facts["enhancing.deviations"]
    healthy = (liver.array >= 0.5) & (distance_transform_edt(~inside, sampling=tumour.spacing_mm) > float(away))
    if np.count_nonzero(healthy) < LEAST_VOXELS:
        raise MaskError("too little liver is left to compare with", where="liver", remedy="Give a mask of the whole liver.")
    around = density(arterial.on(rise), arterial.on(healthy))
    assert steps.low is not None
    assert steps.high is not None
    masks = [inside & (rise > around.mean_hu + k * around.deviation_hu) for k in (float(steps), steps.high, steps.low)]
    volumes = [_ml(mask, tumour) for mask in masks]
    how = "arterial minus native phase" if native is not None else "arterial phase alone"
    words = [
        f"enhancing: {how} above {around.mean_hu + float(steps) * around.deviation_hu:.0f} "
        f"(liver {around.mean_hu:.0f} and {float(steps):g} standard deviations of {around.deviation_hu:.0f}; not verified)"
    ]
    if native is None:
        words.append("without a native phase iodised oil, blood and calcium count as enhancement")
    return Viable(
        tumour.on(masks[0], unit=""),
        around.mean_hu + float(steps) * around.deviation_hu,
        volumes[0],
        volumes[1],
        volumes[2],
        _ml(inside, tumour),
        around,
        tuple(words),
        (steps.key, away.key),
    )


def _ml(mask: NDArray[np.bool_], grid: Volume) -> float:
    return float(np.count_nonzero(mask) * grid.grid.voxel_ml)
