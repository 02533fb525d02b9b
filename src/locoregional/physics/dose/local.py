"""Dose where a beta emitter decays, on the spot: what a blurred image allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.physics.dose.media import checked_activity, effective_density

__all__ = ["local_dose"]


def local_dose(activity_bq_ml: NDArray, *, density_g_ml: float | NDArray, constant_gy_kg_gbq: float) -> NDArray[np.float32]:
    """Dose when everything there decays completely and each voxel keeps its own energy.

    This is the right choice where the image is blurred more than the electrons fly (positron emission tomography, 5 to 8 mm):
    the blur has done what a kernel would do again.

    Parameters
    ----------
    activity_bq_ml : ndarray, shape (slices, rows, columns)
        Activity concentration at the instant from which on it decays in place [Bq/ml].
    density_g_ml : float or ndarray of the same shape
        Density [g/ml]; where there is no tissue (gas), see :func:`locoregional.physics.dose.media.effective_density`.
    constant_gy_kg_gbq : float
        Dose constant of the convention used [Gy*kg/GBq].

    Returns
    -------
    ndarray, shape (slices, rows, columns) [Gy]
        Absorbed dose.

    Raises
    ------
    UnitsError
        If activity, density or constant are not finite or not physical.
    """
    activity = checked_activity(activity_bq_ml)
    density = effective_density(density_g_ml, shape=activity.shape, constant_gy_kg_gbq=constant_gy_kg_gbq)
    return np.asarray(activity * (np.float32(constant_gy_kg_gbq * 1e-6) / density), dtype=np.float32)
