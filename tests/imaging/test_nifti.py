import gzip

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import GeometryError, ImagingError
from locoregional.imaging.nifti import read_nifti, write_nifti
from locoregional.imaging.volume import Grid, Volume

TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@st.composite
def affines(draw, sheared=True):
    """Any orientation: rotation, flips, permutation by rotation, anisotropic sides, shear."""
    rotation, _ = np.linalg.qr(np.random.default_rng(draw(st.integers(0, 10**6))).normal(size=(3, 3)))
    sides = np.array([draw(st.floats(0.3, 8.0)) for _ in range(3)])
    affine = np.eye(4)
    affine[:3, :3] = rotation * sides
    if sheared and draw(st.booleans()):
        affine[:3, 0] += affine[:3, 1] / sides[1] * sides[0] * draw(st.floats(-0.5, 0.5))
    affine[:3, 3] = [draw(st.floats(-500, 500)) for _ in range(3)]
    return affine


def asymmetric() -> Volume:
    """A box with one bright voxel on the patient's left, in front, at the head end."""
    grid = Grid.regular((4, 5, 6), spacing_mm=(5, 2, 1), origin_lps_mm=(-2.5, -4, -7.5))
    array = np.zeros(grid.shape, np.int16)
    array[3, 0, 5] = 7
    return Volume(array, grid.affine, unit="HU", modality="CT")


def test_left_stays_left(tmp_path):
    write_nifti(asymmetric(), tmp_path / "a.nii.gz")
    image = nib.load(tmp_path / "a.nii.gz")
    index = np.argwhere(np.asarray(image.dataobj) == 7)[0]
    right, front, head = nib.affines.apply_affine(image.affine, index)
    assert right == -2.5  # the left side is negative in RAS
    assert front == 4
    assert head == 7.5
    assert nib.aff2axcodes(image.affine) == ("L", "P", "S")


@given(affines(), st.sampled_from(["int16", "uint8", "int32", "float32", "float64", "uint16", "bool"]))
@settings(max_examples=60, deadline=None)
def test_what_we_write_nibabel_reads(tmp_path_factory, affine, dtype):
    array = (np.arange(2 * 3 * 4).reshape(2, 3, 4) % 2 if dtype == "bool" else np.arange(24).reshape(2, 3, 4)).astype(dtype)
    path = tmp_path_factory.mktemp("n") / "x.nii"
    write_nifti(Volume(array, affine), path)
    image = nib.load(path)
    np.testing.assert_array_equal(np.asarray(image.dataobj), array.transpose(2, 1, 0))
    np.testing.assert_allclose(TO_RAS @ image.affine, affine[:, [2, 1, 0, 3]], atol=1e-4)
    quaternion, code = image.get_qform(coded=True)
    if code:
        np.testing.assert_allclose(quaternion, image.affine, atol=2e-3)
    back = read_nifti(path)
    np.testing.assert_array_equal(back.array, array)
    np.testing.assert_allclose(back.affine, affine, atol=1e-4)


@given(affines(sheared=False), st.booleans(), st.sampled_from([nib.Nifti1Image, nib.Nifti2Image]))
@settings(max_examples=40, deadline=None)
def test_what_nibabel_writes_we_read(tmp_path_factory, affine, only_qform, kind):
    array = np.arange(24, dtype=np.int16).reshape(4, 3, 2)
    image = kind(array, affine)
    if only_qform:
        image.set_qform(affine, 1)
        image.set_sform(None, 0)
    image.header.set_xyzt_units("mm")
    path = tmp_path_factory.mktemp("n") / "x.nii.gz"
    nib.save(image, path)
    volume = read_nifti(path)
    np.testing.assert_array_equal(volume.array, array.transpose(2, 1, 0))
    np.testing.assert_allclose(volume.affine, (TO_RAS @ nib.load(path).affine)[:, [2, 1, 0, 3]], atol=1e-4)
    assert volume.assumed == ()


