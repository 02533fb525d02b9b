"""Segmentation against the digital patient, whose truth is exact, and on awkward input."""

import numpy as np
import pytest
from numpy.typing import NDArray

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.phantom import DigitalPatient, digital_patient
from locoregional.imaging.segmentation import (
    HuOrgans,
    segment_body,
    segment_hepatic_vessels,
    segment_hu_organs,
    segment_lesion,
    segment_liver,
    skin_surface,
    vessel_diameter_mm,
)
from locoregional.imaging.volume import Grid, Volume


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float(2 * (a & b).sum() / (a.sum() + b.sum()))


@pytest.fixture(scope="module")
def patient() -> DigitalPatient:
    return digital_patient(11, spacing_mm=(4.0, 2.0, 2.0))


@pytest.fixture(scope="module")
def organs(patient: DigitalPatient) -> HuOrgans:
    return segment_hu_organs(patient.ct)


def test_body_leaves_the_couch_out(patient: DigitalPatient, organs: HuOrgans) -> None:
    truth = patient.structures["body"].array
    assert dice(organs.body.mask.array, truth) > 0.985
    couch = patient.ct.grid.to_lps(np.argwhere(organs.body.mask.array))[:, 1].max()
    assert couch < patient.ct.grid.to_lps(np.argwhere(truth))[:, 1].max() + 5


def test_skin_is_a_thin_closed_sheet(organs: HuOrgans) -> None:
    body = organs.body.mask
    skin = skin_surface(body)
    assert not (skin & ~body.array).any()
    assert 0.02 < skin.sum() / body.array.sum() < 0.2
    assert not skin[0][100:110, 100:110].any()  # the cut at the first slice is no skin


def test_lung_and_bone_follow_the_truth(patient: DigitalPatient, organs: HuOrgans) -> None:
    assert dice(organs.lung.mask.array, patient.structures["lung"].array) > 0.95
    bone, truth = organs.bone.mask.array, patient.structures["bone"].array
    assert dice(bone, truth) > 0.7
    assert (bone & truth)[patient.structures["ribs"].array].mean() > 0.7
    for soft in ("kidney_left", "kidney_right", "aorta", "liver", "heart"):
        assert bone[patient.structures[soft].array].mean() < 0.05, soft
    assert not (organs.lung.mask.array & patient.structures["stomach"].array).any()


def test_structures_by_hu_do_not_overlap(organs: HuOrgans) -> None:
    parts = [organs.lung, organs.airways, organs.bone, organs.gas, organs.oral_contrast]
    assert sum(p.mask.array.astype(int) for p in parts).max() == 1
    assert not any((p.mask.array & ~organs.body.mask.array).any() for p in parts)


@pytest.mark.parametrize(("noise_seed", "spacing"), [(1, (4.0, 2.0, 2.0)), (2, (5.0, 2.0, 2.0))])
def test_metastasis_is_outlined(noise_seed: int, spacing: tuple[float, float, float]) -> None:
    patient = digital_patient(12, spacing_mm=spacing, noise_seed=noise_seed)
    off = patient.lesion_seed_lps_mm + np.array([2.0, -1.5, 1.0])
    found = segment_lesion(patient.ct, off, diameter_mm=26.0)
    assert found.method == "outlined"
    assert dice(found.mask.array, patient.lesion.array) > 0.85
    assert found.contrast_hu == pytest.approx(-38, abs=8)
    assert found.diameter_mm == pytest.approx(patient.lesion_diameter_mm, abs=2)
    assert found.assumed


def test_lesion_without_contrast_becomes_a_sphere_and_says_so(patient: DigitalPatient) -> None:
    found = segment_lesion(patient.ct, (-60, -30, 45), diameter_mm=20.0)
    assert found.method == "sphere"
    assert found.quality == "poor"
    assert any("sphere" in w for w in found.warnings)
    assert found.diameter_mm == pytest.approx(20, abs=1.5)


def test_small_ball_keeps_its_size_on_thick_slices() -> None:
    grid = Grid.regular((24, 80, 80), spacing_mm=(5.0, 0.8, 0.8))
    rng = np.random.default_rng(3)
    fine = np.linspace(-0.4, 0.4, 5)
    index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    centre = np.array([32.0, 32.0, 61.0])
    share = np.mean([np.linalg.norm(grid.to_lps(index + np.array([s, 0, 0])) - centre, axis=-1) < 6.0 for s in fine], axis=0)
    ct = Volume(np.round(115 - 55 * share + rng.normal(0, 6, grid.shape)).astype(np.int16), grid.affine, unit="HU", modality="CT")
    found = segment_lesion(ct, centre, diameter_mm=12.0)
    assert found.method == "outlined"
    assert found.diameter_mm == pytest.approx(12.0, abs=2.0)
    assert any("thick" in w for w in found.warnings)


