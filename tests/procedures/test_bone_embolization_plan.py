"""Plan and expectation of an embolization of a bone metastasis."""

from dataclasses import replace

import pytest

from locoregional.case import Case, Lesion, Organ, Patient, read_chart, write_chart
from locoregional.errors import NotModelled
from locoregional.procedures import procedure
from locoregional.progress import silent

BEFORE, PAIN = procedure("embolization_preoperative"), procedure("embolization_palliative")


def planned(item, site="T10", **findings):
    lesion = Lesion("L1", Organ.BONE, 30.0, (0.0, 0.0, 0.0), site=site, **findings)
    case = Case(Patient("p"), lesions=(lesion,))
    return case, item.plan(case, lesion, silent)


def test_before_an_operation_at_a_thoracic_vertebra():
    _, plan = planned(BEFORE, hypervascular=True, surgery_planned=True)
    assert plan.feasible
    assert plan.needles == ()
    s = plan.settings
    assert (s.smallest_um, s.largest_um, s.goal_percent) == (150.0, 500.0, 70.0)
    assert (s.operate_from_h, s.operate_until_h) == (48.0, 72.0)
    assert s.levels == ("T9", "T10", "T11")
    assert "Adamkiewicz" in plan.cautions[0]  # worst first
    assert any("No benefit is shown in breast cancer" in w for w in plan.cautions)
    assert any("same day" in w for w in plan.words)
    assert not any("not known" in w for w in plan.cautions)


@pytest.mark.parametrize(
    ("site", "levels", "named"),
    [
        ("T5", ("T4", "T5", "T6"), True),
        ("L2", ("L1", "L2", "L3"), True),
        ("T4", ("T3", "T4", "T5"), False),
        ("L3", ("L2", "L3", "L4"), False),
        ("T1", ("C7", "T1", "T2"), False),
        ("C1", ("C1", "C2"), False),
        ("L5", ("L4", "L5"), False),
        ("vertebra", (), False),
    ],
)
def test_every_vertebra_warns_of_the_cord_and_the_usual_levels_by_name(site, levels, named):
    _, plan = planned(BEFORE, site, hypervascular=True, surgery_planned=True)
    assert plan.settings.levels == levels
    assert plan.cautions[0].startswith("Cord: ")
    assert ("where the artery of Adamkiewicz may arise" in plan.cautions[0]) is named
    assert any("Neck" in w for w in plan.cautions) is site.startswith("C")


def test_other_bones_do_not_warn_of_the_cord_and_an_unnamed_one_does():
    _, femur = planned(PAIN, "left femur", painful=True, hypervascular=True)
    assert not any("ord" in w and "artery" in w for w in femur.cautions)
    assert femur.settings.operate_from_h is None
    assert any("not told from the site" in w for w in femur.words)
    _, unnamed = planned(PAIN, "", painful=True, hypervascular=True)
    assert "does not say which bone" in unnamed.cautions[0]


def test_what_is_not_known_is_said():
    _, plan = planned(BEFORE)
    assert plan.feasible
    assert any("hypervascular is not known" in w for w in plan.cautions)
    assert any("Whether an operation is planned is not stated" in w for w in plan.cautions)
    assert plan.settings.hypervascular is None


@pytest.mark.parametrize(
    ("item", "findings", "words"),
    [
        (BEFORE, {"hypervascular": False, "surgery_planned": True}, "not to be hypervascular"),
        (BEFORE, {"surgery_planned": False}, "No operation"),
        (PAIN, {"painful": False}, "does not hurt"),
    ],
)
def test_what_speaks_against_it_blocks_it(item, findings, words):
    _, plan = planned(item, **findings)
    assert not plan.feasible
    assert words in plan.cautions[0]


def test_the_plan_survives_the_disk_and_plans_are_numbered(tmp_path):
    case, plan = planned(BEFORE)
    case = case.appended(plan)
    again = BEFORE.plan(case, case.lesions[0], silent)
    assert (plan.id, again.id) == ("plan-L1-embolization_preoperative-1", "plan-L1-embolization_preoperative-2")
    write_chart(case, tmp_path)
    assert read_chart(tmp_path)[0].plans == case.plans


def test_no_effect_is_predicted_only_what_series_reached():
    case, plan = planned(PAIN, painful=True)
    _, outcome = PAIN.simulate(case, plan, silent)
    told = {q.name: q for q in outcome.quantities}
    assert outcome.predicted
    assert outcome.maps == {}
    assert told["devascularisation"].value is None
    assert "in 36 to 75 % of cases" in outcome.words[1]
    assert all(0 < q.level < 1 for q in outcome.quantities)
    assert (told["relief"].value, told["relief"].low, told["relief"].high) == (89.0, 85.0, 91.0)
    assert "No effect on this lesion is predicted" in outcome.words[0]
    verdict = PAIN.verify(case, outcome, silent)
    assert verdict.success is None
    assert "Nothing to judge yet" in verdict.words[0]


def test_a_plan_of_another_procedure_is_refused():
    case, plan = planned(PAIN, painful=True)
    with pytest.raises(NotModelled, match="no embolization of bone"):
        PAIN.simulate(case, replace(plan, settings=object(), settings_type="x:y"), silent)
