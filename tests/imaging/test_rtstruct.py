"""Contours to masks and back, against exact areas and volumes."""

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_making import SPACE, ball, blob, series, series_grid
from scipy.spatial.transform import Rotation

from locoregional.errors import DicomError, GeometryError, MaskError
from locoregional.imaging.contours import contours_to_occupancy
from locoregional.imaging.dicom_volume import read_series
from locoregional.imaging.outline import outlines
from locoregional.imaging.polygon import SCANLINES, polygon_occupancy
from locoregional.imaging.rtstruct import LOSSY, read_rois, read_rtstruct
from locoregional.imaging.rtstruct_write import write_rtstruct
from locoregional.imaging.volume import Grid, Volume


def area(ring):
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    corners=st.integers(3, 12),
    centre=st.tuples(st.floats(18, 22), st.floats(18, 22)),
)
def test_occupancy_of_a_star_polygon_sums_to_its_area(seed, corners, centre):
    rng = np.random.default_rng(seed)
    # gaps below half a turn keep the star around its centre, so it cannot cross itself
    angle = 2 * np.pi * (np.arange(corners) + rng.uniform(0, 0.4, corners)) / corners
    ring = np.array(centre) + (rng.uniform(3, 15, corners) * np.array([np.sin(angle), np.cos(angle)])).T
    filled = polygon_occupancy([ring], (40, 40))
    assert filled.min() >= 0
    assert filled.max() <= 1
    # an edge along the rows is off by half a scanline at most
    edges = np.abs(np.roll(ring[:, 1], -1) - ring[:, 1]).sum()
    assert filled.sum() == pytest.approx(area(ring), abs=edges / (2 * SCANLINES))


def test_occupancy_of_a_box_is_exact_in_each_pixel():
    box = np.array([[1.5, 2.25], [1.5, 5.0], [4.0, 5.0], [4.0, 2.25]])
    filled = polygon_occupancy([box], (6, 8))
    expected = np.zeros((6, 8))
    expected[2:4, 2:6] = [0.25, 1, 1, 0.5]
    expected[4, 2:6] = 0.5 * np.array([0.25, 1, 1, 0.5])
    np.testing.assert_allclose(filled, expected, atol=1e-6)


def test_polygon_beyond_the_image_is_cut():
    filled = polygon_occupancy([np.array([[-5.0, -5.0], [-5.0, 20.0], [20.0, 20.0], [20.0, -5.0]])], (6, 8))
    np.testing.assert_array_equal(filled, 1)


def test_holes_nested_and_by_keyhole_are_the_same():
    outer = np.array([[2.0, 2.0], [2.0, 18.0], [18.0, 18.0], [18.0, 2.0]])
    inner = np.array([[8.0, 8.0], [8.0, 12.0], [12.0, 12.0], [12.0, 8.0]])
    keyhole = np.concatenate([outer, outer[:1], inner, inner[:1]])
    nested, joined = polygon_occupancy([outer, inner], (20, 20)), polygon_occupancy([keyhole], (20, 20))
    np.testing.assert_allclose(nested, joined, atol=1e-6)
    assert nested.sum() == pytest.approx(16 * 16 - 4 * 4, abs=1e-3)


def test_outlines_give_one_ring_per_island_with_holes_joined():
    plane = np.zeros((20, 30), bool)
    plane[2:12, 2:12] = True
    plane[4:7, 4:7] = False
    plane[8:10, 8:10] = False
    plane[5:8, 20:25] = True
    rings = outlines(plane)
    assert len(rings) == 2
    np.testing.assert_array_equal(polygon_occupancy(rings, plane.shape) >= 0.5 - 1e-6, plane)


def circles(grid, centre, radius, heights, hole=0.0, turn=None, corners=180):
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    turn = np.eye(3) if turn is None else turn
    rings = []
    for h in heights:
        for size in (radius, hole):
            r2 = size**2 - h**2
            if r2 > 0.01:
                flat = np.column_stack([np.sqrt(r2) * np.cos(angle), np.sqrt(r2) * np.sin(angle), np.full(corners, h)])
                rings.append(np.asarray(centre) + flat @ turn.T)
    return rings


@pytest.mark.parametrize(
    ("slice_mm", "contour_mm", "hole", "noted"),
    [
        (2.0, 2.0, 0.0, ""),
        (2.0, 2.0, 8.0, ""),
        (1.0, 3.0, 0.0, "interpolated"),
        (3.0, 1.0, 8.0, ""),
        (2.0, 3.0, 0.0, "interpolated"),
    ],
)
def test_sphere_keeps_its_volume(slice_mm, contour_mm, hole, noted):
    grid = Grid.regular((int(60 / slice_mm), 70, 70), spacing_mm=(slice_mm, 0.9, 0.8), origin_lps_mm=(-28, -31, -29.3))
    heights = np.arange(-21, 21 + 1e-9, contour_mm)
    filled, notes = contours_to_occupancy(circles(grid, (0.3, -0.4, 0.1), 20.0, heights, hole), grid)
    exact_ml = 4 / 3 * np.pi * (20.0**3 - hole**3) / 1000
    assert filled.sum() * grid.voxel_ml == pytest.approx(exact_ml, rel=0.01)
    assert (filled >= 0.5).sum() * grid.voxel_ml == pytest.approx(exact_ml, rel=0.012)
    assert (noted in " ".join(notes)) if noted else notes == ()


