"""``locoregional dose``: numbers with intervals, and refusals in one line."""

import json
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from cli_images import write

from locoregional.imaging.nifti import read_nifti
from locoregional.imaging.seg_nrrd import write_seg_nrrd
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((20, 24, 24), spacing_mm=4.0, origin_lps_mm=(-46.0, -46.0, -38.0))
INFUSION = datetime(2026, 3, 5, 10, 30, tzinfo=timezone(timedelta(hours=1)))
TIMES = ("--reference", "2026-03-05T14:00+01:00", "--infusion", INFUSION.isoformat())


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """2 GBq at the infusion, imaged 3.5 h later: a liver with a lesion four times as bright."""
    folder = tmp_path_factory.mktemp("dose")
    liver, lesion = np.zeros(GRID.shape, bool), np.zeros(GRID.shape, bool)
    liver[4:16, 6:18, 6:18] = True
    lesion[8:12, 9:13, 9:13] = True
    bright = np.where(lesion, 4.0, np.where(liver, 1.0, 0.0))
    array = (bright * 2e9 / bright.sum() / GRID.voxel_ml * 0.5 ** (3.5 / 64.1)).astype(np.float32)
    write_seg_nrrd({"Liver": Volume(liver, GRID.affine), "Lesion 1": Volume(lesion, GRID.affine)}, folder / "masks.seg.nrrd")
    return {
        "activity": write(Volume(array, GRID.affine), folder / "activity.nii.gz"),
        "labels": write(Volume(liver.astype(np.uint8) + 2 * lesion.astype(np.uint8), GRID.affine), folder / "labels.nii.gz"),
        "lesion": write(Volume(lesion, GRID.affine), folder / "lesion.nii.gz"),
        "ct": write(
            Volume(np.pad(np.full((18, 24, 24), 40, np.int16), ((1, 1), (0, 0), (0, 0)), constant_values=-1000), GRID.affine),
            folder / "ct.nii.gz",
        ),
        "seg": folder / "masks.seg.nrrd",
        "mean": 49.67 * 2.0 * 4.0 / bright.sum() / (GRID.voxel_ml * 1.04e-3),
    }


