"""Segmentations of 3D Slicer."""

import nrrd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_making import blob, grids, series_grid

from locoregional.errors import ImagingError, MaskError
from locoregional.imaging.nrrd import write_nrrd
from locoregional.imaging.seg_nrrd import read_seg_nrrd, write_seg_nrrd
from locoregional.imaging.volume import Volume


def test_volumes_of_a_real_segmentation_with_four_layers(shared_data):
    masks = read_seg_nrrd(shared_data / "y90-maa-spect" / "patient_2_Segmentation.seg.nrrd")
    volume_ml = {name: mask.array.sum() * mask.grid.voxel_ml for name, mask in masks.items()}
    assert volume_ml["liver"] == pytest.approx(1726, abs=0.5)
    assert volume_ml["perfused volume"] == pytest.approx(1082, abs=0.5)
    assert volume_ml["Tumor 1"] == pytest.approx(112.8, abs=0.05)
    assert volume_ml["Tumor 2"] == pytest.approx(128.5, abs=0.05)
    assert {s.layer for s in masks.segments} == {0, 1, 2, 3}
    inside = masks["Tumor 1"].array & masks["liver"].array
    assert inside.any(), "tumour and liver overlap, in different layers"


def test_affine_agrees_with_pynrrd(shared_data):
    path = shared_data / "y90-maa-spect" / "patient_2_Segmentation.seg.nrrd"
    header = nrrd.read_header(str(path))
    mask = read_seg_nrrd(path)["liver"]
    np.testing.assert_allclose(mask.affine[:3, 3], header["space origin"])
    np.testing.assert_allclose(mask.affine[:3, :3].T, header["space directions"][:0:-1])


@settings(max_examples=12, deadline=None)
@given(count=st.integers(1, 5), seed=st.integers(0, 1000), orientation=st.sampled_from(list(grids())))
def test_round_trip_is_exact(tmp_path_factory, count, seed, orientation):
    grid = grids()[orientation]
    masks = {f"segment {k}": blob(grid, seed + k) for k in range(count)}
    path = tmp_path_factory.mktemp("seg") / "x.seg.nrrd"
    write_seg_nrrd(masks, path)
    back = read_seg_nrrd(path)
    assert list(back) == list(masks)
    for name, mask in masks.items():
        np.testing.assert_array_equal(back[name].array, mask.array)
        np.testing.assert_allclose(back[name].affine, mask.affine, atol=1e-9)


def test_written_file_as_pynrrd_sees_it(tmp_path):
    grid = series_grid()
    one, two = blob(grid, 1), blob(grid, 2)
    apart = two.on(two.array & ~one.array)
    write_seg_nrrd({"liver": one, "lesion 1": two, "spleen": apart}, tmp_path / "x.seg.nrrd")
    data, header = nrrd.read(str(tmp_path / "x.seg.nrrd"))
    assert header["space"] == "left-posterior-superior"
    assert header["kinds"] == ["list", "domain", "domain", "domain"]
    assert data.shape == (2, *reversed(grid.shape)), "the two that do not overlap share a layer"
    layers = np.transpose(data, (0, 3, 2, 1))
    for number, mask in enumerate((one, two, apart)):
        layer, label = int(header[f"Segment{number}_Layer"]), int(header[f"Segment{number}_LabelValue"])
        np.testing.assert_array_equal(layers[layer] == label, mask.array)
        low_i, high_i, low_j, high_j, low_k, high_k = (int(x) for x in header[f"Segment{number}_Extent"].split())
        filled = np.argwhere(mask.array)
        assert (low_k, low_j, low_i) == tuple(filled.min(axis=0))
        assert (high_k, high_j, high_i) == tuple(filled.max(axis=0))
    assert header["Segmentation_SourceRepresentation"] == "Binary labelmap"
    terms = header["Segment1_Tags"].removeprefix("TerminologyEntry:").rstrip("|").split("~")
    assert len(terms) == 7
    assert terms[2].split("^")[:2] == ["SCT", "14799000"]


def test_one_layer_has_three_axes(tmp_path):
    write_seg_nrrd({"liver": blob(series_grid(), 1)}, tmp_path / "x.seg.nrrd")
    assert nrrd.read_header(str(tmp_path / "x.seg.nrrd"))["dimension"] == 3


def test_segments_of_one_name_stay_apart(tmp_path):
    grid = series_grid()
    write_seg_nrrd({"a": blob(grid, 1), "b": blob(grid, 2)}, tmp_path / "x.seg.nrrd")
    text = (tmp_path / "x.seg.nrrd").read_bytes().replace(b"Segment1_Name:=b", b"Segment1_Name:=a")
    (tmp_path / "y.seg.nrrd").write_bytes(text)
    assert list(read_seg_nrrd(tmp_path / "y.seg.nrrd")) == ["a", "a (Segment_2)"]


def test_bad_files(tmp_path):
    grid = series_grid()
    mask = blob(grid, 1)
    write_nrrd(Volume(mask.array.astype(np.uint8), grid.affine), tmp_path / "plain.nrrd")
    with pytest.raises(ImagingError, match="no segments"):
        read_seg_nrrd(tmp_path / "plain.nrrd")
    write_seg_nrrd({"a": mask}, tmp_path / "x.seg.nrrd")
    good = (tmp_path / "x.seg.nrrd").read_bytes()
    for old, new, word in (
        (b"Segment0_Layer:=0", b"Segment0_Layer:=7", "layer 7"),
        (b"Segment0_LabelValue:=1", b"Segment0_LabelValue:=x", "not a number"),
        (b"SourceRepresentation:=Binary", b"SourceRepresentation:=Fractional", "Fractional"),
    ):
        (tmp_path / "bad.seg.nrrd").write_bytes(good.replace(old, new))
        with pytest.raises(ImagingError, match=word):
            read_seg_nrrd(tmp_path / "bad.seg.nrrd")
    with pytest.raises(MaskError, match="empty"):
        write_seg_nrrd({"a": mask.on(np.zeros(grid.shape, bool))}, tmp_path / "e.seg.nrrd")
    with pytest.raises(ImagingError, match="ending"):
        write_seg_nrrd({"a": mask}, tmp_path / "x.nrrd")
