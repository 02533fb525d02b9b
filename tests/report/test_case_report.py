import re

import numpy as np
import pytest
from made_patient import TARGET

from locoregional.case import (
    ArrayStore,
    Case,
    Lesion,
    Needle,
    Option,
    Organ,
    Outcome,
    Overrule,
    Patient,
    Plan,
    Quantity,
    RuleResult,
    Verdict,
)
from locoregional.procedures.mwa.settings import Settings
from locoregional.report.case_layers import layers_of, surfaces_of
from locoregional.report.case_report import report_of, write_report
from locoregional.report.citations import Citations, fact_of
from locoregional.report.document import Options, Rules
from locoregional.report.html import render_html


def made_case(patient):
    store = ArrayStore()
    structures = {name: store.put(patient.masks[name]) for name in ("body", "bone", "liver", "gallbladder")}
    structures["liver_vessels"] = store.put(patient.masks["vessels"])
    lesion = Lesion(
        "L1", Organ.LIVER, 26.0, tuple(TARGET), store.put(patient.masks["lesion"]), "segmented", notes=("edge was weak",)
    )
    rule = RuleResult(
        "Largest diameter at most 3 cm",
        True,
        "required",
        "26 mm",
        "ablation:margin.least",
        "laimer2025",
        "abstract",
        "borrowed",
    )
    ask = RuleResult("Platelets over 50", None, "required", "platelets not known", "", "nobody1999", "", "unverified")
    option = Option("L1", "mwa", "possible", "Possible: platelets not known.", (rule, ask))
    numbers = (
        Quantity("depth", "skin to tip", 98.0, "mm"),
        Quantity("axial_angle", "in the axial plane: 59 degrees from vertical", 59.0, "deg"),
        Quantity(
            "coverage_5mm", "chance to cover the lesion with 5 mm", 71.0, "%", 60.0, 80.0, sources=("ablation:margin.least",)
        ),
        Quantity("clearance_gallbladder", "needle axis to gallbladder", 21.0, "mm"),
    )
    entry, tip = (tuple(float(x) for x in p) for p in (patient.needle.entry_lps_mm, patient.needle.tip_lps_mm))
    settings = Settings("amica-14g", 60.0, 600.0, 150.0, 5.0, 40.0, 30.0, 8.0)
    way = Needle(entry, tip, ("right intercostal",), numbers)
    plan = Plan(
        "plan-L1-mwa-1",
        "L1",
        "mwa",
        True,
        (way,),
        settings,
        ("60 W for 10 min",),
        (way,),
        ("colon",),
        facts=("ablation:margin.least",),
    )
    maps = {"probability": store.put(patient.chance), "zone": store.put(patient.chance.on(patient.chance.array > 0.5))}
    peak = Quantity("peak_gallbladder", "highest temperature in gallbladder", 61.0, "C", sources=("ablation:alert.hot",))
    unknown = Quantity("death_colon", "model runs in which some of colon dies", None, "%")
    outcome = Outcome(
        "predicted-L1-mwa-1",
        plan.id,
        "L1",
        "mwa",
        True,
        maps,
        (peak, unknown),
        ("32 runs",),
        reference_tumour=lesion.mask,
        image="planning",
    )
    margin = Quantity("minimal_margin", "minimal ablative margin", 3.2, "mm", 1.0, 5.5)
    verdict = Verdict(outcome.id, "L1", "mwa", None, ("Predicted minimal margin 3.2 mm: too close to call.",), (margin,))
    return Case(
        Patient("P1", 72.0, "F"), lesions=(lesion,), images={"planning": store.put(patient.ct)}, structures=structures,
        origins={"liver": "found <from> HU"}, course=(option, plan, outcome, verdict), notes=("units assumed",), store=store,
    )  # fmt: skip


@pytest.fixture(scope="module")
def case(patient):
    return made_case(patient)


@pytest.fixture(scope="module")
def report(case, moment):
    return report_of(case, date=moment)


