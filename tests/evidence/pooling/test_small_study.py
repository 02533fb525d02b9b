import numpy as np
import pytest
from scipy import stats

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import begg, egger, egger_mixed, random_effects, trim_and_fill

RNG = np.random.default_rng(4)
V = RNG.uniform(0.01, 0.4, 14)
Y = RNG.normal(0.2 + 0.8 * np.sqrt(V), np.sqrt(V))


@pytest.mark.parametrize("test", [egger, egger_mixed, begg, trim_and_fill])
def test_fewer_than_ten_studies_are_refused_unless_forced(test):
    with pytest.raises(EvidenceError, match="9 studies are too few"):
        test(Y[:9], V[:9])
    test(Y[:9], V[:9], force=True)
    test(Y[:10], V[:10])


def test_egger_is_the_regression_of_precision_on_standardised_effects():
    se = np.sqrt(V)
    classical = stats.linregress(1 / se, Y / se)
    found = egger(Y, V)
    assert found.statistic == pytest.approx(classical.intercept / classical.intercept_stderr)
    assert found.limit == pytest.approx(classical.slope)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.statistic), 12))


def test_begg_is_kendalls_tau_of_standardised_effects():
    w = 1 / V
    z = (Y - w @ Y / w.sum()) / np.sqrt(V - 1 / w.sum())
    theirs = stats.kendalltau(z, V)
    assert (begg(Y, V).statistic, begg(Y, V).p) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert begg(np.repeat(Y, 2), np.repeat(V, 2)).p < 1  # ties


def test_studies_of_one_size_have_no_slope():
    with pytest.raises(EvidenceError, match="one size"):
        egger(Y, np.full(14, 0.1))


def test_a_symmetrical_funnel_misses_nothing():
    y = np.concatenate([0.3 + np.linspace(0.05, 1, 8), 0.3 - np.linspace(0.05, 1, 8)])
    v = np.tile(np.linspace(0.01, 0.4, 8), 2)
    filled = trim_and_fill(y, v)
    assert filled.missing == 0
    assert filled.mean.value == pytest.approx(0.3)


def test_studies_cut_off_on_one_side_are_filled_in_there():
    y = np.concatenate([0.3 + np.linspace(0.05, 1, 12), 0.3 - np.linspace(0.05, 0.4, 5)])
    v = np.concatenate([np.linspace(0.01, 0.4, 12), np.linspace(0.01, 0.15, 5)])
    filled = trim_and_fill(y, v)
    assert filled.side == "left"
    assert filled.missing >= 3
    assert filled.mean.value < random_effects(y, v).value
    mirrored = trim_and_fill(-y, v)
    assert (mirrored.side, mirrored.missing) == ("right", filled.missing)
    assert mirrored.mean.value == pytest.approx(-filled.mean.value)
    with pytest.raises(EvidenceError, match="up"):
        trim_and_fill(y, v, side="up")
