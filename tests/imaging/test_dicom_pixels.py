import contextlib

import numpy as np
import pydicom
import pytest
from dicom_making import PIXELS, ct_slice, save
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from locoregional.errors import DicomError, ImagingError
from locoregional.imaging.dicom_volume import read_series

BODY = np.linspace(-900, 1500, 48).astype(np.int16).reshape(6, 8)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
@pytest.mark.parametrize("dtype", [np.int16, np.uint16])
def test_compressed_pixels_come_back_exactly(tmp_path, syntax, dtype):
    generator = np.random.default_rng(3)
    pixels = generator.integers(0 if dtype == np.uint16 else -900, 3000, (64, 60)).astype(dtype)
    ds = ct_slice(pixels=pixels, RescaleIntercept=0)
    save(ds, tmp_path / "x")
    ds.compress(syntax, generate_instance_uid=False)
    volume = read_series(save(ds, tmp_path / "x"))
    np.testing.assert_array_equal(volume.array[0], pixels)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_native_syntaxes(tmp_path, syntax):
    ds = ct_slice(pixels=BODY, RescaleIntercept=0)
    ds.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        ds.PixelData = BODY.astype(">i2").tobytes()
    volume = read_series(save(ds, tmp_path / "x"))
    np.testing.assert_array_equal(volume.array[0], BODY)


@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
def test_without_file_meta_header(tmp_path, implicit, little):
    ds = ct_slice(pixels=BODY, RescaleIntercept=0)
    del ds.file_meta
    ds.PixelData = BODY.astype("<i2" if little else ">i2").tobytes()
    ds.save_as(tmp_path / "bare", implicit_vr=implicit, little_endian=little, enforce_file_format=False)
    volume = read_series(tmp_path / "bare")
    np.testing.assert_array_equal(volume.array[0], BODY)
    assert any("names no transfer syntax" in words for words in volume.assumed)


def test_empty_class_is_taken_from_the_meta_header(tmp_path):
    ds = ct_slice(pixels=BODY)
    save(ds, tmp_path / "x")
    ds.SOPClassUID = ""
    ds.save_as(tmp_path / "x", enforce_file_format=False)
    assert any("SOPClassUID is empty" in words for words in read_series(tmp_path / "x").assumed)


def test_high_unused_bits_are_no_value(tmp_path):
    pixels = (np.arange(48, dtype=np.uint16) + 0x5000).reshape(6, 8)
    ds = ct_slice(pixels=pixels, BitsStored=12, HighBit=11, RescaleIntercept=0)
    np.testing.assert_array_equal(read_series(save(ds, tmp_path / "x")).array[0], pixels & 0x0FFF)


@pytest.mark.parametrize("padding", [-2000, 63536])
def test_declared_padding_becomes_air(tmp_path, padding):
    pixels = PIXELS.copy()
    pixels[:2] = -2000
    ds = ct_slice(pixels=pixels)
    ds.add_new("PixelPaddingValue", "SS" if padding < 0 else "US", padding)
    volume = read_series(save(ds, tmp_path / "x"))
    assert (volume.array[0, :2] == -1000).all()
    np.testing.assert_array_equal(volume.array[0, 2:], PIXELS[2:].astype(int) - 1024)
    assert any("16 voxels outside" in words for words in volume.assumed)


def test_undeclared_padding_and_padding_that_is_tissue(tmp_path):
    pixels = PIXELS.copy()
    pixels[0, 0] = -2000
    assert read_series(save(ct_slice(pixels=pixels), tmp_path / "x")).array[0, 0, 0] == -1000
    water = ct_slice(RescaleIntercept=0)
    water.add_new("PixelPaddingValue", "SS", 5)
    volume = read_series(save(water, tmp_path / "y"))
    assert volume.array[0, 0, 5] == 5
    assert any("tissue has it too" in words for words in volume.assumed)


def test_values_that_are_not_hu_have_no_unit(tmp_path):
    volume = read_series(save(ct_slice(RescaleType="US"), tmp_path / "x"))
    assert volume.unit == ""
    assert any("RescaleType US" in words for words in volume.assumed)


@pytest.mark.parametrize("missing", [1, 40, 96])
def test_truncated_pixels_name_the_bytes(tmp_path, missing):
    path = save(ct_slice(), tmp_path / "x")
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(DicomError, match=rf"{96 - missing} of 96 bytes|PixelData \(7FE0,0010\) is missing"):
        read_series(path)


def test_colour_and_broken_compression_are_refused(tmp_path):
    ds = ct_slice(pixels=BODY.astype(np.uint8), SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    with pytest.raises(DicomError, match="colour"):
        read_series(save(ds, tmp_path / "x"))
    ds = ct_slice(pixels=np.arange(64 * 64, dtype=np.int16).reshape(64, 64))
    save(ds, tmp_path / "y")
    ds.compress(JPEG2000Lossless, generate_instance_uid=False)
    path = save(ds, tmp_path / "y")
    data = bytearray(path.read_bytes())
    data[-3000:-2000] = bytes(1000)
    data[-4000:-3900] = bytes(100)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(DicomError):
        read_series(path)


def test_truncation_and_flipped_bytes_never_crash(tmp_path):
    data = save(ct_slice(), tmp_path / "x").read_bytes()
    path = tmp_path / "bad"
    for stop in range(0, len(data), 13):
        path.write_bytes(data[:stop])
        with pytest.raises(ImagingError):
            read_series(path)
    generator = np.random.default_rng(5)
    for _ in range(500):
        raw = bytearray(data)
        for position in generator.integers(132, len(data) - 96, 2):
            raw[position] = generator.integers(256)
        path.write_bytes(raw)
        try:
            volume = read_series(path)
        except ImagingError:
            continue
        assert np.isfinite(volume.affine).all()


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
def test_damaged_compression_never_crashes_and_a_cut_is_told(tmp_path, syntax):
    generator = np.random.default_rng(6)
    ds = ct_slice(pixels=(generator.integers(0, 300, (64, 60)) + 10 * np.arange(60)).astype(np.int16))
    save(ds, tmp_path / "x")
    ds.compress(syntax, generate_instance_uid=False)
    data = save(ds, tmp_path / "x").read_bytes()
    expected = read_series(tmp_path / "x").array
    begin = data.index(b"\xe0\x7f\x10\x00")
    for _ in range(80):
        raw = bytearray(data)
        for position in generator.integers(begin, len(data), 2):
            raw[position] = generator.integers(256)
        (tmp_path / "bad").write_bytes(raw)
        with contextlib.suppress(ImagingError):
            read_series(tmp_path / "bad")
    for cut in (1, 4, 8, 9, 50, 300, 600):
        (tmp_path / "bad").write_bytes(data[:-cut])
        with contextlib.suppress(ImagingError):
            np.testing.assert_array_equal(read_series(tmp_path / "bad").array, expected)


def test_wrong_vr_never_crashes(tmp_path):
    ds = ct_slice()
    data = save(ds, tmp_path / "x").read_bytes()
    starts = [
        data.index(pydicom.tag.Tag(e.tag).group.to_bytes(2, "little") + e.tag.element.to_bytes(2, "little"), 132) for e in ds
    ]
    for start in starts:
        for vr in (b"SQ", b"US", b"FD", b"UN", b"PN", b"??"):
            raw = bytearray(data)
            raw[start + 4 : start + 6] = vr
            (tmp_path / "bad").write_bytes(raw)
            with contextlib.suppress(ImagingError):
                read_series(tmp_path / "bad")
