import gzip

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.errors import GeometryError, ImagingError
from locoregional.imaging.nrrd import read_nrrd, read_nrrd_raw, write_nrrd, write_nrrd_raw
from locoregional.imaging.volume import Volume

HEADER = {
    "space": "left-posterior-superior",
    "space directions": np.array([[0.5, 0, 0], [0, 0.6, 0.1], [0, -0.3, 2.0]]),
    "space origin": np.array([10.0, -20.0, 30.0]),
}
ARRAY = np.arange(60, dtype=np.int16).reshape(3, 4, 5)


@given(st.integers(0, 10**6), st.sampled_from(["int16", "uint8", "float32", "float64", "int64", "bool"]))
@settings(max_examples=40, deadline=None)
def test_what_we_write_pynrrd_reads(tmp_path_factory, seed, dtype):
    generator = np.random.default_rng(seed)
    affine = np.eye(4)
    turned, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    sheared = np.eye(3) + np.triu(generator.uniform(-0.5, 0.5, (3, 3)), 1)  # oblique, and never so flat that axes are parallel
    affine[:3, :3] = turned @ sheared * generator.uniform(0.3, 5.0, 3)
    affine[:3, 3] = 200 * generator.normal(size=3)
    path = tmp_path_factory.mktemp("n") / "x.nrrd"
    volume = Volume((ARRAY % 2 if dtype == "bool" else ARRAY).astype(dtype), affine)
    write_nrrd(volume, path)
    array, header = nrrd.read(str(path), index_order="C")
    np.testing.assert_array_equal(array, volume.array)
    np.testing.assert_array_equal(header["space directions"], affine[:3, [2, 1, 0]].T)
    back = read_nrrd(path)
    np.testing.assert_array_equal(back.array, volume.array)
    np.testing.assert_array_equal(back.affine, affine)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
@pytest.mark.parametrize("detached", [False, True])
def test_what_pynrrd_writes_we_read(tmp_path, encoding, detached):
    path = tmp_path / ("x.nhdr" if detached else "x.nrrd")
    nrrd.write(str(path), ARRAY, {**HEADER, "encoding": encoding}, index_order="C", detached_header=detached)
    volume = read_nrrd(path)
    np.testing.assert_array_equal(volume.array, ARRAY)
    np.testing.assert_array_equal(volume.affine[:3, :3], HEADER["space directions"].T[:, ::-1])


@pytest.mark.parametrize(
    ("space", "signs"),
    [("left-posterior-superior", (1, 1, 1)), ("RAS", (-1, -1, 1)), ("left-anterior-superior", (1, -1, 1)), ("LPS", (1, 1, 1))],
)
def test_left_stays_left_in_every_space(tmp_path, space, signs):
    nrrd.write(str(tmp_path / "x.nrrd"), ARRAY, {**HEADER, "space": space}, index_order="C")
    volume = read_nrrd(tmp_path / "x.nrrd")
    np.testing.assert_allclose(volume.affine[:3, 3], np.array(signs) * HEADER["space origin"])
    if space != "LPS":  # SimpleITK wants perpendicular axes to tell the same
        nrrd.write(
            str(tmp_path / "y.nrrd"), ARRAY, {**HEADER, "space": space, "space directions": np.diag([1.0, 2, 3])}, index_order="C"
        )
        image = sitk.ReadImage(str(tmp_path / "y.nrrd"))
        for index in [(4, 0, 0), (0, 3, 0), (0, 0, 2)]:
            np.testing.assert_allclose(
                read_nrrd(tmp_path / "y.nrrd").grid.to_lps(index[::-1]), image.TransformIndexToPhysicalPoint(index)
            )


def test_unknown_place_is_refused(tmp_path):
    nrrd.write(str(tmp_path / "a.nrrd"), ARRAY, {"spacings": [1, 1, 1]}, index_order="C")
    nrrd.write(str(tmp_path / "b.nrrd"), ARRAY, {**HEADER, "space": "scanner-xyz"}, index_order="C")
    nrrd.write(str(tmp_path / "c.nrrd"), ARRAY, {**HEADER, "space units": ["furlong"] * 3}, index_order="C")
    for name in "ab":
        with pytest.raises(GeometryError, match="where the voxels are"):
            read_nrrd(tmp_path / f"{name}.nrrd")
    with pytest.raises(GeometryError, match="furlong"):
        read_nrrd(tmp_path / "c.nrrd")


