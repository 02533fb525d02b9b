"""Bands: seeded, inside their ranges, ordered, and on the grid they were asked for."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.ablation.band import ensemble, parameter_ranges
from locoregional.ablation.coarse import coarse_medium, coarse_needle, refine
from locoregional.ablation.device import Setting
from locoregional.ablation.needle import Needle
from locoregional.ablation.predict import block_job
from locoregional.ablation.zone import joined
from locoregional.physics.properties import homogeneous
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.energy import ENERGY


def band(seed=0, members=4, spacing=2.0):
    job = block_job(device("he2010-cooled"), Setting(50.0, 120.0), spacing_mm=spacing, side_mm=64.0)
    return ensemble(ENERGY, (job,), members=members, seed=seed)


@pytest.fixture(scope="module")
def first():
    return band()


def test_coverage_is_a_share_on_the_grid_of_the_patient(first):
    assert first.coverage.shape == (33, 33, 33)
    assert first.coverage.min() >= 0.0
    assert first.coverage.max() == pytest.approx(1.0)
    assert first.coverage[0].max() == 0.0
    sure, likely, ever = ((first.coverage > c).sum() for c in (0.9, 0.5, 0.05))
    assert 0 < sure < likely < ever


def test_members_stay_inside_the_sourced_ranges(first):
    ranges = parameter_ranges(ENERGY, device("he2010-cooled"))
    for name, (low, high) in ranges.items():
        assert low < high
        assert (first.draws[name] >= low).all()
        assert (first.draws[name] <= high).all()
    laws = {int(v) for v in first.draws["damage_law"]}
    assert laws == set(range(len(ENERGY.laws)))  # the hypercube visits every law


def test_the_interval_is_ordered_and_holds_most_members(first):
    low, middle, high = first.interval("short_mm")
    assert low <= middle <= high
    values = first.values("short_mm")
    assert ((values >= low) & (values <= high)).mean() >= 0.5
    drivers = first.drivers("short_mm")
    assert "start_c" not in drivers  # it was not drawn
    assert next(iter(drivers)) == max(drivers, key=lambda k: abs(drivers[k]))


def test_the_same_seed_gives_the_same_band_and_another_another(first):
    again = band()
    assert np.array_equal(again.coverage, first.coverage)
    assert again.sizes == first.sizes
    assert band(seed=1).sizes != first.sizes


def test_a_coarser_medium_keeps_heat_capacity_and_needle():
    medium = homogeneous("liver", shape=(13, 13, 13)).medium  # an odd rest
    coarse = coarse_medium(medium, factor=2)
    assert coarse.shape == (7, 7, 7)
    assert np.asarray(coarse.volumetric_heat_capacity_j_m3k).mean() == pytest.approx(
        np.mean(medium.volumetric_heat_capacity_j_m3k)
    )
    moved = coarse_needle(Needle((6.0, 6.0, 6.0), (0, 0, 1)), factor=2, spacing_mm=1.0)
    assert moved.tip_mm == (5.5, 5.5, 5.5)
    assert coarse_medium(medium, factor=1) is medium


def test_refining_puts_coarse_values_where_they_were():
    ramp = np.arange(5.0)[:, None, None] * np.ones((5, 4, 4))
    fine = refine(ramp, factor=2, shape=(9, 8, 8))
    assert fine[4, 3, 3] == pytest.approx(1.75)  # fine voxel 4 lies at coarse coordinate 1.75
    assert fine[0, 0, 0] == pytest.approx(0.0)


def test_two_ablations_after_one_another_are_one_zone(first):
    job = block_job(device("he2010-cooled"), Setting(50.0, 60.0), spacing_mm=4.0, side_mm=64.0, law=ENERGY.law)
    there, back = (
        replace(job, coarseness=2.0, needles=(Needle((32.0, 32.0 + offset, 42.0), (0.0, 0.0, 1.0)),)) for offset in (-14.0, 14.0)
    )
    zones = [ENERGY.simulate(one) for one in (there, back)]
    both = joined(zones, needles=[*there.frames, *back.frames], lethal="heat")
    assert np.array_equal(both.dead, zones[0].dead | zones[1].dead)
    assert both.size.volume_ml == pytest.approx(sum(z.size.volume_ml for z in zones), rel=0.1)  # they hardly touch
    assert both.energy.injected_j == pytest.approx(sum(z.energy.injected_j for z in zones))
    assert both.extreme_c.max() == pytest.approx(max(z.extreme_c.max() for z in zones))