def test_oblique_contours_keep_volume_and_place():
    grid = Grid.regular((30, 60, 60), spacing_mm=(2.0, 1.0, 1.0), origin_lps_mm=(-30, -30, -29))
    turn = Rotation.from_euler("xyz", [25, -15, 10], degrees=True).as_matrix()
    rings = circles(grid, (1.0, 2.0, -1.5), 18.0, np.arange(-18, 18.1, 1.5), turn=turn)
    filled, notes = contours_to_occupancy(rings, grid)
    assert "oblique" in " ".join(notes)
    assert filled.sum() * grid.voxel_ml == pytest.approx(4 / 3 * np.pi * 18.0**3 / 1000, rel=0.01)
    centre = grid.to_lps(np.argwhere(filled > 0.5)).mean(axis=0)
    np.testing.assert_allclose(centre, (1.0, 2.0, -1.5), atol=0.3)


def test_contour_off_its_plane_is_refused():
    grid = series_grid()
    ring = np.array([[0, 0, 10.0], [5, 0, 10.0], [5, 5, 18.0], [0, 5, 10.0]])
    with pytest.raises(GeometryError, match="plane"):
        contours_to_occupancy([ring], grid)


def test_a_contour_drawn_twice_counts_once():
    grid = series_grid()
    ring = circles(grid, (0, -8, 10.0), 5.0, [0.0])
    once, twice = contours_to_occupancy(ring, grid)[0], contours_to_occupancy([*ring, *ring], grid)[0]
    np.testing.assert_array_equal(once, twice)


@pytest.fixture(scope="module")
def ct(tmp_path_factory):
    return series(tmp_path_factory.mktemp("rt") / "ct", shape=(20, 64, 64))


def test_round_trip_of_organs_is_exact_to_the_voxel(shared_data, tmp_path):
    from locoregional.imaging.masks import read_masks

    folder = shared_data / "ct-abdomen-totalseg"
    image = read_series(folder / "dicom20")
    masks = read_masks(folder / "example_seg_dicom.nii.gz", class_map="totalsegmentator_total", onto=image)
    masks = {name: masks[name] for name in ("liver", "aorta", "vertebrae_T12", "rib_left_7")}
    notes = write_rtstruct(masks, tmp_path / "x.dcm", source=folder / "dicom20")
    assert "lossy" in notes[0]
    back = read_rtstruct(tmp_path / "x.dcm", onto=image)
    for name, mask in masks.items():
        np.testing.assert_array_equal(back[name].array, mask.array)
        assert LOSSY in back[name].assumed


def test_round_trip_of_a_shell_and_of_noise(ct, tmp_path):
    grid = series_grid((20, 64, 64))
    centre = grid.to_lps([9.5, 31.0, 30.0])
    shell = ball(grid, centre, 17.0) & ~ball(grid, centre, 8.0)
    noise = blob(grid, 3)
    write_rtstruct({"shell": Volume(shell, grid.affine), "lesion": noise}, tmp_path / "x.dcm", source=ct)
    back = read_rtstruct(tmp_path / "x.dcm", onto=Volume(shell, grid.affine, frame_of_reference=SPACE))
    np.testing.assert_array_equal(back["shell"].array, shell)
    assert (back["lesion"].array != noise.array).sum() <= 0.002 * noise.array.sum()


def test_written_file_as_raw_dicom(ct, tmp_path):
    grid = series_grid((20, 64, 64))
    mask = np.zeros(grid.shape, bool)
    mask[4:6, 10:20, 12:30] = True
    mask[4, 14:16, 16:18] = False
    write_rtstruct({"liver": Volume(mask, grid.affine)}, tmp_path / "x.dcm", source=ct)
    raw = pydicom.dcmread(tmp_path / "x.dcm")
    assert (raw.Modality, raw.ApprovalStatus, raw.StudyInstanceUID) == ("RTSTRUCT", "UNAPPROVED", "1.2.3.4")
    assert raw.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID == SPACE
    uids = {str(pydicom.dcmread(f).SOPInstanceUID): f for f in ct.iterdir()}
    rings = raw.ROIContourSequence[0].ContourSequence
    assert len(rings) == 2, "the hole is joined to its outline by a keyhole"
    for ring, k, pixels in zip(rings, (4, 5), (10 * 18 - 4, 10 * 18), strict=True):
        points = np.array(ring.ContourData, float).reshape(-1, 3)
        assert ring.NumberOfContourPoints == len(points)
        assert ring.ContourGeometricType == "CLOSED_PLANAR"
        np.testing.assert_allclose(points[:, 2], 5.0 + 2.5 * k)
        slice_ = pydicom.dcmread(uids[ring.ContourImageSequence[0].ReferencedSOPInstanceUID])
        assert float(slice_.ImagePositionPatient[2]) == 5.0 + 2.5 * k
        assert area(points[:, :2]) == pytest.approx(pixels * 0.8 * 0.7, abs=1.1 * 0.8 * 0.7)


