"""Angiograms before and after an embolization, as the case keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.case.stored import ArrayStore, StoredVolume
from locoregional.imaging.angiography_header import Acquisition
from locoregional.imaging.volume import Volume

if TYPE_CHECKING:
    from locoregional.case.intake import AngiographyIntake
    from locoregional.imaging.angiography import Angiogram

__all__ = ["AngiogramPair", "read_angiograms"]


@dataclass(frozen=True)
class AngiogramPair:
    """Two runs of one lesion, with the regions drawn on them.

    Attributes
    ----------
    before, after : StoredVolume
        Frames; slices are points in time, and the affine means nothing.
    before_acquisition, after_acquisition : Acquisition
        How they were taken.
    regions : dict of str to StoredVolume
        Masks of one frame: ``tumour``, ``artery``, and where they were drawn ``tumour_after``, ``artery_after``, ``background``.
    """

    before: StoredVolume
    after: StoredVolume
    before_acquisition: Acquisition
    after_acquisition: Acquisition
    regions: dict[str, StoredVolume] = field(default_factory=dict)

    def arrays(self) -> tuple[StoredVolume, ...]:
        """Everything that is stored."""
        return (self.before, self.after, *self.regions.values())

    def opened(self, store: ArrayStore) -> tuple[Angiogram, Angiogram, dict[str, NDArray[np.bool_]]]:
        """Both runs and the regions, with their arrays."""
        from locoregional.imaging.angiography import Angiogram

        runs = [
            Angiogram(store.get(frames).array, how)
            for frames, how in ((self.before, self.before_acquisition), (self.after, self.after_acquisition))
        ]
        return runs[0], runs[1], {name: store.get(mask).array[0] > 0 for name, mask in self.regions.items()}


def read_angiograms(item: AngiographyIntake, folder: Path, store: ArrayStore) -> AngiogramPair:
    """Read both runs and the regions that a ``case.toml`` names.

    Parameters
    ----------
    item : AngiographyIntake
        What it names.
    folder : Path
        Where relative paths start.
    store : ArrayStore
        Keeps the arrays.

    Raises
    ------
    ImagingError
        If a run cannot be read right or a region does not fit it.
    """
    from locoregional.imaging.angiography import read_angiogram
    from locoregional.imaging.pixel_region import read_region

    before = read_angiogram(folder / item.before, series=item.series_before, relationship=item.relationship)
    after = read_angiogram(folder / item.after, series=item.series_after, relationship=item.relationship)
    drawn = {
        "tumour": (item.tumour, before), "artery": (item.artery, before), "background": (item.background, before),
        "tumour_after": (item.tumour_after, after), "artery_after": (item.artery_after, after),
    }  # fmt: skip
    regions = {
        name: store.put(_still(read_region(words, run.frames.shape[1:], folder=folder)[None]))
        for name, (words, run) in drawn.items()
        if words
    }
    return AngiogramPair(
        store.put(_still(before.frames)), store.put(_still(after.frames)), before.acquisition, after.acquisition, regions
    )


def _still(array: NDArray) -> Volume:
    """Frames as a volume, so that the store can keep them."""
    return Volume(array, np.eye(4), modality="XA")
