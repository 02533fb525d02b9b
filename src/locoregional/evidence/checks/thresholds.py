"""Rows with a threshold: a comparison needs a number, a length its right unit, a status its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.problem import Problem
from locoregional.evidence.row import Row

__all__ = ["problems"]

_LENGTH = re.compile(r"diameter|size|tumou?r_burden|\blength", re.IGNORECASE)
_SMALLEST_MM, _LARGEST_MM, _LARGEST_CM = 10.0, 200.0, 20.0
_TABLES = {"prognostic_factors": ("factor", "threshold"), "criteria": ("criterion", "threshold"), "standards": ("topic", "value")}


def problems(base: EvidenceBase) -> Iterator[Problem]:
    """What is wrong with prognostic factors, criteria, standards and the other tables of single facts."""
    for name, (subject, column) in _TABLES.items():
        for row in base.table(name):
            yield from _comparison(row, column)
            yield from _length(row, row.text(subject), column)
    for name in ("prognostic_factors", "criteria", "standards", "epidemiology", "recommendations"):
        for row in base.table(name):
            yield from _range(row)
    for row in base.table("prognostic_factors"):
        yield from _effect(row)
    for row in base.table("audit"):
        if row.text("severity") == "grave" and not row.text("rows"):
            words = "a grave finding names no row, so that no reader of a row sees it"
            yield Problem("audit", row.id, "rows", words, "Name the rows that it concerns.", "rows", question=True)


def _comparison(row: Row, column: str) -> Iterator[Problem]:
    if row.text("op") in ("<", "<=", ">", ">=") and row.number(column) is None:
        words = f"{row.text('op')} needs a number, not {row.text(column)!r}"
        yield Problem(row.table, row.id, column, words, "Give the number, or write 'is' for a word.", "threshold")


def _length(row: Row, subject: str, column: str) -> Iterator[Problem]:
    number, unit = row.number(column), row.text("unit")
    if number is None:
        return
    if subject.endswith("_mm") and unit != "mm":
        words = f"{subject} is in millimetres, and the unit is {unit!r}"
        yield Problem(row.table, row.id, "unit", words, f"Write {10 * number:g} mm." if unit == "cm" else "Write mm.", "unit")
    if not _LENGTH.search(subject) or unit not in ("mm", "cm"):
        return
    if unit == "mm" and number < _SMALLEST_MM:
        words = f"a size of {number:g} mm is implausibly small for a cut-off: is it {number:g} cm"
        yield Problem(row.table, row.id, column, words, f"If so, write {10 * number:g}.", "diameter", question=True)
    elif number > (_LARGEST_MM if unit == "mm" else _LARGEST_CM):
        words = f"a size of {number:g} {unit} is implausibly large: is the unit right"
        yield Problem(row.table, row.id, column, words, "Correct the number or the unit.", "diameter", question=True)


def _range(row: Row) -> Iterator[Problem]:
    column = "threshold" if "threshold" in row else "value"
    value, low, high = row.number(column), row.number("low"), row.number("high")
    if low is not None and high is not None and low > high:
        yield Problem(row.table, row.id, "low", f"the range runs from {low:g} down to {high:g}", "Exchange its ends.", "interval")
    elif value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        yield Problem(row.table, row.id, column, f"{value:g} lies outside its range", "Correct one.", "interval")
    for name, number in ((column, value), ("low", low), ("high", high)):
        unit = row.text("unit")
        if number is not None and unit == "%" and not 0 <= number <= 100:
            yield Problem(row.table, row.id, name, f"{number:g} % lies outside 0 to 100 %", "Correct it.", "percent")
        if number is not None and number < 0 and unit in ("mm", "cm", "months", "weeks", "days", "h", "years"):
            yield Problem(row.table, row.id, name, f"{number:g} {unit} is negative", "Correct it.", "negative")


def _effect(row: Row) -> Iterator[Problem]:
    if row.text("verdict") in ("agrees", "differs") and not row.text("primary_words"):
        words = f"{row.text('verdict')}, and what the study itself says is empty"
        yield Problem(row.table, row.id, "primary_words", words, "Write it, or say unverified.", "verdict")
    low, high, p = row.number("effect_low"), row.number("effect_high"), row.text("p_value")
    if low is not None and high is not None and low > high:
        words = f"the interval runs from {low:g} down to {high:g}"
        yield Problem(row.table, row.id, "effect_low", words, "Exchange its ends.", "interval")
    number = re.search(r"\d*\.?\d+", p)
    if number and float(number[0]) > 1:
        yield Problem(row.table, row.id, "p_value", f"{p} is no probability", "Write for example 0.03 or <0.05.", "p_value")
