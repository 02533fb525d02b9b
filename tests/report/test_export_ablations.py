"""Exports hold every needle, every contour, and call predicted zones predicted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from made_ablations import made_ablation

from locoregional.imaging.nifti import read_nifti
from locoregional.report.export import export_case


@pytest.fixture(scope="module")
def exported(patient, tmp_path_factory):
    case = made_ablation(patient, "cryo")
    folder = tmp_path_factory.mktemp("case") / "export"
    export_case(case, folder)
    return case, folder


def test_each_applicator_is_a_line(exported):
    case, folder = exported
    markups = json.loads((folder / "needles.mrk.json").read_text())["markups"]
    assert [m["name"] for m in markups] == ["plan-L1-cryo-1 A1", "plan-L1-cryo-1 A2"]
    ends = [p["position"] for p in markups[1]["controlPoints"]]
    assert np.allclose(ends, [case.plans[0].needles[1].entry_lps_mm, case.plans[0].needles[1].tip_lps_mm])


def test_ice_is_written_as_map_and_surface(exported):
    case, folder = exported
    outcome = case.outcomes[0]
    written = read_nifti(folder / f"{outcome.id}-ice.nii.gz")
    assert (written.array > 0.5).sum() == case.store.get(outcome.maps["ice"]).array.sum()
    assert (folder / f"{outcome.id}-ice_lps_mm.stl").stat().st_size > 1000


def test_segments_say_what_was_computed(exported):
    import pydicom

    _, folder = exported
    segments = pydicom.dcmread(folder / "segmentations.dcm").SegmentSequence
    names = [str(s.SegmentLabel) for s in segments]
    assert "predicted zone L1-cryo-1" in names
    assert "predicted ice L1-cryo-1" in names
    assert not [n for n in names if n.startswith("ablation")], "that is the code of a zone seen on an image"
    assert all(len(n) <= 64 for n in names)


def test_the_readme_names_what_is_there_and_nothing_else(exported):
    _, folder = exported
    text = (folder / "README.txt").read_text()
    for pattern in ("*.nii.gz", "needles.mrk.json", "segmentations.dcm", "*_lps_mm.stl", "scene.glb"):
        assert pattern in text
        assert any(folder.glob(pattern))
    assert "RT Dose" not in text
    assert "TID 1500" not in text


def test_a_planning_image_that_is_no_ct_explains_what_is_missing(exported, tmp_path):
    case, _ = exported
    planned = replace(case.image(), modality="NM", unit="")
    other = replace(case, images={**case.images, "planning": case.store.put(planned)})
    export_case(other, tmp_path / "export")
    text = (tmp_path / "export" / "README.txt").read_text()
    assert "segmentations.dcm " not in text
    assert "the planning image is NM" in text
