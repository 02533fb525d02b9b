"""The liver, grown from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.resample import canonical, resampled
from locoregional.imaging.segmentation.body import require_ct, working_step
from locoregional.imaging.segmentation.hu_organs import HuOrgans
from locoregional.imaging.segmentation.morphology import (
    biggest,
    closed,
    components,
    containing,
    dilated,
    eroded,
    filled_slices,
    opened,
)
from locoregional.imaging.segmentation.result import Segmentation
from locoregional.imaging.segmentation.walker import walk
from locoregional.imaging.segmentation.wall import outside_ribs
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["segment_liver"]

WORK_MM = 3.0
"""Working voxel side: averages grain away and keeps edges within a voxel; the border is refined afterwards."""

PULL = 0.12
"""Pull of the grey value against a unit bond between neighbours 1 mm apart: lets the border move about 3 mm."""

SHADE_MM = 22.0
"""Range over which the liver's own grey value may drift (contrast, beam hardening): wider than a vessel or lesion."""

SHADE_PASSES, SHADE_GRAINS = 2, 1.5
"""How often it is followed, and by how much at most each time, in standard deviations of the grain: enough for segments 1 and 7,
too little to reach the stomach's wall."""

CAVA_MM2, CAVA_REACH_MM = 800.0, 75.0
"""Largest cross-section of an island that may be the cava, and how far it lies from the middle of the spine's bone."""

STEP_MM = 12.0
"""How far each following may go."""

NECK_MM, REGROWN_MM = 8.5, 6.0
"""Half width of a neck that is cut, and how far thin parts are given back: through the thin dome the heart, and below the left
lobe the stomach, look alike."""


def segment_liver(
    ct: Volume,
    organs: HuOrgans,
    *,
    seed_lps_mm: ArrayLike | None = None,
    lesions: Sequence[Volume] = (),
    progress: Progress = silent,
) -> Segmentation:
    """Outline the liver with its vessels and lesions.

    Parameters
    ----------
    ct : Volume
        CT [HU].
    organs : HuOrgans
        Body, lung and bone of the same image.
    seed_lps_mm : array_like, shape (3,) [mm], optional
        A point in the liver or in a liver lesion. Unless given, the thickest even tissue on the patient's right below the lung is
        taken, and said so.
    lesions : sequence of Volume
        Masks known to lie in the liver; they are included, and serve as seed if none is given.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Segmentation
        For approval; ``numbers`` holds ``liver_hu``, ``grain_hu`` and the seed used.

    Raises
    ------
    ImagingError
        If the seed lies outside the body, or there is no tissue like a liver's round it.
    """
    require_ct(ct)
    facts = read_facts(__package__)
    progress(0.0, "preparing the image")
    work, masks = _reduced(ct, organs)
    spacing = work.spacing_mm
    low, high = float(facts["liver.lower"].low or 0.0), float(facts["liver.upper"])
    body, lung, bone, gas = masks
    wall = outside_ribs(body, bone, spacing_mm=spacing, inset_mm=1.5)
    free = body & ~lung & ~dilated(bone, spacing, radius_mm=2.0) & ~gas & ~wall & eroded(body, spacing, radius_mm=9.0)
    assumed: list[str] = ["liver grown from a seed by grey value, stopped at edges and at the ribs; for approval"]
    seed = _seed(ct, work, free, low, high, seed_lps_mm, lesions, assumed)
    progress(0.3, "learning the liver's grey value")
    mean, grain = _typical(work, free, seed, low, high)
    progress(0.4, "growing the liver")
    mask, words = _grown(work, free, seed, mean, grain)
    for n in range(SHADE_PASSES):
        progress(0.55 + 0.12 * n, "following the liver's grey value")
        even = replace(work, array=work.array - _shade(work, mask > 0.5, mean, grain))
        near = free & dilated(mask > 0.5, spacing, radius_mm=STEP_MM)
        more, words = _grown(even, near, seed, mean, grain)
        mask = np.maximum(mask, more)
    progress(0.8, "refining the border")
    fine = _refined(ct, work, mask, mean, organs)
    if _without_cava(fine, ct, organs):
        assumed.append("a round island beside the spine was taken for the cava and left out")
    for lesion in lesions:
        fine |= lesion.array >= 0.5
    ml = float(fine.sum() * ct.grid.voxel_ml)
    volume = facts["liver.volume"]
    if not (volume.low or 0.0) <= ml <= (volume.high or np.inf):
        words.append(f"{ml:.0f} ml is not a usual liver volume: part is missing or a neighbour is included")
    edge = fine[[0, -1]] if abs(ct.grid.directions[2, 0]) > 0.7 else fine[:0]
    if edge.any():
        words.append("the liver reaches the first or last slice: it is not complete in this image")
    quality = "poor" if any("usual" in w or "low contrast" in w for w in words) else "fair" if words else "good"
    numbers = {"liver_hu": mean, "grain_hu": grain, "seed_x_mm": seed[0], "seed_y_mm": seed[1], "seed_z_mm": seed[2]}
    progress(1.0, "liver outlined")
    return Segmentation(ct.on(fine, unit=""), quality, tuple(words), tuple(assumed), {k: float(v) for k, v in numbers.items()})


