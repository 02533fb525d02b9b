"""Injected layers between an organ and its neighbour."""

import numpy as np
import pytest

from locoregional.ablation.dissection import Dissection, dissected_layer, dissection_words
from locoregional.errors import PlanningError

SHAPE = (6, 40, 40)


def _scene(gap):
    organ, bowel, bone = (np.zeros(SHAPE, bool) for _ in range(3))
    organ[:, :, :15] = True
    bowel[:, :, 15 + gap :] = True
    bone[:, 35:, :] = True
    return {"target": organ, "structure": bowel, "fixed": bone}


def test_touching_structure_gives_way():
    scene = _scene(0)
    layer = dissected_layer(Dissection("colon", thickness_mm=10.0), **scene, spacing_mm=1.0)
    assert layer[3, 20].nonzero()[0].tolist() == list(range(15, 25))
    assert not layer[:, 35:].any()  # bone stays
    assert not (layer & scene["target"]).any()


def test_gap_is_filled():
    layer = dissected_layer(Dissection("colon", "carbon_dioxide", 10.0), **_scene(6), spacing_mm=1.0)
    assert layer[3, 20].nonzero()[0].tolist() == list(range(15, 25))
    half = dissected_layer(Dissection("colon", "carbon_dioxide", 10.0), **_scene(6), spacing_mm=2.0)
    assert half[3, 20].nonzero()[0].tolist() == [16, 17, 18, 19]  # 12 mm gap: what is within 10 mm of both


def test_refusals_and_words():
    with pytest.raises(PlanningError, match="already lies 21 mm away"):
        dissected_layer(Dissection("colon", thickness_mm=5.0), **_scene(20), spacing_mm=1.0)
    with pytest.raises(PlanningError, match="colon is not within"):
        dissected_layer(Dissection("colon"), **{**_scene(0), "structure": np.zeros(SHAPE, bool)}, spacing_mm=1.0)
    with pytest.raises(PlanningError, match="no fluid"):
        Dissection("colon", "petrol")
    with pytest.raises(PlanningError, match="a layer of 0 mm"):
        Dissection("colon", thickness_mm=0.0)
    layer = np.ones((10, 10, 10), bool)
    assert "1 ml" in dissection_words(Dissection("colon"), layer=layer, spacing_mm=1.0)[0]
    assert any("radiofrequency" in w for w in dissection_words(Dissection("colon", "saline"), layer=layer, spacing_mm=1.0))
    assert len(dissection_words(Dissection("colon", "dextrose"), layer=layer, spacing_mm=1.0)) == 1
