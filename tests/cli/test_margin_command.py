"""``locoregional margin`` on real masks and on everything else: an answer or an error, never a traceback."""

import json

import numpy as np
import pytest
from cli_images import write

from locoregional.errors import MaskError
from locoregional.measures import margin


def test_every_odd_file_is_read_as_a_mask_or_refused(shared_data, program, monkeypatch):
    read = []

    def looked_at(tumour, ablation, **_more):
        read.append(tumour)
        assert tumour.array.any()
        raise MaskError("read", where="here")

    monkeypatch.setattr(margin, "ablation_margin", looked_at)
    files = sorted(p for p in (shared_data / "dicom-conformance").rglob("*") if p.is_file())
    for path in files:
        answer = program("margin", "--tumour", path, "--ablation", path, "--quiet")
        assert answer.code == 2, path
        assert answer.err.startswith("error: "), path
    assert len(read) >= 10
    assert len(files) - len(read) > 80


@pytest.mark.parametrize("name", ["dcmqi/segmentations/24x38x3/seg/label.seg", "highdicom/seg_image_ct_binary_single_frame.dcm"])
def test_masks_of_a_slice_or_two_are_answered(shared_data, program, name):
    path = shared_data / "dicom-conformance" / name
    answer = program("margin", "--tumour", path, "--ablation", path, "--quiet")
    assert answer.code in (0, 2)
    assert answer.out.startswith("minimal margin") or answer.err.startswith("error: ")


def test_organs_of_a_real_label_map_are_measured(shared_data, program, tmp_path):
    labels = shared_data / "ct-abdomen-totalseg" / "example_seg_fast_force_split.nii.gz"
    words = ("--tumour", labels, "--tumour-label", "9", "--ablation", labels, "--ablation-label", "3")  # adrenal, kidney: apart
    answer = program("margin", *words, "--json", tmp_path / "m.json", "--quiet")
    assert answer.code == 0, answer.err
    said = json.loads((tmp_path / "m.json").read_text())
    assert said["minimal_margin_mm"] < -3
    assert said["share_below_mm"]["0"] > 0.9
    assert said["interval_mm"][0] <= said["minimal_margin_mm"] <= said["interval_mm"][1]


def test_masks_apart_are_told_and_inputs_are_never_overwritten(program, phantom, files, tmp_path):
    far = phantom.lesion.on(phantom.lesion.array)
    moved = far.affine.copy()
    moved[0, 3] += 4000.0
    elsewhere = write(type(far)(far.array, moved), tmp_path / "far.nii.gz")
    answer = program("margin", "--tumour", files["lesion"], "--ablation", elsewhere, "--quiet")
    assert "do not overlap at all" in answer.out
    same = files["lesion"]
    before = same.read_bytes()
    answer = program("margin", "--tumour", same, "--ablation", same, "--json", same)
    assert answer.code == 2
    assert same.read_bytes() == before
    holed = write(far.on(np.where(far.array, np.nan, 0.0).astype(np.float32)), tmp_path / "nan.nii.gz")
    answer = program("margin", "--tumour", holed, "--ablation", same, "--quiet")
    assert answer.code == 2
    assert "NaN" in answer.err
