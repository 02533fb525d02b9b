"""Sizes of zones against the solids they were made from."""

import numpy as np
import pytest

from locoregional.ablation.needle import Needle, NeedleFrame
from locoregional.ablation.size import ZoneSize, contraction_share, measure_zone

SHAPE, SPACING = (60, 60, 60), 1.5


def frame(offset_mm=0.0, direction=(0.0, 0.0, 1.0)):
    middle = 0.5 * (SHAPE[0] - 1) * SPACING
    return NeedleFrame(Needle((middle, middle + offset_mm, middle + 12.0), direction), shape=SHAPE, spacing_mm=SPACING)


def ball(radius_mm, offset_mm=0.0):
    middle = 0.5 * (SHAPE[0] - 1) * SPACING
    z, y, x = (np.arange(n) * SPACING - middle for n in SHAPE)
    return radius_mm - np.sqrt(z[:, None, None] ** 2 + (y[None, :, None] - offset_mm) ** 2 + x[None, None, :] ** 2)


def test_a_ball_around_one_needle_has_its_diameter_and_volume():
    size = measure_zone(frame(), level=ball(15.0), peak_temperature_c=None)
    assert size.long_mm == pytest.approx(30.0, abs=0.5)
    assert size.short_mm == pytest.approx(30.0, abs=0.5)
    assert size.volume_ml == pytest.approx(4 / 3 * np.pi * 15**3 / 1e3, rel=0.02)
    assert size.ahead_mm == pytest.approx(3.0, abs=0.4)
    assert size.contracted_short_mm == size.short_mm


def test_one_needle_measured_by_its_outline_says_the_same():
    alone = measure_zone(frame(), level=ball(15.0), peak_temperature_c=None)
    twice = measure_zone([frame(), frame()], level=ball(15.0), peak_temperature_c=None)
    for name in ("long_mm", "short_mm", "ahead_mm"):
        assert getattr(twice, name) == pytest.approx(getattr(alone, name), abs=0.5)
    assert twice.volume_ml == pytest.approx(alone.volume_ml, rel=0.02)


def test_two_balls_side_by_side_are_as_wide_as_one_and_hold_twice_as_much():
    level = np.maximum(ball(12.0, -14.0), ball(12.0, 14.0))
    size = measure_zone([frame(-14.0), frame(14.0)], level=level, peak_temperature_c=None)
    assert size.long_mm == pytest.approx(24.0, abs=0.5)
    assert size.short_mm == pytest.approx(24.0, abs=0.5)  # the narrow way, not the 52 mm across both
    assert size.volume_ml == pytest.approx(2 * 4 / 3 * np.pi * 12**3 / 1e3, rel=0.02)


def test_heat_contracts_by_the_published_share():
    hot = np.full(SHAPE, 75.0, np.float32)
    share = 1.0 - float(contraction_share(np.array([75.0]))[0])
    for needles in (frame(), [frame(), frame()]):
        size = measure_zone(needles, level=ball(15.0), peak_temperature_c=hot)
        assert size.contracted_short_mm == pytest.approx(share * size.short_mm, rel=1e-6)
        assert size.contracted_volume_ml == pytest.approx(share**3 * size.volume_ml, rel=1e-6)


def test_nothing_dead_is_an_empty_zone():
    assert measure_zone([frame(), frame()], level=ball(15.0) - 99.0, peak_temperature_c=None) == ZoneSize.empty()