def test_the_first_minute_answers_every_question(report):
    answers = {a.question: a for a in report.answers}
    assert list(answers) == [
        "Indicated?",
        "Where in?",
        "Which setting?",
        "Predicted margin?",
        "What else is heated?",
        "What could not be checked?",
    ]
    assert answers["Indicated?"].verdict == "caution"
    assert "98" in answers["Where in?"].answer
    assert "R 138, A 58, F 14 mm" in answers["Where in?"].answer
    assert answers["Which setting?"].answer == "60 W for 10 min"
    assert answers["Predicted margin?"].answer.startswith("Too close to call: 3.2")
    assert answers["What else is heated?"].answer.startswith("Gallbladder 61 °C")
    assert answers["What else is heated?"].verdict == "caution"
    assert answers["What could not be checked?"].answer == "Colon, large vessels outside the liver"


def test_rules_keep_their_words_source_and_doubt(report):
    shown = [r for b in report.blocks() if isinstance(b, Options) for card in b.cards for r in card.rules]
    shown += [r for b in report.blocks() if isinstance(b, Rules) for r in b.lines]
    lines = {r.words: r for r in shown}
    assert lines["Largest diameter at most 3 cm (required)"].state == "met"
    assert lines["Platelets over 50 (required)"].state == "unknown"
    assert lines["Platelets over 50 (required)"].source == "", "a reference that does not exist is not cited"


def test_page_tells_the_story(report):
    page = render_html(report)
    for words in (
        "Woman, 72 years",
        "ER not known",
        "edge was weak",
        "units assumed",
        "Lesion L1: options",
        "right intercostal",
        "not known",
    ):
        assert words in page, words
    assert "found &lt;from&gt; HU" in page
    assert re.search(r"Outline of lesion L1: no person has approved it", page)


def test_a_case_without_a_plan_still_reports(case, moment):
    report = report_of(
        Case(case.patient, lesions=case.lesions, images=case.images, course=case.course[:1], store=case.store), date=moment
    )
    assert len(report.answers) == 1
    assert report.answers[0].question.startswith("L1: liver")
    assert report.answers[0].answer.endswith("Microwave ablation")
    assert report.cover is None


def test_a_persons_decision_is_told_first_and_the_rules_beside_it(case, moment):
    decided = Overrule("L1", "mwa", "indicated", case.options[0].answer, "Board", "Resection was declined")
    report = report_of(case.appended(decided), date=moment)
    told = next(a for a in report.answers if a.question == "Indicated?")
    assert told.answer == "Microwave ablation: indicated"
    assert "Overruled by Board: Resection was declined" in told.detail
    assert "overruled by Board; the rules: possible" in report.headline


def test_no_safe_path_is_told_first(case, moment):
    blocked = Plan("plan-L1-mwa-2", "L1", "mwa", False, (), case.plans[0].settings, ("Every way meets a rib.",))
    report = report_of(case.appended(blocked), date=moment)
    assert "no safe plan. Every way meets a rib." in report.headline
    assert next(a for a in report.answers if a.question == "Where in?").verdict == "blocked"


def test_layers_and_surfaces_lie_where_the_case_has_them(case):
    outcome, plan = case.outcomes[0], case.plans[0]
    layers = layers_of(case, case.lesions[0], outcome)
    assert [x.name for x in layers] == ["Liver", "Gallbladder", "Liver vessels", "Predicted zone", "Lesion L1"]
    assert layers[0].colour != layers[2].colour
    surfaces = {s.name: s for s in surfaces_of(case, case.lesions[0], plan, outcome)}
    assert {"Skin", "Bones", "Liver", "Zone: 50 % chance", "Lesion L1", "Needle"} <= set(surfaces)
    assert np.allclose(surfaces["Lesion L1"].vertices_lps_mm.mean(axis=0), TARGET, atol=2.0)
    liver = np.argwhere(case.structure("liver").array)
    low = case.image().grid.to_lps(liver.min(axis=0))
    assert np.allclose(surfaces["Liver"].vertices_lps_mm.min(axis=0), low, atol=6.0)


def test_citations_number_facts_by_their_reference():
    fact = fact_of("ablation:margin.least")
    assert fact is not None
    assert fact_of("procedures:no.such.fact") is None
    assert fact_of("nowhere:x") is None
    citations = Citations()
    assert citations.cite("ablation:margin.least") == fact.source
    assert [s.key for s in citations.sources] == [fact.source]
    assert citations.cite("no-such-reference") == ""


def test_reports_are_written(case, tmp_path):
    page, pdf = write_report(case, tmp_path)
    assert page.stat().st_size > 100_000
    assert pdf.read_bytes().startswith(b"%PDF")
