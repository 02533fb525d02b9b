"""Patient 3: from the digital shoulder to a cryoablation for pain."""

import numpy as np
import pytest

from locoregional import workflow
from locoregional.case.chart import read_chart
from locoregional.demo import STORIES, run_demo
from locoregional.demo.freeze_picture import probe_plane
from locoregional.demo.patient_3 import PICTURE, shoulder_case
from locoregional.demo.two_probes import best_pair
from locoregional.errors import CaseError, PlanningError
from locoregional.figure_patients import figure_patient


def test_case_is_the_figure_patient_with_measured_distances(tmp_path):
    patient, case = shoulder_case(tmp_path, small=True)
    figure = figure_patient("figure-3")
    assert case.disease == figure.disease
    assert (case.patient.age_years, case.patient.sex) == (49, "F")
    lesion = case.lesions[0]
    assert (lesion.organ, lesion.site, lesion.pain) == (figure.lesions[0].organ, "right shoulder", 8)
    assert np.linalg.norm(np.array(lesion.centre_lps_mm) - patient.lesion_seed_lps_mm) < 0.1
    assert case.tumour(lesion).array.sum() == patient.lesion.array.sum()
    assert {"body", "bone", "lung", "vessels", "nerve", "joint", "spinal_cord"} <= set(case.structures)
    assert case.structure("nerve").array.sum() == patient.structures["nerve"].array.sum()
    answers = {o.procedure: o.answer for o in workflow.select(case).options}
    assert answers["cryo"] == "indicated"
    assert answers["vertebroplasty"] == "not indicated"


def test_patient_3_is_frozen_with_two_probes(tmp_path):
    run_demo(tmp_path / "shoulder", story=3, small=True)
    case, _ = read_chart(tmp_path / "shoulder")
    assert {p.procedure for p in case.plans} == {"cryo"}
    plan, outcome = case.plans[-1], case.outcomes[-1]
    assert len(plan.needles) == 2
    ways = [np.subtract(n.entry_lps_mm, n.tip_lps_mm) for n in plan.needles]
    assert np.linalg.norm(np.cross(*(w / np.linalg.norm(w) for w in ways))) < 1e-6, "parallel, so that they can work at once"
    tips = [np.array(n.tip_lps_mm) for n in plan.needles]
    assert 10.0 <= np.linalg.norm(tips[0] - tips[1]) < 40.0
    assert abs(next(q for q in outcome.quantities if q.name == "energy_residual").value) < 0.5
    zone, tumour = case.store.get(outcome.maps["zone"]), case.store.get(outcome.reference_tumour)
    centres = [v.grid.to_lps(np.argwhere(v.array > 0.5).mean(axis=0)) for v in (zone, tumour)]
    assert np.linalg.norm(centres[0] - centres[1]) < 12.0
    seen = {q.name: q.value for q in outcome.quantities}
    assert 30.0 < seen["covered_share_0mm"] < 98.0, "two probes relieve; they cannot kill a mass of 55 mm"
    assert seen["alert_nerve"] == 0.0
    assert seen["lowest_nerve"] > 10.0
    assert seen["lowest_skin"] > -5.0
    assert seen["ice_short_axis"] > seen["short_axis"] + 5.0, "cells die several millimetres inside the ice that CT shows"
    frozen, before = case.image("freezing"), case.image()
    inside = case.tumour(case.lesions[0]).array
    assert frozen.grid.same_as(before.grid)
    assert np.median(frozen.array[inside]) < np.median(before.array[inside]) - 60, "ice is darker"
    assert (tmp_path / "shoulder" / PICTURE).stat().st_size > 20_000
    assert (tmp_path / "shoulder" / "report.html").stat().st_size > 100_000


def test_unknown_story_and_foreign_folder_are_refused(tmp_path):
    assert set(STORIES) == {1, 2, 3}
    with pytest.raises(CaseError, match="no digital patient 4"):
        run_demo(tmp_path / "new", story=4)
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CaseError, match="no former demo"):
        run_demo(tmp_path, story=3)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_command_takes_a_number_or_a_name_but_not_both(tmp_path):
    from click.testing import CliRunner

    from locoregional.cli.demo import command

    both = CliRunner().invoke(command, ["3", "--patient", "figure-2", "--out", str(tmp_path / "x")])
    assert both.exit_code == 2
    assert "not both" in both.output
    assert CliRunner().invoke(command, ["4"]).exit_code == 2
    assert not (tmp_path / "x").exists()


def test_plane_of_the_probes_holds_both():
    way = np.array([-0.5, -0.8, 0.33])
    tips = np.array([[0.0, 0.0, 0.0], [4.0, -2.0, 16.0]])
    plane = probe_plane([(tip, tip + 60 * way) for tip in tips])
    ends = np.vstack([tips, tips + 60 * way])
    assert np.abs(plane.project(ends)[:, 2]).max() < 1e-9
    assert plane.right[0] > 0, "the patient's left is on the right"
    alone = probe_plane([(tips[0], tips[0] + 60 * way)])
    assert abs(alone.project(tips[0] + 60 * way)[2]) < 1e-9


def test_best_pair_is_that_of_all_pairs():
    rng = np.random.default_rng(5)
    held = rng.random((60, 9)) < 0.3
    forbidden = np.array([[0, 4], [2, 7]])
    shares = {
        (i, j): (held[:, i] | held[:, j]).mean() for i in range(9) for j in range(i + 1, 9) if [i, j] not in forbidden.tolist()
    }
    first, second, share = best_pair(held, forbidden=forbidden)
    assert share == pytest.approx(max(shares.values()))
    assert shares[first, second] == pytest.approx(share)
    with pytest.raises(PlanningError, match="no two safe placements"):
        best_pair(held[:, :2], forbidden=np.array([[0, 1]]))
