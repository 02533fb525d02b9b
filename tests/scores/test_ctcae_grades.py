"""Grades of adverse events: every grade of every event can be reached, and what is open leaves a range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.errors import CaseError
from locoregional.scores.ctcae import (
    LIVER_TOXICITY,
    POST_EMBOLIZATION,
    ctcae_event,
    ctcae_events,
    ctcae_grade,
    measure_words,
    worst_grade,
)
from locoregional.scores.table_file import read_toml
from locoregional.sources import bibliography

EVENTS = ctcae_events()
FINDINGS = set(read_toml("ctcae5/measures")["findings"])
ENDS = {"life_threatening": False, "death": False}


def grade(event, **answers):
    """Grade that the answers reach, with every finding that is not named answered no."""
    others = {m: False for m in ctcae_event(event).measures if m in FINDINGS and m != "present"}
    return ctcae_grade(event, **{**others, **answers}).low


def test_the_events_that_the_review_names_are_there():
    named = "hypertension hypotension haematoma pneumothorax thromboembolic_event heart_failure ejection_fraction_decreased"
    named += " hepatic_failure bilirubin_increased anaemia neutrophils_decreased platelets_decreased leukocytes_decreased"
    named += (
        " fever pain nausea vomiting fracture paraesthesia motor_neuropathy burn gastric_ulcer bile_duct_stenosis pneumonitis"
    )
    assert set(named.split()) <= set(EVENTS)
    assert {*POST_EMBOLIZATION, *LIVER_TOXICITY} <= set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_is_whole(name):
    event = ctcae_event(name)
    numbers = [g.number for g in event.grades]
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= {1, 2, 3, 4, 5}
    assert all(g.words and g.when for g in event.grades)
    assert event.source in bibliography()
    assert event.where
    assert event.status in ("verified", "unverified")
    assert set(event.measures) <= set(measure_words())


@pytest.mark.parametrize("name", EVENTS)
def test_each_grade_is_met_by_a_finding_of_its_own(name):
    for level in ctcae_event(name).grades:
        for rule in level.when:
            if all(term.test == "is" for term in rule.terms):
                assert grade(name, **{t.name: True for t in rule.terms}) >= level.number


@pytest.mark.parametrize("name", EVENTS)
def test_no_event_is_grade_0_and_nothing_known_is_the_whole_scale(name):
    assert ctcae_grade(name, present=False).grade == 0
    nothing = ctcae_grade(name)
    assert (nothing.low, nothing.high) == (0, ctcae_event(name).grades[-1].number)
    assert set(nothing.missing) == set(ctcae_event(name).measures)


@st.composite
def graded(draw):
    """An event with complete findings and numbers, and a part of them."""
    name = draw(st.sampled_from(EVENTS))
    limits = read_toml("ctcae5/measures")["numbers"]
    full = {}
    for measure in ctcae_event(name).measures:
        if measure in FINDINGS:
            full[measure] = measure == "present" or draw(st.booleans())
        else:
            full[measure] = draw(st.floats(limits[measure]["low"], limits[measure]["high"]))
    part = {k: v if draw(st.booleans()) else None for k, v in full.items()}
    return name, full, part


@given(graded())
def test_complete_answers_give_one_grade_inside_every_range(case):
    name, full, part = case
    whole, open_ = ctcae_grade(name, **full), ctcae_grade(name, **part)
    assert whole.low == whole.high == whole.grade
    assert whole.missing == ()
    assert open_.low <= whole.grade <= open_.high
    assert (open_.grade is None) == (open_.low < open_.high)
    if open_.grade is None:
        assert set(open_.missing) <= {k for k, v in part.items() if v is None}
        assert open_.missing


@pytest.mark.parametrize(
    ("event", "number", "expected"),
    [
        ("hypertension", "systolic_mmhg", {119: 0, 120: 1, 139: 1, 140: 2, 159: 2, 160: 3}),
        ("hypertension", "diastolic_mmhg", {79: 0, 80: 1, 89: 1, 90: 2, 99: 2, 100: 3}),
        ("fever", "temperature_c", {37.9: 0, 38: 1, 39: 1, 39.1: 2, 40: 2}),
        ("ejection_fraction_decreased", "ejection_fraction_percent", {51: 0, 50: 2, 40: 2, 39: 3, 20: 3, 19: 4}),
        ("ejection_fraction_decreased", "ejection_drop_percent", {9: 0, 10: 2, 19: 2, 20: 3}),
        ("postoperative_haemorrhage", "units_transfused", {0: 0, 1: 2, 2: 3}),
        ("pleural_haemorrhage", "evacuated_ml", {1000: 0, 1001: 3}),
        ("hypoalbuminaemia", "albumin_g_l", {35: 0, 34: 1, 30: 1, 29.9: 2, 20: 2, 19.9: 3}),
    ],
)
def test_numbers_at_their_limits(event, number, expected):
    normal = {"systolic_mmhg": 110, "diastolic_mmhg": 70, "duration_h": 2, "lower_limit": 35, "ejection_drop_percent": 0}
    normal |= {"ejection_fraction_percent": 60}
    others = {k: v for k, v in normal.items() if k in ctcae_event(event).measures}
    assert {value: grade(event, **{**others, number: value}) for value in expected} == expected


def test_high_fever_counts_by_its_duration():
    assert [grade("fever", temperature_c=40.5, duration_h=h) for h in (24, 25)] == [3, 4]
    assert ctcae_grade("fever", temperature_c=40.5, death=False).missing == ("duration_h",)


@pytest.mark.parametrize(
    ("times", "expected"), [(1.0, 0), (1.1, 1), (1.5, 1), (1.6, 2), (3.0, 2), (3.1, 3), (10.0, 3), (10.1, 4)]
)
def test_bilirubin(times, expected):
    assert ctcae_grade("bilirubin_increased", baseline_abnormal=False, times_uln=times).grade == expected
    assert ctcae_grade("bilirubin_increased", baseline_abnormal=True, times_baseline=times).grade == expected
    unclear = ctcae_grade("bilirubin_increased", times_uln=times)
    assert unclear.high >= expected
    assert unclear.missing


def test_febrile_neutropenia_needs_both():
    assert grade("febrile_neutropenia", neutrophils_giga_l=0.9, temperature_c=38.4) == 3
    assert grade("febrile_neutropenia", neutrophils_giga_l=0.9, temperature_c=38.2) == 0
    assert grade("febrile_neutropenia", neutrophils_giga_l=0.9, temperature_c=38.2, over_1h=True) == 3
    assert grade("febrile_neutropenia", neutrophils_giga_l=1.0, temperature_c=39.0) == 0


def test_pneumothorax_with_a_tube():
    found = ctcae_grade("pneumothorax", present=True, chest_tube=True, **ENDS)
    assert (found.low, found.high, found.missing) == (2, 3, ("invasive", "hospital"))
    assert "grade 2 to 3" in found.summary
    assert grade("pneumothorax", chest_tube=True) == 2


def test_pulmonary_embolism_is_at_least_grade_3():
    assert grade("thromboembolic_event", pulmonary_embolism=True) == 3
    assert grade("thromboembolic_event", unstable=True) == 4


def test_an_event_that_is_there_is_not_called_no_event():
    found = ctcae_grade("sepsis", present=True, culture_positive=False, **ENDS)
    assert (found.low, found.high, found.grade) == (0, 3, None)
    assert "no definition is met" in found.summary


def test_contradictions_and_typos_are_refused():
    with pytest.raises(CaseError, match="no event, but grade 2 is met"):
        ctcae_grade("pneumothorax", present=False, chest_tube=True)
    with pytest.raises(CaseError, match="no event, but grade 1 is met"):
        ctcae_grade("fever", present=False, temperature_c=38.5)
    with pytest.raises(CaseError, match="It asks for"):
        ctcae_grade("fever", temperature=38.5)
    with pytest.raises(CaseError, match="no event is called"):
        ctcae_grade("pneumotorax")
    with pytest.raises(CaseError, match="neither yes nor no"):
        ctcae_grade("pneumothorax", chest_tube=2.0)
    with pytest.raises(CaseError, match="Check value and unit"):
        ctcae_grade("fever", temperature_c=101.0)


def test_post_embolization_syndrome_is_graded_by_its_worst_part():
    parts = [grade(e, present=True) for e in ("pain", "nausea")]
    assert parts == [1, 1]
    found = [ctcae_grade("pain", present=True, severe=True), ctcae_grade("vomiting", present=False), ctcae_grade("fever")]
    assert worst_grade(found) == (3, 5)
    assert worst_grade([]) == (0, 0)


def test_liver_after_radioembolization_is_a_scale_of_its_own():
    found = ctcae_grade("liver_after_radioembolization", reild=True, invasive=False, death=False)
    assert (found.grade, found.scale) == (3, "Braat 2017")
    assert grade("liver_after_radioembolization", reild=True, invasive=True) == 4
    assert grade("liver_after_radioembolization", invasive=True) == 0


def test_what_was_recalled_is_unverified():
    assert ctcae_event("heart_failure").status == "unverified"
    assert ctcae_grade("heart_failure", present=True).status == "unverified"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("pneumothorax", {"present": 1, "symptomatic": 2, "chest_tube": 2, "invasive": 3, "hospital": 3, "death": 5}),
        ("haematoma", {"present": 1, "aspiration": 2, "transfusion": 3, "life_threatening": 4, "death": 5}),
        ("hypotension", {"present": 1, "medical": 2, "hospital": 3, "life_threatening": 4}),
        ("hypertension", {"one_drug": 2, "more_than_one_drug": 3, "hypertensive_crisis": 4}),
        ("thromboembolic_event", {"present": 1, "medical": 2, "urgent_medical": 3, "unstable": 4}),
        ("myocardial_infarction", {"present": 2, "infarct_ecg": 3, "unstable": 4}),
        ("hepatic_failure", {"flapping": 3, "encephalopathy_mild": 3, "encephalopathy_severe": 4, "death": 5}),
        ("hepatic_infection", {"oral_antibiotic": 2, "iv_antibiotic": 3, "life_threatening": 4}),
        ("skin_infection", {"local_treatment": 1, "oral_antibiotic": 2, "iv_antibiotic": 3}),
        ("ascites", {"present": 1, "symptomatic": 2, "invasive": 3, "life_threatening": 4}),
        ("nausea", {"present": 1, "intake_reduced": 2, "artificial_feeding": 3, "hospital": 3}),
        ("vomiting", {"present": 1, "iv_fluids": 2, "hospital": 3, "life_threatening": 4}),
        ("pain", {"present": 1, "limits_instrumental": 2, "limits_selfcare": 3}),
        ("paraesthesia", {"present": 1, "moderate": 2, "limits_selfcare": 3}),
        ("spinal_fracture", {"present": 1, "prescription": 2, "hospital": 3, "neurovascular": 4}),
        ("burn", {"present": 1, "debridement_minor": 2, "debridement_major": 3, "life_threatening": 4}),
        ("gastric_ulcer", {"present": 1, "medical": 2, "artificial_feeding": 3, "invasive": 3}),
        ("pneumonitis", {"present": 1, "limits_instrumental": 2, "oxygen": 3, "life_threatening": 4}),
        ("anaemia", {"transfusion": 3, "life_threatening": 4}),
    ],
)
def test_findings_and_their_grades(event, expected):
    normal = {"systolic_mmhg": 110, "diastolic_mmhg": 70, "haemoglobin_g_l": 140, "lower_limit": 120}
    known = {k: v for k, v in normal.items() if k in ctcae_event(event).measures}
    assert {finding: grade(event, **known, **{finding: True}) for finding in expected} == expected
