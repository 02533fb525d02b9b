"""Outcomes: units, intervals, verdicts, directness, and whether they may be pooled."""

from __future__ import annotations

from collections.abc import Iterator

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.problem import Problem
from locoregional.evidence.row import Row
from locoregional.evidence.schema import estimands
from locoregional.evidence.used import used_value

__all__ = ["problems"]

_PRIMARY = ("primary_value", "primary_low", "primary_high", "primary_n", "primary_total", "primary_words")

_SAME = (
    "study", "organ", "procedure", "estimand", "subgroup", "time_months", "clock", "unit_of_analysis", "unit", "estimator",
)  # fmt: skip


def problems(base: EvidenceBase) -> Iterator[Problem]:
    """Everything that is wrong with single outcomes, and outcomes that stand twice."""
    seen: dict[tuple[str, ...], Row] = {}
    for row in base.table("outcomes"):
        for part in (_numbers, _estimand, _verdict, _pooling, _place):
            yield from part(row)
        yield from _directness(base, row)
        yield from _twice(row, seen)


def _wrong(row: Row, column: str, words: str, remedy: str = "", code: str = "schema", *, question: bool = False) -> Problem:
    return Problem("outcomes", row.id, column, words, remedy, code, question)


def _numbers(row: Row) -> Iterator[Problem]:
    unit = row.text("unit")
    for prefix in ("", "primary_"):
        value, low, high = (row.number(prefix + c) for c in ("value", "low", "high"))
        for name, number in (("value", value), ("low", low), ("high", high)):
            if number is None or (prefix and row.text(name) == row.text(prefix + name)):  # the same number is judged once
                continue
            if unit == "%" and not 0 <= number <= 100:
                yield _wrong(row, prefix + name, f"{number:g} % lies outside 0 to 100 %", "Correct it, or its unit.", "percent")
            if unit in ("months", "weeks", "count") and number < 0:
                yield _wrong(row, prefix + name, f"{number:g} {unit} is negative", "Correct it.", "negative")
        if low is not None and high is not None and low > high:
            words = f"the interval runs from {low:g} down to {high:g}"
            yield _wrong(row, prefix + "low", words, "Exchange its ends.", "interval")
        elif value is not None and ((low is not None and value < low) or (high is not None and value > high)):
            words = f"{value:g} lies outside its interval {_band(low, high)}"
            yield _wrong(row, prefix + "value", words, "Correct one.", "interval")
    ranged = row.text("estimator") == "range" or row.text("unit_of_analysis") == "study range"
    whole = any(row.number(p + "low") is not None and row.number(p + "value") is not None for p in ("", "primary_"))
    if whole and row.number("level") is None and not ranged:
        yield _wrong(row, "level", "the interval has no level", "Write 0.95 for a 95 % interval.")


def _band(low: float | None, high: float | None) -> str:
    return f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}".strip()


def _estimand(row: Row) -> Iterator[Problem]:
    estimand = estimands().get(row.text("estimand"))
    if estimand is None:
        return
    if row.text("unit") not in estimand.units:
        remedy = f"Use {' or '.join(estimand.units)}."
        yield _wrong(row, "unit", f"{estimand.words} is not counted in {row.text('unit')!r}", remedy, "unit")
    if estimand.at_time and row.number("time_months") is None:
        yield _wrong(row, "time_months", f"{estimand.words} needs its time point", "Give it in months.", "time")
    if estimand.name == "os_median" and not row.text("clock"):
        yield _wrong(row, "clock", "survival from when is not said", "Write it, or 'not stated'.", "clock")


def _verdict(row: Row) -> Iterator[Problem]:
    verdict, given = row.text("verdict"), [c for c in _PRIMARY if row.text(c)]
    if verdict == "unverified" and given:
        words = f"nobody has read the source, and yet {given[0]} is filled in"
        yield _wrong(row, given[0], words, "Say agrees or differs, or empty it.", "verdict")
    if verdict in ("agrees", "differs"):
        if not given:
            remedy = "Fill in primary_value, or primary_words."
            yield _wrong(row, "primary_value", f"{verdict}, and what the source says is empty", remedy, "verdict")
        if not row.text("source_of_primary"):
            yield _wrong(row, "source_of_primary", f"{verdict}, and the source read is not named", "Name its key.", "verdict")
    if verdict == "differs" and not row.text("primary_words"):
        pairs = [(row.text(c.removeprefix("primary_")), row.text(c)) for c in _PRIMARY[:5]]
        if all(not theirs or ours == theirs for ours, theirs in pairs):
            yield _wrong(row, "verdict", "differs, and both numbers are the same", "Say in primary_words how.", "verdict")


def _pooling(row: Row) -> Iterator[Problem]:
    if row.text("poolable") == "no" and not row.text("why_not"):
        remedy = "Say why, for example: no denominator."
        yield _wrong(row, "why_not", "not poolable, and the reason is not said", remedy, "why_not")
    if row.text("poolable") != "yes":
        return
    used, estimand = used_value(row), estimands().get(row.text("estimand"))
    scale = estimand.scale if estimand else ""
    if row.text("unit_of_analysis") in ("study range", "unclear"):
        words = f"poolable, and what was counted is {row.text('unit_of_analysis')!r}"
        yield _wrong(row, "poolable", words, "Set poolable to no.", "poolable")
    if scale == "proportion" and (used.total is None or (used.n is None and used.value is None)):
        yield _wrong(row, "poolable", "poolable, and it has no denominator", "Add total, or set poolable to no.", "poolable")
    if scale == "time" and used.total is None and (used.low is None or used.high is None):
        words = "poolable, and it has neither an interval nor a denominator"
        yield _wrong(row, "poolable", words, "Add one, or set poolable to no.", "poolable")
    if scale == "score" and used.total is None:
        yield _wrong(row, "poolable", "poolable, and it has no denominator", "Add total, or set poolable to no.", "poolable")


def _place(row: Row) -> Iterator[Problem]:
    if row.text("in_review") == "yes" and not row.text("locator"):
        yield _wrong(row, "locator", "the review prints it, and the place is not said", "Give up to eight of its words.")


def _directness(base: EvidenceBase, row: Row) -> Iterator[Problem]:
    if row.text("study") not in base:
        return
    breast, said = base.row(row.text("study")).text("breast"), row.text("directness")
    expected = {"yes": "breast", "no": "borrowed", "mixed": "mixed"}.get(breast, said)
    names_breast = "breast" in row.text("subgroup").lower()
    if said == expected or (names_breast and said == "breast") or (breast != "yes" and {said, expected} == {"mixed", "borrowed"}):
        return
    words = f"the study treated breast cancer only: {breast}, and the outcome says {said!r}"
    remedy = "A breast subgroup must be named in subgroup." if said == "breast" else f"Write {expected!r}."
    yield _wrong(row, "directness", words, remedy, "directness")


def _twice(row: Row, seen: dict[tuple[str, ...], Row]) -> Iterator[Problem]:
    if row.text("estimand") in ("statement", "comparison", "count"):
        return
    key = tuple(row.text(c).lower() for c in _SAME)
    first = seen.setdefault(key, row)
    if first is row:
        return
    same = first.number("value") == row.number("value")
    words = f"{first.id} is the same outcome" + ("" if same else " with another value")
    yield _wrong(row, "estimand", words, "Say in subgroup, clock or time_months how they differ.", "duplicate", question=not same)
