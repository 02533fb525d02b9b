import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from locoregional.errors import GeometryError, ImagingError
from locoregional.imaging.volume import Grid, Volume


def _rotation(a: float, b: float, c: float) -> np.ndarray:
    ca, sa, cb, sb, cc, sc = np.cos(a), np.sin(a), np.cos(b), np.sin(b), np.cos(c), np.sin(c)
    x = np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
    y = np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
    z = np.array([[cc, -sc, 0], [sc, cc, 0], [0, 0, 1]])
    return x @ y @ z


angles = st.floats(-3.1, 3.1)


@given(angles, angles, angles, arrays(float, 3, elements=st.floats(0.3, 6)), arrays(float, 3, elements=st.floats(-500, 500)))
def test_index_and_lps_are_inverse_for_any_orientation(a, b, c, spacing, origin):
    affine = np.eye(4)
    affine[:3, :3] = _rotation(a, b, c) * spacing
    affine[:3, 3] = origin
    grid = Grid((5, 6, 7), affine)
    index = np.array([[0, 0, 0], [4, 5, 6], [1.5, 2.25, 3]])
    assert np.allclose(grid.to_index(grid.to_lps(index)), index, atol=1e-6)
    assert np.allclose(grid.spacing_mm, spacing)
    assert grid.is_orthogonal
    assert grid.voxel_ml == pytest.approx(np.prod(spacing) * 1e-3)


def test_regular_grid_points_where_it_says():
    grid = Grid.regular((10, 20, 30), spacing_mm=(5, 0.8, 0.7), origin_lps_mm=(-10, -20, 300))
    assert np.allclose(grid.to_lps((1, 0, 0)), (-10, -20, 305)), "next slice lies towards the head"
    assert np.allclose(grid.to_lps((0, 1, 0)), (-10, -19.2, 300)), "next row lies towards the back"
    assert np.allclose(grid.to_lps((0, 0, 1)), (-9.3, -20, 300)), "next column lies towards the patient's left"
    assert grid.contains((-10, -20, 300))
    assert not grid.contains((-10, -20, 297))


def test_cropping_keeps_points_in_place():
    grid = Grid.regular((10, 20, 30), spacing_mm=2)
    volume = Volume(np.arange(6000).reshape(10, 20, 30), grid.affine)
    part = volume.cropped((2, 3, 4), (5, 9, 11))
    assert part.array[1, 2, 3] == volume.array[3, 5, 7]
    assert np.allclose(part.grid.to_lps((1, 2, 3)), grid.to_lps((3, 5, 7)))


@pytest.mark.parametrize("affine", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.eye(3)])
def test_impossible_affines_are_refused(affine):
    with pytest.raises(GeometryError):
        Grid((2, 2, 2), affine)


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 4), (2, 3, 4, 5)])
def test_arrays_need_three_filled_axes(shape):
    with pytest.raises(ImagingError, match="three axes"):
        Volume(np.zeros(shape), np.eye(4))


def test_different_frames_and_grids_are_refused():
    a = Volume(np.zeros((2, 2, 2)), np.eye(4), frame_of_reference="1.2.3")
    b = Volume(np.zeros((2, 2, 2)), np.eye(4), frame_of_reference="1.2.4")
    with pytest.raises(GeometryError, match="frames of reference"):
        a.require_same_grid(b)
    moved = np.eye(4)
    moved[0, 3] = 0.5
    with pytest.raises(GeometryError, match="different grids"):
        a.require_same_grid(Volume(np.zeros((2, 2, 2)), moved))


def test_affine_cannot_be_changed_in_place():
    volume = Volume(np.zeros((2, 2, 2)), np.eye(4))
    with pytest.raises(ValueError, match="read-only"):
        volume.affine[0, 0] = 2