def _without_cava(mask: NDArray[np.bool_], ct: Volume, organs: HuOrgans) -> bool:
    """Take out, in place, small round islands of axial slices right in front of the spine; whether there were any."""
    turned, bone = canonical(ct.on(mask, unit="")), canonical(organs.bone.mask).array
    pixel_mm2 = float(np.prod(turned.spacing_mm[1:]))
    spine = _spine_middle(bone, turned.spacing_mm)
    gone = np.zeros(turned.shape, dtype=bool)
    for k in np.flatnonzero(turned.array.any(axis=(1, 2))):
        numbers, sizes = components(turned.array[k])
        for n in np.flatnonzero((sizes * pixel_mm2 < CAVA_MM2) & (sizes < sizes[1:].max(initial=0))):
            rows, columns = np.nonzero(numbers == n)
            box = np.array([np.ptp(rows) + 1, np.ptp(columns) + 1]) * turned.spacing_mm[1:]
            away = np.array([rows.mean(), columns.mean()]) * turned.spacing_mm[1:] - spine[k]
            round_ = len(rows) * pixel_mm2 > 0.6 * float(box.prod()) and box.max() < 2.0 * box.min()
            if n > 0 and round_ and float(np.hypot(*away)) < CAVA_REACH_MM and away[0] < 0:
                gone[k][numbers == n] = True
    if gone.any():
        back = resampled(Volume(gone, turned.affine), ct.grid).array > 0.5
        mask &= ~back
    return bool(gone.any())


