"""Plausibility of images and masks."""

from dataclasses import replace

import numpy as np
import pytest
from mask_making import ball

from locoregional.imaging.checks import (
    check_diameter,
    check_frames,
    check_hounsfield,
    check_images,
    check_inside,
    check_mask,
    check_sides,
    check_spacing,
    longest_diameter_mm,
)
from locoregional.imaging.classes import read_class_map
from locoregional.imaging.labelmap import LabelMap, read_labelmap
from locoregional.imaging.read import read_image
from locoregional.imaging.resample import canonical
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((40, 60, 60), spacing_mm=2.0, origin_lps_mm=(-60, -60, 0))


def mask(centre, radius):
    return Volume(ball(GRID, centre, radius), GRID.affine, frame_of_reference="1.2")


def levels(findings):
    return [f.level for f in findings]


@pytest.fixture(scope="module")
def abdomen(shared_data):
    folder = shared_data / "ct-abdomen-totalseg"
    return read_image(folder / "example_ct.nii.gz", modality="CT", unit="HU"), read_labelmap(
        folder / "example_seg_fast_force_split.nii.gz"
    )


def test_a_real_abdomen_is_plausible(abdomen):
    image, organs = abdomen
    assert check_images(image, organs=dict(organs)) == ()


@pytest.mark.parametrize(("axis", "word"), [(2, "left and right"), (1, "front and back"), (0, "head and feet")])
def test_flips_of_a_real_abdomen_are_errors(abdomen, axis, word):
    upright = canonical(abdomen[1].volume)
    flipped = Volume(np.flip(upright.array, axis), upright.affine)
    findings = check_sides(LabelMap(flipped, read_class_map("totalsegmentator_total")))
    assert [(f.level, word in f.where) for f in findings] == [("error", True)]


def test_mr_flip_is_found_with_its_own_names(shared_data):
    labels = read_labelmap(shared_data / "ct-abdomen-totalseg/example_seg_mr.nii.gz", class_map="totalsegmentator_total_mr")
    assert check_sides(labels) == ()
    upright = canonical(labels.volume)
    flipped = LabelMap(Volume(np.flip(upright.array, 2), upright.affine), read_class_map("totalsegmentator_total_mr"))
    assert levels(check_sides(flipped)) == ["error"]


def test_liver_alone_needs_a_midline():
    liver = {"liver": mask((40, 0, 40), 15)}
    assert check_sides(liver) == ()
    body = mask((0, 0, 40), 55)
    assert "left" in check_sides(liver, body=body)[0].what
    assert check_sides({"liver": mask((-40, 0, 40), 15)}, body=body) == ()


@pytest.mark.parametrize("name", ["ct-liver-mets/dicom", "ct-lung-nodule/lung1_image.nrrd", "pelvis-ct/vhf_pelvis_ct.nii.gz"])
def test_real_ct_is_in_hounsfield_units(shared_data, name):
    image = read_image(shared_data / name, modality="CT")
    assert check_hounsfield(image) == ()
    assert check_spacing(image.grid) == ()


@pytest.mark.parametrize(
    ("change", "level", "word"),
    [
        (lambda hu: hu + 1024, "error", "intercept"),
        (lambda hu: (hu + 1024) / 4095, "error", "normalised"),
        (lambda hu: np.clip((hu + 160) / 400, 0, 1) * 255, "error", "eight-bit"),
        (lambda hu: np.clip(hu, -160, 240), "warning", "no air"),
        (lambda hu: hu * 100.0, "error", "soft tissue"),
    ],
)
def test_ct_in_other_units(abdomen, change, level, word):
    hu = np.clip(abdomen[0].array.astype(np.float32), -1024, 3071)
    (finding,) = check_hounsfield(replace(abdomen[0], array=change(hu)))
    assert finding.level == level
    assert word in finding.what


@pytest.mark.parametrize("factor", [1e-3, 0.1 / 3, 30.0])
def test_implausible_spacing(factor):
    grid = Grid.regular((40, 60, 60), spacing_mm=2.0 * factor)
    assert levels(check_spacing(grid)) == ["error"]


def test_empty_and_inverted_masks():
    lesion = mask((0, 0, 40), 10)
    assert check_mask(lesion, name="lesion") == ()
    assert "empty" in check_mask(lesion.on(np.zeros(GRID.shape, bool)), name="lesion")[0].what
    assert "inverted" in check_mask(lesion.on(~lesion.array), name="lesion")[0].what
    body = mask((0, 0, 40), 38)
    assert "of the body" in check_mask(body.on(body.array & ~lesion.array), name="lesion", body=body)[0].what


def test_lesion_and_organ():
    liver = mask((-20, 0, 40), 30)
    assert check_inside(mask((-20, 0, 40), 8), liver) == ()
    assert levels(check_inside(mask((30, 0, 40), 8), liver)) == ["error"]
    assert levels(check_inside(mask((9, 0, 40), 8), liver)) == ["warning"], "half of it sticks out"
    hole = mask((-20, 0, 40), 8)
    without = liver.on(liver.array & ~hole.array)
    (finding,) = check_inside(hole, without, organ_name="liver")
    assert finding.level == "warning"
    assert "leaves the lesion out" in finding.what


def test_frames():
    image = Volume(np.zeros(GRID.shape, np.int16), GRID.affine, frame_of_reference="1.3")
    (finding,) = check_frames(image, {"lesion": mask((0, 0, 40), 8), "old": replace(mask((0, 0, 40), 8), frame_of_reference="")})
    assert finding.where.startswith("lesion")


@pytest.mark.parametrize("radius", [6.0, 15.0, 25.0])
def test_diameter_of_a_ball(radius):
    assert longest_diameter_mm(mask((0.7, -0.4, 40.2), radius)) == pytest.approx(2 * radius, abs=2.0)


def test_stated_diameters():
    lesion = mask((0, 0, 40), 12)
    assert check_diameter(lesion, stated_mm=24.0) == ()
    assert levels(check_diameter(lesion, stated_mm=15.0)) == ["warning"]
    (finding,) = check_diameter(lesion, stated_mm=2.4)
    assert finding.level == "error"
    assert "centimetres" in finding.what


def test_all_at_once_puts_errors_first():
    image = Volume(np.zeros(GRID.shape, np.int16), GRID.affine, modality="MR", frame_of_reference="1.2")
    findings = check_images(
        image,
        organs={"liver": mask((-20, 0, 40), 25)},
        lesions={"lesion 1": mask((40, 0, 40), 12)},
        inside={"lesion 1": "liver"},
        diameters_mm={"lesion 1": 16.0},
    )
    assert levels(findings) == ["error", "warning"]
    assert str(findings[0]).startswith("error: 100 % of the lesion lies outside the liver")
