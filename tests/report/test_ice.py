"""The gap between ice and what dies, on balls whose gap is known."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.case import ArrayStore, Case, Lesion, Organ, Outcome, Patient
from locoregional.imaging.volume import Grid, Volume
from locoregional.report.ice import ice_callout, ice_gap

GRID = Grid.regular((70, 70, 70), spacing_mm=1.0, origin_lps_mm=(-34.5, -34.5, -34.5))


def case_of(*, ice_mm, dead_mm, tumour_mm, shift_mm=0.0):
    store = ArrayStore()
    p = GRID.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1))

    def ball(radius, x=0.0):
        return store.put(Volume(np.linalg.norm(p - [x, 0, 0], axis=-1) < radius, GRID.affine))

    lesion = Lesion("L1", Organ.SOFT_TISSUE, 2 * tumour_mm, (0.0, 0.0, 0.0), ball(tumour_mm))
    maps = {"ice": ball(ice_mm, shift_mm), "zone": ball(dead_mm)}
    outcome = Outcome("predicted-1", "", "L1", "cryo", True, maps, reference_tumour=lesion.mask)
    return Case(Patient("p"), lesions=(lesion,), store=store), outcome


def test_concentric_balls_have_the_difference_of_their_radii():
    gap = ice_gap(*case_of(ice_mm=25, dead_mm=18, tumour_mm=10))
    assert gap.middle_mm == pytest.approx(7.0, abs=0.2)
    assert gap.low_mm == pytest.approx(7.0, abs=0.4)
    assert gap.ice_ml == pytest.approx(4 / 3 * np.pi * 25**3 / 1000, rel=0.02)
    assert gap.tumour_ice_mm == pytest.approx(15.0, abs=0.6)
    assert gap.tumour_dead_mm == pytest.approx(8.0, abs=0.6)


def test_a_shifted_ice_is_thin_on_one_side():
    gap = ice_gap(*case_of(ice_mm=25, dead_mm=18, tumour_mm=10, shift_mm=4.0))
    assert gap.high_mm - gap.low_mm > 6.0
    assert gap.tumour_ice_mm == pytest.approx(11.0, abs=0.4)


def test_a_tumour_that_lives_inside_the_ice_is_told():
    words = " ".join(ice_callout(*case_of(ice_mm=25, dead_mm=14, tumour_mm=18)).points)
    assert "the ice goes 7 mm beyond it" in words
    assert "what dies ends 4 mm inside it" in words


def test_no_ice_no_words():
    case, outcome = case_of(ice_mm=25, dead_mm=18, tumour_mm=10)
    assert ice_gap(case, replace(outcome, maps={"zone": outcome.maps["zone"]})) is None
    assert ice_callout(case, replace(outcome, maps={})) is None
    assert ice_gap(case, replace(outcome, reference_tumour=None)).tumour_ice_mm is None
