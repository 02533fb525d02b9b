"""Dose grids come back in value and place, in every orientation, as independent readers see them too."""

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locoregional.errors import DicomError, GeometryError, ImagingError, UnitsError
from locoregional.imaging.dicom_write import write_ct_series
from locoregional.imaging.rtdose import read_rtdose, write_rtdose
from locoregional.imaging.volume import Grid, Volume

FLIPPED = np.diag([-1.0, 1.0, 1.0])


def rotation(quaternion):
    w, x, y, z = np.asarray(quaternion) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def dose_on(shape=(4, 5, 6), spacing=(3.0, 2.0, 1.5), axes=None, origin=(-11.0, 7.0, 30.0), seed=0, largest=137.0, **more):
    """Random dose; ``axes`` are the LPS directions of slice, row and column as columns."""
    axes = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float) if axes is None else np.asarray(axes)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes * spacing, origin
    array = largest * np.random.default_rng(seed).random(shape)
    return Volume(array.astype(np.float32), affine, unit="Gy", frame_of_reference="1.2.3.6", **more)


def at_places(read: Volume, dose: Volume) -> np.ndarray:
    """Values of the grid read at the places of the voxels written; every place must be a voxel centre."""
    index = read.grid.to_index(dose.grid.to_lps(np.moveaxis(np.indices(dose.shape), 0, -1)))
    assert np.abs(index - np.rint(index)).max() < 1e-4
    k = np.rint(index).astype(int)
    return read.array[k[..., 0], k[..., 1], k[..., 2]]


quaternions = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1)


@given(
    quaternions,
    st.permutations(range(3)),
    st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3),
    st.tuples(*[st.integers(1, 5)] * 3),
    st.tuples(*[st.floats(0.5, 9.0)] * 3),
    st.tuples(*[st.floats(-900, 900)] * 3),
    st.floats(1e-3, 1e4),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_round_trip_to_half_a_step_in_every_orientation(tmp_path, q, order, signs, shape, spacing, origin, largest):
    axes = rotation(q)[:, list(order)] * signs
    dose = dose_on(shape, spacing, axes, origin, largest=largest)
    write_rtdose(dose, tmp_path / "d.dcm", overwrite=True)
    back = read_rtdose(tmp_path / "d.dcm")
    step = float(pydicom.dcmread(tmp_path / "d.dcm").DoseGridScaling)
    assert step == pytest.approx(float(dose.array.max()) / (2**32 - 1), rel=1e-9)
    assert np.abs(at_places(back, dose) - dose.array.astype(float)).max() <= 0.5000001 * step
    assert back.unit == "Gy"
    assert back.frame_of_reference == "1.2.3.6"
    assert back.spacing_mm == pytest.approx(spacing, rel=1e-9)


@pytest.mark.parametrize("axes", [None, FLIPPED @ np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float)])
@pytest.mark.parametrize("down", [1.0, -1.0])
@pytest.mark.parametrize("turn", [(1, 0, 0, 0), (0.9, 0.3, -0.2, 0.1)])
def test_simpleitk_sees_the_same_dose_in_the_same_place(tmp_path, axes, down, turn):
    """ITK knows nothing of this code; slices to the feet, mirrored and oblique grids."""
    axes = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float) if axes is None else axes
    dose = dose_on(axes=rotation(turn) @ axes * (down, 1.0, 1.0))
    write_rtdose(dose, tmp_path / "d.dcm")
    image = sitk.ReadImage(str(tmp_path / "d.dcm"))
    array = sitk.GetArrayFromImage(image)
    step = float(pydicom.dcmread(tmp_path / "d.dcm").DoseGridScaling)
    array = array * (1.0 if array.dtype.kind == "f" else step)
    for place in np.ndindex(*dose.shape):
        there = image.TransformPhysicalPointToIndex([float(x) for x in dose.grid.to_lps(place)])
        assert array[there[::-1]] == pytest.approx(float(dose.array[place]), rel=1e-6, abs=1e-4)


