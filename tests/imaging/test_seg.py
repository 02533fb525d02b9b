"""DICOM SEG: files of other programs against their twins, our own against raw pydicom."""

import numpy as np
import pydicom
import pytest
from mask_making import SPACE, blob, grids, series, series_grid

from locoregional.errors import DicomError, GeometryError, ImagingError, MaskError
from locoregional.imaging.nrrd import read_nrrd
from locoregional.imaging.seg import read_seg
from locoregional.imaging.seg_codes import meaning_of
from locoregional.imaging.seg_write import write_seg
from locoregional.imaging.volume import Grid, Volume

DCMQI = "dicom-conformance/dcmqi/segmentations"


@pytest.fixture(scope="module")
def ct(tmp_path_factory):
    return series(tmp_path_factory.mktemp("seg") / "ct")


@pytest.mark.parametrize(
    ("dicom", "twin", "segment_of_label"),
    [
        ("liver.dcm", "liver_seg.nrrd", {1: 1}),
        ("partial_overlaps.dcm", "partial_overlaps-1.nrrd", {1: 1, 4: 4, 5: 5}),
        ("partial_overlaps.dcm", "partial_overlaps-2.nrrd", {2: 2}),
        ("partial_overlaps.dcm", "partial_overlaps-3.nrrd", {3: 3}),
        ("sparse-labelmap-noppv.dcm", "sparse_labelmap_noppv_seg.nrrd", {1: 1}),
        ("sparse-labelmap-ppv5.dcm", "sparse_labelmap_ppv5_seg.nrrd", {1: 1}),
        ("23x38x3/seg/label.seg", "23x38x3/nrrd/label.nrrd", {1: 1}),
        ("24x38x3/seg/label.seg", "24x38x3/nrrd/label.nrrd", {1: 1}),
    ],
)
def test_files_of_dcmqi_equal_their_twins(shared_data, dicom, twin, segment_of_label):
    truth = read_nrrd(shared_data / DCMQI / twin)
    seg = read_seg(shared_data / DCMQI / dicom, onto=truth.grid)
    for label, number in segment_of_label.items():
        assert (truth.array == label).any()
        np.testing.assert_array_equal(seg.mask(number).array, truth.array == label)
        assert seg.mask(number).assumed == ()


def test_overlapping_segments_overlap(shared_data):
    seg = read_seg(shared_data / "dicom-conformance/highdicom/seg_image_ct_binary_overlap.dcm")
    first, second = (seg.mask(n).array for n in (1, 2))
    assert (first & second).any()
    assert [s.label for s in seg.segments] == ["first segment", "second segment"]
    assert seg.segments[0].type == ("272673000", "SCT", "Bone")


def test_fractional_is_a_share(shared_data):
    path = shared_data / "dicom-conformance/highdicom/seg_image_ct_true_fractional.dcm"
    seg = read_seg(path)
    mask = seg.mask("first segment")
    assert seg.kind == "FRACTIONAL"
    assert seg.fraction == "PROBABILITY"
    assert mask.array.dtype == np.float32
    assert ((mask.array > 0) & (mask.array < 1)).any()
    raw = pydicom.dcmread(path)
    assert mask.array.sum() == pytest.approx(raw.pixel_array.sum() / raw.MaximumFractionalValue, rel=1e-6)


def test_background_of_a_labelmap_is_no_segment(shared_data):
    for name in ("sparse-labelmap-noppv.dcm", "sparse-labelmap-ppv5.dcm"):
        assert [s.label for s in read_seg(shared_data / DCMQI / name).segments] == ["Liver"]


