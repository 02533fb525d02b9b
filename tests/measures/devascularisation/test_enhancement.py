"""Enhancing volumes, exactly."""

import numpy as np
import pytest

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.devascularisation.enhancement import (
    enhancing_volume,
    lost_volume_percent,
)

GRID = Grid.regular((6, 10, 10), spacing_mm=(2.0, 1.0, 1.0), origin_lps_mm=(0.0, 0.0, 0.0))


def ct(values):
    return Volume(np.broadcast_to(np.asarray(values, dtype=np.int16), GRID.shape).copy(), GRID.affine, unit="HU", modality="CT")


def scene(stained):
    """A tumour of 200 voxels, of which so many rise by 60 HU, the others by 10."""
    tumour = np.zeros(GRID.shape, bool)
    tumour[1:3] = True
    plain, late = ct(40), ct(40)
    late.array[tumour] = 50
    late.array.reshape(-1)[np.flatnonzero(tumour)[:stained]] = 100
    return plain, late, Volume(tumour, GRID.affine)


def test_enhancing_volume_counts_voxels():
    found = enhancing_volume(*scene(80))
    assert found.enhancing_ml == pytest.approx(80 * 2e-3)
    assert found.tumour_ml == pytest.approx(200 * 2e-3)
    assert found.threshold_hu == 20.0
    assert enhancing_volume(*scene(80), threshold_hu=10.0).enhancing_ml == pytest.approx(0.4)
    assert enhancing_volume(*scene(80), threshold_hu=60.5).enhancing_ml == 0.0


def test_the_share_lost_is_exact():
    before, after = enhancing_volume(*scene(80)), enhancing_volume(*scene(20))
    assert lost_volume_percent(before, after) == pytest.approx(75.0)
    assert lost_volume_percent(enhancing_volume(*scene(0)), after) is None
    with pytest.raises(MaskError, match="two thresholds"):
        lost_volume_percent(before, enhancing_volume(*scene(20), threshold_hu=15.0))


def test_what_does_not_fit_is_refused():
    plain, late, tumour = scene(10)
    other = Volume(late.array[:, :, :5], GRID.affine, unit="HU")
    with pytest.raises(GeometryError, match="one grid"):
        enhancing_volume(plain, other, tumour)
    with pytest.raises(MaskError, match="empty"):
        enhancing_volume(plain, late, tumour.on(np.zeros(GRID.shape, bool)))
