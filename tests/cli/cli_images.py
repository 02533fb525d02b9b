"""A small trunk with labels, and a way to put it on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.volume import Grid, Volume

SHAPE, SPACING_MM = (40, 64, 72), (5.0, 4.0, 4.0)
CENTRE = np.array([-55.0, -10.0, 0.0])


@dataclass(frozen=True)
class Phantom:
    """A trunk with a liver on the right, kidneys and spine behind, and a lesion."""

    ct: Volume
    labels: Volume
    lesion: Volume


def ball(places, centre, radii) -> np.ndarray:
    return (((places - np.asarray(centre)) / np.asarray(radii)) ** 2).sum(axis=-1) < 1


def make_phantom() -> Phantom:
    origin = -(np.array(SHAPE)[::-1] - 1) / 2 * np.array(SPACING_MM)[::-1]
    grid = Grid.regular(SHAPE, spacing_mm=SPACING_MM, origin_lps_mm=origin)
    p = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in SHAPE], indexing="ij"), axis=-1))
    body = ball(p[..., :2], (0, 0), (135, 105))
    labels = np.zeros(SHAPE, np.uint8)
    ct = np.where(body, -90, -1000).astype(np.int16)
    ct[ball(p[..., :2], (0, 0), (118, 90))] = 20
    parts = {
        5: ((-55, -10, 0), (60, 55, 60), 110),
        1: ((80, 30, 20), (25, 25, 35), 115),
        2: ((-60, 60, -50), (20, 18, 35), 150),
        3: ((60, 60, -50), (20, 18, 35), 150),
        6: ((55, -40, 10), (30, 25, 35), 30),
        28: ((0, 75, 0), (18, 18, 400), 300),
    }
    for label, (centre, radii, hu) in parts.items():
        where = ball(p, centre, radii) & body
        labels[where], ct[where] = label, hu
    lesion = ball(p, CENTRE, (12, 12, 12))
    ct[lesion] = 60
    ct += np.random.default_rng(1).normal(0, 8, SHAPE).astype(np.int16)
    image = Volume(ct, grid.affine, unit="HU", modality="CT")
    return Phantom(image, image.on(labels, unit=""), image.on(lesion, unit=""))


def write(volume: Volume, path: Path) -> Path:
    write_nifti(volume, path)
    return path
