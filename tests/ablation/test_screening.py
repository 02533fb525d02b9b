"""Morris screening against functions whose influences are known: a straight one, Morris's own, and Sobol's g."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.ablation.screening import draws_on, influences, screened, trajectories
from locoregional.errors import PlanningError


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(1, 6), st.integers(0, 1000))
def test_each_step_moves_one_coordinate_and_each_coordinate_moves_once(dimensions, number, seed):
    walks = trajectories(dimensions, number=number, seed=seed)
    moves = np.diff(walks, axis=1)
    assert walks.min() >= 0.0
    assert walks.max() <= 1.0
    assert ((moves != 0).sum(axis=2) == 1).all()
    assert ((moves != 0).sum(axis=1) == 1).all()
    assert np.abs(moves[moves != 0]) == pytest.approx(2 / 3)
    assert np.abs(walks * 3 - np.round(walks * 3)).max() < 1e-12  # four levels


def test_levels_are_visited_evenly():
    walks = trajectories(5, number=2000, seed=3)
    shares = [float(np.isclose(walks[:, 0], level / 3).mean()) for level in range(4)]
    assert shares == pytest.approx([0.25] * 4, abs=0.02)


def test_a_straight_function_gives_its_slopes_exactly():
    slopes = np.array([3.0, -7.0, 0.0, 0.5])
    found = {i.name: i for i in screened(lambda x: x @ slopes, ("a", "b", "c", "d"), number=4)}
    assert list(found) == ["b", "a", "d", "c"]  # strongest first
    assert [found[n].slope for n in "abcd"] == pytest.approx(slopes)
    assert [found[n].weight for n in "abcd"] == pytest.approx(np.abs(slopes))
    assert [found[n].spread for n in "abcd"] == pytest.approx([0.0] * 4, abs=1e-9)


def morris_1991(x):
    """The 20-input function of Morris (1991); coefficients that he drew at random take the fixed signs in common use."""
    w = 2.0 * (x - 0.5)
    for i in (2, 4, 6):
        w[:, i] = 2.0 * (1.1 * x[:, i] / (x[:, i] + 0.1) - 0.5)
    first = np.array([20.0 if i < 10 else (-1.0) ** (i + 1) for i in range(20)])
    y = w @ first
    for i in range(20):
        for j in range(i + 1, 20):
            y = y + (-15.0 if j < 6 else (-1.0) ** (i + j)) * w[:, i] * w[:, j]
            for k in range(j + 1, 5):
                y = y - 10.0 * w[:, i] * w[:, j] * w[:, k]
                for m in range(k + 1, 4):
                    y = y + 5.0 * w[:, i] * w[:, j] * w[:, k] * w[:, m]
    return y


def test_the_function_of_morris_falls_into_his_three_groups():
    names = tuple(f"x{i + 1}" for i in range(20))
    found = {i.name: i for i in screened(morris_1991, names, number=40, seed=1)}
    straight, mixed, idle = names[7:10], names[:7], names[10:]
    assert set(list(found)[:10]) == set(straight + mixed)  # the ten that matter come first
    for name in straight:  # twice their coefficient, hardly depending on the others
        assert found[name].slope == pytest.approx(40.0, abs=6.0)
        assert found[name].spread < 0.35 * found[name].weight
    for name in mixed:
        assert found[name].spread > 0.35 * found[name].weight
    assert max(found[n].weight for n in idle) < 0.35 * min(found[n].weight for n in straight)


def test_the_g_function_is_ordered_by_its_coefficients():
    a = np.array([78.0, 12.0, 0.5, 2.0, 97.0, 33.0])

    def g(x):
        return ((np.abs(4.0 * x - 2.0) + a) / (1.0 + a)).prod(axis=1)

    order = [i.name for i in screened(g, tuple("abcdef"), number=200, seed=2)]
    assert order == ["c", "d", "b", "f", "a", "e"]  # ascending coefficient: falling influence
    strengths = {i.name: i for i in screened(g, tuple("abcdef"), number=200, seed=2)}
    assert abs(strengths["c"].slope) < 0.3 * strengths["c"].weight  # up and down cancel: why the absolute mean is used


def test_points_become_draws_over_their_ranges():
    walks = trajectories(2, number=1, seed=0)
    draws = draws_on({"perfusion": (0.5, 1.5), "damage_law": (0.0, 4.0)}, walks)
    assert len(draws) == 3
    assert [d["perfusion"] for d in draws] == pytest.approx(0.5 + walks[0, :, 0])
    assert {min(int(d["damage_law"]), 3) for d in draws} <= {0, 1, 2, 3}


def test_impossible_walks_are_refused():
    with pytest.raises(PlanningError, match="even"):
        trajectories(3, number=2, levels=3)


def test_values_are_matched_to_the_right_step():
    walks = trajectories(3, number=2, seed=5)
    values = walks[:, :, 1] ** 2
    found = {i.name: i for i in influences(("a", "b", "c"), walks, values)}
    assert found["a"].weight == found["c"].weight == 0.0
    assert found["b"].weight > 0.5
