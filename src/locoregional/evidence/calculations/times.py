"""Survival times against each other, against the follow-up, and in one unit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.calculations.calculated import Calculated, Side, sides
from locoregional.evidence.row import Row
from locoregional.evidence.schema import estimands
from locoregional.units import days_to_months

__all__ = ["EXPONENTIAL_RATIO", "calculations"]

EXPONENTIAL_RATIO = 1.0 / math.log(2.0)
"""Mean over median of an exponential time: a larger ratio says that a few long times carry the mean."""

_FOLLOW_UP = re.compile(r"median (\d+(?:\.\d+)?) ?mo(?:nths)?(?: from ([^;,(]+))?")


def calculations(base: EvidenceBase) -> Iterator[Calculated]:
    """Odd units, medians beyond the follow-up, means far above medians, curves that rise."""
    curves: dict[tuple[str, ...], list[Side]] = {}
    for row in base.table("outcomes"):
        estimand = estimands().get(row.text("estimand"))
        for side in sides(row):
            if estimand is not None and estimand.scale == "time":
                yield from _unit(side, estimand.doubtful_above_months or math.inf)
            if row.text("estimand").startswith("os_"):
                columns = ("study", "organ", "procedure", "subgroup")
                clock = row.text("clock").replace("not stated", "")
                curves.setdefault((*(row.text(c) for c in columns), clock, side.prefix), []).append(side)
        yield from _tail(base, row)
    for group in curves.values():
        yield from _curve(group)
        yield from _mean(group)


def _months(side: Side) -> float | None:
    value = side.number("value")
    if value is None or side.row.text("unit") not in ("months", "weeks"):
        return None
    return value if side.row.text("unit") == "months" else days_to_months(7 * value)


def _unit(side: Side, doubtful_above_months: float) -> Iterator[Calculated]:
    row, months = side.row, _months(side)
    said = row.text("primary_words" if side.prefix else "printed").lower()
    if row.text("unit") == "months" and side.written and re.search(rf"\b{re.escape(side.written)} ?(weeks|days|years)\b", said):
        yield _found("weeks", side, f"{side.written} stands as months, the words say otherwise ({said})", certain=True)
    elif months is not None and months > doubtful_above_months:
        yield _found("long", side, f"{months:.4g} months is longer than {doubtful_above_months:g}: is it in weeks or days")
    elif row.text("unit") == "weeks" and months is not None:
        yield _found("unit", side, f"{side.written} weeks are {months:.3g} months; other studies count in months")


def _tail(base: EvidenceBase, row: Row) -> Iterator[Calculated]:
    if row.text("estimand") != "os_median" or row.text("study") not in base:
        return
    median = next((m for m in (_months(s) for s in sides(row)) if m is not None), None)
    follow_up = _follow_up(base.row(row.text("study")).text("follow_up"), row.text("clock"))
    if median is not None and follow_up and median > 2.0 * float(follow_up):
        times = f"{median / float(follow_up):.2g} times the median follow-up of {follow_up}"
        words = f"median survival {median:g} months is {times}"
        yield Calculated("tail", (row.id,), f"{words}: the end of the curve rests on few patients")


def _follow_up(said: str, clock: str) -> str:
    """Median follow-up in months by the clock of an outcome; empty where the study counts it from another event only."""
    known = clock.replace("not stated", "").lower().split()
    for months, start in _FOLLOW_UP.findall(said):
        if not start or not known or set(start.lower().split()) & set(known):
            return months
    return ""


def _curve(group: list[Side]) -> Iterator[Calculated]:
    points = sorted(_points(group), key=lambda point: point[0])
    for (t0, v0, a), (t1, v1, b) in pairwise(points):
        if t1 > t0 and v1 > v0:
            words = f"survival rises from {v0:g} % at {t0:g} to {v1:g} % at {t1:g} months"
            yield Calculated("curve", (a.row.id, b.row.id), words, True, a.printed and b.printed)
    for m in (s for s in group if s.row.text("estimand") == "os_median"):
        median = _months(m)
        for t, v, s in points:
            if median is not None and ((t > median and v > 50.0) or (t < median and v < 50.0)):
                words = f"{v:g} % live at {t:g} months and half at {median:.3g} months"
                yield Calculated("curve", (m.row.id, s.row.id), words, False, m.printed and s.printed)


def _points(group: list[Side]) -> Iterator[tuple[float, float, Side]]:
    for side in group:
        time, value = side.row.number("time_months"), side.number("value")
        if side.row.text("estimand") == "os_at_t" and time is not None and value is not None:
            yield time, value, side


def _mean(group: list[Side]) -> Iterator[Calculated]:
    by = {s.row.text("estimand"): s for s in group}
    if "os_mean" not in by or "os_median" not in by:
        return
    mean, median = _months(by["os_mean"]), _months(by["os_median"])
    if mean and median and mean / median > EXPONENTIAL_RATIO + 0.01:
        words = f"mean over median is {mean / median:.2f}, above {EXPONENTIAL_RATIO:.2f} of an exponential time"
        ids = (by["os_mean"].row.id, by["os_median"].row.id)
        yield Calculated("mean", ids, f"{words}: means of censored times cannot be pooled", False, True)


def _found(code: str, side: Side, words: str, *, certain: bool = False) -> Calculated:
    return Calculated(code, (side.row.id,), f"{side.words}: {words}", certain, side.printed)
