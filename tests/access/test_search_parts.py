import numpy as np
import pytest
from bodies import ball, coordinates, grid_of
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.access.boxes import filled_box, voxels_of
from locoregional.access.describe import dial_angles
from locoregional.access.field import vessels_over
from locoregional.access.needle import NeedleSpec, Scene, plan_access
from locoregional.access.pareto import apart, nondominated
from locoregional.access.rules import AccessRules, known_structures
from locoregional.access.sphere import directions_around, directions_over_sphere
from locoregional.access.words import approach_words
from locoregional.errors import PlanningError
from locoregional.sources import read_facts


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_nondominated_is_the_definition(rows):
    costs = np.array(rows, dtype=float)
    wanted = [not any((other <= row).all() and (other < row).any() for other in costs) for row in costs]
    np.testing.assert_array_equal(nondominated(costs), wanted)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)))
def test_boxes_hold_the_mask_exactly(seed, margin):
    random = np.random.default_rng(seed)
    mask = np.zeros((9, 11, 8), bool)
    mask[tuple(random.integers(0, mask.shape, size=(4, 3)).T)] = True
    voxels = np.argwhere(mask)
    np.testing.assert_array_equal(voxels_of(mask), voxels)
    low = np.maximum(voxels.min(axis=0) - margin, 0)
    high = np.minimum(voxels.max(axis=0) + 1 + margin, mask.shape)
    assert filled_box(mask, margin=margin) == tuple(slice(a, b) for a, b in zip(low, high, strict=True))


def test_apart_takes_the_first_and_keeps_the_distance():
    points = np.array([[0.0, 0, 0], [5, 0, 0], [20, 0, 0], [22, 0, 0], [50, 0, 0]])
    assert apart(points, separation_mm=10.0, count=5) == [0, 2, 4]
    assert apart(points, separation_mm=10.0, count=2) == [0, 2]


def test_directions_cover_the_sphere_evenly():
    lattice = directions_over_sphere(2000, seed=3)
    np.testing.assert_allclose(np.linalg.norm(lattice, axis=1), 1.0)
    np.testing.assert_allclose(lattice.T @ lattice / 2000, np.eye(3) / 3, atol=2e-3)
    probes = np.random.default_rng(0).normal(size=(500, 3))
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    gap = np.degrees(np.arccos((probes @ lattice.T).max(axis=1)))
    assert gap.max() < 3.3


def test_directions_around_stay_in_their_cap():
    middle = directions_over_sphere(20, seed=1)
    caps = directions_around(middle, radius_rad=0.1, count=30)
    np.testing.assert_allclose(caps[:, 0], middle, atol=1e-12)
    angle = np.arccos(np.clip(np.einsum("nki,ni->nk", caps, middle), -1, 1))
    assert angle.max() == pytest.approx(0.1, abs=1e-9)


@pytest.mark.parametrize(
    ("position", "outwards", "wanted"),
    [
        ("supine", (0, -1, 0), (0, 0, "")),
        ("supine", (-1, 0, 0), (0, 90, "right")),
        ("supine", (np.sin(0.5), -np.cos(0.5), 0), (0, np.degrees(0.5), "left")),
        ("supine", (0, -np.cos(0.3), np.sin(0.3)), (np.degrees(0.3), 0, "")),
        ("prone", (0, 1, 0), (0, 0, "")),
        ("prone", (1, 0, 0), (0, 90, "left")),
        ("right decubitus", (1, 0, 0), (0, 0, "")),
        ("right decubitus", (0, -1, 0), (0, 90, "front")),
        ("left decubitus", (-np.cos(0.2), np.sin(0.2), 0), (0, np.degrees(0.2), "back")),
    ],
)
def test_angles_as_dialled(position, outwards, wanted):
    craniocaudal, axial, side = dial_angles(np.array(outwards, float), position=position)
    assert (craniocaudal, axial) == pytest.approx(wanted[:2], abs=1e-9)
    assert side == wanted[2]


def test_approach_in_words():
    assert approach_words((0, -1, 0)) == "from the front"
    assert approach_words((-1, 0, 0)) == "from the right side"
    assert approach_words((0.7, 0.7, 0)) == "from the back, left"
    assert approach_words((0, 0, -1)) == "from the foot side"


def test_thin_vessels_are_no_obstacle():
    grid = grid_of((10, 20, 20), 1.0)
    x, y, _ = coordinates(grid)
    trunk, branch = (x + 8) ** 2 + y**2 <= 4**2, (np.abs(x - 8) < 1.1) & (np.abs(y) < 0.6)
    kept = vessels_over(trunk | branch, calibre_mm=3.0, spacing_mm=grid.spacing_mm)
    assert (kept & trunk).sum() > 0.97 * trunk.sum()
    assert not (kept & branch).any()


@pytest.mark.parametrize("distance", [30.0, 45.0])
def test_a_ball_blocks_its_exact_share_of_directions(distance):
    grid = grid_of((90, 90, 90), 1.5)
    lps = coordinates(grid)
    way = np.array([2.0, -1.0, 2.0]) / 3.0
    scene = Scene(grid, ball(lps, (0, 0, 0), 80), {"stomach": ball(lps, distance * way, 12.0)}, ball(lps, (0, 0, 0), 6), "liver")
    plan = plan_access(scene, needle=NeedleSpec(150, 2.0), n_entries=20_000, aim_lps_mm=(0, 0, 0))
    radius = 12.0 + 5.0 + 2.0 + 0.25 * 1.5
    exact = (1 - np.sqrt(1 - (radius / distance) ** 2)) / 2
    # The staircase of a voxel ball reaches up to half a voxel out of the ball: never less is blocked, and little more.
    assert exact <= plan.blocked_by["stomach"] <= 1.06 * exact
    for path in plan.proposals:
        out = -path.direction_lps
        along = np.clip(distance * way @ out, 0, 80)
        wanted = np.linalg.norm(distance * way - along * out) - 12.0
        if wanted < 25:
            assert wanted - 0.9 <= path.clearances_mm["stomach"] <= wanted + 0.05


def test_rules_name_only_what_they_know():
    for organ in ("liver", "lung", "adrenal", "bone"):
        rules = AccessRules.for_organ(organ)
        assert set(rules.crosses) <= set(known_structures())
        assert set(rules.expects) <= set(rules.distances)
        assert not set(rules.crosses) & set(rules.distances)
    facts = read_facts("locoregional.access")
    assert float(facts["placement.lateral_error"]) == 3.7
    assert all(float(f) >= 1.0 for f in facts.section("distance").values())
    with pytest.raises(PlanningError, match="no obstacle"):
        AccessRules.for_organ("liver").with_distance("liver", distance_mm=3.0, because="test")
    with pytest.raises(PlanningError, match="makes no sense"):
        AccessRules.for_organ("liver").with_distance("bone", distance_mm=-1.0, because="test")
