"""What can be recomputed from the tables: every calculation of this folder, over a whole evidence base."""

from __future__ import annotations

from collections.abc import Iterator

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.calculations import factors, intervals, shares, sums, times
from locoregional.evidence.calculations.calculated import Calculated

__all__ = ["Calculated", "calculated"]


def calculated(base: EvidenceBase) -> Iterator[Calculated]:
    """Every contradiction that arithmetic finds, table by table."""
    for part in (shares, intervals, sums, times, factors):
        yield from part.calculations(base)
