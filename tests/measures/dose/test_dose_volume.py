"""Dose-volume histograms: exact bodies, odd masks, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from locoregional.errors import GeometryError, ImagingError, MaskError, UnitsError
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.dose.dvh import DoseVolume, dose_volume
from locoregional.validation.dose_volume import gradient_dose, sphere_mask, sphere_share_above

RADIUS_MM = (1e3 * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)  # 1 ml
CENTRE, DIRECTION = np.array([1.1, -0.7, 1.6]), np.array([2.0, -1.0, 2.0]) / 3.0


def grid_of(count=10, side=4.0, finer=1):
    h = side / finer
    return Grid.regular((count * finer,) * 3, spacing_mm=h, origin_lps_mm=(-(count * finer - 1) / 2 * h,) * 3)


def sphere_gy(share):
    return 100.0 + 5.0 * RADIUS_MM * brentq(lambda t: sphere_share_above(t) - share, -1, 1)


def moved(affine, left_mm):
    out = affine.copy()
    out[0, 3] += left_mm
    return out


@pytest.fixture(scope="module")
def gradient():
    return gradient_dose(grid_of(), centre_lps_mm=CENTRE, direction=DIRECTION)


def test_small_sphere_on_coarse_voxels_is_exact_to_half_a_percent(gradient):
    found = dose_volume(gradient, sphere_mask(grid_of(), centre_lps_mm=CENTRE, radius_mm=RADIUS_MM, parts=10))
    assert found.volume_ml == pytest.approx(1.0, rel=2e-3)
    assert found.mean_gy == pytest.approx(100.0, abs=0.1)
    for share in (0.98, 0.95, 0.9, 0.7, 0.5, 0.02):
        assert found.dose_gy(share) == pytest.approx(sphere_gy(share), abs=0.5)
    for level in (75.0, 90.0, 100.0, 110.0, 125.0):
        exact = float(sphere_share_above((level - 100.0) / 5.0 / RADIUS_MM))
        assert found.share_above(dose_gy=level) == pytest.approx(exact, abs=0.005)
        assert found.volume_below_ml(dose_gy=level) == pytest.approx((1.0 - exact) * found.volume_ml, abs=0.005)


def test_mean_agrees_with_a_grid_ten_times_as_fine():
    rng = np.random.default_rng(3)
    grid = grid_of()
    dose = Volume(rng.uniform(20, 200, grid.shape).astype(np.float32), grid.affine, unit="Gy")
    array = np.zeros(grid.shape, bool)
    array[3:6, 4:7, 3:5] = True
    fine = grid_of(finer=10)
    plain = resampled(dose, fine).array[np.repeat(np.repeat(np.repeat(array, 10, 0), 10, 1), 10, 2)]
    found = dose_volume(dose, Volume(array, grid.affine))
    assert found.mean_gy == pytest.approx(float(plain.mean()), rel=2e-3)
    assert found.dose_gy(0.7) == pytest.approx(float(np.quantile(plain, 0.3)), rel=1e-2)


def test_mask_on_another_oblique_and_mirrored_grid_reads_the_same(gradient):
    turn = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, -1.0]])
    affine = np.eye(4)
    affine[:3, :3] = turn * 1.0
    affine[:3, 3] = CENTRE - turn @ np.full(3, 9.5)
    oblique = Grid((20, 20, 20), affine)
    found = dose_volume(gradient, sphere_mask(oblique, centre_lps_mm=CENTRE, radius_mm=RADIUS_MM, parts=6))
    assert found.mean_gy == pytest.approx(100.0, abs=0.2)
    assert found.dose_gy(0.98) == pytest.approx(sphere_gy(0.98), abs=0.5)


def test_coarse_mask_on_a_fine_dose_sees_every_dose_voxel():
    fine = Grid.regular((40, 40, 40), spacing_mm=1.0)
    dose = np.full(fine.shape, 10.0, np.float32)
    dose[20:, :, :] = 90.0
    mask = np.zeros((4, 4, 4), bool)
    mask[1:3, 1:3, 1:3] = True
    affine = Grid.regular((4, 4, 4), spacing_mm=10.0, origin_lps_mm=(4.5, 4.5, 4.5)).affine
    found = dose_volume(Volume(dose, fine.affine, unit="Gy"), Volume(mask, affine))
    assert found.volume_ml == pytest.approx(8.0)
    assert found.mean_gy == pytest.approx(50.0, rel=1e-3)
    assert found.share_above(dose_gy=50.0) == pytest.approx(0.5, abs=0.01)


def test_large_structures_are_read_from_one_point_a_voxel():
    grid = Grid.regular((70, 70, 70), spacing_mm=2.0)
    slope = np.broadcast_to(np.arange(70, dtype=np.float32)[:, None, None], grid.shape).copy()
    mask = np.zeros(grid.shape, bool)
    mask[4:66, 4:66, 4:66] = True
    found = dose_volume(Volume(slope, grid.affine, unit="Gy"), Volume(mask, grid.affine))
    assert found.doses_gy.size == mask.sum()
    assert found.mean_gy == pytest.approx(34.5, abs=0.02)
    assert found.dose_gy(0.9) == pytest.approx(3.5 + 6.2, abs=0.05)


def test_uniform_dose_has_a_step():
    grid = grid_of()
    dose = Volume(np.full(grid.shape, 60.0, np.float32), grid.affine, unit="Gy")
    found = dose_volume(dose, sphere_mask(grid, centre_lps_mm=CENTRE, radius_mm=RADIUS_MM, parts=4))
    assert found.mean_gy == pytest.approx(60.0)
    assert found.minimum_gy == found.maximum_gy == found.dose_gy(0.98) == found.dose_gy(0.02) == 60.0
    assert found.share_above(dose_gy=60.0) == 1.0
    assert found.share_above(dose_gy=60.01) == pytest.approx(0.0, abs=1e-12)
    assert found.volume_below_ml(dose_gy=60.0) == 0.0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_histograms_fall_and_scale(seed):
    rng = np.random.default_rng(seed)
    grid = grid_of(6)
    dose = Volume(rng.gamma(2.0, 40.0, grid.shape).astype(np.float32), grid.affine, unit="Gy")
    share = np.clip(rng.uniform(-0.6, 1.6, grid.shape), 0, 1).astype(np.float32)
    share[2:4, 2:4, 2:4] = 1.0
    found = dose_volume(dose, Volume(share, grid.affine))
    assert found.volume_ml == pytest.approx(float(share.sum()) * 0.064, rel=1e-5)
    doses = [found.dose_gy(s) for s in (1.0, 0.98, 0.9, 0.5, 0.1, 0.02)]
    assert doses == sorted(doses)
    assert found.minimum_gy <= doses[0]
    assert doses[-1] <= found.maximum_gy <= dose.array.max() + 1e-4
    above = [found.share_above(dose_gy=x) for x in np.linspace(0, 300, 12)]
    assert above == sorted(above, reverse=True)
    assert found.shares.sum() == pytest.approx(1.0)
    for s in (0.9, 0.5, 0.1):
        assert found.share_above(dose_gy=found.dose_gy(s)) >= s - 1e-9
    assert found.scaled(1.5).dose_gy(0.7) == pytest.approx(1.5 * found.dose_gy(0.7), rel=1e-5)


def test_three_voxels_have_a_mean_and_nothing_else(gradient):
    array = np.zeros(gradient.shape, bool)
    array[5, 5, 4:7] = True
    found = dose_volume(gradient, Volume(array, gradient.affine))
    assert not found.readable
    assert "3.0 voxels" in found.words[0]
    assert found.mean_gy == pytest.approx(float(gradient.array[array].mean()), rel=1e-3)
    for refused in (
        lambda: found.dose_gy(0.7),
        lambda: found.share_above(dose_gy=50.0),
        lambda: found.volume_below_ml(dose_gy=50.0),
        lambda: found.minimum_gy,
        lambda: found.maximum_gy,
    ):
        with pytest.raises(MaskError, match="too few"):
            refused()


def test_smallness_counts_in_voxels_of_the_dose_not_of_the_mask(gradient):
    fine = grid_of(finer=8)
    tiny = sphere_mask(fine, centre_lps_mm=CENTRE, radius_mm=2.0)
    assert tiny.array.sum() > 200
    with pytest.raises(MaskError, match="smaller than one voxel"):
        dose_volume(gradient, tiny, name="spot")


def test_percent_for_a_fraction_is_refused(gradient):
    found = dose_volume(gradient, sphere_mask(grid_of(), centre_lps_mm=CENTRE, radius_mm=9.0))
    with pytest.raises(MaskError, match=r"0\.7"):
        found.dose_gy(70)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda d, m: (d.on(d.array, unit="cGy"), m), UnitsError, "in cGy"),
        (lambda d, m: (d.on(d.array, unit=""), m), UnitsError, "no unit"),
        (lambda d, m: (d.on(np.where(d.array > 120, np.nan, d.array)), m), ImagingError, "NaN"),
        (lambda d, m: (d, m.on(np.zeros_like(m.array))), MaskError, "empty"),
        (lambda d, m: (d, m.on(m.array.astype(np.int16) * 3)), MaskError, "label map"),
        (lambda d, m: (d, m.on(np.where(m.array, np.nan, 0.0))), MaskError, "NaN"),
        (lambda d, m: (d, Volume(m.array, moved(m.affine, 40.0))), MaskError, "outside"),
    ],
)
def test_bad_input_is_an_error(gradient, change, error, words):
    mask = sphere_mask(grid_of(), centre_lps_mm=CENTRE, radius_mm=9.0)
    with pytest.raises(error, match=words):
        dose_volume(*change(gradient, mask))


def test_another_frame_of_reference_is_an_error(gradient):
    mask = sphere_mask(grid_of(), centre_lps_mm=CENTRE, radius_mm=9.0)
    here = Volume(gradient.array, gradient.affine, unit="Gy", frame_of_reference="1.2.3")
    with pytest.raises(GeometryError, match="frames of reference"):
        dose_volume(here, Volume(mask.array, mask.affine, frame_of_reference="1.2.4"))
    assert dose_volume(here, Volume(mask.array, mask.affine, frame_of_reference="1.2.3")).mean_gy > 0


def test_a_mask_cut_by_the_map_is_refused_and_not_filled_with_zero(gradient):
    wide = Grid.regular((30, 30, 30), spacing_mm=2.0, origin_lps_mm=(-29, -29, -29))
    with pytest.raises(MaskError, match="% of liver lies outside the dose map"):
        dose_volume(gradient, sphere_mask(wide, centre_lps_mm=np.array([15.0, 0, 0]), radius_mm=12.0), name="liver")


def test_weights_are_volumes():
    doses = DoseVolume(np.array([10.0, 20.0, 40.0], np.float32), np.array([0.5, 0.75, 1.0]), 8.0, 100.0)
    assert doses.mean_gy == pytest.approx(20.0)
    assert [doses.dose_gy(s) for s in (1.0, 0.51, 0.5, 0.25, 0.2)] == [10.0, 10.0, 20.0, 40.0, 40.0]
    assert [doses.share_above(dose_gy=x) for x in (5, 10, 15, 20, 21, 41)] == pytest.approx([1, 1, 0.5, 0.5, 0.25, 0])
