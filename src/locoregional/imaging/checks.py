"""Is what was read plausible: units, spacing, sides, and masks that fit the patient and each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from locoregional.imaging.sides import misplaced
from locoregional.imaging.volume import Grid, Volume

__all__ = [
    "Finding",
    "check_diameter",
    "check_frames",
    "check_hounsfield",
    "check_images",
    "check_inside",
    "check_mask",
    "check_sides",
    "check_spacing",
    "longest_diameter_mm",
]

# Limits of plausibility, not of anatomy: wide enough that no patient trips them, narrow enough that a wrong unit does.
SPACING_MM = (0.1, 20.0)
FIELD_MM = (20.0, 3000.0)
INVERTED_SHARE = 0.5
OUTSIDE_SHARE_ERROR, OUTSIDE_SHARE_WARNING = 0.5, 0.1
DIAMETER_RATIO_ERROR, DIAMETER_RATIO_WARNING = 3.0, 1.4
SOFT_TISSUE_HU = (-150.0, 250.0)
AIR_HU = -300.0


@dataclass(frozen=True)
class Finding:
    """Something that is, or may be, wrong with what was read.

    Attributes
    ----------
    level : str
        ``error`` (do not plan on this) or ``warning`` (look at it).
    what, where, remedy : str
        What is wrong, in which image or mask, and what to do.
    """

    level: Literal["error", "warning"]
    what: str
    where: str
    remedy: str

    def __str__(self) -> str:
        """One readable line."""
        return f"{self.level}: {self.what} [{self.where}] {self.remedy}"


def check_spacing(grid: Grid, *, where: str = "image") -> tuple[Finding, ...]:
    """Voxel sides and field of view that no scanner gives: metres, centimetres or micrometres taken for millimetres."""
    sides = grid.spacing_mm
    field = sides * np.array(grid.shape)
    low, high = float(sides.min()), float(sides.max())
    remedy = "Check the unit of length in the header; it must be mm."
    if low < SPACING_MM[0] or high > SPACING_MM[1]:
        words = " x ".join(f"{s:.4g}" for s in sides)
        return (Finding("error", f"voxels of {words} mm are implausible", where, remedy),)
    if field.max() < FIELD_MM[0] or field.max() > FIELD_MM[1]:
        return (Finding("error", f"the image is {field.max():.4g} mm long", where, remedy),)
    return ()


def check_hounsfield(image: Volume, *, where: str = "CT") -> tuple[Finding, ...]:
    """CT values that are not Hounsfield units: unscaled, normalised, eight-bit or clipped."""
    values = image.array[:: max(1, image.shape[0] // 64), ::2, ::2].astype(np.float32)
    if not np.isfinite(values).all():
        return (Finding("error", "the image holds NaN or infinite values", where, "Export it again."),)
    low, high = float(values.min()), float(values.max())
    span = f"values reach from {low:g} to {high:g}"
    if high - low <= 2.0:
        return (Finding("error", f"{span}: normalised, not HU", where, "Give the CT in Hounsfield units."),)
    if low >= 0.0 and high <= 255.0:
        return (Finding("error", f"{span}: an eight-bit picture, not HU", where, "Give the CT in Hounsfield units."),)
    if low >= 0.0:
        return (Finding("error", f"{span}: rescale intercept not applied", where, "Apply slope and intercept (usually -1024)."),)
    soft = values[(values > SOFT_TISSUE_HU[0]) & (values < SOFT_TISSUE_HU[1])].size / values.size
    if soft < 0.02:
        return (
            Finding("error", f"only {100 * soft:.1f} % of voxels are soft tissue; {span}", where, "Check slope and intercept."),
        )
    if low > AIR_HU:
        return (
            Finding("warning", f"{span}: no air or lung", where, "If values were clipped by a window, give the original CT."),
        )
    if high < SOFT_TISSUE_HU[1]:
        return (Finding("warning", f"{span}: no bone", where, "If values were clipped by a window, give the original CT."),)
    return ()


def check_mask(mask: Volume, *, name: str, body: Volume | None = None) -> tuple[Finding, ...]:
    """Mask that is empty, or inverted (fills more than half of the body, or of the image where no body is given)."""
    filled = mask.array >= 0.5 if mask.array.dtype != bool else mask.array
    count = int(np.count_nonzero(filled))
    if count == 0:
        return (Finding("error", "the mask is empty", name, "Draw it, or leave it out."),)
    room = int(np.count_nonzero(body.array)) if body is not None and body.array.shape == mask.array.shape else filled.size
    if room and count > INVERTED_SHARE * room:
        share = f"the mask fills {100 * count / room:.0f} % of the {'body' if room < filled.size else 'image'}"
        return (Finding("error", f"{share}: it may be inverted", name, "Check inside and outside."),)
    return ()


def check_frames(image: Volume, masks: Mapping[str, Volume]) -> tuple[Finding, ...]:
    """Masks whose frame of reference is not that of the image."""
    ours = image.frame_of_reference
    return tuple(
        Finding(
            "error",
            "drawn in another frame of reference than the image",
            f"{name}: {masks[name].frame_of_reference} / {ours}",
            "Register first, or give the mask of this series.",
        )
        for name in masks
        if ours and masks[name].frame_of_reference and masks[name].frame_of_reference != ours
    )


def check_inside(lesion: Volume, organ: Volume, *, name: str = "lesion", organ_name: str = "organ") -> tuple[Finding, ...]:
    """Lesion that lies outside its organ. An organ mask that leaves the lesion out as a hole is recognised."""
    if not lesion.grid.same_as(organ.grid):
        return (Finding("error", f"lesion and {organ_name} are on different grids", name, "Resample one onto the other."),)
    inside = lesion.array.astype(bool)
    total = int(np.count_nonzero(inside))
    if total == 0:
        return (Finding("error", "the mask is empty", name, "Draw it, or give a seed and a diameter."),)
    outside = 1.0 - np.count_nonzero(inside & organ.array.astype(bool)) / total
    if outside <= OUTSIDE_SHARE_WARNING:
        return ()
    words = f"{100 * outside:.0f} % of the lesion lies outside the {organ_name}"
    if outside > OUTSIDE_SHARE_ERROR and _share_of_shell(inside, organ.array.astype(bool)) > OUTSIDE_SHARE_ERROR:
        return (Finding("warning", f"the {organ_name} mask leaves the lesion out", name, f"Count the lesion as {organ_name}."),)
    level: Literal["error", "warning"] = "error" if outside > OUTSIDE_SHARE_ERROR else "warning"
    return (Finding(level, words, name, "Check that lesion and organ were drawn on the same image, and the sides."),)


def _share_of_shell(inside: np.ndarray, organ: np.ndarray) -> float:
    """Share of the voxels next to a mask that belong to the organ."""
    from scipy.ndimage import binary_dilation

    filled = np.argwhere(inside)
    box = tuple(slice(max(0, a - 3), b + 4) for a, b in zip(filled.min(axis=0), filled.max(axis=0), strict=True))
    shell = binary_dilation(inside[box], iterations=2) & ~inside[box]
    around = int(np.count_nonzero(shell))
    return float(np.count_nonzero(shell & organ[box])) / max(1, around)


def check_sides(masks: Mapping[str, Volume], *, body: Volume | None = None) -> tuple[Finding, ...]:
    """Organs on the wrong side: left-right, head-feet or front-back flips of the image or of the masks.

    Parameters
    ----------
    masks : mapping
        Organ name in any spelling of the grouping table (``liver``, ``kidney_left``, ``vertebrae_L1`` ...) to mask.
    body : Volume, optional
        Body mask, whose middle stands in where there is no spine.
    """
    found = []
    for axis, wrong, right in misplaced(masks, body=body):
        level: Literal["error", "warning"] = "error" if len(wrong) > len(right) else "warning"
        verdict = f"{axis} may be flipped" if level == "error" else f"unusual anatomy, or {axis} flipped in part"
        agree = f" ({len(right)} others are where they belong)" if right else ""
        found.append(Finding(level, f"{'; '.join(wrong)}{agree}", verdict, "Check the orientation of image and masks."))
    return tuple(found)


def longest_diameter_mm(mask: Volume) -> float:
    """Longest distance across a mask [mm]: between voxel centres, plus one voxel; 0 for an empty mask."""
    from scipy.ndimage import binary_erosion
    from scipy.spatial.distance import pdist

    filled = np.argwhere(mask.array)
    if len(filled) == 0:
        return 0.0
    low, high = filled.min(axis=0), filled.max(axis=0) + 1
    box = np.pad(mask.array[tuple(slice(a, b) for a, b in zip(low, high, strict=True))].astype(bool), 1)
    points = mask.grid.to_lps(np.argwhere(box & ~binary_erosion(box)) - 1 + low)
    # the two farthest points are extreme along one of many directions: keep those only
    turns = np.random.default_rng(0).normal(size=(400, 3))
    points = points[np.unique((points @ turns.T).argmax(axis=0))]
    across = float(pdist(points).max()) if len(points) > 1 else 0.0
    return across + float(mask.grid.voxel_ml * 1e3) ** (1 / 3)


def check_diameter(mask: Volume, *, stated_mm: float, name: str = "lesion") -> tuple[Finding, ...]:
    """Mask whose longest diameter does not fit the stated one (centimetres for millimetres, another lesion, a leak)."""
    measured = longest_diameter_mm(mask)
    slack = float(mask.spacing_mm.max())
    ratio = max(measured, 1e-9) / max(stated_mm, 1e-9)
    off = max(ratio, 1.0 / ratio)
    if off < DIAMETER_RATIO_WARNING or abs(measured - stated_mm) <= slack:
        return ()
    words = f"the mask is {measured:.1f} mm across, {stated_mm:g} mm were stated"
    if 8.0 < off < 12.5:
        words += " (centimetres for millimetres?)"
    level: Literal["error", "warning"] = "error" if off > DIAMETER_RATIO_ERROR else "warning"
    return (Finding(level, words, name, "Correct the diameter, or check which lesion the mask shows."),)


def check_images(
    image: Volume,
    *,
    organs: Mapping[str, Volume] | None = None,
    lesions: Mapping[str, Volume] | None = None,
    inside: Mapping[str, str] | None = None,
    diameters_mm: Mapping[str, float] | None = None,
    body: Volume | None = None,
) -> tuple[Finding, ...]:
    """All checks on one image and its masks, errors first.

    Parameters
    ----------
    image : Volume
        The image that everything lies on.
    organs, lesions : mapping, optional
        Name to mask on the grid of the image.
    inside : mapping, optional
        Lesion name to the name of its organ.
    diameters_mm : mapping, optional
        Lesion name to stated longest diameter.
    body : Volume, optional
        Body mask.

    Returns
    -------
    tuple of Finding
        Empty where nothing is suspicious.
    """
    organs, lesions = organs or {}, lesions or {}
    found = list(check_spacing(image.grid))
    if image.modality == "CT":
        found += check_hounsfield(image)
    found += check_frames(image, {**organs, **lesions})
    for name, mask in [*organs.items(), *lesions.items()]:
        if not mask.grid.same_as(image.grid):
            found.append(Finding("error", "not on the grid of the image", name, "Resample it onto the image."))
        found += check_mask(mask, name=name, body=None if name == "body" else body)
    found += check_sides(organs, body=body)
    for name, organ in (inside or {}).items():
        if name in lesions and organ in organs:
            found += check_inside(lesions[name], organs[organ], name=name, organ_name=organ)
    for name, stated in (diameters_mm or {}).items():
        if name in lesions:
            found += check_diameter(lesions[name], stated_mm=stated, name=name)
    return tuple(sorted(found, key=lambda f: f.level != "error"))
