"""The follow-up image's truth is exact: motion has an inverse, zone and tumour are where it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.implant import implant_lesion
from locoregional.imaging.phantom import Deformation, EllipsoidZone, after_ablation, breathing, digital_patient
from locoregional.imaging.volume import Grid, Volume


@given(st.integers(0, 10_000), st.floats(0, 15), st.floats(0, 0.2))
@settings(max_examples=30, deadline=None)
def test_motion_and_its_inverse_cancel(seed: int, shift_mm: float, shrinkage: float) -> None:
    motion = breathing(seed, (-90, 10, 20), shift_mm=shift_mm, shrinkage=shrinkage)
    points = np.random.default_rng(seed).uniform(-120, 120, (50, 3))
    assert np.allclose(motion.pull(motion.push(points)), points, atol=1e-8)


def test_zone_centre_stays_a_centre_and_shrinks_by_the_share_asked() -> None:
    motion = breathing(4, (-90, 10, 20), shrinkage=0.1)
    middle = motion.push(np.array([-90.0, 10.0, 20.0]))
    assert np.allclose(middle, motion.shrink_centre_lps_mm, atol=1e-8)
    tiny = motion.push(np.array([[-90.0, 9.9, 20.0], [-90.0, 10.1, 20.0]]))
    along_z = np.linalg.norm(tiny[1] - tiny[0]) / 0.2
    assert along_z == pytest.approx(0.9, abs=0.08)  # breathing adds a few per cent of its own


def test_folding_motion_is_refused() -> None:
    with pytest.raises(ImagingError, match="fold"):
        Deformation((60, 0, 0), (0, 0, 0), (20, 20, 20), (0, 0, 0), 20, 0.3)


def test_follow_up_truth_on_a_digital_patient() -> None:
    patient = digital_patient(5, spacing_mm=(4.0, 2.0, 2.0))
    centre = patient.lesion_seed_lps_mm
    zone = EllipsoidZone(tuple(centre), 44, 36)
    after = after_ablation(patient, zone, seed=3)
    again = after_ablation(patient, zone, seed=3)
    assert np.array_equal(after.ct.array, again.ct.array)
    # Each voxel of the zone on the follow-up grid, carried back, lies inside the planned ellipsoid; no other does.
    index = np.argwhere(np.ones(after.zone.shape, bool)[::2, ::2, ::2]) * 2
    back = after.deformation.pull(after.zone.grid.to_lps(index))
    assert np.array_equal(zone(back) < 0, after.zone.array[tuple(index.T)])
    assert not (after.tumour.array & ~after.zone.array).any()
    analytic = np.pi / 6 * 44 * 36**2 / 1000
    assert after.zone_planning.array.sum() * after.zone.grid.voxel_ml == pytest.approx(analytic, rel=0.03)
    assert after.zone.array.sum() < after.zone_planning.array.sum()
    assert np.median(after.ct.array[after.zone.array]) == pytest.approx(33, abs=6)
    fresh = patient.structures["liver"].array & ~after.zone.array & ~after.zone_planning.array
    moved = after.deformation.pull(after.zone.grid.to_lps(np.argwhere(fresh)[::50])) - after.zone.grid.to_lps(
        np.argwhere(fresh)[::50]
    )
    assert 2 < np.abs(moved[:, 2]).max() < 16


def test_zone_as_mask_gives_nearly_the_same_as_the_formula() -> None:
    grid = Grid.regular((30, 60, 60), spacing_mm=(2, 1.5, 1.5), origin_lps_mm=(-44, -44, -29))
    ct = Volume(np.full(grid.shape, 100, np.int16), grid.affine, unit="HU", modality="CT")
    formula = EllipsoidZone((0, 0, 0), 40, 30, (0, 0, 1))
    points = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))
    mask = ct.on(formula(points) < 0, unit="")
    tumour = ct.on(formula(points) < -8, unit="")
    one = after_ablation(ct, formula, tumour=tumour, seed=2, noise_sd_hu=0)
    two = after_ablation(ct, mask, tumour=tumour, seed=2, noise_sd_hu=0)
    overlap = 2 * (one.zone.array & two.zone.array).sum() / (one.zone.array.sum() + two.zone.array.sum())
    assert overlap > 0.97
    with pytest.raises(MaskError, match="no voxel"):
        after_ablation(ct, EllipsoidZone((900, 0, 0), 40, 30), tumour=tumour)
    with pytest.raises(MaskError, match="tumour"):
        after_ablation(ct, formula)


def test_implanted_lesion_is_exact_and_repeatable() -> None:
    grid = Grid.regular((40, 50, 50), spacing_mm=(3, 2, 2))
    rng = np.random.default_rng(0)
    ct = Volume(rng.normal(110, 8, grid.shape).astype(np.int16), grid.affine, unit="HU", modality="CT")
    organ = ct.on(np.pad(np.ones((30, 40, 40), bool), 5), unit="")
    made, lesion = implant_lesion(ct, organ, diameter_mm=20, seed=3)
    again, _ = implant_lesion(ct, organ, diameter_mm=20, seed=3)
    assert np.array_equal(made.array, again.array)
    assert (6 * lesion.array.sum() * 12 / np.pi) ** (1 / 3) == pytest.approx(20, rel=0.08)
    deep = lesion.array & (made.array == made.array)
    assert made.array[deep].mean() == pytest.approx(110 - 45, abs=5)
    far = np.abs(made.array.astype(int) - ct.array) > 0
    assert np.ptp(np.argwhere(far)[:, 1]) * 2 < 30
    assert made.assumed
    with pytest.raises(MaskError, match="outside the organ"):
        implant_lesion(ct, organ, diameter_mm=20, centre_lps_mm=(0, 0, 0))
    with pytest.raises(ImagingError, match="no place"):
        implant_lesion(ct, organ, diameter_mm=90)
