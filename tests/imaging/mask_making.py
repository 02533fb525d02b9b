"""Masks and a CT series for tests of segmentations."""

from pathlib import Path

import numpy as np
from dicom_making import ct_slice
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from locoregional.imaging.volume import Grid, Volume

SHAPE = (8, 30, 24)
SPACE = "1.2.3.6"


def series(folder: Path, shape=SHAPE, spacing=(2.5, 0.8, 0.7)) -> Path:
    """Axial CT slices written with pydicom alone, in a frame of reference ``SPACE``."""
    folder.mkdir()
    for k in range(shape[0]):
        pixels = np.full(shape[1:], 1024 + k, np.int16)
        ct_slice(z_mm=5.0 + spacing[0] * k, pixels=pixels, PixelSpacing=list(spacing[1:]), SliceThickness=spacing[0]).save_as(
            folder / f"{(7 * k) % shape[0]}-{k}.dcm", enforce_file_format=True
        )
    return folder


def series_grid(shape=SHAPE, spacing=(2.5, 0.8, 0.7)) -> Grid:
    return Grid.regular(shape, spacing_mm=spacing, origin_lps_mm=(-10, -20, 5))


def blob(grid: Grid, seed: int, empty_slice: int | None = None) -> Volume:
    """Random smooth mask, with an empty slice in the middle where asked."""
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=grid.shape), 2)
    array = noise > np.median(noise)
    if empty_slice is not None:
        array[empty_slice] = False
    return Volume(array, grid.affine, frame_of_reference=SPACE)


def grids() -> dict[str, Grid]:
    """Grids of every kind of orientation: axial both ways, sagittal, oblique, left-handed."""
    turn = Rotation.from_euler("xyz", [20, -30, 10], degrees=True).as_matrix()
    oblique = np.eye(4)
    oblique[:3, :3], oblique[:3, 3] = turn * np.array([2.0, 0.7, 0.9]), (1.0, 2.0, 3.0)
    feetward = np.array([[0, 0, 0.8, 1], [0, -0.7, 0, 5], [-3, 0, 0, 9], [0, 0, 0, 1.0]])
    sagittal = np.array([[2, 0, 0, 1], [0, 0, 1.1, 5], [0, -0.9, 0, 9], [0, 0, 0, 1.0]])
    left_handed = np.array([[0, 0, -0.8, 1], [0, 0.7, 0, 5], [3, 0, 0, 9], [0, 0, 0, 1.0]])
    affines = {"oblique": oblique, "feetward": feetward, "sagittal": sagittal, "left-handed": left_handed}
    return {"axial": series_grid()} | {name: Grid(SHAPE, a) for name, a in affines.items()}


def ball(grid: Grid, centre_mm, radius_mm: float) -> np.ndarray:
    index = np.moveaxis(np.indices(grid.shape), 0, -1)
    return np.linalg.norm(grid.to_lps(index) - np.asarray(centre_mm), axis=-1) <= radius_mm
