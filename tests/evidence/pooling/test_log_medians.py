import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import log_median_effects, pool_log_medians

NAN = float("nan")


@given(st.floats(1, 100), st.floats(0.02, 1.0), st.sampled_from([0.9, 0.95, 0.99]))
def test_an_interval_gives_back_its_standard_error(median, se, level):
    from scipy.stats import norm

    z = norm.ppf(0.5 + level / 2)
    y, v, how = log_median_effects([median], [median * np.exp(-z * se)], [median * np.exp(z * se)], levels=level)
    assert (y[0], v[0] ** 0.5, how[0]) == (pytest.approx(np.log(median)), pytest.approx(se), "interval")


def test_what_is_not_published_is_replaced_and_said():
    pooled = pool_log_medians([10.6, 9.8, 12.0], [7.3, NAN, 8.0], [14.4, NAN, NAN], totals=[47, 30, NAN], names=["A", "B", "C"])
    _, v, how = log_median_effects([10.6, 9.8, 12.0], [7.3, NAN, 8.0], [14.4, NAN, NAN], totals=[47, 30, NAN])
    assert how == ("interval", "exponential", "lower half")
    assert v[1:] == pytest.approx([1 / 30, (np.log(12 / 8) / 1.959964) ** 2], rel=1e-6)
    assert any(w.startswith("B:") and "exponential" in w for w in pooled.warnings)
    assert any(w.startswith("C:") and "lower half" in w for w in pooled.warnings)
    assert [s.note != "" for s in pooled.studies] == [False, True, True]
    assert pooled.n_total is None


def test_months_come_out_as_months():
    pooled = pool_log_medians([10.6, 6.6], [7.3, 5.0], [14.4, 9.2], test="z")
    assert pooled.estimate == pytest.approx(8.31283466872328, rel=1e-9)  # metafor, REML
    assert pooled.measure == "median survival"
    days = pool_log_medians(30.4 * np.array([10.6, 6.6]), 30.4 * np.array([7.3, 5.0]), 30.4 * np.array([14.4, 9.2]), test="z")
    assert days.estimate == pytest.approx(30.4 * pooled.estimate)
    assert days.tau2 == pytest.approx(pooled.tau2)


def test_a_single_series_keeps_its_own_interval():
    pooled = pool_log_medians([10.6], [7.3], [14.4], names=["CIRT"])
    assert (pooled.estimate, pooled.ci_low, pooled.ci_high, pooled.method) == (10.6, 7.3, 14.4, "single study")
    assert not pooled.poolable
    assert "one study (CIRT)" in pooled.reason


def test_a_wild_set_is_not_poolable():
    pooled = pool_log_medians([47, 17, 5, 60], [40, 15, 4, 50], [55, 19, 6, 72])
    assert not pooled.poolable
    assert "months" in pooled.reason


@pytest.mark.parametrize(
    ("row", "totals", "words"),
    [
        ((10.0, 11.0, 14.0), None, "does not lie inside"),
        ((10.0, 8.0, 9.0), None, "does not lie inside"),
        ((-1.0, NAN, NAN), [30], "above 0"),
        ((NAN, 1.0, 2.0), None, "above 0"),
        ((10.0, -2.0, 14.0), None, "not above 0"),
        ((10.0, NAN, 14.0), [30], "no lower"),
        ((10.0, NAN, NAN), None, "neither an interval nor"),
        ((10.0, NAN, NAN), [NAN], "neither an interval nor"),
    ],
)
def test_impossible_medians_are_refused(row, totals, words):
    with pytest.raises(EvidenceError) as caught:
        log_median_effects(*([x] for x in row), totals=totals, names=["Bai"])
    assert words in str(caught.value)
    assert "Bai" in str(caught.value)


def test_there_is_no_glmm_for_medians():
    with pytest.raises(EvidenceError, match="binomial"):
        pool_log_medians([10.6, 6.6], [7.3, 5.0], [14.4, 9.2], method="glmm")
