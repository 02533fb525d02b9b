"""Categories at the published cut-offs, and what measurement error leaves of them."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from locoregional.errors import CaseError
from locoregional.measures.response.area import Pair, easl, viable_volume
from locoregional.measures.response.category import Category, overall
from locoregional.measures.response.change import change_between, diameter_spread, uptake_spread
from locoregional.measures.response.choi import choi
from locoregional.measures.response.document import reading_document, reading_lines
from locoregional.measures.response.percist import LiverUptake, least_uptake, percist
from locoregional.measures.response.size import mrecist, recist
from locoregional.measures.response.target import Target

CR, PR, SD, PD, NE = Category
SIZES = st.floats(10, 200)


def two(before, after):
    """Two lesions with these sums of diameters."""
    share = 0.6
    return [
        Target("A", share * before, None if after is None else share * after),
        Target("B", (1 - share) * before, None if after is None else (1 - share) * after),
    ]


@pytest.mark.parametrize(
    ("before", "after", "smallest", "category"),
    [
        (100, 70, None, PR),  # at least 30 % less
        (100, 70.1, None, SD),
        (100, 119.9, None, SD),
        (100, 120, None, PD),  # at least 20 % more
        (100, 84, 70, PD),  # 20 % above the smallest sum, though smaller than at baseline
        (100, 83.9, 70, PR),  # the earlier response stands until progression
        (100, 90, 80, SD),
        (100, 0, None, CR),
        (100, 5.9, 2, PR),  # three times the smallest sum, but 3.9 mm
        (30, 28.9, 24, SD),  # 20.4 % but 4.9 mm above the smallest sum
        (30, 29, 24, PD),
    ],
)
def test_recist_at_its_thresholds(before, after, smallest, category):
    assert recist(two(before, after), smallest_mm=smallest, new_lesions=0).category is category


def test_progression_asks_for_five_millimetres_as_well():
    assert recist([Target("A", 20, 24.9)], new_lesions=0).category is SD
    assert recist([Target("A", 20, 25.0)], new_lesions=0).category is PD
    assert mrecist([Target("A", 20, 24.0)], new_lesions=0).category is PD, "mRECIST knows no absolute increase"


def test_the_example_of_the_eortc():
    """Sums 100, 70, 70, 80, 80, 80: partial response at every time point."""
    sums, smallest = (70, 70, 80, 80, 80), 100
    for total in sums:
        reading = recist(two(100, total), smallest_mm=smallest, non_target="persisting", new_lesions=0)
        assert reading.category is PR
        smallest = min(smallest, total)


def test_nodes_count_by_their_short_axis():
    gone = [Target("A", 30, 0), Target("N", 18, 9.9, node=True)]
    assert recist(gone, new_lesions=0).category is CR
    still = [Target("A", 30, 0), Target("N", 18, 10.0, node=True)]
    assert recist(still, new_lesions=0).category is PR
    small = recist([Target("N", 14, 20, node=True)], new_lesions=0)
    assert small.category is NE
    assert any("15 mm" in words for words in small.reasons)


def test_what_cannot_be_judged_says_why():
    unmeasured = recist(two(100, None), new_lesions=0)
    assert unmeasured.category is NE
    assert "could not be measured" in unmeasured.answer
    assert not unmeasured.certain
    tiny = recist([Target("A", 9, 3)], new_lesions=0)
    assert tiny.category is NE
    assert "large enough" in tiny.answer
    assert easl([Pair("A", (0, 0), (0, 0))]).category is NE
    assert choi([Target("A", 30, 30)], baseline_hu=60, follow_up_hu=30, oil=True).category is NE
    assert choi([Target("A", 30, 30)], baseline_hu=-5, follow_up_hu=30).category is NE


def test_new_and_growing_lesions_are_progression_whatever_shrinks():
    for told in ({"new_lesions": 1}, {"new_lesions": 0, "non_target": "progressing"}):
        reading = recist(two(100, 30), **told)
        assert reading.category is PD
        assert reading.certain
    assert recist(two(100, None), new_lesions=2).category is PD
    assert any("one new lesion" in words for words in recist(two(100, 30)).open_points)


@pytest.mark.parametrize(
    ("target", "non_target", "new", "expected"),
    [
        (CR, "none", 0, CR),
        (CR, "gone", 0, CR),
        (CR, "persisting", 0, PR),
        (CR, "not evaluated", 0, PR),
        (PR, "persisting", 0, PR),
        (PR, "not evaluated", 0, PR),
        (SD, "persisting", 0, SD),
        (PD, "gone", 0, PD),
        (SD, "progressing", 0, PD),
        (CR, "gone", 1, PD),
        (NE, "persisting", 0, NE),
    ],
)
def test_time_point_response(target, non_target, new, expected):
    """Table of RECIST 1.1: target, non-target and new lesions together."""
    assert overall(target, non_target=non_target, new_lesions=new) is expected


def test_measurement_error_is_that_of_the_meta_analysis():
    """Limits of agreement of an unchanged tumour: 95 % of repeated sums lie within the published limits."""
    spread = diameter_spread(readers="different", lesions=3)
    low, high = (100 * (math.exp(sign * 1.959964 * spread.share) - 1) for sign in (-1, 1))
    assert low == pytest.approx(-17.6, abs=0.2)  # published -19.2 to 19.5, symmetric in the ratio here
    assert high == pytest.approx(21.4, abs=0.2)
    assert diameter_spread(readers="same", lesions=3).share < spread.share < diameter_spread(readers="different", lesions=1).share
    # Lodge 2017: falls beyond 25 % and rises beyond 33 % are unlikely to be error
    uptake = uptake_spread().share
    assert 100 * (math.exp(-1.959964 * uptake) - 1) == pytest.approx(-25, abs=1)
    assert 100 * (math.exp(1.959964 * uptake) - 1) == pytest.approx(33, abs=1.5)


def test_close_to_a_threshold_is_too_close_to_call():
    close = recist(two(100, 70), new_lesions=0)
    assert close.category is PR
    assert close.possible == (PR, SD)
    assert "too close to call" in close.answer
    clear = recist(two(100, 40), new_lesions=0, readers="same")
    assert clear.certain
    assert clear.answer == "RECIST 1.1: partial response (PR)"


@given(before=SIZES, after=st.floats(0, 400), scale=st.floats(0.2, 1.0))
def test_recist_does_not_depend_on_scale_or_order(before, after, scale):
    assume(before * scale >= 30)
    big, small = two(before, min(after, 400)), two(before * scale, min(after, 400) * scale)
    first, second = recist(big, new_lesions=0), recist(small, new_lesions=0)
    assume(all(t.baseline_mm >= 10 for t in (*big, *small)))
    assert recist(big[::-1], new_lesions=0).category is first.category
    if not 1.15 < after / before < 1.6:  # the absolute increase of 5 mm does not scale
        assert first.category is second.category


@given(before=st.floats(30, 200), first=st.floats(0.01, 300), more=st.floats(0, 100))
def test_more_tumour_is_never_a_better_response(before, first, more):
    order = [CR, PR, SD, PD]
    less, greater = recist(two(before, first), new_lesions=0), recist(two(before, first + more), new_lesions=0)
    assert order.index(less.category) <= order.index(greater.category)
    assert less.category in less.possible


@given(before=st.floats(30, 200), after=st.floats(0, 300))
def test_the_measured_category_is_always_among_those_allowed(before, after):
    for reading in (
        recist(two(before, after)),
        mrecist(two(before, after)),
        easl([Pair("A", (before, before / 2), (after, after / 2))]),
        viable_volume(baseline_ml=before, follow_up_ml=after),
        choi(two(before, after), baseline_hu=80, follow_up_hu=after),
    ):
        assert reading.category is NE or reading.category in reading.possible
        assert reading_lines(reading)[0] == reading.answer
        assert reading_document(reading)["category"] in ("CR", "PR", "SD", "PD", "NE")


@pytest.mark.parametrize(
    ("after", "category"), [((20, 15), PR), ((20, 15.1), SD), ((30, 25), SD), ((30, 25.1), PD), ((0, 0), CR)]
)
def test_easl_by_products(after, category):
    """Baseline 30 x 20 = 600 mm2: half is response, more than a quarter more is progression."""
    assert easl([Pair("A", (30, 20), after)], new_lesions=0).category is category


@pytest.mark.parametrize(("after", "category"), [(3.5, PR), (3.51, SD), (17.2, SD), (17.4, PD), (0, CR)])
def test_volumes(after, category):
    assert viable_volume(baseline_ml=10, follow_up_ml=after, new_lesions=0).category is category


@pytest.mark.parametrize(
    ("size", "hu", "category"),
    [(90, 100, PR), (90.1, 100, SD), (100, 85, PR), (100, 85.1, SD), (110, 100, PD), (110, 85, PR), (109.9, 100, SD), (0, 1, CR)],
)
def test_choi_by_size_or_density(size, hu, category):
    assert choi(two(100, size), baseline_hu=100, follow_up_hu=hu, new_lesions=0).category is category


LIVER = LiverUptake(1.6, 0.2)


@pytest.mark.parametrize(
    ("before", "after", "category"),
    [(10, 7, PR), (10, 7.01, SD), (10, 13, PD), (10, 12.99, SD), (2.9, 2.15, SD), (2.9, 2.0, PR)],
)
def test_percist_at_its_thresholds(before, after, category):
    assert percist(baseline_g_ml=before, follow_up_g_ml=after, baseline_liver=LIVER, new_lesions=0).category is category


def test_percist_needs_change_in_units_and_a_tumour_that_is_hot_enough():
    """A fall of 31 % from 2.5 is 0.775 units: below 0.8, so stable."""
    faint = percist(baseline_g_ml=2.5, follow_up_g_ml=1.725, new_lesions=0)
    assert faint.category is SD
    assert any("0.8 SUL units" in words for words in faint.reasons)
    assert least_uptake(LIVER) == pytest.approx(2.8)
    cold = percist(baseline_g_ml=2.79, follow_up_g_ml=1.0, baseline_liver=LIVER)
    assert cold.category is NE
    assert cold.metabolic
    hotter = percist(baseline_g_ml=10, follow_up_g_ml=10, glycolysis_percent=76, baseline_liver=LIVER, new_lesions=0)
    assert hotter.category is PD
    gone = percist(baseline_g_ml=10, follow_up_g_ml=1.5, baseline_liver=LIVER, follow_up_liver=LIVER, faded=True, new_lesions=0)
    assert gone.answer == "PERCIST: complete metabolic response (CMR)"
    assert percist(baseline_g_ml=10, follow_up_g_ml=1.5, follow_up_liver=LIVER, new_lesions=0).category is PR


def test_criteria_of_enhancement_say_when_they_are_unfit():
    unfit = mrecist(two(50, 20), hypervascular=False)
    assert any("unfit" in words and "PERCIST" in words for words in unfit.doubts)
    unsaid = easl([Pair("A", (30, 20), (20, 10))])
    assert any("22 %" in words for words in unsaid.doubts)
    fit = mrecist(two(50, 20), hypervascular=True)
    assert not any("unfit" in words for words in fit.doubts)


def test_impossible_sizes_and_changes_are_refused():
    with pytest.raises(CaseError, match="no size"):
        Target("A", 4000, 3)
    with pytest.raises(CaseError, match="no meaning"):
        change_between(name="x", reference=0, value=1, unit="mm", spread=uptake_spread())
    with pytest.raises(CaseError, match="different or same"):
        diameter_spread(readers="nobody", lesions=1)
    with pytest.raises(CaseError, match="no state"):
        overall(SD, non_target="dunno", new_lesions=0)


def test_a_new_lesion_is_progression_though_others_could_not_be_measured():
    missed = Target("A", 30.0, None)
    assert recist([missed], new_lesions=1).category is Category.PD
    assert easl([Pair("A", (30.0, 20.0), None)], new_lesions=1).category is Category.PD
    assert choi([missed], baseline_hu=80.0, follow_up_hu=60.0, new_lesions=2).category is Category.PD
    assert choi([Target("A", 30.0, 20.0)], baseline_hu=None, follow_up_hu=None, new_lesions=1).category is Category.PD


def test_lesions_that_grew_enough_alone_are_progression_whatever_the_rest_measures():
    grown, missed = Target("A", 32.0, 70.0), Target("B", 18.0, None)
    found = recist([grown, missed], new_lesions=0)
    assert found.category is Category.PD
    assert any("B could not be measured" in words for words in found.reasons)
    assert recist([Target("A", 32.0, 40.0), missed], new_lesions=0).category is Category.NE
