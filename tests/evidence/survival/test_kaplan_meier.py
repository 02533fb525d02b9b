import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.kaplan_meier import INTERVALS, kaplan_meier
from locoregional.evidence.survival.quantiles import quantile_time
from locoregional.evidence.survival.risk_sets import risk_sets

patients = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40)


def test_a_curve_worked_by_hand():
    km = kaplan_meier([1, 2, 2, 3, 4, 5], [1, 1, 0, 1, 0, 1], interval="plain")
    assert km.time.tolist() == [1, 2, 3, 4, 5]
    assert km.at_risk.tolist() == [6, 5, 3, 2, 1]
    assert km.survival == pytest.approx([5 / 6, 2 / 3, 4 / 9, 4 / 9, 0])
    assert km.se[1] == pytest.approx((2 / 3) * np.sqrt(1 / 30 + 1 / 20))
    assert km.high[0] == 1.0  # cut
    assert np.isnan([km.se[-1], km.low[-1]]).all()
    assert km.quantile().value == 3
    assert km.restricted_mean(stop=5).value == pytest.approx(1 + 5 / 6 + 2 / 3 + 2 * 4 / 9)


def test_a_median_on_a_plateau_is_its_middle():
    km = kaplan_meier([1, 2, 3, 8, 9, 9], [1, 1, 1, 1, 1, 1])
    assert km.quantile().value == 5.5
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0]).quantile().value == 2  # it never leaves one half
    assert np.isnan(kaplan_meier([1, 2, 3], [1, 0, 0]).quantile().value)
    assert quantile_time(np.array([1.0, 2.0]), np.array([0.7, 0.4]), fraction=0.25) == 1


def test_nothing_is_said_where_the_curve_says_nothing():
    km = kaplan_meier([2, 5, 9], [1, 1, 0])
    assert km.at(1).value == 1.0
    assert np.isnan(km.at(1).low)  # no event so far: Greenwood gives no interval
    assert km.at(9).value == pytest.approx(1 / 3)
    assert np.isnan(km.at(9.1).value)
    with pytest.raises(EvidenceError, match="says nothing"):
        km.restricted_mean(stop=12)
    assert km.restricted_mean(stop=12, extend=True).value == pytest.approx(km.restricted_mean(stop=9).value + 1)
    assert kaplan_meier([2, 5], [1, 1]).at(100).value == 0.0


def test_times_that_differ_by_rounding_are_tied():
    months = np.array([7, 7, 14]) / 30.4375
    months[1] = np.nextafter(months[1], 1)
    assert kaplan_meier(months, [1, 1, 0]).time.size == 2


@pytest.mark.parametrize(
    ("time", "event", "words"),
    [
        ([], [], "do not make a survival table"),
        ([1, -2], [1, 0], "a time is -2"),
        ([1, np.nan], [1, 0], "a time is nan"),
        ([1, 2], [1, 2], "an event mark is 2"),
        ([1, 2], [1], "do not make"),
    ],
)
def test_tables_that_are_none_are_refused(time, event, words):
    with pytest.raises(EvidenceError, match=words):
        kaplan_meier(time, event)


def test_unknown_intervals_and_levels_are_refused():
    with pytest.raises(EvidenceError, match="arcsine"):
        kaplan_meier([1], [1], interval="arcsine")
    with pytest.raises(EvidenceError, match="95"):
        kaplan_meier([1], [1], level=95)


@given(patients, st.sampled_from(INTERVALS))
def test_curves_fall_within_their_limits(people, interval):
    time, event = zip(*people, strict=True)
    km = kaplan_meier(time, event, interval=interval)
    assert (np.diff(np.r_[1.0, km.survival]) <= 0).all()
    assert km.n == len(people)
    assert km.events.sum() + km.censored.sum() == len(people)
    known = ~np.isnan(km.low)
    assert (km.low[known] <= km.survival[known] + 1e-12).all()
    assert (km.survival[known] <= km.high[known] + 1e-12).all()
    assert ((km.low[known] >= 0) & (km.high[known] <= 1)).all()


@given(patients)
def test_order_and_scale_of_time_do_not_matter(people):
    time, event = (np.array(column) for column in zip(*people, strict=True))
    km, turned = kaplan_meier(time, event), kaplan_meier(time[::-1] * 3.7, event[::-1])
    assert np.allclose(km.survival, turned.survival)
    assert np.allclose(km.time * 3.7, turned.time)
    sets = risk_sets(time, event)
    assert sets.at_risk.tolist() == [(time >= t).sum() for t in sets.time]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30))
def test_without_censoring_the_curve_is_the_share_left(times):
    km = kaplan_meier(times, np.ones(len(times)))
    assert km.survival == pytest.approx([np.mean(np.array(times) > t) for t in km.time])
    assert km.restricted_mean(stop=max(times)).value == pytest.approx(np.mean(times))