def test_a_map_without_a_case(images, program, tmp_path):
    answer = program(
        "dose", "--activity", images["activity"], *TIMES, "--injected-gbq", "2.0", "--device", "resin",
        "--mask", f"lesion={images['seg']}#Lesion 1", "--mask", f"liver={images['labels']}#1",
        "--alpha-beta-set", "mgh_normal_liver", "--alpha-beta-set", "mgh_tumour_liver", "--ntcp-set", "strigari_resin_liver",
        "--at-gy", "79.5", "--registration-error-mm", "3", "--calibration-percent", "6", "--json", tmp_path / "d.json",
        "--dvh-picture", tmp_path / "d.png", "--dose-nifti", tmp_path / "d.nii.gz", "--rtdose", tmp_path / "d.dcm", "--quiet",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    said = json.loads((tmp_path / "d.json").read_text())
    assert said["map"]["constant_gy_kg_gbq"] == 49.67
    assert said["map"]["activity_gbq"] == pytest.approx(2.0, rel=1e-4)
    assert set(said["structures"]) == {"lesion", "liver"}
    lesion = said["structures"]["lesion"]["quantities"]
    assert lesion["maximum_gy"]["value"] == pytest.approx(images["mean"], rel=0.01)
    assert 0.8 * images["mean"] < lesion["mean_gy"]["value"] < images["mean"]  # linear between voxels: the border is lower
    assert lesion["mean_gy"]["low"] < lesion["mean_gy"]["value"] < lesion["mean_gy"]["high"]
    assert lesion["volume_ml"]["value"] == pytest.approx(64 * GRID.voxel_ml)
    assert {"v79_5_share", "bed_mgh_tumour_liver_gy", "eubed_mgh_normal_liver_gy", "ntcp_strigari_resin_liver_share"} <= set(
        lesion
    )
    assert said["structures"]["lesion"]["relative_uncertainty_of_the_mean"]["calibration"] == 0.06
    for line in ("mean dose", "D70", "mean BED, set mgh_tumour_liver", "not a medical device"):
        assert line in answer.out
    assert (tmp_path / "d.png").read_bytes().startswith(b"\x89PNG")
    assert float(read_nifti(tmp_path / "d.nii.gz").array.max()) == pytest.approx(images["mean"], rel=1e-4)
    from locoregional.imaging.rtdose import read_rtdose

    assert float(read_rtdose(tmp_path / "d.dcm").array.max()) == pytest.approx(images["mean"], rel=1e-4)


def test_counts_are_calibrated_by_the_patient(images, program, tmp_path):
    words = ("--activity", images["activity"], "--counts", "--nuclide", "Tc-99m", "--injected-gbq", "2", "--mask")
    more = (f"lesion={images['lesion']}", "--lung-shunt-percent", "10", "--within", f"{images['seg']}#Liver")
    answer = program("dose", *words, *more, "--method", "voxel", "--density", images["ct"], "--json", tmp_path / "d.json", "-q")
    assert answer.code == 0, answer.err
    said = json.loads((tmp_path / "d.json").read_text())
    assert said["map"]["calibration"] == "patient-relative"
    assert said["structures"]["lesion"]["quantities"]["maximum_gy"]["value"] == pytest.approx(0.9 * images["mean"], rel=0.05)
    assert "predicted from Tc-99m" in answer.out


def test_recovery_stands_beside_the_plain_mean(images, program, tmp_path):
    (tmp_path / "rc.csv").write_text("volume_ml,recovery,sd\n1,0.4,0.05\n10,0.8,0.05\n")
    answer = program(
        "dose", "--activity", images["activity"], *TIMES, "--mask", f"lesion={images['lesion']}",
        "--recovery", tmp_path / "rc.csv", "--json", tmp_path / "d.json", "--quiet",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    found = json.loads((tmp_path / "d.json").read_text())["structures"]["lesion"]["quantities"]
    assert found["mean_corrected_gy"]["value"] > 1.2 * found["mean_gy"]["value"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--mask", "lesion"), "NAME=FILE"),
        (("--mask", "lesion={lesion}", "--mask", "lesion={labels}#1"), "twice"),
        (("--mask", "a={labels}"), "several"),
        (("--mask", "a={labels}#7"), "no label 7"),
        (("--mask", "a={seg}#Spleen"), "Spleen"),
        (("--mask", "a={lesion}", "--alpha-beta-set", "liver"), "mgh_normal_liver"),
        (("--mask", "a={lesion}", "--alpha-beta-set", "hepatitis_liver"), "repair half life"),
        (("--mask", "a={lesion}", "--ntcp-set", "strigari_resin_liver"), "--device"),
        (
            ("--mask", "a={lesion}", "--ntcp-set", "strigari_resin_liver", "--alpha-beta-set", "mgh_normal", "--device", "glass"),
            "resin microspheres",
        ),
        (("--mask", "a={lesion}", "--injected-gbq", "2000"), "GBq"),
        (("--mask", "a={lesion}", "--injected-gbq", "9"), "were injected"),
        (("--mask", "a={lesion}", "--calibration-percent", "500"), "not in the range"),
        (("--mask", "a={lesion}", "--json", "{lesion}"), "never overwritten"),
        (("--mask", "a={lesion}", "--constant", "fifty"), "Known"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(images, program, change, words):
    given = [text.format(**images) for text in change]
    answer = program("dose", "--activity", images["activity"], *TIMES, *given, "--quiet")
    assert answer.code == 2
    assert words in answer.err


def test_instants_and_counts_are_never_guessed(images, program):
    mask = ("--mask", f"a={images['lesion']}", "--quiet")
    for times, words in (
        ((), "instant"),
        (("--reference", "2026-03-05T14:00"), "time zone"),
        (("--reference", "yesterday"), "no instant"),
        (TIMES[:2], "infusion is not known"),
        (("--counts",), "injected activity"),
        (("--counts", "--injected-gbq", "2"), "lung shunt"),
        (("--counts", "--injected-gbq", "2", "--lung-shunt-percent", "300"), "not in the range"),
    ):
        answer = program("dose", "--activity", images["activity"], *times, *mask)
        assert answer.code == 2, times
        assert words in answer.err


def test_tumours_of_a_real_work_up(shared_data, program, tmp_path):
    folder = shared_data / "y90-maa-spect"
    masks = folder / "patient_2_Segmentation.seg.nrrd"
    answer = program(
        "dose", "--activity", folder / "patient_2_SPECT.nrrd", "--counts", "--nuclide", "Tc-99m", "--injected-gbq", "2",
        "--lung-shunt-percent", "4", "--within", f"{masks}#perfused volume", "--mask", f"t1={masks}#Tumor 1",
        "--json", tmp_path / "d.json", "--quiet",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    found = json.loads((tmp_path / "d.json").read_text())["structures"]["t1"]["quantities"]
    assert found["volume_ml"]["value"] == pytest.approx(112.8, abs=0.1)
    # 15.3 % of all counts lie in this tumour and 57 % in the perfused volume (measured apart): 1.92 GBq shared so
    exact = 49.67 * 1.92 * 15.3 / 57.0 / (0.1128 * 1.04)
    assert found["mean_gy"]["value"] == pytest.approx(exact, rel=0.03)
