import numpy as np
import pytest
import SimpleITK as sitk
from dicom_making import ct_slice, save, save_series

from locoregional.errors import ImagingError
from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.nrrd import write_nrrd
from locoregional.imaging.read import read_image
from locoregional.imaging.resample import canonical
from locoregional.imaging.volume import Grid, Volume


def phantom() -> Volume:
    """No two sides alike: a value that tells where it is, on an oblique grid."""
    rotation = np.linalg.qr(np.random.default_rng(7).normal(size=(3, 3)))[0]
    affine = np.eye(4)
    affine[:3, :3] = rotation * [4, 1.5, 0.75]
    affine[:3, 3] = [30, -40, 50]
    grid = Grid((5, 6, 7), affine)
    place = grid.to_lps(np.stack(np.indices(grid.shape), axis=-1))
    return Volume((place @ [1, 20, 400]).astype(np.float32), affine)


def metaimage(volume: Volume, path):
    image = sitk.GetImageFromArray(volume.array)
    image.SetSpacing(volume.spacing_mm[::-1].tolist())
    image.SetDirection(volume.grid.directions[:, ::-1].ravel().tolist())
    image.SetOrigin(volume.affine[:3, 3].tolist())
    sitk.WriteImage(image, str(path))


@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz", "x.nrrd", "x.mha", "x.mhd"])
def test_every_format_keeps_every_place(tmp_path, name):
    volume = phantom()
    write = write_nifti if ".nii" in name else write_nrrd if "nrrd" in name else metaimage
    write(volume, tmp_path / name)
    back = read_image(tmp_path / name, modality="CT", unit="HU")
    np.testing.assert_array_equal(back.array, volume.array)
    np.testing.assert_allclose(back.affine, volume.affine, atol=1e-4)
    assert (back.unit, back.modality) == ("HU", "CT")
    if name.endswith(("nii", "mha")):  # an independent reader finds the same value at the same point
        image, point = sitk.ReadImage(str(tmp_path / name)), volume.grid.to_lps([4, 2, 5])
        value = image.EvaluateAtPhysicalPoint(point.tolist(), sitk.sitkNearestNeighbor)
        assert value == pytest.approx(float(point @ [1, 20, 400]), abs=0.5)


def test_left_and_right_are_told_apart_after_a_canonical_turn(tmp_path):
    """A bright voxel on the patient's left comes back at growing x, whatever the storage order."""
    array = np.zeros((3, 4, 5), np.int16)
    array[1, 1, 4] = 1
    grid = Grid.regular((3, 4, 5), spacing_mm=2, origin_lps_mm=(-4, 0, 0))
    for axis in range(3):
        affine = grid.affine.copy()
        affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
        affine[:3, axis] *= -1
        write_nifti(Volume(np.flip(array, axis), affine), tmp_path / f"{axis}.nii.gz")
        back = canonical(read_image(tmp_path / f"{axis}.nii.gz"))
        np.testing.assert_array_equal(back.array, array)
        assert back.grid.to_lps(np.argwhere(back.array)[0])[0] == pytest.approx(4)


def test_folder_and_file_of_dicom(tmp_path):
    save_series(tmp_path, [ct_slice(2.0 * k) for k in range(3)])
    assert read_image(tmp_path).shape == (3, 6, 8)
    assert read_image(next(tmp_path.iterdir())).shape == (1, 6, 8)


def test_content_decides_not_the_name(tmp_path):
    save(ct_slice(), tmp_path / "slice.img")
    assert read_image(tmp_path / "slice.img").modality == "CT"
    write_nifti(phantom(), tmp_path / "x.nii")
    (tmp_path / "x.nii").rename(tmp_path / "x.dat")
    assert read_image(tmp_path / "x.dat").shape == (5, 6, 7)


@pytest.mark.parametrize(("low", "words"), [(0, "intercept"), (-1000, "")])
def test_a_lost_intercept_is_noticed(tmp_path, low, words):
    volume = Volume(np.linspace(low, 2000, 24).reshape(2, 3, 4).astype(np.int16), np.eye(4))
    write_nifti(volume, tmp_path / "x.nii")
    assert words in " ".join(read_image(tmp_path / "x.nii", modality="CT", unit="HU").assumed)
    assert bool(read_image(tmp_path / "x.nii", modality="CT", unit="HU").assumed) == bool(words)
    assert read_image(tmp_path / "x.nii").assumed == ()


def test_choices_for_dicom_are_passed_on(tmp_path):
    save_series(tmp_path, [ct_slice(z, AcquisitionNumber=n) for n in (1, 2) for z in (0.0, 2.0, 6.0 + n)])
    with pytest.raises(ImagingError):
        read_image(tmp_path, keep="AcquisitionNumber=2")
    assert read_image(tmp_path, keep="AcquisitionNumber=2", fill_gaps="interpolate").shape[0] > 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.txt", b"hello" * 100, "NIfTI .*NRRD .*MetaImage .*DICOM"),
        ("x.nii.gz", b"", "empty"),
        ("x.mha", b"hello" * 100, "MetaImage cannot be read"),
        ("x.png", b"\x89PNG\r\n" + bytes(400), "not supported"),
    ],
)
def test_other_content_is_refused(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImagingError, match=words):
        read_image(tmp_path / name)


def test_absent(tmp_path):
    with pytest.raises(ImagingError, match="no such file"):
        read_image(tmp_path / "absent.nii")


def test_metaimage_truncated_and_planar(tmp_path):
    metaimage(phantom(), tmp_path / "x.mha")
    data = (tmp_path / "x.mha").read_bytes()
    (tmp_path / "x.mha").write_bytes(data[:-100])
    with pytest.raises(ImagingError):
        read_image(tmp_path / "x.mha")
    sitk.WriteImage(sitk.Image(4, 4, sitk.sitkInt16), str(tmp_path / "flat.mha"))
    with pytest.raises(ImagingError, match="not one image"):
        read_image(tmp_path / "flat.mha")
