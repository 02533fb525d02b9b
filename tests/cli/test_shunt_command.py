"""`locoregional shunt`: views and volumes whose shunt is known."""

import json
from math import sqrt

import numpy as np
import pytest
from PIL import Image

from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.volume import Grid, Volume
from locoregional.validation.nuclear_files import Items, camera_file, item, save_files

SHAPE = (64, 96)
GRID = Grid.regular((20, 24, 24), spacing_mm=(4.0, 4.0, 4.0))


def outline(rows, columns):
    region = np.zeros(SHAPE, bool)
    region[rows[0] : rows[1], columns[0] : columns[1]] = True
    return region


LUNGS, LIVER, BESIDE = outline((5, 25), (20, 76)), outline((30, 50), (20, 50)), outline((54, 62), (60, 90))


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    """Lungs of 3 counts in front and 2 behind, liver of 90 and 40, background of 1 everywhere; the posterior view mirrored."""
    folder = tmp_path_factory.mktemp("planar")
    front = 1 + 3 * LUNGS + 90 * LIVER
    back = (1 + 2 * LUNGS + 40 * LIVER)[:, ::-1]
    heads = Items([item(ViewCodeSequence=item(CodeValue=code, CodeMeaning="view"))[0] for code in ("G-5215", "G-5216")])
    window = item(EnergyWindowRangeSequence=item(EnergyWindowLowerLimit=126.5, EnergyWindowUpperLimit=154.6))
    one = camera_file(
        np.stack([front, back]), kind=["STATIC", "EMISSION"], DetectorVector=[1, 2], EnergyWindowVector=[1, 1],
        DetectorInformationSequence=heads, EnergyWindowInformationSequence=window,
    )  # fmt: skip
    save_files([one], folder / "dicom")
    for name, region in (("lungs", LUNGS), ("liver", LIVER), ("beside", BESIDE)):
        Image.fromarray(region.astype(np.uint8) * 255).save(folder / f"{name}.png")
    return folder


def words(folder, *more):
    masks = ("--lungs", folder / "lungs.png", "--liver", folder / "liver.png")
    return ("shunt", "--planar", folder / "dicom", *masks, *more)


def test_planar_views_with_background_taken_off(program, views, tmp_path):
    answer = program(*words(views, "--background", views / "beside.png", "--json", tmp_path / "s.json"))
    assert answer.code == 0, answer.err
    document = json.loads((tmp_path / "s.json").read_text())
    lungs, liver = sqrt(3 * 2) * LUNGS.sum(), sqrt(90 * 40) * LIVER.sum()
    assert document["lung_shunt_fraction"] == pytest.approx(lungs / (lungs + liver), rel=1e-6)
    assert document["low"] < document["lung_shunt_fraction"] < document["high"]
    assert "background taken off" in answer.out
    assert "--lung-shunt 0.07" in answer.out


def test_without_background_more_is_counted_and_a_picture_is_drawn(program, views, tmp_path):
    answer = program(*words(views, "--picture", tmp_path / "s.png", "--json", tmp_path / "s.json"))
    assert answer.code == 0, answer.err
    lungs, liver = sqrt(4 * 3) * LUNGS.sum(), sqrt(91 * 41) * LIVER.sum()
    found = json.loads((tmp_path / "s.json").read_text())["lung_shunt_fraction"]
    assert found == pytest.approx(lungs / (lungs + liver), rel=1e-6)
    with Image.open(tmp_path / "s.png") as picture:
        assert picture.size[0] > 800


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--background", "15,40,4"), "overlaps lungs or liver"),
        (("--spect", "lungs.png"), "one of --planar and --spect"),
        (("--json", "lungs.png"), "never overwritten"),
        (("--picture", "s.jpg"), "ends in .png"),
    ],
)
def test_what_does_not_fit_is_named(program, views, more, says):
    more = tuple(views / x if x == "lungs.png" else x for x in more)
    answer = program(*words(views, *more))
    assert answer.code == 2
    assert says in " ".join(answer.err.split())


def test_outlines_that_overlap_are_refused(program, views):
    answer = program("shunt", "--planar", views / "dicom", "--lungs", views / "lungs.png", "--liver", "24,40,8")
    assert answer.code == 2
    assert "share" in answer.err


def spect(folder, lungs_top=16):
    parts = {"lungs": np.zeros(GRID.shape, bool), "liver": np.zeros(GRID.shape, bool)}
    parts["lungs"][10:lungs_top, 4:20, 4:20] = True
    parts["liver"][2:8, 4:20, 4:14] = True
    counts = 5.0 * parts["lungs"] + 100.0 * parts["liver"]
    for name, mask in parts.items():
        write_nifti(Volume(mask.astype(np.uint8), GRID.affine), folder / f"{name}.nii.gz")
    write_nifti(Volume(counts.astype(np.float32), GRID.affine, unit="counts", modality="NM"), folder / "spect.nii.gz")
    masks = ("--lungs", folder / "lungs.nii.gz", "--liver", folder / "liver.nii.gz")
    return ("shunt", "--spect", folder / "spect.nii.gz", *masks), parts


def test_spect_counts_in_masks(program, tmp_path):
    given, parts = spect(tmp_path)
    answer = program(*given, "--json", tmp_path / "s.json")
    assert answer.code == 0, answer.err
    lungs, liver = 5 * parts["lungs"].sum(), 100 * parts["liver"].sum()
    assert json.loads((tmp_path / "s.json").read_text())["lung_shunt_fraction"] == pytest.approx(
        lungs / (lungs + liver), rel=1e-5
    )


def test_lungs_that_are_cut_off_give_no_shunt(program, tmp_path):
    given, _ = spect(tmp_path, lungs_top=20)
    answer = program(*given)
    assert answer.code == 2
    assert "not complete" in answer.err
