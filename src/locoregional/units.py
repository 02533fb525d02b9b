"""The only unit conversions in the package; names say from and to."""

from __future__ import annotations

__all__ = [
    "ABSOLUTE_ZERO_C",
    "J_PER_CAL",
    "KNOWN_UNITS",
    "ML_PER_MM3",
    "celsius_to_kelvin",
    "days_to_months",
    "kelvin_to_celsius",
    "m3_to_ml",
    "m_to_mm",
    "minutes_to_s",
    "mm_to_m",
    "perfusion_ml_100g_min_to_per_s",
    "perfusion_ml_kg_min_to_per_s",
]

ABSOLUTE_ZERO_C = -273.15
"""0 K in degrees Celsius (definition of the Celsius scale)."""

ML_PER_MM3 = 1e-3
"""Millilitres in a cubic millimetre."""

J_PER_CAL = 4.184
"""Joules in a thermochemical calorie (definition)."""

KNOWN_UNITS = frozenset(
    """
    1 % mm cm m mm2 mm3 ml g kg s min h d month year Hz MHz GHz W mW W/cm J kJ K C deg
    W/m/K m2/s J/kg J/kg/K kg/m3 1/s S/m Pa MPa GPa Pa*s W/m3 W/m3/K W/m2/K J/m3 J/m3/K J/mol 1/K 1/mm %/K W/m/K/K
    V A mA ohm dB dB/m F/m H/m Gy GBq MBq Bq Bq/ml mg mg/ml HU mm/s m/s
    ml/min ml/min/kg ml/min/100g 10^9/l umol/l g/l mg/l mmol/l U/l mg/m2 patients lesions levels lines studies patients/year
    points text list gauge ml/m2 ml/cm week
    kg g/ml um keV MeV m2 1/Gy mGy kBq/ml GBq/g Gy*kg/GBq mGy/MBq/s spheres counts mmHg ml/s mg/kg Bq*s
    """.split()
)
"""Closed list of units that a fact may carry."""


def celsius_to_kelvin(temperature_c: float) -> float:
    """Temperature in kelvin of a temperature in degrees Celsius."""
    return temperature_c - ABSOLUTE_ZERO_C


def kelvin_to_celsius(temperature_k: float) -> float:
    """Temperature in degrees Celsius of a temperature in kelvin."""
    return temperature_k + ABSOLUTE_ZERO_C


def mm_to_m(length_mm: float) -> float:
    """Length in metres of a length in millimetres."""
    return length_mm * 1e-3


def m_to_mm(length_m: float) -> float:
    """Length in millimetres of a length in metres."""
    return length_m * 1e3


def m3_to_ml(volume_m3: float) -> float:
    """Volume in millilitres of a volume in cubic metres."""
    return volume_m3 * 1e6


def days_to_months(time_d: float) -> float:
    """Time in months of 30.4375 days (a twelfth of a Julian year) of a time in days."""
    return time_d / 30.4375


def minutes_to_s(time_min: float) -> float:
    """Time in seconds of a time in minutes."""
    return time_min * 60.0


def perfusion_ml_kg_min_to_per_s(perfusion_ml_kg_min: float, *, density_kg_m3: float) -> float:
    """Volumetric perfusion [1/s] of a perfusion per mass of tissue [ml/min/kg]."""
    return perfusion_ml_kg_min * density_kg_m3 * 1e-6 / 60.0


def perfusion_ml_100g_min_to_per_s(perfusion_ml_100g_min: float, *, density_kg_m3: float) -> float:
    """Volumetric perfusion [1/s] of a perfusion in ml/min/100 g."""
    return perfusion_ml_kg_min_to_per_s(10.0 * perfusion_ml_100g_min, density_kg_m3=density_kg_m3)
