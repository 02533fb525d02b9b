"""Contrast-filled vessels inside the liver."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import MaskError
from locoregional.imaging.resample import resampled
from locoregional.imaging.segmentation.body import require_ct
from locoregional.imaging.segmentation.morphology import components
from locoregional.imaging.segmentation.result import Segmentation
from locoregional.imaging.volume import Grid, Volume
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["segment_hepatic_vessels", "vessel_diameter_mm"]

SCALES_MM = (1.2, 2.0, 3.2)
"""Standard deviations of the ridge filter: vessels of about 3 to 10 mm diameter."""

CLEAR_SD, FAINT_SD = 3.0, 1.6
"""Brightness over the liver, in standard deviations of the calmed liver, that makes a vessel sure or continues one."""

HALF_DEPTH = 0.5
"""Share of a vessel's own brightness at its wall."""

SMALLEST_ML = 0.12
"""Smaller isolated bright parts are grain."""


def segment_hepatic_vessels(ct: Volume, liver: Volume, *, progress: Progress = silent) -> Segmentation:
    """Portal and hepatic veins that contrast makes visible.

    Parameters
    ----------
    ct : Volume
        CT [HU].
    liver : Volume
        Liver mask on the same grid, vessels included.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Segmentation
        ``not seen`` with an empty mask where the liver's vessels do not stand out; ``numbers`` holds ``liver_hu``, ``vessel_hu``,
        ``contrast_hu`` and ``largest_diameter_mm``.

    Raises
    ------
    MaskError
        If the liver mask is empty.
    """
    from scipy.ndimage import binary_erosion, gaussian_filter, maximum_filter

    require_ct(ct)
    ct.require_same_grid(liver, names=("ct", "liver"))
    inside = liver.array >= 0.5
    if not inside.any():
        raise MaskError("the liver mask is empty", where="liver", remedy="Segment the liver first.")
    progress(0.0, "looking for vessels")
    grid = _working_grid(ct.grid, inside)
    organ = resampled(Volume(inside, ct.affine), grid).array >= 0.5
    values = np.clip(resampled(ct, grid, outside=-1000.0).array, -200, 400)
    typical = float(np.median(ct.array[inside]))
    # Neighbours brighter than the liver (kidney, cava, ribs) must not look like ridges at its border.
    values = np.where(organ, values, typical).astype(np.float32)
    calm = gaussian_filter(values, 1.0 / grid.spacing_mm)
    deep = binary_erosion(organ, iterations=2)
    sample = calm[deep] if deep.any() else calm[organ]
    below = sample[sample <= np.median(sample)]
    centre = float(np.median(sample))
    grain = max(float(1.4826 * np.median(np.abs(below - centre))), 1.5)
    progress(0.3, "measuring ridges")
    ridge = _ridges(values, grid.spacing_mm) / np.float32(grain)
    bright = (calm - centre) / np.float32(grain)
    strong = organ & (((bright > CLEAR_SD) & (ridge > 1.0)) | (bright > 1.8 * CLEAR_SD))
    weak = organ & (bright > FAINT_SD) & ((ridge > 0.45) | (bright > CLEAR_SD))
    numbers, sizes = components(weak)
    sure = np.bincount(numbers[strong], minlength=len(sizes))
    keep = (sure > 0) & (sizes * grid.voxel_ml > SMALLEST_ML)
    keep[0] = False
    found = keep[numbers]
    # A vessel's wall is where it has fallen to half of its own brightness nearby.
    own = maximum_filter(np.where(found, bright, 0), size=np.maximum(3, 2 * np.round(3.5 / grid.spacing_mm) + 1).astype(int))
    found &= bright > HALF_DEPTH * own
    progress(0.8, "measuring calibres")
    share = float(found.sum()) / max(int(organ.sum()), 1)
    vessel_hu = float(np.median(calm[found])) if found.any() else float("nan")
    contrast = float(np.percentile(calm[found], 80)) - centre if found.any() else 0.0
    assumed = ("vessels are bright ridges inside the liver; portal and hepatic veins are not told apart; for approval",)
    fact = read_facts(__package__)["liver.vessel_contrast"]
    if share < 0.002 or contrast < float(fact):
        words = ("contrast-filled vessels cannot be seen in this image: distances to them are not checked",)
        return Segmentation(ct.on(np.zeros(ct.shape, dtype=bool), unit=""), "not seen", words, assumed, {"liver_hu": centre})
    warnings = []
    if contrast < 2 * float(fact):
        warnings.append(f"vessels stand out by only {contrast:.0f} HU: small ones are missing")
    if share > 0.12:
        warnings.append(f"{100 * share:.0f} % of the liver is called vessel: too much to be true")
    if ct.spacing_mm.max() > 3.5:
        warnings.append(f"slices of {ct.spacing_mm.max():g} mm hide vessels that run in the slice plane")
    mask = (resampled(Volume(found, grid.affine), ct.grid).array >= 0.5) & inside
    largest = float(vessel_diameter_mm(found, spacing_mm=grid.spacing_mm).max())
    numbers_out = {"liver_hu": centre, "vessel_hu": vessel_hu, "contrast_hu": contrast, "largest_diameter_mm": largest}
    progress(1.0, "vessels found")
    quality = "poor" if share > 0.12 else "fair" if warnings else "good"
    return Segmentation(ct.on(mask, unit=""), quality, tuple(warnings), assumed, numbers_out)


