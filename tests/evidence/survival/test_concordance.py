import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.concordance import concordance


def slow(time, event, risk) -> tuple[float, float]:
    """Every pair looked at in turn."""
    right = pairs = 0.0
    for i in range(len(time)):
        for j in range(len(time)):
            if event[i] and (time[i] < time[j] or (time[i] == time[j] and not event[j])):
                pairs += 1
                right += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
    return right, pairs


@given(st.integers(0, 10_000))
def test_it_counts_every_pair(seed):
    rng = np.random.default_rng(seed)
    time, event, risk = rng.integers(1, 9, 25), rng.random(25) < 0.7, rng.integers(0, 5, 25)
    right, pairs = slow(time, event, risk)
    if pairs:
        assert concordance(time, event, risk).value == pytest.approx(right / pairs)


def test_blocks_meet_seamlessly_and_strata_stay_apart():
    rng = np.random.default_rng(1)
    time, event, risk = rng.exponential(size=1100), rng.random(1100) < 0.5, rng.normal(size=1100)
    stratum = rng.integers(0, 2, 1100)
    counts = [slow(time[stratum == s], event[stratum == s], risk[stratum == s]) for s in (0, 1)]
    expected = sum(r for r, _ in counts) / sum(p for _, p in counts)
    assert concordance(time, event, risk, strata=stratum).value == pytest.approx(expected)


def test_a_perfect_score_and_an_empty_comparison():
    found = concordance([1, 2, 3], [1, 1, 0], [3, 2, 1])
    assert found.value == 1.0
    assert found.sigma == 0.0
    with pytest.raises(EvidenceError, match="no pair"):
        concordance([1, 2], [0, 0], [1, 2])
