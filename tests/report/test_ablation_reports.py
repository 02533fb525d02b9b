"""Reports of radiofrequency, several microwave applicators and two cryoprobes say what each energy does, in HTML and on paper."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from made_ablations import ASIDE, AXIS, bare, made_ablation
from made_patient import ENTRY, TARGET

from locoregional.case import Organ, Quantity
from locoregional.report.ablation_answers import answers_of, beside, headline_of
from locoregional.report.applicators import needles_table, setting_words
from locoregional.report.case_layers import contours_of, layers_of, needles_of, points_of, surfaces_of
from locoregional.report.case_report import _found_organ, report_of
from locoregional.report.citations import Citations
from locoregional.report.document import Badge, Callout, Scene3D, SliceStack, Table
from locoregional.report.html import render_html, write_html
from locoregional.report.lesion_pages import LesionPages
from locoregional.report.log_picture import log_figure, log_panels
from locoregional.report.marks import NeedleLine
from locoregional.report.pdf import write_pdf
from locoregional.report.pictures.anatomy import planes_of
from locoregional.report.received import received_table
from locoregional.report.tables import settings_table
from locoregional.report.who import who


@pytest.fixture(scope="module", params=["rfa", "mwa", "cryo"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def cases(patient):
    return {name: made_ablation(patient, name) for name in ("rfa", "mwa", "cryo")}


@pytest.fixture(scope="module")
def reports(cases, moment):
    return {name: report_of(case, date=moment) for name, case in cases.items()}


def answers(report):
    return {a.question: a for a in report.answers}


def blocks(report, kind):
    return [b for b in report.blocks() if isinstance(b, kind)]


def pages_of(case):
    return LesionPages(case, case.lesions[0], case.options[0], case.plans[0], case.outcomes[0], None, Citations())


def test_every_energy_renders_on_page_and_paper(reports, kind, tmp_path):
    page, pdf = write_html(reports[kind], tmp_path / "r.html"), write_pdf(reports[kind], tmp_path / "r.pdf")
    assert pdf.read_bytes().startswith(b"%PDF")
    assert page.stat().st_size < 9e6
    assert pdf.stat().st_size < 5e6


def test_a_chart_without_ice_traces_or_numbers_still_renders(cases, moment):
    page = render_html(report_of(bare(cases["cryo"]), date=moment))
    assert "predicted zone" in page
    assert "on one clock" not in page


def test_the_setting_is_told_as_it_is_dialled(reports):
    told = {name: answers(report)["Which setting?"].answer for name, report in reports.items()}
    assert told == {
        "rfa": "200 W for 12 min (impedance)",
        "mwa": "3 applicators at once, each 60 W for 10 min",
        "cryo": "2 applicators at once, each 25 min (10-5-10)",
    }


def test_cold_is_never_called_heat(reports):
    page = render_html(reports["cryo"]).split("<main", 1)[1].split("<script>")[0]
    shown = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.S)
    assert not re.search(r"\b(heated|hottest|highest temperature|antenna|microwave)\b", shown, flags=re.I)
    assert not re.search(r"\b0 W\b", shown)
    assert "What else gets cold?" in shown
    assert answers(reports["cryo"])["What else gets cold?"].answer == "Bowel \u22126 °C, nerve 4 °C"
    assert "What else is heated?" in answers(reports["rfa"])


def test_alerts_by_dose_alone_are_told(cases):
    case = cases["rfa"]
    outcome = case.outcomes[0]
    cooler = tuple(replace(q, value=44.0) if q.name == "peak_bowel" else q for q in outcome.quantities)
    told = beside(pages_of(case), replace(outcome, quantities=cooler), "")
    assert told.answer == "Bowel 44 °C, gallbladder in 22 % of the runs"
    assert "heat dose 260 min (limit 60 min)" in told.detail.replace("\u00a0", " ")


def test_a_quiet_nominal_run_does_not_hide_what_other_runs_do(cases):
    outcome = cases["rfa"].outcomes[0]
    kept = [q for q in outcome.quantities if q.name.endswith("_gallbladder")]
    told = beside(pages_of(cases["rfa"]), replace(outcome, quantities=tuple(kept)), "")
    assert told.answer == "Gallbladder in 22 % of the runs"
    assert told.verdict == "caution"
    seldom = tuple(replace(q, value=2.0) if q.name == "alert_share_gallbladder" else q for q in kept)
    told = beside(pages_of(cases["rfa"]), replace(outcome, quantities=seldom), "")
    assert told.answer == "No alert, but look at gallbladder"
    assert told.verdict == "caution"


@pytest.mark.parametrize("organ", ["lung", "bone", "liver"])
def test_an_organ_that_was_found_is_shown_for_approval(cases, patient, organ):
    case = cases["rfa"]
    mask = case.store.put(patient.masks["lungs" if organ == "lung" else organ])
    found = replace(case, structures={**case.structures, organ: mask}, origins={organ: "found from the CT"})
    lesion = replace(case.lesions[0], organ=Organ(organ))
    assert "as found from the CT" in _found_organ(found, lesion).caption
    assert _found_organ(replace(found, origins={organ: "given"}), lesion) is None


def test_spread_is_told_as_seen_from_the_organ_that_is_treated(cases):
    assert who(cases["rfa"]).endswith("extrahepatic disease not known")
    assert who(cases["cryo"]).endswith("disease elsewhere not known")
    staged = replace(cases["cryo"].disease, extrahepatic=("lung",))
    assert who(replace(cases["cryo"], disease=staged)).endswith("elsewhere: lung")


def test_opposed_needles_have_planes(cases):
    first, second = needles_of(cases["cryo"].plans[0])
    facing = NeedleLine(second.tip_lps_mm + 60 * AXIS, second.tip_lps_mm, "A2")
    planes = planes_of((first, facing), TARGET, side_mm=100.0)
    assert all(np.isfinite(p.normal).all() for p in planes)
    assert np.allclose(planes[-1].normal, AXIS)
    assert planes[0].name == "Plane of A1 and A2"
    for end in (first.entry_lps_mm, first.tip_lps_mm, second.tip_lps_mm):
        assert abs(planes[0].project(end)[2]) < 1e-6


def test_structures_stand_in_one_table_worst_first(reports):
    for name, first, value in (("rfa", "Bowel", "47"), ("cryo", "Bowel", "\u22126")):
        table = next(t for t in blocks(reports[name], Table) if t.columns[:2] == ("Structure", "Alert"))
        assert table.rows[0][0] == first
        assert table.rows[0][1] == Badge("alert", "blocked")
        assert table.rows[0][2].text.startswith(value)
        assert ("Heat dose" in table.columns) == (name == "rfa")
        assert [row[1].text for row in table.rows][-1] == "below"
    fold = next(t for t in blocks(reports["rfa"], Table) if t.columns[0] == "Quantity" and "Zone along" in str(t.rows[0][0]))
    assert not any("bowel" in str(row[0]).lower() for row in fold.rows), "numbers of a structure stand once"


def test_several_applicators_are_named_and_listed(cases):
    plan = cases["mwa"].plans[0]
    assert [n.name for n in needles_of(plan)] == ["A1", "A2", "A3"]
    assert [p.name for p in points_of(plan)] == ["A1", "A2", "A3"]
    table = needles_table(plan, Citations())
    assert [row[0] for row in table.rows] == ["A1", "A2", "A3"]
    depth = float(np.linalg.norm(np.array(plan.needles[1].tip_lps_mm) - plan.needles[1].entry_lps_mm))
    assert float(table.rows[1][1].value) == pytest.approx(depth)
    assert "hub towards the patient's right" in table.rows[0][2]
    assert table.rows[2][6] == "gallbladder, 24 mm"
    assert needles_table(cases["rfa"].plans[0], Citations()) is None
    assert [n.name for n in needles_of(cases["rfa"].plans[0])] == ["Needle"]


def test_needles_with_one_entry_share_a_label(cases):
    plan = cases["mwa"].plans[0]
    first, second, third = plan.needles
    pulled = replace(second, entry_lps_mm=first.entry_lps_mm)
    assert [p.name for p in points_of(replace(plan, needles=(first, pulled, third)))] == ["A1, A2", "A3"]


def test_the_scene_holds_all_needles_and_every_contour(reports):
    scene, stack = blocks(reports["cryo"], Scene3D)[0], blocks(reports["cryo"], SliceStack)[0]
    shown = {s.name: s.shown for s in scene.surfaces}
    assert {"A1", "A2", "Lethal zone: 50 % chance", "Ice as CT shows it"} <= {name for name, on in shown.items() if on}
    assert shown["Ever at \u221240 °C or colder"] is False
    assert [n.name for n in scene.needles] == [n.name for n in stack.needles] == ["A1", "A2"]
    assert [x.name for x in stack.layers if x.role == "contour" and x.shown] == ["Ice as CT shows it"]


def test_contours_come_from_masks_only_and_the_ice_lies_outside(cases):
    case = cases["cryo"]
    volumes = [int(layer.volume.array.sum()) for layer in contours_of(case, case.outcomes[0])]
    assert len(volumes) == 3
    assert volumes == sorted(volumes, reverse=True)
    assert contours_of(cases["mwa"], cases["mwa"].outcomes[0]) == ()
    names = [x.name for x in layers_of(case, case.lesions[0], case.outcomes[0])]
    assert names.index("Ice as CT shows it") < names.index("Lethal zone") < names.index("Lesion L1")
    assert any(s.name == "Zone: 50 % chance" for s in surfaces_of(cases["mwa"], case.lesions[0], None, cases["mwa"].outcomes[0]))


def test_the_ice_is_said_to_be_larger_than_what_dies(reports):
    (callout,) = [b for b in blocks(reports["cryo"], Callout) if b.title.startswith("The ice on CT")]
    assert "lies 4 mm inside the edge of the ice" in callout.points[0] or "lies 5 mm inside" in callout.points[0]
    assert not [b for b in blocks(reports["mwa"], Callout) if b.title.startswith("The ice")]


def test_power_is_compared_with_that_of_all_antennas_at_once(cases):
    case = cases["mwa"]
    power = next(p for p in log_panels(case.outcomes[0], case.plans[0]) if p.unit == "W")
    assert (power.reference, power.reference_words) == (180.0, "set: 3 x 60 W")
    turns = replace(case.plans[0], settings=replace(case.plans[0].settings, together=False))
    power = next(p for p in log_panels(case.outcomes[0], turns) if p.unit == "W")
    assert power.reference == 60.0
    assert "Of the first of 3 applicators" in log_figure(case.outcomes[0], turns).caption


def test_the_log_shows_what_each_console_shows(cases):
    def titles(name):
        return [p.title for p in log_panels(cases[name].outcomes[0], cases[name].plans[0])]

    assert titles("rfa") == ["Power", "Impedance", "Temperature at the thermocouples", "Current"]
    assert titles("mwa") == ["Hottest point of all tissue", "Power that heats tissue", "Reflected"]
    assert titles("cryo") == ["Temperature of each probe", "Heat taken up by each probe"]
    curves = log_panels(cases["cryo"].outcomes[0], cases["cryo"].plans[0])[0].curves
    assert [name for name, _ in curves] == ["A1", "A2"]
    reflected = log_panels(cases["mwa"].outcomes[0], None)[2].curves[0][1]
    assert reflected[0] == pytest.approx(5.0)
    assert log_figure(replace(cases["rfa"].outcomes[0], traces={}), None) is None


def test_the_chosen_setting_is_found_by_its_program(cases):
    table = settings_table(cases["cryo"].plans[0], Citations(), organ="soft_tissue")
    assert "muscle" in table.columns[1]
    assert "one applicator covers the lesion with 5 mm" in table.caption
    assert [isinstance(row[-1], Badge) for row in table.rows] == [True, False]


def test_settings_of_no_ablation_have_no_words(cases):
    plan = replace(cases["rfa"].plans[0], settings=object())
    assert setting_words(plan) == ""
    assert settings_table(replace(plan, quantities=()), Citations()) is None


def test_the_view_shows_needles_side_by_side(cases):
    case = cases["mwa"]
    stacked = []
    for shift in (0.0, 15.0):
        n = case.plans[0].needles[0]
        stacked.append(replace(n, entry_lps_mm=tuple(ENTRY + shift * ASIDE), tip_lps_mm=tuple(TARGET + 8 * AXIS + shift * ASIDE)))
    for needles in (case.plans[0].needles, tuple(stacked)):
        view = np.array(pages_of(case).view_from(replace(case.plans[0], needles=needles)))
        view /= np.linalg.norm(view)
        apart = np.array(needles[1].entry_lps_mm) - needles[0].entry_lps_mm
        apart -= (apart @ AXIS) * AXIS
        across = apart - (apart @ view) * view
        assert np.linalg.norm(across) > 0.35 * np.linalg.norm(apart)
        assert -view @ AXIS > 0, "from the side on which they enter"


def test_a_plan_that_does_not_cover_is_not_called_safe(cases):
    case = cases["mwa"]
    plan = replace(case.plans[0], feasible=False, words=("Infeasible with amica-14g.",))
    told = {
        a.question: a for a in answers_of(pages_of(replace(case, course=(case.course[0], plan, *case.course[2:]))), several=False)
    }
    assert told["Where in?"].verdict == "caution"
    assert told["Which setting?"].verdict == "caution"


def test_the_first_line_says_what_stands_against_a_plan(cases):
    case = cases["mwa"]
    but = ("Harmful: spinal cord: up to 79 C (limit 45 C).", "The chance is low.")
    told = {}
    for feasible in (True, False):
        plan = replace(case.plans[0], feasible=feasible, cautions=but)
        page = pages_of(replace(case, course=(case.course[0], plan, *case.course[2:])))
        assert but[0] in headline_of(page)
        told = {a.question: a for a in answers_of(page, several=False)}
        assert told["Where in?"].verdict == "caution"
        assert told["What stands against it?"].answer == but[0]
    assert "no safe plan" in headline_of(page)


def test_numbers_without_value_or_limit_do_not_break_the_table(cases):
    odd = (
        Quantity("peak_nerve", "highest temperature in nerve", None, "C"),
        Quantity("peak_ureter", "highest temperature in ureter", 44.0, "C"),
        Quantity("death_ureter", "model runs in which some of ureter dies", None, "%"),
    )
    table = received_table(replace(cases["rfa"].outcomes[0], quantities=odd), Citations())
    assert [row[0] for row in table.rows] == ["Ureter"]
    assert table.rows[0][1].text == "no limit"
    assert "not known" in table.rows[0]


def test_dissection_and_number_of_applicators_stand_with_the_settings(cases):
    numbers = pages_of(cases["mwa"])._settings(cases["mwa"].plans[0])
    told = {n.label: n.text for n in numbers}
    assert told["Applicators"] == "3 at once"
    assert told["Power, each"] == "60\u00a0W"
    assert told["Dissection"] == "10\u00a0mm"
    cold = {n.label for n in pages_of(cases["cryo"])._settings(cases["cryo"].plans[0])}
    assert not any(label.startswith("Power") for label in cold)