def vessel_diameter_mm(mask: NDArray[np.bool_], *, spacing_mm: ArrayLike) -> NDArray[np.float32]:
    """Diameter [mm] of the largest ball inside the mask that reaches each voxel, shape of the mask; 0 outside.

    Parameters
    ----------
    mask : ndarray of bool, shape (slices, rows, columns)
        Vessels.
    spacing_mm : array_like, shape (3,) [mm]
        Voxel sides.
    """
    from scipy.ndimage import distance_transform_edt

    spacing = np.asarray(spacing_mm, dtype=float)
    padded = np.pad(mask, 1)
    # Distance to the nearest outside centre; the surface lies about half a voxel before it.
    half = float(np.prod(spacing) ** (1 / 3)) / 2
    depth = distance_transform_edt(padded, sampling=spacing)[1:-1, 1:-1, 1:-1] - half
    depth[~mask] = 0
    out = np.zeros(mask.shape, dtype=np.float32)
    # Largest balls first, in half-millimetre classes: a few distance transforms instead of one ball per voxel.
    for level in np.arange(0.5, float(depth.max(initial=0.0)) + 0.5, 0.5)[::-1]:
        centres = depth >= level
        if centres.any():
            reach = (distance_transform_edt(~centres, sampling=spacing) <= level + half) & mask & (out == 0)
            out[reach] = 2 * level
    out[mask & (out == 0)] = 2 * half
    return out


def _working_grid(image: Grid, inside: NDArray[np.bool_]) -> Grid:
    """Grid round the liver along the image's axes, not finer than 1.4 mm and not coarser than 2 mm."""
    found = [np.flatnonzero(inside.any(axis=tuple(b for b in range(3) if b != a))) for a in range(3)]
    low, high = np.array([f[0] for f in found]), np.array([f[-1] for f in found])
    sides = np.clip(image.spacing_mm, 1.4, 2.0)
    count = np.ceil((high - low) * image.spacing_mm / sides).astype(int) + 7
    affine = image.affine.copy()
    affine[:3, :3] = image.directions * sides
    affine[:3, 3] = image.to_lps(low) - affine[:3, :3] @ np.full(3, 3.0)
    return Grid(tuple(int(n) for n in count), affine)  # type: ignore[arg-type]


def _ridges(values: NDArray[np.float32], spacing: NDArray) -> NDArray[np.float32]:
    """Bright-ridge strength [HU]: the middle eigenvalue of the Hessian, normalised to the scale, largest over scales.

    Tubes have two strongly negative eigenvalues, plates one, so the middle one singles out tubes and balls.
    """
    from scipy.ndimage import gaussian_filter

    best = np.zeros(values.shape, dtype=np.float32)
    for scale in SCALES_MM:
        smooth = gaussian_filter(values, scale / spacing, truncate=3.0)
        first = np.gradient(smooth, *spacing)
        hessian = np.empty((*values.shape, 3, 3), dtype=np.float32)
        for a in range(3):
            second = np.gradient(first[a], *spacing)
            for b in range(3):
                hessian[..., a, b] = second[b]
        candidates = np.trace(hessian, axis1=-2, axis2=-1) < 0
        middle = np.linalg.eigvalsh(hessian[candidates])[:, 1]
        here = np.zeros(values.shape, dtype=np.float32)
        here[candidates] = np.maximum(-middle, 0) * scale**2
        np.maximum(best, here, out=best)
    return best
