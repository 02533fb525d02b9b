import math

from hypothesis import given
from hypothesis import strategies as st

from locoregional.report.numbers import decimals_for, format_interval, format_unit, format_value


def test_units_are_typeset():
    assert [format_unit(u) for u in ("mm3", "W/m/K", "1", "C", "mm")] == ["mm³", "W/(m·K)", "", "°C", "mm"]


def test_digits_follow_the_interval():
    assert decimals_for(12.345, low=12.0, high=12.8) == 1
    assert decimals_for(25.6, low=24.1, high=27.2) == 1
    assert decimals_for(1234.5, low=1000.0, high=1500.0) == 0
    assert format_interval(0.671, 0.812, unit="1") == "90\u00a0%: 0.67 to 0.81"
    assert format_interval(None, 2.0, unit="mm") == ""


def test_small_and_negative_values_survive():
    assert format_value(-0.4, decimals=0) == "0"
    assert format_value(-3.0) == "\u22123"
    assert format_value(0.00012) == "0.00012"


@given(st.floats(min_value=-1e9, max_value=1e9, allow_nan=False))
def test_formatted_value_reads_back(value):
    text = format_value(value).replace("\u2212", "-").replace("\u202f", "")
    assert math.isclose(float(text), value, rel_tol=0.01, abs_tol=1e-12)
