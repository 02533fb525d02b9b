"""Axes of the three pooled measures: percent, months on a logarithmic axis, points of a pain scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from locoregional.errors import EvidenceError

__all__ = ["Scale", "interval_words", "number_words", "scale_limits", "scale_of", "scale_ticks"]

_MONTH_TICKS = (0.5, 1, 2, 3, 6, 12, 24, 48, 96, 192, 384)
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100)


@dataclass(frozen=True)
class Scale:
    """How a measure is drawn.

    Attributes
    ----------
    measure : str
        ``proportion`` (0..1, drawn in percent), ``median survival`` (months) or ``mean change`` (points).
    unit : str
        What stands on the axis.
    factor : float
        From the number stored to the number drawn.
    logarithmic : bool
        Whether equal ratios are equal distances.
    """

    measure: str
    unit: str
    factor: float
    logarithmic: bool


_SCALES = {
    "proportion": Scale("proportion", "%", 100.0, False),
    "median survival": Scale("median survival", "months", 1.0, True),
    "mean change": Scale("mean change", "points", 1.0, False),
}


def scale_of(measure: str) -> Scale:
    """Scale of a pooled measure.

    Raises
    ------
    EvidenceError
        If the measure has none.
    """
    try:
        return _SCALES[measure]
    except KeyError:
        raise EvidenceError(
            f"no axis is known for the measure {measure!r}", where="plot", remedy=f"Use one of {', '.join(_SCALES)}."
        ) from None


def number_words(value: float, scale: Scale) -> str:
    """A number as drawn, one decimal, without its unit; large ones without decimals."""
    shown = value * scale.factor
    text = f"{shown:.1f}" if abs(shown) < 1000 else f"{shown:.3g}"
    return "0.0" if text == "-0.0" else text.replace("-", "\N{MINUS SIGN}")


def interval_words(low: float, high: float, scale: Scale) -> str:
    """An interval as drawn, without its unit."""
    return f"{number_words(low, scale)} to {number_words(high, scale)}"


def scale_limits(inner: Sequence[float], outer: Sequence[float], scale: Scale) -> tuple[float, float]:
    """Limits of the axis, in drawn units, that show all of ``inner`` and as much of ``outer`` as is sensible.

    Parameters
    ----------
    inner : sequence of float
        Estimates and interval ends of studies, in stored units.
    outer : sequence of float
        Ends of pooled and prediction intervals; these may run off the axis, where an arrow says so.
    scale : Scale
        Axis.

    Returns
    -------
    low, high : float
        Limits in drawn units, low below high.
    """
    near = [v * scale.factor for v in inner]
    far = [v * scale.factor for v in outer if math.isfinite(v)]
    if scale.measure == "proportion":
        top = max([*near, *far], default=100.0)
        return 0.0, 100.0 if top > 70.0 else max(10.0, 10.0 * math.ceil(top / 10.0 + 0.05))
    if scale.logarithmic:
        low, high = min(near, default=1.0), max(near, default=60.0)
        low = max(min([low, *far]), low / 3.0)
        high = min(max([high, *far]), high * 3.0)
        return low / 1.15, high * 1.15
    low, high = min(near, default=-1.0), max(near, default=1.0)
    room = max(high - low, 1.0)
    low, high = max(min([low, *far]), low - room), min(max([high, *far]), high + room)
    low, high = min(low, 0.0), max(high, 0.0)  # no change belongs on the axis
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def scale_ticks(low: float, high: float, scale: Scale, *, most: int = 6) -> list[float]:
    """Ticks in drawn units between the limits: doubling months, or round steps.

    Parameters
    ----------
    low, high : float
        Limits in drawn units.
    scale : Scale
        Axis.
    most : int
        At most this many.

    Returns
    -------
    list of float
        In rising order.
    """
    if scale.logarithmic:
        ticks = [float(t) for t in _MONTH_TICKS if low <= t <= high]
        if len(ticks) >= 2:
            return ticks if len(ticks) <= most else ticks[:: math.ceil(len(ticks) / most)]
    step = next((s for s in _STEPS if (high - low) / s <= most), 10.0 ** math.ceil(math.log10((high - low) / most)))
    first = math.ceil(low / step - 1e-9)
    ticks = [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]
    return [t for t in ticks if t > 0] if scale.logarithmic else ticks
