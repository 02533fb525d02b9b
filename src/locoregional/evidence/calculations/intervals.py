"""Intervals that are narrower than the number of patients allows."""

from __future__ import annotations

import math
from collections.abc import Iterator

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.calculations.calculated import Calculated, Side, sides
from locoregional.evidence.schema import estimands

__all__ = ["calculations"]

_NORMAL_975 = 1.959964
_NARROW_SHARE, _NARROW_TIME = 0.75, 0.5  # the width of a median's interval depends on the shape of the curve as well


def calculations(base: EvidenceBase) -> Iterator[Calculated]:
    """95 % intervals of proportions and medians that even complete follow-up of everybody could not give."""
    for row in base.table("outcomes"):
        estimand = estimands().get(row.text("estimand"))
        for side in sides(row):
            low, value, high = side.number("low"), side.number("value"), side.number("high")
            if (
                low is None
                or value is None
                or high is None
                or not low < high
                or side.total is None
                or row.number("level") != 0.95
            ):
                continue
            scale = estimand.scale if estimand else ""
            if (
                scale == "proportion"
                and row.text("unit") == "%"
                and high - low < _NARROW_SHARE * _wilson_width(value, side.total)
            ):
                yield _found(side, f"{high - low:.3g} points", f"{_wilson_width(value, side.total):.3g}")
            elif scale == "time" and low > 0 and math.log(high / low) < _NARROW_TIME * 2 * _NORMAL_975 / math.sqrt(side.total):
                yield _found(side, f"a factor of {high / low:.3g}", f"{math.exp(2 * _NORMAL_975 / math.sqrt(side.total)):.3g}")


def _wilson_width(percent: float, total: int) -> float:
    """Width in points of the Wilson interval of a share with nobody lost to follow-up."""
    z2 = _NORMAL_975**2
    share = percent / 100.0
    return 200.0 * _NORMAL_975 / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))


def _found(side: Side, width: str, expected: str) -> Calculated:
    words = f"{side.words}: the interval spans {width}, {side.total} {side.row.text('unit_of_analysis')}s give about {expected}"
    return Calculated("narrow", (side.row.id,), f"{words} at best", False, side.printed)
