"""Vessels as sinks against the closed forms of a heat exchanger and published coefficients."""

import numpy as np
import pytest

from locoregional.ablation.vessels import (
    calibres_mm,
    effectiveness,
    outlet_temperature_c,
    split_vessels,
    transfer_units,
    wall_coefficient_w_m2k,
    with_vessels,
)
from locoregional.imaging.volume import Grid
from locoregional.physics.properties import homogeneous


def _tube(radius_mm, *, size=41, spacing_mm=1.0):
    a = (np.arange(size) - size // 2) * spacing_mm
    return np.broadcast_to(a[None, :, None] ** 2 + a[None, None, :] ** 2 < radius_mm**2, (size, size, size)).copy()


def _grid(size=41, spacing_mm=1.0):
    return Grid((size, size, size), np.diag([spacing_mm, spacing_mm, spacing_mm, 1.0]))


def test_coefficient_against_published_figures():
    # Fully developed flow in an 8 mm vein: 230 W/m2/K (Go-Smart). Hausen over 30 mm, worked by hand with k 0.52: portal vein of
    # 11 mm 1360, hepatic vein of 8 mm 1390, 4 mm branch 1430, 2 mm branch 1500.
    band = wall_coefficient_w_m2k([2.0, 4.0, 8.0, 11.0])
    assert band.low[2] == pytest.approx(230.0, rel=0.05)
    assert band.high == pytest.approx([1500.0, 1430.0, 1390.0, 1360.0], rel=0.03)
    assert (band.low < band.nominal).all()
    assert (band.nominal < band.high).all()


def test_blood_warms_as_a_heat_exchanger_does():
    units = np.array([0.1, 1.0, 3.0])
    one = [outlet_temperature_c(37.0, wall_c=60.0, units=n)[0] for n in units]
    assert (np.array(one) - 37.0) / 23.0 == pytest.approx(1.0 - np.exp(-units), rel=1e-12)
    # many short segments of one wall temperature are one long one; blood leaves a hot stretch and cools in a cold one
    assert outlet_temperature_c(37.0, wall_c=60.0, units=np.full(50, 0.06))[-1] == pytest.approx(one[2])
    there_and_back = outlet_temperature_c(37.0, wall_c=[60.0, 37.0], units=50.0)
    assert there_and_back == pytest.approx([60.0, 37.0])
    assert effectiveness(units) * units == pytest.approx(1.0 - np.exp(-units))
    assert float(effectiveness(0.0)) == 1.0


def test_narrow_vessels_saturate_and_wide_ones_do_not():
    narrow, wide = (float(transfer_units(d, wall_w_m2k=wall_coefficient_w_m2k(d).nominal, length_m=0.03)) for d in (0.5, 8.0))
    assert effectiveness(narrow) < 0.6 < 0.95 < effectiveness(wide)
    # h pi D L / (rho c v pi D^2 / 4) by hand for 8 mm: 4 * 500 * 0.03 / (1040 * 3617 * 0.12 * 0.008)
    assert float(transfer_units(8.0, wall_w_m2k=500.0, length_m=0.03)) == pytest.approx(60.0 / 3611.0, rel=0.01)


def test_calibre_of_tubes():
    for diameter in (4.0, 6.0, 10.0, 16.0):
        tube = _tube(diameter / 2 + 0.01)
        found = calibres_mm(tube, _grid())
        assert np.median(found[tube]) == pytest.approx(diameter, abs=2.0)
        assert (found[~tube] == 0.0).all()


def test_wide_vessels_are_held_and_branches_are_sinks():
    grid = _grid()
    branch = _tube(2.5)
    medium = homogeneous("liver", shape=grid.shape).medium
    found, facts = with_vessels(medium, branch, grid)
    assert not found.held.any()
    sink = found.sink_w_m3k[branch]
    assert sink.min() > 4.0 * 230.0 / 0.006  # above fully developed flow at 6 mm
    assert sink.max() < 4.0 * 1500.0 / 0.003
    assert (found.sink_w_m3k[~branch] == 0.0).all()
    assert (found.perfusion_heat_w_m3k[branch] == 0.0).all()
    assert any(f.key.endswith("nusselt.developed") for f in facts)
    held, _ = with_vessels(medium, _tube(6.0), grid)
    assert held.held[_tube(3.0)].all()
    none, facts = with_vessels(medium, np.zeros(grid.shape, bool), grid)
    assert none is medium
    assert facts == ()


def test_narrow_vessels_are_told_apart():
    wide, narrow = split_vessels(
        _tube(1.01, spacing_mm=0.5) | np.roll(_tube(3.0, spacing_mm=0.5), 14, axis=1), _grid(spacing_mm=0.5)
    )
    assert wide.any()
    assert narrow.any()
    assert not (wide & narrow).any()
