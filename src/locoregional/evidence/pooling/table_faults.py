"""What is wrong, and what is merely odd, in a row of a table of studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

__all__ = ["oddities", "row_faults"]

_LONGEST_MONTHS = 240.0
"""A median beyond twenty years is rather in days or weeks."""


def oddities(
    kind: str, names: Sequence[str], numbers: dict[str, tuple[float, ...]], given: dict[str, tuple[str, ...]]
) -> list[str]:
    """What looks odd in a table but is not wrong.

    Parameters
    ----------
    kind : str
        ``proportions``, ``medians`` or ``changes``.
    names : sequence of str
        Of the studies.
    numbers, given : dict
        Columns of numbers and of labels, by name.
    """
    found = []
    if kind == "proportions":
        if len(names) > 1 and set(numbers["total"]) == {100.0}:
            found.append("every total is 100: if the events are percentages, the intervals are wrong; give counts")
        if "unit_of_analysis" not in given:
            found.append("no column unit_of_analysis: make sure that patients and lesions are not mixed")
    if kind == "medians":
        long = [n for n, months in zip(names, numbers["median_months"], strict=True) if months > _LONGEST_MONTHS]
        if long:
            found.append(f"a median beyond twenty years in {', '.join(long)}: check that times are in months")
    return found


def row_faults(kind: str, row: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """Column, fault and remedy of each fault of a row; NaN stands for an empty cell.

    Parameters
    ----------
    kind : str
        ``proportions``, ``medians`` or ``changes``.
    row : dict of str to float
        Numbers by column.
    """
    total = row.get("total", float("nan"))
    found: list[tuple[str, str, str]] = []
    if not isnan(total) and (total < 1 or total % 1):
        found.append(("total", f"a total of {total:g}", "Give the whole number of patients or lesions, above 0."))
    return found + {"proportions": _counts, "medians": _median, "changes": _change}[kind](row)


def _counts(row: Mapping[str, float]) -> list[tuple[str, str, str]]:
    events, total = row["events"], row["total"]
    found = []
    if events < 0 or events % 1:
        found.append(("events", f"{events:g} is no count", "Give the number of events, not a share or percentage."))
    if events > total:
        found.append(("events", f"{events:g} events in {total:g}", "Give counts, not percentages, and check the total."))
    return found


def _change(row: Mapping[str, float]) -> list[tuple[str, str, str]]:
    found = []
    if row["sd"] <= 0:
        found.append(("sd", f"a standard deviation of {row['sd']:g}", "Give that of the change, above 0."))
    if row["total"] == 1:
        found.append(("total", "one patient has no standard deviation", "Leave the study out."))
    return found


def _median(row: Mapping[str, float]) -> list[tuple[str, str, str]]:
    median, low, high = (row[column] for column in ("median_months", "low", "high"))
    total, level = row.get("total", float("nan")), row.get("level", float("nan"))
    found = [
        (column, f"a time of {row[column]:g} months", "Times are above 0; leave empty what was not reached.")
        for column in ("median_months", "low", "high")
        if row[column] <= 0
    ]
    if low >= median:
        found.append(("low", f"low {low:g} is not below the median {median:g}", "Check the columns and the units."))
    if high <= median:
        found.append(("high", f"high {high:g} is not above the median {median:g}", "Check the columns and the units."))
    if isnan(low) and not isnan(high):
        found.append(("low", "there is a high but no low", "Give both, or neither and the total."))
    elif isnan(low) and isnan(total):
        found.append(("low", "there is neither an interval nor a total", "Give low and high, or a column total."))
    if not isnan(level) and not 0.5 <= level < 1.0:
        found.append(("level", f"a level of {level:g}", "Give it as 0.95, not as 95."))
    return found
