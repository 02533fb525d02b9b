"""Arteries in an angiography: bright tubes that hang together with a point in the artery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.distance import distance_outside_mm, signed_distance_mm
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.progress import Progress, part, silent
from locoregional.sources import read_facts

__all__ = ["Arteries", "arteries_in", "arteries_of_mask"]

ROOM_MM = 30.0
"""Surroundings of the organ and of the root that are searched."""
MOST_VOXELS = 40e6
"""A finer grid than this many voxels is coarsened: memory and time."""
BACKGROUND_MM = 3.0
"""Width of the smoothing that gives the grey value of the tissue around an artery."""


@dataclass(frozen=True, eq=False)
class Arteries:
    """Voxels of arteries, and how full each is.

    Attributes
    ----------
    mask : Volume
        Arteries that hang together with the root, on a grid of equal voxel sides.
    filling : Volume
        Share of each voxel that is lumen, also just outside the mask. Noise makes it stray beyond 0..1, so that sums are true.
    apart : ndarray of int32, shape of the grid
        Further tubes inside the organ that do not hang together with the root, numbered from 1; 0 elsewhere.
    contrast : ndarray of float32, shape of the grid
        Contrast of the tube through each voxel, as a share of that of a wide artery; what makes one link more plausible.
    root_lps_mm : ndarray, shape (3,) [mm]
        The point in the artery.
    stumps_lps_mm : ndarray, shape (k, 3) [mm]
        Voxels beside what was cut: an artery that ends there was made to end.
    words : tuple of str
        What was assumed and cut.
    """

    mask: Volume
    filling: Volume
    apart: NDArray[np.int32]
    contrast: NDArray[np.float32]
    root_lps_mm: NDArray[np.float64]
    stumps_lps_mm: NDArray[np.float64]
    words: tuple[str, ...]


def arteries_in(
    image: Volume,
    *,
    root_lps_mm: ArrayLike,
    organ: Volume,
    cuts_lps_mm: Sequence[ArrayLike] = (),
    progress: Progress = silent,
) -> Arteries:
    """Arteries in a CT or cone-beam CT angiography.

    Parameters
    ----------
    image : Volume
        Grey values in which arteries are bright (HU, or arbitrary).
    root_lps_mm : array_like, shape (3,) [mm]
        A point in the artery from which everything is counted as downstream: the ostium, or where the catheter lies.
    organ : Volume
        Mask of the organ, on any grid; noise is measured in it, and thin arteries are followed in it.
    cuts_lps_mm : sequence of array_like [mm]
        Points where an artery is closed, for instance behind the root.
    progress : Progress
        Told how far it is.

    Raises
    ------
    ImagingError
        If the root lies outside the image or in no bright voxel.
    MaskError
        If the organ is not in the image.
    """
    from scipy.ndimage import binary_dilation, binary_erosion, gaussian_filter, label

    from locoregional.access.arteries.tubularity import tubularity

    facts = read_facts(__package__)
    root = np.asarray(root_lps_mm, dtype=float)
    if root.shape != (3,) or not image.grid.contains(root):
        raise ImagingError("the root lies outside the image", where=f"{root}", remedy="Give LPS mm of a point in the artery.")
    progress(0.0, "cropping")
    grid = _working_grid(image, organ, root)
    grey = resampled(image, grid, outside=float(image.array.min())).array
    inside = resampled(organ, grid).array >= 0.5
    if not inside.any():
        raise MaskError("the organ is not in the image", where="organ", remedy="Give the mask of the same scan.")
    side = float(grid.spacing_mm.mean())
    core = binary_erosion(inside, iterations=max(1, round(3.0 / side)))
    tissue = float(np.median(grey[core if core.any() else inside]))
    lumen = _lumen(grey, grid, root, side)
    if lumen - tissue < 3.0 * _spread(grey[core if core.any() else inside]):
        raise ImagingError(
            f"the root is no brighter ({lumen:.0f}) than the organ ({tissue:.0f}) beyond its noise",
            where=f"{root}",
            remedy="Give a point in a contrast-filled artery of an arterial-phase image.",
        )
    widths = [side * 0.75 * 1.5**k for k in range(6) if side * 0.75 * 1.5**k < 3.2]
    # Fat beside the organ and in its clefts would make edges that look like tubes: nothing is darker than the organ's noise.
    grain = _spread(grey[core if core.any() else inside])
    level = np.maximum(grey, np.float32(tissue - 2.0 * grain) + np.float32(2.0 * grain) * ~binary_erosion(inside, iterations=1))
    fine = gaussian_filter(grey, 0.75)
    answer = tubularity(level, spacing_mm=grid.spacing_mm, widths_mm=widths, progress=part(progress, 0.05, 0.6))
    progress(0.6, "following arteries from the root")
    noise = _spread(answer[core if core.any() else inside])
    middle = float(np.median(answer[core if core.any() else inside]))
    low = max(middle + float(facts["search.low"]) * noise, float(facts["search.least_contrast"]) * (lumen - tissue))
    high = max(middle + float(facts["search.high"]) * noise, 1.5 * low)
    bright = grey >= tissue + 0.5 * (lumen - tissue)
    strong = bright | ((answer >= high) & inside & (fine >= tissue))
    # Outside the organ the halo of the aorta answers too: there a voxel must be brighter than the organ itself.
    outside = (answer >= max(low, float(facts["search.outside"]) * (lumen - tissue))) & (grey >= tissue + 0.1 * (lumen - tissue))
    thin = (answer >= low) & (fine >= tissue + 0.5 * float(facts["search.least_contrast"]) * (lumen - tissue))
    weak = bright | np.where(inside, thin, outside)
    words = [f"contrast of a wide artery {lumen - tissue:.0f} {image.unit or 'grey values'} over the organ"]
    whole = weak
    weak = _without_greater(_closed(weak, grid, cuts_lps_mm, words), grid, root, words)
    numbers, _ = label(weak, np.ones((3, 3, 3), dtype=bool))
    at = _nearest_voxel(numbers > 0, grid, root)
    mask = numbers == numbers[at]
    progress(0.75, "filling")
    around = binary_dilation(weak, iterations=2)
    share = gaussian_filter((~around).astype(np.float32), BACKGROUND_MM / side)
    base = gaussian_filter(np.where(around, np.float32(0), grey), BACKGROUND_MM / side) / np.maximum(share, np.float32(1e-3))
    base = np.where(share > 1e-3, base, np.float32(tissue))
    full = _full(grey, mask, grid, root, lumen)
    filling = np.clip((grey - base) / np.maximum(np.float32(full) - base, np.float32(1.0)), -1, 1.5)
    apart = _apart(numbers, int(numbers[at]), strong, grid)
    filling[~binary_dilation(mask | (apart > 0), iterations=2)] = 0
    return Arteries(
        Volume(mask, grid.affine),
        Volume(filling.astype(np.float32), grid.affine),
        apart,
        np.clip(answer / np.float32(lumen - tissue), 0, 1),
        root,
        _stumps(whole & ~weak, mask, grid),
        tuple(words),
    )


def arteries_of_mask(mask: Volume, *, root_lps_mm: ArrayLike, cuts_lps_mm: Sequence[ArrayLike] = ()) -> Arteries:
    """Arteries of a given mask: the part that hangs together with the root.

    Parameters
    ----------
    mask : Volume
        Vessel mask, boolean or occupancy 0..1.
    root_lps_mm : array_like, shape (3,) [mm]
        A point in the artery.
    cuts_lps_mm : sequence of array_like [mm]
        Points where an artery is closed.

    Raises
    ------
    ImagingError
        If the root lies more than 5 mm from the mask.
    """
    from scipy.ndimage import label

    root = np.asarray(root_lps_mm, dtype=float)
    found = np.argwhere(mask.array >= 0.5 if mask.array.dtype != bool else mask.array)
    if len(found) == 0:
        raise MaskError("the vessel mask is empty", where="mask", remedy="Check that the segmentation was saved.")
    low, high = np.maximum(found.min(axis=0) - 4, 0), np.minimum(found.max(axis=0) + 5, mask.shape)
    small = mask.cropped(low, high)
    grid = _equal_sides(small.grid)
    occupancy = resampled(small, grid).array
    words = ["arteries as drawn in the given mask"]
    whole = occupancy >= 0.5
    inside = _without_greater(_closed(whole, grid, cuts_lps_mm, words), grid, root, words)
    numbers, _ = label(inside, np.ones((3, 3, 3), dtype=bool))
    own = numbers == numbers[_nearest_voxel(inside, grid, root)]
    sizes = np.bincount(numbers.ravel())
    sizes[[0, numbers[own][0]]] = 0
    apart = np.where((sizes >= 12)[numbers], numbers, 0).astype(np.int32)
    contrast = own.astype(np.float32)
    stumps = _stumps(whole & ~inside, own, grid)
    return Arteries(Volume(own, grid.affine), Volume(occupancy, grid.affine), apart, contrast, root, stumps, tuple(words))


def _equal_sides(grid: Grid) -> Grid:
    """The grid itself where its sides agree within a tenth, else one with the smallest side throughout, within memory."""
    spacing = grid.spacing_mm
    side = max(float(spacing.min()), (float(np.prod(spacing)) * float(np.prod(grid.shape)) / MOST_VOXELS) ** (1 / 3))
    if spacing.max() <= 1.1 * spacing.min() and side <= 1.01 * float(spacing.min()):
        return grid
    affine = np.eye(4)
    affine[:3, :3] = grid.directions * side
    affine[:3, 3] = grid.affine[:3, 3]
    shape = tuple(int(n) for n in np.maximum(1, np.floor((np.array(grid.shape) - 1) * spacing / side + 1e-6) + 1))
    return Grid(shape, affine)  # type: ignore[arg-type]


def _working_grid(image: Volume, organ: Volume, root: NDArray[np.float64]) -> Grid:
    voxels = np.argwhere(organ.array >= 0.5 if organ.array.dtype != bool else organ.array)
    if len(voxels) == 0:
        raise MaskError("the organ mask is empty", where="organ", remedy="Check that the segmentation was saved.")
    corners = np.array(np.meshgrid(*zip(voxels.min(axis=0), voxels.max(axis=0), strict=True), indexing="ij")).reshape(3, -1).T
    index = image.grid.to_index(np.vstack([organ.grid.to_lps(corners), root]))
    room = ROOM_MM / image.spacing_mm
    low = np.clip(np.floor(index.min(axis=0) - room), 0, np.array(image.shape) - 1).astype(int)
    high = np.clip(np.ceil(index.max(axis=0) + room) + 1, low + 1, image.shape).astype(int)
    return _equal_sides(image.grid.cropped(low, high))


def _spread(values: NDArray) -> float:
    """Robust standard deviation."""
    middle = np.median(values)
    return float(1.4826 * np.median(np.abs(values - middle)))


def _lumen(grey: NDArray, grid: Grid, root: NDArray[np.float64], side: float) -> float:
    """Grey value inside the artery at the root: upper quartile within 3 mm of what is brightest there."""
    at = np.clip(np.round(grid.to_index(root)).astype(int), 0, np.array(grid.shape) - 1)
    reach = max(1, round(3.0 / side))
    box = grey[tuple(slice(max(0, a - reach), a + reach + 1) for a in at)]
    return float(np.median(np.sort(box.ravel())[-max(8, box.size // 20) :]))


def _full(grey: NDArray, mask: NDArray[np.bool_], grid: Grid, root: NDArray[np.float64], guess: float) -> float:
    """Grey value of voxels that are all lumen: the median of those deep in the arteries near the root."""
    depth = -signed_distance_mm(mask, spacing_mm=grid.spacing_mm)
    deep = np.argwhere(depth > 1.6 * float(grid.spacing_mm.mean()))
    if len(deep) < 8:
        return guess
    far = np.linalg.norm(grid.to_lps(deep) - root, axis=1)
    own = deep[np.argsort(far)[:400]]
    return float(np.median(grey[tuple(own.T)]))


def _nearest_voxel(mask: NDArray[np.bool_], grid: Grid, root: NDArray[np.float64]) -> tuple[int, ...]:
    """Voxel of a mask nearest to the root, at most 5 mm away."""
    at = np.round(grid.to_index(root)).astype(int)
    reach = np.ceil(5.0 / grid.spacing_mm).astype(int)
    low = np.clip(at - reach, 0, np.array(grid.shape) - 1)
    found = np.argwhere(mask[tuple(slice(int(a), int(b)) for a, b in zip(low, at + reach + 1, strict=True))]) + low
    if len(found):
        far = np.linalg.norm(grid.to_lps(found) - root, axis=1)
        if far.min() <= 5.0:
            return tuple(int(n) for n in found[far.argmin()])
    raise ImagingError("no artery within 5 mm of the root", where=f"{root}", remedy="Give LPS mm of a point inside the artery.")


def _closed(mask: NDArray[np.bool_], grid: Grid, cuts: Sequence[ArrayLike], words: list[str]) -> NDArray[np.bool_]:
    """Mask without the vessel across each cut: a ball as wide as the vessel there."""
    if not cuts:
        return mask
    open_mask = mask.copy()
    depth = -signed_distance_mm(mask, spacing_mm=grid.spacing_mm)
    for cut in cuts:
        point = np.asarray(cut, dtype=float)
        at = np.array(_nearest_voxel(mask, grid, point))
        reach = np.ceil(4.0 / grid.spacing_mm).astype(int)
        low, high = np.maximum(at - reach, 0), at + reach + 1
        wide = 1.5 * float(depth[tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))].max()) + 1.0
        near = np.argwhere(mask)
        gone = near[np.linalg.norm(grid.to_lps(near) - point, axis=1) <= wide]
        open_mask[tuple(gone.T)] = False
        words.append(f"closed at {np.round(point, 1).tolist()} over {2 * wide:.1f} mm, as asked")
    return open_mask


def _without_greater(mask: NDArray[np.bool_], grid: Grid, root: NDArray[np.float64], words: list[str]) -> NDArray[np.bool_]:
    """Mask without what is much wider than the artery at the root: aorta, bone, kidney."""
    factor = float(read_facts(__package__)["root.widest"])
    depth = -signed_distance_mm(mask, spacing_mm=grid.spacing_mm)
    at = np.array(_nearest_voxel(mask, grid, root))
    reach = np.ceil(2.0 / grid.spacing_mm).astype(int)
    low = np.maximum(at - reach, 0)
    own = float(depth[tuple(slice(int(a), int(b)) for a, b in zip(low, at + reach + 1, strict=True))].max())
    side = float(grid.spacing_mm.mean())
    least, most = factor * own + side, float(depth.max())
    if most <= least:
        return mask
    gone = np.zeros_like(mask)
    for level in np.linspace(least, most, 5, endpoint=False):  # the balls that fit into the wide vessels, and a rim
        gone |= distance_outside_mm(depth > level, spacing_mm=grid.spacing_mm) <= level + 3.0 * side
    kept = mask & ~gone
    if not kept[tuple(at)]:
        raise ImagingError(
            "the root lies in the wall of a much wider vessel",
            where=f"{np.round(root, 1).tolist()}",
            remedy="Place the root a little further along the artery.",
        )
    words.append(f"vessels wider than {2 * factor * own:.1f} mm, {factor:g} times the artery at the root, were cut: no branches")
    return kept


def _stumps(gone: NDArray[np.bool_], mask: NDArray[np.bool_], grid: Grid) -> NDArray[np.float64]:
    """Voxels of the mask beside voxels that were cut away."""
    from scipy.ndimage import binary_dilation

    if not gone.any():
        return np.empty((0, 3))
    return grid.to_lps(np.argwhere(mask & binary_dilation(gone, iterations=2)))


def _apart(numbers: NDArray, own: int, seeds: NDArray[np.bool_], grid: Grid) -> NDArray[np.int32]:
    """Components with a strong voxel that are thin and long, and not the root's."""
    count = np.bincount(numbers.ravel())
    seeded = np.bincount(numbers[seeds], minlength=len(count))
    depth = -signed_distance_mm(numbers > 0, spacing_mm=grid.spacing_mm)
    deepest = np.zeros(len(count), dtype=np.float32)
    np.maximum.at(deepest, numbers[numbers > 0], depth[numbers > 0])
    good = (seeded >= 3) & (count >= 12) & (deepest <= 1.1 * deepest[own])
    good[[0, own]] = False
    return np.where(good[numbers], numbers, 0).astype(np.int32)
