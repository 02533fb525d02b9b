"""Loss of blood supply between the two runs that a case holds."""

from __future__ import annotations

from locoregional.case import AngiogramPair, ArrayStore
from locoregional.measures.devascularisation.measure import Devascularisation, devascularisation
from locoregional.progress import Progress, silent

__all__ = ["devascularisation_of"]


def devascularisation_of(pair: AngiogramPair, store: ArrayStore, progress: Progress = silent) -> Devascularisation:
    """Measure runs and regions as they are stored.

    Parameters
    ----------
    pair : AngiogramPair
        Runs before and after, with their regions.
    store : ArrayStore
        Keeps the arrays.
    progress : Progress
        Told how far it is.
    """
    before, after, regions = pair.opened(store)
    return devascularisation(
        before,
        after,
        tumour=regions["tumour"],
        artery=regions["artery"],
        tumour_after=regions.get("tumour_after"),
        artery_after=regions.get("artery_after"),
        background=regions.get("background"),
        progress=progress,
    )
