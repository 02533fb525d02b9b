import numpy as np
import pytest
from dicom_making import ct_slice, multi_frame, save, save_series
from pydicom.uid import UID

from locoregional.errors import DicomError, ImagingError
from locoregional.imaging.dicom_series import describe_series, find_series, scan_folders
from locoregional.imaging.dicom_volume import read_series


@pytest.fixture
def folder(tmp_path):
    """Two CT series, a segmentation, a DICOMDIR, a text and a damaged file."""
    thin = [ct_slice(k * 1.25, SeriesInstanceUID="1.2.3.111", SeriesDescription="Thin", SeriesDate="20240131") for k in range(6)]
    save_series(tmp_path / "a" / "deep", thin)
    save_series(tmp_path / "b", [ct_slice(k * 5, SeriesInstanceUID="1.2.3.222", SeriesDescription="Thick") for k in range(3)])
    save(
        ct_slice(SOPClassUID=UID("1.2.840.10008.5.1.4.1.1.66.4"), Modality="SEG", SeriesInstanceUID="1.2.3.333"), tmp_path / "seg"
    )
    (tmp_path / "README.txt").write_text("no image")
    (tmp_path / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    (tmp_path / "broken").write_bytes(b"\0" * 128 + b"DICM" + b"\x02\0\0\0UL\xff\xff")
    return tmp_path


def test_series_are_found_and_described(folder):
    told = []
    scan = scan_folders(folder, progress=lambda share, words: told.append(share))
    assert [info.description for info in scan.series] == ["Thin", "Thick", ""]
    thin = scan.series[0]
    assert (thin.slices, thin.shape, thin.spacing_mm, thin.orientation, thin.date) == (
        6,
        (6, 8),
        (1.25, 1.5, 0.75),
        "axial",
        "2024-01-31",
    )
    assert scan.not_dicom == 1
    assert len(scan.damaged) == 1
    assert "broken" in scan.damaged[0]
    assert not scan.series[2].readable
    assert told[-1] == 1.0
    lines = describe_series(scan.series)
    assert "6 slices of 6 x 8, 0.75 x 1.5 x 1.25 mm" in lines[0]
    assert "Segmentation (SEG)" in lines[2]


def test_no_name_leaves_the_files(folder):
    assert "Patient" not in " ".join(describe_series(find_series(folder)))
    assert "Patient" not in repr(find_series(folder))


def test_a_choice_is_asked_for(folder):
    with pytest.raises(DicomError, match=r"(?s)2 series:.*Thin.*Thick.*Choose one"):
        read_series(folder)
    for choice in (2, "2", "1.2.3.222", ".222"):
        assert read_series(folder, series=choice).shape == (3, 6, 8)
    with pytest.raises(DicomError, match="0 series answer"):
        read_series(folder, series="999")
    assert read_series(find_series(folder)[0]).shape == (6, 6, 8)


def test_damage_is_not_silent(folder):
    assert any("damaged file was left out" in words for words in read_series(folder, series=1).assumed)


def test_several_folders_make_one_search(folder):
    assert len(find_series([folder / "a", folder / "b"])) == 2
    assert read_series([folder / "a"]).shape == (6, 6, 8)


def test_nothing_there(tmp_path):
    with pytest.raises(ImagingError, match="no such file"):
        find_series(tmp_path / "absent")
    (tmp_path / "notes.txt").write_text("x" * 500)
    with pytest.raises(DicomError, match=r"no DICOM image series \(1 other files\)"):
        read_series(tmp_path)


def test_only_a_segmentation_says_so(tmp_path):
    save(ct_slice(SOPClassUID=UID("1.2.840.10008.5.1.4.1.1.66.4"), Modality="SEG"), tmp_path / "x" / "seg")
    with pytest.raises(DicomError, match="Segmentation"):
        read_series(tmp_path / "x")


def test_files_without_series_uid_form_one_series_per_folder(tmp_path):
    save_series(tmp_path, [ct_slice(k, SeriesInstanceUID="") for k in range(3)])
    volume = read_series(tmp_path)
    assert volume.shape[0] == 3
    assert any("no SeriesInstanceUID" in words for words in volume.assumed)


def test_multi_frame_series_counts_its_frames(tmp_path):
    pixels = np.zeros((5, 6, 8), np.int16)
    save(multi_frame(pixels, [(0, 0, 3 * k) for k in range(5)]), tmp_path / "m")
    info = find_series(tmp_path)[0]
    assert (info.slices, info.spacing_mm[0]) == (5, 3.0)