def saved(tmp_path, array=None, affine=None, name="x.nii", **header):
    image = nib.Nifti1Image(np.zeros((4, 3, 2), np.int16) if array is None else array, np.eye(4) if affine is None else affine)
    image.header.set_xyzt_units(header.pop("unit", "mm"))
    if "qform" in header:
        image.set_qform(header.pop("qform"), 1)
    for key, value in header.items():
        image.header[key] = value
    nib.save(image, tmp_path / name)
    return tmp_path / name


def test_disagreeing_transforms_are_named(tmp_path):
    moved = np.eye(4)
    moved[0, 3] = 30.0
    volume = read_nifti(saved(tmp_path, qform=moved))
    assert volume.affine[0, 3] == 0
    assert any("disagree by up to 30.0 mm" in words for words in volume.assumed)
    assert read_nifti(tmp_path / "x.nii", prefer="qform").affine[0, 3] == -30


def test_mirrored_transforms_are_refused(tmp_path):
    path = saved(tmp_path, qform=np.diag([-1.0, 1, 1, 1]))
    with pytest.raises(GeometryError, match="mirror"):
        read_nifti(path)
    assert read_nifti(path, prefer="sform").affine[0, 2] == -1
    assert read_nifti(path, prefer="qform").affine[0, 2] == 1


def test_no_orientation_is_refused(tmp_path):
    path = saved(tmp_path)
    image = nib.load(path)
    image.header["sform_code"] = image.header["qform_code"] = 0
    raw = bytearray(path.read_bytes())
    raw[252:256] = b"\0\0\0\0"
    path.write_bytes(raw)
    with pytest.raises(GeometryError, match="which side is left"):
        read_nifti(path)


@pytest.mark.parametrize(("unit", "factor"), [("meter", 1000.0), ("micron", 0.001)])
def test_lengths_are_converted(tmp_path, unit, factor):
    volume = read_nifti(saved(tmp_path, affine=np.diag([2 / factor, 2 / factor, 5 / factor, 1]), unit=unit))
    np.testing.assert_allclose(volume.spacing_mm, [5, 2, 2], rtol=1e-6)
    assert any("converted" in words for words in volume.assumed)


def test_unknown_unit_is_noted_and_metres_marked_mm_are_refused(tmp_path):
    assert any("millimetres were assumed" in words for words in read_nifti(saved(tmp_path, unit="unknown")).assumed)
    with pytest.raises(GeometryError, match="not those of a body scan"):
        read_nifti(saved(tmp_path, affine=np.diag([0.002, 0.002, 0.005, 1])))


def test_time_points(tmp_path):
    assert read_nifti(saved(tmp_path, np.ones((4, 3, 2, 1), np.int16))).shape == (2, 3, 4)
    with pytest.raises(ImagingError, match="several time points"):
        read_nifti(saved(tmp_path, np.ones((4, 3, 2, 5), np.int16)))


def test_nan_is_counted(tmp_path):
    array = np.zeros((4, 3, 2), np.float32)
    array[0, 0, 0], array[1, 0, 0] = np.nan, np.inf
    path = saved(tmp_path, array)
    with pytest.raises(ImagingError, match="2 of 24 voxels"):
        read_nifti(path)
    volume = read_nifti(path, nonfinite="zero")
    assert volume.array.sum() == 0
    assert "2 NaN" in volume.assumed[0]


def test_whole_scale_stays_exact(tmp_path):
    image = nib.Nifti1Image(np.arange(24, dtype=np.uint16).reshape(4, 3, 2), np.eye(4))
    image.header.set_slope_inter(2, -1024)
    nib.save(image, tmp_path / "s.nii")
    raw = bytearray((tmp_path / "s.nii").read_bytes())
    raw[112:120] = np.array([2, -1024], "<f4").tobytes()
    (tmp_path / "s.nii").write_bytes(raw)
    volume, expected = read_nifti(tmp_path / "s.nii"), np.asarray(nib.load(tmp_path / "s.nii").dataobj)
    assert volume.array.dtype == np.int16
    np.testing.assert_array_equal(volume.array, expected.transpose(2, 1, 0))