def test_elements_say_what_the_standard_means(tmp_path):
    """Plain arithmetic of C.7.6.2 and C.8.8.3 on the elements: rows are 2 mm apart, columns 1.5 mm."""
    axes = rotation((0.8, 0.1, 0.4, -0.3)) @ np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float) * (-1.0, 1.0, 1.0)
    dose = dose_on(axes=axes)
    write_rtdose(dose, tmp_path / "d.dcm", comment="49.67 Gy kg/GBq, voxel kernel")
    ds = pydicom.dcmread(tmp_path / "d.dcm")
    assert [float(x) for x in ds.PixelSpacing] == pytest.approx([2.0, 1.5])
    across, down = np.array(ds.ImageOrientationPatient, float).reshape(2, 3)
    offsets = np.array(ds.GridFrameOffsetVector, float)
    assert offsets == pytest.approx([0.0, 3.0, 6.0, 9.0])
    pixels = np.frombuffer(ds.PixelData, "<u4").reshape(ds.NumberOfFrames, ds.Rows, ds.Columns)
    for k, r, c in np.ndindex(*pixels.shape):
        place = np.array(ds.ImagePositionPatient, float) + offsets[k] * np.cross(across, down)
        place = place + r * float(ds.PixelSpacing[0]) * down + c * float(ds.PixelSpacing[1]) * across
        index = np.rint(dose.grid.to_index(place)).astype(int)
        assert pixels[k, r, c] * float(ds.DoseGridScaling) == pytest.approx(float(dose.array[tuple(index)]), abs=1e-6)
    assert (ds.Modality, ds.DoseUnits, ds.DoseType, ds.DoseSummationType) == ("RTDOSE", "GY", "PHYSICAL", "PLAN")
    assert (ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation) == (32, 32, 31, 0)
    assert ds.FrameIncrementPointer == pydicom.tag.Tag("GridFrameOffsetVector")
    assert ds.DoseComment == "49.67 Gy kg/GBq, voxel kernel"
    assert pixels.max() == 2**32 - 1


def test_rounds_instead_of_cutting_off(tmp_path):
    """Truncation would make a uniform map too low on average by half a step."""
    dose = dose_on((6, 30, 30), seed=3)
    write_rtdose(dose, tmp_path / "d.dcm")
    step = float(pydicom.dcmread(tmp_path / "d.dcm").DoseGridScaling)
    off = (read_rtdose(tmp_path / "d.dcm").array - dose.array.astype(float)) / step
    assert np.abs(off).max() <= 0.5000001
    assert abs(off.mean()) < 0.02


def test_takes_patient_study_and_frame_of_the_source(tmp_path):
    grid = Grid.regular((3, 4, 5), spacing_mm=(3, 2, 2))
    ct = Volume(np.zeros(grid.shape, np.int16), grid.affine, unit="HU", modality="CT", frame_of_reference="1.2.9")
    files = write_ct_series(ct, tmp_path / "ct", patient_id="P7", patient_name="Doe^Jane")
    dose = Volume(np.ones(grid.shape, np.float32), grid.affine, unit="Gy")
    first = pydicom.dcmread(files[0])
    for number, source in enumerate((tmp_path / "ct", [pydicom.dcmread(f) for f in files], files[0])):
        notes = write_rtdose(dose, tmp_path / f"{number}.dcm", source=source)
        ds = pydicom.dcmread(tmp_path / f"{number}.dcm")
        assert (ds.PatientID, ds.PatientName, ds.StudyInstanceUID) == ("P7", "Doe^Jane", first.StudyInstanceUID)
        assert ds.FrameOfReferenceUID == "1.2.9"
        assert ds.SeriesInstanceUID != first.SeriesInstanceUID
        assert "frame of reference" in notes[0]
    elsewhere = Volume(dose.array, dose.affine, unit="Gy", frame_of_reference="1.2.10")
    with pytest.raises(GeometryError, match="different frames"):
        write_rtdose(elsewhere, tmp_path / "e.dcm", source=tmp_path / "ct")
    with pytest.raises(ImagingError):
        write_rtdose(dose, tmp_path / "e.dcm", source=tmp_path / "nothing")


def test_multi_frame_nuclear_medicine_can_be_the_source(tmp_path):
    """Its place in the patient stands in the detector sequence, not where an image has it."""
    from pydicom.dataset import Dataset, FileMetaDataset

    nm = Dataset()
    nm.file_meta = FileMetaDataset()
    nm.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    nm.SOPClassUID, nm.SOPInstanceUID, nm.Modality = "1.2.840.10008.5.1.4.1.1.20", "1.2.5.1", "NM"
    nm.PatientID, nm.StudyInstanceUID, nm.SeriesInstanceUID, nm.FrameOfReferenceUID = "P8", "1.2.5.2", "1.2.5.3", "1.2.3.6"
    nm.file_meta.MediaStorageSOPClassUID, nm.file_meta.MediaStorageSOPInstanceUID = nm.SOPClassUID, nm.SOPInstanceUID
    nm.save_as(tmp_path / "nm.dcm", enforce_file_format=True)
    write_rtdose(dose_on(), tmp_path / "d.dcm", source=tmp_path / "nm.dcm")
    assert pydicom.dcmread(tmp_path / "d.dcm").StudyInstanceUID == "1.2.5.2"


