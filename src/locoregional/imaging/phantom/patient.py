"""The digital patient: a plausible abdomen in portal-venous contrast whose every voxel is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.phantom import bowel, scanner, trunk, vessels, viscera
from locoregional.imaging.phantom.canvas import Canvas, smooth_noise
from locoregional.imaging.phantom.shapes import Coordinates, ellipsoid
from locoregional.imaging.phantom.trees import Tree
from locoregional.imaging.volume import Grid, Volume
from locoregional.progress import Progress, silent

__all__ = ["DigitalPatient", "digital_patient"]

EXTENT_MM = (306.0, 300.0, 372.0)
"""Height, depth and width of the field of view: chest base to iliac crest, couch included."""

TOP_MM, FRONT_MM = 152.0, -146.0
"""LPS z of the highest slice and y of the foremost row."""

GROUPS = {
    "lung": ("lung_left", "lung_right"),
    "bone": ("ribs", "vertebrae", "sternum"),
    "liver": ("liver", "hepatic_vessels", "lesion"),
    "colon": ("colon",),
}
"""Structures made of several painted ones."""


@dataclass(frozen=True)
class DigitalPatient:
    """A patient whose truth is known.

    Attributes
    ----------
    ct : Volume
        Portal-venous CT [HU], int16, with noise and couch.
    clean : Volume
        The same without noise [HU], float32.
    structures : dict of str to Volume
        True masks by name, TotalSegmentator's names where it has them, and the groups ``bone``, ``lung`` and ``body``.
    lesion : Volume
        True mask of the metastasis.
    lesion_seed_lps_mm : ndarray, shape (3,) [mm]
        A point in the middle of the metastasis.
    lesion_diameter_mm : float [mm]
        Diameter of the ball of the same volume.
    further : tuple of Volume
        True masks of further metastases, in the order in which they were asked for.
    trees : dict of str to Tree
        Grown portal and hepatic vein tree.
    seed : int
        Seed it was made from.
    """

    ct: Volume
    clean: Volume
    structures: Mapping[str, Volume]
    lesion: Volume
    lesion_seed_lps_mm: NDArray[np.float64]
    lesion_diameter_mm: float
    trees: Mapping[str, Tree]
    seed: int
    further: tuple[Volume, ...] = ()


def _lesion_phi(at: Coordinates, centre: NDArray, radius_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Lobulated ball: a few low-order bumps on a sphere, and slightly flattened."""
    phi = ellipsoid(at, centre, radius_mm * np.array([1.03, 0.95, 1.02]))
    d = [at[i] - np.float32(centre[i]) for i in range(3)]
    r = np.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2) + np.float32(1e-3)
    for _ in range(5):
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        cosine = sum(d[i] * np.float32(way[i]) for i in range(3)) / r
        phi = phi - np.float32(0.075 * radius_mm * rng.uniform(0.5, 1.3)) * np.exp((cosine - 1) * 7).astype(np.float32)
    return np.asarray(phi, dtype=np.float32)


def _grid(spacing_mm: ArrayLike) -> Grid:
    spacing = np.broadcast_to(np.asarray(spacing_mm, dtype=float), (3,))
    if not ((spacing >= 0.5) & (spacing <= 10)).all():
        raise ImagingError(
            f"voxel sides {spacing} mm do not suit a digital patient", where="spacing_mm", remedy="Use 0.5 to 10 mm."
        )
    shape = tuple(int(n) for n in np.round(np.array(EXTENT_MM) / spacing))
    low = (-(shape[2] - 1) / 2 * spacing[2], FRONT_MM, TOP_MM - (shape[0] - 1) * spacing[0])
    return Grid.regular(shape, spacing_mm=spacing, origin_lps_mm=low)  # type: ignore[arg-type]


