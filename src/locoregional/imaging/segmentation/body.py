"""The patient without couch, mattress and arms, and the skin where a needle may enter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.segmentation.morphology import biggest, components, dilated, filled_slices, opened, widened
from locoregional.imaging.segmentation.result import Segmentation
from locoregional.imaging.volume import Volume
from locoregional.sources import read_facts

__all__ = ["require_ct", "segment_body", "skin_surface", "working_step"]

COARSE_MM = 1.8
"""Voxel side at which shapes are first found; the outline is refined at full resolution."""

COUCH_MM = 4.5
"""Half of the thickest sheet that counts as couch or mattress: thinner than any limb or trunk."""

SMALLEST_BODY_ML = 500.0
"""Less tissue than this cannot be a patient's trunk in a CT that is to be planned on."""


def require_ct(ct: Volume) -> None:
    """Raise ImagingError unless the volume holds Hounsfield units on perpendicular axes."""
    if ct.unit not in ("HU", "") or ct.modality not in ("CT", ""):
        raise ImagingError(
            f"segmentation needs a CT in HU, got {ct.modality or 'an image'} in {ct.unit or 'no unit'}",
            remedy="Give the CT series.",
        )
    if not ct.grid.is_orthogonal:
        raise ImagingError("the image axes are not perpendicular", where="affine", remedy="Correct the gantry tilt first.")


def working_step(ct: Volume, *, target_mm: float = COARSE_MM) -> tuple[int, int, int]:
    """Stride along each axis that brings voxels near a target side."""
    return tuple(int(max(1, round(target_mm / s))) for s in ct.spacing_mm)  # type: ignore[return-value]


def segment_body(ct: Volume) -> Segmentation:
    """Trunk of the patient.

    Parameters
    ----------
    ct : Volume
        CT [HU]; slices may go in any direction, filling of holes is done slice by slice.

    Returns
    -------
    Segmentation
        ``numbers`` holds ``other_parts_ml``, tissue outside the trunk such as arms.

    Raises
    ------
    ImagingError
        If no body is found, or the volume is no CT.
    """
    require_ct(ct)
    threshold = float(read_facts(__package__)["skin.lower"])
    step = working_step(ct)
    coarse = ct.array[:: step[0], :: step[1], :: step[2]]
    spacing = ct.spacing_mm * step
    tissue = coarse > threshold
    solid = filled_slices(tissue)
    core = opened(solid, spacing, radius_mm=COUCH_MM)
    numbers, sizes = components(core)
    if len(sizes) < 2 or sizes[1:].max() * np.prod(spacing) * 1e-3 < SMALLEST_BODY_ML:
        raise ImagingError(
            "no body is found in the image",
            where=f"tissue above {threshold:g} HU",
            remedy="Check that this is a CT in HU of a trunk.",
        )
    trunk = numbers == 1 + sizes[1:].argmax()
    others = float((sizes[1:].sum() - sizes[1:].max()) * np.prod(spacing) * 1e-3)
    near = widened(dilated(trunk, spacing, radius_mm=COUCH_MM), step, ct.shape)
    mask = filled_slices(biggest(near & (ct.array > threshold)))
    warnings = []
    if others > 100:
        warnings.append(
            f"{others:.0f} ml of tissue outside the trunk (arms?) is not part of the body; a needle path must avoid it"
        )
    border = [mask[:, 0], mask[:, -1], mask[:, :, 0], mask[:, :, -1]]
    if sum(int(b.sum()) for b in border) * np.prod(ct.spacing_mm) ** (2 / 3) > 400:
        warnings.append("the body reaches the edge of the image: skin is missing there")
    quality = "fair" if warnings else "good"
    return Segmentation(
        ct.on(mask, unit=""),
        quality,
        tuple(warnings),
        (f"skin at {threshold:g} HU, sheets under 9 mm taken for couch",),
        {"other_parts_ml": others},
    )


def skin_surface(body: Volume) -> NDArray[np.bool_]:
    """Outermost voxels of the body, those cut by the image border excepted, shape of the grid."""
    from scipy.ndimage import binary_erosion

    return np.asarray(body.array & ~binary_erosion(body.array, border_value=1))
