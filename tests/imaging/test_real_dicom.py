"""Every real file either reads as an independent reader reads it, or says what and where."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from locoregional.errors import DicomError, LocoregionalError
from locoregional.imaging.dicom_series import find_series
from locoregional.imaging.dicom_volume import read_series
from locoregional.imaging.masks import read_masks
from locoregional.imaging.read import read_image

READABLE = """
    dcmqi/paramaps/pm-example-slice.dcm dcmqi/segmentations/2[34]x38x3/image/IMG000[123].dcm dcmqi/segmentations/2[34]x38x3/multiframe/mf.dcm
    dcmqi/segmentations/ct-3slice/0[123].dcm dicompyler/ct.0.dcm fo-dicom/GH177_D_CLUNIE_CT1_IVRLE_BigEndian_ELE_undefinded_length.dcm
    fo-dicom/GH184.dcm fo-dicom/GH610.dcm highdicom/ct_image.dcm pydicom/693_J2KI.dcm pydicom/CT_small.dcm pydicom/J2K_pixelrep_mismatch.dcm
    pydicom/MR_small.dcm pydicom/MR_small_RLE.dcm pydicom/MR_small_bigendian.dcm pydicom/bad_sequence.dcm rt-utils/mock_data_ct_[12].dcm
""".split()  # noqa: E501

REFUSED = {
    "pydicom/MR_truncated.dcm": "8130 of 8192 bytes",
    "pydicom/eCT_Supplemental.dcm": "colour map",
    "pydicom/no_meta.dcm": "not supported",
    "pydicom/SC_rgb_jpeg_gdcm.dcm": "Secondary Capture",
    "pydicom/badVR.dcm": "RT Dose",
    "pydicom/liver.dcm": "Segmentation.*masks",
    "pydicom/rtstruct.dcm": "RT Structure Set.*masks",
    "pydicom/waveform_ecg.dcm": "ECG",
    "highdicom/dx_image.dcm": "Digital X-Ray",
    "highdicom/sm_image.dcm": "Microscopy",
    "fo-dicom/GH340.dcm": "SOPClassUID",
    "fo-dicom/GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm": "damaged",
    "rt-utils/one_slice_data_0.dcm": "SliceThickness",
    "dcmqi/sr-example/sr.dcm": "SR",
}

SEEDS = [  # of the data's SOURCE.md: LPS mm and HU; read by eye, smoothed over about a voxel
    ((-89.6, 35.6, -296.4), 67),
    ((-85.6, 79.8, -276.4), 74),
    ((-65.5, 55.7, -201.4), 53),
    ((-71.1, 30.8, -221.4), 57),
]


def conformance_files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "dicom-conformance").rglob("*") if path.is_file())


def test_every_file_reads_or_says_why(shared_data):
    root = shared_data / "dicom-conformance"
    read, told = set(), {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in conformance_files(shared_data):
            name = path.relative_to(root).as_posix()
            try:
                volume = read_image(path)
            except LocoregionalError as error:
                told[name] = str(error)
                continue
            assert np.isfinite(volume.array).all()
            read.add(name)
    assert all(name.rsplit("/")[-1] in words for name, words in told.items())
    assert {name for name in read if not name.endswith(".nrrd")} == {
        path.relative_to(root).as_posix() for path in readable_files(root)
    }
    assert len(told) > 60


def test_refusals_say_what_it_is(shared_data):
    for name, words in REFUSED.items():
        with pytest.raises(LocoregionalError, match=words):
            read_image(shared_data / "dicom-conformance" / name)


def test_masks_read_or_say_why(shared_data):
    read, told = 0, []
    for path in conformance_files(shared_data):
        try:
            read += len(read_masks(path)) > 0
        except LocoregionalError as error:
            told.append(str(error))
    assert all(told)
    assert read > 20


def readable_files(root: Path) -> list[Path]:
    names = {path: path.relative_to(root).as_posix() for path in root.rglob("*.dcm")}
    return sorted(path for path, name in names.items() if any(re.fullmatch(pattern, name) for pattern in READABLE))


def theirs(path: Path) -> sitk.Image:
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    return reader.Execute()


def test_values_and_places_agree_with_an_independent_reader(shared_data):
    root = shared_data / "dicom-conformance"
    compared = 0
    for path in readable_files(root):
        volume = read_image(path)
        try:
            image = theirs(path)
        except RuntimeError:
            continue  # the other reader does not know this file
        values = sitk.GetArrayFromImage(image)
        assert volume.shape == values.shape, path
        inside = volume.array != -1000 if volume.unit == "HU" else np.ones(volume.shape, bool)
        lossy = any("with loss" in words for words in volume.assumed)
        np.testing.assert_allclose(volume.array[inside], values[inside], rtol=1e-5, atol=lossy, err_msg=str(path))
        if "multiframe" not in str(path):  # where the independent reader knows the positions
            last = (image.GetWidth() - 1, image.GetHeight() - 1, 0)
            index = volume.grid.to_index(image.TransformIndexToPhysicalPoint(last))
            np.testing.assert_allclose(index, last[::-1], atol=0.1, err_msg=str(path))
        compared += 1
    assert compared >= 22


def test_series_with_neighbours_agree_with_their_nrrd_twin(shared_data):
    folder = shared_data / "dicom-conformance" / "dcmqi" / "segmentations"
    for size in ("23x38x3", "24x38x3"):
        frames = read_image(folder / size / "multiframe" / "mf.dcm")
        slices = read_image(folder / size / "image")
        twin = read_image(folder / size / "nrrd" / "label.nrrd")
        assert frames.grid.same_as(slices.grid)
        assert slices.grid.same_as(twin.grid)
        np.testing.assert_array_equal(frames.array, slices.array)


def test_liver_metastases_lie_where_they_were_seen(shared_data):
    volume = read_series(shared_data / "ct-liver-mets" / "dicom")
    assert (volume.shape, volume.unit, volume.modality) == ((51, 512, 512), "HU", "CT")
    assert volume.array.min() == -1024
    assert volume.array.max() == 1184
    liver = []
    for place, expected in SEEDS:
        k, i, j = np.round(volume.grid.to_index(place)).astype(int)
        patch = volume.array[k, i - 1 : i + 2, j - 1 : j + 2].mean()
        assert abs(patch - expected) < 12, place
        around = volume.array[k, i - 14 : i + 15, j - 14 : j + 15]
        liver.append(float(np.median(around)) - patch)
    assert min(liver) > 15  # darker than the liver around: a flip would land in other tissue


def test_large_series_agree_with_an_independent_reader(shared_data):
    for name in (
        "ct-liver-mets/dicom",
        "pet-dicom-headneck/PET",
        "sarcoma-petct-mr/cropped/CT/image",
        "sarcoma-petct-mr/cropped/MR_T1/image",
    ):
        volume = read_series(shared_data / name)
        reader = sitk.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(shared_data / name)))
        image = reader.Execute()
        values = sitk.GetArrayFromImage(image)
        inside = values > -1500
        np.testing.assert_allclose(volume.array[inside], values[inside], rtol=1e-5, atol=1e-3, err_msg=name)
        last = tuple(n - 1 for n in image.GetSize())
        np.testing.assert_allclose(
            volume.grid.to_lps(last[::-1]), image.TransformIndexToPhysicalPoint(last), atol=0.02, err_msg=name
        )


def test_a_series_without_identifiers_still_fits_its_labels(shared_data):
    folder = shared_data / "ct-abdomen-totalseg"
    volume, labels = read_series(folder / "dicom20"), read_image(folder / "example_seg_dicom.nii.gz")
    assert sorted(np.abs(volume.spacing_mm)) == pytest.approx(sorted(labels.spacing_mm), abs=1e-4)
    place = np.round(volume.grid.to_index(labels.grid.to_lps(np.argwhere(labels.array == 5)))).astype(int)
    liver = volume.array[tuple(place.T)]
    assert len(liver) > 1000
    assert 30 < np.median(liver) < 200
    assert any("no SeriesInstanceUID" in words for words in volume.assumed)


def test_an_oblique_series_agrees_with_an_independent_reader(shared_data):
    folder = shared_data / "dicom-conformance" / "rt-utils"
    volume = read_series([folder / f"oriented_data_{k}.dcm" for k in range(3)])
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(folder / f"oriented_data_{k}.dcm") for k in range(3)])
    image = reader.Execute()
    np.testing.assert_allclose(volume.array, sitk.GetArrayFromImage(image), atol=1e-6)
    for index in ((0, 0, 0), (99, 49, 2)):
        np.testing.assert_allclose(volume.grid.to_lps(index[::-1]), image.TransformIndexToPhysicalPoint(index), atol=0.01)


def test_mixed_folder_asks(shared_data):
    folder = shared_data / "dicom-conformance" / "rt-utils"
    assert [info.modality for info in find_series(folder) if info.readable] == ["CT", "CT"]
    with pytest.raises(DicomError, match="2 series"):
        read_series(folder)
