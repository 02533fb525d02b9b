"""Heat outside the organ, and structures nobody outlined, are told with the right amounts."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.case import ArrayStore, Case, Lesion, Organ, Outcome, Patient, Plan, Quantity
from locoregional.imaging.volume import Grid, Volume
from locoregional.procedures.mwa.settings import Settings
from locoregional.report.citations import Citations
from locoregional.report.document import Badge
from locoregional.report.doubts import leaves_image, spill_of, unseen
from locoregional.report.received import received_by
from locoregional.report.tables import settings_table, structures_table

GRID = Grid.regular((40, 60, 60), spacing_mm=(2.0, 2.0, 2.0), origin_lps_mm=(-60.0, -60.0, -40.0))


def half_space(reaches_mm):
    """A case whose liver ends at x = 0, with a ball of a zone that reaches beyond it."""
    store = ArrayStore()
    p = GRID.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1))
    centre = np.array([reaches_mm - 20.0, 0.0, 0.0])
    away = np.linalg.norm(p - centre, axis=-1)
    masks = {"liver": p[..., 0] <= 0, "body": np.ones(GRID.shape, bool)}
    lesion = store.put(Volume(away < 6, GRID.affine))
    chance = store.put(Volume((away < 20).astype(np.float32), GRID.affine))
    structures = {name: store.put(Volume(mask, GRID.affine)) for name, mask in masks.items()}
    case = Case(
        Patient("p"), lesions=(Lesion("L1", Organ.LIVER, 12.0, tuple(centre), lesion),), structures=structures, store=store
    )
    peak = Quantity("peak_gallbladder", "highest temperature in gallbladder", 61.0, "C", sources=("ablation:alert.hot",))
    cool = Quantity("peak_spleen", "highest temperature in spleen", 38.0, "C", sources=("ablation:alert.hot",))
    outcome = Outcome("o", "", "L1", "mwa", True, {"probability": chance}, (cool, peak))
    return case, outcome


@pytest.mark.parametrize("reaches_mm", [6.0, 12.0])
def test_a_spill_has_the_volume_of_the_cap_that_sticks_out(reaches_mm):
    spill = spill_of(*half_space(reaches_mm))
    height_mm = reaches_mm - 1.0  # the voxels whose centre is at 0 belong to the liver
    assert spill.volume_ml == pytest.approx(np.pi * height_mm**2 * (60 - height_mm) / 3 / 1000, rel=0.1)
    assert spill.reach_mm == pytest.approx(reaches_mm, abs=2.5)


def test_tissue_that_was_outlined_is_no_spill():
    case, outcome = half_space(12.0)
    beside = case.store.put(Volume(~case.structure("liver").array, GRID.affine))
    known = replace(case, structures={**case.structures, "muscle": beside})
    assert spill_of(known, outcome) is None
    assert spill_of(half_space(-1.0)[0], half_space(-1.0)[1]) is None


def test_only_structures_beyond_their_limit_raise_an_alert():
    worst, cool = received_by(half_space(6.0)[1])
    assert (worst.structure, worst.extreme_c, worst.level) == ("gallbladder", 61.0, "alert")
    assert 40 <= float(worst.limit) < 61
    assert (cool.structure, cool.level) == ("spleen", "clear")


def planned(**more):
    return Plan("p", "L1", "mwa", True, (), Settings("amica-14g", 60.0, 600.0, 150.0, 5.0, 40.0, 30.0, 8.0), **more)


def test_gas_and_vessels_in_the_liver_do_not_stand_for_all_of_them():
    case, _ = half_space(6.0)
    handle = case.structures["liver"]
    seen = replace(case, structures={**case.structures, "bowel_gas": handle, "liver_vessels": handle})
    assert unseen(case, planned(unchecked=("small_bowel",))) == ("small bowel",)
    assert unseen(seen, planned(unchecked=("small_bowel",))) == (
        "colon without gas",
        "small bowel",
        "large vessels outside the liver",
    )


def test_the_chosen_setting_is_marked_and_others_are_not():
    words = "{} W for 10 min: zone 40 x 30 mm, 20 ml, 5 mm around the lesion; chance to cover it with 5 mm"
    rows = tuple(Quantity(f"setting_{w}w_600s", words.format(w), float(w), "%") for w in (60, 80))
    table = settings_table(planned(quantities=rows), Citations())
    assert [isinstance(row[-1], Badge) for row in table.rows] == [True, False]
    assert table.rows[0][1] == "40 x 30 mm, 20 ml, 5 mm around the lesion"
    assert settings_table(planned(), Citations()) is None


def test_structures_of_one_origin_share_a_row():
    case, _ = half_space(6.0)
    table = structures_table(replace(case, origins={"liver": "given", "body": "given"}))
    assert table.rows == (("Body, liver", "given"),)


def test_a_zone_that_leaves_the_image_is_told():
    case, outcome = half_space(6.0)
    small = case.store.put(Volume(np.zeros((10, 60, 60), np.float32), GRID.cropped((15, 0, 0), (25, 60, 60)).affine))
    whole = case.store.put(Volume(np.zeros(GRID.shape, np.float32), GRID.affine))
    assert leaves_image(replace(case, images={"planning": small}), outcome)
    assert not leaves_image(replace(case, images={"planning": whole}), outcome)