def test_effective_dose_says_how(tmp_path):
    dose = dose_on()
    with pytest.raises(UnitsError, match="effective"):
        write_rtdose(dose, tmp_path / "b.dcm", dose_type="EFFECTIVE")
    comment = "BED, alpha/beta 10 Gy, repair half-time 1.5 h, from a physical dose by 49.67 Gy kg/GBq"
    write_rtdose(dose, tmp_path / "b.dcm", dose_type="EFFECTIVE", comment=comment, study_uid="1.2.77", series_uid="1.2.78")
    ds = pydicom.dcmread(tmp_path / "b.dcm")
    assert (ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.ImageComments) == ("1.2.77", "1.2.78", comment)
    assert "EFFECTIVE" in read_rtdose(tmp_path / "b.dcm").assumed[0]


def test_sheared_grids_are_refused(tmp_path):
    axes = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float)
    axes[:, 0] = [0.0, np.sin(0.02), np.cos(0.02)]
    with pytest.raises(GeometryError, match="perpendicular"):
        write_rtdose(dose_on(axes=axes), tmp_path / "d.dcm")
    axes[:, 0] = [0.0, 1e-5, 1.0]  # rounding of positions
    write_rtdose(dose_on(axes=axes), tmp_path / "d.dcm")


@pytest.mark.parametrize("value", [-1e-3, np.nan, np.inf])
def test_what_cannot_be_stored_is_refused(tmp_path, value):
    dose = dose_on()
    dose.array[1, 2, 3] = value
    with pytest.raises(UnitsError):
        write_rtdose(dose, tmp_path / "d.dcm")
    with pytest.raises(UnitsError, match="Bq/ml"):
        write_rtdose(dose_on().on(dose_on().array, unit="Bq/ml"), tmp_path / "d.dcm")
    assert list(tmp_path.iterdir()) == []


def test_no_dose_anywhere_stays_no_dose(tmp_path):
    dose = dose_on(largest=0.0)
    write_rtdose(dose, tmp_path / "d.dcm")
    assert not read_rtdose(tmp_path / "d.dcm").array.any()
    with pytest.raises(Exception, match="exists already"):
        write_rtdose(dose, tmp_path / "d.dcm")


def changed(tmp_path, **elements):
    write_rtdose(dose_on(), tmp_path / "d.dcm", overwrite=True)
    ds = pydicom.dcmread(tmp_path / "d.dcm")
    for keyword, value in elements.items():
        if value is None:
            del ds[keyword]
        else:
            setattr(ds, keyword, value)
    ds.save_as(tmp_path / "d.dcm")
    return tmp_path / "d.dcm"


def test_reads_sixteen_bits_falling_offsets_and_places_along_the_patient(tmp_path):
    dose = dose_on()
    pixels = np.arange(dose.array.size, dtype="<u2").reshape(dose.shape)
    small = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelData": pixels.tobytes(), "DoseGridScaling": 0.5}
    back = read_rtdose(changed(tmp_path, **small))
    np.testing.assert_array_equal(back.array, 0.5 * pixels)
    falling = read_rtdose(changed(tmp_path, **small, GridFrameOffsetVector=[0, -3, -6, -9]))
    assert falling.grid.to_lps([3, 0, 0])[2] == pytest.approx(21.0)
    along = read_rtdose(changed(tmp_path, **small, GridFrameOffsetVector=[30, 33, 36, 39]))
    assert along.grid.same_as(back.grid)


@pytest.mark.parametrize(
    ("elements", "error"),
    [
        ({"DoseUnits": "RELATIVE"}, UnitsError),
        ({"DoseGridScaling": None}, DicomError),
        ({"ImagePositionPatient": None}, DicomError),
        ({"GridFrameOffsetVector": None}, GeometryError),
        ({"GridFrameOffsetVector": [0, 3, 6]}, DicomError),
        ({"GridFrameOffsetVector": [0, 3, 6, 10]}, GeometryError),
        ({"GridFrameOffsetVector": [5, 8, 11, 14]}, GeometryError),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, DicomError),
        ({"PixelData": b"\0\0\0\0"}, DicomError),
    ],
)
def test_odd_files_become_clear_errors(tmp_path, elements, error):
    with pytest.raises(error):
        read_rtdose(changed(tmp_path, **elements))
