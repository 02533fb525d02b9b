"""The freezing solver against exact solutions, conservation, the heat solver and its own two ways of marching."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import SolverError
from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.freezing import FreezingTissue, Phase, Probe, simulate_freezing
from locoregional.physics.medium import Medium
from locoregional.physics.wire import Wire, exchange
from locoregional.validation.freezing_problems import freeze_line, freeze_wall, line_exact_mm, wall_exact_mm

MM = 1e-3
FREEZE_40 = (Phase("freeze", 40.0),)


def tissue(shape=(20, 18, 16), *, latent=2.5e8, **more):
    medium = Medium(**{"conductivity_w_mk": np.full(shape, 0.5), "volumetric_heat_capacity_j_m3k": 3.6e6} | more)
    return FreezingTissue(medium, 2.0, 1.9e6, latent, -8.0, -1.0)


def probe(shape=(20, 18, 16), *, row=8.2, column=7.4, cooling_w=15.0, **more):
    wire = Wire((5 * MM, row * MM, column * MM), (14 * MM, row * MM, column * MM), 0.75 * MM)
    return Probe(exchange([wire], shape=shape, spacing_m=MM), **{"cold_c": -130.0, "cooling_w": cooling_w, "ramp_s": 10.0} | more)


def freeze(what, *probes, phases=FREEZE_40, **more):
    return simulate_freezing(what, probes=probes, phases=phases, spacing_m=MM, **more)


def test_closed_forms_give_the_published_fronts():
    assert wall_exact_mm(60.0) == pytest.approx(8.25326, rel=1e-5)
    assert wall_exact_mm(600.0) == pytest.approx(26.0991, rel=1e-5)
    assert line_exact_mm(1.0) == pytest.approx(1.86061, rel=1e-5)
    assert line_exact_mm(10.0) == pytest.approx(5.88377, rel=1e-5)


def test_front_before_a_cold_wall():
    found = freeze_wall(spacing_mm=0.25, time_s=60.0)
    assert found.by_heat_mm == pytest.approx(8.25326, rel=0.01)
    assert found.by_temperature_mm == pytest.approx(8.25326, rel=0.01)


def test_front_before_a_wall_comes_closer_with_the_voxels():
    errors = [abs(freeze_wall(spacing_mm=h, time_s=600.0).by_heat_mm - 26.0991) for h in (2.0, 1.0, 0.5)]
    assert errors[0] > 1.5 * errors[1] > 1.5 * 1.5 * errors[2]
    assert errors[1] < 0.0035 * 26.0991


def test_front_around_a_line_that_takes_a_fixed_heat_flow():
    found = freeze_line(spacing_mm=0.1, time_s=1.0)
    assert found.by_heat_mm == pytest.approx(1.86061, rel=0.01)
    assert found.by_temperature_mm == pytest.approx(1.86061, rel=0.01)


def test_cold_without_ice_is_what_the_heat_solver_says():
    shape = (22, 20, 18)
    held = np.zeros(shape, dtype=bool)
    held[:, 5:7, 4:6] = True
    k = np.full(shape, 0.5)
    k[:, :, 10:] = 0.2
    parts = {"held": held, "held_temperature_c": 37.0, "perfusion_heat_w_m3k": 4e4}
    cold = probe(shape, cold_c=5.0, cooling_w=1e3, ramp_s=0.0)
    sink = (cold.exchange.full(shape).astype(float) * k).astype(np.float32)
    ours = freeze(tissue(shape, conductivity_w_mk=k, **parts), cold, phases=(Phase("freeze", 120.0),), initial_temperature_c=30.0)
    theirs = simulate_heating(
        Medium(k, 3.6e6, sink_w_m3k=sink, sink_temperature_c=5.0, **parts),
        source=np.zeros(shape), duration_s=120.0, spacing_m=(MM, MM, MM), initial_temperature_c=30.0,
    )  # fmt: skip
    assert ours.lowest_c.min() > 4.9
    assert np.abs(ours.temperature_c - theirs.temperature_c).max() < 0.1
    assert ours.energy.injected_j == pytest.approx(-theirs.energy.sink_j, rel=0.01)
    assert ours.energy.latent_j == 0.0


def test_probe_stays_within_its_heat_flow_and_gets_there_by_the_ramp():
    run = freeze(tissue(), probe(cooling_w=6.0), phases=(Phase("freeze", 60.0), Phase("rest", 20.0)))
    time_s, flow, cold = (np.array(run.trace[name]) for name in ("time_s", "cooling_w_1", "probe_c_1"))
    freezing = time_s <= 60.0 + 1e-6
    assert flow[freezing].max() <= 6.0 * 1.01
    assert flow[freezing].max() > 6.0 * 0.95
    assert np.abs(flow[~freezing]).max() < 1e-6
    assert cold.min() > -130.0  # the flow binds, so it never gets as cold as its refrigerant
    free = freeze(tissue(), probe(cooling_w=1e3), phases=(Phase("freeze", 60.0),))
    cold = np.array(free.trace["probe_c_1"])
    assert cold[-1] == pytest.approx(-130.0, abs=0.1)
    assert cold[2] > -60.0


def test_active_thaw_melts_sooner_and_no_tissue_is_warmer_than_the_probe_or_blood():
    program = (Phase("freeze", 60.0), Phase("warm", 60.0))
    active = freeze(tissue(), probe(warm_c=15.0, warming_w=30.0), phases=program)
    passive = freeze(tissue(), probe(), phases=(Phase("freeze", 60.0), Phase("rest", 60.0)))
    assert active.energy.latent_j > passive.energy.latent_j  # less negative: more has melted
    assert active.temperature_c.max() <= 37.0 + 1e-3
    assert -np.array(active.trace["cooling_w_1"])[-20:].max() >= 0.0


def test_blood_stops_where_ice_has_been_and_only_there():
    run = freeze(tissue(perfusion_heat_w_m3k=5e4), probe(), phases=(Phase("freeze", 60.0), Phase("warm", 200.0)))
    was_ice = run.lowest_c < -1.5
    assert was_ice.any()
    assert not run.perfusion_factor[was_ice].any()
    assert run.perfusion_factor[run.lowest_c > -0.5].all()
    assert run.frozen_s[was_ice].min() > 0
    assert run.frozen_s[run.lowest_c > -0.5].max() == 0


def test_cycles_keep_their_own_lows():
    program = (Phase("freeze", 30.0), Phase("rest", 30.0), Phase("freeze", 30.0))
    run = freeze(tissue(), probe(), phases=program, snapshots_s=(30.0, 60.0, 90.0))
    first, second = run.cycle_lowest_c
    assert np.minimum(first, second) == pytest.approx(run.lowest_c, abs=1e-4)
    assert first.min() == pytest.approx(run.snapshots[30.0].min(), abs=0.5)
    assert (second < 0).sum() > (first < 0).sum()  # ice grows on
    assert run.snapshots[60.0].min() > run.snapshots[30.0].min() + 20.0


def test_vessel_in_the_ice_keeps_its_blood_warm():
    held = np.zeros((20, 18, 16), dtype=bool)
    held[:, 11:13, 6:9] = True
    run = freeze(tissue(held=held, held_temperature_c=37.0), probe(), phases=(Phase("freeze", 120.0),))
    assert run.temperature_c[held].min() == 37.0
    assert run.temperature_c[10, 5, 7] < run.temperature_c[10, 11, 5]  # the far side of the probe is colder than the vessel's
    assert run.energy.boundary_j < -100.0
    assert run.energy.residual_share < 1e-4


def test_serial_and_parallel_agree():
    one, two = (freeze(tissue(perfusion_heat_w_m3k=5e4), probe(), parallel=p) for p in (False, True))
    assert np.abs(one.temperature_c - two.temperature_c).max() < 1e-3


def test_gas_in_the_grid_slows_nothing_down():
    shape = (20, 18, 16)
    k, c = np.full(shape, 0.5), np.full(shape, 3.6e6)
    k[:, 13:, :], c[:, 13:, :] = 0.0274, 1300.0
    latent = np.where(c > 1e4, 2.5e8, 0.0)
    medium = Medium(k, c)
    gas = FreezingTissue(medium, np.where(c > 1e4, 2.0, 0.0274), np.where(c > 1e4, 1.9e6, 1300.0), latent, -8.0, -1.0)
    run = freeze(gas, probe())
    assert run.steps < 100
    assert run.energy.residual_share < 1e-4
    assert run.temperature_c[10, 12, 7] < freeze(tissue(), probe()).temperature_c[10, 12, 7]  # gas keeps the cold in


@given(
    latent=st.floats(1e7, 3e8),
    cold_c=st.floats(-190.0, -30.0),
    cooling_w=st.floats(0.5, 50.0),
    blood=st.sampled_from([0.0, 3e4, 2e5]),
    k=st.floats(0.2, 0.6),
)
@settings(max_examples=12, deadline=None)
def test_no_overshoot_and_no_lost_heat(latent, cold_c, cooling_w, blood, k):
    shape = (20, 18, 16)
    what = tissue(shape, latent=latent, perfusion_heat_w_m3k=blood, conductivity_w_mk=np.full(shape, k))
    run = freeze(
        what, probe(cold_c=cold_c, cooling_w=cooling_w), phases=(Phase("freeze", 25.0), Phase("rest", 10.0)), parallel=False
    )
    assert run.energy.residual_share < 1e-4
    assert run.lowest_c.min() >= cold_c - 0.05
    assert run.temperature_c.max() <= 37.0 + 1e-3
    before, after = run.trace["time_s"][0], run.trace["time_s"][-1]
    assert 0 < before < after == pytest.approx(35.0)


def test_input_that_fits_nothing_is_refused():
    with pytest.raises(SolverError, match=r"0\.05 K apart"):
        FreezingTissue(tissue().medium, 2.0, 1.9e6, 2.5e8, -1.0, -1.0)
    with pytest.raises(SolverError, match="shape"):
        FreezingTissue(tissue().medium, np.ones((3, 3, 3)), 1.9e6, 2.5e8, -8.0, -1.0)
    with pytest.raises(SolverError, match="no probe"):
        probe(cooling_w=0.0)
    with pytest.raises(SolverError, match="no phase"):
        Phase("boil", 10.0)
    with pytest.raises(SolverError, match="without probes"):
        freeze(tissue())
    with pytest.raises(SolverError, match="outside the run"):
        freeze(tissue(), probe(), snapshots_s=(100.0,))
    with pytest.raises(SolverError, match="without phases"):
        freeze(tissue(), probe(), phases=())
