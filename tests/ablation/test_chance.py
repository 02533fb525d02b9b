"""The chance of several zones against the exact single-zone test, and against what independence and bounds demand."""

import numpy as np
import pytest

from locoregional.ablation.chance import chance_of_cover, registration_sd_mm
from locoregional.access.coverage import PlacementError, ellipsoid_coverage
from locoregional.access.scene import ZoneSpec

AXIS = np.array([0.0, 0.6, 0.8])
ERROR = PlacementError(lateral_mean_mm=3.7, axial_sd_mm=3.0)


def sphere(radius, count=1500):
    golden = np.pi * (3 - np.sqrt(5)) * np.arange(count)
    z = 1 - (2 * np.arange(count) + 1) / count
    return radius * np.column_stack([np.sqrt(1 - z**2) * np.cos(golden), np.sqrt(1 - z**2) * np.sin(golden), z])


def chance(points, centres, zone, *, registration=0.0, error=ERROR, samples=4000, placed=None, seed=1):
    axes = np.tile(AXIS, (len(centres), 1))
    return chance_of_cover(
        points, margin_mm=5.0, zone=zone, centres_lps_mm=np.asarray(centres, float), axes=axes, error=error,
        registration_mm=registration, placed=placed, samples=samples, seed=seed,
    )  # fmt: skip


@pytest.mark.parametrize("relative_sd", [0.0, 0.1])
def test_one_zone_agrees_with_the_support_function_test(relative_sd):
    points = sphere(14.0)
    zone = ZoneSpec(44.0, 40.0, 5.0, relative_sd)
    (exact,) = ellipsoid_coverage(
        {5.0: points}, zone=zone, axis=AXIS, centre_lps_mm=np.zeros(3), error=ERROR, samples=4000, seed=0
    )
    ours = chance(points, [np.zeros(3)], zone)
    assert 0.1 < exact.probability < 0.95
    assert ours.probability == pytest.approx(exact.probability, abs=0.03)  # two samples of 4000: 3 standard errors
    assert ours.low < ours.probability < ours.high


def test_registration_makes_coverage_less_likely_and_is_shared():
    points, zone = sphere(14.0), ZoneSpec(44.0, 40.0)
    still = chance(points, [np.zeros(3)], zone).probability
    moved = chance(points, [np.zeros(3)], zone, registration=2.0).probability
    assert moved < still - 0.05
    # exact zones and needles: only the common shift counts, a sphere of radius 14 in one of 20 stands 6 mm of shift
    none = PlacementError(0.0, 0.0)
    found = chance(points, [np.zeros(3)], ZoneSpec(40.0, 40.0), registration=3.0, error=none, samples=20_000)
    from scipy.stats import chi

    assert found.probability == pytest.approx(chi(3).cdf(6.0 / 3.0), abs=0.015)
    # two needles at one place do not help against a shift that both share
    twice = chance(points, [np.zeros(3)] * 2, ZoneSpec(40.0, 40.0), registration=3.0, error=none, samples=20_000)
    assert twice.probability == pytest.approx(found.probability, abs=0.015)


def test_needles_err_on_their_own():
    # either of two zones far wider than needed in all but one axis suffices: 1 - (1 - p)^2
    point = np.array([[0.0, 0.0, 0.0]])
    zone = ZoneSpec(12.0, 12.0)
    one = chance(point, [np.zeros(3)], zone, samples=20_000).probability
    two = chance(point, [np.zeros(3)] * 2, zone, samples=20_000).probability
    assert two == pytest.approx(1 - (1 - one) ** 2, abs=0.015)
    assert chance(point, [np.zeros(3)], zone, placed=np.array([True])).probability == 1.0


def test_the_union_must_hold_the_inside_too():
    zone, none = ZoneSpec(20.0, 20.0), PlacementError(0.0, 0.0)
    apart = [[-15.0, 0, 0], [15.0, 0, 0]]
    ends = np.array([[-15.0, 0, 0], [15.0, 0, 0]])
    assert chance(ends, apart, zone, error=none).probability == 1.0
    assert chance(np.vstack([ends, [[0.0, 0.0, 0.0]]]), apart, zone, error=none).probability == 0.0


def test_the_registration_fact_is_a_mean_error():
    draws = np.random.default_rng(0).normal(scale=registration_sd_mm(), size=(200_000, 3))
    assert np.linalg.norm(draws, axis=1).mean() == pytest.approx(1.62, rel=0.01)
