"""One mask from any file."""

import numpy as np
import pytest
from mask_making import SPACE, blob, series, series_grid

from locoregional.errors import DicomError, GeometryError, ImagingError, MaskError
from locoregional.imaging.masks import mask_kind, read_mask, read_masks
from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.nrrd import write_nrrd
from locoregional.imaging.place import lattice_step, placed
from locoregional.imaging.rtstruct_write import write_rtstruct
from locoregional.imaging.seg_nrrd import write_seg_nrrd
from locoregional.imaging.seg_write import write_seg
from locoregional.imaging.volume import Grid, Volume

GRID = series_grid()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same mask in every format."""
    folder = tmp_path_factory.mktemp("masks")
    ct = series(folder / "ct")
    mask = blob(GRID, 4)
    # contours lose one-voxel details by design: give them a mask without
    full = mask.on(mask.array.copy())
    write_nifti(full, folder / "liver.nii.gz")
    write_nrrd(full, folder / "liver.nrrd")
    write_seg_nrrd({"liver": full}, folder / "liver.seg.nrrd")
    write_seg({"liver": full}, folder / "seg.dcm", source=ct)
    write_rtstruct({"liver": full}, folder / "rt.dcm", source=ct)
    (folder / "organs").mkdir()
    write_nifti(full, folder / "organs" / "liver.nii.gz")
    return folder, full


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("liver.nii.gz", "image"),
        ("liver.nrrd", "image"),
        ("liver.seg.nrrd", "seg.nrrd"),
        ("seg.dcm", "seg"),
        ("rt.dcm", "rtstruct"),
        ("organs", "folder"),
    ],
)
def test_every_format_gives_the_same_mask(files, name, kind):
    folder, truth = files
    assert mask_kind(folder / name) == kind
    mask = read_mask(folder / name, onto=truth)
    assert mask.array.dtype == bool
    assert mask.grid.same_as(GRID)
    differ = int((mask.array != truth.array).sum())
    assert differ == 0 if kind != "rtstruct" else differ <= 0.002 * truth.array.sum()
    named = read_mask(folder / name, label="liver", onto=truth)
    np.testing.assert_array_equal(named.array, mask.array)
    assert list(read_masks(folder / name, onto=truth)) == ["liver"]


def test_errors_say_what_to_do(files, tmp_path):
    folder, truth = files
    with pytest.raises(MaskError, match="image"):
        read_mask(folder / "rt.dcm")
    with pytest.raises(MaskError, match="holds: liver"):
        read_mask(folder / "seg.dcm", label="spleen")
    with pytest.raises(DicomError, match="modality CT"):
        read_mask(next((folder / "ct").iterdir()))
    with pytest.raises(ImagingError, match="does not exist"):
        read_mask(tmp_path / "x.nii.gz")
    (tmp_path / "x.dat").write_bytes(b"nothing" * 100)
    with pytest.raises(ImagingError, match="neither"):
        read_mask(tmp_path / "x.dat")
    with pytest.raises(GeometryError, match="frames of reference"):
        read_mask(folder / "seg.dcm", onto=Volume(truth.array, truth.affine, frame_of_reference="1.9"))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (np.zeros(GRID.shape, np.uint8), "empty"),
        (np.zeros(GRID.shape, np.float32), "empty"),
        (np.arange(np.prod(GRID.shape)).reshape(GRID.shape).astype(np.int16) % 4, "several labels: 1, 2, 3"),
        (np.linspace(-1000, 500, np.prod(GRID.shape)).reshape(GRID.shape).astype(np.int16), "not labels"),
        (np.linspace(0, 7.3, np.prod(GRID.shape)).reshape(GRID.shape).astype(np.float32), "not whole"),
        (np.full(GRID.shape, 0.2, np.float32), "empty"),
        (np.full(GRID.shape, np.nan, np.float32), "NaN"),
    ],
)
def test_what_is_no_mask_is_refused(tmp_path, value, word):
    write_nifti(Volume(value, GRID.affine), tmp_path / "x.nii.gz")
    with pytest.raises(ImagingError, match=word) as caught:
        read_mask(tmp_path / "x.nii.gz")
    assert "x.nii.gz" in str(caught.value)


def test_one_label_of_several(tmp_path):
    array = np.zeros(GRID.shape, np.uint8)
    array[2], array[3] = 5, 9
    write_nifti(Volume(array, GRID.affine), tmp_path / "x.nii.gz")
    np.testing.assert_array_equal(read_mask(tmp_path / "x.nii.gz", label=9).array, array == 9)
    np.testing.assert_array_equal(
        read_mask(tmp_path / "x.nii.gz", label="liver", class_map={5: "liver", 9: "zone"}).array, array == 5
    )
    with pytest.raises(MaskError, match="holds: 5, 9"):
        read_mask(tmp_path / "x.nii.gz", label=1)
    with pytest.raises(MaskError, match="class map"):
        read_mask(tmp_path / "x.nii.gz", label="liver")


def test_mask_of_255_and_fraction(tmp_path):
    mask = blob(GRID, 1).array
    write_nifti(Volume(mask.astype(np.uint8) * 255, GRID.affine), tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.nii.gz").array, mask)
    share = np.where(mask, 0.7, 0.3).astype(np.float32)
    write_nifti(Volume(share, GRID.affine), tmp_path / "b.nii.gz")
    found = read_mask(tmp_path / "b.nii.gz")
    np.testing.assert_array_equal(found.array, mask)
    assert "0.5" in found.assumed[-1]


def test_real_fractional_seg_states_its_threshold(shared_data):
    path = shared_data / "dicom-conformance/highdicom/seg_image_ct_true_fractional.dcm"
    mask = read_mask(path)
    assert mask.array.dtype == bool
    assert any("0.5" in note for note in mask.assumed)
    assert any("probability" in note for note in mask.assumed)


def test_placing_on_flipped_and_shifted_lattice_is_exact():
    mask = blob(GRID, 2)
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, :3] = GRID.affine[:3, [2, 0, 1]] * (-1, 1, -1)
    shape = (30, 12, 40)
    # voxel (25, 2, 35) of the new grid lies on voxel (0, 0, 0) of the old
    affine[:3, 3] = GRID.affine[:3, 3] - affine[:3, :3] @ (25, 2, 35)
    target = Grid(shape, affine)
    there = placed(mask, target)
    assert lattice_step(GRID, target) is not None
    assert there.assumed == ()
    assert there.array.sum() == mask.array.sum()
    lps = np.array(sorted(map(tuple, np.round(mask.grid.to_lps(np.argwhere(mask.array)), 6))))
    np.testing.assert_allclose(
        np.array(sorted(map(tuple, np.round(there.grid.to_lps(np.argwhere(there.array)), 6)))), lps, atol=1e-5
    )


def test_placing_elsewhere_says_what_it_did():
    mask = blob(GRID, 2)
    half = GRID.cropped((0, 0, 0), (4, 30, 24))
    cut = placed(mask, half)
    assert "cut" in cut.assumed[0]
    np.testing.assert_array_equal(cut.array, mask.array[:4])
    fine = Grid.regular((20, 40, 40), spacing_mm=0.61, origin_lps_mm=(-8, -15, 8.1))
    assert "resampled" in placed(mask, fine).assumed[0]
    with pytest.raises(MaskError, match="nothing of the mask"):
        placed(mask, Grid.regular((4, 4, 4), spacing_mm=(2.5, 0.8, 0.7), origin_lps_mm=(690, -20, 5)))
    assert placed(mask, Volume(mask.array, GRID.affine, frame_of_reference=SPACE)).assumed == ()


def test_resampling_keeps_the_volume_of_a_ball():
    coarse = Grid.regular((20, 40, 40), spacing_mm=(3.0, 1.0, 1.0), origin_lps_mm=(-20, -20, -29))
    from mask_making import ball

    mask = Volume(ball(coarse, (0, 0, 0), 15.0), coarse.affine)
    fine = Grid.regular((40, 45, 45), spacing_mm=0.93, origin_lps_mm=(-20, -20, -18))
    there = placed(mask, fine)
    assert there.array.sum() * fine.voxel_ml == pytest.approx(mask.array.sum() * coarse.voxel_ml, rel=0.02)


def test_a_mask_beyond_the_image_is_empty_among_many_and_an_error_alone(files):
    folder, _ = files
    far = Grid.regular((4, 4, 4), spacing_mm=(2.5, 0.8, 0.7), origin_lps_mm=(690, -20, 5))
    for name in ("seg.dcm", "liver.seg.nrrd", "rt.dcm"):
        mask = read_masks(folder / name, onto=far)["liver"]
        assert not mask.array.any()
        assert any("lies in the image" in note for note in mask.assumed)
        with pytest.raises(MaskError, match="lies in the image"):
            read_mask(folder / name, onto=far)


def test_damaged_files_give_errors_of_this_package(files, tmp_path):
    folder, truth = files
    rng = np.random.default_rng(0)
    outcomes = []
    for name in ("seg.dcm", "rt.dcm", "liver.seg.nrrd"):
        data = (folder / name).read_bytes()
        for trial in range(60):
            bad = bytearray(data[: rng.integers(1, len(data))] if trial % 3 == 0 else data)
            for place in rng.integers(0, len(bad), size=5):
                bad[place] = rng.integers(0, 256)
            (tmp_path / name).write_bytes(bad)
            try:
                masks = read_masks(tmp_path / name, onto=truth)
                outcomes.append([masks[m].array.any() for m in masks])
            except ImagingError as error:
                outcomes.append(str(error))
    explained = [o for o in outcomes if isinstance(o, str)]
    assert len(explained) > 60
    assert all(str(tmp_path) in o or "liver" in o for o in explained)


def test_every_conformance_file_is_read_or_explained(shared_data):
    """Nothing crashes; the 32 files that hold masks of a patient are read, all others say why not and name the file."""
    grid = Grid.regular((4, 6, 6), spacing_mm=3.0)
    read, explained = [], {}
    files = [p for p in sorted((shared_data / "dicom-conformance").rglob("*")) if p.is_file()]
    for path in files:
        try:
            masks = read_masks(path, onto=grid if path.name.endswith(("rt.dcm", "rtss.dcm", "rtstruct.dcm")) else None)
            read.append(path.name if len(masks) else "")
        except ImagingError as error:
            explained[path.name] = str(error)
    assert [name for name, words in explained.items() if name not in words] == []
    assert len(read) == 32
    assert not any(name.startswith(("pm-", "ct_", "CT_", "IMG", "sm_", "MR_")) for name in read)
