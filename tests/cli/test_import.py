"""``locoregional import``: what fits makes a case; what does not is an error that says what and where, and leaves nothing."""

from dataclasses import replace

import numpy as np
import pytest
from cli_images import CENTRE, write

from locoregional.case import build
from locoregional.imaging.dicom_write import write_ct_series
from locoregional.imaging.seg_write import write_seg
from locoregional.workflow import load


@pytest.fixture
def bring(program, files, tmp_path):
    """Import with files replaced; a failed import must leave no folder."""

    def run(*extra, with_lesion=True, **other):
        given = files | other
        words = ["import", given["ct"], "--out", tmp_path / "case", "--quiet"]
        words += ["--organs", given["labels"], "--class-map", "totalsegmentator_total"]
        words += ["--lesion-mask", given["lesion"]] if with_lesion else []
        answer = program(*words, *extra)
        assert (answer.code == 0) == (tmp_path / "case").is_dir()
        assert answer.code in (0, 2)
        if answer.code:
            assert answer.err.startswith(("error:", "Usage:"))
        return answer

    return run


def test_masks_that_fit_make_a_case(bring, tmp_path):
    answer = bring("--age", "72")
    assert answer.code == 0
    assert "lesion L1 in the liver: 2" in answer.out
    case = load(tmp_path / "case")
    assert {"liver", "kidney", "spleen", "stomach", "body"} <= set(case.structures)
    assert case.patient.age_years == 72
    np.testing.assert_allclose(case.lesions[0].centre_lps_mm, CENTRE, atol=2.5)


def test_a_seed_is_outlined(bring, tmp_path):
    seed = ",".join(str(x) for x in CENTRE)
    assert bring(f"--lesion-seed={seed}", "--diameter-mm", "24", with_lesion=False).code == 0
    lesion = load(tmp_path / "case").lesions[0]
    assert lesion.origin == "segmented"
    assert abs(lesion.diameter_mm - 26) < 7


def test_a_stated_diameter_that_does_not_fit_is_said(bring, tmp_path):
    seed = ",".join(str(x) for x in CENTRE)
    bring(f"--lesion-seed={seed}", "--diameter-mm", "12", with_lesion=False)
    assert any("stated" in words for words in load(tmp_path / "case").lesions[0].notes)


def test_values_without_air_are_said(bring, phantom, tmp_path):
    clipped = replace(phantom.ct, array=np.maximum(phantom.ct.array, -160))
    answer = bring(ct=write(clipped, tmp_path / "clipped.nii.gz"))
    assert answer.code == 2 or "no air" in answer.out


def test_a_folder_in_use_is_never_touched(bring, program, files, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    answer = program("import", files["ct"], "--out", tmp_path / "mine")
    assert answer.code == 2
    assert "not empty" in answer.err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_what_is_no_number_is_refused(bring):
    assert "not X,Y,Z" in bring("--lesion-seed=1,2", "--diameter-mm", "20", with_lesion=False).err
    assert "diameter" in bring("--lesion-seed=1,2,3", with_lesion=False).err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda hu: hu / 1000.0, "normalised"),
        (lambda hu: np.maximum(hu.astype(np.float32), -1024) + 1024, "intercept"),
        (lambda hu: np.where(hu > 140, np.nan, hu), "NaN"),
        (lambda hu: np.clip((hu + 160) / 400, 0, 1) * 255, "eight-bit"),
    ],
    ids=["divided by 1000", "intercept lost", "NaN", "windowed"],
)
def test_values_that_are_not_hounsfield_units_are_refused(bring, phantom, tmp_path, change, words):
    odd = replace(phantom.ct, array=np.asarray(change(phantom.ct.array), dtype=np.float32))
    assert words in bring(ct=write(odd, tmp_path / "odd.nii.gz")).err


def test_an_empty_an_inverted_and_a_distant_lesion_are_refused(bring, phantom, tmp_path):
    empty = phantom.lesion.on(np.zeros_like(phantom.lesion.array))
    assert "empty" in bring(lesion=write(empty, tmp_path / "e.nii.gz")).err
    inverted = phantom.lesion.on(~phantom.lesion.array)
    assert "inverted" in bring(lesion=write(inverted, tmp_path / "i.nii.gz")).err
    elsewhere = phantom.lesion.on(np.roll(phantom.lesion.array, 25, axis=2))
    answer = bring(lesion=write(elsewhere, tmp_path / "x.nii.gz"))
    assert "outside the liver" in answer.err


def test_a_flipped_label_map_is_refused(bring, phantom, tmp_path):
    flipped = phantom.labels.on(phantom.labels.array[:, :, ::-1].copy())
    answer = bring(labels=write(flipped, tmp_path / "f.nii.gz"), with_lesion=False)
    assert answer.code == 2
    assert "flipped" in answer.err
    assert "left" in answer.err


def test_a_label_map_without_a_class_map_says_what_is_missing(program, files, tmp_path):
    answer = program("import", files["ct"], "--out", tmp_path / "case", "--organs", files["labels"])
    assert answer.code == 2
    assert "class" in answer.err


def test_a_mask_of_another_frame_of_reference_is_refused(program, phantom, tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder, frame in ((ours, "1.2.3.1"), (theirs, "1.2.3.2")):
        write_ct_series(replace(phantom.ct, frame_of_reference=frame), folder, patient_id="a")
    write_seg({"lesion": replace(phantom.lesion, frame_of_reference="1.2.3.2")}, tmp_path / "seg.dcm", source=theirs)
    answer = program("import", ours, "--out", tmp_path / "case", "--lesion-mask", tmp_path / "seg.dcm", "--quiet")
    assert answer.code == 2
    assert "frames of reference" in answer.err


def test_every_odd_file_is_a_case_or_an_error(shared_data, program, tmp_path):
    told = 0
    for i, path in enumerate(sorted(p for p in (shared_data / "dicom-conformance").rglob("*") if p.is_file())):
        out = tmp_path / f"case-{i}"
        answer = program("import", path, "--out", out, "--quiet")
        assert answer.code in (0, 2), path
        assert out.is_dir() == (answer.code == 0), path
        if answer.code:
            told += 1
            assert answer.err.startswith("error: "), path
            assert "Traceback" not in answer.err
    assert told > 100


def test_an_interrupted_import_leaves_nothing(program, files, tmp_path, monkeypatch):
    def stop(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "find_structures", stop)
    answer = program("import", files["ct"], "--out", tmp_path / "case", "--quiet")
    assert answer.code == 130
    assert not (tmp_path / "case").exists()
