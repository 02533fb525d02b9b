"""A lesion from a seed point and a diameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.resample import resampled
from locoregional.imaging.segmentation.body import require_ct
from locoregional.imaging.segmentation.morphology import containing
from locoregional.imaging.segmentation.result import Segmentation
from locoregional.imaging.segmentation.walker import walk
from locoregional.imaging.volume import Grid, Volume

__all__ = ["LesionSegmentation", "segment_lesion"]

REACH = 1.6
"""Largest diameter tried, as a multiple of the stated one."""

LEAST_CONTRAST_SD = 1.2
"""Contrast below this many standard deviations of the calmed background cannot be outlined."""

LOOK_MM = 1.0
"""Voxel side of the working grid: fine enough for the smallest lesion that is ablated."""


@dataclass(frozen=True)
class LesionSegmentation(Segmentation):
    """Proposal for a lesion.

    Attributes
    ----------
    mean_hu, background_hu, contrast_hu : float [HU]
        Median in the lesion, median around it, and their difference (negative: darker than the organ).
    method : str
        ``outlined`` or ``sphere``.
    """

    mean_hu: float = float("nan")
    background_hu: float = float("nan")
    contrast_hu: float = float("nan")
    method: str = "outlined"

    @property
    def diameter_mm(self) -> float:
        """Diameter of the ball of the same volume [mm]."""
        return float((6000.0 * self.volume_ml / np.pi) ** (1 / 3))


def segment_lesion(ct: Volume, seed_lps_mm: ArrayLike, *, diameter_mm: float, organ: Volume | None = None) -> LesionSegmentation:
    """Outline a lesion round a seed point; where it cannot be told from its surroundings, a sphere of the stated diameter.

    Parameters
    ----------
    ct : Volume
        CT [HU].
    seed_lps_mm : array_like, shape (3,) [mm]
        A point in the lesion, LPS, near its middle.
    diameter_mm : float [mm]
        About how wide it is.
    organ : Volume, optional
        Mask of the organ on the same grid; the lesion stays inside it.

    Returns
    -------
    LesionSegmentation
        Always for approval.

    Raises
    ------
    ImagingError
        If the seed lies outside the image or the diameter is not 2 to 200 mm.
    """
    require_ct(ct)
    seed = np.asarray(seed_lps_mm, dtype=float)
    if not 2.0 <= diameter_mm <= 200.0:
        raise ImagingError(
            f"a lesion diameter of {diameter_mm} mm is not plausible", where="diameter_mm", remedy="Give 2 to 200 mm."
        )
    if seed.shape != (3,) or not np.isfinite(seed).all() or not ct.grid.contains(seed):
        raise ImagingError(
            "the seed point lies outside the image", where=f"{seed.tolist()} mm LPS", remedy="Give it in LPS millimetres."
        )
    if organ is not None:
        ct.require_same_grid(organ, names=("ct", "organ"))
    radius = diameter_mm / 2
    grid = _working_grid(ct.grid, seed, REACH * radius + 10.0)
    values = resampled(ct, grid, outside=-1024.0).array
    calm, level = _calmed(values, grid, radius, ct.spacing_mm)
    points = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))
    r = np.linalg.norm(points - seed, axis=-1)
    allowed = np.ones(grid.shape, bool) if organ is None else resampled(organ, grid).array >= 0.5
    model = _two_classes(calm, r, radius, allowed)
    inside = None
    warnings: list[str] = []
    if model is None:
        warnings.append("the surroundings of the seed are not tissue that a lesion could be told from")
    else:
        lesion_hu, around_hu, sd = model
        if abs(lesion_hu - around_hu) < LEAST_CONTRAST_SD * sd + 4.0:
            warnings.append(
                f"contrast of {lesion_hu - around_hu:.0f} HU is too low against {sd:.0f} HU of grain to outline the lesion"
            )
        else:
            inside, words = _outlined(calm, r, radius, allowed, grid, lesion_hu, around_hu, sd, level)
            if inside is not None:
                # Once more with the whole lesion's own value: its middle is often darker (necrosis) than its rim.
                rim_hu = float(np.median(calm[inside & (r > 0.5 * radius)])) if (inside & (r > 0.5 * radius)).any() else lesion_hu
                again = rim_hu + 0.25 * (lesion_hu - rim_hu)
                second, more = _outlined(calm, r, radius, allowed, grid, again, around_hu, sd, level)
                inside, words = (second, more) if second is not None else (inside, words)
            warnings += words
    if inside is None:
        return _sphere(ct, seed, radius, organ, warnings, model)
    return _result(ct, grid, inside, organ, diameter_mm, warnings, model)  # type: ignore[arg-type]


def _working_grid(image: Grid, seed: NDArray, half_mm: float) -> Grid:
    """Near-isotropic grid along the image's own axes round the seed."""
    sides = np.maximum(np.minimum(image.spacing_mm, LOOK_MM), LOOK_MM * min(1.0, half_mm / 30.0))
    sides = np.maximum(sides, 2 * half_mm / 160.0)
    count = 2 * np.ceil(half_mm / sides).astype(int) + 1
    affine = np.eye(4)
    affine[:3, :3] = image.directions * sides
    affine[:3, 3] = seed - affine[:3, :3] @ ((count - 1) / 2)
    return Grid(tuple(int(n) for n in count), affine)  # type: ignore[arg-type]


