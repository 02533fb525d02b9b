import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import clopper_pearson, wilson

counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_are_those_of_scipy(count, level):
    x, n = count
    for ours, method in ((clopper_pearson, "exact"), (wilson, "wilson")):
        theirs = binomtest(x, n).proportion_ci(level, method)
        assert ours([x], [n], level=level)[:, 0] == pytest.approx([theirs.low, theirs.high], abs=1e-9)


def test_nothing_and_everything_reach_the_ends():
    low, high = clopper_pearson([0, 12], [12, 12])
    assert (low[0], high[1]) == (0.0, 1.0)
    assert high[0] == pytest.approx(1 - 0.025 ** (1 / 12))


def test_a_level_is_no_percentage():
    with pytest.raises(EvidenceError, match="level"):
        clopper_pearson([1], [4], level=95)
