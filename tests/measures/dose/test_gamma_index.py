"""Gamma index against cases with a closed form."""

import numpy as np
import pytest

from locoregional.errors import GeometryError, UnitsError
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.dose.gamma import gamma_index

GRID = Grid.regular((16, 20, 18), spacing_mm=(3.0, 2.0, 2.5))
INNER = (slice(4, -4), slice(5, -5), slice(5, -5))
ALONG = np.array([1.0, 2.0, -1.0]) / np.sqrt(6.0)


def places(grid):
    return grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))


def volume(array, grid=GRID, **more):
    return Volume(np.asarray(array, np.float32), grid.affine, unit="Gy", **more)


def linear(slope, rise=0.0, grid=GRID):
    return volume(100.0 + rise + slope * (places(grid) @ ALONG), grid)


def test_the_same_dose_has_gamma_zero():
    found = gamma_index(linear(1.5), linear(1.5), dose_percent=3.0, distance_mm=3.0)
    assert np.nanmax(found.volume.array) == pytest.approx(0.0, abs=1e-5)
    assert found.pass_share == 1.0


@pytest.mark.parametrize(("percent", "gamma"), [(2.0, 2.0 / 3.0), (3.0, 1.0), (-4.5, 1.5), (9.0, 2.0)])
def test_an_even_dose_differs_by_dose_alone(percent, gamma):
    one = volume(np.full(GRID.shape, 100.0))
    found = gamma_index(one, volume(one.array * (1.0 + percent / 100.0)), dose_percent=3.0, distance_mm=3.0)
    assert found.volume.array == pytest.approx(gamma, abs=1e-4)
    assert found.pass_share == (1.0 if gamma <= 1.0 else 0.0)


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("slope", [0.4, 1.5, 4.0])
def test_a_linear_dose_is_exact(slope, local):
    reference = linear(slope)
    tolerance = 0.02 * (reference.array[INNER] if local else reference.array.max())
    found = gamma_index(reference, linear(slope, rise=2.0), dose_percent=2.0, distance_mm=2.0, local=local, threshold_percent=0.0)
    exact = 2.0 / np.hypot(tolerance, 2.0 * slope)
    np.testing.assert_allclose(found.volume.array[INNER], exact, rtol=2e-4)


def test_a_shift_of_a_steep_dose_is_a_distance():
    grid = Grid.regular((20, 20, 20), spacing_mm=1.0)
    x = places(grid)[..., 0]
    steep, moved = (volume(1000.0 * (x - d), grid) for d in (0.0, 1.5))
    found = gamma_index(steep, moved, dose_percent=1.0, distance_mm=3.0, threshold_percent=20.0)
    assert np.nanmedian(found.volume.array[8:12, 8:12, 8:12]) == pytest.approx(0.5, abs=2e-3)


def test_the_evaluated_grid_may_be_another_and_its_end_is_not_invented():
    other = Grid.regular((30, 30, 30), spacing_mm=1.7, origin_lps_mm=(0.3, 0.2, 5.0))
    found = gamma_index(linear(1.5), linear(1.5, rise=2.0, grid=other), dose_percent=3.0, distance_mm=3.0)
    assert found.left_out > 0
    assert found.compared + found.left_out == np.count_nonzero(linear(1.5).array >= 0.1 * linear(1.5).array.max())
    exact = 2.0 / np.hypot(0.03 * linear(1.5).array.max(), 4.5)
    inside = found.volume.array[5:13, 6:-6, 6:-6]
    assert np.nanmax(np.abs(inside - exact)) < 1e-3
    assert np.isnan(found.volume.array[0]).all()  # below the first slice of the evaluated map


def test_against_a_plain_search():
    rng = np.random.default_rng(2)
    grid = Grid.regular((7, 7, 7), spacing_mm=2.0)
    one, other = (volume(rng.uniform(40, 100, grid.shape), grid) for _ in range(2))
    found = gamma_index(one, other, dose_percent=10.0, distance_mm=2.0, threshold_percent=0.0)
    from scipy.ndimage import map_coordinates

    line = np.arange(-4.0, 4.01, 0.1)
    steps = np.stack(np.meshgrid(line, line, line, indexing="ij"), -1).reshape(-1, 3)
    steps = steps[np.linalg.norm(steps, axis=1) <= 4.0]
    for index in ((3, 3, 3), (2, 4, 3), (0, 0, 0)):
        at = np.array(index) + steps / 2.0
        keep = ((at >= 0) & (at <= 6)).all(axis=1)
        dose = map_coordinates(other.array.astype(float), at[keep].T, order=1)
        length = np.linalg.norm(steps[keep], axis=1)
        brute = np.sqrt(((length / 2.0) ** 2 + ((dose - one.array[index]) / (0.1 * one.array.max())) ** 2).min())
        assert found.volume.array[index] <= min(brute, 2.0) + 0.02
        assert found.volume.array[index] >= min(brute, 2.0) - 0.03


def test_voxels_below_the_threshold_are_not_compared():
    array = np.full(GRID.shape, 100.0)
    array[:8] = 4.0
    found = gamma_index(volume(array), volume(array), dose_percent=3.0, distance_mm=3.0, threshold_percent=5.0)
    assert np.isnan(found.volume.array[:8]).all()
    assert found.compared == array[8:].size
    assert "from 5 %" in found.words


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"dose_percent": 0.0}, UnitsError),
        ({"distance_mm": -1.0}, UnitsError),
        ({"threshold_percent": 100.0}, UnitsError),
        ({"limit": 0.5}, UnitsError),
    ],
)
def test_bad_criteria_are_refused(more, error):
    with pytest.raises(error):
        gamma_index(linear(1.0), linear(1.0), **({"dose_percent": 3.0, "distance_mm": 3.0} | more))


def test_maps_that_cannot_be_compared_are_refused():
    given = {"dose_percent": 3.0, "distance_mm": 3.0}
    with pytest.raises(UnitsError):
        gamma_index(linear(1.0), Volume(linear(1.0).array, GRID.affine, unit="Bq/ml"), **given)
    with pytest.raises(GeometryError, match="frames"):
        gamma_index(
            volume(linear(1.0).array, frame_of_reference="1.2"), volume(linear(1.0).array, frame_of_reference="1.3"), **given
        )
    far = Grid.regular(GRID.shape, spacing_mm=GRID.spacing_mm, origin_lps_mm=(500.0, 0.0, 0.0))
    with pytest.raises(GeometryError, match="no voxel"):
        gamma_index(linear(1.0), volume(linear(1.0).array, far), **given)
    with pytest.raises(GeometryError, match="no voxel"):
        gamma_index(volume(np.zeros(GRID.shape)), linear(1.0), **given)