def _calmed(values: NDArray[np.float32], grid: Grid, radius: float, image_sides: NDArray) -> tuple[NDArray[np.float32], float]:
    """Less grain, by a Gaussian that stays small against the lesion, and the level at which a ball so blurred has its edge.

    A blurred ball falls to 1/2 - s / (sqrt(2 pi) R) of its depth at its true edge (first order in s / R): less than one half,
    because the surface is curved.
    """
    from scipy.ndimage import gaussian_filter

    width = float(np.clip(0.13 * radius, 0.8, 1.8))
    # Averaging over a voxel blurs by its side / sqrt(12), interpolating back to a fine grid by about side / sqrt(6).
    blur = np.sqrt(width**2 + float(np.mean(image_sides**2)) * (1 / 12 + 1 / 6))
    level = max(0.5 - blur / (np.sqrt(2 * np.pi) * radius), 0.36)
    return np.asarray(gaussian_filter(np.clip(values, -200, 400), width / grid.spacing_mm), dtype=np.float32), level


def _two_classes(calm: NDArray, r: NDArray, radius: float, allowed: NDArray[np.bool_]) -> tuple[float, float, float] | None:
    """Grey value of lesion and surroundings, and the grain of the surroundings; None without tissue around."""
    middle = calm[r <= max(0.35 * radius, 1.8)]
    shell = calm[(r > 1.35 * radius) & (r < REACH * radius + 8) & allowed]
    tissue = shell[(shell > -30) & (shell < 200)]
    if len(tissue) < 30 or len(tissue) < 0.2 * len(shell):
        return None
    # The organ is the commonest value around: vessels, ducts and neighbours are fewer.
    histogram, edges = np.histogram(tissue, bins=np.arange(-35, 206, 5.0))
    peak = np.convolve(histogram, [1, 2, 3, 2, 1], "same").argmax()
    mode = (edges[peak] + edges[peak + 1]) / 2
    near = tissue[np.abs(tissue - mode) < 30]
    around = float(np.median(near))
    sd = float(1.4826 * np.median(np.abs(near - around)))
    return float(np.median(middle)), around, max(sd, 1.0)