def _spine_middle(bone: NDArray[np.bool_], spacing_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row and column [mm] of the vertebral body in each slice, from the columns where bone is thickest over the height."""
    thick = bone.sum(axis=(0, 1)).astype(np.float64)
    middle = int(np.convolve(thick, np.ones(round(30.0 / spacing_mm[2])), "same").argmax())
    half = round(20.0 / spacing_mm[2])
    column = bone[:, :, max(0, middle - half) : middle + half]
    rows = np.arange(bone.shape[1])[None, :, None]
    count = np.maximum(column.sum(axis=(1, 2)), 1)
    centre = np.where(column.any(axis=(1, 2)), (column * rows).sum(axis=(1, 2)) / count, np.nan)
    filled = np.where(np.isfinite(centre), centre, np.nanmean(centre) if np.isfinite(centre).any() else bone.shape[1])
    return np.stack([filled * spacing_mm[1], np.full(len(filled), middle * spacing_mm[2])], axis=1)


def _reduced(ct: Volume, organs: HuOrgans) -> tuple[Volume, list[NDArray[np.bool_]]]:
    """Block averages of the canonical image and its masks near the working voxel side."""
    turned = canonical(ct)
    step = working_step(turned, target_mm=WORK_MM)

    def blocks(array: NDArray) -> NDArray[np.float32]:
        out = array.astype(np.float32)
        for axis, n in enumerate(step):
            usable = out.shape[axis] // n * n
            cut = np.take(out, np.arange(usable), axis) if usable != out.shape[axis] else out
            shape = list(cut.shape)
            shape[axis : axis + 1] = [usable // n, n]
            out = cut.reshape(shape).mean(axis=axis + 1)
        return out

    affine = turned.affine.copy()
    affine[:3, 3] = turned.grid.to_lps((np.array(step) - 1) / 2)
    affine[:3, :3] = turned.affine[:3, :3] * np.array(step)
    work = Volume(blocks(np.clip(turned.array, -300, 500)), affine, unit="HU", modality="CT")
    limits = ((organs.body, 0.9), (organs.lung, 0.35), (organs.bone, 0.3), (organs.gas, 0.15))
    return work, [blocks(canonical(s.mask).array) > limit for s, limit in limits]


def _seed(
    ct: Volume,
    work: Volume,
    free: NDArray[np.bool_],
    low: float,
    high: float,
    seed_lps_mm: ArrayLike | None,
    lesions: Sequence[Volume],
    assumed: list[str],
) -> NDArray[np.float64]:
    from scipy.ndimage import distance_transform_edt

    if seed_lps_mm is None and lesions:
        first = lesions[0]
        seed_lps_mm = first.grid.to_lps(np.argwhere(first.array >= 0.5).mean(axis=0))
    if seed_lps_mm is not None:
        seed = np.asarray(seed_lps_mm, dtype=float)
        if not ct.grid.contains(seed):
            raise ImagingError(
                "the liver seed lies outside the image", where=f"{seed.tolist()} mm LPS", remedy="Give it in LPS millimetres."
            )
        return seed
    even = free & (work.array > low) & (work.array < high)
    depth = distance_transform_edt(eroded(even, work.spacing_mm, radius_mm=0.5), sampling=work.spacing_mm)
    columns = np.nonzero(free.any(axis=(0, 1)))[0]
    middle = (columns.min() + columns.max()) / 2
    depth[:, :, int(middle) :] = 0
    if depth.max() < 12.0:
        raise ImagingError(
            "no tissue thick enough to be a liver is found on the patient's right", remedy="Give a seed point in the liver."
        )
    seed = work.grid.to_lps(np.unravel_index(int(depth.argmax()), depth.shape))
    assumed.append(
        f"no seed was given: the thickest even tissue on the right, at {np.round(seed).tolist()} mm LPS, is taken for liver"
    )
    return seed


def _typical(work: Volume, free: NDArray[np.bool_], seed: NDArray, low: float, high: float) -> tuple[float, float]:
    """Commonest grey value round the seed and its grain."""
    away = np.linalg.norm(work.grid.to_lps(np.argwhere(free)) - seed, axis=1)
    for reach in (28.0, 45.0):
        values = work.array[free][away < reach]
        values = values[(values > low) & (values < high)]
        if len(values) > 150:
            break
    else:
        raise ImagingError(
            "there is no tissue like a liver round the seed",
            where=f"{np.round(seed, 1).tolist()} mm LPS",
            remedy="Move the seed into the liver.",
        )
    histogram, edges = np.histogram(values, bins=np.arange(low, high + 4, 3.0))
    peak = np.convolve(histogram, [1, 2, 3, 2, 1], "same").argmax()
    mode = (edges[peak] + edges[peak + 1]) / 2
    near = values[np.abs(values - mode) < 18]
    mean = float(np.median(near))
    return mean, float(np.clip(1.4826 * np.median(np.abs(near - mean)), 3.0, 12.0))


def _shade(work: Volume, inside: NDArray[np.bool_], mean: float, grain: float) -> NDArray[np.float32]:
    """How far the liver's grey value drifts from its typical value, carried on a little beyond what is known of it [HU]."""
    from scipy.ndimage import gaussian_filter

    deep = eroded(inside, work.spacing_mm, radius_mm=4.0)
    off = np.where(deep, np.clip(work.array - mean, -4 * grain, 4 * grain), 0).astype(np.float32)
    weight = gaussian_filter(deep.astype(np.float32), SHADE_MM / work.spacing_mm)
    drift = gaussian_filter(off, SHADE_MM / work.spacing_mm) / (weight + np.float32(1e-3))
    return np.clip(drift, -SHADE_GRAINS * grain, SHADE_GRAINS * grain).astype(np.float32)


def _grown(
    work: Volume, free: NDArray[np.bool_], seed: NDArray, mean: float, grain: float
) -> tuple[NDArray[np.float32], list[str]]:
    """Chance of being liver on the working grid."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    spacing = work.spacing_mm
    words: list[str] = []
    calm = gaussian_filter(np.where(free, work.array, mean - 6 * grain), 2.0 / spacing)
    like = free & (np.abs(calm - mean) < 2.2 * grain)
    core = eroded(closed(like, spacing, radius_mm=3.0) & free, spacing, radius_mm=8.0)
    numbers, sizes = components(core)
    if len(sizes) < 2:
        raise ImagingError(
            "no even tissue is found round the seed", where=f"{np.round(seed, 1).tolist()} mm LPS", remedy="Move the seed."
        )
    places = np.argwhere(core)
    gaps = np.linalg.norm(work.grid.to_lps(places) - seed, axis=1)
    ml = sizes * float(np.prod(spacing)) * 1e-3
    part = numbers[tuple(places.T)]
    # A seed in a lesion near the surface lies beside the core: take the part that is near and big.
    chosen = min(np.unique(part), key=lambda n: gaps[part == n].min() - 4.0 * np.log(ml[n] + 1e-3))
    inside = numbers == chosen
    away = distance_transform_edt(~inside, sampling=spacing).astype(np.float32)
    deviation = (work.array - mean) / np.float32(1.6 * grain + 2.0)
    alike = np.exp(-0.5 * deviation**2)
    # Brighter than the liver may be a vessel in it: pulls out only half as much as darker.
    unlike = (1 - alike) * np.where(deviation > 0, 0.5, 1.0) + np.float32(0.25) * np.clip((away - 18.0) / 20.0, 0, 2)
    x = walk(
        gaussian_filter(np.clip(work.array, mean - 120, mean + 90), 0.5),
        spacing_mm=spacing,
        edge=max(2.2 * grain, 10.0),
        inside=inside,
        outside=~free,
        pull_inside=np.float32(PULL) * alike.astype(np.float32),
        pull_outside=np.float32(PULL) * unlike.astype(np.float32),
        sweeps=250,
    )
    mask = x > 0.5
    kept = containing(opened(mask, spacing, radius_mm=NECK_MM), inside)
    kept = dilated(kept, spacing, radius_mm=REGROWN_MM) & mask
    x = np.where(kept, x, np.minimum(x, np.float32(0.3)))
    outer = dilated(kept, spacing, radius_mm=4.5) & ~kept & free
    similar = float((outer & (np.abs(work.array - mean) < 1.5 * grain)).sum()) / max(int(outer.sum()), 1)
    if similar > 0.45:
        words.append(f"low contrast: {100 * similar:.0f} % of the tissue just outside looks like liver")
    return x, words


def _refined(ct: Volume, work: Volume, x: NDArray[np.float32], mean: float, organs: HuOrgans) -> NDArray[np.bool_]:
    """Mask on the image's own grid, holes (vessels, lesions) filled."""
    from scipy.ndimage import binary_fill_holes

    spacing = work.spacing_mm
    coarse = x > 0.5
    holes = closed(coarse, spacing, radius_mm=7.0) & (work.array > mean - 100) & ~coarse
    numbers, _ = components(holes)
    # Gaps that the liver surrounds on most sides are its vessels and lesions; bays at the surface are not.
    around = np.stack(
        [np.maximum.accumulate(coarse, a) & np.flip(np.maximum.accumulate(np.flip(coarse, a), a), a) for a in range(3)]
    )
    enclosed = np.bincount(numbers.ravel(), (around.sum(axis=0) >= 2).ravel()) / np.maximum(np.bincount(numbers.ravel()), 1)
    keep = enclosed > 0.85
    keep[0] = False
    filled = np.asarray(binary_fill_holes(filled_slices(coarse | keep[numbers])))
    soft = np.where(filled & ~coarse, np.float32(0.8), x)
    soft = np.where(filled, np.maximum(soft, 0.55), np.minimum(soft, 0.45)).astype(np.float32)
    fine = np.asarray(resampled(Volume(soft, work.affine), ct.grid).array > 0.5)
    fine &= organs.body.mask.array & ~organs.lung.mask.array & ~organs.bone.mask.array
    return biggest(fine)
