"""The pattern on voxels: power exact in any direction and spacing, shape where it should be, and the way back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.ablation.needle import Needle
from locoregional.errors import GeometryError
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.source import NeedleGrid


@pytest.fixture(scope="module")
def model():
    return AntennaModel(device("coaxial-slot").antenna, coarseness=2.0)


@pytest.fixture(scope="module")
def sar(model):
    return model.tissue_sar(model.solve(permittivity=43.03, conductivity_s_m=1.69))


@settings(max_examples=20, deadline=None)
@given(
    direction=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda d: np.linalg.norm(d) > 0.2),
    offset=st.tuples(*[st.floats(-0.5, 0.5)] * 3),
    spacing=st.sampled_from([1.5, 2.0, 2.5]),
)
def test_power_is_exact_in_any_direction(model, sar, direction, offset, spacing):
    n = int(240 / spacing)
    middle = 0.5 * (n - 1) * spacing
    unit = np.asarray(direction) / np.linalg.norm(direction)
    tip = middle + np.asarray(offset) * spacing + 20 * unit  # the whole mesh lies inside
    grid = NeedleGrid(model, Needle(tuple(tip), tuple(unit)), shape=(n, n, n), spacing_mm=spacing)
    source, correction = grid.deposit(sar)
    power = source.sum(dtype=float) * spacing**3 * 1e-9
    assert power == pytest.approx((sar * model.mesh.volumes_m3).sum(), rel=1e-5)
    assert correction == pytest.approx(1.0, abs=0.05)
    assert (source >= 0).all()


def test_power_beyond_the_grid_is_not_squeezed_into_it(model, sar):
    whole = (sar * model.mesh.volumes_m3).sum()
    grid = NeedleGrid(model, Needle((49.0, 49.0, 0.0), (0, 0, -1)), shape=(50, 50, 50), spacing_mm=2.0)
    half = grid.deposit(sar)[0].sum(dtype=float) * 8e-9
    ahead = (sar * model.mesh.volumes_m3)[model.mesh.z_centres_m < -1e-3].sum()
    assert half < whole - 0.5 * ahead
    assert half == pytest.approx(whole - ahead, rel=0.01)


def test_the_hottest_voxel_lies_beside_the_slot(model, sar):
    tip = (30.0, 30.0, 40.0)
    grid = NeedleGrid(model, Needle(tip, (0, 0, 1)), shape=(61, 61, 61), spacing_mm=1.0)
    source, _ = grid.deposit(sar)
    at = np.unravel_index(np.argmax(source), source.shape)
    assert at[2] == pytest.approx(40.0 - 6.5, abs=1.5)  # towards the skin from the tip
    assert np.hypot(at[0] - 30, at[1] - 30) <= 2.0


def test_the_pattern_is_round_and_turns_with_the_needle(model, sar):
    shape, middle = (61, 61, 61), (30.0, 30.0, 30.0)
    along = [NeedleGrid(model, Needle(middle, d), shape=shape, spacing_mm=1.0).deposit(sar)[0] for d in ((0, 0, 1), (1, 0, 0))]
    np.testing.assert_allclose(along[0], along[0].transpose(1, 0, 2), rtol=0.01, atol=1.0)
    np.testing.assert_allclose(along[0].transpose(2, 0, 1), along[1], rtol=0.01, atol=1.0)


def test_a_field_that_depends_on_distance_comes_back_to_its_ring(model):
    tip = np.array([30.0, 28.0, 33.0])
    unit = np.array([0.6, 0.0, 0.8])
    grid = NeedleGrid(model, Needle(tuple(tip), tuple(unit)), shape=(61, 61, 61), spacing_mm=1.0)
    along, across = grid.distance_along_mm()
    back = grid.around(37.0 + 0.5 * along + 0.2 * across, outside=37.0)
    z, r = 1e3 * model.mesh.z_centres_m[:, None], 1e3 * model.mesh.r_centres_m[None, :]
    near = (np.abs(z) < 15) & (r < 12) & (r > 2)
    np.testing.assert_allclose(back[near], (37.0 + 0.5 * z + 0.2 * r)[near], atol=0.03)
    np.testing.assert_allclose(grid.around(np.full((61, 61, 61), 50.0), outside=50.0), 50.0)


def test_a_needle_outside_the_grid_is_an_error(model, sar):
    grid = NeedleGrid(model, Needle((500.0, 0.0, 0.0), (0, 0, 1)), shape=(20, 20, 20), spacing_mm=1.0)
    with pytest.raises(GeometryError, match="outside the grid"):
        grid.deposit(sar)


def test_a_needle_without_direction_is_an_error():
    with pytest.raises(GeometryError, match="direction"):
        Needle((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