def _outlined(
    calm: NDArray[np.float32],
    r: NDArray,
    radius: float,
    allowed: NDArray[np.bool_],
    grid: Grid,
    lesion_hu: float,
    around_hu: float,
    sd: float,
    level: float,
) -> tuple[NDArray[np.bool_] | None, list[str]]:
    """Random walker between the two classes, refused where it leaks or collapses."""
    from scipy.ndimage import binary_fill_holes

    contrast = lesion_hu - around_hu
    likeness = (calm - around_hu) / contrast  # 0 as the surroundings, 1 as the lesion
    # Values beyond the lesion's own (fluid, necrosis, calcification) belong to it, if they are near its middle.
    likeness = np.clip(likeness, 0.0, 1.0 + 0.5 * np.clip(r / radius - 0.8, 0, 1))
    pull = np.float32(2.5)
    # The pull grows with the distance from the level of the edge.
    favour = np.clip((likeness - level) * 2, -1, 1).astype(np.float32)
    favour = np.where(likeness > 1.25, np.float32(-1), favour)
    far = np.clip((r / radius - 1.15) / (REACH - 1.15), 0, 1).astype(np.float32) ** 2
    inside = (r < max(0.25 * radius, 1.0)) & (likeness > 0.3)
    outside = (r > REACH * radius) | ~allowed
    x = walk(
        calm,
        spacing_mm=grid.spacing_mm,
        edge=max(0.35 * abs(contrast), 1.2 * sd),
        inside=inside & ~outside,
        outside=outside & ~inside,
        pull_inside=pull * np.maximum(favour, 0) * (1 - 0.5 * far),
        pull_outside=pull * (np.maximum(-favour, 0) + 0.3 * far),
    )
    mask = containing(x > 0.5, inside)
    mask = np.asarray(binary_fill_holes(mask))
    ball = 4 / 3 * np.pi * radius**3
    share = float(mask.sum() * np.prod(grid.spacing_mm)) / ball
    rim = (r > (REACH - 0.12) * radius) & (r <= REACH * radius) & allowed
    leak = float((mask & rim).sum()) / max(int(rim.sum()), 1)
    if leak > 0.12:
        return None, ["the outline leaks into neighbouring tissue of the same grey value"]
    if share < 0.15:
        return None, [f"only {100 * share:.0f} % of a ball of the stated diameter looks like a lesion"]
    words = []
    if not 0.45 < share < 2.2:
        words.append(f"the outline holds {share:.1f} times the volume of a ball of the stated diameter")
    return mask, words


def _result(
    ct: Volume,
    grid: Grid,
    inside: NDArray[np.bool_],
    organ: Volume | None,
    diameter_mm: float,
    warnings: list[str],
    model: tuple[float, float, float],
) -> LesionSegmentation:
    occupancy = resampled(Volume(inside, grid.affine, frame_of_reference=ct.frame_of_reference), ct.grid).array
    mask = occupancy >= 0.5
    if not mask.any():  # a lesion thinner than the slices still owns the voxel it fills most
        mask = occupancy >= max(0.999 * float(occupancy.max()), 0.05)
    if organ is not None:
        mask &= organ.array >= 0.5
    around, sd = model[1], model[2]
    mean = float(np.median(ct.array[mask]))
    thick = float(ct.spacing_mm.max())
    if thick > 0.4 * diameter_mm:
        warnings.append(
            f"slices of {thick:g} mm are thick for a lesion of {diameter_mm:g} mm: its ends are uncertain by half a slice"
        )
    clear = abs(mean - around) / sd
    quality = "good" if clear > 2.5 and not warnings else "fair" if clear > 1.5 else "poor"
    return LesionSegmentation(
        ct.on(mask, unit=""),
        quality,
        tuple(warnings),
        ("lesion outlined at half its contrast by a random walker from the seed; for approval",),
        {"contrast_to_grain": clear, "stated_diameter_mm": diameter_mm},
        mean,
        around,
        mean - around,
        "outlined",
    )


def _sphere(
    ct: Volume, seed: NDArray, radius: float, organ: Volume | None, warnings: list[str], model: tuple[float, float, float] | None
) -> LesionSegmentation:
    low = np.clip(np.floor(ct.grid.to_index(seed) - radius / ct.spacing_mm - 1).astype(int), 0, np.array(ct.shape) - 1)
    high = np.clip(np.ceil(ct.grid.to_index(seed) + radius / ct.spacing_mm + 2).astype(int), low + 1, ct.shape)
    index = np.stack(np.meshgrid(*[np.arange(a, b) for a, b in zip(low, high, strict=True)], indexing="ij"), axis=-1)
    gap = np.linalg.norm(ct.grid.to_lps(index) - seed, axis=-1)
    mask = np.zeros(ct.shape, dtype=bool)
    mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = gap <= max(radius, float(gap.min()))
    if organ is not None and (mask & (organ.array >= 0.5)).any():
        mask &= organ.array >= 0.5
    mean = float(np.median(ct.array[mask]))
    around = model[1] if model else float("nan")
    return LesionSegmentation(
        ct.on(mask, unit=""),
        "poor",
        (*warnings, "a sphere of the stated diameter stands in for the lesion: correct or approve it"),
        ("the lesion is a sphere of the stated diameter at the seed; for approval",),
        {"stated_diameter_mm": 2 * radius},
        mean,
        around,
        mean - around,
        "sphere",
    )
