"""The digital patient is deterministic, anatomically in order, and its truth fits its grey values."""

import numpy as np
import pytest

from locoregional.errors import ImagingError
from locoregional.imaging.phantom import DigitalPatient, digital_patient

SPACING = (5.0, 2.5, 2.5)


@pytest.fixture(scope="module")
def patient() -> DigitalPatient:
    return digital_patient(5, spacing_mm=SPACING)


def centre(patient: DigitalPatient, name: str) -> np.ndarray:
    mask = patient.structures[name]
    return mask.grid.to_lps(np.argwhere(mask.array).mean(0))


def test_same_seed_same_patient_and_another_seed_another(patient: DigitalPatient) -> None:
    again = digital_patient(5, spacing_mm=SPACING)
    other = digital_patient(6, spacing_mm=SPACING)
    assert np.array_equal(patient.ct.array, again.ct.array)
    assert all(np.array_equal(patient.structures[n].array, again.structures[n].array) for n in patient.structures)
    assert (patient.structures["liver"].array != other.structures["liver"].array).sum() > 1000


def test_noise_seed_changes_the_noise_only(patient: DigitalPatient) -> None:
    other = digital_patient(5, spacing_mm=SPACING, noise_seed=77)
    assert np.array_equal(patient.clean.array, other.clean.array)
    assert not np.array_equal(patient.ct.array, other.ct.array)


def test_organs_lie_on_the_right_side_and_in_the_right_order(patient: DigitalPatient) -> None:
    liver, spleen, stomach = (centre(patient, n) for n in ("liver", "spleen", "stomach"))
    assert liver[0] < -30 < 30 < spleen[0]  # LPS: the patient's right has the lower x
    assert stomach[0] > 10
    assert centre(patient, "kidney_right")[0] < -30 < 30 < centre(patient, "kidney_left")[0]
    assert centre(patient, "kidney_right")[2] < centre(patient, "kidney_left")[2]
    assert centre(patient, "lung")[2] > liver[2] > centre(patient, "small_bowel")[2]
    assert centre(patient, "aorta")[0] > 0 > centre(patient, "inferior_vena_cava")[0]
    assert centre(patient, "spinal_cord")[1] > centre(patient, "vertebrae")[1] - 20 > centre(patient, "aorta")[1]
    assert centre(patient, "sternum")[1] < centre(patient, "heart")[1]


def test_volumes_are_those_of_a_slim_woman(patient: DigitalPatient) -> None:
    ml = {n: v.array.sum() * v.grid.voxel_ml for n, v in patient.structures.items()}
    for name, low, high in (
        ("liver", 1000, 1900), ("spleen", 70, 250), ("kidney_left", 100, 200), ("kidney_right", 100, 200),
        ("gallbladder", 12, 60),        ("hepatic_vessels", 25, 110), ("heart", 150, 600),
    ):  # fmt: skip
        assert low < ml[name] < high, name


def test_grey_values_fit_the_truth(patient: DigitalPatient) -> None:
    ct = patient.ct.array
    mean = {n: float(np.median(ct[v.array])) for n, v in patient.structures.items()}
    assert mean["liver"] == pytest.approx(110, abs=6)
    assert mean["spleen"] == pytest.approx(122, abs=6)
    assert -115 < mean["subcutaneous_fat"] < -85
    assert mean["lung_right"] < -780
    assert mean["aorta"] > 140
    assert np.median(ct[patient.lesion.array]) == pytest.approx(70, abs=8)
    assert np.std((ct - patient.clean.array)[patient.structures["liver"].array]) == pytest.approx(11, abs=3)


def test_metastasis_lies_in_the_liver_and_vessels_go_round_it(patient: DigitalPatient) -> None:
    lesion, liver = patient.lesion.array, patient.structures["liver"].array
    assert lesion.any()
    assert not (lesion & ~liver).any()
    assert not (lesion & patient.structures["hepatic_vessels"].array).any()
    assert patient.lesion_diameter_mm == pytest.approx(24, abs=2)
    seed = np.round(patient.lesion.grid.to_index(patient.lesion_seed_lps_mm)).astype(int)
    assert lesion[tuple(seed)]


def test_structures_are_exclusive(patient: DigitalPatient) -> None:
    groups = {"body", "lung", "bone", "liver"}
    total = sum(v.array.astype(int) for n, v in patient.structures.items() if n not in groups | {"hepatic_vessels"})
    assert total.max() == 1


@pytest.mark.parametrize("name", ["portal", "hepatic"])
def test_trees_obey_murray(patient: DigitalPatient, name: str) -> None:
    tree = patient.trees[name]
    grown = 0
    for k in range(len(tree.parent)):
        below = np.flatnonzero(tree.parent == k)
        if len(below) == 2:
            grown += 1
            assert tree.radii_mm[k] ** 3 == pytest.approx((tree.radii_mm[below] ** 3).sum(), rel=1e-9)
            assert np.allclose(tree.starts[below], tree.stops[k])
    assert grown > 100


def test_impossible_requests_say_what_to_do() -> None:
    with pytest.raises(ImagingError, match="out of the liver"):
        digital_patient(1, spacing_mm=(8, 5, 5), lesion_lps_mm=(80, 0, 0))
    with pytest.raises(ImagingError, match=r"0\.5 to 10 mm"):
        digital_patient(1, spacing_mm=0.1)


def test_several_metastases_lie_apart_inside_the_liver():
    further = (((-40.0, -36.0, 46.0), 26.0), ((-68.0, 10.0, 52.0), 18.0))
    made = digital_patient(2, spacing_mm=(6.0, 4.0, 4.0), lesion_diameter_mm=40.0, lesion_lps_mm=(-85, -5, 8), further=further)
    masks = [m.array for m in (made.lesion, *made.further)]
    assert len(masks) == 3
    assert not np.any(np.sum(masks, axis=0) > 1)
    assert all(made.structures["liver"].array[m].all() for m in masks)
    for mask, (where, diameter) in zip(masks[1:], further, strict=True):
        assert np.linalg.norm(made.lesion.grid.to_lps(np.argwhere(mask).mean(0)) - where) < 4.0
        assert mask.sum() * made.lesion.grid.voxel_ml == pytest.approx(np.pi / 6 * (diameter / 10) ** 3, rel=0.3)
    with pytest.raises(ImagingError, match="away from others"):
        digital_patient(2, spacing_mm=(6.0, 4.0, 4.0), further=(((-92.0, 12.0, 26.0), 18.0),))
