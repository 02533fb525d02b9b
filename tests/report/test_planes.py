import numpy as np
import pytest
from conftest_places import turned
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from locoregional.imaging.volume import Grid, Volume
from locoregional.report.fields import outline_field
from locoregional.report.marks import Layer
from locoregional.report.planes import direction_letters, needle_plane, standard_planes


def test_letters_of_the_six_sides():
    sides = {"L": (1, 0, 0), "R": (-1, 0, 0), "P": (0, 1, 0), "A": (0, -1, 0), "H": (0, 0, 1), "F": (0, 0, -1)}
    assert {k: direction_letters(v) for k, v in sides.items()} == {k: k for k in sides}
    assert direction_letters((-1.0, 0.6, 0.1)) == "RP"


def test_radiological_convention():
    axial, coronal, sagittal = standard_planes((0, 0, 0), width_mm=10, height_mm=10, depth_mm=10)
    assert axial.letters == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    assert coronal.letters == {"left": "R", "right": "L", "top": "H", "bottom": "F"}
    assert sagittal.letters == {"left": "A", "right": "P", "top": "H", "bottom": "F"}
    assert np.allclose(axial.normal, (0, 0, 1)), "an axial image is seen from the feet"


@pytest.mark.parametrize("angles", [(0, 0, 0), (90, 0, 0), (20, -35, 10), (180, 0, 0)])
def test_a_bright_ball_on_the_right_front_shows_on_the_left_top_in_any_grid(angles):
    volume = turned(angles, ball_lps_mm=(-12.0, -9.0, 4.0))
    axial, coronal, sagittal = standard_planes((0, 0, 4.0), width_mm=50, height_mm=50, depth_mm=50)
    for plane, centre in ((axial, (-12.0, -9.0)), (coronal, None), (sagittal, None)):
        at = plane if centre else type(plane)(plane.name, (-12.0, -9.0, 0.0), plane.right, plane.down, 50, 50)
        picture = at.sample(volume, pixel_mm=0.5)
        row, column = (np.argwhere(picture > 0.5).mean(axis=0) + 0.5) * 0.5 - 25
        expected = centre or (0.0, -4.0)
        assert np.allclose((column, row), expected, atol=0.6), plane.name


def test_thick_slices_are_drawn_round():
    grid = Grid.regular((13, 60, 60), spacing_mm=(5.0, 1.0, 1.0), origin_lps_mm=(-29.5, -29.5, -30.0))
    places = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))
    mask = Volume(np.linalg.norm(places, axis=-1) < 20, grid.affine)
    smooth = outline_field(Layer("Ball", mask), np.zeros((1, 3)), reach_mm=40.0)
    for plane in standard_planes((0, 0, 0), width_mm=60, height_mm=60, depth_mm=60):
        disc = np.linalg.norm(plane.points(pixel_mm=0.5), axis=-1) < 20
        belt = np.abs(plane.points(pixel_mm=0.5)[..., 2]) < 14.0  # the poles lie between slices: no outline can know them
        drawn = plane.sample(smooth, pixel_mm=0.5) > 0.5
        assert (disc != drawn)[belt].mean() < 0.02, plane.name


@given(st.integers(0, 10_000))
def test_the_needle_lies_in_its_plane(seed):
    rng = np.random.default_rng(seed)
    entry, tip = rng.uniform(-100, 100, (2, 3))
    if np.linalg.norm(entry - tip) < 1.0:
        return
    plane = needle_plane(entry, tip, width_mm=100, height_mm=100)
    assert np.abs(plane.project(np.stack([entry, tip]))[:, 2]).max() < 1e-6
    assert plane.right[0] >= 0, "patient left stays on the right of the picture"
    assert np.allclose(np.linalg.det(np.stack([plane.right, plane.down, plane.normal])), 1.0)


def test_projection_agrees_with_pixels():
    turn = Rotation.from_euler("xyz", (10, 20, 30), degrees=True).as_matrix()
    plane = standard_planes((1.0, 2.0, 3.0), width_mm=20, height_mm=20, depth_mm=20)[0]
    plane = type(plane)("tilted", plane.centre_lps_mm, turn[:, 0], turn[:, 1], 20, 20)
    points = plane.points(pixel_mm=1.0)
    projected = plane.project(points)
    assert np.allclose(projected[..., 2], 0.0)
    assert np.allclose(projected[3, 7, :2], (-2.5, -6.5))
