import numpy as np
import pytest
from scipy import stats

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import CONVENTIONS, pool_proportions, prediction_interval

GIVEN = {"se": 0.2, "tau2": 0.3, "k": 7}


def test_the_two_conventions_use_their_own_quantiles():
    width = np.sqrt(0.3 + 0.04)
    low, high = prediction_interval(1.0, **GIVEN, degrees=6, convention="hts")
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, 5) * width)
    low, high = prediction_interval(1.0, **GIVEN, degrees=6, convention="metafor")
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, 6) * width)
    low, high = prediction_interval(1.0, **GIVEN, degrees=None, convention="metafor", level=0.9)
    assert (high - low) / 2 == pytest.approx(stats.norm.ppf(0.95) * width)


def test_two_studies_have_no_interval_by_hts():
    assert prediction_interval(1.0, se=0.2, tau2=0.3, k=2, degrees=1, convention="hts") is None
    assert prediction_interval(1.0, se=0.2, tau2=0.3, k=2, degrees=1, convention="metafor") is not None


def test_unknown_conventions_are_refused():
    with pytest.raises(EvidenceError, match="bayes"):
        prediction_interval(1.0, **GIVEN, degrees=6, convention="bayes")


@pytest.mark.parametrize("method", ["glmm", "REML", "DL"])
def test_both_conventions_come_with_a_pool_and_are_named(method):
    events, totals = [5, 9, 14, 6, 22], [40, 52, 61, 30, 80]
    found = {c: pool_proportions(events, totals, method=method, prediction=c) for c in CONVENTIONS}
    hts, metafor = found["hts"], found["metafor"]
    assert (hts.prediction_low, hts.prediction_high) == (metafor.other_prediction_low, metafor.other_prediction_high)
    assert (hts.other_convention, metafor.other_convention) == ("metafor", "hts")
    assert hts.prediction_low < hts.ci_low < hts.estimate < hts.ci_high < hts.prediction_high


def test_two_studies_and_a_common_effect_have_none():
    for pooled in (pool_proportions([5, 9], [40, 52], method="REML"), pool_proportions([5, 9, 7], [40, 52, 30], method="EE")):
        assert pooled.prediction_low is None
        assert pooled.other_prediction_high is None
