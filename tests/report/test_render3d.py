from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from locoregional.errors import GeometryError
from locoregional.report.marks import NeedleLine, Surface
from locoregional.report.render3d import camera_for, render, render_array
from locoregional.report.scene import ball, decode_surface, encode_surface, needle_surfaces, thinned, tube

RED, BLUE = "#ff0000", "#0000ff"


def pixel(surfaces, at, **look):
    camera = camera_for(surfaces, **look)
    picture = render_array(surfaces, camera, width=160, height=120)
    x, y, _ = camera.project(np.array([at], float), width=160, height=120)[0]
    return picture[int(y), int(x)].astype(int)


@pytest.mark.parametrize("order", [1, -1])
def test_the_nearer_surface_is_drawn(order):
    front = ball((0, -20, 0), radius_mm=10, name="front", colour=RED)
    back = ball((0, 20, 0), radius_mm=10, name="back", colour=BLUE)
    seen = pixel([front, back][::order], (0, 0, 0), view_from=(0, -1, 0))
    assert seen[0] > 100 > seen[2]
    seen = pixel([front, back][::order], (0, 0, 0), view_from=(0, 1, 0))
    assert seen[2] > 100 > seen[0]


def test_see_through_shell_lets_the_inside_show():
    inside = ball((0, 0, 0), radius_mm=6, name="in", colour=BLUE)
    shell = ball((0, 0, 0), radius_mm=20, name="out", colour=RED, opacity=0.2)
    seen = pixel([inside, shell], (0, 0, 0))
    assert seen[2] > seen[0] > 20
    rim = pixel([inside, shell], (0, 0, 15.0))
    assert rim[0] > 100
    assert 0 < rim[3] < 255


def test_patient_left_is_right_when_seen_from_the_front():
    left, right = ball((30, 0, 0), radius_mm=8, name="l", colour=RED), ball((-30, 0, 0), radius_mm=8, name="r", colour=BLUE)
    picture = render_array([left, right], camera_for([left, right], view_from=(0, -1, 0)), width=160, height=120)
    columns = [np.nonzero((picture[..., 3] > 200) & (picture[..., c] > 100))[1].mean() for c in (0, 2)]
    assert columns[0] > 80 > columns[1]
    up = ball((0, 0, 30), radius_mm=8, name="head", colour=RED)
    rows = np.nonzero(render_array([up, left], camera_for([up, left], view_from=(0, -1, 0)), width=160, height=120)[..., 3])[0]
    assert rows.min() < 60


def test_silhouette_has_the_size_of_the_ball():
    one = ball((0, 0, 0), radius_mm=10, name="b")
    camera = camera_for([one], view_from=(0, -1, 0))
    picture = render_array([one], camera, width=400, height=300)
    area = (picture[..., 3] / 255.0).sum()
    focal = 150 / np.tan(np.deg2rad(13.0))
    expected = np.pi * (focal * 10 / np.sqrt(camera.distance_mm**2 - 100)) ** 2
    assert area == pytest.approx(expected, rel=0.02)


def test_render_is_a_transparent_png():
    image = Image.open(BytesIO(render([ball((0, 0, 0), radius_mm=5, name="b")], width=80, height=60)))
    assert image.size == (80, 60)
    assert image.mode == "RGBA"
    assert np.asarray(image)[0, -1, 3] == 0


def test_views_without_sense_are_refused():
    with pytest.raises(GeometryError, match="no up"):
        camera_for([ball((0, 0, 0), radius_mm=5, name="b")], view_from=(0, 0, 1))
    with pytest.raises(GeometryError, match="without surfaces"):
        camera_for([])


def signed_volume(surface):
    a, b, c = (surface.vertices_lps_mm[surface.faces[:, k]] for k in range(3))
    return np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6


def test_made_surfaces_are_closed_and_turned_outward():
    assert signed_volume(ball((5, 6, 7), radius_mm=10, name="b")) == pytest.approx(4 / 3 * np.pi * 1000, rel=0.04)
    assert signed_volume(tube((0, 0, 0), (30, 10, -5), radius_mm=2, name="t")) == pytest.approx(
        np.pi * 4 * np.sqrt(1025), rel=0.03
    )
    needle = NeedleLine(np.array([0.0, 0, 0]), np.array([60.0, 0, 0]))
    tip = np.concatenate([s.vertices_lps_mm for s in needle_surfaces(needle)])
    assert tip[:, 0].max() == pytest.approx(60.0)


def test_embedded_surface_comes_back():
    one = ball((-120.0, 33.0, 240.0), radius_mm=90, name="b", colour=RED, opacity=0.4)
    colours = np.arange(3 * len(one.vertices_lps_mm), dtype=np.int64).reshape(-1, 3).astype(np.uint8)
    for surface in (one, Surface("m", one.vertices_lps_mm, one.faces, RED, 0.4, colours=colours, shown=False)):
        again = decode_surface(encode_surface(surface))
        assert np.abs(again.vertices_lps_mm - surface.vertices_lps_mm).max() < 0.002
        assert np.array_equal(again.faces, surface.faces)
        assert (again.name, again.colour, again.opacity, again.shown) == (surface.name, RED, 0.4, surface.shown)
        assert (again.colours is None) == (surface.colours is None)
    assert np.array_equal(again.colours, colours)


def test_many_vertices_need_wide_indices():
    n = 70_000
    vertices = np.random.default_rng(0).uniform(-50, 50, (n, 3))
    faces = np.array([[0, 1, n - 1], [n - 3, n - 2, n - 1]], dtype=np.int32)
    values = encode_surface(Surface("many", vertices, faces))
    assert values["wide"]
    assert np.array_equal(decode_surface(values).faces, faces)


def test_thinning_keeps_the_shape():
    one = ball((0, 0, 0), radius_mm=30, name="b")
    fewer = thinned(one, cell_mm=8.0)
    assert len(fewer.faces) < 0.8 * len(one.faces)
    assert signed_volume(fewer) == pytest.approx(signed_volume(one), rel=0.08)
