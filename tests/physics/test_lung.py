"""Lung by its air, against measurements on lung of known and unknown air content."""

import numpy as np
import pytest

from locoregional.physics.lung import air_share, lung_conductivity_w_mk, lung_values, moist_gas_conductivity_w_mk
from locoregional.physics.tissue import tissue


def test_air_share_follows_the_ct_number():
    assert air_share([-2000.0, -480.0, 40.0, 120.0]) == pytest.approx([0.95, 0.5, 0.0, 0.0])
    density = (1.0 - air_share(-710.0)) * 1050.0
    assert density == pytest.approx(1000.0 * (1.0 - 0.71), rel=0.1)  # a CT number is 1000 (density / water - 1)


def test_one_air_share_explains_what_was_measured_on_inflated_lung():
    # Gabriel 1996, inflated lung: 0.1224 S/m at 480 kHz, relative permittivity 20.48 at 2.45 GHz; its air content is not stated.
    half = lung_values(0.5)
    assert half["electric_conductivity_s_m"] == pytest.approx(0.1224, rel=0.02)
    assert half["permittivity_2450"] == pytest.approx(20.48, rel=0.03)
    assert half["conductivity_2450_s_m"] == pytest.approx(0.804, rel=0.2)


def test_conductivity_against_porcine_lung():
    # Bianchi 2023 (abstract): k 0.2077 W/m/K and diffusivity 0.1547 mm2/s cold, 2.721 W/m/K at 91 C: heat capacity 1.34 MJ/m3/K.
    share = 1.0 - 1.34e6 / tissue("lung_deflated").volumetric_heat_capacity_j_m3k
    cold, hot = (float(lung_conductivity_w_mk(share, temperature_c=t)) for t in (22.0, 91.0))
    assert cold == pytest.approx(0.2077, rel=0.2)
    assert hot == pytest.approx(2.721, rel=0.4)
    # dry gas would leave hot lung as poor a conductor as cold lung
    assert hot > 8.0 * cold


def test_vapour_carries_the_heat():
    # Krischer and de Vries: near 59 C moist air conducts like water.
    assert moist_gas_conductivity_w_mk(59.0) == pytest.approx(0.6, rel=0.15)
    assert moist_gas_conductivity_w_mk(0.0) < 0.06


def test_consolidated_lung_is_lung_without_air_and_all_is_continuous():
    wet = tissue("lung_deflated")
    shares = np.linspace(0.0, 0.95, 96)
    values = lung_values(shares)
    for name, numbers in values.items():
        assert numbers[0] == pytest.approx(getattr(wet, name), rel=1e-6), name
        assert np.abs(np.diff(numbers)).max() < 0.06 * np.ptp(numbers) + 1e-12, name
        if name not in ("conductivity_slope_w_mk2", "vapour_heat_capacity_j_m3k"):  # hot gas carries heat; dry lung is floored
            assert (np.diff(numbers[shares < 0.85]) <= 1e-12).all(), name
    assert (values["vapour_heat_capacity_j_m3k"] <= values["volumetric_heat_capacity_j_m3k"]).all()


def test_named_lung_is_the_mixture_at_its_density():
    lung = tissue("lung")
    assert lung.volumetric_heat_capacity_j_m3k == pytest.approx(394.0 * 3886.0, rel=0.01)
    assert lung.conductivity_w_mk == pytest.approx(float(lung_conductivity_w_mk(1.0 - 394.0 / 1050.0, temperature_c=37.0)))


def test_lung_beside_the_target_does_not_dictate_the_time_step():
    shares = np.linspace(0.0, 0.95, 20)
    beside, within = lung_values(shares, beside=True), lung_values(shares)
    assert (beside["conductivity_slope_w_mk2"] == 0.0).all()
    stored = beside["vapour_heat_capacity_j_m3k"]
    assert (beside["conductivity_w_mk"] / stored <= 7.01e-7).all()
    at_50 = within["conductivity_w_mk"] + 13.0 * within["conductivity_slope_w_mk2"]
    assert beside["conductivity_w_mk"][10:] == pytest.approx(at_50[10:], rel=0.16)  # a straight line to 60 C lies above
    usual = shares < 0.8
    assert beside["volumetric_heat_capacity_j_m3k"][usual] == pytest.approx(within["volumetric_heat_capacity_j_m3k"][usual])
