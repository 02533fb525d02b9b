"""What plans say of lung, bone and adrenal gland, on bodies where the answer is known."""

import numpy as np
import pytest
from balls import GRID, ball, case_of

from locoregional.ablation.organ_words import said_of_organ
from locoregional.ablation.routes import route_of
from locoregional.ablation.scene import access_scene
from locoregional.access.plan import Trajectory


def needle(entry, tip, **changes):
    entry, tip = np.array(entry, float), np.array(tip, float)
    depth = float(np.linalg.norm(entry - tip))
    fields = {
        "entry_lps_mm": entry, "tip_lps_mm": tip, "aim_lps_mm": tip, "depth_mm": depth, "skin_to_target_mm": depth,
        "craniocaudal_deg": 0.0, "axial_deg": 0.0, "axial_side": "", "approach": "from the back", "entry_slice": 0,
        "target_slice": 0, "entry_table_mm": 0.0, "passes": {}, "clearances_mm": {}, "nearest": "", "capsule_angle_deg": np.nan,
        "organ_before_target_mm": 0.0, "aim_offset_mm": 0.0, "score": 0.0, "costs": {}, "pareto": True,
    }  # fmt: skip
    return Trajectory(**{**fields, **changes})


def said(case, item, *paths, minutes="10 min"):
    return said_of_organ(case, item, access_scene(case, item)[0], paths=paths, minutes=minutes)


def value(told, name):
    return next(q.value for q in told.quantities if q.name == name)


@pytest.fixture(scope="module")
def lung():
    air = ball((0, 0, 0), 55.0)
    # two lungs with a gap of 12 mm between them at y = 30
    y = GRID.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1))[..., 1]
    air &= np.abs(y - 30.0) > 6.0
    hu = np.where(ball((0, 0, 0), 80.0), 50, -1000)
    hu[air & ~ball((0, 0, 0), 10.0)] = -850
    vessel = ball((0, -20.0, 0), 5.0)
    return case_of(radius_mm=10.0, organ="lung", structures={"lung": air, "vessels": vessel}, hu=hu)


def test_pleura_crossings_are_counted(lung):
    case, item = lung
    front = said(case, item, needle((0, -80, 0), (0, 0, 0)))
    back = said(case, item, needle((0, 80, 0), (0, 0, 0)))
    assert value(front, "pleura_crossings") == 1.0
    assert value(back, "pleura_crossings") == 2.0  # it leaves one lung and enters the other
    both = said(case, item, needle((0, -80, 0), (0, 0, 0)), needle((3, -80, 0), (3, 0, 0)))
    assert value(both, "pleura_crossings") == 2.0


def test_the_ideal_lung_target_is_small_and_surrounded_by_air(lung):
    case, item = lung
    told = said(case, item, needle((0, -80, 0), (0, 0, 0)))
    assert told.words[0].startswith("An ideal target")
    assert value(told, "aerated_rim") > 95.0
    assert value(told, "lesion_to_vessels") == pytest.approx(5.0, abs=2.0)
    solid, lesion = case_of(radius_mm=10.0, organ="lung", structures={"lung": ball((0, 0, 0), 55.0)})
    assert said(solid, lesion, needle((0, -80, 0), (0, 0, 0))).words[0].startswith("Not the ideal target")


def test_drill_length_counts_cortex_before_the_lesion():
    bone = ball((0, 0, 0), 40.0)
    hu = np.where(ball((0, 0, 0), 80.0), 50, -1000)
    hu[bone] = 200
    hu[bone & ~ball((0, 0, 0), 31.0)] = 1200  # 9 mm of cortex
    case, item = case_of(radius_mm=10.0, organ="bone", structures={"bone": bone}, hu=hu)
    told = said(case, item, needle((0, -80, 0), (0, 0, 0)))
    assert value(told, "drill_cortex") == pytest.approx(9.0, abs=3.0)
    assert value(told, "bone_before_target") == pytest.approx(30.0, abs=3.0)
    assert any("a drill through" in w for w in told.words)


def test_a_way_through_the_pedicle_is_told_from_one_beside_it():
    index = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
    x, y, _ = np.moveaxis(GRID.to_lps(index), -1, 0)
    canal = np.hypot(x, y - 30.0) < 8.0
    body = np.hypot(x, y) < 22.0
    arch = (np.hypot(x, y - 30.0) < 20.0) & ~canal
    structures = {"bone": body | arch, "spinal_cord": canal}
    case, item = case_of(radius_mm=8.0, organ="bone", structures=structures, site="T10")
    through = " ".join(said(case, item, needle((20, 77, 0), (4, 0, 0))).words)
    beside = " ".join(said(case, item, needle((60, 50, 0), (4, 0, 0))).words)
    assert "transpedicular" in through
    assert "costovertebral" in beside
    assert "Nerve roots are not outlined" in beside


def test_adrenal_plans_warn_of_crisis_and_compare_times():
    case, item = case_of(radius_mm=15.0, organ="adrenal", structures={"adrenal": ball((0, 0, 0), 20.0)})
    told = said(case, item, needle((0, 80, 0), (0, 0, 0)), minutes="6 min")
    text = " ".join(told.words)
    assert "Hypertensive crisis: 43 % of 72 sessions" in text
    assert "this plan takes 6 min" in text
    assert "microwave 5 (2.0) min, radiofrequency 8.1 (4.8) min" in text
    assert "higher risk" in text
    large, lesion = case_of(radius_mm=25.0, organ="adrenal", structures={"adrenal": ball((0, 0, 0), 30.0)})
    assert "higher risk" not in " ".join(said(large, lesion, needle((0, 80, 0), (0, 0, 0))).words)


@pytest.mark.parametrize(
    ("entry", "passes", "organ", "name"),
    [
        ((0, 80, 0), {}, "adrenal", "posterior"),
        ((-80, 0, 0), {"liver": 40.0}, "adrenal", "transhepatic"),
        ((0, 80, 0), {"lung": 12.0}, "adrenal", "transpleural"),
        ((0, 80, 0), {"lung": 0.5}, "adrenal", "posterior"),
        ((0, -80, 0), {"liver": 40.0}, "liver", "anterior"),
        ((0, -80, 0), {"lung": 40.0}, "lung", "transpleural"),
        ((80, 0, 0), {}, "liver", "lateral"),
    ],
)
def test_routes_are_named_by_what_they_pass(entry, passes, organ, name):
    assert route_of(needle(entry, (0, 0, 0), passes=passes), organ=organ) == name
