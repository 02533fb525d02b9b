import numpy as np
import pytest
from bodies import ball, coordinates, grid_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from locoregional.access.coverage import PlacementError, coverage_probability, required_points
from locoregional.access.scene import ZoneSpec
from locoregional.errors import PlanningError

GRID = grid_of((30, 30, 30), 1.0)
LPS = coordinates(GRID)
LESION = ball(LPS, (0.2, -0.3, 0.1), 8.0)
ISOTROPIC = PlacementError(lateral_mean_mm=3.0 * np.sqrt(np.pi / 2), axial_sd_mm=3.0)


def chance(zone, *, margin=5.0, error=ISOTROPIC, axis=(1.0, 2.0, -0.5), centre=(0.2, -0.3, 0.1), **more):
    return coverage_probability(
        LESION, grid=GRID, zone=zone, direction_lps=axis, centre_lps_mm=centre, margins_mm=(margin,), error=error, **more
    )[0]


@pytest.mark.parametrize("room", [1.0, 3.0, 6.0])
def test_ball_in_ball_is_the_chi_distribution(room):
    zone = ZoneSpec(2 * (13.0 + room), 2 * (13.0 + room))
    exact = chi2.cdf((room / 3.0) ** 2, df=3)
    found = chance(zone, samples=20_000)
    # The farthest point of the voxel sphere decides, and lies a tenth of a millimetre out: up to 2 percentage points.
    assert found.probability == pytest.approx(exact, abs=0.03)


def test_long_zone_forgives_error_along_the_needle():
    axis = np.array([0.0, 0.0, 1.0])
    deep = PlacementError(lateral_mean_mm=1e-6, axial_sd_mm=4.0)
    # Prolate zone around a ball of 13 mm: the ball moved by a along the axis fits while a stays below that of tangency,
    # sqrt((A^2 - B^2) (1 - R^2 / B^2)) for a gap that closes at the side.
    half_long, half_short, radius = 24.0, 14.0, 13.0
    limit = np.sqrt((half_long**2 - half_short**2) * (1 - radius**2 / half_short**2))
    exact = norm.cdf(limit / 4.0) - norm.cdf(-limit / 4.0)
    found = chance(ZoneSpec(2 * half_long, 2 * half_short), error=deep, axis=axis, samples=20_000)
    assert found.probability == pytest.approx(exact, abs=0.03)


def test_published_error_has_the_pooled_mean_lateral_distance():
    spread = PlacementError.published()
    draws = np.random.default_rng(0).normal(size=(200_000, 2)) * spread.lateral_sd_mm
    assert np.linalg.norm(draws, axis=1).mean() == pytest.approx(3.7, abs=0.02)


def test_margin_ends_at_the_capsule():
    organ = LPS[0] > -8.5
    # Left to itself the margin reaches x = -12.8, the zone only -12.2; cut at the capsule it fits.
    zone = ZoneSpec(33.4, 33.4)
    centre = (4.5, -0.3, 0.1)
    tight = PlacementError(0.01, 0.01)
    assert chance(zone, error=tight, centre=centre, organ=organ).probability == 1.0
    assert chance(zone, error=tight, centre=centre).probability == 0.0
    points = required_points(LESION, grid=GRID, organ=organ, margin_mm=5.0)
    assert points[:, 0].min() == pytest.approx(-8.5, abs=0.6)
    assert points[:, 0].max() == pytest.approx(13.2, abs=0.4)


def test_mask_of_the_same_ellipsoid_gives_the_same_chance():
    axis = np.array([0.6, 0.0, 0.8])
    zone = ZoneSpec(40.0, 30.0)
    off = np.stack([LPS[0] - 0.2, LPS[1] + 0.3, LPS[2] - 0.1], axis=-1)
    along = off @ axis
    across2 = (off**2).sum(-1) - along**2
    mask = (along / 20.0) ** 2 + across2 / 15.0**2 <= 1
    ellipsoid = chance(zone, axis=axis, margin=3.0, samples=1500)
    simulated = chance(mask, axis=axis, margin=3.0, samples=1500)
    assert simulated.probability == pytest.approx(ellipsoid.probability, abs=0.06)


def test_interval_holds_the_share_and_shrinks():
    few, many = chance(ZoneSpec(32, 32), samples=100), chance(ZoneSpec(32, 32), samples=10_000)
    assert few.low < few.probability < few.high
    assert many.high - many.low < 0.2 * (few.high - few.low)
    assert few.low - 0.05 <= many.probability <= few.high + 0.05
    assert chance(ZoneSpec(32, 32), samples=500, seed=3) == chance(ZoneSpec(32, 32), samples=500, seed=3)


def test_uncertain_zone_covers_less_surely():
    sure, unsure = chance(ZoneSpec(44, 44)), chance(ZoneSpec(44, 44, relative_sd=0.2))
    assert unsure.probability < sure.probability - 0.05


@settings(max_examples=15, deadline=None)
@given(st.floats(20, 44), st.floats(20, 44), st.floats(0.5, 8.0))
def test_chance_grows_with_the_zone_and_falls_with_the_margin(long_mm, short_mm, more):
    zone, bigger = ZoneSpec(long_mm, short_mm), ZoneSpec(long_mm + more, short_mm + more)
    base = chance(zone, margin=2.0, samples=400)
    assert chance(bigger, margin=2.0, samples=400).probability >= base.probability
    assert chance(zone, margin=2.0 + more, samples=400).probability <= base.probability


def test_bad_requests_are_refused():
    with pytest.raises(PlanningError, match="needs its middle"):
        coverage_probability(LESION, grid=GRID, zone=ZoneSpec(30, 30), direction_lps=(0, 0, 1))
    with pytest.raises(PlanningError, match="at least one sample"):
        chance(ZoneSpec(30, 30), samples=0)
    with pytest.raises(PlanningError, match="zone mask"):
        chance(np.zeros_like(LESION))
    with pytest.raises(PlanningError, match="axis that is not positive"):
        ZoneSpec(0.0, 10.0)
