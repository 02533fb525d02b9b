"""What must die: the lesion with its margin, or the border of tumour and bone."""

from dataclasses import replace

import numpy as np
import pytest
from balls import ball, case_of

from locoregional.ablation.region import interface_region, margin_region, region_for
from locoregional.ablation.scene import access_scene
from locoregional.case import Option


def bone_case(**lesion):
    half = ball((0, 0, 0), 60.0)
    half[:, :, 31:] = False  # bone on the right of the patient (x < 0) only
    case, item = case_of(radius_mm=15.0, organ="bone", structures={"bone": half}, **lesion)
    return case, item, access_scene(case, item)[0]


def test_the_margin_fills_a_ball_and_reaches_its_surface():
    case, item = case_of(radius_mm=12.0)
    region = margin_region(access_scene(case, item)[0])
    away = np.linalg.norm(region.required, axis=1)
    assert region.least_mm == 5.0
    assert set(region.needed) == {5.0, 10.0}
    assert away.max() == pytest.approx(17.0, abs=0.8)
    assert region.radius_mm == pytest.approx(away.max(), abs=0.5)
    # inside as dense as at the surface: a share of (1/2)^3 lies within half the radius
    inside = away[away < 16.0]
    assert (inside < 8.0).mean() == pytest.approx((8.0 / 16.0) ** 3, abs=0.03)


def test_the_margin_ends_at_the_capsule():
    case, item = case_of(radius_mm=12.0, centre=(-52.0, 0.0, 0.0))  # 4 mm of it stick out of a liver of 60 mm
    region = margin_region(access_scene(case, item)[0])
    far = np.linalg.norm(region.required, axis=1)
    assert far.max() < 65.5
    beside = region.required[np.linalg.norm(region.required - [-52.0, 0.0, 0.0], axis=1) > 13.5]
    assert (np.linalg.norm(beside, axis=1) < 62.0).all()


def test_the_border_of_tumour_and_bone_is_where_bone_touches():
    _, _, scene = bone_case()
    region = interface_region(scene)
    assert region is not None
    away = np.linalg.norm(region.required, axis=1)
    assert region.palliative
    assert (np.abs(away - 15.0) < 3.0 + 2.6).all()  # a shell on both sides of the surface, on voxels of 3 mm
    assert (region.required[:, 0] < 8.0).all()  # only the side that has bone
    assert region.required[:, 0].min() < -13.0


def palliative(item, intent="palliative"):
    return Option(item.id, "rfa", "indicated", "words", (), intent=intent, intent_words="Pain relief")


@pytest.mark.parametrize(
    ("lesion", "intent", "border"),
    [({"pain": 7}, "palliative", True), ({"pain": 7}, "curative", False), ({"painful": False}, "palliative", False)],
)
def test_only_pain_and_a_palliative_intent_aim_at_the_border(lesion, intent, border):
    case, item, scene = bone_case(**lesion)
    region, words = region_for(case.appended(palliative(item, intent)), item, scene, procedure="rfa")
    assert region.palliative is border
    assert ("border of tumour and bone" in words) is border


def test_without_bone_beside_it_the_whole_lesion_is_planned():
    case, item, scene = bone_case(pain=7)
    bare = replace(scene, structures={})
    region, words = region_for(case.appended(palliative(item)), item, bare, procedure="rfa")
    assert not region.palliative
    assert "no bone beside it is known" in words
