"""ALBI, Child-Pugh and radioembolization-induced liver disease."""

from __future__ import annotations

from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import CaseError
from locoregional.scores.albi import albi
from locoregional.scores.child_pugh import child_pugh
from locoregional.scores.reild import reild

BILIRUBIN = st.floats(1, 1000)
ALBUMIN = st.floats(8, 70)


def test_albi_by_hand():
    found = albi(bilirubin_umol_l=10.0, albumin_g_l=40.0)
    assert found.value == pytest.approx(0.66 - 3.4)
    assert (found.grade, found.missing) == (1, ())
    assert found.status == "borrowed"
    assert "borrowed" in found.caveats[0]


@pytest.mark.parametrize(("edge", "grades"), [(-2.60, (1, 2)), (-1.39, (2, 3))])
def test_albi_grade_edges(edge, grades):
    bilirubin_umol_l = 20.0
    albumin_g_l = (0.66 * log10(bilirubin_umol_l) - edge) / 0.085
    below = albi(bilirubin_umol_l=bilirubin_umol_l, albumin_g_l=albumin_g_l + 1e-9)
    above = albi(bilirubin_umol_l=bilirubin_umol_l, albumin_g_l=albumin_g_l - 1e-6)
    assert (below.grade, above.grade) == grades


def test_albi_says_when_the_coefficient_of_other_software_moves_the_grade():
    assert any("-0.0852" in c for c in albi(bilirubin_umol_l=10.0, albumin_g_l=38.3).caveats)
    assert not any("-0.0852" in c for c in albi(bilirubin_umol_l=10.0, albumin_g_l=45.0).caveats)


@given(BILIRUBIN, BILIRUBIN, ALBUMIN, ALBUMIN)
def test_albi_worsens_with_bilirubin_and_improves_with_albumin(b1, b2, a1, a2):
    low, high = sorted((b1, b2))
    poor, rich = sorted((a1, a2))
    best, worst = albi(bilirubin_umol_l=low, albumin_g_l=rich), albi(bilirubin_umol_l=high, albumin_g_l=poor)
    assert best.value <= worst.value
    assert best.grade <= worst.grade


def test_albi_without_a_value():
    found = albi(albumin_g_l=35.0)
    assert (found.value, found.grade, found.missing) == (None, None, ("bilirubin",))
    assert "cannot be given" in found.summary
    assert albi().missing == ("bilirubin", "albumin")


@pytest.mark.parametrize("wrong", [{"albumin_g_l": 3.5}, {"bilirubin_umol_l": 0.7}, {"bilirubin_umol_l": float("nan")}])
def test_albi_refuses_other_units(wrong):
    with pytest.raises(CaseError, match="Check value and unit"):
        albi(**{"bilirubin_umol_l": 15.0, "albumin_g_l": 35.0, **wrong})


def test_low_bilirubin_is_doubted():
    assert any("mg/dl" in c for c in albi(bilirubin_umol_l=1.2, albumin_g_l=40.0).caveats)


def points(item, **given_):
    found = {i.key: i for i in child_pugh(**given_).items}[item]
    return found.points_low if found.points_low == found.points_high else (found.points_low, found.points_high)


@pytest.mark.parametrize(
    ("item", "key", "expected"),
    [
        ("bilirubin", "bilirubin_umol_l", {33.9: 1, 34: 2, 51: 2, 51.1: 3}),
        ("albumin", "albumin_g_l", {35.1: 1, 35: 2, 28: 2, 27.9: 3}),
        ("inr", "inr", {1.69: 1, 1.7: 2, 2.3: 2, 2.31: 3}),
        ("ascites", "ascites", {"none": 1, "mild": 2, "moderate": 3}),
        ("encephalopathy", "encephalopathy", {"none": 1, "mild": 2, "severe": 3}),
    ],
)
def test_child_pugh_edges(item, key, expected):
    assert {value: points(item, **{key: value}) for value in expected} == expected


def test_child_pugh_against_an_example_that_a_page_prints_wrong():
    """Bilirubin of 30 umol/l is one point and INR of 1.9 two, whatever the page adds."""
    assert points("bilirubin", bilirubin_umol_l=30) == 1
    assert points("inr", inr=1.9) == 2


def test_the_two_tables_differ_between_28_and_30():
    assert [points("albumin", albumin_g_l=29, albumin_cut=c) for c in ("28", "30")] == [2, 3]
    assert [points("albumin", albumin_g_l=30, albumin_cut=c) for c in ("28", "30")] == [2, 2]
    with pytest.raises(CaseError, match="28 or 30"):
        child_pugh(albumin_cut="32")


def test_ascites_without_degree_is_a_range():
    assert points("ascites", ascites=True) == points("ascites", ascites="present") == (2, 3)
    assert points("ascites", ascites=False) == 1
    score = child_pugh(bilirubin_umol_l=12, albumin_g_l=38, inr=1.0, ascites=True, encephalopathy="none")
    assert (score.points_low, score.points_high, score.bands_possible, score.missing) == (6, 7, ("A", "B"), ("ascites",))
    assert any("cirrhosis" in c for c in score.caveats)


@given(BILIRUBIN, ALBUMIN, st.floats(0.5, 20))
def test_child_pugh_is_always_one_class(bilirubin, albumin, inr):
    score = child_pugh(bilirubin_umol_l=bilirubin, albumin_g_l=albumin, inr=inr, ascites="none", encephalopathy="none")
    assert score.band in ("A", "B", "C")
    assert 5 <= score.points <= 11


REILD = {
    "bilirubin_raised": True,
    "albumin_low": True,
    "ascites_new_or_more": True,
    "since_treatment_d": 60,
    "progression": False,
    "biliary_obstruction": False,
}


def test_reild_needs_all_of_it():
    assert reild(**REILD).value is True
    for key in ("bilirubin_raised", "albumin_low", "ascites_new_or_more"):
        assert reild(**{**REILD, key: False}).value is False
    for key in ("progression", "biliary_obstruction"):
        assert reild(**{**REILD, key: True}).value is False
    for key in REILD:
        found = reild(**{**REILD, key: None})
        assert found.value is None
        assert len(found.missing) == 1
    assert reild(bilirubin_raised=False).value is False, "one no decides"


def test_reild_lies_between_two_weeks_and_four_months():
    assert [reild(**{**REILD, "since_treatment_d": d}).value for d in (13, 14, 122, 123)] == [False, True, True, False]
