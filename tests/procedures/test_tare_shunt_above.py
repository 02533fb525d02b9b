"""Lung shunt from everything above the liver."""

import numpy as np
import pytest

from locoregional.errors import PlanningError
from locoregional.imaging.volume import Grid, Volume
from locoregional.procedures.tare.shunt_above import shunt_above_liver

GRID = Grid.regular((80, 20, 20), spacing_mm=(4.0, 5.0, 5.0))
LIVER = np.zeros(GRID.shape)
LIVER[5:25] = 1.0


def counts(lung):
    array = np.zeros(GRID.shape, np.float32)
    array[5:25] = 1000.0
    array[40:70] = lung
    return Volume(array, GRID.affine, unit="counts")


@pytest.mark.parametrize("lung", [0.0, 20.0, 100.0])
def test_counts_above_over_all_counts_whichever_way_the_slices_run(lung):
    found = shunt_above_liver(counts(lung), LIVER)
    expected = 30 * lung / (30 * lung + 20 * 1000.0)
    assert found.value == pytest.approx(expected)
    assert found.low == 0.0
    assert found.high >= found.value
    affine = GRID.affine.copy()
    affine[:3, 3] = GRID.to_lps([79, 0, 0])
    affine[:3, 0] *= -1
    turned = Volume(counts(lung).array[::-1], affine, unit="counts")
    assert shunt_above_liver(turned, LIVER[::-1]).value == pytest.approx(expected)


def test_a_map_that_ends_above_the_liver_gives_none():
    low = Volume(counts(20.0).array[:35], GRID.affine, unit="counts")
    with pytest.raises(PlanningError, match="above the liver"):
        shunt_above_liver(low, LIVER[:35])