def digital_patient(
    seed: int = 1,
    *,
    spacing_mm: ArrayLike = (3.0, 1.25, 1.25),
    lesion_diameter_mm: float = 24.0,
    lesion_lps_mm: ArrayLike = (-94.0, 14.0, 24.0),
    noise_sd_hu: float = 11.0,
    noise_seed: int | None = None,
    further: Sequence[tuple[ArrayLike, float]] = (),
    progress: Progress = silent,
) -> DigitalPatient:
    """Make a digital patient: a slim woman's upper abdomen with one liver metastasis or several.

    Parameters
    ----------
    seed : int
        Chooses the shape of organs, vessels and metastasis; the same seed gives the same patient at any voxel size.
    spacing_mm : array_like, scalar or (slice, row, column) [mm]
        Voxel sides.
    lesion_diameter_mm : float [mm]
        About how wide the metastasis is.
    lesion_lps_mm : array_like, shape (3,) [mm]
        About where it lies; the default is the right posterior section, under the ribs, near the lung recess.
    noise_sd_hu : float [HU]
        Noise in the middle of the body.
    noise_seed : int, optional
        Chooses the noise alone; ``seed`` unless given.
    further : sequence of (array_like, float)
        Middle (LPS, mm) and diameter [mm] of further metastases; none may touch another.
    progress : Progress
        Told how far it is.

    Returns
    -------
    DigitalPatient

    Raises
    ------
    ImagingError
        If the voxel sides do not suit, or a metastasis would not lie in the liver or touch another.
    """
    grid = _grid(spacing_mm)
    rng = np.random.default_rng([seed, 1])
    progress(0.0, "shaping the body")
    warp = [
        3.2 * smooth_noise(np.random.default_rng([seed, 10 + axis]), grid, wavelength_mm=110)
        + 0.8 * smooth_noise(np.random.default_rng([seed, 20 + axis]), grid, wavelength_mm=34)
        for axis in range(3)
    ]
    warp = [np.clip(w, -9, 9) for w in warp]
    texture = smooth_noise(np.random.default_rng([seed, 30]), grid, wavelength_mm=11)
    coarse = smooth_noise(np.random.default_rng([seed, 31]), grid, wavelength_mm=24)
    canvas = Canvas(grid, np.full(grid.shape, -1000, np.float32), np.zeros(grid.shape, np.uint8), (warp[0], warp[1], warp[2]))
    cavity, body = trunk.paint_wall(canvas)
    fat = canvas.mask("subcutaneous_fat", "visceral_fat")
    canvas.hu[fat] += (5 * texture + 4 * coarse)[fat]
    progress(0.2, "painting organs")
    trunk.paint_lungs(canvas, cavity)
    trunk.paint_back(canvas)
    trunk.paint_spine(canvas)
    trunk.paint_ribs(canvas, cavity)
    viscera.paint_heart(canvas, cavity)
    bowel.paint_colon(canvas, texture, coarse)
    viscera.paint_kidneys(canvas)
    bowel.paint_stomach(canvas, texture)
    viscera.paint_pancreas(canvas, texture)
    viscera.paint_spleen(canvas, cavity, texture)
    vessels.paint_great_vessels(canvas)
    bowel.paint_small_bowel(canvas, rng, texture)
    progress(0.5, "growing vessels")
    vessels.paint_mesentery(canvas, rng)
    vessels.paint_lung_trees(canvas, rng)
    liver = viscera.liver_phi(canvas, cavity)
    keep = canvas.mask("inferior_vena_cava", "ribs", "vertebrae")
    liver = np.where(keep, np.maximum(liver, 1.0), liver)
    viscera.paint_liver(canvas, liver, texture)
    viscera.paint_gallbladder(canvas)
    asked = [(np.asarray(lesion_lps_mm, dtype=float), lesion_diameter_mm / 2)]
    asked += [(np.asarray(where, dtype=float), diameter / 2) for where, diameter in further]
    trees = _fill_liver(canvas, liver, rng, asked)
    progress(0.75, "scanning")
    scanner.paint_table(canvas)
    clean = scanner.blurred(canvas.hu, grid)
    noise = scanner.noise_hu(
        np.random.default_rng([seed if noise_seed is None else noise_seed, 2]), body < 0, grid, sd_hu=noise_sd_hu
    )
    ct = np.clip(np.round(clean + noise), -1024, 3071).astype(np.int16)
    return _finish(canvas, ct, clean, body, trees, seed)


