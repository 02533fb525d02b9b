"""Activity images of a case: read, and placed on the planning image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from locoregional.case.intake import ActivityIntake, ActivityName
from locoregional.case.radioembolization import ActivityImage
from locoregional.case.stored import ArrayStore
from locoregional.errors import CaseError
from locoregional.imaging.volume import Volume

__all__ = ["read_activities"]


def read_activities(
    asked: Mapping[ActivityName, ActivityIntake], folder: Path, planning: Volume, store: ArrayStore
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

    Raises
    ------
    CaseError
        If one lies on the planning image by no known way, or is said to without its error.
    ImagingError
        If one cannot be read right.
    """
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
        error_mm = error_mm if error_mm is not None else 0.0
        words += ("in the frame of reference of the planning image; breathing between the two is not corrected",)
    else:
        from locoregional.imaging.nuclear.alignment import aligned

        placed = aligned(volume, planning)
        volume, words = placed.volume, words + placed.words
        error_mm = placed.error_mm if error_mm is None else error_mm
    return ActivityImage(
        store.put(volume), found.nuclide, found.reference, item.infusion, item.injected_gbq, float(error_mm), tuple(words)
    )
