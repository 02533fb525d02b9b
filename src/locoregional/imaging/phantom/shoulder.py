"""The digital shoulder: a plausible right shoulder with a mass in the deltoid muscle, whose every voxel is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.phantom import scanner, shoulder_bones, shoulder_course, shoulder_wall
from locoregional.imaging.phantom.canvas import Canvas, smooth_noise
from locoregional.imaging.phantom.patient import DigitalPatient
from locoregional.imaging.volume import Grid, Volume
from locoregional.progress import Progress, silent

__all__ = ["digital_shoulder", "neighbours_mm"]

LOW_LPS_MM, EXTENT_MM = (-258.0, -140.0, -118.0), (200.0, 282.0, 324.0)
"""First corner (x, y, z), and height, depth and width of the field of view [mm]: neck to mid-arm, right side and midline."""
NOISE_SHIFT_MM = 96.0
"""Smooth noise is drawn on a lattice around the origin; the field of view lies to its right."""

GROUPS = {
    "lung": ("lung_left", "lung_right"),
    "bone": ("humerus_right", "scapula_right", "clavicula_right", "clavicula_left", "ribs", "vertebrae", "sternum"),
    "nerve": ("brachial_plexus_right", "axillary_nerve_right"),
    "joint": ("shoulder_joint_right",),
    "large_vessels": ("axillary_artery_right", "axillary_vein_right"),
}
"""Structures made of several painted ones."""
COVER_MM = 10.5
"""Tissue between mass and skin, skin included."""


def digital_shoulder(
    seed: int = 3,
    *,
    spacing_mm: ArrayLike = (2.0, 1.25, 1.25),
    mass_diameter_mm: float = 55.0,
    mass_lps_mm: ArrayLike = (-159.5, -22.0, -34.0),
    enhanced: bool = True,
    noise_sd_hu: float = 12.0,
    progress: Progress = silent,
) -> DigitalPatient:
    """Make a digital patient: a woman's right shoulder with a soft-tissue metastasis in the front of the deltoid muscle.

    Parameters
    ----------
    seed : int
        Chooses the irregular parts, the shape of the mass and the noise; the same anatomy at any voxel size.
    spacing_mm : array_like, scalar or (slice, row, column) [mm]
        Voxel sides.
    mass_diameter_mm : float [mm]
        About how wide the mass is at its widest.
    mass_lps_mm : array_like, shape (3,) [mm]
        About where its middle lies.
    enhanced : bool
        With contrast medium in the venous phase; False: without, as during a treatment. The anatomy is the same.
    noise_sd_hu : float [HU]
        Noise in the middle of the body.
    progress : Progress
        Told how far it is.

    Returns
    -------
    DigitalPatient
        ``structures`` holds the groups ``bone``, ``lung``, ``nerve``, ``joint``, ``large_vessels`` and ``body`` as well.

    Raises
    ------
    ImagingError
        If the voxel sides do not suit, or the mass would not lie in soft tissue.
    """
    grid = _grid(spacing_mm)
    drawn = Grid(grid.shape, grid.affine + NOISE_SHIFT_MM * np.outer((1, 0, 0, 0), (0, 0, 0, 1)))
    progress(0.0, "shaping the shoulder")
    warp = [
        np.clip(
            2.4 * smooth_noise(np.random.default_rng([seed, 10 + axis]), drawn, wavelength_mm=90)
            + 0.7 * smooth_noise(np.random.default_rng([seed, 20 + axis]), drawn, wavelength_mm=30),
            -7,
            7,
        )
        for axis in range(3)
    ]
    texture = smooth_noise(np.random.default_rng([seed, 30]), drawn, wavelength_mm=9)
    canvas = Canvas(grid, np.full(grid.shape, -1000, np.float32), np.zeros(grid.shape, np.uint8), (warp[0], warp[1], warp[2]))
    look = shoulder_wall.Look.of(enhanced=enhanced)
    centre, radius = np.asarray(mass_lps_mm, dtype=float), mass_diameter_mm / 2
    body, arm = shoulder_wall.paint_skin(canvas, bulge=(centre, radius + COVER_MM))
    fat = canvas.mask("subcutaneous_fat")
    canvas.hu[fat] += 6 * texture[fat]
    shoulder_wall.paint_chest(canvas, look)
    progress(0.3, "painting muscles and bones")
    shoulder_wall.paint_muscles(canvas, body, arm, look)
    canvas.hu += np.where(canvas.mask("muscle", "deltoid"), np.float32(2.5) * texture, np.float32(0))
    shoulder_course.paint_vessels(canvas, look)
    shoulder_course.paint_nerves(canvas)
    shoulder_bones.paint_upper_spine(canvas)
    shoulder_bones.paint_ribs(canvas)
    shoulder_bones.paint_shoulder_bones(canvas)
    shoulder_course.paint_joint(canvas)
    progress(0.7, "scanning")
    _place_mass(canvas, body, texture, look, centre, radius, seed)
    scanner.paint_table(canvas)
    clean = scanner.blurred(canvas.hu, grid)
    noise = scanner.noise_hu(np.random.default_rng([seed, 2 if enhanced else 3]), body < 0, grid, sd_hu=noise_sd_hu)
    ct = np.clip(np.round(clean + noise), -1024, 3071).astype(np.int16)
    return _finish(canvas, ct, clean, body, seed)


def neighbours_mm(patient: DigitalPatient) -> dict[str, float]:
    """Shortest distance from the mass to nerve, skin, large vessel, joint and pleura, by the names that a case uses [mm]."""
    from locoregional.imaging.distance import signed_distance_mm

    away = signed_distance_mm(patient.lesion.array, spacing_mm=patient.lesion.spacing_mm)
    half = 0.5 * float(patient.lesion.spacing_mm.min())
    masks = {
        "nerve": patient.structures["nerve"].array,
        "skin": ~patient.structures["body"].array,
        "large_vessel": patient.structures["large_vessels"].array,
        "joint": patient.structures["joint"].array,
        "pleura": patient.structures["lung"].array,
    }
    return {name: round(max(float(away[mask].min()) - half, 0.0), 1) for name, mask in masks.items()}


def _grid(spacing_mm: ArrayLike) -> Grid:
    spacing = np.broadcast_to(np.asarray(spacing_mm, dtype=float), (3,))
    if not ((spacing >= 0.5) & (spacing <= 6)).all():
        raise ImagingError(
            f"voxel sides {spacing} mm do not suit a digital shoulder", where="spacing_mm", remedy="Use 0.5 to 6 mm."
        )
    shape = tuple(int(n) for n in np.round(np.array(EXTENT_MM) / spacing))
    return Grid.regular(shape, spacing_mm=spacing, origin_lps_mm=LOW_LPS_MM)  # type: ignore[arg-type]


def _place_mass(
    canvas: Canvas,
    body: NDArray[np.float32],
    texture: NDArray[np.float32],
    look: shoulder_wall.Look,
    centre: NDArray,
    radius_mm: float,
    seed: int,
) -> None:
    box = canvas.box(centre - 1.5 * radius_mm, centre + 1.5 * radius_mm)
    shape = np.random.default_rng([seed, 4])
    phi = shoulder_course.lobulated(canvas.at(box, warped=False), centre, radius_mm=radius_mm, rng=shape)
    soft = canvas.mask("muscle", "deltoid", "subcutaneous_fat")[box]
    if not soft[phi < 0].all():
        raise ImagingError(
            f"a mass of {2 * radius_mm:g} mm at {np.round(centre, 1)} would reach out of muscle and fat",
            where="mass_lps_mm",
            remedy="Move it away from bone, vessels and skin, or make it smaller.",
        )
    shoulder_course.paint_mass(canvas, phi, body, texture, look, box=box, radius_mm=radius_mm)


def _finish(canvas: Canvas, ct: NDArray, clean: NDArray, body: NDArray[np.float32], seed: int) -> DigitalPatient:
    def volume(array: NDArray, unit: str = "") -> Volume:
        modality = "CT" if unit == "HU" else ""
        return Volume(array, canvas.grid.affine, unit=unit, modality=modality, frame_of_reference=f"2.25.{4_180_000 + seed}")

    names = [*(n for n in canvas.names if n != "lesion"), *GROUPS]
    masks = {name: canvas.mask(*GROUPS.get(name, (name,))) for name in names}
    masks["body"] = body < 0
    lesion = canvas.mask("lesion")
    middle = canvas.grid.to_lps(np.argwhere(lesion).mean(0))
    diameter = float((6 * lesion.sum() * canvas.grid.voxel_ml * 1e3 / np.pi) ** (1 / 3))
    structures = {name: volume(mask) for name, mask in sorted(masks.items()) if mask.any()}
    return DigitalPatient(volume(ct, "HU"), volume(clean, "HU"), structures, volume(lesion), middle, diameter, {}, seed)
