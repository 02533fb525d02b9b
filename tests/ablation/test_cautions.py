"""What stands against a plan, and what it does about a structure that published limits protect."""

import numpy as np
import pytest
from balls import GRID, balls, case_of

from locoregional.ablation.dissection import Dissection
from locoregional.ablation.plan import plan_ablation
from locoregional.cli._words import plan_lines
from locoregional.progress import silent

WIDTHS = (20.0, 30.0, 40.0, 50.0)
INDEX = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
LPS = GRID.to_lps(INDEX)


def rod(x_mm):
    """Rod of 3 mm radius along z, at this x."""
    return np.hypot(LPS[..., 0] - x_mm, LPS[..., 1]) <= 3.0


def planned(*, dissections=(), widths_mm=WIDTHS, **case):
    patient, lesion = case_of(**case)
    return plan_ablation(patient, lesion, balls(widths_mm=widths_mm), silent, dissections=dissections)


def test_a_setting_that_spares_the_cord_is_preferred_to_the_likelier_one():
    # the rod begins at 33 mm, where 37 + 20 exp(1 - r2 / h2) is 47 C for a ball of 50 mm and 41 C for one of 40 mm
    assert planned(radius_mm=7.0).settings.power_w == 50.0
    spared = planned(radius_mm=7.0, structures={"spinal_cord": rod(36.0)})
    assert spared.feasible
    assert spared.settings.power_w == 40.0
    assert [c.partition(" to cover")[0] for c in spared.cautions] == ["The chance"]
    assert any("harms spinal cord" in w for w in spared.words)


def test_a_cord_that_no_setting_spares_makes_the_plan_infeasible_and_says_what_helps():
    plan = planned(radius_mm=7.0, structures={"spinal_cord": rod(14.0)})
    assert not plan.feasible
    assert plan.needles, "what was tried is still shown"
    assert plan.cautions[0].startswith("Harmful: spinal cord: up to ")
    assert "limit 45 °C" in plan.cautions[0]
    assert "--dissect spinal_cord=" in plan.cautions[0]
    assert plan_lines(plan)[:2] == ("L1  rfa: NOT feasible", f"   ! {plan.cautions[0]}")


def test_a_limit_that_nobody_verified_is_told_but_decides_nothing():
    plan = planned(radius_mm=7.0, structures={"gallbladder": rod(14.0)})
    assert plan.feasible
    assert plan.settings.power_w == 50.0
    assert plan.cautions == ()
    assert any(w.startswith("Beyond a limit that nobody verified: gallbladder") for w in plan.words)


def test_the_trial_knows_what_is_injected():
    cord = {"spinal_cord": rod(36.0)}
    layer = Dissection("spinal_cord", "carbon_dioxide", 40.0)
    plan = planned(radius_mm=7.0, organ="soft_tissue", structures=cord, dissections=(layer,))
    assert plan.settings.dissections == (layer,)
    assert plan.settings.power_w == 50.0  # the layer has pushed the cord off
    assert not plan.cautions


@pytest.mark.parametrize("radius_mm", [5.0, 7.0])
def test_nothing_stands_against_a_plan_that_is_likely_and_harmless(radius_mm):
    plan = planned(radius_mm=radius_mm)
    assert plan.feasible
    assert plan.cautions == ()
    assert plan_lines(plan)[0] == "L1  rfa: feasible"
