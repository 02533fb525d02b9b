"""Chapters of procedures that are no ablation, with isodoses and dose-volume curves."""

from dataclasses import replace

import numpy as np
import pytest
from test_case_report import made_case

from locoregional.case import Outcome, Plan, Quantity, Verdict
from locoregional.report.case_report import report_of
from locoregional.report.document import Callout, Figure, KeyNumbers, Table
from locoregional.report.dose_figures import DOSE_AXIS, VOLUME_PREFIX
from locoregional.report.html import render_html

CAUTION = "The lung would receive 28 Gy in the upper half of its interval."


def dosed(patient, *, feasible=True):
    case = made_case(patient)
    option = replace(case.options[0], procedure="tare_resin")
    lesion = case.tumour(case.lesions[0])
    index = np.argwhere(np.ones(lesion.shape, bool)).reshape(*lesion.shape, 3)
    away = np.linalg.norm(lesion.grid.to_lps(index) - np.asarray(case.lesions[0].centre_lps_mm), axis=-1)
    dose = lesion.on((150.0 * np.exp(-((away / 40.0) ** 2))).astype(np.float32), unit="Gy")
    plan = Plan(
        "plan-1", "L1", "tare_resin", feasible, (), settings=case.plans[0].settings,
        words=("1.6 GBq of resin microspheres into the right hepatic artery.", "Normal liver binds."),
        unchecked=("lung",), cautions=(CAUTION,),
        quantities=(
            Quantity("activity", "activity at the infusion", 1.6, "GBq", 1.5, 1.7),
            Quantity("limit_normal_liver", "normal perfused liver, at most 40 Gy", 40.0, "Gy", 33.0, 47.0),
            Quantity("vial_1", "3 GBq vial, 4 h before its calibration", 3.1, "GBq"),
        ),
    )  # fmt: skip
    axis = tuple(float(x) for x in np.linspace(0, 160, 33))
    falls = tuple(float(100.0 * np.exp(-x / 60.0)) for x in axis)
    outcome = Outcome(
        "predicted-1", "plan-1", "L1", "tare_resin", True, {"dose": case.store.put(dose)},
        quantities=(
            Quantity("mean_dose_L1", "mean dose", 120.0, "Gy", 90.0, 150.0),
            Quantity("mean_dose_liver", "mean dose", 31.0, "Gy", 25.0, 38.0),
            Quantity("d70_L1", "dose of 70 %", 85.0, "Gy", 60.0, 110.0),
        ),
        traces={DOSE_AXIS: axis, f"{VOLUME_PREFIX}L1": falls, f"{VOLUME_PREFIX}liver": falls},
    )  # fmt: skip
    verdict = Verdict("predicted-1", "L1", "tare_resin", None, ("Mean tumour dose 120 Gy (90 %: 90 to 150).",))
    return replace(case, course=(option, plan, outcome, verdict))


@pytest.fixture(scope="module")
def report(patient, moment):
    return report_of(dosed(patient), date=moment)


def blocks(report, kind):
    return [b for s in report.sections for b in s.blocks if isinstance(b, kind)]


def test_the_first_page_says_what_is_planned_and_what_stands_against_it(report):
    answers = {a.question: a for a in report.answers}
    assert list(answers) == [
        "Indicated?", "What is planned?", "What stands against it?", "What is expected?", "What could not be checked?",
    ]  # fmt: skip
    assert answers["What is planned?"].answer.startswith("1.6 GBq of resin")
    assert answers["What is planned?"].verdict == "caution"
    assert answers["What stands against it?"].answer == CAUTION
    assert answers["What is expected?"].verdict == "caution"
    assert f"But: {CAUTION}" in report.headline
    assert report.cover is not None


def test_numbers_stand_in_the_tables_they_belong_to(report):
    tables = {t.caption: t for t in blocks(report, Table)}
    assert [row[0] for row in tables["Limits, and what the plan reaches of them"].rows] == [
        "Normal perfused liver, at most 40 Gy"
    ]
    assert len(tables["Vials and hours"].rows) == 1
    dose = tables["Absorbed dose, each with its interval"]
    assert [row[0] for row in dose.rows] == ["Lesion L1", "Liver"]
    assert dose.columns == ("Structure", "Mean", "D70")
    first = [b for b in blocks(report, KeyNumbers) if any(n.label.startswith("Activity") for n in b.numbers)]
    assert len(first[0].numbers) == 1, "limits and vials are not repeated"


def test_isodoses_and_curves_are_drawn_and_the_page_renders(report):
    captions = [f.caption for f in blocks(report, Figure)]
    assert sum(c.startswith("Isodoses of 30, 50, 80, 120 Gy") for c in captions) == 1
    assert sum(c.startswith("Dose-volume curves") for c in captions) == 1
    page = render_html(report)
    assert "Absorbed dose, each with its interval" in page


def test_a_plan_that_cannot_be_used_says_so_first(patient, moment):
    report = report_of(dosed(patient, feasible=False), date=moment)
    assert "no plan that can be used" in report.headline
    told = {a.question: a for a in report.answers}
    assert told["What is planned?"].verdict == "blocked"
    kinds = [(c.kind, c.title) for c in blocks(report, Callout)]
    assert ("blocked", "No plan that can be used") in kinds
