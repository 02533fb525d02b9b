"""Masks on coarser, finer, turned and oblique grids keep their volume to rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.nuclear.occupancy import amount_in, occupancies_on, occupancy_on
from locoregional.imaging.nuclear.read import read_activity
from locoregional.imaging.seg_nrrd import read_seg_nrrd
from locoregional.imaging.volume import Grid, Volume


def placed(shape, spacing_mm, turn=None, middle_mm=(0.0, 0.0, 0.0)):
    """Grid with its middle at a point; ``turn`` rotates it."""
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3)[::-1] if turn is None else turn) * np.asarray(spacing_mm, float)
    affine[:3, 3] = np.asarray(middle_mm) - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Grid(shape, affine)


def turned(seed):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]


def blob(seed, shape=(9, 11, 10)):
    return np.random.default_rng(seed).random(shape) > 0.5


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), coarse=st.floats(0.6, 6.0))
def test_volume_is_kept_on_any_grid(seed, coarse):
    mask = Volume(blob(seed), placed((9, 11, 10), (1.3, 0.9, 1.1), turned(seed)).affine)
    grid = placed(tuple(int(40 / coarse) + 3 for _ in range(3)), (coarse, 1.1 * coarse, 0.9 * coarse), turned(seed + 1))
    found = occupancy_on(grid, mask)
    assert 0.0 <= found.array.min() <= found.array.max() <= 1.0
    volume = float(found.array.sum(dtype=np.float64)) * grid.voxel_ml
    assert volume == pytest.approx(mask.array.sum() * mask.grid.voxel_ml, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_centre_of_mass_is_kept(seed):
    """Each box goes where it is: the first moment agrees within the moment that is lost inside of a cell."""
    mask = Volume(blob(seed), placed((9, 11, 10), (1.3, 0.9, 1.1), turned(seed)).affine)
    grid = placed((60, 60, 60), (0.5, 0.6, 0.55), turned(seed + 1))
    found = occupancy_on(grid, mask)
    ours = (grid.to_lps(np.argwhere(found.array > 0)) * found.array[found.array > 0][:, None]).sum(0) / found.array.sum()
    np.testing.assert_allclose(ours, mask.grid.to_lps(np.argwhere(mask.array)).mean(0), atol=0.02)


def test_aligned_and_general_way_agree():
    mask = Volume(blob(5), placed((9, 11, 10), (1.3, 0.9, 1.1), middle_mm=(0.2, 0.3, -0.4)).affine)
    grid = placed((8, 9, 7), (2.2, 2.4, 2.0))
    tiny = 1e-5  # turns the grid out of the straight case by less than a hair
    turn = np.array([[1, -tiny, 0], [tiny, 1, 0], [0, 0, 1]]) @ np.eye(3)[::-1]
    other = placed((8, 9, 7), (2.2, 2.4, 2.0), turn)
    np.testing.assert_allclose(occupancy_on(grid, mask).array, occupancy_on(other, mask).array, atol=2e-4)


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
def test_flipped_and_permuted_grids(axes):
    mask = Volume(blob(2), placed((9, 11, 10), (1.0, 1.0, 1.0)).affine)
    straight = occupancy_on(placed((12, 12, 12), (1.5, 1.5, 1.5)), mask)
    turn = np.eye(3)[::-1][:, list(axes)] * np.array([-1, 1, -1])
    found = occupancy_on(placed((12, 12, 12), (1.5, 1.5, 1.5), turn), mask)
    places = np.argwhere(found.array > -1)
    index = np.rint(straight.grid.to_index(found.grid.to_lps(places))).astype(int)
    np.testing.assert_allclose(found.array[tuple(places.T)], straight.array[tuple(index.T)], atol=1e-6)


def test_a_quarter_of_a_voxel_is_a_quarter():
    mask = Volume(np.ones((1, 1, 1), bool), Grid.regular((1, 1, 1), spacing_mm=2.0).affine)
    grid = Grid.regular((3, 3, 3), spacing_mm=2.0, origin_lps_mm=(-1.0, -1.0, 0.0))
    found = occupancy_on(grid, mask)
    np.testing.assert_allclose(found.array[0, :2, :2], 0.25)
    assert found.array.sum() == pytest.approx(1.0)


def test_same_grid_changes_nothing():
    mask = Volume(blob(1), placed((9, 11, 10), (1.3, 0.9, 1.1), turned(4)).affine)
    np.testing.assert_allclose(occupancy_on(mask.grid, mask).array, mask.array, atol=1e-6)


def test_occupancies_weigh():
    shares = Volume(np.full((4, 4, 4), 0.25, np.float32), placed((4, 4, 4), (1, 1, 1), turned(7)).affine)
    grid = placed((20, 20, 20), (0.7, 0.7, 0.7), turned(8))
    found = occupancy_on(grid, shares)
    assert found.array.max() == pytest.approx(0.25, abs=1e-6)
    assert float(found.array.sum()) * grid.voxel_ml == pytest.approx(64 * 0.25e-3, rel=1e-5)


def test_outside_and_elsewhere():
    mask = Volume(np.ones((4, 4, 4), bool), placed((4, 4, 4), (2, 2, 2)).affine, frame_of_reference="1.2")
    far = Volume(np.zeros((4, 4, 4)), placed((4, 4, 4), (2, 2, 2), middle_mm=(100, 0, 0)).affine)
    for may_leave in (False, True):
        with pytest.raises(MaskError, match="outside"):
            occupancy_on(far, mask, may_leave=may_leave)
    half = Volume(np.zeros((4, 4, 4)), placed((4, 4, 4), (2, 2, 2), middle_mm=(4, 0, 0)).affine)
    with pytest.raises(MaskError, match=r"50\.0 %"):
        occupancy_on(half, mask, name="liver")
    left = occupancy_on(half, mask, may_leave=True)
    assert left.array.sum() == pytest.approx(32)
    assert any("50.0 %" in words for words in left.assumed)
    oblique = Volume(np.zeros((4, 4, 4)), placed((4, 4, 4), (2, 2, 2), turned(1), middle_mm=(100, 0, 0)).affine)
    with pytest.raises(MaskError, match="outside"):
        occupancy_on(oblique, mask)
    with pytest.raises(GeometryError, match="frame of reference"):
        occupancy_on(Volume(np.zeros((4, 4, 4)), mask.affine, frame_of_reference="1.3"), mask)
    for values, words in (
        (np.zeros((4, 4, 4)), "empty"),
        (np.full((4, 4, 4), 2.0), "shares"),
        (np.full((4, 4, 4), np.nan), "shares"),
    ):
        with pytest.raises(MaskError, match=words):
            occupancy_on(mask.grid, Volume(values, mask.affine))


def test_amount_needs_the_same_grid():
    activity = ActivityMap(Volume(np.full((4, 4, 4), 1e3), placed((4, 4, 4), (10, 10, 10)).affine, unit="Bq/ml"), "Y-90")
    mask = Volume(np.ones((4, 4, 4), bool), placed((4, 4, 4), (5, 5, 5)).affine)
    found = occupancies_on(activity.volume, {"a": mask, "nothing": mask.on(np.zeros((4, 4, 4), bool))})
    assert list(found) == ["a"]
    assert amount_in(activity, found["a"]) == pytest.approx(8e3)
    with pytest.raises(GeometryError):
        amount_in(activity, mask)


def test_real_segmentation_on_the_real_spect(shared_data):
    """Volumes and shares of counts that were measured by others with nearest voxels (whole percents)."""
    root = shared_data / "y90-maa-spect"
    spect = read_activity(root / "patient_2_SPECT.nrrd", unit="counts", nuclide="Tc-99m")
    masks = read_seg_nrrd(root / "patient_2_Segmentation.seg.nrrd")
    assert {s.layer for s in masks.segments} == {0, 1, 2, 3}
    found = occupancies_on(spect.volume, masks)
    assert spect.total == pytest.approx(21.56e6, rel=1e-3)
    assert spect.volume.grid.directions[2, 0] < 0  # slices go to the feet
    for name, volume_ml, percent in (
        ("liver", 1726, 60),
        ("perfused volume", 1082, 57),
        ("Tumor 1", 112.8, 15.3),
        ("Tumor 2", 128.5, 14.8),
    ):
        volume = float(found[name].array.sum(dtype=np.float64)) * spect.volume.grid.voxel_ml
        assert volume == pytest.approx(volume_ml, abs=0.5)
        assert volume == pytest.approx(masks[name].array.sum() * masks[name].grid.voxel_ml, rel=1e-7)
        assert 100 * amount_in(spect, found[name]) / spect.total == pytest.approx(percent, abs=0.5)
