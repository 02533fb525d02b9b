import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.accuracy import GIVEN, accuracy_fact, accuracy_words
from locoregional.evidence.survival.assumed import times_without_numbers_at_risk
from locoregional.evidence.survival.cox import cox
from locoregional.evidence.survival.curve_input import NumbersAtRisk, clean_curve
from locoregional.evidence.survival.guyot import individual_times
from locoregional.evidence.survival.kaplan_meier import KaplanMeier, kaplan_meier
from locoregional.evidence.survival.rebuilt import Rebuilt, rebuild
from locoregional.evidence.survival.two_curves import compare


def series(seed: int, n: int, ratio: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Times and events of made-up patients: median about 12 months, entry over a year, closed after three."""
    rng = np.random.default_rng(seed)
    dies, leaves = rng.exponential(17 / ratio, n), 36 - rng.uniform(0, 12, n)
    return np.minimum(dies, leaves).round(2), dies <= leaves


def steps(km: KaplanMeier):
    """Every step of a curve, and its end."""
    happened = km.events > 0
    return clean_curve(np.r_[0, km.time[happened], km.time[-1]], np.r_[1, km.survival[happened], km.survival[-1]])


def numbers(km: KaplanMeier, every: float = 3.0) -> NumbersAtRisk:
    t = np.arange(0, km.time[-1], every)
    return NumbersAtRisk(t, km.at_risk[np.searchsorted(km.time, t)])


def test_a_small_figure_comes_back_patient_by_patient():
    time, event = np.array([2, 3, 4, 5, 7, 8, 9, 11.0]), np.array([1, 1, 0, 1, 1, 0, 1, 0])
    km = kaplan_meier(time, event)
    found = individual_times(steps(km), numbers(km, 2.0))
    assert found.time_months[found.event] == pytest.approx([2, 3, 5, 7, 9])
    assert found.time_months[~found.event] == pytest.approx([5, 9, 11], abs=2)
    assert kaplan_meier(found.time_months, found.event).at(9).value == pytest.approx(km.at(9).value)


def test_the_truth_is_known_and_found():
    """A hazard ratio of 0.6 between arms of 300, from 60 points rounded to half a per cent."""
    arms, true = [], []
    for seed, ratio in ((1, 0.6), (2, 1.0)):
        time, event = series(seed, 300, ratio)
        km = kaplan_meier(time, event)
        t = np.linspace(0, km.time[-1], 60)
        s = np.round(200 * np.r_[1.0, km.survival][np.searchsorted(km.time, t, side="right")]) / 2
        arms.append(rebuild(clean_curve(t, s), at_risk=numbers(km)))
        true.append((time, event, km))
        assert arms[-1].median().value == pytest.approx(km.quantile().value, rel=0.02)
        assert arms[-1].median().low == pytest.approx(km.quantile().low, rel=0.06)
        assert arms[-1].events == pytest.approx(event.sum(), rel=0.02)
        assert arms[-1].survival_at(24).value == pytest.approx(km.at(24).value, abs=0.01)
        assert arms[-1].restricted_mean(stop=30).value == pytest.approx(km.restricted_mean(stop=30).value, rel=0.005)
        assert arms[-1].max_deviation < 0.01
        assert arms[-1].reason == ""
    known = cox(np.r_[true[0][0], true[1][0]], np.r_[true[0][1], true[1][1]], np.repeat([1, 0], 300))
    found = compare(*arms)
    assert found.hazard_ratio.value == pytest.approx(known.hazard_ratio[0], rel=0.03)
    assert found.hazard_ratio.low == pytest.approx(known.low[0], rel=0.04)
    assert 0.45 < found.hazard_ratio.value < 0.75
    assert found.log_rank.p < 1e-3
    assert found.proportional.p > 0.01


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(5, 120), st.integers(2, 12), st.booleans())
def test_numbers_at_risk_are_met_exactly(seed, n, ticks, sampled):
    time, event = series(seed, n)
    km = kaplan_meier(time, event)
    t = np.linspace(0, 0.9 * km.time[-1], ticks).round(2)  # as the times are: one that coincides with a step does so exactly
    risk = NumbersAtRisk(t, km.at_risk[np.searchsorted(km.time, t)])
    grid = np.linspace(0, km.time[-1], 90)
    level = np.r_[1.0, km.survival][np.searchsorted(km.time, grid, side="right")]
    found = individual_times(clean_curve(grid, level) if sampled else steps(km), risk)
    assert found.event.size == n
    assert ((found.time_months[:, None] >= t - 1e-9).sum(axis=0) == risk.count).all()
    assert (found.time_months >= 0).all()
    assert (found.time_months <= km.time[-1] + 1e-9).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(20, 150))
def test_printed_events_are_met_without_numbers_at_risk(seed, n):
    time, event = series(seed, n)
    curve = steps(kaplan_meier(time, event))
    found = times_without_numbers_at_risk(curve, n, events=int(event.sum()))
    assert found.event.size == n
    assert found.event.sum() == pytest.approx(event.sum(), abs=3)


def arm(given: str) -> Rebuilt:
    time, event = series(5, 80)
    km = kaplan_meier(time, event)
    beside = {
        "numbers at risk": {"at_risk": numbers(km)},
        "patients and events": {"total": 80, "events": int(event.sum())},
        "patients": {"total": 80},
        "nothing": {},
    }
    return rebuild(steps(km), **beside[given])


@pytest.mark.parametrize("given_words", ["numbers at risk", "patients and events", "patients", "nothing"])
def test_what_stands_beside_the_curve_decides_what_is_said(given_words):
    built = arm(given_words)
    assert built.given == given_words
    assert built.median().value == pytest.approx(kaplan_meier(*series(5, 80)).quantile().value)
    assert (built.n is None) == (given_words == "nothing")
    assert (built.reason == "") == (given_words in ("numbers at risk", "patients and events"))
    other = compare(built, arm("numbers at risk"))
    assert (other.hazard_ratio is None) == (given_words in ("patients", "nothing"))
    assert bool(other.reason) == (other.hazard_ratio is None)
    assert any("assumed" in note for note in built.notes) == (given_words.startswith("patients"))
    assert f"{accuracy_fact('reading', 'median').value:g} %" in built.accuracy
    drawn = built.drawn("arm")
    assert drawn.time_months[0] == 0
    assert drawn.survival[0] == 1
    assert drawn.low.shape == drawn.survival.shape == drawn.time_months.shape
    assert drawn.at_risk.shape == drawn.at_risk_times_months.shape
    assert (drawn.at_risk.size > 0) == (given_words == "numbers at risk")


def test_accuracy_gets_worse_with_less_beside_the_curve_and_with_fewer_patients():
    for n in (50, 500):
        ratios = [accuracy_fact(section, "hazard_ratio", n=n).value for section in GIVEN.values()]
        assert ratios == sorted(ratios)
    assert accuracy_fact("reading", "survival", n=50).value > accuracy_fact("reading", "survival", n=500).value
    assert "none is given" in accuracy_words("patients", n=500)
    assert "no hazard ratio" in accuracy_words("nothing")


def test_one_number_at_risk_is_but_a_total():
    time, event = series(5, 80)
    curve = steps(kaplan_meier(time, event))
    assert rebuild(curve, at_risk=NumbersAtRisk(np.zeros(1), np.array([80]))).given == "patients"


def test_without_half_of_the_events_there_is_no_median_to_pool():
    curve = clean_curve([0, 3, 7.5, 20], [1, 0.9, 0.8, 0.8])
    built = rebuild(curve, total=40, events=8)
    assert np.isnan(built.median().value)
    assert "no median" in built.reason
    near = rebuild(clean_curve([0, 3, 7.5, 20], [1, 0.9, 0.502, 0.502]), total=400, events=199)
    assert "uncertain" in near.reason


def test_a_level_stretch_at_one_half_is_pointed_out():
    built = rebuild(clean_curve([0, 4, 9, 10, 21, 24], [1, 0.8, 0.6, 0.504, 0.45, 0.3]), total=50, events=30)
    assert any("puts the median from 10 months to 21 months" in note for note in built.notes)


def test_contradictions_are_refused():
    curve = clean_curve([0, 3, 6, 9.5, 12], [1, 0.8, 0.6, 0.5, 0.45])
    with pytest.raises(EvidenceError, match="contradict each other"):
        rebuild(curve, at_risk=NumbersAtRisk(np.array([0.0, 6.0, 12.0]), np.array([100, 98, 96])))
    with pytest.raises(EvidenceError, match="50 events of 40 patients"):
        rebuild(curve, total=40, events=50)
    with pytest.raises(EvidenceError, match="unknown patients"):
        rebuild(curve, events=5)
    with pytest.raises(EvidenceError, match="0 patients"):
        rebuild(curve, total=0)
    many = rebuild(curve, total=100, events=95)
    assert any("gives 55 events where 95 are printed" in note for note in many.notes)
    short = rebuild(curve, at_risk=NumbersAtRisk(np.array([0.0, 1.0, 2.0]), np.array([100, 99, 98])))
    assert any("check that both have one unit" in note for note in short.notes)


def test_an_arm_without_events_has_no_hazard_ratio():
    none = rebuild(clean_curve([0, 5, 13.0], [1, 1, 1]), at_risk=NumbersAtRisk(np.array([0.0, 6.0]), np.array([30, 20])))
    found = compare(none, arm("numbers at risk"))
    assert found.hazard_ratio is None
    assert "infinity" in found.reason
