"""Electric current in tissue against exact solutions, symmetry and its own books."""

import numpy as np
import pytest

from locoregional.errors import SolverError
from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.electric import ElectricField
from locoregional.physics.electric_law import ConductivityLaw
from locoregional.physics.medium import Medium
from locoregional.physics.wire import Wire, exchange
from locoregional.validation.current_problems import ball, coax, coax_exact, needle, pair, pair_exact

H = 1e-3


def rod(count, direction=(0, 0, 1), length=0.012, radius=5e-4, offset=(0, 0, 0)):
    d = np.asarray(direction) / np.linalg.norm(direction)
    middle = (0.5 * (count - 1) + np.asarray(offset)) * H
    return Wire(tuple(middle - 0.5 * length * d), tuple(middle + 0.5 * length * d), radius)


@pytest.mark.parametrize(
    ("direction", "offset"),
    [((0, 0, 1), (0, 0, 0)), ((0, 1, 0), (0.5, 0.5, 0.5)), ((1, 1, 1), (0, 0, 0)), ((3, 1, 2), (0.3, 0.1, 0.2))],
)
def test_coax_at_any_angle_and_offset(direction, offset):
    value = coax(direction=direction, offset=offset, outer_mm=12.0, side_mm=56.0)
    assert value == pytest.approx(coax_exact(radius_mm=0.75, outer_mm=12.0), rel=5e-3)


@pytest.mark.parametrize("radius", [0.2, 1.0])
def test_pair_of_rods_in_a_cylinder(radius):
    sides = {"apart_mm": 12.0, "radius_mm": radius, "outer_mm": 25.0}
    assert pair(**sides) == pytest.approx(pair_exact(**sides), rel=6e-3)


def test_sphere_resolved_by_voxels_comes_closer_with_them():
    exact = 1.0 / (4 * np.pi * 0.2 * 1.5e-3)
    errors = [1.0 / ball(spacing_mm=h, side_mm=16.0)[0].power_w / exact - 1.0 for h in (0.5, 0.25)]
    assert abs(errors[1]) < 0.01
    assert abs(errors[1]) < 0.5 * abs(errors[0])


def test_resistance_of_a_rod_does_not_depend_on_its_direction():
    found = [
        1.0 / needle(direction=d, offset=o, side_mm=48.0, length_mm=20.0).power_w
        for d, o in (
            ((0, 0, 1), (0, 0, 0)),
            ((1, 0, 0), (0.5, 0.5, 0.5)),
            ((1, 1, 1), (0.2, 0.4, 0.1)),
            ((1, -3, 2), (0, 0.5, 0.3)),
        )
    ]
    assert np.ptp(found) < 0.01 * np.mean(found)
    # slender cylinder: capacitance of a rod by Maxwell's series
    slim = np.log(20.0 / 0.75)
    series = 1 + (1 - np.log(2)) / slim + (1 + (1 - np.log(2)) ** 2 - np.pi**2 / 12) / slim**2
    assert np.mean(found) == pytest.approx(slim / series / (2 * np.pi * 0.2 * 0.02), rel=0.02)


def test_second_order_in_space():
    r = [1.0 / needle(direction=(0, 0, 1), radius_mm=6.0, spacing_mm=h, side_mm=72.0).power_w for h in (4.0, 2.0, 1.0)]
    assert np.log2((r[1] - r[0]) / (r[2] - r[1])) == pytest.approx(2.0, abs=0.3)


def test_power_is_heat_with_insulating_vapour_and_air():
    count = 40
    sigma = np.full((count,) * 3, 0.2, np.float32)
    sigma[18:22, 18:22, 10:30] *= 1e-4
    sigma[:6] = 0.0
    current = ElectricField([[rod(count)]], shape=sigma.shape, spacing_m=H).solve(sigma, [40.0])
    inside = float(np.sum(current.heated(cooled=False), dtype=float)) * H**3
    assert inside + current.beyond_w == pytest.approx(40.0 * current.currents_a[0], rel=1e-5)
    assert current.imbalance_share < 1e-5
    assert np.all(current.heat_w_m3[:6] == 0.0)
    assert (
        current.power_w
        < ElectricField([[rod(count)]], shape=sigma.shape, spacing_m=H).solve(np.full_like(sigma, 0.2), [40.0]).power_w
    )


def test_linear_and_mirrored():
    count = 33
    field = ElectricField([[rod(count, offset=(0, 0, 0))]], shape=(count,) * 3, spacing_m=H, parallel=False)
    sigma = np.full((count,) * 3, 0.2, np.float32)
    one, three = field.solve(sigma, [1.0]), field.solve(sigma, [3.0])
    assert three.power_w == pytest.approx(9 * one.power_w, rel=1e-5)
    heat = one.heated(cooled=False)
    for axis in range(3):
        assert np.abs(heat - np.flip(heat, axis)).max() < 1e-4 * heat.max()
    assert np.abs(heat - heat.transpose(1, 0, 2)).max() < 1e-4 * heat.max()


