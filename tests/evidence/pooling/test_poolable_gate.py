import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling import labels, leave_one_out, pool_changes, pool_log_medians, pool_proportions, refuse_ranking
from locoregional.sources import read_facts

EVENTS, TOTALS = [13, 8, 7], [52, 69, 32]


@pytest.mark.parametrize("method", ["glmm", "REML", "EE"])
def test_patients_and_lesions_are_never_mixed(method):
    pooled = pool_proportions(EVENTS, TOTALS, method=method, units=["patient", "lesion", "patient"], names=["A", "B", "C"])
    assert pooled.estimate is None
    assert pooled.tau2 is None
    assert not pooled.poolable
    assert "patient (A, C), lesion (B)" in pooled.reason
    assert [s.estimate for s in pooled.studies] == [13 / 52, 8 / 69, 7 / 32]


def test_different_quantities_are_never_mixed():
    for pooled in (
        pool_proportions(EVENTS, TOTALS, estimands=["ltp", "ltp", "local_control"]),
        pool_log_medians([10, 12, 9], [8, 9, 7], [13, 15, 12], estimands=["os_median", "pfs_median", "os_median"]),
        pool_changes([-3.0, -2.0], [1, 1], [20, 30], estimands=["VAS", "ODI"]),
    ):
        assert pooled.estimate is None
        assert "never pooled" in pooled.reason


def test_an_unstated_unit_among_stated_ones_is_computed_and_not_quoted():
    pooled = pool_proportions(EVENTS, TOTALS, units=["patient", "", "unclear"], names=["A", "B", "C"])
    assert pooled.estimate is not None
    assert not pooled.poolable
    assert "B, C is not stated" in pooled.reason


def test_case_and_spaces_of_a_label_do_not_matter():
    assert labels(["A", "B"], units=[" Patient", "patient "]).mixture == ""
    assert labels(["A", "B"], units=["", "-"]).doubt == ""


def test_different_clocks_are_warned_of():
    pooled = pool_log_medians([10, 12, 9], [8, 9, 7], [13, 15, 12], clocks=["first treatment", "diagnosis", ""])
    assert pooled.poolable
    assert any("different starts" in w for w in pooled.warnings)
    assert any("not stated for study 3" in w for w in pooled.warnings)


def test_labels_for_some_studies_only_are_an_error():
    with pytest.raises(EvidenceError, match="2 units of analysis for 3 studies"):
        pool_proportions(EVENTS, TOTALS, units=["patient", "patient"])


def test_too_few_is_said():
    one = pool_proportions([13], [52], names=["Meloni"])
    assert (one.poolable, one.method, one.test) == (False, "single study", "exact")
    assert "one study (Meloni)" in one.reason
    assert one.ci_low == pytest.approx(0.140348603588191)
    two = pool_proportions([13, 11], [52, 60], method="REML")
    assert two.prediction_low is None
    assert any("not estimable" in w for w in two.warnings)
    four = pool_proportions([13, 11, 9, 8], [52, 60, 40, 33])
    assert any("4 studies are few" in w for w in four.warnings)
    assert not any("few" in w for w in pool_proportions([13, 11, 9, 8, 7], [52, 60, 40, 33, 30]).warnings)


@pytest.mark.parametrize("method", ["glmm", "REML"])
def test_too_different_is_computed_and_not_quoted(method):
    pooled = pool_proportions([27, 3, 23, 24], [208, 41, 40, 68], method=method)
    assert pooled.estimate is not None
    assert not pooled.poolable
    assert "too much" in pooled.reason
    pair = pool_proportions([3, 30], [41, 40], method=method)
    assert not pair.poolable
    assert "too much" in pair.reason


def test_large_series_are_not_condemned_by_i2_alone():
    pooled = pool_proportions([300, 420, 380, 350, 330, 410], [2000] * 6, method="REML")
    assert pooled.i2_percent > 80
    assert pooled.poolable


def test_no_event_anywhere_gives_the_summed_counts():
    pooled = pool_proportions([0, 0, 0], [30, 45, 25])
    assert (pooled.estimate, pooled.method, pooled.test) == (0.0, "summed counts", "exact")
    assert pooled.ci_high == pytest.approx(1 - 0.025 ** (1 / 100))
    assert not pooled.poolable
    full = pool_proportions([30, 45], [30, 45])
    assert (full.estimate, full.ci_high) == (1.0, 1.0)


