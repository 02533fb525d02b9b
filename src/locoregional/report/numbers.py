"""Numbers as people read them: value, unit and interval, never more digits than are known."""

from __future__ import annotations

from math import floor, isfinite, log10

__all__ = ["decimals_for", "format_interval", "format_unit", "format_value", "with_unit"]

NBSP = "\u00a0"
_SYMBOLS = {
    "1": "", "deg": "°", "C": "°C", "mm2": "mm²", "mm3": "mm³", "m2": "m²", "m3": "m³", "kg/m3": "kg/m³", "1/s": "s⁻¹",
    "1/K": "K⁻¹", "1/mm": "mm⁻¹", "W/m/K": "W/(m·K)", "W/m3": "W/m³", "J/m3": "J/m³", "J/kg/K": "J/(kg·K)",
    "W/m2/K": "W/(m²·K)", "text": "", "list": "", "d": "days", "month": "months", "year": "years",
}  # fmt: skip


def format_unit(unit: str) -> str:
    """Typographic form of a unit of ``units.KNOWN_UNITS`` (``mm3`` becomes mm³)."""
    return _SYMBOLS.get(unit, unit)


def decimals_for(value: float, *, low: float | None = None, high: float | None = None) -> int:
    """Decimals worth showing: two figures of the interval's half width (one from 3 on), else three figures of the value."""
    if low is not None and high is not None and high > low:
        half = (high - low) / 2
        return min(5, max(0, (1 if half / 10 ** floor(log10(half)) < 3 else 0) - floor(log10(half))))
    if value == 0 or float(value).is_integer():
        return 0
    return min(5, max(0, 2 - floor(log10(abs(value)))))


def format_value(value: float | str, *, decimals: int | None = None) -> str:
    """Value without its unit, with a true minus sign; what is not finite reads "not known"."""
    if isinstance(value, str):
        return value
    if not isfinite(value):
        return "not known"
    places = decimals_for(value) if decimals is None else decimals
    text = f"{value:,.{places}f}".replace(",", "\u202f" if abs(value) >= 10000 else "")
    if 0 < abs(value) < 1e-3 and decimals is None:
        text = f"{value:.3g}"
    return text.replace("-", "\u2212") if text.strip("-0.") else text.lstrip("-")


def with_unit(text: str, unit: str) -> str:
    """Text with its unit, kept on one line (degrees close up, as in 12°)."""
    symbol = format_unit(unit)
    if not symbol or text == "not known":
        return text
    return f"{text}{symbol}" if symbol == "°" else f"{text}{NBSP}{symbol}"


def format_interval(low: float | None, high: float | None, *, unit: str, level: float = 0.9, decimals: int | None = None) -> str:
    """Words for an interval, empty where there is none.

    Parameters
    ----------
    low, high : float or None
        Ends, in ``unit``.
    unit : str
        Unit of both.
    level : float
        Chance that the truth lies inside, 0..1.
    decimals : int, optional
        Decimals of both ends; chosen from the width when not given.

    Returns
    -------
    str
        For example ``90 %: 6.1 to 9.9 mm``.
    """
    if low is None or high is None:
        return ""
    places = decimals_for(low, low=low, high=high) if decimals is None else decimals
    ends = f"{format_value(low, decimals=places)} to {with_unit(format_value(high, decimals=places), unit)}"
    return f"{100 * level:.0f}{NBSP}%: {ends}"
