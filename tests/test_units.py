import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional import units

sizes = st.floats(-1e6, 1e6)


@given(sizes)
def test_temperature_goes_there_and_back(temperature_c):
    assert units.kelvin_to_celsius(units.celsius_to_kelvin(temperature_c)) == pytest.approx(temperature_c, abs=1e-9)


@given(sizes)
def test_length_goes_there_and_back(length_mm):
    assert units.m_to_mm(units.mm_to_m(length_mm)) == pytest.approx(length_mm, rel=1e-12)


def test_perfusion_of_liver():
    # 90 ml/min/100 g at 1079 kg/m3: 900e-6 m3 / 60 s / kg * 1079 kg/m3
    assert units.perfusion_ml_100g_min_to_per_s(90.0, density_kg_m3=1079.0) == pytest.approx(900e-6 / 60 * 1079, rel=1e-12)
    assert units.perfusion_ml_kg_min_to_per_s(900.0, density_kg_m3=1079.0) == pytest.approx(0.016185, rel=1e-9)


def test_small_ones():
    assert units.celsius_to_kelvin(0.0) == 273.15
    assert units.m3_to_ml(1e-6) == 1.0
    assert units.minutes_to_s(12.0) == 720.0
