"""Surfaces: outward, volume-true, and as other readers see the files."""

import struct

import numpy as np
import pygltflib
import pytest
from mask_making import ball, blob, grids

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.surface import isosurface, mask_surface, write_glb, write_stl
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((24, 60, 60), spacing_mm=(2.5, 1.0, 1.0), origin_lps_mm=(-100, 40, -300))
CENTRE = (-72.0, 70.0, -271.0)


@pytest.mark.parametrize("orientation", list(grids()))
@pytest.mark.parametrize("smooth", [False, True])
def test_volume_is_positive_and_true_in_any_orientation(orientation, smooth):
    mask = blob(grids()[orientation], 1)
    surface = mask_surface(mask, smooth=smooth)
    assert surface.is_watertight
    assert surface.volume == pytest.approx(mask.array.sum() * mask.grid.voxel_ml * 1e3, rel=0.01)


def test_ball_has_its_volume_place_and_outward_normals():
    surface = mask_surface(Volume(ball(GRID, CENTRE, 20.0), GRID.affine))
    assert surface.volume == pytest.approx(4 / 3 * np.pi * 20.0**3, rel=0.01)
    np.testing.assert_allclose(surface.center_mass, CENTRE, atol=0.1)
    outward = np.einsum("ij,ij->i", surface.face_normals, surface.triangles_center - CENTRE)
    assert (outward > 0).mean() > 0.99
    distance = np.linalg.norm(surface.vertices - CENTRE, axis=1)
    assert abs(distance - 20.0).max() < 1.3


def test_smoothing_takes_steps_away_without_shrinking():
    mask = Volume(ball(GRID, CENTRE, 20.0), GRID.affine)
    rough, smooth = mask_surface(mask, smooth=False), mask_surface(mask)
    assert smooth.area < rough.area
    assert smooth.area == pytest.approx(4 * np.pi * 20.0**2, rel=0.03)
    assert smooth.volume == pytest.approx(rough.volume, rel=0.003)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 7), (5, 5, 5)])
def test_tiny_masks_and_masks_at_the_edge(shape):
    mask = Volume(np.ones(shape, bool), np.diag([2.0, 1.0, 1.0, 1.0]))
    surface = mask_surface(mask)
    assert surface.is_watertight
    assert surface.volume == pytest.approx(2.0 * np.prod(shape), rel=0.01)


def test_isosurface_of_a_distance_field_is_exact():
    index = np.moveaxis(np.indices(GRID.shape), 0, -1)
    field = 30.0 - np.linalg.norm(GRID.to_lps(index) - CENTRE, axis=-1)
    surface = isosurface(Volume(field, GRID.affine, unit="mm"), level=12.0)
    assert np.linalg.norm(surface.vertices - CENTRE, axis=1) == pytest.approx(np.full(len(surface.vertices), 18.0), abs=0.06)
    assert surface.volume == pytest.approx(4 / 3 * np.pi * 18.0**3, rel=0.01)
    with pytest.raises(ImagingError, match="cross"):
        isosurface(Volume(field, GRID.affine), level=31.0)


def test_empty_mask_is_refused():
    with pytest.raises(MaskError, match="empty"):
        mask_surface(Volume(np.zeros((4, 4, 4), bool), np.eye(4)))


def test_stl_bytes(tmp_path):
    surface = mask_surface(Volume(ball(GRID, CENTRE, 15.0), GRID.affine))
    path = write_stl(surface, tmp_path, name="zone")
    assert path.name == "zone_lps_mm.stl"
    data = path.read_bytes()
    (count,) = struct.unpack("<I", data[80:84])
    assert len(data) == 84 + 50 * count
    facets = np.frombuffer(data[84:], np.dtype([("normal", "<f4", 3), ("corner", "<f4", (3, 3)), ("attribute", "<u2")]))
    a, b, c = (facets["corner"][:, k].astype(float) for k in range(3))
    signed = np.einsum("ij,ij->i", a - CENTRE, np.cross(b - CENTRE, c - CENTRE)).sum() / 6
    assert signed == pytest.approx(4 / 3 * np.pi * 15.0**3, rel=0.01)
    np.testing.assert_allclose(facets["corner"].reshape(-1, 3).mean(axis=0), CENTRE, atol=0.3)
    turned = np.cross(b - a, c - a)
    good = np.linalg.norm(turned, axis=1) > 1e-4
    agree = np.einsum("ij,ij->i", turned[good], facets["normal"][good].astype(float))
    assert (agree > 0).mean() > 0.999


def test_glb_as_pygltflib_sees_it(tmp_path):
    surface = mask_surface(Volume(ball(GRID, CENTRE, 15.0), GRID.affine))
    write_glb({"liver": surface, "zone": surface}, tmp_path / "x.glb", colours={"zone": (1.0, 0.2, 0.1, 0.4)})
    gltf = pygltflib.GLTF2().load(str(tmp_path / "x.glb"))
    (root,) = gltf.scenes[gltf.scene].nodes
    matrix = np.array(gltf.nodes[root].matrix).reshape(4, 4).T
    assert [gltf.nodes[k].name for k in gltf.nodes[root].children] == ["liver", "zone"]
    # one metre; head up, front forward, the patient's left along +X
    np.testing.assert_allclose(matrix @ [1000.0, 0, 0, 1], [1, 0, 0, 1], atol=1e-9)
    np.testing.assert_allclose(matrix @ [0, -1000.0, 0, 1], [0, 0, 1, 1], atol=1e-9)
    np.testing.assert_allclose(matrix @ [0, 0, 1000.0, 1], [0, 1, 0, 1], atol=1e-9)
    position = gltf.accessors[gltf.meshes[0].primitives[0].attributes.POSITION]
    np.testing.assert_allclose(position.min, surface.bounds[0], atol=1e-3)
    np.testing.assert_allclose(position.max, surface.bounds[1], atol=1e-3)
    liver, zone = (gltf.materials[gltf.meshes[gltf.nodes[k].mesh].primitives[0].material] for k in gltf.nodes[root].children)
    assert (liver.alphaMode, zone.alphaMode) == ("OPAQUE", "BLEND")
    np.testing.assert_allclose(zone.pbrMetallicRoughness.baseColorFactor, [1.0, 0.2, 0.1, 0.4], atol=0.01)
    with pytest.raises(ImagingError, match="glb"):
        write_glb({"a": surface}, tmp_path / "x.obj")
