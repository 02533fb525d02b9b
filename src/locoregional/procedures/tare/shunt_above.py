"""Lung shunt from a SPECT on which nobody outlined the lungs: everything above the liver counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.case import Quantity
from locoregional.errors import PlanningError
from locoregional.imaging.volume import Volume
from locoregional.procedures.tare.lung_shunt import lung_shunt_spread
from locoregional.procedures.tare.spread import LEVEL, exact

__all__ = ["shunt_above_liver"]

GAP_MM = 20.0
"""Left out above the dome of the liver: the blur and the breath carry its counts there."""
LEAST_MM = 80.0
"""Height above that gap which the image has to show."""


def shunt_above_liver(counts: Volume, liver: NDArray) -> Quantity:
    """Lung shunt with all counts above the liver taken for lung.

    Heart, mediastinum and chest wall count as lung, which raises it; the parts of the lungs beside the dome are missed, which
    lowers it. The interval therefore starts at nothing and reaches as far as that of planar images.

    Parameters
    ----------
    counts : Volume
        Counts per voxel, not below zero.
    liver : ndarray, shape of ``counts``
        Share of every voxel, 0..1, that is liver with its tumours.

    Raises
    ------
    PlanningError
        If the image does not reach high enough above the liver, or the liver holds no counts.
    """
    grid = counts.grid
    held = np.argwhere(liver > 0.5)
    if not len(held) or not float((counts.array * liver).sum()) > 0.0:
        raise PlanningError("no counts in the liver", where="liver", remedy="Check map and outline.")
    height = grid.to_lps(np.argwhere(np.ones(counts.shape, bool)))[:, 2].reshape(counts.shape)
    dome = float(grid.to_lps(held)[:, 2].max())
    room = float(height.max()) - dome - GAP_MM
    if room < LEAST_MM:
        raise PlanningError(
            f"the map shows {max(0.0, room):.0f} mm above the liver",
            where="lungs",
            remedy="Outline the lungs, use planar images, or scan higher.",
        )
    above = float(counts.array[height > dome + GAP_MM].sum())
    inside = float((counts.array * liver).sum())
    share = above / (above + inside)
    number = lung_shunt_spread(exact(share), method="unknown")
    return Quantity(
        "lung_shunt_above",
        "lung shunt, all counts above the liver taken for lung",
        share,
        "1",
        0.0,
        number.high,
        LEVEL,
        f"counts more than {GAP_MM:g} mm above the dome over these and those of the liver: nobody outlined the lungs; "
        "heart and chest wall raise it, the bases of the lungs are missed",
    )