def test_freeman_tukey_is_labelled_as_a_comparison():
    pooled = pool_proportions(EVENTS, TOTALS, method="REML", transform="freeman-tukey")
    assert any("comparison only" in w for w in pooled.warnings)
    with pytest.raises(EvidenceError, match="logit"):
        pool_proportions(EVENTS, TOTALS, transform="freeman-tukey")


def test_narrow_hartung_knapp_intervals_are_pointed_out():
    events, totals = [20, 21, 20, 21, 20], [80, 84, 80, 84, 80]
    pooled = pool_proportions(events, totals, method="REML")
    assert any("narrower" in w for w in pooled.warnings)
    assert not any("narrower" in w for w in pool_proportions(events, totals, method="REML", floor=True).warnings)
    assert not any("narrower" in w for w in pool_proportions(events, totals, method="REML", test="z").warnings)


def test_a_glmm_has_its_companion():
    pooled = pool_proportions(EVENTS, TOTALS)
    assert (pooled.test, pooled.tau2_interval) == ("z", "profile likelihood")
    assert (pooled.companion.method, pooled.companion.test) == ("REML", "hk")
    assert pooled.companion.ci_high > pooled.ci_high
    assert sum(s.weight_percent for s in pooled.companion.studies) == pytest.approx(100)


def test_procedures_are_not_ranked():
    with pytest.raises(EvidenceError) as caught:
        refuse_ranking(["RFA", "TARE"])
    assert "RFA, TARE cannot be ranked from single-arm series" in str(caught.value)
    assert "patients" in str(caught.value)


def test_thresholds_of_our_own_say_so():
    facts = read_facts("locoregional.evidence.pooling")
    assert {fact.status for fact in facts.values()} == {"unverified"}
    assert float(facts["poolable.i2_percent"]) == 90


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"method": "bayes"}, "method"),
        ({"test": "t"}, "test"),
        ({"prediction": "none"}, "prediction"),
        ({"level": 95}, "level"),
        ({"transform": "probit", "method": "REML"}, "transform"),
        ({"names": ["A", "A", "B"]}, "stands twice"),
        ({"names": ["A"]}, "1 names for 3"),
    ],
)
def test_unknown_settings_are_refused(settings_, words):
    with pytest.raises(EvidenceError) as caught:
        pool_proportions(EVENTS, TOTALS, **settings_)
    assert words in str(caught.value)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), min_size=2, max_size=7))
@settings(max_examples=40, deadline=None)
def test_every_pool_of_counts_is_ordered_and_a_proportion(rows):
    events, totals = [min(x, n) for x, n in rows], [n for _, n in rows]
    for method in ("REML", "DL", "glmm"):
        try:
            pooled = pool_proportions(events, totals, method=method)
        except EvidenceError as error:
            assert "GLMM" in str(error)  # noqa: PT017 a set in which some saw none and others all has no maximum
            continue
        assert 0 <= pooled.ci_low <= pooled.estimate <= pooled.ci_high <= 1
        assert pooled.reason
        if pooled.prediction_low is not None:
            assert 0 <= pooled.prediction_low <= pooled.estimate <= pooled.prediction_high <= 1


def test_leaving_one_out_leaves_the_others():
    found = leave_one_out(pool_proportions, EVENTS, TOTALS, names=["A", "B", "C"], units=["patient"] * 3, method="REML", test="z")
    assert [f.left_out for f in found] == ["A", "B", "C"]
    assert [s.name for s in found[1].studies] == ["A", "C"]
    alone = pool_proportions([13, 7], [52, 32], method="REML", test="z")
    assert found[1].estimate == pytest.approx(alone.estimate)
    with pytest.raises(EvidenceError, match="nothing to pool"):
        leave_one_out(pool_proportions, [1, 2], [10, 20])
    medians = leave_one_out(pool_log_medians, [10, 12, 9], [8, float("nan"), 7], [13, float("nan"), 12], totals=[20, 30, 25])
    assert medians[0].studies[0].total == 30
