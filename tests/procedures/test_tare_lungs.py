"""Lung shunt, lung mass and the ratio of tumour to normal liver, from counts that were planted."""

import numpy as np
import pytest

from locoregional.case import PlanarCounts
from locoregional.errors import GeometryError, MaskError, PlanningError
from locoregional.imaging.volume import Volume
from locoregional.procedures.tare.lung_mass import lung_masses
from locoregional.procedures.tare.lung_shunt import (
    PlanarBackground,
    lung_shunt_spread,
    planar_lung_shunt,
    shunt_spread_of,
    spect_lung_shunt,
)
from locoregional.procedures.tare.masses import assumed_lungs, liver_mass
from locoregional.procedures.tare.spread import Spread, exact
from locoregional.procedures.tare.tumour_ratio import tumour_to_normal


def test_planar_shunt_is_the_geometric_mean_of_both_views():
    found = planar_lung_shunt(PlanarCounts(40_000, 90_000, 640_000, 1_440_000))
    assert found.value == pytest.approx(60_000 / (60_000 + 960_000))
    assert found.low <= found.value - 0.027 <= found.high
    assert found.high - 0.027 == pytest.approx(found.value - 0.054 + 0.081 * 1.645 / 1.96, abs=2e-4)
    assert "geometric mean" in found.method


def test_background_is_taken_off():
    counts, off = PlanarCounts(50_000, 100_000, 650_000, 1_450_000), PlanarBackground(10_000, 10_000, 10_000, 10_000)
    assert planar_lung_shunt(counts, background=off).value == pytest.approx(60_000 / 1_020_000)
    with pytest.raises(PlanningError, match="background"):
        planar_lung_shunt(counts, background=PlanarBackground(lung_anterior=60_000))
    with pytest.raises(PlanningError, match="background"):
        planar_lung_shunt(counts, background=PlanarBackground(lung_anterior=-1))


def test_few_counts_widen_the_interval_as_poisson_says():
    many = planar_lung_shunt(PlanarCounts(40_000, 40_000, 360_000, 360_000))
    few = planar_lung_shunt(PlanarCounts(4, 4, 36, 36))
    assert few.value == many.value
    assert few.high - few.low > many.high - many.low
    rng = np.random.default_rng(1)
    drawn = rng.poisson([[4000, 4000, 36_000, 36_000]], size=(20_000, 4)).astype(float)
    lungs, liver = np.sqrt(drawn[:, 0] * drawn[:, 1]), np.sqrt(drawn[:, 2] * drawn[:, 3])
    sd = np.std(lungs / (lungs + liver))
    told = planar_lung_shunt(PlanarCounts(4000, 4000, 36_000, 36_000))
    half = 1.645 * np.hypot(0.081 / 1.96, sd)
    assert told.high == pytest.approx(0.1 - 0.027 + half, rel=0.002)


def test_spect_shunt_counts_voxels_in_part():
    counts = np.zeros((2, 4, 4))
    counts[0] = 2.0
    counts[1] = 60.0
    lungs, liver = np.zeros_like(counts), np.zeros_like(counts)
    lungs[0] = 0.5
    liver[1] = 1.0
    found = spect_lung_shunt(counts, lungs=lungs, liver=liver)
    assert found.value == pytest.approx(16.0 / (16.0 + 960.0))
    assert found.low < 0.87 * found.value
    assert found.high > 1.13 * found.value
    model = shunt_spread_of(found)
    assert (model.value, model.low, model.high) == (found.value, found.low, found.high)
    with pytest.raises(GeometryError):
        spect_lung_shunt(counts, lungs=lungs[:1], liver=liver)
    with pytest.raises(PlanningError, match="no counts"):
        spect_lung_shunt(counts, lungs=lungs, liver=0.0 * liver)
    with pytest.raises(PlanningError, match="negative"):
        spect_lung_shunt(-counts, lungs=lungs, liver=liver)


def test_a_shunt_keeps_its_own_interval_and_otherwise_gets_that_of_its_method():
    own = Spread(0.05, 0.04, 0.06)
    assert lung_shunt_spread(own, method="planar") is own
    planar, spect, unknown = (lung_shunt_spread(exact(0.05), method=m) for m in ("planar", "spect", "unknown"))
    assert spect.high - spect.low == pytest.approx(2 * 0.13 * 0.05)
    assert (planar.low, planar.high) == (unknown.low, unknown.high)
    assert planar.low <= 0.05 <= planar.high
    assert planar.high - 0.05 < 0.081
    with pytest.raises(PlanningError, match="unknown"):
        lung_shunt_spread(exact(0.05), method="tomographic")
    with pytest.raises(PlanningError) as error:
        lung_shunt_spread(exact(5.0), method="planar")
    assert "5 % is 0.05" in str(error.value)


