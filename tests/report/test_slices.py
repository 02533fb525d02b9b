import json
from base64 import b64decode

import numpy as np
import pytest
from conftest_places import turned
from made_patient import TARGET

from locoregional.errors import GeometryError
from locoregional.imaging.volume import Volume
from locoregional.report.document import Figure, SliceStack
from locoregional.report.fields import outline_field
from locoregional.report.marks import Layer
from locoregional.report.slices import Atlas, atlas_of, encode_stack, grey_table, voxels_of

STILL = Figure(b"\x89PNG", "c", "alt")


def unpacked(values):
    png = b64decode(values["png"].split(",", 1)[1])
    return voxels_of(Atlas(png, tuple(values["shape"]), values["across"]))


def place_of(values, mask):
    mean = np.argwhere(mask).mean(axis=0)
    return np.array(values["origin"]) + np.array(values["spacing"]) * mean[::-1]


@pytest.mark.parametrize("shape", [(1, 3, 4), (7, 5, 9), (30, 8, 8)])
def test_atlas_comes_back(shape):
    codes = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(voxels_of(atlas_of(codes)), codes)


def test_codes_are_fine_where_tissues_differ(patient):
    table = grey_table(patient.ct)
    assert (np.diff(table) > 0).all()
    steps = np.diff(table)[(table[1:] > -150) & (table[1:] < 450)]
    assert steps.max() < 4.5


@pytest.mark.parametrize("angles", [(0, 0, 0), (180, 0, 0), (15, -40, 80)])
def test_embedded_image_and_outline_stand_where_the_patient_has_them(angles):
    at = np.array([-12.0, -9.0, 4.0])
    volume = turned(angles, ball_lps_mm=at)
    image = Volume((volume.array * 100).astype(np.int16), volume.affine, unit="HU", modality="CT")
    stack = SliceStack(image, (0.0, 0.0, 0.0), STILL, (Layer("Ball", Volume(volume.array > 0.5, volume.affine)),), reach_mm=20.0)
    values = json.loads(json.dumps(encode_stack(stack)))
    hu = np.array(values["table"])[unpacked(values)]
    assert np.allclose(place_of(values, hu > 50), at, atol=0.6)
    assert hu.max() == pytest.approx(100, abs=5)
    layer = values["layers"][0]
    assert np.allclose(place_of(layer, unpacked(layer) > 127), at, atol=0.6)


def test_thick_slices_are_embedded_unblurred(patient):
    stack = SliceStack(patient.ct, tuple(TARGET), STILL, patient.layers, (patient.needle,), reach_mm=31.7)
    values = encode_stack(stack)
    for one in (values, *values["layers"]):
        offset = (one["origin"][2] - patient.ct.affine[2, 3]) / patient.ct.spacing_mm[0]
        assert one["spacing"][2] == pytest.approx(6.0)
        assert offset == pytest.approx(round(offset), abs=1e-6), "a slice of the page is a slice of the image"


def test_whole_patient_fits_in_a_page(patient):
    stack = SliceStack(patient.ct, tuple(TARGET), STILL, patient.layers, (patient.needle,))
    values = encode_stack(stack)
    assert {layer["name"] for layer in values["layers"]} >= {"Liver", "Predicted zone", "Lesion 1"}
    assert len(json.dumps(values)) < 5e6
    low = np.array(values["origin"])
    high = low + np.array(values["spacing"]) * (np.array(values["shape"])[::-1] - 1)
    for point in (patient.needle.entry_lps_mm, patient.needle.tip_lps_mm, TARGET):
        assert (point > low).all()
        assert (point < high).all()


def test_target_outside_the_image_is_refused(patient):
    with pytest.raises(GeometryError, match="outside"):
        encode_stack(SliceStack(patient.ct, (900.0, 0.0, 0.0), STILL))


def test_outline_lies_on_the_surface_of_the_mask():
    volume = turned((0, 0, 0), ball_lps_mm=(0.0, 0.0, 0.0), radius_mm=10.0)
    layer = Layer("Ball", Volume(volume.array > 0.5, volume.affine))
    field = outline_field(layer, np.zeros((1, 3)), reach_mm=25.0)
    inside = (field.array > 0.5).sum() * field.grid.voxel_ml * 1000
    assert inside == pytest.approx(4 / 3 * np.pi * 1000, rel=0.04)
    assert outline_field(layer, np.array([[200.0, 0, 0]]), reach_mm=5.0) is None
