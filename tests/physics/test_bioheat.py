"""The heat solver against exact solutions, conservation and its own two ways of marching."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import SolverError
from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.damage import damage_model
from locoregional.physics.medium import Medium
from locoregional.physics.tissue import medium_of_tissues, tissue
from locoregional.validation.heat_problems import drying, gauss_exact, octant, point_exact, sphere_exact

MM = (1e-3, 1e-3, 1e-3)


def plain(shape=(16, 16, 16), **more):
    return Medium(**{"conductivity_w_mk": np.full(shape, 0.5), "volumetric_heat_capacity_j_m3k": 4e6} | more)


def blob(shape, *, power_w, sigma=2.0, spacing_m=MM):
    axes = np.meshgrid(*[np.arange(n) - 0.5 * (n - 1) for n in shape], indexing="ij")
    q = np.exp(-0.5 * sum(a**2 for a in axes) / sigma**2)
    return q * power_w / (q.sum() * np.prod(spacing_m))


def test_closed_forms_give_the_published_values():
    r = np.array([0.0, 5e-3, 10e-3, 15e-3, 20e-3])
    assert sphere_exact(r, sphere_m=0.01, power_w=20.0) == pytest.approx([68.529, 61.931, 28.418, 3.5038, 0.486], rel=1e-4)
    assert point_exact(0.01, power_w=10.0, time_s=60.0) == pytest.approx(0.976, rel=1e-4)
    gauss = gauss_exact(np.array([0.0, 0.01, 0.02]), sigma_m=5e-3, power_w=10.0, time_s=300.0)
    assert gauss == pytest.approx([47.8423, 11.3855, 0.351729], rel=1e-4)


def test_gaussian_source_and_second_order_in_space():
    errors = []
    for spacing in (4.0, 2.0):
        radius, rises = octant(
            lambda r: np.exp(-0.5 * (r / 5e-3) ** 2), power_w=10.0, spacing_mm=spacing, side_mm=32.0, times_s=(600.0,)
        )
        exact = gauss_exact(radius, sigma_m=5e-3, power_w=10.0, time_s=600.0)
        errors.append(np.sqrt(np.mean((rises[600.0] - exact) ** 2)))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.2)
    assert errors[1] < 0.05


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slab_of_two_tissues_carries_the_flux_of_their_resistances_in_series(axis):
    shape = [3, 3, 3]
    shape[axis] = 22
    k = np.full(shape, 0.5)
    first = [slice(None)] * 3
    first[axis] = slice(0, 11)
    k[tuple(first)] = 0.1
    held = np.zeros(shape, dtype=bool)
    hot, cold = [slice(None)] * 3, [slice(None)] * 3
    hot[axis], cold[axis] = 0, -1
    held[tuple(hot)] = held[tuple(cold)] = True
    warmth = np.full(shape, 37.0)
    warmth[tuple(hot)] = 57.0
    medium = Medium(conductivity_w_mk=k, volumetric_heat_capacity_j_m3k=1e5, held=held, held_temperature_c=warmth)
    h = simulate_heating(medium, source=np.zeros(shape), duration_s=2000.0, spacing_m=MM, insulated=True, parallel=False)
    line = [1, 1, 1]
    line[axis] = slice(None)
    flux = 20.0 / (10.5e-3 / 0.1 + 10.5e-3 / 0.5)
    expected = 57.0 - flux * np.concatenate([np.arange(11) * 1e-3 / 0.1, (10.5e-3 / 0.1 + (np.arange(11) + 0.5) * 1e-3 / 0.5)])
    assert h.temperature_c[tuple(line)] == pytest.approx(expected, abs=2e-3)


def test_no_loss_means_adiabatic_warming():
    h = simulate_heating(plain(), source=np.full((16, 16, 16), 4e5), duration_s=30.0, spacing_m=MM, insulated=True)
    assert h.temperature_c == pytest.approx(np.full((16, 16, 16), 40.0), abs=1e-3)


def test_drying_holds_the_boiling_interval_and_pays_the_latent_heat():
    medium = plain(latent_heat_j_m3=1.6e9, vapour_heat_capacity_j_m3k=0.6e6, boil_low_c=90.0, boil_high_c=100.0)
    power = 1e7
    to_low, across = 4e6 * 53.0 / power, (1.6e9 + 0.5 * (4e6 + 0.6e6) * 10.0) / power
    times = (to_low, to_low + 0.5 * across, to_low + across, to_low + across + 12.0)
    h = simulate_heating(
        medium, source=np.full((16, 16, 16), power), duration_s=times[-1], snapshots_s=times, spacing_m=MM, insulated=True
    )
    middle = [float(h.snapshots[at][8, 8, 8]) for at in times]
    assert middle == pytest.approx([90.0, 95.0, 100.0, 100.0 + 12.0 * power / 0.6e6], abs=0.05)
    assert h.energy.latent_j == pytest.approx(1.6e9 * 16**3 * 1e-9, rel=1e-4)


@pytest.mark.parametrize("model", ["three_state", "arrhenius_liver", "cem43", "isotherm_60"])
def test_energy_closes_with_drying_damage_and_cooling(model):
    h = drying(model, count=24)
    assert h.energy.residual_share < 1e-4
    assert h.energy.latent_j > 0
    assert h.peak_temperature_c.max() > 100.0
    assert 0 < h.dead.sum() < h.dead.size
    assert np.all(h.perfusion_factor[h.dead] == 0.0)


def test_sinks_and_held_vessels_take_heat_and_are_counted():
    shape = (20, 20, 20)
    held, sink = np.zeros(shape, dtype=bool), np.zeros(shape)
    held[:, 5, 5] = True
    sink[:, 14, 10] = 1e6
    medium = plain(shape, perfusion_heat_w_m3k=5e4, held=held, sink_w_m3k=sink, sink_temperature_c=20.0)
    h = simulate_heating(medium, source=blob(shape, power_w=5.0), duration_s=120.0, spacing_m=MM)
    assert h.energy.residual_share < 1e-4
    assert h.energy.sink_j > 0
    assert h.energy.boundary_j > 0
    assert h.temperature_c[10, 14, 10] < h.temperature_c[14, 10, 10] - 2.0  # as far from the source, without the sink
    assert np.all(h.temperature_c[1:-1, 5, 5] == 37.0)


def test_stiff_metal_takes_its_own_steps_and_gives_the_same_as_small_steps():
    shape = (16, 16, 16)
    k = np.full(shape, 0.5)
    k[7, 7, 3:9] = 15.0
    medium = plain(shape, conductivity_w_mk=k)
    h = simulate_heating(medium, source=blob(shape, power_w=2.0), duration_s=60.0, spacing_m=MM)
    assert h.dt_s > 0.5  # metal alone would force 0.04 s
    assert h.energy.residual_share < 1e-4
    u, c = np.zeros(shape), 4e6
    q = blob(shape, power_w=2.0)
    dt = 0.02
    for _ in range(3000):
        flux = np.zeros(shape)
        for axis in range(3):
            a, b = [slice(None)] * 3, [slice(None)] * 3
            a[axis], b[axis] = slice(None, -1), slice(1, None)
            a, b = tuple(a), tuple(b)
            f = 2e6 * k[a] * k[b] / (k[a] + k[b]) * (u[b] - u[a])
            flux[a] += f
            flux[b] -= f
        u[1:-1, 1:-1, 1:-1] += (dt / c * (flux + q))[1:-1, 1:-1, 1:-1]
    assert h.temperature_c - 37.0 == pytest.approx(u, abs=0.02 * u.max())


def test_linear_and_general_marching_agree():
    shape = (24, 22, 30)
    medium = plain(shape, perfusion_heat_w_m3k=4e4)
    source = blob(shape, power_w=4.0)
    fast = simulate_heating(medium, source=source, duration_s=97.0, spacing_m=(1e-3, 1.5e-3, 0.8e-3))
    slow = simulate_heating(medium, source=lambda t, s: source, duration_s=97.0, spacing_m=(1e-3, 1.5e-3, 0.8e-3))
    assert fast.temperature_c == pytest.approx(slow.temperature_c, abs=1e-3)
    assert fast.peak_temperature_c == pytest.approx(slow.peak_temperature_c, abs=1e-3)


def test_one_thread_and_all_threads_agree():
    medium = medium_of_tissues(np.zeros((24, 24, 24), dtype=int), tissues={0: tissue("liver")})
    source = blob((24, 24, 24), power_w=15.0)
    both = [
        simulate_heating(medium, source=source, duration_s=120.0, spacing_m=MM, damage=damage_model("three_state"), parallel=p)
        for p in (True, False)
    ]
    assert both[0].temperature_c == pytest.approx(both[1].temperature_c, abs=1e-3)
    assert both[0].damage == pytest.approx(both[1].damage, abs=1e-4)


def test_a_source_that_looks_at_the_tissue_is_asked_in_time():
    seen = []

    def source(time_s, state):
        seen.append((time_s, float(state.temperature_c.max())))
        return blob((12, 12, 12), power_w=3.0 if state.temperature_c.max() < 45.0 else 0.0)

    h = simulate_heating(plain((12, 12, 12)), source=source, duration_s=40.0, update_every_s=5.0, spacing_m=MM)
    assert [t for t, _ in seen] == [5.0 * n for n in range(8)]
    assert seen[0][1] == 37.0
    assert h.peak_temperature_c.max() < 70.0


def test_mirrored_input_gives_mirrored_output():
    rng = np.random.default_rng(7)
    k, q = rng.uniform(0.2, 0.6, (14, 15, 16)), rng.uniform(0.0, 2e6, (14, 15, 16))
    a = simulate_heating(plain(conductivity_w_mk=k), source=q, duration_s=20.0, spacing_m=MM)
    b = simulate_heating(plain(conductivity_w_mk=k[::-1, :, ::-1]), source=q[::-1, :, ::-1], duration_s=20.0, spacing_m=MM)
    assert a.temperature_c == pytest.approx(b.temperature_c[::-1, :, ::-1], abs=1e-3)


@settings(max_examples=15, deadline=None)
@given(
    k=st.floats(0.05, 2.0), c=st.floats(5e5, 5e6), w=st.floats(0.0, 1e7), power=st.floats(0.1, 20.0), at=st.integers(0, 10**6)
)  # fmt: skip
def test_no_voxel_cools_below_the_body_or_beats_its_neighbours_without_source(k, c, w, power, at):
    shape = (10, 11, 12)
    rng = np.random.default_rng(at)
    q = np.zeros(shape)
    spot = tuple(rng.integers(2, n - 2) for n in shape)
    q[spot] = power * 1e9 * 1e-2
    medium = Medium(
        conductivity_w_mk=k * rng.uniform(0.3, 3.0, shape),
        volumetric_heat_capacity_j_m3k=c,
        perfusion_heat_w_m3k=w * rng.random(shape),
    )
    t = simulate_heating(medium, source=q, duration_s=30.0, spacing_m=MM, parallel=False).temperature_c
    assert t.min() >= 37.0 - 1e-4
    assert np.unravel_index(t.argmax(), shape) == spot


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"conductivity_w_mk": np.zeros((8, 8, 8))}, "least value"),
        ({"perfusion_heat_w_m3k": np.full((8, 8, 8), np.nan)}, "not finite"),
        ({"perfusion_heat_w_m3k": np.zeros((8, 8, 7))}, "on a grid of"),
        ({"latent_heat_j_m3": 1e9}, "dry heat capacity"),
        ({"boil_low_c": 99.9}, "boiling between"),
    ],
)
def test_impossible_media_are_refused(change, words):
    with pytest.raises(SolverError, match=words):
        plain((8, 8, 8), **change)


def test_impossible_runs_are_refused():
    source = np.zeros((8, 8, 8))
    for change, words in (
        ({"duration_s": 0.0}, "power for"),
        ({"spacing_m": (1e-3, 0.0, 1e-3)}, "voxel size"),
        ({"source": np.zeros((8, 8, 9))}, "the source has shape"),
        ({"source": np.full((8, 8, 8), np.inf)}, "not finite"),
        ({"snapshots_s": (99.0,)}, "outside the run"),
    ):
        with pytest.raises(SolverError, match=words):
            simulate_heating(plain((8, 8, 8)), **({"source": source, "duration_s": 5.0, "spacing_m": MM} | change))
