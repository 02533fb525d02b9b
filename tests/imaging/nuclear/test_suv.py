"""SUV of body weight, and the exact way back."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from locoregional.errors import DicomError, NotModelled, UnitsError
from locoregional.imaging.dicom_volume import read_series
from locoregional.imaging.nuclear.read import read_activity
from locoregional.imaging.nuclear.suv import SuvScale, suv_bw
from locoregional.validation.nuclear_files import item, pet_slices, save_files

START = datetime(2026, 3, 5, 14, 0)
F18_S = 6586.2
STORED = np.random.default_rng(3).integers(0, 30000, (3, 4, 5)).astype(np.int16)


def folder(path, half_life_s=F18_S, correction="START", injected=None, **changes):
    slices = pet_slices(
        STORED, slopes=[0.3, 0.7, 1.1], start=START, acquired_s=[0, 0, 0], duration_s=60.0, half_life_s=half_life_s,
        correction=correction, administered=START - timedelta(hours=1), injected=injected, **changes,
    )  # fmt: skip
    return save_files(slices, path)


def test_formula_and_way_back(tmp_path):
    found = suv_bw(folder(tmp_path))
    true = STORED * np.array([0.3, 0.7, 1.1])[:, None, None]
    np.testing.assert_allclose(found.volume.array, true * 70e3 / (3e8 * 2 ** (-3600 / F18_S)), rtol=1e-6)
    assert found.volume.unit == "g/ml"
    back = found.activity()
    np.testing.assert_array_equal(back.volume.array, read_activity(tmp_path).volume.array)
    assert back.volume.array.dtype == np.float32


def test_administration_corrected_series_are_not_corrected_twice(tmp_path):
    start = suv_bw(folder(tmp_path / "a")).volume.array
    admin = suv_bw(folder(tmp_path / "b", correction="ADMIN")).volume.array
    np.testing.assert_allclose(admin, start * 2 ** (-3600 / F18_S), rtol=1e-6)


def test_suv_files_become_activity_again(tmp_path):
    stored = suv_bw(folder(tmp_path / "a"))
    slices = pet_slices(
        STORED, slopes=[f"{s * stored.scale.g_ml_per_bq_ml:.10g}" for s in (0.3, 0.7, 1.1)], start=START, acquired_s=[0, 0, 0],
        duration_s=60.0, half_life_s=F18_S, administered=START - timedelta(hours=1), Units="GML",
    )  # fmt: skip
    found = read_activity(save_files(slices, tmp_path / "b"))
    np.testing.assert_allclose(found.volume.array, stored.source.volume.array, rtol=1e-6)
    assert any("turned back into Bq/ml" in words for words in found.assumed)
    for ds in slices:
        ds.SUVType = "LBM"
    with pytest.raises(DicomError, match="LBM"):
        read_activity(save_files(slices, tmp_path / "c"))


def test_never_for_yttrium(tmp_path):
    code = {"RadionuclideCodeSequence": item(CodeValue="C-162A7", CodeMeaning="^90^Yttrium")}
    path = folder(tmp_path, half_life_s=64.1 * 3600, injected=code)
    with pytest.raises(NotModelled, match="Y-90"):
        suv_bw(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"PatientWeight": None}, "weight_kg="),
        ({"PatientWeight": 70000.0}, "cannot be true"),
        ({"injected": {"RadionuclideTotalDose": 300.0}}, "cannot be true"),
        ({"injected": {"RadionuclideTotalDose": None}}, "injected_bq="),
        ({"injected": {"RadiopharmaceuticalStartDateTime": None}}, "infusion="),
    ],
)
def test_what_is_missing_or_absurd(tmp_path, changes, words):
    with pytest.raises(DicomError, match=words):
        suv_bw(folder(tmp_path, **changes))


def test_counts_have_no_suv(tmp_path):
    with pytest.raises(UnitsError, match="counts"):
        suv_bw(folder(tmp_path, Units="CNTS"))


def test_stated_injection_wins(tmp_path):
    path = folder(tmp_path)
    found = suv_bw(path, infusion=datetime(2026, 3, 5, 13, 30, tzinfo=UTC), timezone="UTC", weight_kg=35.0)
    assert found.scale.elapsed_s == 1800.0
    assert found.scale.weight_kg == 35.0
    assert SuvScale(70.0, 3e8, 0.0, 1.0).g_ml_per_bq_ml == pytest.approx(70e3 / 3e8)


def test_real_series_gives_the_suv_of_another_program(shared_data):
    """The cropped image of the same scan was turned into SUV by others; they differ by the rounding of their pixels."""
    root = shared_data / "sarcoma-petct-mr"
    ours = suv_bw(root / "raw").volume
    theirs = read_series(root / "cropped" / "PET" / "image")
    first = np.rint(ours.grid.to_index(theirs.grid.to_lps([0, 0, 0]))).astype(int)
    part = ours.array[tuple(slice(a, a + n) for a, n in zip(first, theirs.shape, strict=True))]
    hot = theirs.array > 0.5
    assert np.median(part[hot] / theirs.array[hot]) == pytest.approx(1.0, abs=1e-6)
    assert np.abs(part - theirs.array).max() < 1e-3


@pytest.mark.parametrize("name", ["pet-dicom-headneck/PET", "sarcoma-petct-mr/raw"])
def test_decay_factors_of_real_scanners_confirm_the_instant(shared_data, name):
    found = read_activity(shared_data / name, timezone="+00:00")
    assert any("confirm this instant" in words for words in found.assumed)
    assert (found.nuclide, found.volume.unit) == ("F-18", "Bq/ml")
    again = suv_bw(shared_data / name)
    np.testing.assert_array_equal(again.activity().volume.array, found.volume.array)
    assert 5 < again.volume.array.max() < 100
