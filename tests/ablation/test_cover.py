"""Set cover against brute force and against known coverings of a ball by balls."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.ablation.cover import ellipsoids_hold, smallest_cover
from locoregional.errors import PlanningError


def brute_force(holds, harm, most, conflicts=()):
    bad = {tuple(sorted(p)) for p in conflicts}
    for n in range(1, most + 1):
        sets = [
            c
            for c in combinations(range(holds.shape[1]), n)
            if holds[:, c].any(axis=1).all() and not any(p in bad for p in combinations(c, 2))
        ]
        if sets:
            return n, min(harm[list(c)].sum() for c in sets)
    return None


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), density=st.sampled_from([0.25, 0.4, 0.6]), clashes=st.integers(0, 8))
def test_the_cover_is_as_small_and_as_harmless_as_brute_force_says(seed, density, clashes):
    rng = np.random.default_rng(seed)
    holds = rng.random((14, 10)) < density
    harm = rng.random(10)
    conflicts = [tuple(sorted(rng.choice(10, 2, replace=False))) for _ in range(clashes)]
    truth = brute_force(holds, harm, 5, conflicts)
    found = smallest_cover(holds, harm=harm, most=5, conflicts=conflicts)
    if truth is None:
        assert found is None
        return
    assert found is not None
    chosen = list(found.chosen)
    assert found.fewest
    assert len(chosen) == truth[0]
    assert holds[:, chosen].any(axis=1).all()
    assert not {tuple(sorted(p)) for p in conflicts} & set(combinations(chosen, 2))
    assert harm[chosen].sum() <= 1.02 * truth[1] + 1e-9


@pytest.mark.parametrize(("number", "ratio"), [(4, 2 * np.sqrt(2) / 3), (6, np.sqrt(2 / 3))])
def test_known_numbers_of_caps_cover_a_sphere(number, ratio):
    # balls of this share of the radius are the smallest of which 4 (tetrahedron) and 6 (octahedron) cover a sphere
    golden = np.pi * (3 - np.sqrt(5)) * np.arange(800)
    z = 1 - (2 * np.arange(800) + 1) / 800
    points = np.column_stack([np.sqrt(1 - z**2) * np.cos(golden), np.sqrt(1 - z**2) * np.sin(golden), z])
    corners = {
        4: np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3),
        6: np.vstack([np.eye(3), -np.eye(3)]),
    }
    rng = np.random.default_rng(1)
    others = rng.normal(size=(60, 3))
    others /= np.linalg.norm(others, axis=1)[:, None]
    centres = np.sqrt(1 - ratio**2) * np.vstack([corners[number], others])
    axes = np.tile([0.0, 0.0, 1.0], (len(centres), 1))
    wide, narrow = 2 * ratio * 1.002, 2 * ratio * 0.98
    holds = ellipsoids_hold(points, centres_lps_mm=centres, axes=axes, long_mm=wide, short_mm=wide)
    found = smallest_cover(holds, harm=np.zeros(len(centres)), most=number)
    assert found is not None
    assert len(found.chosen) == number
    small = ellipsoids_hold(points, centres_lps_mm=centres, axes=axes, long_mm=narrow, short_mm=narrow)
    assert smallest_cover(small, harm=np.zeros(len(centres)), most=number) is None


def test_an_ellipsoid_holds_what_its_equation_says():
    axis = np.array([[1.0, 2.0, 2.0]]) / 3.0
    centre = np.array([[100.0, -50.0, 20.0]])
    side = np.cross(axis[0], [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    points = np.array(
        [centre[0] + 19.99 * axis[0], centre[0] + 20.01 * axis[0], centre[0] + 9.99 * side, centre[0] + 10.01 * side]
    )
    held = ellipsoids_hold(points, centres_lps_mm=centre, axes=axis, long_mm=40.0, short_mm=20.0)
    assert held[:, 0].tolist() == [True, False, True, False]


def test_a_pair_is_asked_for_where_one_alone_does_nothing():
    holds = np.array([[True, True, False], [True, False, True]])
    harm = np.array([3.0, 1.0, 1.0])
    assert smallest_cover(holds, harm=harm, most=3).chosen == (0,)
    assert smallest_cover(holds, harm=harm, most=3, least=2).chosen == (1, 2)
    assert smallest_cover(holds, harm=np.array([0.0, 5.0, 6.0]), most=3, least=2).chosen == (0, 1)  # never one twice
    assert smallest_cover(holds, harm=harm, most=3, least=2, conflicts=[(1, 2)]).chosen in ((0, 1), (0, 2))


def test_nothing_covers_a_point_that_no_placement_holds():
    holds = np.array([[True, True], [False, False]])
    assert smallest_cover(holds, harm=np.zeros(2), most=5) is None
    assert smallest_cover(np.ones((3, 0), bool), harm=np.zeros(0), most=5) is None
    with pytest.raises(PlanningError):
        smallest_cover(holds, harm=np.zeros(3), most=5)