def test_list_of_data_files(tmp_path):
    for number, plane in enumerate(ARRAY):
        (tmp_path / f"s{number}.raw").write_bytes(plane.astype(">i2").tobytes())
    lines = "NRRD0004\ntype: short\ndimension: 3\nsizes: 5 4 3\nendian: big\nencoding: raw\nspace: LPS\n# a word\n"
    lines += "space directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\n"
    (tmp_path / "list.nhdr").write_text(lines + "data file: LIST\ns0.raw\ns1.raw\ns2.raw\n")
    (tmp_path / "pattern.nhdr").write_text(lines + "data file: s%d.raw 0 2 1\n")
    for name in ("list", "pattern"):
        np.testing.assert_array_equal(read_nrrd(tmp_path / f"{name}.nhdr").array, ARRAY)
    (tmp_path / "s1.raw").unlink()
    with pytest.raises(ImagingError, match=r"s1\.raw"):
        read_nrrd(tmp_path / "list.nhdr")


def test_pairs_and_layers_round_trip(tmp_path):
    layers = np.arange(2 * 3 * 4 * 2, dtype=np.uint8).reshape(2, 3, 4, 2)
    fields = {
        "space": "left-posterior-superior",
        "kinds": "list domain domain domain",
        "space directions": "none (1,0,0) (0,1,0) (0,0,1)",
        "space origin": "(0,0,0)",
    }
    write_nrrd_raw(layers, tmp_path / "x.seg.nrrd", fields=fields, pairs={"Segment0_Name": "Tumour: left", "Segment0_Layer": "1"})
    header, array = read_nrrd_raw(tmp_path / "x.seg.nrrd")
    np.testing.assert_array_equal(array, layers)
    assert header["Segment0_Name"] == "Tumour: left"
    assert header["kinds"] == ("list", "domain", "domain", "domain")
    with pytest.raises(ImagingError, match="segmentation with several layers"):
        read_nrrd(tmp_path / "x.seg.nrrd")


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
def test_truncated_at_any_byte(tmp_path, encoding):
    nrrd.write(str(tmp_path / "x.nrrd"), ARRAY, {**HEADER, "encoding": encoding}, index_order="C")
    data = (tmp_path / "x.nrrd").read_bytes()
    for stop in [*range(0, len(data) - 8, 17), len(data) - 9, len(data) - 1]:
        (tmp_path / "x.nrrd").write_bytes(data[:stop])
        with pytest.raises(ImagingError):
            read_nrrd(tmp_path / "x.nrrd")


def test_damaged_headers_never_crash(tmp_path):
    nrrd.write(str(tmp_path / "x.nrrd"), ARRAY, HEADER, index_order="C")
    data = (tmp_path / "x.nrrd").read_bytes()
    generator = np.random.default_rng(2)
    for _ in range(400):
        raw = bytearray(data)
        for position in generator.integers(0, data.index(b"\n\n") + 4, 3):
            raw[position] = generator.integers(256)
        (tmp_path / "bad.nrrd").write_bytes(raw)
        try:
            volume = read_nrrd(tmp_path / "bad.nrrd")
        except ImagingError:
            continue
        assert np.isfinite(volume.affine).all()


def test_nan_and_damage(tmp_path):
    array = ARRAY.astype(np.float32)
    array[0, 0, 0] = np.nan
    nrrd.write(str(tmp_path / "x.nrrd"), array, HEADER, index_order="C")
    with pytest.raises(ImagingError, match="1 of 60 voxels"):
        read_nrrd(tmp_path / "x.nrrd")
    assert read_nrrd(tmp_path / "x.nrrd", nonfinite="zero").array[0, 0, 0] == 0
    head = (tmp_path / "x.nrrd").read_bytes().partition(b"\n\n")[0]
    (tmp_path / "y.nrrd").write_bytes(head + b"\n\n" + gzip.compress(array.tobytes())[:-30] + b"x" * 30)
    with pytest.raises(ImagingError, match="damaged"):
        read_nrrd(tmp_path / "y.nrrd")


def test_real_images_agree_with_simpleitk(shared_data):
    for path in (
        shared_data / "y90-maa-spect" / "patient_2_SPECT.nrrd",
        shared_data / "dicom-conformance/dcmqi/paramaps/pm-example-float.nrrd",
    ):
        volume, image = read_nrrd(path), sitk.ReadImage(str(path))
        np.testing.assert_array_equal(volume.array, sitk.GetArrayFromImage(image))
        corner = tuple(n - 1 for n in image.GetSize())
        np.testing.assert_allclose(volume.grid.to_lps(corner[::-1]), image.TransformIndexToPhysicalPoint(corner), atol=1e-9)
