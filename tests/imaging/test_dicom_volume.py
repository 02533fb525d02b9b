import numpy as np
import pytest
import SimpleITK as sitk
from dicom_making import PIXELS, ct_slice, multi_frame, one, save, save_series
from pydicom.uid import UID

from locoregional.errors import DicomError, GeometryError
from locoregional.imaging.dicom_volume import read_series

DEPTHS = [0.0, 2.5, 5.0, 7.5]


def bright(value):
    return PIXELS + np.int16(100 * value)


def series(depths=DEPTHS, **changes):
    return [ct_slice(z, bright(number), **changes) for number, z in enumerate(depths)]


def test_a_known_voxel_lies_where_it_is(tmp_path):
    """One bright voxel on the patient's left, at the back, in the top slice."""
    pixels = [np.zeros((6, 8), np.int16) for _ in DEPTHS]
    pixels[3][5, 7] = 1124
    volume = read_series(save_series(tmp_path, [ct_slice(z, p) for z, p in zip(DEPTHS, pixels, strict=True)]))
    index = np.argwhere(volume.array == 100)
    np.testing.assert_allclose(volume.grid.to_lps(index), [[-10 + 7 * 0.75, -20 + 5 * 1.5, 7.5]])
    assert (volume.unit, volume.modality, volume.frame_of_reference) == ("HU", "CT", "1.2.3.6")
    assert volume.array.dtype == np.int16
    assert volume.assumed == ()


def test_order_comes_from_position_not_number(tmp_path):
    slices = series()
    for number, ds in enumerate(reversed(slices)):
        ds.InstanceNumber = number
    volume = read_series(save_series(tmp_path, slices))
    np.testing.assert_array_equal(volume.array, np.stack([bright(n).astype(int) - 1024 for n in range(4)]))


def test_slope_of_each_slice_counts(tmp_path):
    slopes = [0.5, 1.25, 2.0, 4.0]
    slices = [ct_slice(z, RescaleSlope=s, RescaleIntercept=-s) for z, s in zip(DEPTHS, slopes, strict=True)]
    volume = read_series(save_series(tmp_path, slices))
    np.testing.assert_allclose(volume.array, np.stack([PIXELS * s - s for s in slopes]))


@pytest.mark.parametrize("seed", range(6))
def test_any_orientation_agrees_with_simpleitk(tmp_path, seed):
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    row, column = rotation[:, 0], rotation[:, 1]
    start = np.array([12.0, -34.0, 56.0])
    slices = [
        ct_slice(
            ImagePositionPatient=[f"{c:.9f}" for c in start + 2.5 * k * np.cross(row, column)],
            ImageOrientationPatient=[f"{c:.9f}" for c in (*row, *column)],
            pixels=bright(k),
        )
        for k in range(4)
    ]
    save_series(tmp_path, slices)
    volume = read_series(tmp_path)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    image = reader.Execute()
    index = [(i, j, k) for i in (0, 7) for j in (0, 5) for k in (0, 3)]
    theirs = np.array([image.TransformIndexToPhysicalPoint(i) for i in index])
    values = np.array([image[i] for i in index])
    ours = volume.grid.to_index(theirs)
    np.testing.assert_allclose(ours, np.round(ours), atol=1e-4)
    np.testing.assert_array_equal(volume.array[tuple(np.round(ours).astype(int).T)], values)


def test_missing_slices_are_named(tmp_path):
    save_series(tmp_path, series([0.0, 2.5, 10.0, 12.5]))
    with pytest.raises(GeometryError, match=r"2 slices are missing.*2 between z 2.50 mm and z 10.00 mm"):
        read_series(tmp_path)
    volume = read_series(tmp_path, fill_gaps="interpolate")
    assert volume.shape[0] == 6
    np.testing.assert_allclose(volume.array[2:4].mean(axis=0), (bright(1) + bright(2)) / 2 - 1024, atol=0.5)
    np.testing.assert_array_equal(volume.array[[0, 1, 4, 5]], np.stack([bright(n).astype(int) - 1024 for n in range(4)]))
    np.testing.assert_allclose(volume.affine[:3, 0], [0, 0, 2.5])
    assert any("interpolated" in words for words in volume.assumed)


def test_uneven_spacing_is_refused_or_interpolated(tmp_path):
    save_series(tmp_path, series([0.0, 2.5, 6.0, 8.5]))
    with pytest.raises(GeometryError, match="unevenly spaced"):
        read_series(tmp_path)
    volume = read_series(tmp_path, fill_gaps="interpolate")
    heights = volume.grid.to_lps([[k, 0, 0] for k in range(volume.shape[0])])[:, 2]
    np.testing.assert_allclose(
        volume.array[:, 0, 0], np.interp(heights, [0.0, 2.5, 6.0, 8.5], [-1024, -924, -824, -724]), atol=0.5
    )


