import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import (
    TABLE_MEASURES,
    TRANSFORMS,
    log_ratio_of_interval,
    mean_difference,
    proportion_effects,
    proportions_back,
    rate_effects,
    rate_ratio,
    standardised_difference,
    table_effects,
)

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.sampled_from(TRANSFORMS))
def test_a_proportion_survives_the_way_there_and_back(count, transform):
    x, n = count
    inside = 0 < x < n
    y, v = proportion_effects([x], [n], transform=transform)
    assert v[0] > 0
    expected = x / n if inside else (x + 0.5) / (n + 1)
    total = n if inside else n + 1
    back = proportions_back(y, transform=transform, totals=[total])
    assert back[0] == pytest.approx(expected, abs=1e-7 if transform == "freeman-tukey" else 1e-10)


@given(counts)
def test_the_complement_mirrors_the_logit(count):
    x, n = count
    (y, v), (mirrored, w) = proportion_effects([x], [n]), proportion_effects([n - x], [n])
    assert mirrored[0] == pytest.approx(-y[0], abs=1e-12)
    assert v[0] == pytest.approx(w[0], rel=1e-12)


def test_arcsines_need_no_half_event():
    for transform, value in (("arcsine", 0.0), ("freeman-tukey", 0.0)):
        y, _ = proportion_effects([0, 10], [10, 10], transform=transform, add_half=False)
        assert proportions_back(y, transform=transform, totals=[10, 10]) == pytest.approx([value, 1.0], abs=1e-12)
    for transform in ("logit", "log", "raw"):
        with pytest.raises(EvidenceError, match="no variance"):
            proportion_effects([0], [10], transform=transform, add_half=False)


def test_values_beyond_the_scale_are_nothing_or_everything():
    assert proportions_back([-1.0, 9.0], transform="freeman-tukey", totals=[20]).tolist() == [0.0, 1.0]
    assert proportions_back([-1.0, 2.0], transform="arcsine").tolist() == [0.0, 1.0]
    assert proportions_back([-0.2, 1.3], transform="raw").tolist() == [0.0, 1.0]
    with pytest.raises(EvidenceError, match="totals"):
        proportions_back([0.3], transform="freeman-tukey")


@pytest.mark.parametrize(
    ("x", "n", "words"),
    [
        ([5], [4], "more events"),
        ([25.5], [40], "percentage"),
        ([0.25], [40], "not whole"),
        ([-1], [4], "negative"),
        ([1], [0], "denominator"),
        ([1, np.nan], [4, 4], "study 2"),
        ([1, 2], [4], "do not pair"),
        ([], [], "do not pair"),
    ],
)
def test_impossible_counts_are_refused_in_words(x, n, words):
    with pytest.raises(EvidenceError) as caught:
        proportion_effects(x, n)
    assert words in str(caught.value)


def test_unknown_scales_and_measures_are_refused():
    with pytest.raises(EvidenceError, match="probit"):
        proportion_effects([1], [4], transform="probit")
    with pytest.raises(EvidenceError, match="ratio of odds"):
        table_effects([1], [4], [1], [4], measure="ratio of odds")


@pytest.mark.parametrize("measure", TABLE_MEASURES)
def test_swapping_the_arms_swaps_the_sign(measure):
    (y, v), (swapped, w) = (
        table_effects([0, 5, 9], [20, 30, 10], [3, 5, 10], [25, 40, 10], measure=measure),
        table_effects([3, 5, 10], [25, 40, 10], [0, 5, 9], [20, 30, 10], measure=measure),
    )
    assert swapped == pytest.approx(-y)
    assert w == pytest.approx(v)
    assert np.isfinite(y).all()


def test_ratios_of_rates_and_means():
    y, v = rate_ratio([4], [100.0], [8], [100.0])
    assert (y[0], v[0]) == pytest.approx((np.log(0.5), 1 / 4 + 1 / 8))
    assert rate_effects([0], [10.0])[0][0] == pytest.approx(np.log(0.05))
    y, v = mean_difference([5.0], [2.0], [16], [3.0], [1.0], [25])
    assert (y[0], v[0]) == pytest.approx((2.0, 4 / 16 + 1 / 25))
    y, _ = standardised_difference([5.0], [2.0], [50], [3.0], [2.0], [50])
    assert y[0] == pytest.approx(1 - 3 / (4 * 98 - 1), abs=1e-4)
    with pytest.raises(EvidenceError):
        rate_effects([1], [0.0])


def test_hazard_ratios_carry_their_interval():
    y, v = log_ratio_of_interval([2.22], [1.13], [4.36])
    assert (y[0], np.sqrt(v[0])) == pytest.approx((np.log(2.22), np.log(4.36 / 1.13) / (2 * 1.959964)), rel=1e-6)
    with pytest.raises(EvidenceError, match="does not lie in"):
        log_ratio_of_interval([5.0], [1.1], [4.4])
