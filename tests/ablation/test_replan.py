"""Planning again around an applicator in place."""

from dataclasses import replace

import numpy as np
import pytest
from balls import ball, balls, case_of

from locoregional import workflow
from locoregional.ablation.dissection import Dissection
from locoregional.ablation.plan import plan_ablation
from locoregional.ablation.replan import replan_ablation
from locoregional.errors import CaseError, PlanningError
from locoregional.progress import silent


@pytest.fixture(scope="module")
def start():
    energy = balls(widths_mm=(50.0,))
    case, lesion = case_of(radius_mm=7.0)
    plan = plan_ablation(case, lesion, energy, silent)
    return energy, case.appended(plan), lesion, plan


def placed(plan, shift):
    needle = plan.needles[0]
    return [tuple(np.array(p) + shift for p in (needle.entry_lps_mm, needle.tip_lps_mm))]


def coverage(plan):
    return next(q.value for q in plan.quantities if q.name == "coverage_5mm")


def test_an_applicator_where_it_was_planned_suffices_and_is_surer_than_before(start):
    energy, case, lesion, plan = start
    again = replan_ablation(case, lesion, energy, silent, placed=placed(plan, np.zeros(3)))
    assert again.feasible
    assert len(again.needles) == 1
    assert again.id != plan.id
    assert again.needles[0].tip_lps_mm == pytest.approx(plan.needles[0].tip_lps_mm)
    assert coverage(again) > coverage(plan)  # its placement is known now
    assert "0.0 mm beside the plan" in again.words[0]


def test_one_that_went_astray_is_completed_by_another(start):
    energy, case, lesion, plan = start
    way = np.array(plan.needles[0].tip_lps_mm) - np.array(plan.needles[0].entry_lps_mm)
    aside = np.cross(way, [0.0, 0.0, 1.0])
    aside *= 18.0 / np.linalg.norm(aside)
    again = replan_ablation(case, lesion, energy, silent, placed=placed(plan, aside))
    assert len(again.needles) == 2
    assert again.feasible
    assert coverage(again) > 80.0
    assert "18.0 mm beside the plan" in again.words[0]
    assert "1 further applicator to place" in again.words[1]
    assert "in place" in again.needles[0].words[0]


def test_what_is_injected_stays_injected():
    energy = balls(widths_mm=(50.0,))
    case, lesion = case_of(radius_mm=7.0, organ="soft_tissue", structures={"colon": ball((40.0, 0.0, 0.0), 8.0)})
    layer = Dissection("colon", "dextrose", 40.0)
    plan = plan_ablation(case, lesion, energy, silent, dissections=(layer,))
    again = replan_ablation(case.appended(plan), lesion, energy, silent, placed=placed(plan, np.zeros(3)))
    assert again.settings.dissections == (layer,)


def test_an_applicator_that_cannot_be_there_is_refused(start):
    energy, case, lesion, plan = start
    with pytest.raises(PlanningError, match="outside the body"):
        replan_ablation(case, lesion, energy, silent, placed=[((0.0, -200.0, 0.0), (0.0, -85.0, 0.0))])
    with pytest.raises(PlanningError, match="no plan"):
        replan_ablation(replace(case, course=()), lesion, energy, silent, placed=placed(plan, 0))


def test_points_in_words_and_in_files(tmp_path):
    from locoregional.imaging.markups import needle_line, write_markups

    assert workflow.placed_lines("1,2,3/4,5,6.5") == (((1.0, 2.0, 3.0), (4.0, 5.0, 6.5)),)
    path = tmp_path / "needle.mrk.json"
    write_markups([needle_line("N", entry_lps_mm=(1, 2, 3), tip_lps_mm=(4, 5, 6))], path)
    assert workflow.placed_lines(str(path)) == (((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)),)
    for bad in ("1,2,3", "1,2/3,4", "a,b,c/d,e,f"):
        with pytest.raises(CaseError):
            workflow.placed_lines(bad)
