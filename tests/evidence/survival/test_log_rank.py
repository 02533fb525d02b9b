import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.cox import cox
from locoregional.evidence.survival.log_rank import log_rank

RNG = np.random.default_rng(3)
TIME = RNG.exponential(10, 60)
EVENT = RNG.random(60) < 0.7
GROUP = np.repeat([0, 1, 2], 20)
STRATUM = np.tile([0, 1], 30)


def test_two_groups_worked_by_hand():
    found = log_rank([1, 2, 3, 4], [1, 1, 1, 1], ["a", "b", "a", "b"])
    assert found.expected == pytest.approx([1 / 2 + 1 / 3 + 1 / 2, 1 / 2 + 2 / 3 + 1 / 2 + 1])
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert found.test.value == pytest.approx((2 - found.expected[0]) ** 2 / variance)
    assert found.groups == ("a", "b")
    assert found.n.tolist() == [2, 2]


def test_without_ties_it_is_the_score_test_of_cox():
    two = GROUP < 2
    found = log_rank(TIME[two], EVENT[two], GROUP[two])
    assert found.test.value == pytest.approx(cox(TIME[two], EVENT[two], GROUP[two]).score.value)


def test_strata_add_up():
    found = log_rank(TIME, EVENT, GROUP, strata=STRATUM)
    parts = [log_rank(TIME[s == STRATUM], EVENT[s == STRATUM], GROUP[s == STRATUM]) for s in (0, 1)]
    assert found.observed == pytest.approx(parts[0].observed + parts[1].observed)
    assert found.expected == pytest.approx(parts[0].expected + parts[1].expected)
    assert found.test.df == 2
    doubled = log_rank(np.r_[TIME, TIME], np.r_[EVENT, EVENT], np.r_[GROUP, GROUP], strata=np.repeat([0, 1], 60))
    assert doubled.test.value == pytest.approx(2 * log_rank(TIME, EVENT, GROUP).test.value)


@given(st.integers(0, 1000), st.sampled_from([0.0, 0.5, 1.0]))
def test_observed_and_expected_have_one_sum_and_names_do_not_matter(seed, exponent):
    rng = np.random.default_rng(seed)
    time, event, group = rng.integers(1, 12, 30), rng.random(30) < 0.8, rng.integers(0, 3, 30)
    found = log_rank(time, event, group, exponent=exponent)
    assert found.observed.sum() == pytest.approx(found.expected.sum())
    assert 0 <= found.test.p <= 1
    renamed = log_rank(time, event, np.array(["z", "a", "m"])[group], exponent=exponent)
    assert renamed.test.value == pytest.approx(found.test.value)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(EvidenceError, match="only one group"):
        log_rank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(EvidenceError, match="no event happened while two groups"):
        log_rank([1, 2, 3], [0, 0, 1], ["a", "a", "b"])
    with pytest.raises(EvidenceError, match="group labels"):
        log_rank([1, 2, 3], [0, 0, 1], ["a", "b"])
