import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.curve_input import clean_curve, clean_numbers_at_risk


def test_a_curve_is_put_in_order():
    curve = clean_curve([12, 3, 3, 7, 20], [0.5, 0.9, 0.9, 0.71, 0.5])
    assert curve.time_months.tolist() == [0, 3, 3, 7, 12, 20]
    assert curve.survival == pytest.approx([1, 0.9, 0.9, 0.71, 0.5, 0.5])
    assert not curve.samples
    assert any("time 0 was added" in note for note in curve.notes)


def test_per_cent_is_seen_and_said():
    curve = clean_curve([0, 5, 9], [100, 80, 30])
    assert curve.survival.tolist() == [1, 0.8, 0.3]
    assert any("percentage, since its largest value is 100" in note for note in curve.notes)
    assert clean_curve([0, 5, 9], [1, 0.8, 0.3], unit="fraction").survival.tolist() == [1, 0.8, 0.3]


def test_noise_is_averaged_out_not_cut():
    curve = clean_curve([0, 1, 2.5, 3, 5], [1, 0.80, 0.81, 0.79, 0.6])
    assert curve.survival == pytest.approx([1, 0.805, 0.805, 0.79, 0.6])
    assert any("1.0 percentage points were taken for noise" in note for note in curve.notes)


def test_even_spacing_means_samples():
    t = np.linspace(0, 24, 49) + np.random.default_rng(0).normal(0, 0.02, 49).clip(0)
    assert clean_curve(t, np.linspace(1, 0.3, 49)).samples
    assert not clean_curve(np.cumsum(np.random.default_rng(1).exponential(1, 40)), np.linspace(1, 0.3, 40)).samples
    assert not clean_curve(t, np.linspace(1, 0.3, 49), points="corners").samples
    assert clean_curve([0, 12, 24, 36], [1, 0.8, 0.6, 0.5]).samples
    assert not clean_curve([0, 2, 3, 5, 7, 9, 11], [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4]).samples  # whole months of a small series


@pytest.mark.parametrize(
    ("time", "survival", "words", "where"),
    [
        ([0, 5, 9], [1, 1.2, 0.5], "more than 1, too little for per cent", "row 2"),
        ([0, 5, 9], [100, 105, 50], "105 % exceeds 100 %", "row 2"),
        ([0, 5, 9], [1, 0.5, 0.6], "rises by 10.0 percentage points", "row 3"),
        ([0, -5, 9], [1, 0.5, 0.4], "a time is negative", "row 2"),
        ([0, 5, 9], [1, -0.5, 0.4], "a survival is negative", "row 2"),
        ([0, 5, np.nan], [1, 0.5, 0.4], "missing", "row 3"),
        ([0, 5, 9], [1, np.inf, 0.4], "no number", "row 2"),
        ([], [], "0 points are no curve", "curve"),
        ([5, 5], [1, 0.5], "one time", "curve"),
        ([0, 5], [0.7, 0.5], "starts at 70 %", "curve"),
        ([12, 24], [0.6, 0.5], "the beginning is missing", "curve"),
        ([0, 800, 1600], [1, 0.5, 0.2], "exceeds 400 months", "row 2"),
    ],
)
def test_what_is_no_curve_is_refused_with_its_row(time, survival, words, where):
    with pytest.raises(EvidenceError, match=words) as error:
        clean_curve(time, survival)
    assert where in error.value.where
    assert error.value.remedy


def test_a_fraction_said_to_be_per_cent_starts_too_low():
    with pytest.raises(EvidenceError, match="starts at 1 %"):
        clean_curve([0, 5], [1, 0.5], unit="percent")


@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 1)), min_size=2, max_size=30))
def test_whatever_passes_is_a_survival_curve(points):
    time, survival = zip(*points, strict=True)
    try:
        curve = clean_curve(time, survival)
    except EvidenceError:
        return
    assert curve.time_months[0] == 0
    assert curve.survival[0] == 1
    assert (np.diff(curve.time_months) >= 0).all()
    assert (np.diff(curve.survival) <= 0).all()
    assert (curve.survival >= 0).all()
    again = clean_curve(curve.time_months, curve.survival)
    assert np.allclose(again.survival, curve.survival)


def test_numbers_at_risk_start_at_time_0():
    assert clean_numbers_at_risk([0, 6], [40, 30]).count.tolist() == [40, 30]
    later = clean_numbers_at_risk([6, 12], [30, 10], total=40)
    assert later.time_months.tolist() == [0, 6, 12]
    assert later.count.tolist() == [40, 30, 10]


@pytest.mark.parametrize(
    ("time", "count", "total", "words"),
    [
        ([0, 6, 12], [40, 30, 31], None, "rises"),
        ([0, 6], [40, 30], 35, "exceeds the total of 35"),
        ([0, 6], [40, 30], 50, "but 50 in all"),
        ([0, 6, 6], [40, 30, 20], None, "not later"),
        ([0, 6], [40, 29.5], None, "no whole number"),
        ([0, 6], [40, -1], None, "no whole number"),
        ([-1, 6], [40, 1], None, "time is negative"),
        ([0, np.nan], [40, 1], None, "missing"),
        ([6, 12], [40, 1], None, "time 0 is missing"),
        ([0], [0], None, "nobody is at risk"),
        ([], [], None, "no numbers at risk"),
    ],
)
def test_numbers_that_cannot_be_are_refused(time, count, total, words):
    with pytest.raises(EvidenceError, match=words):
        clean_numbers_at_risk(time, count, total=total)
