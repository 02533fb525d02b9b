"""The coupled ablation: what the generator logs, where the heat goes, symmetry, and answers to what should matter."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.ablation.device import Setting
from locoregional.ablation.needle import Needle
from locoregional.ablation.predict import block_job
from locoregional.errors import PlanningError, SolverError
from locoregional.procedures.rfa.circuit import circuit_of
from locoregional.procedures.rfa.cooling import cooled_medium
from locoregional.procedures.rfa.devices import device, devices
from locoregional.procedures.rfa.energy import ENERGY

SIDE = 66.0


def job(name="cooltip-single-30", *, power_w=200.0, time_s=240.0, spacing=3.0, side=SIDE, program="", **options):
    made = block_job(
        device(name), Setting(power_w, time_s, program), spacing_mm=spacing, side_mm=side, law="isotherm_54", **options
    )
    return replace(made, coarseness=1.0)


def ablate(name="cooltip-single-30", *, draw=None, needles=(), **options):
    made = job(name, **options)
    return ENERGY.simulate(replace(made, draw=draw or {}, needles=needles or made.needles))


@pytest.fixture(scope="module")
def nominal():
    return ablate()


def test_the_generator_log_adds_up(nominal):
    log = {name: np.array(values) for name, values in nominal.trace.items()}
    assert set(log) == {"time_s", "power_w", "impedance_ohm", "tip_c", "current_a"}
    lasts = np.diff([*log["time_s"], 240.0])
    assert set(lasts.round(9)) <= {1.0, 4.0, 5.0}  # every second; more rarely while it waits for tissue to recover
    assert np.all(lasts[log["power_w"] > 10.0] == 1.0)
    assert log["power_w"] == pytest.approx(log["current_a"] ** 2 * log["impedance_ohm"])
    assert log["power_w"].max() <= 200.0
    assert log["current_a"].max() <= 2.0 + 1e-6
    # a tenth or so warms tissue beyond the grid, another part goes from the metal straight into the coolant
    given = float((log["power_w"] * lasts).sum())
    assert 0.6 * given < nominal.energy.injected_j < given
    assert nominal.energy.residual_share < 5e-3


def test_impedance_falls_as_tissue_warms_and_rises_when_it_dries(nominal):
    ohm, power = np.array(nominal.trace["impedance_ohm"]), np.array(nominal.trace["power_w"])
    assert ohm[:60].min() < 0.75 * ohm[0]
    assert ohm.max() > ohm[0] + 20.0
    low = np.flatnonzero(power <= 10.0)
    assert low.size
    assert "impedance rose" in nominal.words[0]
    first = low[0]
    at = np.array(nominal.trace["time_s"])
    assert np.all(power[(at >= at[first]) & (at < at[first] + 15.0)] <= 10.0)
    assert 25.0 < at[first] < 150.0
    assert nominal.energy.latent_j > 0


def test_hottest_tissue_lies_a_few_millimetres_off_the_cooled_metal():
    # closed form of a cooled cylindrical electrode: the maximum lies about 3 mm from its surface (Lopez-Molina 2012)
    zone = ablate(power_w=25.0, time_s=150.0, spacing=1.5, side=60.0)
    assert zone.energy.sink_j > 0.02 * zone.energy.injected_j
    middle, plane = 20, round((30.0 + 10.0 - 15.0) / 1.5)
    across = zone.temperature_c[middle, middle:, plane]
    assert across[0] < across.max() - 10.0
    assert 1.5 <= 1.5 * int(np.argmax(across)) <= 4.5


def test_zone_is_round_about_the_needle_and_longer_along_it(nominal):
    size = nominal.size
    assert 20 < size.short_mm < size.long_mm < 60
    assert size.contracted_short_mm < size.short_mm
    level = nominal.level
    assert np.abs(level - level.transpose(1, 0, 2)).max() < 0.05 * np.abs(level).max()
    assert np.abs(level - level[::-1]).max() < 0.05 * np.abs(level).max()
    assert nominal.dose["cem43_min"][nominal.dead].min() > 1.0


def test_the_answer_turns_with_the_needle(nominal):
    unit = np.array([0.6, 0.64, 0.48])
    turned = ablate(needles=(Needle(tuple(0.5 * SIDE + 10.0 * unit), tuple(unit)),))
    assert turned.size.long_mm == pytest.approx(nominal.size.long_mm, abs=2.0)
    assert turned.size.short_mm == pytest.approx(nominal.size.short_mm, abs=1.5)
    assert turned.trace["impedance_ohm"][0] == pytest.approx(nominal.trace["impedance_ohm"][0], rel=0.02)


def test_finer_voxels_give_the_same_zone(nominal):
    fine = ablate(spacing=2.0)
    assert fine.size.long_mm == pytest.approx(nominal.size.long_mm, abs=3.0)
    assert fine.size.short_mm == pytest.approx(nominal.size.short_mm, abs=2.5)


def test_one_thread_or_all_give_the_same_zone():
    one, many = (ablate(time_s=60.0, parallel=parallel) for parallel in (False, True))
    assert many.size.volume_ml == pytest.approx(one.size.volume_ml, rel=5e-3)


def test_what_should_matter_does(nominal):
    assert ablate(perfusion_share=3.0).size.short_mm < nominal.size.short_mm - 1.0
    better = ablate(draw={"electric_conductivity": 1.4})
    assert better.trace["impedance_ohm"][0] == pytest.approx(nominal.trace["impedance_ohm"][0] / 1.4, rel=0.01)
    assert ablate(draw={"coolant_c": 25.0}).energy.sink_j < ablate(draw={"coolant_c": 5.0}).energy.sink_j
    assert ablate("cooltip-saline-normal").trace["impedance_ohm"][0] < 0.6 * nominal.trace["impedance_ohm"][0]


def test_temperature_control_holds_the_tines_at_their_target():
    zone = ablate("perfused", power_w=30.0, time_s=400.0, program="83 C", spacing=2.5, side=60.0, perfused=False)
    assert zone.trace["tip_c"][-1] == pytest.approx(83.0, abs=1.5)
    assert max(zone.trace["tip_c"]) < 90.0
    assert zone.energy.latent_j == pytest.approx(0.0, abs=1.0)
    hotter = ablate("perfused", power_w=30.0, time_s=400.0, program="103 C", spacing=2.5, side=60.0, perfused=False)
    assert hotter.size.short_mm > zone.size.short_mm + 2.0


def test_a_held_current_needs_less_power_as_tissue_warms():
    zone = ablate(time_s=40.0, program="900 mA")
    log = {name: np.array(values) for name, values in zone.trace.items()}
    assert log["current_a"] == pytest.approx(0.9, rel=1e-3)
    assert log["power_w"] == pytest.approx(0.81 * log["impedance_ohm"], rel=1e-3)
    assert log["power_w"][-1] < 0.9 * log["power_w"][0]
    assert ablate(time_s=240.0, power_w=60.0, program="1200 mA").words[0].startswith("current fell below 1200 mA")
    with pytest.raises(PlanningError, match="up to 2000 mA"):
        ablate(program="2500 mA")


def test_bipolar_probe_heats_between_its_rings_and_needs_no_pad():
    made = job("bipolar-20", power_w=20.0, time_s=60.0, spacing=1.0, side=44.0)
    circuit = circuit_of(made, device("bipolar-20"))
    current = circuit.branches[0].field.solve(circuit.cold_s_m, (0.5, -0.5), balanced=True)
    assert sum(current.currents_a) == pytest.approx(0.0, abs=1e-4 * current.currents_a[0])
    zone = ENERGY.simulate(made)
    n = 22  # middle of the grid; the probe's middle lies 10 mm behind its tip
    profile = zone.extreme_c[n, n + 3]
    assert abs(int(np.argmax(profile)) - 22) <= 2


def test_tines_heat_a_wide_zone_and_turn_about_the_needle():
    zone = ablate("leveen-35", time_s=240.0, spacing=1.5, side=78.0)
    assert zone.trace["power_w"][0] == pytest.approx(50.0, abs=0.5)
    assert zone.trace["power_w"][100] == pytest.approx(60.0, abs=0.5)
    heat = zone.extreme_c
    middle = heat.shape[0] // 2
    across = heat[middle, :, round((39.0 + 10.0) / 1.5)]
    assert int(np.argmax(across[middle:])) >= 8  # hottest out at the ends of the tines, not at the cannula


def test_voxels_too_coarse_for_tines_are_refused_or_said():
    with pytest.raises(PlanningError, match="too coarse for the tines"):
        ablate("leveen-35", spacing=2.0, side=78.0)
    template = replace(job("leveen-35", time_s=20.0, spacing=3.0, side=78.0), coarseness=1.5)
    assert "axes perhaps 12 mm too large" in ENERGY.simulate(template).words[-1]


def test_pairs_of_three_needles_take_turns():
    zone = ablate("icw-triple", time_s=120.0, side=78.0, spacing=3.0)
    ohm = np.array(zone.trace["impedance_ohm"])
    changes = np.flatnonzero(np.abs(np.diff(ohm)) > 0.05 * ohm[0])
    assert changes.size >= 2  # a fresh pair is cold
    level = zone.level
    assert np.count_nonzero(level > 0) > 0


def test_two_needles_take_turns_at_the_generator():
    needles = tuple(Needle((33.0, 33.0 + y, 43.0), (0.0, 0.0, 1.0)) for y in (-7.5, 7.5))
    zone = ablate(needles=needles, time_s=120.0)
    dead = zone.dead[11, :, 9]
    assert dead[9] == dead[-10]
    assert dead[9]  # about each of them, not only about the one that began
    one = ablate(time_s=120.0)
    assert zone.size.volume_ml > 1.2 * one.size.volume_ml


def test_coolant_joins_the_sinks_of_vessels():
    made = job()
    vessel = np.zeros(made.properties.shape, np.float32)
    vessel[1] = 1e5
    medium = replace(made.properties.medium, sink_w_m3k=vessel)
    cooled = cooled_medium(replace(made, properties=replace(made.properties, medium=medium)), device("cooltip-single-30"))
    assert cooled.sink_w_m3k[1, 0, 0] == pytest.approx(1e5)
    assert cooled.sink_temperature_c[1, 0, 0] == pytest.approx(37.0)
    assert cooled.sink_temperature_c[11, 11, 10] < 20.0
    assert cooled_medium(made, device("leveen-35")) is made.properties.medium


def test_ranges_are_those_of_the_facts():
    ranges = ENERGY.ranges(device("cooltip-single-30"))
    assert ranges["electric_conductivity"] == pytest.approx((0.7, 1.4))
    assert ranges["conductivity_growth_1_k"] == (0.01, 0.02)
    assert ranges["coolant_c"] == (5.0, 25.0)
    assert set(ENERGY.devices()) == set(devices())


def test_what_cannot_be_done_is_refused():
    with pytest.raises(PlanningError, match="outside what"):
        ablate(power_w=300.0)
    with pytest.raises(PlanningError, match="no treatment time"):
        ablate(time_s=0.0)
    with pytest.raises(PlanningError, match="no program"):
        ablate(program="90 C")
    with pytest.raises(PlanningError, match="too coarse"):
        ablate("bipolar-20", power_w=20.0, spacing=3.0)
    with pytest.raises(SolverError, match="lie in the grid"):
        ablate(needles=(Needle((33.0, 33.0, 5.0), (0.0, 0.0, 1.0)),))
    with pytest.raises(PlanningError, match="no radiofrequency device"):
        device("cool")
