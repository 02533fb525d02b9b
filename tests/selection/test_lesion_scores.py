"""Scores of cases: taken from what the case says, widened by what it leaves open."""

from dataclasses import replace

import pytest

from locoregional.case import BoneFindings, Case, Disease, Lesion, Organ, Patient, SpineFindings
from locoregional.figure_patients import figure_patient
from locoregional.selection import lesion_scores as scores
from locoregional.selection.spine_scores import escc_of, noms_of, prognostic_scores

FIGURE_4 = figure_patient("figure-4")
T10 = FIGURE_4.lesions[0]


def test_stability_of_a_vertebra_adds_up():
    """T10 semirigid 1, mechanical pain 3, lytic 2, aligned 0, collapse below half 2, no posterolateral part 0."""
    found = scores.sins_of(T10)
    assert found.points == 8
    assert found.band == "potentially_unstable"
    assert scores.fracture_risk_high(T10) is True


def test_an_open_item_widens_the_score_and_decides_only_if_it_can():
    open_ = replace(T10, spine=replace(T10.spine, alignment=None))
    found = scores.sins_of(open_)
    assert (found.points_low, found.points_high) == (8, 12)
    assert scores.fracture_risk_high(open_) is True, "every completion is above the stable band"
    unknown = replace(T10, spine=SpineFindings(), bone=BoneFindings(), pain=None, painful=None)
    assert scores.fracture_risk_high(unknown) is None


@pytest.mark.parametrize(
    ("bone", "painful", "high"),
    [
        (BoneFindings(appearance="lytic", diameter_share=0.8, pain_on_loading=True, cortical_length_mm=10), True, True),
        (BoneFindings(appearance="blastic", diameter_share=0.2, cortical_length_mm=10, fractured=False), False, False),
        (BoneFindings(appearance="blastic", diameter_share=0.2, cortical_length_mm=10, cortex_broken=False), False, False),
        (BoneFindings(appearance="blastic", diameter_share=0.2, cortical_length_mm=10), False, None),
        (BoneFindings(appearance="blastic", diameter_share=0.2, cortical_length_mm=31), False, True),
        (BoneFindings(appearance="blastic", diameter_share=0.2), False, None),
        (BoneFindings(fractured=True), True, True),
        (BoneFindings(), None, None),
    ],
)
def test_risk_of_fracture_of_a_long_bone(bone, painful, high):
    femur = Lesion("F", Organ.BONE, 30.0, site="left femur", bone=bone, painful=painful)
    assert scores.fracture_risk_high(femur) is high


def test_a_femur_of_unknown_region_leaves_a_point_of_mirels_open():
    """Two for the lower limb or three, mild pain 1, mixed 2, below two thirds 2: borderline only near the trochanter."""
    bone = BoneFindings(appearance="mixed", diameter_share=0.5, cortical_length_mm=10)
    femur = Lesion("F", Organ.BONE, 30.0, site="left femur", bone=bone, painful=False)
    found = scores.mirels_of(femur)
    assert (found.points_low, found.points_high) == (7, 8)
    assert scores.fracture_risk_high(femur) is None
    assert scores.mirels_of(replace(femur, site="peritrochanteric femur")).points == 8
    assert scores.mirels_of(replace(femur, bone=replace(bone, peritrochanteric=False))).points == 7
    assert scores.mirels_of(replace(femur, site="femoral shaft", bone=replace(bone, diaphyseal=True))).points == 7


def test_breast_is_radiosensitive_and_the_framework_follows():
    found = noms_of(FIGURE_4, T10)
    assert found.treatment is not None
    assert found.treatment == "conventional external-beam radiotherapy"
    assert "stabilisation" in " ".join(found.stabilisation_possible)
    assert escc_of(T10).high_grade is False


def test_prognosis_of_two_vertebrae_and_nothing_else():
    """Tokuhashi: no extraspinal bone 2, two vertebrae 1, no organ 2, breast 5, no palsy 2, and 1 or 2 for the range of ECOG 1."""
    found = prognostic_scores(FIGURE_4, T10)
    assert (found["revised Tokuhashi"].points_low, found["revised Tokuhashi"].points_high) == (13, 14)
    assert found["revised Tokuhashi"].band == "long"
    assert found["modified Bauer"].points == 3
    assert found["van der Linden"].points_high == 6
    assert found["Katagiri"].status == "unverified"


def test_unlisted_metastases_leave_counts_open():
    more = replace(FIGURE_4, disease=replace(FIGURE_4.disease, metastases_total=5))
    found = prognostic_scores(more, T10)["revised Tokuhashi"]
    assert found.points is None
    assert {"vertebral_metastases", "extraspinal_bone_metastases"} <= set(found.missing)
    visceral = replace(more, disease=replace(more.disease, extrahepatic=None))
    assert prognostic_scores(visceral, T10)["van der Linden"].points is None


def test_oligoprogression_needs_growth_size_and_months_of_control():
    growing = Lesion("L1", Organ.LIVER, 22.0, growing=True, growth_percent=30)
    disease = Disease(progressing_lesions=1, controlled_months=8, all_sites_treatable=True, metastases_total=4)
    case = Case(Patient("p"), disease, (growing,))
    assert scores.oligoprogressive_of(case).value is True
    assert scores.oligoprogressive_of(replace(case, disease=replace(disease, controlled_months=3))).value is False
    assert scores.oligoprogressive_of(replace(case, lesions=(replace(growing, growth_percent=None),))).value is None


def test_more_listed_than_the_definition_allows_decides_without_a_total():
    many = tuple(Lesion(f"L{i}", Organ.LIVER, 10.0) for i in range(6))
    assert scores.oligometastatic_of(Case(Patient("p"), Disease(), many)).value is False
    assert scores.oligometastatic_of(Case(Patient("p"), Disease(), many[:2])).value is None