def test_big_endian_and_pairs(tmp_path):
    array = np.arange(24, dtype=np.int16).reshape(4, 3, 2)
    header = nib.Nifti1Header(endianness=">")
    image = nib.Nifti1Image(array, np.diag([1.0, 2, 3, 1]), header)
    nib.save(image, tmp_path / "big.nii")
    np.testing.assert_array_equal(read_nifti(tmp_path / "big.nii").array, array.T)
    nib.save(nib.Nifti1Pair(array, np.diag([1.0, 2, 3, 1])), tmp_path / "pair.hdr")
    for name in ("pair.hdr", "pair.img"):
        np.testing.assert_array_equal(read_nifti(tmp_path / name).array, array.T)


@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz"])
def test_truncated_at_any_byte(tmp_path, name):
    data = saved(tmp_path, np.random.default_rng(0).integers(0, 999, (9, 8, 7)).astype(np.int16), name=name).read_bytes()
    for stop in [*range(0, len(data) - 8, 53), len(data) - 9, len(data) - 1]:
        (tmp_path / name).write_bytes(data[:stop])
        with pytest.raises(ImagingError):
            read_nifti(tmp_path / name)


def test_damaged_headers_never_crash(tmp_path):
    data = saved(tmp_path, np.ones((5, 4, 3), np.int16)).read_bytes()
    generator = np.random.default_rng(1)
    for _ in range(400):
        raw = bytearray(data)
        for position in generator.integers(0, 352, 3):
            raw[position] = generator.integers(256)
        (tmp_path / "bad.nii").write_bytes(raw)
        try:
            volume = read_nifti(tmp_path / "bad.nii")
        except ImagingError:
            continue
        assert np.isfinite(volume.array).all()
        assert np.isfinite(volume.affine).all()


def test_other_files_are_refused(tmp_path):
    (tmp_path / "a.nii").write_bytes(b"hello" * 200)
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(b"hello" * 200))
    for name in ("a.nii", "b.nii.gz"):
        with pytest.raises(ImagingError, match="not a NIfTI"):
            read_nifti(tmp_path / name)
    analyze = nib.AnalyzeImage(np.ones((4, 3, 2), np.int16), np.eye(4))
    nib.save(analyze, tmp_path / "c.hdr")
    with pytest.raises(ImagingError, match="ANALYZE"):
        read_nifti(tmp_path / "c.hdr")
    colour = np.zeros((2, 2, 2), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    nib.save(nib.Nifti1Image(colour, np.eye(4)), tmp_path / "d.nii")
    with pytest.raises(ImagingError, match="RGB"):
        read_nifti(tmp_path / "d.nii")


def test_nothing_is_overwritten(tmp_path):
    write_nifti(asymmetric(), tmp_path / "a.nii.gz")
    before = (tmp_path / "a.nii.gz").read_bytes()
    with pytest.raises(ImagingError, match="exists"):
        write_nifti(asymmetric(), tmp_path / "a.nii.gz")
    write_nifti(asymmetric(), tmp_path / "a.nii.gz", overwrite=True)
    assert (tmp_path / "a.nii.gz").read_bytes() == before
    with pytest.raises(ImagingError):
        write_nifti(Volume(np.ones((2, 2, 2), complex), np.eye(4)), tmp_path / "c.nii")
    assert [path.name for path in tmp_path.iterdir()] == ["a.nii.gz"]


def test_real_images_agree_with_nibabel(shared_data):
    for path in sorted((shared_data / "spine-ct").glob("*.nii.gz")):
        image, volume = nib.load(path), read_nifti(path)
        np.testing.assert_array_equal(volume.array, np.asanyarray(image.dataobj).T)
        np.testing.assert_allclose(volume.affine, (TO_RAS @ image.affine)[:, [2, 1, 0, 3]], atol=1e-9)
