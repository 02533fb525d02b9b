"""Segmentation on real CT: organ labels where there are some, plausibility where there are none."""

import numpy as np
import pytest

from locoregional.imaging.implant import implant_lesion
from locoregional.imaging.read import read_image
from locoregional.imaging.segmentation import segment_hepatic_vessels, segment_hu_organs, segment_lesion, segment_liver
from locoregional.imaging.volume import Volume

LIVER = 5  # in the label map's class table
LUNGS = (10, 11, 12, 13, 14)


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return float(2 * (a & b).sum() / (a.sum() + b.sum()))


def test_labelled_abdomen(shared_data) -> None:
    folder = shared_data / "ct-abdomen-totalseg"
    ct = read_image(folder / "example_ct.nii.gz", modality="CT", unit="HU")
    labels = read_image(folder / "example_seg_fast_force_split.nii.gz").array
    organs = segment_hu_organs(ct)
    assert dice(organs.lung.mask.array, np.isin(labels, LUNGS)) > 0.93
    truth = labels == LIVER
    liver = segment_liver(ct, organs)
    assert dice(liver.mask.array, truth) > 0.88
    # Without contrast in the liver's veins it must say so.
    assert segment_hepatic_vessels(ct, ct.on(truth, unit="")).quality == "not seen"
    with_lesion, lesion = implant_lesion(ct, ct.on(truth, unit=""), diameter_mm=25, seed=9)
    seed = lesion.grid.to_lps(np.argwhere(lesion.array).mean(0))
    found = segment_lesion(with_lesion, seed, diameter_mm=24.0)
    assert dice(found.mask.array, lesion.array) > 0.85


@pytest.fixture(scope="module")
def portal(shared_data) -> Volume:
    return read_image(shared_data / "ct-liver-mets" / "dicom")


@pytest.mark.parametrize(
    ("seed", "diameter_mm", "darkest_hu"),
    [
        ((-89.6, 35.6, -296.4), 9, 67),
        ((-85.6, 79.8, -276.4), 11, 74),
        ((-65.5, 55.7, -201.4), 10, 53),
        ((-71.1, 30.8, -221.4), 6, 57),
    ],
)
def test_seeds_in_portal_venous_ct(
    portal: Volume, seed: tuple[float, float, float], diameter_mm: float, darkest_hu: float
) -> None:
    found = segment_lesion(portal, seed, diameter_mm=diameter_mm)
    assert found.method == "outlined"
    assert 0.6 * diameter_mm < found.diameter_mm < 1.5 * diameter_mm
    assert darkest_hu - 5 < found.mean_hu < darkest_hu + 30
    assert -80 < found.contrast_hu < -20
    assert any("thick" in w for w in found.warnings)


def test_liver_of_portal_venous_ct(portal: Volume) -> None:
    organs = segment_hu_organs(portal)
    liver = segment_liver(portal, organs, seed_lps_mm=(-89.6, 35.6, -296.4))
    assert 1200 < liver.volume_ml < 1900
    centre = portal.grid.to_lps(np.argwhere(liver.mask.array).mean(0))
    assert centre[0] < -20
    for name, point in {"heart": (20, -10, -151), "spleen": (140, 50, -241), "stomach": (75, -10, -241)}.items():
        index = np.round(portal.grid.to_index(point)).astype(int)
        assert not liver.mask.array[tuple(index)], name
    vessels = segment_hepatic_vessels(portal, liver.mask)
    assert vessels.quality in ("good", "fair")
    assert 10 < vessels.volume_ml < 120
