"""SINS, Mirels, modified Bauer, van der Linden, Tokuhashi and Katagiri as functions."""

from __future__ import annotations

import pytest

from locoregional.errors import CaseError
from locoregional.scores.bauer import modified_bauer
from locoregional.scores.katagiri import katagiri, katagiri_primary_of_breast
from locoregional.scores.mirels import axial_cortical_involvement, mirels
from locoregional.scores.performance import karnofsky_from_ecog
from locoregional.scores.sins import sins, sins_collapse, sins_location
from locoregional.scores.tokuhashi import tokuhashi
from locoregional.scores.van_der_linden import van_der_linden

LEVELS = {
    "junctional": "C0 C1 C2 C7 T1 T2 T11 T12 L1 L5 S1",
    "mobile": "C3 C4 C5 C6 L2 L3 L4",
    "semirigid": "T3 T4 T5 T6 T7 T8 T9 T10",
    "rigid": "S2 S3 S4 S5",
}


@pytest.mark.parametrize(("level", "kind"), [(level, kind) for kind, levels in LEVELS.items() for level in levels.split()])
def test_every_level_of_the_spine(level, kind):
    assert sins_location(level).startswith(kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Th10", "semirigid"), ("th10", "semirigid"), ("D10", "semirigid"), ("t 10", "semirigid"), ("T03", "semirigid"),
        ("O", "junctional"), ("occiput", "junctional"), ("T9-T10", "semirigid"), ("T10-11", "junctional"),
        ("T3-L4", "junctional"), ("L2/L3", "mobile"), ("S2\u2013S5", "rigid"), ("L5-S2", "junctional"),
    ],
)  # fmt: skip
def test_other_spellings_and_ranges(text, kind):
    assert sins_location(text).startswith(kind)


@pytest.mark.parametrize("text", ["T13", "C8", "L6", "S6", "X3", "10", "", "T10-", "vertebra"])
def test_levels_that_do_not_exist(text):
    with pytest.raises(CaseError, match="no vertebral level"):
        sins_location(text)


def test_collapse_from_percentages():
    def answer(collapse, body=None):
        return sins_collapse(collapse_percent=collapse, body_involved_percent=body)

    assert [answer(c) for c in (51, 50, 1)] == ["gt_50pct", "lt_50pct", "lt_50pct"]
    assert [answer(0, b) for b in (51, 50, 0)] == ["no_collapse_gt_50pct_body_involved", "none", "none"]
    assert answer(0) == ("no_collapse_gt_50pct_body_involved", "none")
    assert answer(None, 80) is None
    with pytest.raises(CaseError, match=r"0\.\.100"):
        answer(120)


def test_sins_of_a_whole_level():
    score = sins(
        location="T12",
        pain="mechanical",
        bone_lesion="lytic",
        alignment="normal",
        collapse="lt_50pct",
        posterolateral="unilateral",
    )
    assert (score.points, score.band, score.status) == (11, "potentially_unstable", "verified")
    assert any("exactly one half" in c for c in score.caveats)
    assert sins(location="semirigid_T3-T10").items[0].points_low == 1
    assert sins(location="occiput").items[0].answer == sins(location="junctional").items[0].answer
    with pytest.raises(CaseError, match="no vertebral level"):
        sins(location="T17")


def test_mirels_takes_a_share_of_the_diameter():
    def size(fraction):
        return mirels(fraction=fraction).items[3].answer

    assert [size(f) for f in (0.0, 0.333, 1 / 3, 0.5, 2 / 3, 0.667, 1.0)] == ["lt_1_3"] * 2 + ["1_3_to_2_3"] * 3 + ["gt_2_3"] * 2
    with pytest.raises(CaseError, match=r"0\.\.1"):
        size(50)


def test_mirels_says_what_the_guideline_says():
    score = mirels(site="femur", pain="none", lesion="lytic", fraction=0.5, cortical_length_mm=35.0)
    assert (score.points, score.band, score.status) == (8, "borderline", "unverified")
    assert "30 mm" in score.caveats[0]
    assert any("No pain" in c for c in score.caveats)
    assert any("advises against" in c for c in mirels().caveats)


def test_axial_cortical_involvement():
    assert [axial_cortical_involvement(cortical_length_mm=x).value for x in (30.0, 30.1, None)] == [False, True, None]


def test_bauer_counts_favourable_factors():
    best = modified_bauer(primary="breast", visceral_metastases=False, solitary=True)
    assert (best.points, best.band) == (4, "good")
    worst = modified_bauer(primary="lung", visceral_metastases=True, solitary=False)
    assert (worst.points, worst.band) == (0, "poor")
    open_ = modified_bauer(primary="breast")
    assert (open_.points_low, open_.points_high, open_.band) == (2, 4, None)
    with pytest.raises(CaseError, match="'brest' is no answer"):
        modified_bauer(primary="brest")


def test_van_der_linden_of_breast_cancer():
    score = van_der_linden(karnofsky=80, primary="breast", visceral_metastases=False)
    assert (score.points, score.band) == (6, "C")
    assert van_der_linden(karnofsky=70, primary="breast", visceral_metastases=True).band == "B"
    with pytest.raises(CaseError, match="has no answer in the table"):
        van_der_linden(karnofsky=10)


def test_tokuhashi_of_breast_cancer():
    known = {"extraspinal_bone_metastases": 3, "vertebral_metastases": 2, "organ_metastases": "none", "palsy": "E"}
    score = tokuhashi(karnofsky=70, primary="breast", **known)
    assert (score.points, score.band) == (11, "intermediate")
    assert tokuhashi(karnofsky=80, primary="breast", **known).band == "long"
    with pytest.raises(CaseError, match="vertebral_metastases"):
        tokuhashi(vertebral_metastases=0)
    with pytest.raises(CaseError, match="45 has no answer"):
        tokuhashi(karnofsky=45)


def test_a_karnofsky_converted_from_ecog_stays_a_range():
    converted = karnofsky_from_ecog(1)
    steps = range(converted.low, converted.high + 1, 10)
    score = tokuhashi(karnofsky=steps)
    assert (score.items[0].points_low, score.items[0].points_high) == (1, 2)
    assert van_der_linden(karnofsky=steps).items[0].answer is None


def test_katagiri_asks_whether_breast_cancer_depends_on_hormones():
    assert katagiri_primary_of_breast(True) == ("slow_growth",)
    assert katagiri_primary_of_breast(False) == ("moderate_growth",)
    score = katagiri(
        primary=katagiri_primary_of_breast(None),
        visceral_or_cerebral="nodular",
        laboratory="normal",
        ecog=2,
        previous_chemotherapy=True,
        skeletal_metastases=4,
    )
    assert (score.points_low, score.points_high, score.bands_possible) == (3, 5, ("low_risk", "intermediate_risk"))
    assert score.status == "unverified"
    assert katagiri(ecog=3).items[3].points_low == 1
