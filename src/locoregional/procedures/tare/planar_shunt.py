"""Counts of both planar views in outlines of lungs and liver, and what an outline of background takes off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.case import PlanarCounts
from locoregional.errors import MaskError
from locoregional.imaging.nuclear.planar import Planar
from locoregional.procedures.tare.lung_shunt import PlanarBackground

__all__ = ["background_of_views", "counts_of_views"]


def counts_of_views(views: Planar, *, lungs: NDArray[np.bool_], liver: NDArray[np.bool_]) -> PlanarCounts:
    """Counts in both outlines, seen from the front and from behind.

    Parameters
    ----------
    views : Planar
        Anterior and posterior view.
    lungs, liver : ndarray of bool, shape of a view
        Outlines on the anterior view; the posterior one is turned to lie on it.

    Raises
    ------
    GeometryError
        If an outline is empty or not on the pixels of the view.
    MaskError
        If the outlines overlap: counts there would be both.
    """
    found = {"lung": views.counts_in(lungs), "liver": views.counts_in(liver)}
    if (both := int((lungs & liver).sum())) > 0:
        raise MaskError(
            f"the outlines of lungs and liver share {both} pixels", where="planar views", remedy="Leave a gap between them."
        )
    return PlanarCounts(*(round(side) for region in ("lung", "liver") for side in found[region]))


def background_of_views(
    views: Planar, *, lungs: NDArray[np.bool_], liver: NDArray[np.bool_], background: NDArray[np.bool_]
) -> PlanarBackground:
    """Counts of background, scaled to the areas of the outlines.

    Parameters
    ----------
    views : Planar
        Anterior and posterior view.
    lungs, liver : ndarray of bool, shape of a view
        Outlines from which it is taken off.
    background : ndarray of bool, shape of a view
        Outline of a place without lungs and liver.

    Raises
    ------
    MaskError
        If the background overlaps an outline.
    """
    if (background & (lungs | liver)).any():
        raise MaskError("the background overlaps lungs or liver", where="planar views", remedy="Draw it beside them.")
    each = np.array(views.counts_in(background)) / background.sum()
    return PlanarBackground(*(round(float(x * region.sum())) for region in (lungs, liver) for x in each))