def test_rounded_positions_are_no_gap(tmp_path):
    volume = read_series(save_series(tmp_path, series([0.0, 0.7, 1.3, 2.0, 2.7])))
    np.testing.assert_allclose(volume.spacing_mm[0], 0.675)


def test_duplicates(tmp_path):
    slices = series()
    again = ct_slice(2.5, bright(1), SOPInstanceUID="1.2.9")
    volume = read_series(save_series(tmp_path / "same", [*slices, again]))
    assert volume.shape[0] == 4
    assert volume.assumed == ("1 duplicate slices with identical pixels were left out",)
    phases = [ct_slice(z, bright(n + 10 * phase), AcquisitionNumber=phase) for phase in (1, 2) for n, z in enumerate(DEPTHS)]
    save_series(tmp_path / "phases", phases)
    with pytest.raises(DicomError, match=r"two different slices lie at one place.*AcquisitionNumber=1 or 2"):
        read_series(tmp_path / "phases")
    np.testing.assert_array_equal(
        read_series(tmp_path / "phases", keep="AcquisitionNumber=2").array[0], bright(20).astype(int) - 1024
    )
    with pytest.raises(DicomError, match="Choose among 1, 2"):
        read_series(tmp_path / "phases", keep="AcquisitionNumber=3")


def test_gantry_tilt_keeps_the_sheared_grid(tmp_path):
    angle = np.radians(15)
    slices = [
        ct_slice(
            pixels=bright(k),
            ImagePositionPatient=[-10, -20, 2.5 * k],
            ImageOrientationPatient=[1, 0, 0, 0, f"{np.cos(angle):.9f}", f"{np.sin(angle):.9f}"],
        )
        for k in range(4)
    ]
    volume = read_series(save_series(tmp_path, slices))
    assert not volume.grid.is_orthogonal
    np.testing.assert_allclose(volume.affine[:3, 0], [0, 0, 2.5], atol=1e-9)
    assert any("tilted by 15.0 degrees" in words for words in volume.assumed)


def test_sideways_shift_is_refused(tmp_path):
    slices = series()
    slices[2].ImagePositionPatient = [-7, -20, 5.0]
    with pytest.raises(GeometryError, match="shifted sideways"):
        read_series(save_series(tmp_path, slices))


