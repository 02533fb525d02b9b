import datetime

import highdicom as hd
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from locoregional.errors import GeometryError, ImagingError, UnitsError
from locoregional.imaging.dicom_volume import read_series
from locoregional.imaging.dicom_write import write_ct_series
from locoregional.imaging.volume import Grid, Volume


def image(seed=0, turned=False):
    generator = np.random.default_rng(seed)
    affine = Grid.regular((5, 12, 10), spacing_mm=(2.5, 0.7, 0.8), origin_lps_mm=(-110.123456, 20.5, -300.25)).affine.copy()
    if turned:
        rotation = np.linalg.qr(generator.normal(size=(3, 3)))[0]
        affine[:3, :3] = rotation * np.linalg.det(rotation) @ affine[:3, :3]
    array = generator.integers(-1024, 3000, (5, 12, 10)).astype(np.int16)
    return Volume(array, affine, unit="HU", modality="CT", frame_of_reference="1.2.3.4")


@pytest.mark.parametrize("turned", [False, True])
def test_round_trip_is_exact(tmp_path, turned):
    volume = image(turned=turned)
    write_ct_series(volume, tmp_path / "ct", patient_id="demo", date=datetime.date(2024, 2, 29))
    back = read_series(tmp_path / "ct")
    np.testing.assert_array_equal(back.array, volume.array)
    np.testing.assert_allclose(back.affine, volume.affine, atol=1e-9)
    assert (back.unit, back.modality, back.frame_of_reference) == ("HU", "CT", "1.2.3.4")
    assert back.array.dtype == np.int16


def test_simpleitk_and_highdicom_read_the_same(tmp_path):
    volume = image()
    files = write_ct_series(volume, tmp_path / "ct", patient_id="demo")
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path / "ct")))
    other = reader.Execute()
    np.testing.assert_array_equal(sitk.GetArrayFromImage(other), volume.array)
    np.testing.assert_allclose(other.TransformIndexToPhysicalPoint((9, 11, 4)), volume.grid.to_lps([4, 11, 9]), atol=1e-6)
    stack = hd.get_volume_from_series([pydicom.dcmread(path) for path in files])
    np.testing.assert_allclose((stack.affine @ [4, 0, 0, 1])[:3], volume.grid.to_lps([0, 0, 0]), atol=1e-6)  # head to feet
    np.testing.assert_array_equal(stack.array[::-1], volume.array)


def test_a_sheared_slice_axis_survives(tmp_path):
    volume = image()
    affine = volume.affine.copy()
    affine[1, 0] = 0.6
    write_ct_series(Volume(volume.array, affine, unit="HU"), tmp_path / "ct", patient_id="demo")
    np.testing.assert_allclose(read_series(tmp_path / "ct").affine, affine, atol=1e-9)


def test_a_mirrored_slice_order_keeps_every_place(tmp_path):
    volume = image()
    affine = volume.affine.copy()
    affine[:3, 0] *= -1
    write_ct_series(Volume(volume.array, affine, unit="HU"), tmp_path / "ct", patient_id="demo")
    back = read_series(tmp_path / "ct")
    np.testing.assert_array_equal(back.array, volume.array[::-1])
    np.testing.assert_allclose(back.grid.to_lps([0, 3, 2]), Volume(volume.array, affine).grid.to_lps([4, 3, 2]), atol=1e-9)


def test_same_call_same_files(tmp_path):
    one = write_ct_series(image(), tmp_path / "a", patient_id="demo")
    two = write_ct_series(image(), tmp_path / "b", patient_id="demo")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    other = write_ct_series(image(1), tmp_path / "c", patient_id="demo")
    assert pydicom.dcmread(one[0]).SeriesInstanceUID != pydicom.dcmread(other[0]).SeriesInstanceUID


def test_refusals(tmp_path):
    volume = image()
    with pytest.raises(UnitsError):
        write_ct_series(Volume(volume.array, volume.affine), tmp_path / "x", patient_id="demo")
    with pytest.raises(ImagingError, match="16 bits"):
        write_ct_series(Volume(volume.array * 1e4, volume.affine, unit="HU"), tmp_path / "x", patient_id="demo")
    affine = volume.affine.copy()
    affine[0, 1] = 0.3
    with pytest.raises(GeometryError):
        write_ct_series(Volume(volume.array, affine, unit="HU"), tmp_path / "x", patient_id="demo")
    write_ct_series(volume, tmp_path / "x", patient_id="demo")
    with pytest.raises(ImagingError, match="holds files"):
        write_ct_series(volume, tmp_path / "x", patient_id="demo")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