def test_slab_between_two_tissues_shares_the_heat_by_resistance():
    # metal at either end of the columns; in between the field is one-dimensional
    shape = (14, 14, 60)
    sigma = np.full(shape, 0.2, np.float32)
    sigma[:, :, 30:] = 0.05
    sigma[:, :, :8] = sigma[:, :, -8:] = 200.0
    ends = [[Wire((6.5 * H, 5 * H, k * H), (6.5 * H, 8 * H, k * H), 3e-4)] for k in (3.5, 55.5)]
    current = ElectricField(ends, shape=shape, spacing_m=H, border="insulated").solve(sigma, [1.0, 0.0], tolerance=1e-8)
    amps = current.currents_a[0]
    assert current.currents_a[1] == pytest.approx(-amps, rel=1e-4)
    assert amps == pytest.approx((14 * H) ** 2 / (22 * H / 0.2 + 22 * H / 0.05), rel=5e-3)
    density = amps / (14 * H) ** 2
    for k, s in ((20, 0.2), (29, 0.2), (30, 0.05), (40, 0.05)):
        assert current.heat_w_m3[7, 7, k] == pytest.approx(density**2 / s, rel=0.01)


def test_balanced_pair_feeds_nothing_into_the_earth():
    count = 40
    sigma = np.full((count,) * 3, 0.2, np.float32)
    sigma[:, :18] = 0.6
    wires = [[rod(count, offset=(0, -5, 2))], [rod(count, offset=(0, 6, 0), length=0.008)]]
    field = ElectricField(wires, shape=sigma.shape, spacing_m=H)
    plain = field.solve(sigma, [0.5, -0.5])
    assert abs(sum(plain.currents_a)) > 0.02 * abs(plain.currents_a[0])
    current = field.solve(sigma, [0.5, -0.5], balanced=True)
    assert abs(sum(current.currents_a)) < 1e-4 * current.currents_a[0]
    assert current.potentials_v[0] - current.potentials_v[1] == pytest.approx(1.0)
    assert current.power_w == pytest.approx(current.currents_a[0], rel=1e-3)


def test_hottest_tissue_around_a_cooled_rod_is_that_of_the_half_potential():
    # where potential and temperature have the same borders, T = sigma (V0 u - u^2) / 2k with u the drop: sigma V0^2 / 8k at most
    count, volts, k = 28, 20.0, 0.5
    sigma = np.full((count,) * 3, 0.2, np.float32)
    sigma[[0, -1]] = sigma[:, [0, -1]] = 2e4  # the layer of voxels that heat keeps at body temperature
    sigma[:, :, [0, -1]] = 2e4
    wires = [rod(count, radius=7e-4, direction=(1, 2, 3))]
    conductivity = np.full((count,) * 3, k, np.float32)
    current = ElectricField([wires], shape=sigma.shape, spacing_m=H, border="earthed").solve(sigma, [volts])
    heat = current.heated(cooled=True)
    sink = exchange(wires, shape=sigma.shape, spacing_m=H)
    medium = Medium(conductivity_w_mk=conductivity, volumetric_heat_capacity_j_m3k=1e6, sink_w_m3k=k * sink.full(sigma.shape))
    end = simulate_heating(medium, source=heat, duration_s=400.0, spacing_m=(H, H, H), perfusion_stops=False)
    rise = end.temperature_c - 37.0
    assert rise.max() == pytest.approx(0.2 * volts**2 / (8 * k), rel=0.02)
    away = exchange(wires, shape=sigma.shape, spacing_m=H).full(sigma.shape) < 1e3
    away[[0, -1]] = away[:, [0, -1]] = away[:, :, [0, -1]] = False
    drop = volts - current.potential_v
    exact = 0.2 * (volts * drop - drop**2) / (2 * k)
    assert np.abs(rise - exact)[away].max() < 0.06 * exact.max()


def test_conductivity_grows_then_falls():
    law = ConductivityLaw.standard()
    t = np.array([20.0, 37.0, 87.0, 100.0, 102.5, 105.0, 150.0], np.float32).reshape(1, 1, -1)
    cold, out, heat = np.full_like(t, 0.2), np.full_like(t, 0.2), np.ones_like(t)
    moved = law.update(out, cold_s_m=cold, temperature_c=t, heat_w_m3=heat, parallel=False)
    expected = 0.2 * np.array([1 - 0.015 * 17, 1.0, 1.75, 1.945, (1.945 + 0.01) / 2, 0.01, 0.01])
    assert out.ravel() == pytest.approx(expected, rel=1e-5)
    change = np.abs(expected - 0.2) / np.maximum(expected, 0.2)
    assert moved == pytest.approx(change.mean(), rel=1e-5)
    again = law.update(out, cold_s_m=cold, temperature_c=t, heat_w_m3=heat, parallel=False)
    assert again == pytest.approx(0.0, abs=1e-6)


def test_refuses_what_it_cannot_solve():
    count = 20
    field = ElectricField([[rod(count, length=6e-3)]], shape=(count,) * 3, spacing_m=H, parallel=False)
    with pytest.raises(SolverError, match="shape"):
        field.solve(np.ones((3, 3, 3), np.float32), [1.0])
    with pytest.raises(SolverError, match="not a conductivity"):
        field.solve(np.full((count,) * 3, np.nan, np.float32), [1.0])
    with pytest.raises(SolverError, match="conducts"):
        field.solve(np.zeros((count,) * 3, np.float32), [1.0])
    with pytest.raises(SolverError, match="potentials"):
        field.solve(np.ones((count,) * 3, np.float32), [1.0, 0.0])
    with pytest.raises(SolverError, match="border"):
        ElectricField([[rod(count)]], shape=(count,) * 3, spacing_m=H, border="wall")
    with pytest.raises(SolverError, match="no electrode"):
        ElectricField([], shape=(count,) * 3, spacing_m=H)
    with pytest.raises(SolverError, match="lie in the grid"):
        ElectricField([[rod(count, length=0.05)]], shape=(count,) * 3, spacing_m=H)
