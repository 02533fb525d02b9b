"""Conductances that depend on temperature: bounded, positive beside a coolant, and the step that follows them."""

from dataclasses import replace

import numpy as np
import pytest

from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.conductance import between
from locoregional.physics.properties import homogeneous


def test_cold_tissue_keeps_the_conductivity_of_body_temperature():
    one = np.float32(1.0)
    cold = between(
        np.float32(0.25), np.float32(0.016), np.float32(-30.0), np.float32(0.25), np.float32(0.016), np.float32(-30.0), 60.0, one
    )
    body = between(
        np.float32(0.25), np.float32(0.016), np.float32(0.0), np.float32(0.25), np.float32(0.016), np.float32(0.0), 60.0, one
    )
    assert cold == body == pytest.approx(0.25)


@pytest.mark.parametrize("name", ["lung", "liver"])
def test_tissue_between_a_coolant_and_a_source_stays_between_them(name):
    medium = homogeneous(name, shape=(24, 24, 24)).medium
    held = np.zeros(medium.shape, bool)
    held[11:13, 11:13, 4:20] = True
    medium = replace(medium, held=held, held_temperature_c=np.full(medium.shape, 5.0, np.float32))
    power = np.zeros(medium.shape, np.float32)
    power[16:20, 10:14, 10:14] = 1.5e7
    heating = simulate_heating(medium, source=power, duration_s=60.0, spacing_m=(1e-3,) * 3)
    assert heating.temperature_c.min() >= 5.0 - 1e-3
    assert np.isfinite(heating.temperature_c).all()
    assert heating.peak_temperature_c.max() > 60.0
    assert heating.energy.residual_share < 5e-3
