"""Anyone's table of studies, read strictly: every fault is named by row and column, with its remedy."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.table_faults import oddities, row_faults

__all__ = ["KINDS", "LABELS", "StudyTable", "read_study_table"]

KINDS = {
    "proportions": ("events", "total"),
    "medians": ("median_months", "low", "high"),
    "changes": ("mean_change", "sd", "total"),
}
"""Columns, beside ``study``, by which a table says what it holds."""

LABELS = {"unit_of_analysis": "units", "estimand": "estimands", "clock": "clocks"}
"""Columns of labels, and the arguments that take them."""
_MAY_BE_EMPTY = {"low", "high"}


@dataclass(frozen=True)
class StudyTable:
    """A table that can be pooled.

    Attributes
    ----------
    kind : str
        A key of ``KINDS``.
    names : tuple of str
        Of the studies.
    numbers : dict of str to tuple of float
        Columns of numbers; NaN where a value may be empty and is.
    labels : dict of str to tuple of str
        Columns of labels, by column name.
    warnings : tuple of str
        What looks odd but is not wrong.
    """

    kind: str
    names: tuple[str, ...]
    numbers: dict[str, tuple[float, ...]]
    labels: dict[str, tuple[str, ...]]
    warnings: tuple[str, ...]


def read_study_table(path: str | Path) -> StudyTable:
    """Read a table of studies with comma-separated columns and one line of headings.

    Parameters
    ----------
    path : str or Path
        Columns ``study`` and those of one of ``KINDS``; optional ``unit_of_analysis``, ``estimand``, ``clock``, and for medians
        ``total`` (needed where low and high are empty) and ``level`` (of the interval, 0.95 if not given).

    Returns
    -------
    StudyTable
        Checked.

    Raises
    ------
    EvidenceError
        If anything in it cannot be used; the message names row, column and remedy.
    """
    file = Path(path)
    head, rows = _rows(file)
    kind = _kind(head, file)
    names = tuple(row["study"] for _, row in rows)
    for line, row in rows:
        if not row["study"]:
            raise EvidenceError("the study has no name", where=f"{file.name}, row {line}, column study", remedy="Name it.")
        if names.count(row["study"]) > 1:
            raise EvidenceError(
                f"{row['study']} stands twice",
                where=f"{file.name}, row {line}, column study",
                remedy="Pool each series once, or give the two different names.",
            )
    wanted = [*KINDS[kind], *(c for c in ("total", "level") if kind == "medians" and c in head)]
    empty = _MAY_BE_EMPTY | {"total", "level"} if kind == "medians" else set()
    numbers = {
        column: tuple(_number(row[column], file, line, row["study"], column, column in empty) for line, row in rows)
        for column in wanted
    }
    given = {column: tuple(row[column] for _, row in rows) for column in LABELS if column in head}
    unused = [c for c in head if c not in {"study", *wanted, *LABELS}]
    warnings = [f"columns that are not used: {', '.join(unused)}"] if unused else []
    table = StudyTable(kind, names, numbers, given, (*warnings, *oddities(kind, names, numbers, given)))
    for i, (line, row) in enumerate(rows):
        for column, what, remedy in row_faults(kind, {c: values[i] for c, values in numbers.items()}):
            raise EvidenceError(what, where=f"{file.name}, row {line} ({row['study']}), column {column}", remedy=remedy)
    return table


def _rows(file: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Headings in lower case, and the rows that are not empty with their line numbers."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"the table cannot be read: {error}", where=file.name, remedy="Save it as CSV in UTF-8.") from error
    lines = csv.reader(text.splitlines(), strict=True)
    try:
        parsed = [(lines.line_num, [cell.strip() for cell in row]) for row in lines]
    except csv.Error as error:
        where = f"{file.name}, row {lines.line_num}"
        raise EvidenceError(f"the table is broken: {error}", where=where, remedy="Save it as CSV.") from error
    parsed = [(line, row) for line, row in parsed if any(row)]
    if not parsed:
        raise EvidenceError("the table is empty", where=file.name, remedy="Give a line of headings and one row per study.")
    head = [cell.lower().replace(" ", "_") for cell in parsed[0][1]]
    if len(head) == 1 and any(mark in head[0] for mark in ";\t|"):
        raise EvidenceError(
            "the columns are not separated by commas",
            where=f"{file.name}, row 1",
            remedy="Save it with commas between columns and points in numbers (12.5, not 12,5).",
        )
    twice = sorted({c for c in head if head.count(c) > 1})
    if twice:
        raise EvidenceError(f"two columns are called {', '.join(twice)}", where=f"{file.name}, row 1", remedy="Rename one.")
    for line, row in parsed[1:]:
        if len(row) != len(head):
            raise EvidenceError(
                f"{len(row)} values for {len(head)} columns",
                where=f"{file.name}, row {line}",
                remedy="Check for decimal commas and for commas in names, which need quotation marks.",
            )
    if len(parsed) == 1:
        raise EvidenceError("the table holds no study", where=file.name, remedy="Add a row per study.")
    return head, [(line, dict(zip(head, row, strict=True))) for line, row in parsed[1:]]


def _kind(head: Sequence[str], file: Path) -> str:
    fitting = [kind for kind, columns in KINDS.items() if columns[0] in head]
    known = "; ".join(f"{kind}: study, {', '.join(columns)}" for kind, columns in KINDS.items())
    if len(fitting) != 1:
        what = "the table holds two kinds of outcome" if fitting else "the table holds no outcome that is known"
        raise EvidenceError(what, where=f"{file.name}, row 1", remedy=f"Columns are, for {known}.")
    missing = [c for c in ("study", *KINDS[fitting[0]]) if c not in head]
    if missing:
        raise EvidenceError(f"no column {', '.join(missing)}", where=f"{file.name}, row 1", remedy=f"Columns are, for {known}.")
    return fitting[0]


def _number(text: str, file: Path, line: int, study: str, column: str, may_be_empty: bool) -> float:
    where = f"{file.name}, row {line} ({study}), column {column}"
    if not text:
        if may_be_empty:
            return nan
        raise EvidenceError("the value is missing", where=where, remedy="Give it, or leave the study out.")
    try:
        value = float(text)
    except ValueError:
        remedy = "Give a number."
        if "%" in text:
            remedy = "Give counts (events and total), not percentages."
        elif "," in text:
            remedy = "Write 12.5, not 12,5."
        elif may_be_empty:
            remedy = "Leave it empty if it was not reached or not given."
        raise EvidenceError(f"{text!r} is not a number", where=where, remedy=remedy) from None
    if not isfinite(value):
        raise EvidenceError(f"{text} is no value", where=where, remedy="Leave the study out, or find the number.")
    return value
