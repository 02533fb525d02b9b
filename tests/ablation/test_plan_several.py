"""Plans with zones of known size: how many applicators, where, what they say, and what happens when nothing fits."""

import numpy as np
import pytest
from balls import BEHIND_MM, GRID, ball, balls, case_of

from locoregional.ablation.plan import plan_ablation
from locoregional.ablation.scene import access_scene
from locoregional.progress import silent

WIDTHS = (20.0, 30.0, 40.0, 50.0)


def planned(energy=None, **case):
    patient, lesion = case_of(**case)
    return patient, plan_ablation(patient, lesion, energy or balls(widths_mm=WIDTHS), silent)


def ends(plan):
    return (np.array([getattr(n, f) for n in plan.needles]) for f in ("entry_lps_mm", "tip_lps_mm"))


def number(plan, name):
    return next(q.value for q in plan.quantities if q.name == name)


@pytest.fixture(scope="module")
def small():
    return planned(radius_mm=7.0)[1]


@pytest.fixture(scope="module")
def large():
    return planned(balls(widths_mm=(50.0,)), radius_mm=19.0)


def test_a_small_lesion_needs_one_applicator_through_its_middle(small):
    assert small.feasible
    assert len(small.needles) == 1
    assert small.settings.power_w == 50.0  # 40 mm leave 8 mm for needle, registration and zone together: not in 90 %
    entry, tip = (p[0] for p in ends(small))
    middle = tip + BEHIND_MM * (entry - tip) / np.linalg.norm(entry - tip)
    assert np.linalg.norm(entry) == pytest.approx(80.0, abs=2.0)  # the skin
    assert np.linalg.norm(middle) < 3.0
    assert number(small, "coverage_5mm") > 90.0
    assert number(small, "tried_5mm") == pytest.approx(100.0)


def test_a_larger_lesion_is_covered_by_the_union_of_several_zones(large):
    _, plan = large
    assert plan.feasible
    assert len(plan.needles) >= 3  # 24 mm with 25 mm balls: one holds it only without any error
    entries, tips = ends(plan)
    axes = (entries - tips) / np.linalg.norm(entries - tips, axis=1)[:, None]
    middles = tips + BEHIND_MM * axes
    index = np.argwhere(ball((0, 0, 0), 24.0))
    points = GRID.to_lps(index)
    away = np.linalg.norm(points[:, None] - middles[None], axis=2).min(axis=1)
    assert (away <= 25.0 + 1.0).all()
    assert number(plan, "tried_5mm") > 98.0
    assert plan.settings.together is False
    assert number(plan, "coverage_5mm") > number(plan, "setting_50w_600s") + 20.0
    assert any("one after another" in w for w in plan.words)


def test_applicators_at_once_help_each_other_and_keep_their_distance():
    _, plan = planned(balls(widths_mm=(44.0,), together=3), radius_mm=12.0)
    assert plan.feasible
    assert plan.settings.together
    assert len(plan.needles) > 1
    entries, tips = ends(plan)
    axes = (entries - tips) / np.linalg.norm(entries - tips, axis=1)[:, None]
    assert np.allclose(axes, axes[0], atol=1e-6)
    assert number(plan, "least_spacing") >= 10.0 - 1e-6
    assert number(plan, "joint_growth") > 1.0


def test_a_lesion_too_large_says_so_and_says_what_would_help():
    _, plan = planned(balls(widths_mm=(50.0,)), radius_mm=24.0)
    # five balls of 25 mm cover at most a ball of 25 / 0.894 = 27.9 mm; 29 mm are needed
    assert not plan.feasible
    assert plan.words[0].startswith("Infeasible with ball-maker")
    assert "50 x 50 mm" in plan.words[0]
    assert "What would help: " in plan.words[1]
    assert "more than is sensible" in plan.words[1]


def test_the_same_case_gives_the_same_plan(small):
    again = planned(radius_mm=7.0)[1]
    assert again.needles == small.needles
    assert again.quantities == small.quantities


def test_safe_paths_bind_every_applicator():
    wall = ball((0, 0, 0), 60.0) & ~ball((0, 0, 0), 52.0)
    index = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
    lps = GRID.to_lps(index)
    window = (lps[..., 0] < 0) & (np.hypot(lps[..., 1], lps[..., 2]) < 25.0)
    case, plan = planned(balls(widths_mm=(50.0,)), radius_mm=16.0, structures={"colon": wall & ~window})
    assert len(plan.needles) >= 2
    scene, _ = access_scene(case, case.lesions[0])
    for entry, tip in zip(*ends(plan), strict=True):
        points = entry + np.linspace(0, 1, 400)[:, None] * (tip - entry)
        voxels = tuple(np.round(GRID.to_index(points)).astype(int).T)
        assert not scene.structures["colon"][voxels].any()
        near = np.linalg.norm(points[:, 1:], axis=1)[np.linalg.norm(points, axis=1) > 51.0]
        assert near.max() < 25.0 - 5.0  # the safety distance of bowel
