import itertools

import numpy as np
import pytest

from locoregional.imaging.resample import canonical, isotropic_grid_around, resampled
from locoregional.imaging.volume import Grid, Volume


def _linear_field(grid: Grid) -> np.ndarray:
    points = grid.to_lps(np.stack(np.indices(grid.shape), axis=-1))
    return points @ np.array([0.5, -0.25, 2.0]) + 7


def test_a_linear_field_is_resampled_exactly():
    source = Grid.regular((12, 14, 16), spacing_mm=(3, 2, 1.5), origin_lps_mm=(-10, 5, 2))
    target = isotropic_grid_around(source.to_lps((6, 7, 8)), size_mm=8, spacing_mm=1)
    volume = Volume(_linear_field(source).astype(np.float32), source.affine)
    assert np.allclose(resampled(volume, target).array, _linear_field(target), atol=1e-4)


def test_a_mask_becomes_partial_occupancy():
    grid = Grid.regular((4, 4, 4), spacing_mm=2)
    mask = np.zeros((4, 4, 4), bool)
    mask[:, :, :2] = True
    fine = resampled(Volume(mask, grid.affine), Grid.regular((4, 4, 7), spacing_mm=(2, 2, 1)))
    assert fine.array.dtype == np.float32
    assert fine.array[0, 0, 3] == pytest.approx(0.5)


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("flips", list(itertools.product((False, True), repeat=3)))
def test_canonical_keeps_every_point_in_place(axes, flips):
    grid = Grid.regular((4, 5, 6), spacing_mm=(3, 2, 1), origin_lps_mm=(1, 2, 3))
    array = np.arange(120).reshape(4, 5, 6)
    affine = grid.affine[:, [*axes, 3]].copy()
    turned = np.transpose(array, axes)
    for axis, flip in enumerate(flips):
        if flip:
            affine[:3, 3] += affine[:3, axis] * (turned.shape[axis] - 1)
            affine[:3, axis] *= -1
            turned = np.flip(turned, axis)
    back = canonical(Volume(turned, affine))
    assert np.array_equal(back.array, array)
    assert np.allclose(back.affine, grid.affine)


def test_isotropic_grid_is_centred():
    grid = isotropic_grid_around((10, 20, 30), size_mm=(20, 30, 40), spacing_mm=2)
    assert grid.shape == (10, 15, 20)
    assert np.allclose(grid.to_lps((np.array(grid.shape) - 1) / 2), (10, 20, 30))
