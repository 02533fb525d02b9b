import numpy as np
import pytest

from locoregional.errors import GeometryError
from locoregional.imaging.phantom import after_ablation, digital_patient
from locoregional.imaging.phantom.ablation import EllipsoidZone
from locoregional.imaging.registration import register
from locoregional.imaging.volume import Volume


@pytest.fixture(scope="module")
def pair():
    """A digital patient before and after, with the exact motion between the two."""
    patient = digital_patient(4, spacing_mm=(4.0, 3.0, 3.0), lesion_diameter_mm=20.0)
    zone = EllipsoidZone(tuple(patient.lesion_seed_lps_mm), 40.0, 32.0, (1.0, 0.0, 0.0))
    return patient, after_ablation(patient, zone, seed=4)


def _error_mm(found, follow, patient):
    liver = patient.structures["liver"]
    after = liver.grid.to_lps(
        np.argwhere(follow.tumour.array | (liver.array & (np.random.default_rng(0).random(liver.shape) < 0.003)))
    )
    truth = follow.deformation.pull(after)
    near = np.linalg.norm(after - liver.grid.to_lps(np.argwhere(follow.tumour.array)).mean(axis=0), axis=1) < 35.0
    return np.linalg.norm(found.to_moving(after) - truth, axis=1)[near].mean(), np.linalg.norm(after - truth, axis=1)[near].mean()


def test_known_motion_is_found(pair):
    from scipy.ndimage import binary_dilation

    patient, follow = pair
    region = patient.structures["liver"].on(binary_dilation(patient.structures["liver"].array, iterations=7))
    left_out = follow.tumour.on(binary_dilation(follow.tumour.array, iterations=4))
    found = register(patient.ct, follow.ct, region=region, left_out=left_out)
    error, motion = _error_mm(found, follow, patient)
    assert motion > 5.0, "there was something to find"
    assert error < 2.23, "within the range of published means, 1.20 to 2.23 mm"
    carried = found.carried(patient.lesion).array > 0.5
    overlap = 2 * (carried & follow.tumour.array).sum() / (carried.sum() + follow.tumour.array.sum())
    assert overlap > 0.75


def test_an_image_fits_itself(pair):
    patient, _ = pair
    found = register(patient.ct, patient.ct)
    points = np.array([[-90.0, 10.0, 20.0], [-60.0, -20.0, 40.0]])
    assert np.abs(found.to_moving(points) - points).max() < 0.2
    assert found.residual_mm < 0.5
    assert found.blocks > 50


def test_going_on_from_a_rigid_result_gives_the_same(pair):
    patient, follow = pair
    rigid = register(patient.ct, follow.ct, deformable=False)
    points = np.array([[-90.0, 10.0, 20.0]])
    direct = register(patient.ct, follow.ct).to_moving(points)
    assert np.allclose(register(patient.ct, follow.ct, start=rigid).to_moving(points), direct, atol=1e-6)


def test_ct_is_not_deformed_onto_mr(pair):
    patient, follow = pair
    mr = Volume(follow.ct.array, follow.ct.affine, modality="MR")
    with pytest.raises(GeometryError, match="MR"):
        register(mr, patient.ct)


def test_a_mask_on_another_grid_is_refused(pair):
    patient, follow = pair
    with pytest.raises(GeometryError, match="not on the grid"):
        register(patient.ct, follow.ct, region=patient.structures["liver"].cropped((0, 0, 0), (10, 10, 10)))
