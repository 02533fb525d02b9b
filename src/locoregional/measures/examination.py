"""Images of an examination, found by their names in the case: ``after_arterial`` belongs to ``after``."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from locoregional.case import Case
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Volume

__all__ = ["PHASES", "Examination", "carried", "examination"]

PHASES = ("native", "arterial", "portal", "pet")
"""Endings of image names: before contrast, arterial phase, portal-venous phase, FDG PET in SUV."""


@dataclass(frozen=True, eq=False)
class Examination:
    """One examination of a lesion.

    Attributes
    ----------
    lesion : Volume
        Mask of the lesion.
    phases : dict of str to Volume
        What there is of ``PHASES``.
    liver : Volume or None
        Mask of the liver, where it lies on this examination.
    """

    lesion: Volume
    phases: dict[str, Volume]
    liver: Volume | None

    def on(self, phase: str) -> Volume:
        """Lesion on the grid of a phase; phases of one examination are taken to lie on each other."""
        return carried(self.lesion, self.phases[phase])


def carried(mask: Volume, image: Volume) -> Volume:
    """Mask on the grid of an image of the same examination."""
    moved = resampled(replace(mask, frame_of_reference=image.frame_of_reference), image.grid)
    return image.on(np.asarray(moved.array >= 0.5), unit="")


def examination(case: Case, lesion: Volume, *, image: str, liver: Volume | None) -> Examination:
    """Examination that an image belongs to.

    Parameters
    ----------
    case : Case
        With images.
    lesion : Volume
        Mask of the lesion on that image.
    image : str
        Name of the image, for example ``planning`` or ``after``: further phases are called ``after_arterial`` and so on. A CT
        without a named portal phase counts as one.
    liver : Volume or None
        Mask of the liver.
    """
    found = {phase: case.image(f"{image}_{phase}") for phase in PHASES if f"{image}_{phase}" in case.images}
    if "portal" not in found and image in case.images:
        main = case.image(image)
        if main.modality in ("", "CT") and main.unit in ("", "HU"):
            found["portal"] = main
    return Examination(lesion, found, liver)
