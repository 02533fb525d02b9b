"""Growth of zones beside a neighbour that works at the same time."""

import numpy as np
import pytest
from balls import balls

from locoregional.ablation.device import Setting
from locoregional.ablation.joint import joint_growth

SETTING = Setting(40.0, 600.0)


def growth(apart_mm, **changes):
    return joint_growth(balls(widths_mm=(40.0,), **changes), "ball-maker", SETTING, "liver", apart_mm=apart_mm)


def test_zones_that_do_not_add_up_do_not_grow():
    assert growth(20.0, helping=False) == pytest.approx(1.0, abs=0.02)


def test_zones_that_add_up_grow_the_more_the_nearer_they_are():
    near, middle, far = (growth(d) for d in (10.0, 20.0, 40.0))
    assert near > middle > far
    assert far == pytest.approx(1.0, abs=0.03)
    # the field is exp(1 - r2 / R2) of each: at one place two of them die out to R sqrt(1 + ln 2), and apart to less
    assert middle < near < np.sqrt(1.0 + np.log(2.0))
    # on the far side of one needle, 20 mm = R from the other, the edge lies where exp(-x2) + exp(-(x + 1)2) = exp(-1)
    x = np.linspace(1.0, 1.2, 20_001)
    edge = x[np.argmin(np.abs(np.exp(-(x**2)) + np.exp(-((x + 1.0) ** 2)) - np.exp(-1.0)))]
    assert middle == pytest.approx(edge, abs=0.03)
