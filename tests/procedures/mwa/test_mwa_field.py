"""The field solver against exact coaxial waves and its own conservation law."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import SolverError
from locoregional.procedures.mwa.field import EPS0_F_M, MU0_H_M, solve_field
from locoregional.procedures.mwa.mesh import Mesh, graded_lines

INNER_M, OUTER_M, LENGTH_M = 0.135e-3, 0.470e-3, 0.06


def coax(*, cells=240, permittivity=2.03, conductivity=0.0, lower=None, share=0.5, short=False, frequency=2.45e9):
    """A cable fed at the top; ``lower`` (permittivity, conductivity) fills its lower part; ``short`` closes the bottom."""
    mesh = Mesh(np.linspace(0.0, LENGTH_M, cells + 1), np.linspace(INNER_M, OUTER_M, 5))
    eps, sigma = np.full(mesh.shape, permittivity), np.full(mesh.shape, conductivity)
    # the outer conductor is one more ring of metal, so that no power leaves sideways
    mesh = Mesh(mesh.z_m, np.append(mesh.r_m, OUTER_M + 1e-4))
    eps, sigma = np.pad(eps, ((0, 0), (0, 1)), constant_values=1.0), np.pad(sigma, ((0, 0), (0, 1)))
    metal = np.zeros(mesh.shape, bool)
    metal[:, -1] = True
    if lower is not None:
        cut = int(cells * share)
        eps[:cut, :-1], sigma[:cut, :-1] = lower
    if short:
        metal[0] = True
    return mesh, solve_field(
        mesh, permittivity=eps, conductivity_s_m=sigma, metal=metal, frequency_hz=frequency, port=slice(0, 4)
    )


def wave_number(permittivity, conductivity, frequency=2.45e9):
    omega = 2 * np.pi * frequency
    return omega * np.sqrt(MU0_H_M * (EPS0_F_M * permittivity - 1j * conductivity / omega))


def test_the_tem_wave_of_a_coaxial_cable_is_exact():
    mesh, field = coax()
    impedance = np.sqrt(MU0_H_M / (2.03 * EPS0_F_M))
    amplitude = np.sqrt(impedance / (np.pi * np.log(OUTER_M / INNER_M))) / impedance  # H_phi0 r = C / Z for 1 W
    assert np.abs(field.u_a[:, :-1]) == pytest.approx(np.full((240, 4), amplitude), rel=1e-4)
    assert field.reflected < 1e-7
    phase = np.unwrap(np.angle(field.u_a[:, 2]))
    slope = np.polyfit(mesh.z_centres_m, phase, 1)[0]
    assert slope == pytest.approx(wave_number(2.03, 0.0).real, rel=1e-4)
    assert field.radiated == pytest.approx(1.0, rel=1e-6)  # all of it leaves through the open end


def test_a_shorted_cable_sends_everything_back_in_phase_with_its_length():
    _, field = coax(short=True)
    assert field.reflected == pytest.approx(1.0, rel=1e-9)
    travelled = LENGTH_M - LENGTH_M / 240  # the short fills the last cell
    expected = -np.exp(-2j * wave_number(2.03, 0.0).real * travelled)
    assert field.reflection == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(
    ("frequency", "liver", "field_depth_mm", "wavelength_mm"),
    [(2.45e9, (43.03, 1.69), 20.8, 18.5), (915e6, (46.8, 0.86), 42.9, 47.2)],
)
def test_waves_die_out_in_liver_as_plane_waves_do(frequency, liver, field_depth_mm, wavelength_mm):
    mesh, field = coax(lower=liver, share=1.0, permittivity=liver[0], conductivity=0.0, frequency=frequency, cells=600)
    k = wave_number(*liver, frequency)
    u = field.u_a[:, 1]
    decay = np.polyfit(mesh.z_centres_m[300:], np.log(np.abs(u[300:])), 1)[0]
    turn = np.polyfit(mesh.z_centres_m[300:], np.unwrap(np.angle(u[300:])), 1)[0]
    assert 1e3 / decay == pytest.approx(-1e3 / k.imag, rel=2e-3)
    assert 1e3 / decay == pytest.approx(field_depth_mm, abs=0.1)
    assert 1e3 * 2 * np.pi / turn == pytest.approx(wavelength_mm, abs=0.1)


def test_an_interface_reflects_by_the_ratio_of_wave_impedances():
    eta = [2 * np.pi * 2.45e9 * MU0_H_M / wave_number(*m) for m in ((2.03, 0.0), (43.03, 1.69))]
    expected = abs((eta[1] - eta[0]) / (eta[1] + eta[0])) ** 2
    errors = [abs(coax(lower=(43.03, 1.69), cells=n)[1].reflected - expected) for n in (120, 240, 480)]
    assert errors[2] < 2e-4
    assert errors[0] / errors[1] > 3.0  # second order
    assert errors[1] / errors[2] > 3.0


@settings(max_examples=15, deadline=None)
@given(st.floats(1.0, 80.0), st.floats(0.0, 4.0), st.floats(0.4e9, 3e9), st.integers(0, 9))
def test_power_is_reflected_absorbed_or_radiated(permittivity, conductivity, frequency, seed):
    rng = np.random.default_rng(seed)
    mesh = Mesh(
        np.cumsum(np.append(0.0, rng.uniform(2e-4, 2e-3, 40))),
        np.append([0.0, INNER_M, 3e-4, OUTER_M], 1e-3 + np.linspace(0, 0.03, 25)),
    )
    eps = permittivity * rng.uniform(0.5, 1.5, mesh.shape).clip(1 / permittivity)
    sigma = conductivity * rng.uniform(0.0, 2.0, mesh.shape)
    metal = np.zeros(mesh.shape, bool)
    metal[20:, 0] = metal[20:, 3] = True
    eps[20:, 1:3], sigma[20:, 1:3] = 2.03, 0.0
    field = solve_field(mesh, permittivity=eps, conductivity_s_m=sigma, metal=metal, frequency_hz=frequency, port=slice(1, 3))
    assert field.balance == pytest.approx(0.0, abs=1e-10)
    assert 0.0 <= field.reflected <= 1.0 + 1e-9
    assert (field.sar_w_m3 >= 0).all()
    assert not field.sar_w_m3[metal].any()


def test_a_broken_material_map_is_an_error_not_a_picture():
    mesh = Mesh(np.linspace(0, 0.05, 51), np.linspace(INNER_M, OUTER_M, 5))
    eps = np.full(mesh.shape, np.nan)
    with pytest.raises(SolverError, match="permittivity"):
        solve_field(
            mesh,
            permittivity=eps,
            conductivity_s_m=np.zeros(mesh.shape),
            metal=np.zeros(mesh.shape, bool),
            frequency_hz=1e9,
            port=slice(0, 4),
        )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-40, 60), min_size=2, max_size=8, unique_by=lambda v: round(v, 3)), st.floats(0.05, 2.0))
def test_mesh_lines_pass_through_every_break_and_never_exceed_the_largest_cell(breaks, largest):
    lines = graded_lines(breaks, [(breaks[0], largest / 10)], largest=largest)
    assert (np.diff(lines) > 0).all()
    assert np.diff(lines).max() <= largest * 1.05
    assert all(np.isclose(lines, b, atol=1e-9).any() for b in breaks)
