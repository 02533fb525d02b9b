import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.aalen_johansen import aalen_johansen
from locoregional.evidence.survival.kaplan_meier import kaplan_meier

people = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2)), min_size=3, max_size=30).filter(
    lambda p: any(c for _, c in p)
)


def weighted(time: np.ndarray, cause: np.ndarray, weights: np.ndarray, t: float) -> float:
    """Incidence of cause 1 by a time, each person counting with a weight."""
    survival, incidence = 1.0, 0.0
    for u in np.unique(time[time <= t]):
        at_risk = weights[time >= u].sum()
        incidence += survival * weights[(time == u) & (cause == 1)].sum() / at_risk
        survival *= 1 - weights[(time == u) & (cause > 0)].sum() / at_risk
    return incidence


@given(people, st.integers(1, 12))
def test_standard_errors_are_the_influence_of_each_person(table, t):
    time, cause = (np.array(column) for column in zip(*table, strict=True))
    found = aalen_johansen(time, np.where(cause == 0, 0, cause))
    k = np.searchsorted(found.time, t, side="right") - 1
    if k < 0:
        return
    influence = []
    for i in range(time.size):
        up, down = np.ones(time.size), np.ones(time.size)
        up[i], down[i] = 1 + 1e-5, 1 - 1e-5
        influence.append((weighted(time, cause, up, t) - weighted(time, cause, down, t)) / 2e-5)
    assert found.incidence[k, 0] == pytest.approx(weighted(time, cause, np.ones(time.size), t))
    assert found.se[k, 0] == pytest.approx(np.linalg.norm(influence), abs=1e-6)


@given(people)
def test_incidences_and_survival_make_one(table):
    time, cause = (np.array(column) for column in zip(*table, strict=True))
    found = aalen_johansen(time, cause)
    survival = kaplan_meier(time, cause > 0).survival
    assert found.incidence.sum(axis=1) + survival == pytest.approx(np.ones(survival.size))
    one_kind = aalen_johansen(time, (cause > 0).astype(int))
    assert one_kind.incidence[:, 0] == pytest.approx(1 - survival)


def test_counting_lesions_as_patients_narrows_the_interval():
    rng = np.random.default_rng(0)
    time, cause = rng.integers(1, 20, 40), rng.integers(0, 3, 40)
    lesions = np.repeat(np.arange(40), 3)
    alone = aalen_johansen(time, cause)
    together = aalen_johansen(time[lesions], cause[lesions], cluster=lesions)
    naive = aalen_johansen(time[lesions], cause[lesions])
    assert together.incidence == pytest.approx(alone.incidence)
    assert together.se == pytest.approx(alone.se)
    assert naive.se == pytest.approx(alone.se / np.sqrt(3))


def test_readings():
    found = aalen_johansen([1, 2, 3, 4], [1, 2, 0, 0])
    assert found.at(0.5, cause=1).value == 0.0
    assert found.at(2, cause=2).value == pytest.approx(0.25)
    assert np.isnan(found.at(4.5, cause=1).value)
    assert np.isnan(found.at(1, cause=2).low)
    assert aalen_johansen([1, 2], [1, 2]).at(9, cause=2).value == pytest.approx(0.5)


@pytest.mark.parametrize("cause", [[0, 0], [1, -1], [1, 0.5], [1, np.nan]])
def test_kinds_of_event_are_whole_numbers(cause):
    with pytest.raises(EvidenceError, match="kinds of event"):
        aalen_johansen([1, 2], cause)
