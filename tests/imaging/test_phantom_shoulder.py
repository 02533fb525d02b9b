"""The digital shoulder: the same at any voxel size, in anatomical order, its mass as near to nerve and skin as in the figure."""

import numpy as np
import pytest
from scipy.ndimage import label

from locoregional.errors import ImagingError
from locoregional.figure_patients import figure_patient
from locoregional.imaging.phantom import DigitalPatient
from locoregional.imaging.phantom.shoulder import digital_shoulder, neighbours_mm

SPACING = (4.0, 2.5, 2.5)


@pytest.fixture(scope="module")
def patient() -> DigitalPatient:
    return digital_shoulder(spacing_mm=SPACING)


def centre(patient: DigitalPatient, name: str) -> np.ndarray:
    mask = patient.structures[name]
    return mask.grid.to_lps(np.argwhere(mask.array).mean(0))


def test_same_seed_same_shoulder_and_another_seed_another_mass(patient):
    again, other = digital_shoulder(spacing_mm=SPACING), digital_shoulder(4, spacing_mm=SPACING)
    assert np.array_equal(patient.ct.array, again.ct.array)
    assert (patient.lesion.array != other.lesion.array).sum() > 100


def test_voxel_size_does_not_change_the_anatomy(patient):
    finer = digital_shoulder(spacing_mm=(2.5, 2.0, 2.0))
    for name in ("humerus_right", "scapula_right", "lung_right", "body", "axillary_vein_right"):
        ml = [p.structures[name].array.sum() * p.ct.grid.voxel_ml for p in (patient, finer)]
        assert ml[0] == pytest.approx(ml[1], rel=0.06), name
    assert patient.lesion_diameter_mm == pytest.approx(finer.lesion_diameter_mm, abs=0.7)
    near, nearer = neighbours_mm(patient), neighbours_mm(finer)
    assert all(near[name] == pytest.approx(nearer[name], abs=2.0) for name in near)


def test_bones_lie_in_order(patient):
    # LPS: the patient's right has the lower x, the front the lower y, the head the higher z.
    assert centre(patient, "humerus_right")[0] < centre(patient, "scapula_right")[0] < centre(patient, "vertebrae")[0] - 60
    assert centre(patient, "clavicula_right")[1] < centre(patient, "scapula_right")[1] - 40
    assert centre(patient, "clavicula_right")[2] > centre(patient, "humerus_right")[2] + 40
    assert centre(patient, "sternum")[1] < centre(patient, "trachea")[1] < centre(patient, "vertebrae")[1]
    assert centre(patient, "spinal_cord")[1] > centre(patient, "vertebrae")[1]
    assert centre(patient, "axillary_vein_right")[1] < centre(patient, "axillary_artery_right")[1]
    assert centre(patient, "lung_right")[0] < 0 < centre(patient, "lung_left")[0]
    mass = patient.lesion_seed_lps_mm
    assert mass[1] < centre(patient, "humerus_right")[1] - 30, "in front of the humerus"


def test_humerus_is_one_bone_of_a_woman_and_nothing_lies_outside_the_body(patient):
    humerus = patient.structures["humerus_right"].array
    assert label(humerus, structure=np.ones((3, 3, 3)))[1] == 1
    below = patient.ct.grid.to_lps(np.argwhere(humerus))
    shaft = below[np.abs(below[:, 2] + 100) < 3]
    assert 17 < np.ptp(shaft[:, 0]) + SPACING[2] < 27, "shafts of women are about 20 to 23 mm wide"
    body = patient.structures["body"].array
    for name, mask in patient.structures.items():
        assert (mask.array & ~body).mean() < 1e-5, name
    assert not (patient.lesion.array & ~body).any()


def test_mass_is_as_near_to_its_neighbours_as_in_the_figure_patient(patient):
    wanted = figure_patient("figure-3").lesions[0]
    found = neighbours_mm(patient)
    for name in ("nerve", "skin", "large_vessel", "joint"):
        assert found[name] == pytest.approx(wanted.near_mm[name], abs=3.0), name
    assert found["pleura"] >= wanted.near_mm["pleura"]
    points = patient.ct.grid.to_lps(np.argwhere(patient.lesion.array))
    widest = max(np.linalg.norm(points - p, axis=1).max() for p in points[::7])
    assert widest == pytest.approx(wanted.diameter_mm, abs=4.0)


def test_grey_values_fit_the_truth_with_and_without_contrast_medium(patient):
    bare = digital_shoulder(spacing_mm=SPACING, enhanced=False)
    assert all(np.array_equal(patient.structures[n].array, bare.structures[n].array) for n in patient.structures)
    mean = {n: float(np.median(patient.clean.array[v.array])) for n, v in patient.structures.items()}
    assert mean["muscle"] == pytest.approx(58, abs=8)
    assert mean["subcutaneous_fat"] == pytest.approx(-100, abs=8)
    assert mean["lung_right"] < -800
    assert mean["humerus_right"] > 200
    vein = patient.structures["axillary_vein_right"].array
    assert np.median(patient.clean.array[vein]) > np.median(bare.clean.array[vein]) + 60
    noise = patient.ct.array - patient.clean.array
    assert 5 < noise[patient.structures["body"].array].std() < 15


def test_a_mass_in_bone_is_refused():
    with pytest.raises(ImagingError, match="reach out of muscle and fat"):
        digital_shoulder(spacing_mm=SPACING, mass_lps_mm=(-162.0, 30.0, 0.0))
    with pytest.raises(ImagingError, match="do not suit"):
        digital_shoulder(spacing_mm=9.0)