def test_mask_on_another_grid_is_resampled_and_says_so(ct, tmp_path):
    fine = Grid.regular((40, 40, 40), spacing_mm=1.0, origin_lps_mm=(-5, -15, 8))
    mask = Volume(ball(fine, (13, 5, 27), 12.0), fine.affine)
    notes = write_rtstruct({"zone": mask}, tmp_path / "x.dcm", source=ct)
    assert any("resampled" in n for n in notes)
    back = read_rtstruct(tmp_path / "x.dcm", onto=series_grid((20, 64, 64)))["zone"]
    assert back.array.sum() * back.grid.voxel_ml == pytest.approx(4 / 3 * np.pi * 12**3 / 1000, rel=0.02)


def test_real_sarcoma_contours(shared_data):
    """The same tumour on three grids: its volume from the contours by shoelace, without our filling."""
    for name in ("CT", "PET", "MR_T1"):
        folder = shared_data / "sarcoma-petct-mr" / "cropped" / name
        image = read_series(folder / "image")
        structures = read_rtstruct(folder / "mask" / "RS.dcm", onto=image)
        (roi,) = structures.rois
        exact_ml = sum(area(c[:, :2]) for c in roi.contours) * 3.27 / 1000
        mask = structures[roi.name]
        assert mask.array.sum() * mask.grid.voxel_ml == pytest.approx(exact_ml, rel=0.01)


def test_breast_structures_of_a_planning_system(shared_data):
    """Volumes by shoelace at 3 mm spacing, filled on a grid of our own; structures without holes agree."""
    path = shared_data / "dicom-conformance" / "dicompyler" / "rtss.dcm"
    rois = {r.name: r for r in read_rois(path)}
    assert rois["Areola"].contours == ()
    for name in ("Heart", "Tumor Bed", "Breast"):
        points = np.concatenate(rois[name].contours)
        low, high = points.min(axis=0), points.max(axis=0)
        shape = np.ceil((high - low)[::-1] / (3, 1, 1)).astype(int)
        grid = Grid.regular((shape[0] + 1, shape[1] + 4, shape[2] + 4), spacing_mm=(3, 1, 1), origin_lps_mm=low - (2, 2, 0))
        mask = read_rtstruct(path, onto=grid)[name]
        exact_ml = sum(area(c[:, :2]) for c in rois[name].contours) * 3 / 1000
        assert mask.array.sum() * grid.voxel_ml == pytest.approx(exact_ml, rel=0.01)


def test_points_are_listed_but_fill_nothing(shared_data):
    path = shared_data / "dicom-conformance" / "pydicom" / "rtstruct.dcm"
    structures = read_rtstruct(path, onto=Grid.regular((4, 9, 9), spacing_mm=1))
    assert list(structures) == ["patient"]
    assert [r.other[0][0] for r in structures.rois if r.other] == ["POINT", "POINT"]


def test_frames_of_reference(shared_data, tmp_path):
    folder = shared_data / "dicom-conformance" / "rt-utils"
    image = read_series([folder / "mock_data_ct_1.dcm", folder / "mock_data_ct_2.dcm"])
    with pytest.raises(GeometryError, match="frames of reference"):
        read_rtstruct(folder / "mock_data_rt.dcm", onto=image)
    raw = pydicom.dcmread(folder / "mock_data_rt.dcm")
    del raw.ReferencedFrameOfReferenceSequence
    for roi in raw.StructureSetROISequence:
        del roi.ReferencedFrameOfReferenceUID
    raw.save_as(tmp_path / "lost.dcm")
    with pytest.raises(DicomError, match="names no frame of reference"):
        read_rtstruct(tmp_path / "lost.dcm", onto=image)


def test_bad_contours(ct, tmp_path):
    grid = series_grid((20, 64, 64))
    with pytest.raises(MaskError, match="empty"):
        write_rtstruct({"a": Volume(np.zeros(grid.shape, bool), grid.affine)}, tmp_path / "x.dcm", source=ct)
    write_rtstruct({"a": blob(grid, 1)}, tmp_path / "x.dcm", source=ct)
    raw = pydicom.dcmread(tmp_path / "x.dcm")
    raw.ROIContourSequence[0].ContourSequence[0].ContourData = [1.0, 2.0, 3.0, 4.0]
    raw.save_as(tmp_path / "bad.dcm")
    with pytest.raises(DicomError, match="triples"):
        read_rois(tmp_path / "bad.dcm")
    data = (tmp_path / "x.dcm").read_bytes()
    (tmp_path / "cut.dcm").write_bytes(data[: len(data) // 2])
    with pytest.raises(DicomError):
        read_rois(tmp_path / "cut.dcm")
    far = read_rtstruct(tmp_path / "x.dcm", onto=Grid.regular((4, 4, 4), spacing_mm=1, origin_lps_mm=(500, 500, 500)))["a"]
    assert not far.array.any()
    assert any("nothing of a lies in the image" in note for note in far.assumed)