def test_real_pet_segmentation_lies_where_its_planes_say(shared_data):
    path = shared_data / "pet-dicom-headneck/SEG/3DSlicer/tumor_User1_Manual_Trial1.dcm"
    seg, raw = read_seg(path), pydicom.dcmread(path)
    pixels = raw.pixel_array
    for segment in seg.segments:
        mask = seg.mask(segment.number)
        centre = mask.grid.to_lps(np.argwhere(mask.array)).mean(axis=0)
        points = []
        for frame, groups in zip(pixels, raw.PerFrameFunctionalGroupsSequence, strict=True):
            if groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber == segment.number:
                rows, columns = np.nonzero(frame)
                x, y, z = groups.PlanePositionSequence[0].ImagePositionPatient
                points.append(np.column_stack([x + 3.537818 * columns, y + 3.537818 * rows, np.full(len(rows), z)]))
        np.testing.assert_allclose(centre, np.concatenate(points).mean(axis=0), atol=1e-3)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("highdicom/seg_image_cr_binary.dcm", "place in the patient"),
        ("highdicom/seg_image_sm_control.dcm", "place in the patient"),
        ("highdicom/seg_image_sm_control_labelmap.dcm", "slide"),
        ("highdicom/seg_image_sm_dots_tiled_full.dcm", "slide"),
        ("pydicom/liver_1frame.dcm", "frame descriptions"),
        ("pydicom/liver_expb_1frame.dcm", "frame descriptions"),
        ("pydicom/CT_small.dcm", "no segmentation"),
        ("pydicom/rtstruct.dcm", "no segmentation"),
    ],
)
def test_what_cannot_be_read_says_why(shared_data, name, word):
    with pytest.raises(DicomError, match=word) as caught:
        read_seg(shared_data / "dicom-conformance" / name)
    assert name in str(caught.value)


@pytest.mark.parametrize("orientation", list(grids()))
def test_round_trip_is_exact_in_any_orientation(ct, tmp_path, orientation):
    grid = grids()[orientation]
    masks = {"liver": blob(grid, 1, empty_slice=3), "lesion 1": blob(grid, 2, empty_slice=3), "predicted zone": blob(grid, 3)}
    write_seg(masks, tmp_path / "x.dcm", source=ct)
    seg = read_seg(tmp_path / "x.dcm", onto=grid)
    assert [s.label for s in seg.segments] == list(masks)
    for name, mask in masks.items():
        back = seg.mask(name)
        assert back.array.dtype == bool
        np.testing.assert_array_equal(back.array, mask.array)
        assert back.assumed == ()


def test_single_segment_and_single_slice_round_trip(ct, tmp_path):
    grid = series_grid()
    array = np.zeros(grid.shape, bool)
    array[4, 3:9, 5:11] = True
    write_seg({"lesion": Volume(array, grid.affine)}, tmp_path / "x.dcm", source=ct)
    np.testing.assert_array_equal(read_seg(tmp_path / "x.dcm", onto=grid).mask(1).array, array)


def test_written_file_as_raw_dicom(ct, tmp_path):
    masks = {"liver": blob(series_grid(), 1), "lesion 1": blob(series_grid(), 2)}
    write_seg(masks, tmp_path / "x.dcm", source=ct, tracking_uids={"lesion 1": "1.2.3.99"})
    raw = pydicom.dcmread(tmp_path / "x.dcm")
    assert raw.SOPClassUID == "1.2.840.10008.5.1.4.1.1.66.4"
    assert (raw.SegmentationType, raw.BitsAllocated, raw.FrameOfReferenceUID) == ("BINARY", 1, SPACE)
    assert raw.StudyInstanceUID == "1.2.3.4"
    assert raw.SegmentSequence[1].TrackingUID == "1.2.3.99"
    # voxels counted and placed from the elements alone
    for number, mask in enumerate(masks.values(), start=1):
        found = set()
        for frame, groups in zip(raw.pixel_array, raw.PerFrameFunctionalGroupsSequence, strict=True):
            shared = raw.SharedFunctionalGroupsSequence[0]
            item = groups.get("SegmentIdentificationSequence") or shared.SegmentIdentificationSequence
            if item[0].ReferencedSegmentNumber == number:
                z = float(groups.PlanePositionSequence[0].ImagePositionPatient[2])
                found |= {(round(z, 3), int(r), int(c)) for r, c in np.argwhere(frame)}
        truth = {(round(5.0 + 2.5 * k, 3), int(r), int(c)) for k, r, c in np.argwhere(mask.array)}
        assert found == truth


