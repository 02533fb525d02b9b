"""A reading of response as lines of text and as JSON."""

from __future__ import annotations

from typing import Any

from locoregional.case import Quantity
from locoregional.measures.response.category import Reading
from locoregional.measures.response.change import LEVEL
from locoregional.sources import bibliography, read_facts
from locoregional.version import __version__

__all__ = ["change_quantities", "reading_document", "reading_lines"]


def reading_lines(reading: Reading) -> tuple[str, ...]:
    """Answer first, then what it rests on, what is open, and what speaks against the criterion."""
    reasons = reading.reasons[1:] if not reading.possible else reading.reasons  # the first stands in the answer already
    return (
        reading.answer,
        *(f"  {words}" for words in reasons),
        *dict.fromkeys(f"  interval: {c.method}" for c in reading.changes if c.low_percent < c.high_percent),
        *(f"  open: {words}" for words in reading.open_points),
        *(f"  ! {words}" for words in reading.doubts),
    )


def reading_document(reading: Reading) -> dict[str, Any]:
    """Everything a reading holds, for JSON."""
    facts = {}
    for key in dict.fromkeys(reading.facts):
        fact = read_facts(__package__)[key.partition(":")[2]]
        facts[key] = {
            "value": fact.value,
            "unit": fact.unit,
            "status": fact.status,
            "source": str(bibliography()[fact.source]),
            "where": fact.where,
        }
    return {
        "software": f"locoregional {__version__}",
        "use": "research only",
        "criterion": reading.criterion,
        "category": reading.short(reading.category),
        "possible": [reading.short(c) for c in reading.possible],
        "certain": reading.certain,
        "answer": reading.answer,
        "changes": [
            {
                "name": c.name,
                "reference": c.reference,
                "value": c.value,
                "unit": c.unit,
                "percent": c.percent,
                "interval_percent": [c.low_percent, c.high_percent],
                "level": LEVEL,
                "method": c.method,
            }
            for c in reading.changes
        ],
        "reasons": list(reading.reasons),
        "open": list(reading.open_points),
        "doubts": list(reading.doubts),
        "facts": facts,
    }


def change_quantities(reading: Reading) -> tuple[Quantity, ...]:
    """Changes of a reading as quantities of a chart."""
    stem = reading.criterion.lower().replace(" ", "_").replace(".", "_")
    return tuple(
        Quantity(
            f"{stem}_change_{i}" if i else f"{stem}_change",
            f"{reading.criterion}: {c.name}",
            c.percent,
            "%",
            c.low_percent,
            c.high_percent,
            LEVEL,
            c.method,
            reading.facts,
        )
        for i, c in enumerate(reading.changes)
    )