def _fill_liver(
    canvas: Canvas, liver: NDArray[np.float32], rng: np.random.Generator, asked: Sequence[tuple[NDArray, float]]
) -> dict[str, Tree]:
    """Grow the vessel trees and put metastases (middle, radius in mm) into the liver."""
    inside = canvas.mask("liver")
    free, allowed, shapes = inside.copy(), inside & (liver < -3.0), []
    for centre, radius_mm in asked:
        box = canvas.box(centre - 2 * radius_mm - 6, centre + 2 * radius_mm + 6)
        phi = _lesion_phi(canvas.at(box, warped=False), centre, radius_mm, rng)
        if not free[box][phi < 0].all():
            raise ImagingError(
                f"a metastasis of {2 * radius_mm:g} mm at {np.round(centre, 1)} would reach out of the liver",
                where="lesion_lps_mm",
                remedy="Move it deeper into the liver, away from others, or make it smaller.",
            )
        shapes.append((phi, box, radius_mm))
        allowed[box] &= phi > 2.5
        free[box] &= phi > 0.0
    portal, hepatic = vessels.hepatic_trees(canvas, rng, allowed)
    for phi, box, _ in shapes:
        inside[box] &= phi > 1.0
    vessels.paint_tree(canvas, "hepatic_vessels", hepatic, hu=vessels.HEPATIC_VEIN_HU, where=inside)
    vessels.paint_tree(canvas, "hepatic_vessels", portal, hu=vessels.PORTAL_HU, where=inside)
    for number, (phi, box, radius_mm) in enumerate(shapes, start=1):
        core = np.clip((phi + radius_mm) / radius_mm, 0, 1)  # 0 in the middle, 1 at the edge
        canvas.paint(_lesion_name(number), phi, 60 + 14 * core, box=box, soft_mm=3.0)
    return {"portal": portal, "hepatic": hepatic}


def _finish(
    canvas: Canvas, ct: NDArray, clean: NDArray, body: NDArray[np.float32], trees: dict[str, Tree], seed: int
) -> DigitalPatient:
    def volume(array: NDArray, unit: str = "") -> Volume:
        return Volume(
            array,
            canvas.grid.affine,
            unit=unit,
            modality="CT" if unit == "HU" else "",
            frame_of_reference=f"2.25.{4_170_000 + seed}",
        )

    lesions = [_lesion_name(n) for n in range(1, 1 + sum(name.startswith("lesion") for name in canvas.names))]
    names = [*(n for n in canvas.names if n not in lesions), *GROUPS]
    masks = {name: canvas.mask(*GROUPS.get(name, (name,)), *(lesions if name == "liver" else ())) for name in names}
    masks["body"] = body < 0
    lesion = canvas.mask("lesion")
    centre = canvas.grid.to_lps(np.argwhere(lesion).mean(0))
    diameter = float((6 * lesion.sum() * canvas.grid.voxel_ml * 1e3 / np.pi) ** (1 / 3))
    structures = {name: volume(mask) for name, mask in sorted(masks.items()) if mask.any()}
    others = tuple(volume(canvas.mask(name)) for name in lesions[1:])
    return DigitalPatient(
        volume(ct, "HU"), volume(clean, "HU"), structures, volume(lesion), centre, diameter, trees, seed, others
    )


def _lesion_name(number: int) -> str:
    """Name under which a metastasis is painted."""
    return "lesion" if number == 1 else f"lesion_{number}"