def test_codes_are_in_the_dictionary():
    import tomllib
    from importlib import resources

    from pydicom.sr.codedict import codes

    tables = tomllib.loads(resources.files("locoregional.imaging").joinpath("class_maps.toml").read_text(encoding="utf-8"))
    assert set(tables["groups"]) <= set(tables["codes"])
    for words in tables["codes"].values():
        for word in words:
            space, keyword = ("DCM", word[4:]) if word.startswith("DCM:") else ("SCT", word)
            assert getattr(getattr(codes, space), keyword).value
    assert meaning_of("Rib left 3")[1] == codes.SCT.Bone
    assert meaning_of("lesion 2")[1] == codes.SCT.NeoplasmSecondary
    assert meaning_of("something else") == (codes.SCT.AnatomicalStructure, codes.SCT.AnatomicalStructure)


def test_refuses_what_would_mislead(ct, tmp_path):
    grid = series_grid()
    good, path = blob(grid, 1), tmp_path / "x.dcm"
    with pytest.raises(MaskError, match="empty"):
        write_seg({"a": good.on(np.zeros(grid.shape, bool))}, path, source=ct)
    with pytest.raises(MaskError, match="not boolean"):
        write_seg({"a": good.on(good.array.astype(float))}, path, source=ct)
    with pytest.raises(MaskError, match="no mask"):
        write_seg({}, path, source=ct)
    with pytest.raises(GeometryError, match="grids"):
        write_seg({"a": good, "b": blob(Grid.regular((4, 4, 4), spacing_mm=1), 1)}, path, source=ct)
    with pytest.raises(GeometryError, match="frames of reference"):
        write_seg({"a": Volume(good.array, grid.affine, frame_of_reference="1.9")}, path, source=ct)
    with pytest.raises(DicomError, match="no image"):
        write_seg({"a": good}, path, source=tmp_path)
    assert list(tmp_path.iterdir()) == []
    write_seg({"a": good}, path, source=ct)
    with pytest.raises(ImagingError, match="exists"):
        write_seg({"a": good}, path, source=ct)
    with pytest.raises(GeometryError, match="frames of reference"):
        read_seg(path, onto=Volume(good.array, grid.affine, frame_of_reference="1.9"))
    with pytest.raises(MaskError, match=r"1 a"):
        read_seg(path).mask("b")


def test_frames_in_any_order(ct, tmp_path):
    grid = series_grid()
    mask = blob(grid, 5)
    write_seg({"a": mask}, tmp_path / "x.dcm", source=ct)
    raw = pydicom.dcmread(tmp_path / "x.dcm")
    order = np.random.default_rng(0).permutation(int(raw.NumberOfFrames))
    pixels = raw.pixel_array[order]
    raw.PerFrameFunctionalGroupsSequence = [raw.PerFrameFunctionalGroupsSequence[int(k)] for k in order]
    raw.PixelData = np.packbits(pixels.ravel(), bitorder="little").tobytes()
    raw.save_as(tmp_path / "shuffled.dcm")
    np.testing.assert_array_equal(read_seg(tmp_path / "shuffled.dcm", onto=grid).mask(1).array, mask.array)


def test_uneven_planes_are_refused(ct, tmp_path):
    write_seg({"a": blob(series_grid(), 5)}, tmp_path / "x.dcm", source=ct)
    raw = pydicom.dcmread(tmp_path / "x.dcm")
    raw.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence[0].ImagePositionPatient[2] += 0.9
    raw.save_as(tmp_path / "uneven.dcm")
    with pytest.raises(GeometryError, match="evenly spaced"):
        read_seg(tmp_path / "uneven.dcm")


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_truncated_file_is_an_error(ct, tmp_path, cut):
    write_seg({"a": blob(series_grid(), 5)}, tmp_path / "x.dcm", source=ct)
    data = (tmp_path / "x.dcm").read_bytes()
    (tmp_path / "cut.dcm").write_bytes(data[: int(cut * len(data))])
    with pytest.raises(DicomError):
        read_seg(tmp_path / "cut.dcm").mask(1)
