"""Two views of a gamma camera, by windows, sides and orientation."""

import numpy as np
import pytest

from locoregional.errors import DicomError, GeometryError
from locoregional.imaging.nuclear.planar import Planar, read_planar
from locoregional.validation.nuclear_files import Items, camera_file, item, save_files

FRONT = np.random.default_rng(0).integers(1, 400, (6, 8))
BACK = FRONT[:, ::-1] // 2 + 1
SCATTER = FRONT // 10
ANTERIOR, POSTERIOR = [1, 0, 0, 0, 0, -1], [-1, 0, 0, 0, 0, -1]


def sequence(*items):
    return Items([one[0] for one in items])


def head(code=None, orientation=None):
    view = None if code is None else item(CodeValue=code, CodeMeaning="view")
    return item(ViewCodeSequence=view, ImageOrientationPatient=orientation)


def window(low, high):
    return item(EnergyWindowRangeSequence=item(EnergyWindowLowerLimit=low, EnergyWindowUpperLimit=high))


def two_heads(front=None, back=None, frames=(FRONT, BACK), **changes):
    elements = {
        "DetectorVector": [1, 2],
        "EnergyWindowVector": [1, 1],
        "DetectorInformationSequence": sequence(front or head("G-5215"), back or head("G-5216")),
        "EnergyWindowInformationSequence": window(126.5, 154.6),
    }
    return camera_file(np.stack(frames), kind=["STATIC", "EMISSION"], **(elements | changes))


def test_both_views(tmp_path):
    found = read_planar(save_files([two_heads()], tmp_path))
    np.testing.assert_array_equal(found.anterior, FRONT)
    np.testing.assert_array_equal(found.posterior, BACK)
    np.testing.assert_allclose(found.geometric_mean, np.sqrt(FRONT * (FRONT // 2 + 1)))
    assert (found.spacing_mm, found.duration_s, found.window_kev, found.nuclide) == ((4.0, 2.0), 300.0, (126.5, 154.6), "Tc-99m")
    region = np.zeros(FRONT.shape, bool)
    region[1:3, 0:2] = True
    assert found.counts_in(region) == (FRONT[1:3, 0:2].sum(), (FRONT // 2 + 1)[1:3, 0:2].sum())
    assert any("correlation" in words for words in found.assumed)


def test_photopeak_of_several_windows_in_any_order(tmp_path):
    both = two_heads(
        frames=(SCATTER[:, ::-1], BACK, FRONT, SCATTER), DetectorVector=[2, 2, 1, 1], EnergyWindowVector=[2, 1, 1, 2],
        EnergyWindowInformationSequence=sequence(window(126, 154), window(90, 120)),
    )  # fmt: skip
    found = read_planar(save_files([both], tmp_path))
    np.testing.assert_array_equal(found.anterior, FRONT)
    np.testing.assert_array_equal(found.posterior, BACK)
    assert any("holds the 140.511 keV" in words and "left out: 1 other" in words for words in found.assumed)
    np.testing.assert_array_equal(read_planar(tmp_path, window=2).anterior, SCATTER)
    with pytest.raises(DicomError, match="no energy window 3"):
        read_planar(tmp_path, window=3)


def test_no_photopeak_no_guess(tmp_path):
    with pytest.raises(DicomError, match="0 energy windows hold"):
        read_planar(save_files([two_heads(EnergyWindowInformationSequence=window(60, 90))], tmp_path / "a"))
    nameless = two_heads(
        frames=(FRONT, BACK, FRONT, BACK), DetectorVector=[1, 2, 1, 2], EnergyWindowVector=[1, 1, 2, 2],
        EnergyWindowInformationSequence=sequence(window(50, 100), window(100, 250)), RadiopharmaceuticalInformationSequence=None,
    )  # fmt: skip
    with pytest.raises(DicomError, match="no photopeak is known"):
        read_planar(save_files([nameless], tmp_path / "b"))
    assert read_planar(tmp_path / "b", nuclide="Tc-99m").window_kev == (100.0, 250.0)


def test_sides_by_orientation_and_turned_views(tmp_path):
    turned = two_heads(head(orientation=ANTERIOR), head(orientation=POSTERIOR))
    found = read_planar(save_files([turned], tmp_path / "a"))
    assert found.mirrored
    np.testing.assert_array_equal(found.facing, BACK[:, ::-1])
    already = two_heads(head("399321004", ANTERIOR), head("399001007", POSTERIOR))
    already.DetectorInformationSequence[1].ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
    with pytest.raises(DicomError, match="contradicts itself"):
        read_planar(save_files([already], tmp_path / "b"))
    stored_turned = two_heads(frames=(FRONT, BACK[:, ::-1]))
    with pytest.raises(DicomError, match="mirrored=True or mirrored=False"):
        read_planar(save_files([stored_turned], tmp_path / "c"))
    np.testing.assert_array_equal(read_planar(tmp_path / "c", mirrored=False).facing, BACK[:, ::-1])


def test_one_view_is_refused(tmp_path):
    one = camera_file(FRONT[None], kind=["STATIC"], DetectorInformationSequence=head("G-5215"))
    with pytest.raises(DicomError, match="no posterior view"):
        read_planar(save_files([one], tmp_path / "a"))
    two = camera_file(BACK[None], kind=["STATIC"], number=1, DetectorInformationSequence=head("G-5216"))
    np.testing.assert_array_equal(read_planar(save_files([one, two], tmp_path / "b")).posterior, BACK)
    longer = camera_file(
        BACK[None], kind=["STATIC"], number=1, ActualFrameDuration=200000, DetectorInformationSequence=head("G-5216")
    )
    with pytest.raises(DicomError, match=r"took 300 and 200 s|took 200 and 300 s"):
        read_planar(save_files([one, longer], tmp_path / "c"))
    again = camera_file(FRONT[None], kind=["STATIC"], number=2, DetectorInformationSequence=head("G-5215"))
    with pytest.raises(DicomError, match="2 anterior views"):
        read_planar(save_files([one, two, again], tmp_path / "d"))
    lateral = two_heads(back=head("399118008"))
    with pytest.raises(DicomError, match="another side"):
        read_planar(save_files([lateral], tmp_path / "e"))


def test_real_screenshot_of_a_scintigraphy_is_refused(shared_data):
    with pytest.raises(DicomError, match="not a nuclear medicine image"):
        read_planar(shared_data / "dicom-conformance" / "pydicom" / "JPEG2000.dcm")


def test_tomograms_and_other_images_are_no_views(tmp_path):
    with pytest.raises(DicomError, match="no planar view"):
        read_planar(save_files([camera_file(FRONT[None], kind=["RECON TOMO"])], tmp_path))


def test_saturated_pixels_are_told(tmp_path):
    hot = FRONT.copy()
    hot[0, 0] = 65535
    assert any("cut off" in words for words in read_planar(save_files([two_heads(frames=(hot, BACK))], tmp_path)).assumed)


def test_views_must_lie_on_each_other():
    with pytest.raises(GeometryError, match="do not lie"):
        Planar(np.ones((3, 4)), np.ones((4, 3)), (1.0, 1.0))
    with pytest.raises(GeometryError, match="region"):
        Planar(np.ones((3, 4)), np.ones((3, 4)), (1.0, 1.0)).counts_in(np.zeros((3, 4), bool))
