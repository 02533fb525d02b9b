"""Several antennas at once, another frequency, other tissues: what must add, mirror, order and stay apart."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from locoregional.ablation.device import Setting
from locoregional.ablation.needle import Needle
from locoregional.ablation.predict import block_job
from locoregional.physics.tissue import tissue
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.dielectric import Dielectric
from locoregional.procedures.mwa.field import EPS0_F_M, MU0_H_M
from locoregional.procedures.mwa.shaft import cooled_medium
from locoregional.procedures.mwa.source import NeedleGrid
from locoregional.procedures.mwa.zone import simulate_zone

SIDE, SPACING = 96.0, 3.0


@cache
def ablate(
    *places, name="he2010-cooled", power_w=40.0, time_s=180.0, organ="liver", start_c=37.0, perfused=True, law="isotherm_54"
):
    """Parallel antennas at (row, column) offsets from the middle [mm], tips in one plane."""
    job = block_job(
        device(name), Setting(power_w, time_s), tissue=organ, start_c=start_c, perfused=perfused, spacing_mm=SPACING,
        side_mm=SIDE, law=law,
    )  # fmt: skip
    a, b, c = job.needles[0].tip_mm
    needles = tuple(Needle((a + da, b + db, c), (0.0, 0.0, 1.0)) for da, db in places or ((0.0, 0.0),))
    return simulate_zone(replace(job, needles=needles, coarseness=2.0))


def test_two_antennas_far_apart_are_two_single_zones():
    left, right = ablate((0.0, -24.0)), ablate((0.0, 24.0))
    both = ablate((0.0, -24.0), (0.0, 24.0))
    apart = left.dead | right.dead
    assert not (left.dead & right.dead).any()
    assert (both.dead ^ apart).sum() <= 0.04 * apart.sum()
    assert both.size.volume_ml == pytest.approx(left.size.volume_ml + right.size.volume_ml, rel=0.08)
    assert both.energy.injected_j == pytest.approx(left.energy.injected_j + right.energy.injected_j, rel=0.01)
    assert both.energy.residual_share < 5e-3


def test_the_heat_of_two_antennas_adds_at_every_voxel():
    source = {}
    for key, places in {"a": ((0.0, -9.0),), "b": ((0.0, 9.0),), "both": ((0.0, -9.0), (0.0, 9.0))}.items():
        zone = ablate(*places, time_s=0.01, perfused=False)
        source[key] = zone.temperature_c - 37.0
    together = source["a"] + source["b"]
    hot = together > 0.02 * together.max()
    assert hot.sum() > 20
    np.testing.assert_allclose(source["both"][hot], together[hot], rtol=0.02)


def test_a_pair_is_its_own_mirror_image_and_turns_with_its_needles():
    pair = ablate((0.0, -9.0), (0.0, 9.0))
    np.testing.assert_allclose(pair.extreme_c, pair.extreme_c[:, ::-1], atol=1.0)
    np.testing.assert_allclose(pair.extreme_c, pair.extreme_c[::-1], atol=1.0)
    turned = ablate((-9.0, 0.0), (9.0, 0.0))
    np.testing.assert_allclose(turned.extreme_c.transpose(1, 0, 2), pair.extreme_c, atol=1.0)
    assert turned.size.volume_ml == pytest.approx(pair.size.volume_ml, rel=0.01)


def test_antennas_close_together_make_one_zone_larger_than_two_single_ones():
    alone = ablate(time_s=300.0)
    pair = ablate((0.0, -9.0), (0.0, 9.0), time_s=300.0)
    nearer = ablate((0.0, -6.0), (0.0, 6.0), time_s=300.0)
    assert pair.size.volume_ml > 2.2 * alone.size.volume_ml
    middle = tuple(n // 2 for n in pair.dead.shape)
    assert pair.dead[middle], "the tissue between them dies"
    assert nearer.extreme_c[middle] > pair.extreme_c[middle]
    assert pair.size.short_mm > alone.size.short_mm
    for zone in (alone, pair):  # both sizes are told
        assert 0 < zone.size.contracted_short_mm < zone.size.short_mm
        assert 0 < zone.size.contracted_volume_ml < zone.size.volume_ml


def test_every_shaft_of_several_is_cooled_once():
    job = block_job(device("he2010-cooled"), Setting(40.0, 60.0), spacing_mm=SPACING, side_mm=SIDE)
    model = AntennaModel(device("he2010-cooled").antenna, coarseness=2.0)
    a, b, c = job.needles[0].tip_mm
    shape = job.properties.shape
    grids = [
        NeedleGrid(model, Needle((a, b + d, c), (0.0, 0.0, 1.0)), shape=shape, spacing_mm=SPACING, parallel=False)
        for d in (-12.0, 12.0)
    ]
    sinks = [cooled_medium(job.properties.medium, device("he2010-cooled"), g).full("sink_w_m3k") for g in grids]
    medium = job.properties.medium
    for grid in grids:
        medium = cooled_medium(medium, device("he2010-cooled"), grid)
    np.testing.assert_allclose(medium.full("sink_w_m3k"), sinks[0] + sinks[1], rtol=1e-5)
    there = medium.full("sink_w_m3k") > 0
    assert np.allclose(medium.full("sink_temperature_c")[there], device("he2010-cooled").coolant_c)


def depth_mm(permittivity, conductivity, frequency_hz):
    """Exact distance over which a plane wave falls to 1/e in amplitude."""
    omega = 2.0 * np.pi * frequency_hz
    k = omega * np.sqrt(MU0_H_M * (EPS0_F_M * permittivity - 1j * conductivity / omega))
    return -1e3 / k.imag


ORGANS = ("liver", "muscle", "lung", "fat", "bone_cancellous", "kidney")


def test_waves_reach_further_in_the_order_of_exact_penetration_depths():
    exact, far = {}, {}
    for organ in ORGANS:
        t = tissue(organ)
        exact[organ] = depth_mm(t.permittivity_2450, t.conductivity_2450_s_m, 2.45e9)
        zone = ablate(organ=organ, time_s=0.01, perfused=False, name="coaxial-slot", power_w=60.0)
        job = block_job(
            device("coaxial-slot"), Setting(60.0, 1.0), tissue=organ, perfused=False, spacing_mm=SPACING, side_mm=SIDE
        )
        heat = (zone.temperature_c - 37.0) * job.properties.medium.full("volumetric_heat_capacity_j_m3k")
        tip = np.asarray(job.needles[0].tip_mm)
        at = SPACING * np.moveaxis(np.indices(heat.shape), 0, -1) - tip
        r = np.hypot(at[..., 0], at[..., 1])
        ring = (np.abs(at[..., 2] + 6.5) < 6.0) & (r > 12.0) & (r < 30.0)
        away = np.hypot(r, at[..., 2] + 6.5)[ring]
        slope = np.polyfit(away, np.log(heat[ring] * away**2), 1)[0]  # a wave from one place: exp(-2 r / depth) / r^2
        far[organ] = -2.0 / slope
    assert sorted(ORGANS, key=exact.get) == sorted(ORGANS, key=far.get), (exact, far)
    ratios = np.array([far[organ] / exact[organ] for organ in ORGANS])  # the same everywhere: it is the antenna's, no plane wave
    assert ratios == pytest.approx(np.full(len(ORGANS), ratios.mean()), rel=0.12)


def test_liver_reproduces_its_exact_depth_and_915_mhz_goes_twice_as_deep():
    t = tissue("liver")
    assert depth_mm(t.permittivity_2450, t.conductivity_2450_s_m, 2.45e9) == pytest.approx(20.8, rel=0.25)
    low = [float(v[0]) for v in Dielectric.liver(frequency_hz=915e6).at(np.array([37.0]))]
    high = [float(v[0]) for v in Dielectric.liver(frequency_hz=2.45e9).at(np.array([37.0]))]
    assert depth_mm(*low, 915e6) == pytest.approx(42.9, rel=0.02)
    assert depth_mm(*low, 915e6) > 2.0 * depth_mm(*high, 2.45e9)


def test_the_antenna_at_915_mhz_puts_its_power_further_away():
    share = {}
    for name, eps, sigma in (("coaxial-slot", 47.9, 2.10), ("slot-915", 46.8, 0.86)):
        model = AntennaModel(device(name).antenna, coarseness=2.0)
        field = model.solve(permittivity=eps, conductivity_s_m=sigma)
        heat = model.tissue_sar(field) * model.mesh.volumes_m3
        assert field.balance == pytest.approx(0.0, abs=1e-9)
        share[name] = float(heat[:, 1e3 * model.mesh.r_centres_m > 15.0].sum() / heat.sum())
    assert share["slot-915"] > 1.5 * share["coaxial-slot"]
    zone = ablate(name="slot-915", power_w=60.0, time_s=300.0)
    assert zone.size.volume_ml > 0
    assert zone.energy.residual_share < 5e-3


def test_a_refined_mesh_and_a_longer_one_agree_at_915_mhz():
    def near(coarseness):
        model = AntennaModel(device("slot-915").antenna, coarseness=coarseness)
        field = model.solve(permittivity=46.8, conductivity_s_m=0.86)
        return field.absorbed, field.reflected

    assert near(1.0) == pytest.approx(near(0.4), abs=0.004)
    assert near(2.0) == pytest.approx(near(0.4), abs=0.01)


def test_a_block_of_other_tissue_is_not_wrapped_in_liver():
    zone = ablate(organ="fat", time_s=0.01, perfused=False, name="coaxial-slot")
    assert zone.energy.injected_j > 0
    from locoregional.procedures.mwa.zone import _relative

    job = block_job(device("coaxial-slot"), Setting(60.0, 1.0), tissue="fat", spacing_mm=SPACING, side_mm=48.0)
    model = AntennaModel(device("coaxial-slot").antenna, coarseness=2.0)
    grid = NeedleGrid(model, job.needles[0], shape=job.properties.shape, spacing_mm=SPACING, parallel=False)
    eps, sigma = _relative(job, grid)
    assert eps == pytest.approx(np.full_like(eps, tissue("fat").permittivity_2450 / tissue("liver").permittivity_2450), rel=1e-4)
    assert np.ptp(sigma) < 1e-4
