"""Dose where the electrons of a beta emitter stop: activity convolved with the kernel of exactly its voxels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.physics.dose.kernel import kernel_octant, voxel_kernel
from locoregional.physics.dose.media import checked_activity, effective_density, kernel_density
from locoregional.physics.dose.spread import spread

__all__ = ["active_box", "voxel_dose"]


def voxel_dose(
    activity_bq_ml: NDArray,
    *,
    spacing_mm: ArrayLike,
    density_g_ml: float | NDArray,
    constant_gy_kg_gbq: float,
    medium: str = "soft",
) -> NDArray[np.float32]:
    """Dose when everything there decays completely and the electrons fly through soft tissue.

    The kernel is scaled so that all energy per decay is that of the dose constant: in uniform tissue with uniform activity the
    dose equals :func:`~locoregional.physics.dose.local.local_dose`. The density corrects the dose of the voxel that receives it
    (kernel density over its own); the flight of the electrons stays that of soft tissue.

    Parameters
    ----------
    activity_bq_ml : ndarray, shape (slices, rows, columns)
        Activity concentration at the instant from which on it decays in place [Bq/ml].
    spacing_mm : sequence of 3 floats
        Voxel sides along slice, row and column [mm].
    density_g_ml : float or ndarray of the shape of the activity
        Density [g/ml]; where there is no tissue (gas), that of soft tissue is taken. Lung doses found so are to be shown with
        :func:`locoregional.physics.dose.media.method_words`.
    constant_gy_kg_gbq : float
        Dose constant of the convention used [Gy*kg/GBq].
    medium : {"soft", "water"}
        Medium of the kernel.

    Returns
    -------
    ndarray, shape (slices, rows, columns) [Gy]
        Absorbed dose; exactly zero beyond the range of the electrons from all activity. What would leave the grid is lost.

    Raises
    ------
    UnitsError
        If a number is not finite or not physical, or shapes differ.
    NotModelled
        If there is no kernel for the medium.
    """
    activity = checked_activity(activity_bq_ml)
    density = effective_density(density_g_ml, shape=activity.shape, constant_gy_kg_gbq=constant_gy_kg_gbq)
    kernel = voxel_kernel(spacing_mm=spacing_mm, density_g_ml=kernel_density(medium))
    # per Bq/ml and g/ml: 1e-6 GBq/kg
    weights = kernel_octant(kernel) * (constant_gy_kg_gbq * 1e-6 / kernel.sum())
    dose = np.zeros(activity.shape, np.float32)
    box = active_box(activity, [n // 2 for n in kernel.shape])
    if box is not None:
        dose[box] = spread(activity[box], weights) / (density[box] if density.ndim else density)
    return dose


def active_box(activity: NDArray[np.float32], reach: ArrayLike) -> tuple[slice, slice, slice] | None:
    """Box of the grid that activity can reach, with ``reach`` voxels on each side; None where there is no activity."""
    found: list[slice] = []
    for axis in range(3):
        within = activity[tuple(found)]  # each axis need only be searched where the ones before it are filled
        filled = np.flatnonzero(within.any(axis=tuple(a for a in range(3) if a != axis)))
        if not len(filled):
            return None
        found.append(slice(int(filled[0]), int(filled[-1]) + 1))
    ends = zip(found, np.asarray(reach), activity.shape, strict=True)
    first, second, third = (slice(max(f.start - int(far), 0), min(f.stop + int(far), size)) for f, far, size in ends)
    return first, second, third