def test_liver_is_found_with_and_without_a_seed(patient: DigitalPatient, organs: HuOrgans) -> None:
    truth = patient.structures["liver"].array
    seeded = segment_liver(patient.ct, organs, seed_lps_mm=patient.lesion_seed_lps_mm)
    alone = segment_liver(patient.ct, organs)
    assert dice(seeded.mask.array, truth) > 0.92
    assert dice(alone.mask.array, truth) > 0.92
    assert any("no seed" in w for w in alone.assumed)
    assert not any("no seed" in w for w in seeded.assumed)
    assert seeded.mask.array[patient.lesion.array].mean() > 0.99
    for other in ("heart", "stomach", "spleen", "kidney_right"):
        assert seeded.mask.array[patient.structures[other].array].mean() < 0.05, other


def test_liver_does_not_depend_on_how_the_array_is_stored(patient: DigitalPatient, organs: HuOrgans) -> None:
    def flipped(v: Volume) -> Volume:
        affine = v.affine.copy()
        affine[:3, 3] = v.grid.to_lps((v.shape[0] - 1, v.shape[1] - 1, 0))
        affine[:3, :2] *= -1
        return Volume(np.ascontiguousarray(v.array[::-1, ::-1]), affine, v.unit, v.modality)

    ct = flipped(patient.ct)
    other = segment_hu_organs(ct)
    assert dice(other.bone.mask.array[::-1, ::-1], organs.bone.mask.array) > 0.97
    liver = segment_liver(ct, other, seed_lps_mm=patient.lesion_seed_lps_mm)
    assert dice(liver.mask.array[::-1, ::-1], patient.structures["liver"].array) > 0.92


def test_hepatic_vessels_are_found(patient: DigitalPatient) -> None:
    from scipy.ndimage import binary_dilation

    truth = patient.structures["hepatic_vessels"].array
    found = segment_hepatic_vessels(patient.ct, patient.structures["liver"])
    wide = truth & (vessel_diameter_mm(truth, spacing_mm=patient.ct.spacing_mm) >= 5)
    assert binary_dilation(found.mask.array)[wide].mean() > 0.9
    assert binary_dilation(truth)[found.mask.array].mean() > 0.8
    assert not (found.mask.array & patient.lesion.array).any()


def test_vessels_without_contrast_are_not_seen(patient: DigitalPatient) -> None:
    rng = np.random.default_rng(0)
    plain = patient.ct.on(rng.normal(55, 11, patient.ct.shape).astype(np.int16))
    found = segment_hepatic_vessels(plain, patient.structures["liver"])
    assert found.quality == "not seen"
    assert not found.mask.array.any()
    assert "cannot be seen" in found.warnings[0]


@pytest.mark.parametrize("radius_mm", [3.0, 6.0])
def test_vessel_diameter_of_a_tube(radius_mm: float) -> None:
    y, x = np.mgrid[-15:16, -15:16]
    tube = np.broadcast_to(np.hypot(x, y) <= radius_mm, (20, 31, 31)).copy()
    diameter = vessel_diameter_mm(tube, spacing_mm=(1, 1, 1))
    assert diameter[10, 15, 15] == pytest.approx(2 * radius_mm, abs=1.1)
    assert (diameter[~tube] == 0).all()


def test_bad_input_says_what_is_wrong(patient: DigitalPatient, organs: HuOrgans) -> None:
    with pytest.raises(ImagingError, match="CT in HU"):
        segment_body(patient.ct.on(patient.ct.array, unit="Bq/ml"))
    with pytest.raises(ImagingError, match="no body"):
        segment_body(patient.ct.on(np.full(patient.ct.shape, -1000, np.int16)))
    with pytest.raises(ImagingError, match="outside the image"):
        segment_lesion(patient.ct, (900, 0, 0), diameter_mm=20.0)
    with pytest.raises(ImagingError, match="not plausible"):
        segment_lesion(patient.ct, (-90, 0, 20), diameter_mm=900.0)
    with pytest.raises(ImagingError, match="outside the image"):
        segment_liver(patient.ct, organs, seed_lps_mm=(900, 0, 0))
    with pytest.raises(MaskError, match="empty"):
        segment_hepatic_vessels(patient.ct, patient.ct.on(np.zeros(patient.ct.shape, bool), unit=""))
