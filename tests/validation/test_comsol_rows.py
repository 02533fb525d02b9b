"""The tutorial model of a slot antenna: its power ends where it should, and rings and voxels agree."""

import numpy as np
import pytest

from locoregional.validation import comsol


@pytest.fixture(scope="module")
def antenna():
    model, field = comsol.solved(coarseness=2.0)
    return model, comsol.POWER_W * model.tissue_sar(field)


def test_rings_hold_the_power_that_the_field_leaves_in_them(antenna):
    model, sar = antenna
    rings = comsol.heat_rings(model, sar, spacing_mm=1.0, times_s=(5.0,))
    z, r = model.mesh.z_centres_m[:, None], model.mesh.r_centres_m[None, :]
    within = (z > -comsol.AHEAD_M) & (z < comsol.BEHIND_M) & (r < comsol.WIDE_M)
    assert rings.power_w == pytest.approx((sar * model.mesh.volumes_m3)[within].sum(), rel=0.015)
    assert 9.0 < (sar * model.mesh.volumes_m3).sum() < comsol.POWER_W


def test_rings_and_voxels_agree_off_the_antenna(antenna):
    model, sar = antenna
    rings = comsol.heat_rings(model, sar, spacing_mm=1.0, times_s=(120.0,))
    voxels = comsol.heat_voxels(model, sar, spacing_mm=1.5, time_s=120.0)
    height = int(np.argmin(np.abs(rings.z_m - 6.5e-3)))
    for steps in (4, 6, 8):
        there = np.interp(1.5e-3 * steps, rings.r_m, rings.temperature_c[120.0][height])
        assert voxels[steps] - 37.0 == pytest.approx(there - 37.0, rel=0.04)
