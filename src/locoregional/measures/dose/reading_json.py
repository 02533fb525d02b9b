"""A dose reading as a JSON document and as lines of text."""

from __future__ import annotations

from typing import Any

from locoregional.case import Quantity
from locoregional.measures.dose.reading import DoseReading

__all__ = ["reading_document", "reading_lines"]

_SHOWN = ("volume_ml", "mean_gy", "d98_gy", "d70_gy", "d50_gy", "d2_gy")
_HIDDEN = ("minimum_gy", "maximum_gy", "d95_gy", "d90_gy")


def reading_document(reading: DoseReading) -> dict[str, Any]:
    """Every number of a reading for JSON.

    Returns
    -------
    dict
        Doses in Gy, volumes in ml, shares 0..1; a value of null cannot be given and its words say why.
    """
    return {
        "quantities": {
            q.name: {
                "words": q.words,
                "value": q.value,
                "low": q.low,
                "high": q.high,
                "level": q.level,
                "unit": q.unit,
                "method": q.method,
                "sources": list(q.sources),
            }
            for q in reading.quantities
        },
        "relative_uncertainty_of_the_mean": dict(reading.budget),
        "notes": list(reading.words),
    }


def reading_lines(reading: DoseReading) -> list[str]:
    """What a reader needs, one line each: the rest is in the document."""
    lines = [reading.name]
    for q in reading.quantities:
        if q.name in _SHOWN or not (q.name in _HIDDEN or q.name.startswith("below_")):
            lines.append("  " + _line(q))
    if reading.budget:
        said = ", ".join(f"{cause} {100 * share:.1f} %" for cause, share in reading.budget.items())
        lines.append(f"  uncertainty of the mean: {said}")
    return [*lines, *(f"  note: {words}" for words in reading.words)]


def _line(q: Quantity) -> str:
    if q.value is None:
        return f"{q.words}: cannot be given"
    factor, unit = (100.0, "%") if q.unit == "1" else (1.0, q.unit)
    band = "" if q.low is None or q.high is None else f"({100 * q.level:.0f} %: {factor * q.low:.1f} to {factor * q.high:.1f})"
    return f"{q.words:<60} {factor * q.value:8.1f} {unit:<2} {band}".rstrip()
