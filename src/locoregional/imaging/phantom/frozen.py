"""CT during a freeze: the ice ball darker than the tissue, the cryoprobes bright within it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import MaskError
from locoregional.imaging.phantom.patient import DigitalPatient
from locoregional.imaging.phantom.scanner import blurred, noise_hu
from locoregional.imaging.phantom.shapes import FAR_MM, tubes
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.sources import read_facts

__all__ = ["freezing_scan", "frozen_share", "hounsfield_drop_hu"]

WARM_C = 37.0
FAT_HU, WET_HU, BONE_HU = -100.0, 10.0, 250.0
"""Between fat and wet tissue the drop rises with the CT number; bone shows no ice."""


def frozen_share(temperature_c: ArrayLike) -> NDArray[np.float32]:
    """Share of the drop in CT number that tissue of a temperature shows, 0..1."""
    width = float(read_facts(__package__)["freeze.range"])
    return np.clip(-np.asarray(temperature_c, dtype=np.float32) / np.float32(width), 0, 1)


def hounsfield_drop_hu(unfrozen_hu: ArrayLike) -> NDArray[np.float32]:
    """Drop in CT number when tissue freezes through, by its CT number before [HU]; none in air, gas and dense bone."""
    facts = read_facts(__package__)
    drop, fat = float(facts["freeze.drop"]), float(facts["fat.change"])
    knots = (2 * FAT_HU, 1.5 * FAT_HU, FAT_HU, WET_HU, WET_HU + 120, BONE_HU)
    return np.interp(np.asarray(unfrozen_hu), knots, (0, fat * drop, fat * drop, drop, drop, 0)).astype(np.float32)


def freezing_scan(
    patient: DigitalPatient,
    temperature: Volume,
    *,
    probes: Sequence[tuple[ArrayLike, ArrayLike]],
    probe_mm: float,
    seed: int = 1,
    noise_sd_hu: float = 12.0,
) -> Volume:
    """CT of a digital patient with ice and cryoprobes in it; metal artefacts are left out.

    Parameters
    ----------
    patient : DigitalPatient
        Without contrast medium, as on the table.
    temperature : Volume
        Temperature [C] around the probes, on any grid; 37 C beyond it.
    probes : sequence of pair of array_like, shape (3,) [mm]
        Tip and a point nearer the hub of each probe, LPS.
    probe_mm : float [mm]
        Their diameter.
    seed : int
        Chooses the noise.
    noise_sd_hu : float [HU]
        Noise in the middle of the body.

    Returns
    -------
    Volume
        CT [HU], int16, on the patient's grid.

    Raises
    ------
    MaskError
        If nothing is frozen within the image.
    """
    grid = patient.clean.grid
    share = frozen_share(resampled(temperature, grid, outside=WARM_C).array)
    if not share.any():
        raise MaskError("nothing is frozen within the image", where="temperature", remedy="Check its place and its unit (C).")
    hu = patient.clean.array - share * hounsfield_drop_hu(patient.clean.array)
    metal = np.zeros(grid.shape, np.float32)
    for tip, hub in probes:
        metal = np.maximum(metal, _shaft(grid, tip, hub, radius_mm=probe_mm / 2))
    metal = blurred(metal, grid)
    hu = hu + metal * (np.float32(float(read_facts(__package__)["probe.brightness"])) - hu)
    noise = noise_hu(np.random.default_rng([seed, 6]), patient.structures["body"].array, grid, sd_hu=noise_sd_hu)
    return patient.ct.on(np.clip(np.round(hu + noise), -1024, 3071).astype(np.int16))


def _shaft(grid: Grid, tip: ArrayLike, hub: ArrayLike, *, radius_mm: float) -> NDArray[np.float32]:
    """Share of each voxel that a shaft fills, never less than what a thin shaft puts into a wide voxel."""
    phi = np.full(grid.shape, FAR_MM, dtype=np.float32)
    radius = np.full((1, 2), radius_mm)
    tubes(
        phi, grid.affine[:3, 3], grid.spacing_mm, np.atleast_2d(np.asarray(tip, dtype=float)),
        np.atleast_2d(np.asarray(hub, dtype=float)), radius, 4.0, 1.0,
    )  # fmt: skip
    side = float(np.prod(grid.spacing_mm)) ** (1 / 3)
    return np.clip(np.float32(0.5) - phi / np.float32(side), 0, 1)
