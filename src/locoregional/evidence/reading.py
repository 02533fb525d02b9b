"""Read tables (CSV) and forms (TOML) of a folder into rows, with everything that is wrong with them."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from locoregional.errors import EvidenceError
from locoregional.evidence.problem import Problem
from locoregional.evidence.row import Row, read_row
from locoregional.evidence.schema import near, schema, table

__all__ = ["REFERENCE_FIELDS", "read_folder", "read_form", "read_table"]

REFERENCE_FIELDS = ("author", "title", "journal", "year", "volume", "pages", "doi")
"""Fields of a form's ``[study]`` that say where the study was published."""

_NO_ROWS = {"pools.toml", "search_log.toml", "pooled.csv"}  # other files that an evidence folder may hold

Tables = dict[str, list[Row]]


def read_table(name: str, text: str, *, shipped: bool = False, partial: bool = False) -> tuple[list[Row], list[Problem]]:
    """Rows of one CSV table.

    Parameters
    ----------
    name : str
        Name of the table.
    text : str
        Content of the file.
    shipped : bool
        Whether ids must have the plain form of the shipped tables.
    partial : bool
        Whether ids and other cells may still be missing, as in rows to be completed: then cells are not judged yet.

    Returns
    -------
    rows : list of Row
    problems : list of Problem
    """
    columns = table(name).columns
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    header = [h.strip() for h in next(lines, [])]
    problems = [Problem(name, "header", h, f"there is no column {h!r}", near(h, columns)) for h in header if h not in columns]
    problems += [Problem(name, "header", h, "stands twice") for h in sorted({h for h in header if header.count(h) > 1})]
    if len(header) == 1 and ";" in header[0]:
        problems = [Problem(name, "header", "", "the cells are separated by ;", "Save the table with commas.")]
    if problems:
        return [], problems
    rows: list[Row] = []
    for number, cells in enumerate(lines, start=2):
        if not any(c.strip() for c in cells):
            continue
        if len(cells) != len(header):
            words = f"has {len(cells)} cells, the header has {len(header)}"
            problems.append(Problem(name, f"line {number}", "", words, 'Put a text with commas in "quotes".'))
            continue
        row, wrong = read_row(table(name), dict(zip(header, cells, strict=True)), shipped=shipped)
        rows.append(row)
        problems += [] if partial else wrong
    return rows, problems


def read_form(text: str, *, where: str, partial: bool = False) -> tuple[Tables, list[Problem]]:
    """Rows of a form: one ``[study]`` and its ``[[outcome]]``, ``[[prognostic_factor]]`` and so on.

    Parameters
    ----------
    text : str
        Content of the file.
    where : str
        Its name, for messages.
    partial : bool
        Whether ids and other cells may still be missing: then cells are not judged yet.
    """
    try:
        form = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {}, [Problem(where, "", "", f"cannot be read as a form: {error}", "Start from the empty form (--template).")]
    names = {t.one: t.name for t in schema().values() if t.one != "reference"}
    tables: Tables = {}
    problems: list[Problem] = []
    for section, entries in form.items():
        if section not in names:
            problems.append(Problem(where, "", section, f"there is no section {section!r}", near(section, names)))
            continue
        for entry in entries if isinstance(entries, list) else [entries]:
            wrong = _read_entry(names[section], entry, tables, where=where, partial=partial)
            problems += wrong
    return tables, problems


def _read_entry(name: str, entry: object, tables: Tables, *, where: str, partial: bool) -> list[Problem]:
    if not isinstance(entry, dict):
        return [Problem(where, "", name, "is no section", "Write [study] or [[outcome]] above its fields.")]
    cells = {k: _as_text(v) for k, v in entry.items()}
    parts = {name: cells}
    if name == "studies":
        parts = {name: {k: v for k, v in cells.items() if k not in REFERENCE_FIELDS or k == "year"}}
        reference = {k: v for k, v in cells.items() if k in REFERENCE_FIELDS}
        if set(reference) - {"year"}:
            parts["references"] = {"id": cells.get("bib") or cells.get("id", ""), **reference}
    problems = []
    for part, given in parts.items():
        columns = [*table(part).columns, *(REFERENCE_FIELDS if name == "studies" else ())]
        problems += [Problem(where, "", k, f"there is no field {k!r}", near(k, columns)) for k in given if k not in columns]
        row, wrong = read_row(table(part), given)
        tables.setdefault(part, []).append(row)
        problems += [] if partial else wrong
    return problems


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "|".join(map(_as_text, value))
    return str(value)


def read_folder(folder: Path | Traversable, *, shipped: bool = False) -> tuple[Tables, list[Problem]]:
    """Rows of every table and form of a folder.

    Raises
    ------
    EvidenceError
        If the folder does not exist, or a file is no text.
    """
    if not folder.is_dir():
        raise EvidenceError("there is no such folder", where=str(folder), remedy="Make it, or correct LOCOREGIONAL_EVIDENCE.")
    tables: Tables = {}
    problems: list[Problem] = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        stem, _, ending = file.name.rpartition(".")
        if file.name in _NO_ROWS or file.name.startswith("."):  # the latter: what an interrupted writer left behind
            continue
        if ending == "csv" and stem in schema():
            rows, wrong = read_table(stem, _text(file), shipped=shipped)
            tables.setdefault(stem, []).extend(rows)
        elif ending == "csv" and not shipped:
            wrong = [Problem(file.name, "", "", "there is no table of this name", near(stem, schema()))]
        elif ending == "toml" and not shipped:
            read, wrong = read_form(_text(file), where=file.name)
            _extend(tables, read)
        else:
            continue
        problems += wrong
    return tables, problems


def _extend(tables: Tables, more: Mapping[str, Iterable[Row]]) -> None:
    for name, rows in more.items():
        tables.setdefault(name, []).extend(rows)


def _text(file: Path | Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        remedy = "Save it as UTF-8."
        raise EvidenceError("the file is not written in UTF-8", where=file.name, remedy=remedy) from error
