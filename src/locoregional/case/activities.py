"""Activity images of a case: read, and placed on the planning image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from locoregional.case.intake import ActivityIntake, ActivityName
from locoregional.case.radioembolization import ActivityImage
from locoregional.case.stored import ArrayStore
from locoregional.errors import CaseError
from locoregional.imaging.volume import Volume

__all__ = ["read_activities"]


def read_activities(
    asked: Mapping[ActivityName, ActivityIntake], folder: Path, planning: Volume, store: ArrayStore, *, planned_on: Path
) -> dict[str, ActivityImage]:
    """Activity images that a ``case.toml`` names.

    Parameters
    ----------
    asked : mapping of str to ActivityIntake
        By name.
    folder : Path
        Where relative paths start.
    planning : Volume
        Image on which they have to lie.
    store : ArrayStore
        Keeps the arrays.
    planned_on : Path
        File or folder of the planning image, to see that both are of one patient.

    Raises
    ------
    CaseError
        If one is of another patient, or is said to lie on the planning image without its error.
    ImagingError
        If one cannot be read right.
    """
    from locoregional.imaging.dicom_series import patient_of

    owner = patient_of(planned_on) if asked else ""
    for name, item in asked.items():
        other = patient_of(folder / item.path)
        if owner and other and owner != other:
            raise CaseError(
                f"the {name.replace('_', ' ')} activity is of another patient than the planning image",
                where=f"activity.{name}: {item.path}",
                remedy="Give the map of this patient; where both are the same person, correct PatientID and PatientName.",
            )
    return {name: _activity(name, item, folder, planning, store) for name, item in asked.items()}


def _activity(name: str, item: ActivityIntake, folder: Path, planning: Volume, store: ArrayStore) -> ActivityImage:
    from locoregional.imaging.nuclear.read import read_activity

    place = f"activity.{name}"
    found = read_activity(
        folder / item.path,
        nuclide=item.nuclide,
        unit=item.unit,
        reference=item.reference,
        infusion=item.infusion,
        timezone=item.timezone or None,
        series=item.series or None,
    )
    volume, words = found.volume, found.assumed
    error_mm = item.registration_error_mm
    if item.registered:
        if error_mm is None:
            raise CaseError(
                "registered = true without registration_error_mm",
                where=place,
                remedy="State the error of its place on the planning image in mm: the dose's interval depends on it.",
            )
        volume = replace(volume, frame_of_reference=planning.frame_of_reference)
        words += ("said to be registered to the planning image",)
    elif volume.frame_of_reference and volume.frame_of_reference == planning.frame_of_reference:
        if error_mm is None:  # nothing finer than the image's own voxels can be claimed
            error_mm = 0.5 * float(np.linalg.norm(volume.spacing_mm))
        words += (
            f"in the frame of reference of the planning image; {error_mm:.1f} mm taken as the error of its place, breathing not "
            "corrected",
        )
    else:
        from locoregional.imaging.nuclear.alignment import aligned

        placed = aligned(volume, planning)
        volume, words = placed.volume, words + placed.words
        error_mm = placed.error_mm if error_mm is None else error_mm
    return ActivityImage(
        store.put(volume), found.nuclide, found.reference, item.infusion, item.injected_gbq, float(error_mm), tuple(words)
    )
