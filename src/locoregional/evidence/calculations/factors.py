"""Prognostic factors: effects against their intervals, and studies against each other."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.calculations.calculated import Calculated
from locoregional.evidence.row import Row

__all__ = ["calculations", "two_sided_p"]

_RATIO = re.compile(r"\b(?:HR|OR|RR)\s*=?\s*(\d+(?:\.\d+)?)")
_SURVIVAL = re.compile(r"surviv|prognos|death|\bOS\b", re.IGNORECASE)
_NORMAL_975 = 1.959964


def calculations(base: EvidenceBase) -> Iterator[Calculated]:
    """Effects outside their interval, p values that do not fit, cut-offs and directions that clash."""
    for row in base.table("prognostic_factors"):
        yield from _effect(row)
    yield from _clashes(base)


def two_sided_p(ratio: float, *, low: float, high: float) -> float:
    """Two-sided p value of a hazard or odds ratio from its 95 % interval, on the log scale.

    Parameters
    ----------
    ratio, low, high : float
        Ratio and its interval, all positive.
    """
    standard_error = (math.log(high) - math.log(low)) / (2.0 * _NORMAL_975)
    return math.erfc(abs(math.log(ratio)) / standard_error / math.sqrt(2.0))


def _effect(row: Row) -> Iterator[Calculated]:
    match, low, high = _RATIO.search(row.text("effect")), row.number("effect_low"), row.number("effect_high")
    if not match or low is None or high is None:
        return
    ratio = float(match[1])
    if not 0 < low <= ratio <= high:
        yield Calculated("interval", (row.id,), f"{match[0]} lies outside its interval {low:g} to {high:g}", True)
        return
    p = row.number("p_value")
    if p is None or low == high:
        return
    expected = two_sided_p(ratio, low=low, high=high)
    if not 0.4 < (p + 1e-4) / (expected + 1e-4) < 2.5:
        words = f"p = {p:g} does not fit {match[0]} ({low:g} to {high:g}), which gives {expected:.2g}"
        yield Calculated("p_value", (row.id,), words)


def _clashes(base: EvidenceBase) -> Iterator[Calculated]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in base.table("prognostic_factors"):
        for organ in row.many("organ"):
            groups.setdefault((organ, row.text("factor")), []).append(row)
    for (organ, factor), rows in groups.items():
        words = f"{factor.replace('_', ' ')} in {organ.replace('_', ' ')}"
        yield from _cut_offs(words, rows)
        for about in ("survival", "local success"):
            yield from _directions(f"{words} matters for {about}", [r for r in rows if _about(r) == about])


def _about(row: Row) -> str:
    return "survival" if _SURVIVAL.search(row.text("outcome")) else "local success"


def _cut_offs(words: str, rows: list[Row]) -> Iterator[Calculated]:
    cuts: dict[str, dict[float, Row]] = {}
    for row in rows:
        number = row.number("threshold")
        if number is not None and row.text("direction") in ("better", "worse"):
            cuts.setdefault(row.text("unit"), {}).setdefault(number, row)
    for unit, found in cuts.items():
        if len(found) > 1:
            numbers = ", ".join(f"{n:g}" for n in sorted(found))
            ids = tuple(r.id for _, r in sorted(found.items()))
            yield Calculated("threshold", ids, f"cut-offs clash for {words}: {numbers} {unit}".rstrip(), False, True)


def _directions(words: str, rows: list[Row]) -> Iterator[Calculated]:
    said = {row.text("direction") for row in rows}
    if "none" in said and len(said) > 1 and len({row.text("study") for row in rows}) > 1:
        yield Calculated("conflict", tuple(r.id for r in rows), f"studies disagree whether {words}", False, True)
