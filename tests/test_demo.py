import json

import numpy as np
import pytest

from locoregional.case.chart import CHART, read_chart
from locoregional.demo import run_demo
from locoregional.errors import CaseError


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "patient-1"
    run_demo(folder, small=True)
    case, _ = read_chart(folder)
    return folder, case


def test_patient_1_runs_from_ct_to_follow_up(demo):
    folder, case = demo
    assert {o.procedure: o.answer for o in case.options}["mwa"] == "indicated"
    assert {p.procedure for p in case.plans} == {"mwa"}, "as in the figure, whatever else would be possible"
    plan = case.plans[-1]
    assert plan.feasible
    assert len(plan.needles) == 1
    assert [o.predicted for o in case.outcomes] == [True, False]
    assert len(case.verdicts) == 2
    assert (folder / "report.html").stat().st_size > 100_000
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")


def test_predicted_zone_sits_on_the_lesion(demo):
    _, case = demo
    outcome = case.outcomes[0]
    zone = case.store.get(outcome.maps["zone"])
    tumour = case.store.get(outcome.reference_tumour)
    centres = [v.grid.to_lps(np.argwhere(v.array > 0.5).mean(axis=0)) for v in (zone, tumour)]
    assert np.linalg.norm(centres[0] - centres[1]) < 10.0
    probability = case.store.get(outcome.maps["probability"]).array
    assert 0.0 <= probability.min() <= probability.max() <= 1.0
    residual = next(q for q in outcome.quantities if q.name == "energy_residual")
    assert abs(residual.value) < 0.5


def test_follow_up_was_registered_and_measured(demo):
    _, case = demo
    observed = case.outcomes[1]
    assert observed.registration_error_mm >= 1.62, "never better than what published registrations reach"
    margin = next(q for q in case.verdicts[1].quantities if q.name == "minimal_margin")
    assert margin.low <= margin.value <= margin.high


def test_exports_open_with_independent_readers(demo):
    import nibabel
    import pydicom
    import pygltflib

    folder, case = demo
    files = folder / "export"
    needle = case.plans[-1].needles[0]
    markup = json.loads((files / "needles.mrk.json").read_text())["markups"][0]
    assert markup["coordinateSystem"] == "LPS"
    ends = [p["position"] for p in markup["controlPoints"]]
    assert np.allclose(ends, [needle.entry_lps_mm, needle.tip_lps_mm])
    lesion = nibabel.load(files / "lesion-L1.nii.gz")
    voxels = np.argwhere(np.asarray(lesion.dataobj) > 0)
    ras = nibabel.affines.apply_affine(lesion.affine, voxels.mean(axis=0))
    assert np.allclose(ras * [-1, -1, 1], case.lesions[0].centre_lps_mm, atol=0.01), "NIfTI is RAS, the case is LPS"
    seg = pydicom.dcmread(files / "segmentations.dcm")
    assert seg.Modality == "SEG"
    assert len(seg.SegmentSequence) == 2
    names = {m.name for m in pygltflib.GLTF2().load(str(files / "scene.glb")).materials}
    assert any("lesion" in n for n in names)


def test_running_the_folder_again_gives_the_same_plan(demo):
    folder, case = demo
    again, _ = read_chart(folder)
    assert again == case
    chart = json.loads((folder / CHART).read_text())
    assert chart["use"] == "research only"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CaseError, match="no former demo"):
        run_demo(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
