"""The coupled ablation: energy, drying, cooling, symmetry of the answer under rotation, and how it responds to what it should."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.ablation.device import Setting
from locoregional.ablation.needle import Needle
from locoregional.ablation.predict import block_job, predict_zone, zone_table
from locoregional.errors import PlanningError
from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.properties import homogeneous
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.dielectric import Dielectric
from locoregional.procedures.mwa.energy import ENERGY
from locoregional.procedures.mwa.shaft import cooled_medium
from locoregional.procedures.mwa.source import NeedleGrid
from locoregional.procedures.mwa.zone import simulate_zone
from locoregional.sources import read_facts

SIDE = 72.0


def block_needle():
    return Needle((0.5 * SIDE, 0.5 * SIDE, 0.5 * SIDE + 10.0), (0.0, 0.0, 1.0))


def liver(side_mm=40.0, spacing_mm=4.0):
    n = round(side_mm / spacing_mm) + 1
    return homogeneous("liver", shape=(n, n, n)).medium


def ablate(
    *, spacing=3.0, needles=(), name="he2010-cooled", power_w=50.0, time_s=300.0, perfused=True, law="isotherm_54", tissue="liver"
):
    job = block_job(
        device(name),
        Setting(power_w, time_s),
        tissue=tissue,
        perfused=perfused,
        start_c=37.0,
        spacing_mm=spacing,
        side_mm=SIDE,
        law=law,
    )
    return simulate_zone(replace(job, coarseness=2.0, needles=needles or job.needles))


@pytest.fixture(scope="module")
def nominal():
    return ablate()


def test_the_power_that_the_antenna_radiates_is_the_heat_that_the_tissue_gets(nominal):
    assert nominal.energy.residual_share < 5e-3
    first = nominal.trace["absorbed_w"][0]
    at_antenna = device("he2010-cooled").power_at_antenna_w(50.0)
    assert 0.9 * at_antenna < first < at_antenna
    assert nominal.energy.injected_j == pytest.approx(300.0 * np.mean(nominal.trace["absorbed_w"]), rel=0.05)


def test_tissue_beside_the_antenna_dries_but_does_not_run_away(nominal):
    assert nominal.energy.latent_j > 0.01 * nominal.energy.injected_j, "water was driven off"
    assert 95.0 < nominal.extreme_c.max() < 220.0
    assert nominal.energy.latent_j > 0
    assert len(nominal.trace["time_s"]) > 2  # the field was solved again as the tissue dried


def test_the_zone_is_a_long_oval_around_the_slot(nominal):
    size = nominal.size
    assert 20 < size.short_mm < size.long_mm < 60
    assert size.volume_ml == pytest.approx(np.pi / 6 * size.long_mm * size.short_mm**2 * 1e-3, rel=0.35)
    assert size.contracted_short_mm < size.short_mm
    assert size.contracted_volume_ml < size.volume_ml


def test_the_size_is_measured_below_the_voxel(nominal):
    voxels_ml = nominal.dead.sum() * 27e-3
    assert nominal.size.volume_ml == pytest.approx(voxels_ml, rel=0.12)


def test_the_answer_turns_with_the_needle(nominal):
    middle = 0.5 * SIDE
    unit = np.array([0.6, 0.64, 0.48])
    tip = middle + 10.0 * unit
    turned = ablate(needles=(Needle(tuple(tip), tuple(unit)),))
    assert turned.size.long_mm == pytest.approx(nominal.size.long_mm, abs=2.0)
    assert turned.size.short_mm == pytest.approx(nominal.size.short_mm, abs=1.5)


def test_voxels_half_as_long_give_the_same_axes(nominal):
    fine = ablate(spacing=1.5)
    assert fine.size.long_mm == pytest.approx(nominal.size.long_mm, abs=2.5)
    assert fine.size.short_mm == pytest.approx(nominal.size.short_mm, abs=1.5)


def test_more_power_more_time_and_less_blood_make_larger_zones(nominal):
    assert ablate(power_w=30.0).size.volume_ml < nominal.size.volume_ml
    assert ablate(time_s=120.0).size.volume_ml < nominal.size.volume_ml
    assert ablate(perfused=False).size.short_mm > nominal.size.short_mm


def test_a_cooled_shaft_stays_cold_and_spares_the_track():
    cooled, bare = ablate(name="he2010-cooled"), ablate(name="he2010-uncooled")
    grid = NeedleGrid(
        AntennaModel(device("he2010-cooled").antenna, coarseness=2.0),
        block_needle(),
        shape=cooled.dead.shape,
        spacing_mm=3.0,
    )
    along, across = grid.distance_along_mm()
    track = (across < 1.0) & (along > 22) & (along < 30)
    assert cooled.extreme_c[track].max() < bare.extreme_c[track].max()
    assert cooled.energy.sink_j > 0
    assert bare.energy.sink_j == 0
    assert cooled.size.long_mm < bare.size.long_mm


def heat_into_the_shaft(*, spacing_mm, tip_mm, direction, time_s=60.0, side_mm=60.0):
    """Heat per length [J/m] that the cooled shaft, right through a block of liver, has drawn."""
    n = round(side_mm / spacing_mm) + 1
    needle = Needle(tip_mm, direction)
    antenna = replace(device("he2010-cooled"), cooled_from_mm=-200.0)
    grid = NeedleGrid(AntennaModel(antenna.antenna, coarseness=2.0), needle, shape=(n, n, n), spacing_mm=spacing_mm)
    dead = replace(liver(side_mm, spacing_mm), perfusion_heat_w_m3k=0.0, latent_heat_j_m3=None, conductivity_slope_w_mk2=0.0)
    run = simulate_heating(
        cooled_medium(dead, antenna, grid),
        source=np.zeros((n, n, n), np.float32),
        duration_s=time_s,
        spacing_m=(1e-3 * spacing_mm,) * 3,
        body_temperature_c=37.0,
    )
    return run.energy.sink_j


def heat_into_a_cooled_cylinder(time_s):
    """The same per length, by explicit radial steps of a tenth of a millimetre around the wall of the catheter."""
    tissue, facts = liver(), read_facts("locoregional.procedures.mwa")
    k, capacity = float(tissue.conductivity_w_mk.flat[0]), float(np.asarray(tissue.volumetric_heat_capacity_j_m3k).flat[0])
    wall = 2 * np.pi * float(facts["cooling.wall_conductivity"]) / np.log(0.895 / float(facts["slot.outer_conductor_radius"]))
    edges = 0.895e-3 + 1e-4 * np.arange(350)
    middle = 0.5 * (edges[1:] + edges[:-1])
    area = np.pi * (edges[1:] ** 2 - edges[:-1] ** 2)
    t = np.full(len(middle), 37.0)
    drawn, dt = 0.0, 0.2 * 1e-8 * capacity / k
    first = 1.0 / (1.0 / wall + np.log(middle[0] / edges[0]) / (2 * np.pi * k))
    for _ in range(int(time_s / dt)):
        out = first * (t[0] - 20.0)
        flow = 2 * np.pi * k * np.diff(t) / np.log(middle[1:] / middle[:-1])
        t += dt / (capacity * area) * (np.append(flow, 0.0) - np.append(out, flow))
        drawn += dt * out
    return drawn


def test_a_cooled_shaft_draws_the_heat_of_a_cooled_cylinder_wherever_it_lies():
    exact = heat_into_a_cooled_cylinder(60.0)
    for spacing, near in ((2.0, 0.06), (3.0, 0.12)):  # the longer the voxels, the later the smeared rod is felt
        across = [
            heat_into_the_shaft(spacing_mm=spacing, tip_mm=(30.0 + a, 30.0 + b, 30.0), direction=(0, 0, 1))
            for a, b in ((0.0, 0.0), (0.5 * spacing, 0.5 * spacing), (0.3 * spacing, 0.1 * spacing))
        ]
        length = 0.06 - spacing * 1e-3  # the outermost voxels are held
        assert np.array(across) / length == pytest.approx(np.full(3, exact), rel=near)
        assert np.ptp(across) < 0.02 * across[0]
    tilted = heat_into_the_shaft(spacing_mm=2.0, tip_mm=(30.0, 30.0, 30.0), direction=(0, 0.6, 0.8))
    assert tilted / (0.058 / 0.8) == pytest.approx(exact, rel=0.08)


def test_an_uncooled_device_leaves_the_medium_alone():
    medium = liver()
    grid = NeedleGrid(
        AntennaModel(device("coaxial-slot").antenna, coarseness=2.0),
        Needle((20, 20, 20), (0, 0, 1)),
        shape=medium.shape,
        spacing_mm=4.0,
    )
    assert cooled_medium(medium, device("coaxial-slot"), grid) is medium


def test_vessel_sinks_survive_beside_the_shaft():
    medium = liver()
    vessel = np.zeros(medium.shape, np.float32)
    vessel[2] = 1e5
    medium = replace(medium, sink_w_m3k=vessel)
    grid = NeedleGrid(
        AntennaModel(device("he2010-cooled").antenna, coarseness=2.0),
        Needle((20, 20, 20), (0, 0, 1)),
        shape=medium.shape,
        spacing_mm=4.0,
    )
    mixed = cooled_medium(medium, device("he2010-cooled"), grid)
    assert mixed.sink_w_m3k[2, 0, 0] == pytest.approx(1e5)
    assert mixed.sink_temperature_c[2, 0, 0] == pytest.approx(37.0)
    cold = mixed.sink_temperature_c < 21
    assert cold.any()
    assert not cold[2].any()


def test_dielectric_properties_are_those_published():
    eps, sigma = Dielectric().at(np.array([37.0, 60.0, 80.0, 100.0, 110.0]))
    assert eps == pytest.approx([47.9, 41.9, 27.3, 10.9, 6.2], abs=0.06)
    assert sigma == pytest.approx([2.10, 1.86, 1.29, 0.576, 0.331], abs=0.006)
    low = [float(v[0]) for v in Dielectric.liver(frequency_hz=915e6).at(np.array([37.0]))]
    assert low == pytest.approx([46.8, 0.86], rel=0.03)
    assert Dielectric(constant=True).at(np.array([20.0, 120.0]))[1] == pytest.approx([2.10, 2.10], abs=0.01)


def test_a_table_of_settings_grows_with_power_and_time():
    table = zone_table(ENERGY, "he2010-uncooled")
    assert list(table) == [Setting(p, 600.0) for p in (30.0, 40.0, 50.0)]
    shorts = [size.short_mm for size in table.values()]
    assert shorts == sorted(shorts)
    assert (
        predict_zone(ENERGY, "he2010-uncooled", Setting(50.0, 600.0), "liver", True) is table[Setting(50.0, 600.0)]
    )  # remembered


def test_nothing_dies_in_a_moment():
    zone = ablate(time_s=2.0)
    assert zone.size.volume_ml == 0.0
    assert not zone.dead.any()


@pytest.mark.parametrize("wrong", [{"power_w": 500.0}, {"power_w": -1.0}, {"time_s": 0.0}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(PlanningError):
        ablate(**wrong)
