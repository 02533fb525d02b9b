"""One row of a table: its cells as written, and as numbers and lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from locoregional.errors import EvidenceError
from locoregional.evidence.problem import Problem
from locoregional.evidence.schema import Column, Table, near, schema

__all__ = ["Row", "Value", "read_row"]

Value = str | float | int | tuple[str, ...] | None
"""A cell: text, number, whole number or list; None (or an empty text or list) where nothing is given."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Row(Mapping[str, Value]):
    """One row; ``row["value"]`` is its number, ``row.written["value"]`` its cell as written.

    Attributes
    ----------
    table : str
        Name of the table.
    written : dict
        Column to text, every column of the table, as it stands in the file.
    """

    table: str
    written: Mapping[str, str]

    @cached_property
    def _values(self) -> dict[str, Value]:
        columns = schema()[self.table].columns
        return {name: _typed(columns[name], text)[0] for name, text in self.written.items()}

    def __getitem__(self, name: str) -> Value:
        """Typed cell of a column."""
        try:
            return self._values[name]
        except KeyError:
            raise EvidenceError(f"no column {name!r}", where=self.table, remedy=near(name, self._values)) from None

    def __contains__(self, name: object) -> bool:
        """Whether the table has a column of this name."""
        return name in self.written

    def __iter__(self) -> Iterator[str]:
        """Column names in order."""
        return iter(self.written)

    def __len__(self) -> int:
        """Count the columns."""
        return len(self.written)

    def __hash__(self) -> int:
        """Rows are equal when they say the same."""
        return hash((self.table, *self.written.items()))

    @property
    def id(self) -> str:
        """Id of the row."""
        return self.written["id"]

    def text(self, name: str) -> str:
        """Cell as written; empty where the table has no such column."""
        return self.written.get(name, "")

    def number(self, name: str) -> float | None:
        """Cell as a number; None where none is given, or a word stands there."""
        cell = self[name] if name in self.written else None
        return float(cell) if isinstance(cell, int | float) else None

    def whole(self, name: str) -> int | None:
        """Cell as a whole number; None where none is given."""
        cell = self.number(name)
        return None if cell is None else int(cell)

    def many(self, name: str) -> tuple[str, ...]:
        """Cell as a list; empty where nothing is given."""
        return tuple(w for w in self.text(name).split("|") if w)


def read_row(table: Table, cells: Mapping[str, str], *, shipped: bool = False) -> tuple[Row, list[Problem]]:
    """Row of a table from its cells, and what is wrong with each cell by itself.

    Parameters
    ----------
    table : Table
        Table that it belongs to.
    cells : dict
        Column to text; a missing column counts as empty.
    shipped : bool
        Whether its id must have the plain form of the shipped tables.
    """
    written = {name: cells.get(name, "").strip() for name in table.columns}
    row = Row(table.name, written)
    problems = []
    for name, column in table.columns.items():
        text = written[name]
        wrong, remedy = _cell_problem(table, column, text, shipped=shipped)
        if wrong:
            problems.append(Problem(table.name, row.id, name, wrong, remedy, "schema" if text else "empty"))
    return row, problems


def _typed(column: Column, text: str) -> tuple[Value, str]:
    """Value of a cell, and what is wrong with it as one (empty: nothing)."""
    if column.kind == "list" or column.many:
        return tuple(w for w in text.split("|") if w), ""
    if column.kind not in ("number", "integer", "measure"):
        return text, ""
    if not text:
        return None, ""
    if not _NUMBER.fullmatch(text):
        return (text, "") if column.kind == "measure" else (None, f"{text!r} is not a number")
    number = float(text)
    if column.kind == "integer":
        return (int(number), "") if number.is_integer() else (None, f"{text} is not a whole number")
    return number, ""


def _cell_problem(table: Table, column: Column, text: str, *, shipped: bool) -> tuple[str, str]:
    """What is wrong with a cell and what to do; two empty texts if nothing is."""
    if not text:
        return (f"is empty; it says: {column.words}", "Fill it in.") if column.required else ("", "")
    value, wrong = _typed(column, text)
    if wrong:
        return wrong, _number_remedy(text)
    if isinstance(value, int | float) and not _within(column, value):
        return f"{text} lies outside {_limits(column)}", "Correct it, or look whether the unit is right."
    if column.kind == "id" and not table.accepts_id(text, shipped=shipped):
        return f"{text!r} is not an id of this table ({table.id_pattern})", "Leave it empty to have one given."
    if column.choices:
        words = value if isinstance(value, tuple) else (text,)
        unknown = [w for w in words if w not in column.choices]
        if unknown or not words:
            return f"{' and '.join(map(repr, unknown)) or 'nothing'} is not known here", near(unknown[0], column.choices)
    if column.max_words is not None and len(text.split()) > column.max_words:
        return f"has {len(text.split())} words, at most {column.max_words} are allowed", "Shorten it."
    return "", ""


def _within(column: Column, value: float) -> bool:
    return (column.low is None or value >= column.low) and (column.high is None or value <= column.high)


def _limits(column: Column) -> str:
    above = f"{column.low:g} and above" if column.high is None else f"{column.low:g} to {column.high:g}"
    return f"{above} {column.unit}".rstrip()


def _number_remedy(text: str) -> str:
    if re.fullmatch(r"\d+,\d+", text):
        return "Write a decimal point, and no separator of thousands."
    if re.fullmatch(r"[<>=~]+ ?[\d.]+|[\d.]+ ?- ?[\d.]+", text):
        return "Give a range in low and high, and the text as printed in its own column."
    return "Give the number alone; words belong in a text column."