def _chest():
    """Lungs of 4 litres at -750 HU, a trachea of air and a vessel of blood, in a block of soft tissue; 5 mm voxels."""
    hu = np.full((40, 60, 60), 40.0)
    share = np.zeros_like(hu)
    share[4:36, 5:55, 10:30] = 1.0
    hu[share > 0] = -750.0
    hu[4:36, 28:30, 12:14] = -1010.0
    hu[4:36, 40:42, 12:14] = 50.0
    affine = np.diag([5.0, 5.0, 5.0, 1.0])[[2, 1, 0, 3]]
    return Volume(hu, affine, unit="HU", modality="CT"), Volume(share, affine)


def test_lung_mass_is_the_sum_of_densities():
    ct, lungs = _chest()
    found = lung_masses(ct, lungs)
    voxel = 0.125
    count = int(lungs.array.sum())
    tube = 32 * 4
    assert found.measured.value == pytest.approx(0.25 * voxel * (count - 2 * tube))
    assert found.everything.value == pytest.approx(found.measured.value + 1.05 * voxel * tube)
    assert found.measured.low < found.measured.value < found.measured.high
    assert found.measured.high - found.measured.low == pytest.approx(2 * 172.9 * 1.645 / 1.96, rel=0.01)
    assert found.assumed.value == 1000.0
    assert (found.assumed.low, found.assumed.high) == pytest.approx((822 - 1.645 * 103, 1000.0), abs=0.1)
    assert found.spread.value == found.measured.value
    wide = lung_masses(ct, lungs, band_hu=(-2000.0, 2000.0))
    assert wide.measured.value == pytest.approx(found.everything.value)


def test_lungs_that_cannot_be_weighed():
    ct, lungs = _chest()
    with pytest.raises(MaskError, match="cuts the lungs off"):
        lung_masses(Volume(ct.array[10:], ct.affine, unit="HU"), Volume(lungs.array[10:], ct.affine))
    with pytest.raises(MaskError, match="no lung"):
        lung_masses(ct, Volume(0.0 * lungs.array, lungs.affine))
    with pytest.raises(GeometryError, match="no unit"):
        lung_masses(Volume(ct.array, ct.affine), lungs)
    with pytest.raises(GeometryError, match="different grids"):
        lung_masses(ct, Volume(lungs.array[1:], lungs.affine))
    with pytest.raises(MaskError, match="density of lung"):
        lung_masses(Volume(np.full_like(ct.array, 40.0), ct.affine, unit="HU"), lungs)


def test_assumed_lungs_and_masses_of_volumes():
    assert assumed_lungs().value == 1000.0
    assert "822 g" in assumed_lungs().assumed
    mass = liver_mass(Spread(100.0, 90.0, 120.0))
    assert (mass.value, mass.low, mass.high) == pytest.approx((104.0, 93.6, 124.8))


def test_the_ratio_is_taken_on_the_whole_normal_liver():
    rng = np.random.default_rng(7)
    perfused = np.zeros((6, 20, 20))
    perfused[1:5, 2:18, 2:18] = 1.0
    tumour = np.zeros_like(perfused)
    tumour[2:4, 4:8, 4:8] = 1.0
    truth = np.where(tumour > 0, 500.0, 100.0) * perfused
    truth[:, 10:] *= 1.5  # uptake is uneven
    counts = rng.poisson(truth).astype(float)
    found = tumour_to_normal(counts, tumour=tumour, perfused=perfused)
    mean = truth[(perfused > 0) & (tumour == 0)].mean()
    assert found.value == pytest.approx(500.0 / mean, rel=0.02)
    assert found.low < 0.8 * found.value
    assert found.high > 1.25 * found.value
    sphere = np.zeros_like(perfused)
    sphere[2:4, 12:16, 12:16] = 1.0
    with pytest.raises(PlanningError) as error:
        tumour_to_normal(counts, tumour=tumour, perfused=perfused, normal=sphere)
    assert "covers 3 %" in str(error.value)
    assert "depends on where it is put" in str(error.value)
    same = tumour_to_normal(counts, tumour=tumour, perfused=perfused, normal=perfused - tumour)
    assert same.value == found.value
    with pytest.raises(MaskError, match="no tumour"):
        tumour_to_normal(counts, tumour=0.0 * tumour, perfused=perfused)
    with pytest.raises(PlanningError, match="no activity"):
        tumour_to_normal(counts * (tumour > 0), tumour=tumour, perfused=perfused)
