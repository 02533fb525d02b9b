import re

import numpy as np
import pytest
from bodies import ball, coordinates, grid_of

from locoregional.access.faults import needle_faults
from locoregional.access.rules import AccessRules
from locoregional.access.scene import NeedleSpec, Scene
from locoregional.errors import PlanningError

NEEDLE = NeedleSpec(150.0, 2.0, "needle")
RULES = AccessRules.for_organ("liver")


def scene(**structures):
    grid = grid_of((90, 90, 90), 2.0)
    lps = coordinates(grid)
    masks = {name: make(lps) for name, make in structures.items()}
    return Scene(grid, ball(lps, (0, 0, 0), 80), masks, ball(lps, (0, 0, 0), 10), "liver")


def faults(body, entry, tip, needle=NEEDLE):
    return needle_faults(body, rules=RULES, needle=needle, entry_lps_mm=entry, tip_lps_mm=tip)


def test_a_clean_needle_has_no_faults():
    assert faults(scene(), (0, -80, 0), (0, 0, 0)) == ()


def test_a_tip_outside_the_body_or_the_image_is_refused():
    with pytest.raises(PlanningError, match="outside the body"):
        faults(scene(), (0, -88, 0), (0, -84, 0))
    with pytest.raises(PlanningError, match="outside the image"):
        faults(scene(), (0, -80, 0), (0, 300, 0))
    with pytest.raises(PlanningError, match="coincide"):
        faults(scene(), (0, -80, 0), (0, -80, 0))
    with pytest.raises(PlanningError, match="finite"):
        faults(scene(), (0, np.nan, 0), (0, 0, 0))


def test_bone_vessels_hollow_organs_and_length_are_named():
    body = scene(
        bone=lambda lps: ball(lps, (0, -50, 0), 8),
        vessels=lambda lps: ball(lps, (0, 0, 0), 6),
        stomach=lambda lps: ball(lps, (40, 0, 0), 12),
    )
    said = " ".join(faults(body, (0, -80, 0), (0, 0, 0)))
    assert float(re.search(r"through (\d+) mm of bone", said).group(1)) == pytest.approx(16.0, abs=2.0)
    assert "tip lies in a vessel" in said
    said = " ".join(faults(body, (40, -68, 0), (40, 0, 0)))
    assert "inside the stomach" in said
    assert "bone" not in said
    assert "60 mm long" in " ".join(faults(body, (30, -70, 0), (30, 0, 0), NeedleSpec(60.0, 2.0, "needle")))
    assert "outside the skin" in " ".join(faults(scene(), (0, -110, 0), (0, 0, 0)))


def test_what_may_be_crossed_is_no_fault():
    body = scene(lung=lambda lps: ball(lps, (0, -40, 0), 15))
    assert any("lung" in f for f in faults(body, (0, -80, 0), (0, 0, 0)))
    through = RULES.crossing("lung")
    assert needle_faults(body, rules=through, needle=NEEDLE, entry_lps_mm=(0, -80, 0), tip_lps_mm=(0, 0, 0)) == ()
    assert "lung" not in through.distances
    assert "lung" in RULES.distances
