"""Smeared rods against the exact field of a solid rod."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from locoregional.errors import SolverError
from locoregional.physics.wire import Wire, coupling, exchange, film_radius_m, spread, spread_of_m

H = 1e-3


@pytest.mark.parametrize("radius", [0.05, 0.4, 1.0, 1.9])
def test_far_field_is_that_of_the_solid_rod(radius):
    c = coupling(radius_m=radius, spread_m=1.0)
    field = solve_ivp(
        lambda r, y: (y[1] / r, c * np.exp(-0.5 * r * r) / (2 * np.pi) * r * y[0]), (1e-9, 12.0), (1.0, 0.0), rtol=1e-10
    )
    u, slope = field.y[0, -1], field.y[1, -1]
    assert u / slope == pytest.approx(np.log(12.0 / radius), rel=1e-5)


def test_thicker_rods_exchange_more_and_all_finite():
    values = [coupling(radius_m=r, spread_m=1.0) for r in (1e-3, 0.01, 0.1, 0.5, 1.0, 2.0)]
    assert np.all(np.diff(values) > 0)
    # a thin wire in series with the tissue around it: c -> 2 pi / ln(s / a) as a -> 0
    assert coupling(radius_m=1e-8, spread_m=1.0) == pytest.approx(2 * np.pi / np.log(1e8), rel=0.05)


directions = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda d: np.linalg.norm(d) > 0.1)


@settings(max_examples=25, deadline=None)
@given(directions, st.floats(3e-3, 9e-3), st.floats(0.1e-3, 1.4e-3), st.tuples(*[st.floats(-0.5, 0.5)] * 3))
def test_length_is_kept_and_the_middle_is_the_middle(direction, length, radius, offset):
    unit = np.array(direction) / np.linalg.norm(direction)
    middle = (20 + np.array(offset)) * H
    wire = Wire(tuple(middle - 0.5 * length * unit), tuple(middle + 0.5 * length * unit), radius)
    cells, density = spread(wire, shape=(41, 41, 41), spacing_m=H)
    weight = density * H**3
    assert weight.sum() == pytest.approx(length, rel=1e-9)
    at = np.stack(np.unravel_index(cells, (41, 41, 41)), axis=1) * H
    assert weight @ at / length == pytest.approx(middle, abs=2e-5)
    # variance along the rod: that of a uniform rod and of the Gaussian
    s = spread_of_m(radius, spacing_m=H)
    along = (at - middle) @ unit
    assert weight @ along**2 / length == pytest.approx(length**2 / 12 + s**2, rel=0.02)


def test_pieces_add_up_to_the_whole():
    a, b, c = (10e-3,) * 3, (15e-3, 12e-3, 14e-3), (20e-3, 14e-3, 18e-3)
    one = exchange([Wire(a, c, 4e-4)], shape=(32, 32, 32), spacing_m=H)
    two = exchange([Wire(a, b, 4e-4), Wire(b, c, 4e-4)], shape=(32, 32, 32), spacing_m=H)
    assert np.abs(one.full((32, 32, 32)) - two.full((32, 32, 32))).max() < 2e-3 * one.weight_1_m2.max()


def test_a_film_is_as_good_as_tissue_of_that_thickness():
    a, k, h = 1e-3, 0.5, 1000.0
    thin = film_radius_m(a, conductivity_w_mk=k, film_w_m2k=h)
    # resistance per length from the coolant to 20 mm, both ways
    assert np.log(20e-3 / thin) / (2 * np.pi * k) == pytest.approx(np.log(20e-3 / a) / (2 * np.pi * k) + 1 / (h * 2 * np.pi * a))


def test_refuses_rods_outside_and_without_length():
    with pytest.raises(SolverError, match="lie in the grid"):
        exchange([Wire((5e-3,) * 3, (5e-3, 5e-3, 60e-3), 5e-4)], shape=(20, 20, 20), spacing_m=H)
    clipped = exchange([Wire((5e-3,) * 3, (5e-3, 5e-3, 60e-3), 5e-4)], shape=(20, 20, 20), spacing_m=H, whole=False)
    assert clipped.cells.size
    with pytest.raises(SolverError, match="no rod"):
        Wire((0.0,) * 3, (0.0,) * 3, 1e-3)
    with pytest.raises(SolverError, match="no rod"):
        Wire((0.0,) * 3, (1.0,) * 3, 0.0)
    with pytest.raises(SolverError, match="without rods"):
        exchange([], shape=(20, 20, 20), spacing_m=H)
    with pytest.raises(SolverError, match="cannot be smeared"):
        coupling(radius_m=4.0, spread_m=1.0)