def test_localizer_in_the_series(tmp_path):
    scout = ct_slice(ImageOrientationPatient=[0, 1, 0, 0, 0, -1], ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    save_series(tmp_path, [*series(), scout])
    with pytest.raises(GeometryError, match=r"stack 1: 4 slices 6 x 8, axial; stack 2: 1 slices 6 x 8, sagittal, localizer"):
        read_series(tmp_path)
    assert read_series(tmp_path, stack=1).shape == (4, 6, 8)
    assert read_series(tmp_path, stack=2).shape == (1, 6, 8)


@pytest.mark.parametrize(
    ("keyword", "value", "words"),
    [("PatientID", "p2", "patients"), ("FrameOfReferenceUID", "1.9", "frames of reference")],
)
def test_mixed_origin_is_refused(tmp_path, keyword, value, words):
    slices = series()
    setattr(slices[1], keyword, value)
    with pytest.raises(DicomError, match=f"2 {words}"):
        read_series(save_series(tmp_path, slices))


@pytest.mark.parametrize(
    "keyword",
    "ImagePositionPatient ImageOrientationPatient PixelSpacing Rows BitsAllocated RescaleSlope RescaleIntercept "
    "PixelData SOPClassUID PhotometricInterpretation".split(),
)
def test_missing_elements_are_named(tmp_path, keyword):
    ds = ct_slice()
    path = save(ds, tmp_path / "x")
    del ds[keyword]
    if keyword == "SOPClassUID":
        del ds.file_meta.MediaStorageSOPClassUID
        ds.save_as(path, enforce_file_format=False)
    else:
        save(ds, path)
    match = "no grey values" if keyword == "PhotometricInterpretation" else keyword
    with pytest.raises(DicomError, match=match):
        read_series(path)


def test_multi_frame_agrees_with_single_frames(tmp_path):
    pixels = np.stack([bright(k) for k in (2, 0, 3, 1)])
    positions = [(-10, -20, DEPTHS[k]) for k in (2, 0, 3, 1)]
    transform = [
        {"PixelValueTransformationSequence": one(RescaleSlope=k + 1, RescaleIntercept=0, RescaleType="HU")} for k in (2, 0, 3, 1)
    ]
    volume = read_series(save(multi_frame(pixels, positions, frames=transform), tmp_path / "multi"))
    np.testing.assert_array_equal(volume.array, np.stack([bright(k).astype(int) * (k + 1) for k in range(4)]))
    np.testing.assert_allclose(volume.grid.to_lps([3, 5, 7]), [-10 + 7 * 0.75, -20 + 5 * 1.5, 7.5])


def test_multi_frame_over_time_must_be_chosen(tmp_path):
    pixels = np.stack([bright(k) for k in range(4)])
    positions = [(-10, -20, z) for z in (0, 2.5, 0, 2.5)]
    times = [{"FrameContentSequence": one(TemporalPositionIndex=t)} for t in (1, 1, 2, 2)]
    path = save(multi_frame(pixels, positions, frames=times), tmp_path / "multi")
    with pytest.raises(DicomError, match="TemporalPositionIndex=1 or 2"):
        read_series(path)
    np.testing.assert_array_equal(read_series(path, keep="TemporalPositionIndex=2").array[0], bright(2).astype(int) - 1024)


def test_spect_volume_runs_along_its_signed_spacing(tmp_path):
    pixels = np.stack([bright(k).astype(np.uint16) for k in range(3)])
    spect = ct_slice(
        pixels=pixels, SOPClassUID=UID("1.2.840.10008.5.1.4.1.1.20"), Modality="NM", NumberOfFrames=3, SpacingBetweenSlices=-4,
        ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"], ImagePositionPatient=None, ImageOrientationPatient=None,
        RescaleSlope=None, RescaleIntercept=None,
    )  # fmt: skip
    spect.DetectorInformationSequence = one(ImagePositionPatient=[0, 0, 100], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    volume = read_series(save(spect, tmp_path / "spect"))
    for k in range(3):
        index = volume.grid.to_index([0, 0, 100 - 4 * k])
        assert volume.array[tuple(np.round(index).astype(int))] == pixels[k, 0, 0]
    assert volume.unit == "counts"
    assert "without calibration" in volume.assumed[0]
    spect.ImageType = ["ORIGINAL", "PRIMARY", "WHOLE BODY"]
    with pytest.raises(DicomError, match="not a reconstructed tomogram"):
        read_series(save(spect, tmp_path / "planar"))


def test_pet_says_what_was_not_done(tmp_path):
    slices = [
        ct_slice(
            z,
            SOPClassUID=UID("1.2.840.10008.5.1.4.1.1.128"),
            Modality="PT",
            Units="BQML",
            DecayCorrection="START",
            RescaleIntercept=0,
        )
        for z in DEPTHS
    ]
    volume = read_series(save_series(tmp_path, slices))
    assert (volume.unit, volume.modality) == ("Bq/ml", "PT")
    assert "no SUV or decay conversion" in volume.assumed[0]
    slices[2].Units = "GML"
    with pytest.raises(DicomError, match="different units"):
        read_series(save_series(tmp_path / "mixed", slices))


def test_one_slice_takes_its_thickness_from_the_header(tmp_path):
    volume = read_series(save(ct_slice(), tmp_path / "x"))
    np.testing.assert_allclose(volume.spacing_mm, [2.5, 1.5, 0.75])
    assert "thickness 2.5 mm" in volume.assumed[0]
    with pytest.raises(GeometryError, match="SliceThickness"):
        read_series(save(ct_slice(SliceThickness=None), tmp_path / "y"))


def test_progress_reaches_the_end(tmp_path):
    told = []
    read_series(save_series(tmp_path, series()), progress=lambda share, words: told.append((share, words)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_values_beyond_16_bits_are_kept(tmp_path):
    wide = [ct_slice(z, (PIXELS.astype(int) + 65000 * (z > 6)).astype(np.uint16), RescaleIntercept=0) for z in DEPTHS]
    volume = read_series(save_series(tmp_path, wide))
    assert volume.array.dtype == np.int32
    np.testing.assert_array_equal(volume.array[[0, 3]], np.stack([PIXELS, PIXELS.astype(int) + 65000]))


def test_a_scout_is_no_volume(tmp_path):
    path = save(ct_slice(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]), tmp_path / "x")
    with pytest.raises(DicomError, match="localizer"):
        read_series(path)
    assert read_series(path, stack=1).shape == (1, 6, 8)


def test_values_from_a_table_are_refused(tmp_path):
    with pytest.raises(DicomError, match="ModalityLUTSequence"):
        read_series(save(ct_slice(ModalityLUTSequence=one(LUTExplanation="x")), tmp_path / "x"))


def test_computed_images_say_so(tmp_path):
    slices = series(ImageType=["DERIVED", "SECONDARY", "AXIAL", "MIP"], RescaleType="HU_MOD")
    volume = read_series(save_series(tmp_path, slices))
    assert any("projections through a slab" in words for words in volume.assumed)
    assert any("HU_MOD" in words for words in volume.assumed)
