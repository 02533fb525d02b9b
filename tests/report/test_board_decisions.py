"""Persons' decisions on the board: a combination is offered no better than the steps that are left."""

from dataclasses import replace

import pytest

from locoregional.errors import CaseError
from locoregional.figure_patients import figure_patient
from locoregional.report.board import board_of
from locoregional.report.html import render_html
from locoregional.workflow import overrule, select, standing, standing_answer

ABLATIONS = ("rfa", "mwa", "cryo")


def without(case, procedures):
    for name in procedures:
        case = overrule(case, lesion_id="T10", procedure_name=name, answer="contraindicated", by="Board", reason="No device")
    return case


def combined(case, lesion_id):
    option = next(o for o in standing(case) if (o.lesion_id, o.procedure) == (lesion_id, "ablation_then_cement"))
    return standing_answer(case, option)[0]


@pytest.fixture(scope="module")
def case():
    return select(figure_patient("figure-4"))


def test_a_combination_falls_with_the_last_of_its_ways(case):
    assert combined(case, "T10") == "indicated"
    assert combined(without(case, ABLATIONS[:2]), "T10") == "indicated", "cryoablation is left"
    fallen = without(case, ABLATIONS)
    assert combined(fallen, "T10") == "contraindicated"
    assert combined(fallen, "T11") == "indicated", "the other lesion is not concerned"
    page = render_html(board_of(fallen))
    assert "a step was overruled; rules: indicated" in page
    assert "offered no better than they are" in page


def test_a_person_may_lift_a_step_but_not_the_combination(case):
    better = overrule(
        case, lesion_id="T10", procedure_name="fixation", answer="indicated", by="Board", reason="A surgeon asked for it"
    )
    assert combined(better, "T10") == combined(case, "T10")


def test_a_case_not_selected_for_says_so_and_states_no_intent():
    report = board_of(figure_patient("figure-1"))
    assert all("Not selected for yet" in answer.answer for answer in report.answers)
    assert "no intent is stated" in report.headline


def test_a_case_without_lesions_has_no_board(case):
    with pytest.raises(CaseError, match="no lesions"):
        board_of(replace(case, lesions=(), course=()))
