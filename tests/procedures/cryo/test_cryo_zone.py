"""Ice around probes: what CT shows against what dies, several probes, programs, draws, and inputs that fit nothing."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.ablation.band import run_member
from locoregional.ablation.device import Device, Setting
from locoregional.ablation.needle import Needle
from locoregional.ablation.predict import block_job
from locoregional.errors import PlanningError, SolverError
from locoregional.procedures.cryo.devices import device
from locoregional.procedures.cryo.energy import ENERGY
from locoregional.procedures.cryo.zone import isotherm_size
from locoregional.validation.cryo_cases import Section, section

SIDE = 60.0


def job(setting=None, *, name="icesphere", needles=(), tissue="liver", perfused=True, spacing=2.0, **more):
    made = block_job(
        device(name), setting or Setting(0.0, 600.0), tissue=tissue, perfused=perfused, start_c=37.0, spacing_mm=spacing,
        side_mm=SIDE, law=ENERGY.law,
    )  # fmt: skip
    return replace(made, needles=needles or made.needles, **more)


def beside(*across):
    return tuple(Needle((0.5 * SIDE + y, 0.5 * SIDE + x, 0.5 * SIDE + 12.0), (0.0, 0.0, 1.0)) for y, x in across)


@pytest.fixture(scope="module")
def single():
    return ENERGY.simulate(job(needles=beside((0.0, 0.0))))


def test_what_dies_lies_well_inside_what_ct_shows(single):
    ice, cold, colder = (single.contours[name] for name in ("ice", "minus20", "minus40"))
    assert colder.sum() < cold.sum() < 0.8 * ice.sum()
    assert not (cold & ~ice).any()
    assert np.array_equal(single.dead, cold)
    assert single.dead.sum() * 8e-3 == pytest.approx(single.size.volume_ml, rel=0.1)
    shown = isotherm_size(job(needles=beside((0.0, 0.0))), single.extreme_c, at_c=0.0)
    assert 3.0 < 0.5 * (shown.short_mm - single.size.short_mm) < 10.0
    assert shown.long_mm > single.size.long_mm > 20.0
    assert single.energy.residual_share < 1e-3
    assert single.energy.injected_j < 0
    assert any("CT shows ice" in w for w in single.words)


def test_log_of_a_freeze(single):
    time_s = np.array(single.trace["time_s"])
    assert time_s[-1] == pytest.approx(600.0)
    flow_w = np.array(single.trace["cooling_w_1"])
    assert flow_w.max() <= 25.0 * 1.02
    assert flow_w[-1] < flow_w.max()
    assert single.trace["probe_c_1"][-1] == pytest.approx(143.0 - 273.15, abs=0.5)
    taken_j = float((flow_w * np.diff(time_s, prepend=0.0)).sum())
    assert taken_j == pytest.approx(-single.energy.injected_j, rel=1e-3)


def test_finer_voxels_give_the_same_ice(single):
    fine = ENERGY.simulate(job(needles=beside((0.0, 0.0)), spacing=1.0))
    assert fine.size.short_mm == pytest.approx(single.size.short_mm, abs=1.5)
    assert fine.size.long_mm == pytest.approx(single.size.long_mm, abs=1.5)


def test_a_slanted_probe_makes_the_same_ice(single):
    way = np.array([0.5, 0.3, 0.81])
    way /= np.linalg.norm(way)
    tip = 0.5 * SIDE + 12.0 * way
    slanted = ENERGY.simulate(job(needles=(Needle(tuple(tip), tuple(way)),)))
    assert slanted.size.short_mm == pytest.approx(single.size.short_mm, abs=1.0)
    assert slanted.size.long_mm == pytest.approx(single.size.long_mm, abs=1.5)
    assert slanted.size.volume_ml == pytest.approx(single.size.volume_ml, rel=0.05)


def test_two_probes_kill_more_than_twice_one(single):
    both = ENERGY.simulate(job(needles=beside((0.0, -7.0), (0.0, 7.0))))
    assert both.size.volume_ml > 2.0 * single.size.volume_ml
    assert both.dead[15, 15, 15]  # between them
    assert set(both.trace) == {"time_s", "probe_c_1", "cooling_w_1", "probe_c_2", "cooling_w_2"}
    assert both.trace["cooling_w_1"] == pytest.approx(both.trace["cooling_w_2"], rel=1e-3)


def test_blood_holds_the_ice_back_and_gel_does_not(single):
    cut = ENERGY.simulate(job(needles=beside((0.0, 0.0)), perfused=False))
    assert cut.size.short_mm > single.size.short_mm + 1.0


def test_second_freeze_hardly_enlarges_the_isotherms_but_kills_more():
    once = ENERGY.simulate(job(Setting(0.0, 600.0, "10"), needles=beside((0.0, 0.0)), law="freeze_cycles"))
    twice = ENERGY.simulate(job(Setting(0.0, 1500.0, "10-5-10"), needles=beside((0.0, 0.0)), law="freeze_cycles"))
    assert twice.contours["minus40"].sum() < 1.2 * once.contours["minus40"].sum()
    assert twice.size.short_mm > once.size.short_mm + 0.5
    assert np.all(twice.dose["decades_killed"] >= once.dose["decades_killed"] - 1e-3)


def test_active_thaw_changes_the_end_not_the_zone():
    cold = job(Setting(0.0, 600.0, "10"), needles=beside((0.0, 0.0)), snapshots_s=(300.0,))
    thawed = ENERGY.simulate(replace(cold, setting=Setting(0.0, 720.0, "10+2")))
    frozen = ENERGY.simulate(cold)
    assert thawed.size.volume_ml == pytest.approx(frozen.size.volume_ml, rel=0.03)
    assert thawed.temperature_c.min() > frozen.temperature_c.min() + 50.0
    assert list(thawed.snapshots) == [300.0]
    assert np.array_equal(thawed.contours["ice"], frozen.contours["ice"])


def test_member_of_a_band_uses_its_draws(single):
    plain = job(needles=beside((0.0, 0.0)))
    stronger = run_member(ENERGY, plain, {"cold_c": -150.0, "cooling": 2.0, "frozen_conductivity": 1.2, "damage_law": 1.0})
    weaker = run_member(ENERGY, plain, {"cold_c": -110.0, "cooling": 0.5, "frozen_conductivity": 0.8, "damage_law": 1.0})
    strict = run_member(ENERGY, plain, {"damage_law": 3.5})
    assert weaker.size.short_mm < single.size.short_mm - 1.0 < single.size.short_mm + 1.0 < stronger.size.short_mm
    assert np.array_equal(strict.dead, single.contours["minus40"])


def test_inputs_that_fit_nothing_are_refused():
    with pytest.raises(PlanningError, match="no program"):
        ENERGY.simulate(job(Setting(0.0, 600.0, "pulsed")))
    with pytest.raises(PlanningError, match="lasts 25 min, not 10"):
        ENERGY.simulate(job(Setting(0.0, 600.0, "10-5-10")))
    with pytest.raises(PlanningError, match="leaves the simulated block"):
        ENERGY.simulate(job(needles=(Needle((30.0, 30.0, 75.0), (0.0, 0.0, 1.0)),)))
    with pytest.raises(SolverError, match="too coarse"):
        ENERGY.simulate(job(spacing=4.0))
    with pytest.raises(PlanningError, match="at once"):
        ENERGY.simulate(job(name="visica2", needles=beside((0.0, -7.0), (0.0, 7.0))))
    with pytest.raises(PlanningError, match="no law of death"):
        ENERGY.simulate(job(law="cem43"))
    other = Device(name="lamp", words="", diameter_mm=1.0, lengths_mm=(100.0,), settings=(), longest_s=600.0)
    with pytest.raises(PlanningError, match="no cryoprobe"):
        ENERGY.simulate(job(device=other))


def test_ice_that_reaches_the_border_is_no_answer():
    near = (Needle((8.0, 30.0, 42.0), (0.0, 0.0, 1.0)),)
    with pytest.raises(SolverError, match="reaches the border"):
        ENERGY.simulate(job(needles=near))


def test_section_of_a_known_field():
    n = 41
    z = np.arange(n) - 20.0
    away = np.sqrt(z[:, None, None] ** 2 + z[None, :, None] ** 2 + 0.0 * z[None, None, :])
    found = section(type("Z", (), {"extreme_c": (away - 12.0).astype(np.float32)})(), at_c=0.0, outermost_mm=2.0)
    assert isinstance(found, Section)
    assert found.diameter_mm == pytest.approx(24.0, abs=0.1)
    assert found.reach_mm == pytest.approx(10.0, abs=0.1)
