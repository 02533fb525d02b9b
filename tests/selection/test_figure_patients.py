"""The four figure patients of the review get the procedures they had, for the reasons given there."""

from dataclasses import replace

import pytest

from locoregional.evidence.base import evidence_base
from locoregional.figure_patients import figure_patient
from locoregional.workflow import select, standing


@pytest.fixture(scope="module")
def figure():
    return lambda number: figure_patient(f"figure-{number}")


def options(case):
    return {(o.lesion_id, o.procedure): o for o in standing(select(case))}


def met(option, words):
    found = [r for r in option.rules if words in r.words]
    assert found, words
    return found[0].met


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_they_are_the_patients_of_the_paper(figure, number):
    case = figure(number)
    row = evidence_base().row(f"FIG{number}")
    assert case.patient.age_years == row.number("age_years")
    assert case.patient.sex == row.text("sex")
    assert case.patient.synthetic, "what the paper does not give is named"


def test_figure_1_is_offered_microwave_ablation_with_curative_intent(figure):
    made = options(figure(1))
    mwa = made["L1", "mwa"]
    assert mwa.answer == "indicated"
    assert mwa.intent == "curative"
    for words in ("Resection is not an option", "Fewer than 4", "below 40 mm", "No extrahepatic disease"):
        assert met(mwa, words) is True
    assert made["L1", "ctace"].answer == "possible", "the series treated what grows in spite of systemic treatment"
    assert made["L1", "tare_resin"].answer == "cannot say", "no work-up was done"
    assert "lung shunt" in made["L1", "tare_resin"].missing


def test_figure_2_is_offered_radioembolization_with_its_preparation(figure):
    case = figure(2)
    made = options(case)
    for name in ("tare_resin", "tare_glass"):
        for lesion in case.lesions:
            option = made[lesion.id, name]
            assert option.answer == "indicated"
            assert option.intent == "palliative"
            prepared = " ".join(a.words for a in option.advice)
            assert "MAA" in prepared
            assert "gastroduodenal" in prepared
            assert "left gastric" in prepared
            assert "15" in prepared
    assert made["L1", "mwa"].answer == "possible"
    assert any("below 40 mm" in r.words and r.met is False for r in made["L1", "mwa"].rules)


def test_figure_3_is_frozen_against_pain_only(figure):
    cryo = options(figure(3))["S1", "cryo"]
    assert cryo.answer == "indicated"
    assert cryo.intent == "palliative"
    assert "metastases" in cryo.intent_words
    assert any(r.met for r in cryo.rules if r.effect == "required")


def test_figure_4_is_heated_and_cemented_again(figure):
    case = figure(4)
    made = options(case)
    for lesion in ("T10", "T11"):
        assert made[lesion, "rfa"].answer == "indicated"
        assert made[lesion, "vertebroplasty"].answer == "indicated"
        assert made[lesion, "ablation_then_cement"].answer == "indicated"
        assert made[lesion, "ablation_then_cement"].intent == "curative"
    again = [r for r in made["T11", "vertebroplasty"].rules if r.effect == "caution" and r.met and "treatment" in r.seen]
    assert again, "a level cemented before is a caution"
    assert not [r for r in made["T10", "vertebroplasty"].rules if r.effect == "caution" and r.met and "treatment" in r.seen]


WORSE = [
    (1, "L1", "mwa", {"surgical_candidate": True}, "not indicated"),
    (1, "L1", "mwa", {"metastases_total": 6, "all_sites_treatable": False}, "possible"),
    (2, "L1", "tare_resin", {"ascites": True}, "contraindicated"),
    (2, "L1", "tare_resin", {"ecog": 3}, "not indicated"),
    (2, "L1", "tare_resin", {"life_expectancy_months": 3}, "not indicated"),
    (2, "L1", "tare_glass", {"surgical_candidate": True}, "not indicated"),
    (3, "S1", "cryo", {"metastases_total": None}, "possible"),
]


@pytest.mark.parametrize(("number", "lesion", "procedure", "change", "answer"), WORSE)
def test_one_datum_less_or_worse_changes_the_answer(figure, number, lesion, procedure, change, answer):
    case = figure(number)
    changed = options(replace(case, disease=replace(case.disease, **change)))[lesion, procedure]
    if answer == "possible":
        assert changed.answer in ("possible", "indicated")
        assert changed.intent != "curative"
    else:
        assert changed.answer == answer


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_no_person_is_promised_a_number_without_its_source(figure, number):
    for option in options(figure(number)).values():
        for item in option.expected:
            assert item.sources
            assert item.rows
            if item.level and None not in (item.value, item.low, item.high):
                assert item.low <= item.value <= item.high
