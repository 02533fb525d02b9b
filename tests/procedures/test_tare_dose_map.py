"""Dose maps of radioembolization: calibration, decay, density, and input that is refused."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from locoregional.errors import GeometryError, ImagingError, NotModelled, PlanningError, UnitsError
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.imaging.volume import Grid, Volume
from locoregional.physics.dose.constant import dose_constant
from locoregional.procedures.tare.dose_map import dose_map

INFUSION = datetime(2026, 3, 5, 10, 30, tzinfo=timezone(timedelta(hours=1)))
GRID = Grid.regular((20, 24, 24), spacing_mm=(4.0, 4.0, 4.0), origin_lps_mm=(-46.0, -46.0, -38.0))
HALF_LIFE = timedelta(hours=64.1)


def activity(total_gbq=2.0, *, unit="Bq/ml", nuclide="Y-90", reference=INFUSION, shape=None, **more):
    """A box of even activity in the middle."""
    array = np.zeros(GRID.shape, np.float32)
    array[6:14, 8:16, 8:16] = 1.0
    array *= total_gbq * 1e9 / array.sum() / GRID.voxel_ml
    if shape is not None:
        array = shape(array)
    return ActivityMap(Volume(array, GRID.affine, unit=unit, **more), nuclide, reference)


def box_mask():
    array = np.zeros(GRID.shape, bool)
    array[6:14, 8:16, 8:16] = True
    return Volume(array, GRID.affine)


def test_absolute_calibration_is_activity_over_mass():
    found = dose_map(activity(), infusion=INFUSION, injected_gbq=2.0)
    kg = 512 * GRID.voxel_ml * 1.04e-3
    assert float(found.volume.array.max()) == pytest.approx(49.67 * 2.0 / kg, rel=1e-5)
    assert found.volume.unit == "Gy"
    assert (found.method, found.calibration, found.activity_gbq) == ("local", "absolute", pytest.approx(2.0, rel=1e-5))
    said = " ".join(found.words)
    for word in ("method local", "conventional: 49.67", "64.1 h", "1.04 g/ml everywhere", "100 % of the injected 2.00 GBq"):
        assert word in said
    assert "physics.dose:constant.conventional" in found.facts


@pytest.mark.parametrize("hours", [-5.0, 0.0, 3.5, 20.0])
def test_an_image_after_the_infusion_is_brought_back_to_it(hours):
    later = activity(reference=INFUSION + timedelta(hours=hours))
    found = dose_map(later, infusion=INFUSION.astimezone(UTC), injected_gbq=2.0)
    assert found.activity_gbq == pytest.approx(2.0 * 2.0 ** (hours / 64.1), rel=1e-5)


def test_constants_are_named_and_scale():
    doses = {name: float(dose_map(activity(), infusion=INFUSION, constant=name).volume.array.max()) for name in ("ddep", "label")}
    assert doses["label"] / doses["ddep"] == pytest.approx(float(dose_constant("label")) / float(dose_constant("ddep")), rel=1e-6)
    with pytest.raises(UnitsError, match="Known"):
        dose_map(activity(), infusion=INFUSION, constant="50")


def test_counts_share_the_net_activity():
    counts = activity(1.0, unit="counts", nuclide="Tc-99m", reference=None)
    found = dose_map(counts, injected_gbq=2.0, lung_shunt_share=0.05)
    kg = 512 * GRID.voxel_ml * 1.04e-3
    assert float(found.volume.array.max()) == pytest.approx(49.67 * 1.9 / kg, rel=1e-5)
    assert found.calibration == "patient-relative"
    said = " ".join(found.words)
    assert "1.9 GBq (2 GBq injected less a lung shunt of 5 %)" in said
    assert "predicted from Tc-99m" in said


def test_relative_calibration_does_not_depend_on_the_scanner():
    one = dose_map(activity(2.0), infusion=INFUSION, injected_gbq=2.0, lung_shunt_share=0.0, relative=True)
    other = dose_map(activity(9.0), infusion=INFUSION, injected_gbq=2.0, lung_shunt_share=0.0, relative=True)
    np.testing.assert_allclose(one.volume.array, other.volume.array, rtol=1e-5)


def test_counts_outside_the_liver_are_left_out():
    def scattered(array):
        array[0:3] += 0.5 * array.max()
        return array

    counts = activity(1.0, unit="counts", reference=None, shape=scattered)
    loose = dose_map(counts, injected_gbq=2.0, lung_shunt_share=0.0)
    kept = dose_map(counts, injected_gbq=2.0, lung_shunt_share=0.0, within=box_mask())
    assert kept.volume.array[10, 12, 12] > 1.2 * loose.volume.array[10, 12, 12]
    assert kept.volume.array[0].max() == 0.0
    assert any("of all counts lie where activity can be" in words for words in kept.words)


def test_voxel_method_keeps_energy_and_blurs():
    local = dose_map(activity(), infusion=INFUSION, method="local").volume.array
    voxel = dose_map(activity(), infusion=INFUSION, method="voxel")
    assert voxel.volume.array.sum(dtype=float) == pytest.approx(local.sum(dtype=float), rel=5e-3)
    assert voxel.volume.array[10, 12, 12] == pytest.approx(local[10, 12, 12], rel=5e-3)
    assert voxel.volume.array[10, 12, 6] > 0.0 == local[10, 12, 6]
    assert any("method voxel" in words for words in voxel.words)
    with pytest.raises(NotModelled, match="local or voxel"):
        dose_map(activity(), infusion=INFUSION, method="monte carlo")


def test_density_from_ct_divides_and_lung_is_labelled():
    hu = np.full((40, 48, 48), 40.0, np.float32)
    hu[:, :, 24:] = -700.0
    fine = Grid.regular(hu.shape, spacing_mm=2.0, origin_lps_mm=(-47.0, -47.0, -39.0))
    ct = Volume(hu, fine.affine, unit="HU", modality="CT")
    for method, bias in (("local", "27 %"), ("voxel", "28 %")):
        found = dose_map(activity(), infusion=INFUSION, density=ct, method=method)
        said = " ".join(found.words)
        assert "as thin as lung" in said
        assert bias in said
        assert "1 + HU/1000" in said
    local = dose_map(activity(), infusion=INFUSION, density=ct).volume.array
    assert local[10, 12, 14] / local[10, 12, 9] == pytest.approx(1.04 / 0.30, rel=1e-3)
    assert local[10, 12, 9] == pytest.approx(49.67e-6 * activity().volume.array.max() / 1.04, rel=1e-4)
    small = Volume(hu[:, :24, :25], fine.affine, unit="HU")
    assert any("beyond the CT" in words for words in dose_map(activity(), infusion=INFUSION, density=small).words)
    with pytest.raises(UnitsError, match="no unit"):
        dose_map(activity(), infusion=INFUSION, density=Volume(hu, fine.affine))
    moved = fine.affine.copy()
    moved[0, 3] += 900.0
    with pytest.raises(GeometryError, match="nothing of the activity"):
        dose_map(activity(), infusion=INFUSION, density=Volume(hu, moved, unit="HU"))


@pytest.mark.parametrize(
    ("given", "more", "error", "words"),
    [
        ({}, {"infusion": None}, PlanningError, "infusion is not known"),
        ({"reference": None}, {}, PlanningError, "not known"),
        ({"reference": INFUSION + timedelta(days=20)}, {}, UnitsError, "20 days"),
        ({"total_gbq": 2e-4}, {}, UnitsError, "no treatment"),  # counts taken for Bq/ml
        ({"total_gbq": 2000.0}, {}, UnitsError, "no treatment"),
        ({"total_gbq": 2e-3}, {"injected_gbq": 2.0}, UnitsError, "were injected"),  # kBq/ml taken for Bq/ml
        ({"total_gbq": 4.5}, {"injected_gbq": 2.0}, UnitsError, "were injected"),
        ({}, {"injected_gbq": 2000.0}, UnitsError, "MBq"),
        ({}, {"injected_gbq": 0.0}, UnitsError, "gigabecquerels"),
        ({"unit": "counts"}, {"injected_gbq": None, "lung_shunt_share": 0.05}, PlanningError, "injected activity"),
        ({"unit": "counts"}, {"injected_gbq": 2.0}, PlanningError, "lung shunt"),
        ({"unit": "counts"}, {"injected_gbq": 2.0, "lung_shunt_share": 5.0}, UnitsError, "per cent is 0.05"),
        ({"unit": "counts"}, {"injected_gbq": 2.0, "lung_shunt_share": -0.1}, UnitsError, "share"),
        ({"nuclide": "Tc-99m"}, {"injected_gbq": 2.0}, PlanningError, "lung shunt"),  # Bq/ml of technetium are no dose
        ({"shape": lambda a: a * 0.0}, {}, ImagingError, "empty"),
        ({"shape": lambda a: np.where(a > 0, np.nan, a)}, {}, ImagingError, "NaN"),
    ],
)
def test_bad_input_is_an_error_and_never_a_number(given, more, error, words):
    with pytest.raises(error, match=words):
        dose_map(activity(**given), **({"infusion": INFUSION} | more))


def test_instants_need_their_time_zone():
    with pytest.raises(UnitsError, match="time zone"):
        dose_map(activity(), infusion=datetime(2026, 3, 5, 10, 30))
    with pytest.raises(UnitsError, match="no unit"):
        ActivityMap(Volume(np.ones((2, 2, 2)), np.eye(4)), "Y-90")


def test_another_frame_of_reference_is_an_error():
    here = activity(frame_of_reference="1.2")
    there = Volume(box_mask().array, GRID.affine, frame_of_reference="1.3")
    with pytest.raises(GeometryError, match="frames of reference"):
        dose_map(here, infusion=INFUSION, density=Volume(np.zeros(GRID.shape), GRID.affine, "HU", frame_of_reference="1.3"))
    counts = activity(1.0, unit="counts", frame_of_reference="1.2")
    with pytest.raises(GeometryError, match="frames of reference"):
        dose_map(counts, injected_gbq=2.0, lung_shunt_share=0.0, within=there)
    assert dose_map(here, infusion=INFUSION).volume.frame_of_reference == "1.2"


def test_noise_below_zero_is_kept_and_said():
    def noisy(array):
        return array + np.random.default_rng(0).normal(0.0, 0.02 * array.max(), array.shape).astype(np.float32)

    found = dose_map(activity(shape=noisy), infusion=INFUSION, injected_gbq=2.0)
    assert found.volume.array.min() < 0.0
    assert any("below zero" in words for words in found.words)


def test_an_image_that_is_no_ct_is_not_taken_for_one():
    counts = Volume(np.full((40, 48, 48), 900.0, np.float32), Grid.regular((40, 48, 48), spacing_mm=2.0).affine, unit="HU")
    with pytest.raises(UnitsError, match="no CT in HU"):
        dose_map(activity(), infusion=INFUSION, density=counts)
