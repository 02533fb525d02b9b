"""The exact solutions that the heat solver is held against, themselves held against other ways to find them."""

import numpy as np
import pytest
from scipy.integrate import quad

from locoregional.validation.cooled import BODY_C, RADIUS_M, C, K, W, cooled_exact_c, cooled_on_shells, heat_for_width
from locoregional.validation.heat_problems import p128
from locoregional.validation.laser import PULSE, pulse_exact_k, pulse_on_voxels
from locoregional.validation.manufactured import Cube, error_in_space_k, error_in_time_k


def test_beam_heats_as_a_double_sum_of_point_releases():
    p, r, z, at_s = PULSE, 2e-3, 1e-3, 5.0
    x, share = np.polynomial.legendre.leggauss(200)
    depth, weight = 0.5 * (x + 1.0) * 0.03, 0.5 * 0.03 * share  # the source below 30 mm is too far to be felt here

    def released(age):
        wide = 4.0 * p.diffusivity_m2_s * age
        along = np.sum(weight * np.exp(-p.absorption_1_m * depth - (z - depth) ** 2 / wide)) / np.sqrt(np.pi * wide)
        spread = p.radius_m**2 + 2.0 * wide
        across = p.radius_m**2 / spread * np.exp(-2.0 * r**2 / spread)
        return np.exp(-p.perfusion_1_s * age) * along * across

    peak = 2.0 * p.absorption_1_m * p.power_w / (np.pi * p.radius_m**2) / p.heat_capacity_j_m3k
    expected = peak * quad(released, at_s - p.on_s, at_s)[0]
    assert pulse_exact_k(r_m=r, z_m=z, time_s=at_s) == pytest.approx(expected, rel=1e-6)


def test_beam_before_and_behind_the_surface_keeps_all_heat():
    z = np.linspace(-0.01, 0.25, 2601)
    rises = [[pulse_exact_k(r_m=r, z_m=deep, time_s=0.3) for deep in z[::10]] for r in (0.0, 2e-3)]
    per_axis = np.trapezoid(rises[0], z[::10])  # the beam has hardly spread yet: heat per area on the axis
    assert per_axis == pytest.approx(
        2.0 * PULSE.power_w * PULSE.on_s / (np.pi * PULSE.radius_m**2) / PULSE.heat_capacity_j_m3k, rel=0.01
    )


def test_solver_follows_the_beam_within_three_per_cent_on_coarse_voxels():
    r, z, rises = pulse_on_voxels(0.5, times_s=(5.0,))
    i, j = int(np.argmin(np.abs(z - 3e-3))), 2
    assert rises[5.0][i, 0, j] == pytest.approx(pulse_exact_k(r_m=float(r[0, j]), z_m=float(z[i]), time_s=5.0), rel=0.03)


def test_closed_form_of_the_cooled_electrode_solves_its_equation():
    heat, h = 30.0, 1e-5
    for r in (2e-3, 5e-3, 12e-3):
        low, here, high = cooled_exact_c(np.array([r - h, r, r + h]), heat_w_m=heat, coolant_c=10.0)
        left = K * ((high - 2 * here + low) / h**2 + (high - low) / (2 * h * r)) - W * (here - BODY_C) + heat / r**2
        assert abs(left) < 1e-3 * heat / r**2
    assert cooled_exact_c(np.array([RADIUS_M]), heat_w_m=heat, coolant_c=10.0)[0] == pytest.approx(10.0, abs=1e-6)


def test_cooled_electrode_is_hottest_millimetres_off_its_surface():
    heat = heat_for_width(0.02, edge_c=50.0, coolant_c=15.0)
    r, found = cooled_on_shells(0.4, heat_w_m=heat, coolant_c=15.0)
    exact = cooled_exact_c(r[:40], heat_w_m=heat, coolant_c=15.0)
    assert found[:40] == pytest.approx(exact, abs=0.05)
    assert 2.5e-3 < r[np.argmax(found)] - RADIUS_M < 4.5e-3
    assert np.interp(0.01, r, found) == pytest.approx(50.0, abs=0.05)
    assert C > 0


def test_solver_is_of_second_order_in_space_and_first_in_time():
    space = [error_in_space_k(n) for n in (9, 17)]
    time = [error_in_time_k(s) for s in (2.0, 1.0)]
    assert np.log2(space[0] / space[1]) == pytest.approx(2.0, abs=0.1)
    assert np.log2(time[0] / time[1]) == pytest.approx(1.0, abs=0.1)
    assert space[1] < 0.05


def test_both_manufactured_sources_agree_on_fine_voxels():
    cube = Cube(65)
    inside = (slice(1, -1),) * 3
    by_formula, by_voxels = cube.source()[inside], cube.outflow(cube.rise())[inside]
    assert by_voxels == pytest.approx(by_formula, abs=2e-3 * np.abs(by_formula).max())


def test_common_problem_is_the_same_on_coarser_voxels():
    for count in (128, 64):
        medium, source = p128(count)
        cell = (0.128 / count) ** 3
        assert source.sum() * cell == pytest.approx(30.0)
        assert np.mean(np.asarray(medium.conductivity_w_mk) == 0.21) == pytest.approx(20 / 128, abs=0.001)
