"""A known rigid motion is found again within the interval that is claimed for it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from locoregional.errors import GeometryError
from locoregional.imaging.dicom_volume import read_series
from locoregional.imaging.nuclear.alignment import aligned
from locoregional.imaging.nuclear.outlines import overlap_of
from locoregional.imaging.nuclear.read import read_activity
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((48, 56, 72), spacing_mm=4.0)


def ellipsoid(middle_mm, radii_mm):
    places = GRID.to_lps(np.moveaxis(np.indices(GRID.shape), 0, -1))
    return (((places - middle_mm) / radii_mm) ** 2).sum(-1) < 1


MIDDLE = GRID.to_lps((np.array(GRID.shape) - 1) / 2)
BODY = ellipsoid(MIDDLE, (125, 95, 180))
LUNGS = ellipsoid(MIDDLE + np.array([55, 0, 70]), (40, 50, 60)) | ellipsoid(MIDDLE + np.array([-55, 0, 70]), (40, 50, 60))
LIVER = ellipsoid(MIDDLE + np.array([-45, -15, -20]), (65, 55, 45))
SPINE = ellipsoid(MIDDLE + np.array([0, 70, 0]), (18, 18, 300)) & BODY


@pytest.fixture(scope="module")
def ct():
    hu = np.where(BODY, 0.0, -1000.0)
    hu[ellipsoid(MIDDLE, (112, 82, 170))] = 40.0
    hu[LIVER], hu[SPINE], hu[LUNGS] = 90.0, 400.0, -850.0
    hu += np.random.default_rng(0).normal(0, 12, hu.shape)
    return Volume(hu.astype(np.float32), GRID.affine, unit="HU", modality="CT", frame_of_reference="1.2")


def uptake(only_liver=False):
    values = np.where(BODY, 0.0 if only_liver else 1.0, 0.0)
    values[LIVER], values[SPINE] = 4.0, values[SPINE] * 1.5
    values[LUNGS & ~LIVER] *= 0.3
    blurred = gaussian_filter(values, 0.9)
    counts = np.random.default_rng(1).poisson(40 * blurred) / 40
    return Volume(counts.astype(np.float32), GRID.affine, unit="Bq/ml", modality="PT", frame_of_reference="9.9")


MOTION = np.eye(4)
ANGLE = np.radians(4.0)
MOTION[:2, :2] = [[np.cos(ANGLE), -np.sin(ANGLE)], [np.sin(ANGLE), np.cos(ANGLE)]]
MOTION[:3, 3] = (14.0, -9.0, 25.0)


def error_mm(found):
    """Distance of liver points from where they belong, mean [mm]."""
    points = GRID.to_lps(np.argwhere(LIVER))
    back = found.transform @ MOTION
    return float(np.linalg.norm(points @ back[:3, :3].T + back[:3, 3] - points, axis=1).mean())


def test_motion_is_undone_within_its_interval(ct):
    image = uptake()
    found = aligned(replace(image, affine=MOTION @ image.affine), ct)
    assert error_mm(found) < 3.0
    low, high = found.residual_mm
    assert low <= error_mm(found) <= high == found.error_mm < 12.0
    assert found.outlines["body"].dice > 0.85
    np.testing.assert_array_equal(found.volume.array, image.array)  # nothing was interpolated
    assert found.volume.frame_of_reference == "1.2"
    assert any("breathing" in words for words in found.words)


def test_scanner_alignment_is_kept_and_checked(ct):
    image = replace(uptake(), frame_of_reference="1.2")
    found = aligned(image, ct)
    np.testing.assert_array_equal(found.transform, np.eye(4))
    np.testing.assert_array_equal(found.volume.affine, image.affine)
    assert found.moved_mm == 0.0
    assert found.residual_mm[0] == 0.0
    assert found.error_mm < 10.0
    shifted = aligned(replace(image, affine=MOTION @ image.affine), ct)
    assert shifted.error_mm > 20.0  # a wrong frame of reference shows


def test_what_shows_no_common_outline_cannot_be_judged(ct):
    found = aligned(uptake(only_liver=True), ct)
    assert found.residual_mm is None
    assert any("cannot be judged" in words for words in found.words)
    with pytest.raises(GeometryError, match="cannot be judged"):
        _ = found.error_mm


def test_drawn_outlines_judge_where_the_body_does_not_show(ct):
    image = uptake(only_liver=True)
    liver = Volume(LIVER, GRID.affine)
    found = aligned(image, ct, outlines={"liver": (liver, liver)})
    assert found.residual_mm is not None
    assert set(found.outlines) == {"liver"}
    assert error_mm(replace(found, transform=found.transform @ np.linalg.inv(MOTION))) <= found.error_mm


def test_outline_shift_is_found_despite_a_wider_outline():
    one = Volume(ellipsoid(MIDDLE + np.array([6, -4, 0]), (66, 61, 56)), GRID.affine)
    other = Volume(ellipsoid(MIDDLE, (60, 55, 50)), GRID.affine)
    found = overlap_of(one, other, field=GRID)
    assert found.shift_mm == pytest.approx(np.hypot(6, 4), abs=1.0)
    assert found.along_body
    assert found.volume_ratio == pytest.approx(66 * 61 * 56 / (60 * 55 * 50), rel=0.03)
    same = overlap_of(other, other, field=GRID)
    assert (same.dice, same.shift_mm) == (1.0, pytest.approx(0.0, abs=0.05))


def test_a_trunk_that_runs_through_shows_no_shift_along_itself():
    trunk = Volume(ellipsoid(MIDDLE, (90, 70, 1e5)), GRID.affine)
    found = overlap_of(trunk, trunk, field=GRID)
    assert not found.along_body
    assert "along the body a shift does not show" in found.sentence


def test_empty_activity_is_refused(ct):
    with pytest.raises(GeometryError, match="empty"):
        aligned(uptake().on(np.zeros(GRID.shape, np.float32)), ct)


def test_real_pet_is_brought_back_to_where_the_scanner_had_it(shared_data):
    """A thigh of FDG PET/CT, the PET moved by about 30 mm and 5 degrees; the scanner's own alignment is the reference."""
    root = shared_data / "sarcoma-petct-mr"
    ct, pet = read_series(root / "cropped" / "CT" / "image"), read_activity(root / "raw").volume
    assert pet.frame_of_reference == ct.frame_of_reference
    found = aligned(replace(pet, affine=MOTION @ pet.affine, frame_of_reference="9.9"), ct)
    points = ct.grid.to_lps(np.random.default_rng(0).uniform(0, 1, (200, 3)) * np.array(ct.shape))
    back = found.transform @ MOTION
    error = float(np.linalg.norm(points @ back[:3, :3].T + back[:3, 3] - points, axis=1).mean())
    assert error < 6.0  # little more than one voxel of the PET
    assert error <= found.error_mm
