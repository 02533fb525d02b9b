"""Add a study, or rows, to a user's evidence folder: checked as a whole, stored whole or not at all.

An addition is one file: a form becomes ``FOLDER/<study>.toml``, rows of a table join ``FOLDER/<table>.csv``. The file is
replaced in one step after every check has passed, so that a folder never holds half of an addition. The shipped tables are
never written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from locoregional.errors import EvidenceError
from locoregional.evidence.base import EvidenceBase, read_base, shipped_tables, with_rows
from locoregional.evidence.check import check_base
from locoregional.evidence.completing import REASONS, completed
from locoregional.evidence.form import form_text
from locoregional.evidence.problem import Problem, refuse
from locoregional.evidence.reading import read_folder, read_form, read_table
from locoregional.evidence.row import Row, read_row
from locoregional.evidence.schema import table

__all__ = ["Addition", "add_form", "add_rows"]

_REMEDY = "Nothing was stored. Correct them and try again."
_QUESTIONS = (
    "Nothing was stored. Correct the errors; answer a question by correcting the row, or accept all of them (--allow-questions)."
)
_DERIVED = {
    ("studies", "id"), ("studies", "bib"), ("references", "id"), ("outcomes", "study"), ("outcomes", "printed"),
    ("outcomes", "directness"), ("prognostic_factors", "study"), ("prognostic_factors", "directness"),
}  # fmt: skip
"""Cells that follow from others of a form, by table and column."""


@dataclass(frozen=True)
class Addition:
    """What was added.

    Attributes
    ----------
    path : Path
        File written.
    rows : tuple of Row
        Rows added, ids and defaults filled in.
    accepted : tuple of Problem
        Questions that were accepted; they stand in the notes of the rows.
    not_poolable : tuple of Row
        Outcomes that lack what a pool needs; they are kept and shown, and the reason stands in ``why_not``.
    """

    path: Path
    rows: tuple[Row, ...]
    accepted: tuple[Problem, ...]
    not_poolable: tuple[Row, ...]


def add_form(folder: Path, text: str, *, allow_questions: bool = False) -> Addition:
    """Add the study of a form and everything that stands under it.

    Parameters
    ----------
    folder : Path
        The user's evidence folder; made if it does not exist.
    text : str
        Content of the form.
    allow_questions : bool
        Whether to accept what is only doubtful; the question is then kept in the row's note.

    Raises
    ------
    EvidenceError
        If anything is wrong, all of it listed; nothing is stored then.
    """
    base = _base_of(folder)
    tables, problems = read_form(text, where="form", partial=True)
    refuse(problems, what="the form cannot be read", remedy=_REMEDY)
    if len(tables.get("studies", [])) != 1:
        raise EvidenceError(
            "the form holds no [study]" if not tables.get("studies") else "the form holds several studies",
            where="form",
            remedy="Write one form for each study; add rows to a known study as a table.",
        )
    rows, questions = _checked(base, tables, allow_questions=allow_questions)
    path = folder / f"{rows['studies'][0].id}.toml"
    return _store(path, form_text(rows), rows, questions, overwrite=False)


def add_rows(folder: Path, name: str, text: str, *, allow_questions: bool = False) -> Addition:
    """Add rows to one table.

    Parameters
    ----------
    folder : Path
        The user's evidence folder; made if it does not exist.
    name : str
        Table.
    text : str
        Rows as CSV with a header; columns may be left out, ids are given where they are empty.
    allow_questions : bool
        Whether to accept what is only doubtful; the question is then kept in the row's note.

    Raises
    ------
    EvidenceError
        If anything is wrong, all of it listed; nothing is stored then.
    """
    base = _base_of(folder)
    new, problems = read_table(table(name).name, text, partial=True)
    refuse(problems, what="the rows cannot be read", remedy=_REMEDY)
    if not new:
        raise EvidenceError("there is no row to add", where=name, remedy="Write one line for each row under the header.")
    rows, questions = _checked(base, {name: new}, allow_questions=allow_questions)
    path = folder / f"{name}.csv"
    before = read_table(name, path.read_text(encoding="utf-8"))[0] if path.is_file() else []
    return _store(path, _csv_text(name, [*before, *rows[name]]), rows, questions, overwrite=True)


def _base_of(folder: Path) -> EvidenceBase:
    """Shipped tables with the folder as it stands, which must be in order."""
    shipped = shipped_tables()
    if folder.joinpath("VERSION").is_file() or str(folder.resolve()) == str(shipped):
        raise EvidenceError(
            "this is a whole evidence base, not a folder of your own",
            where=str(folder),
            remedy="Choose another folder with --to.",
        )
    base, _ = read_base(shipped)
    if not folder.exists():
        return base
    more, problems = read_folder(folder)
    base, twice = with_rows(base, more, overlay=folder)
    wrong = [*problems, *twice, *(p for p in check_base(base, only=base.own_ids) if not p.question)]
    refuse(wrong, what=f"the folder {folder} is not in order", remedy="Correct it first; see locoregional evidence check.")
    return base


def _checked(
    base: EvidenceBase, tables: Mapping[str, list[Row]], *, allow_questions: bool
) -> tuple[dict[str, list[Row]], list[Problem]]:
    """New rows, completed and found in order; the questions accepted stand in their notes."""
    rows = completed(base, tables)
    problems = [p for name, new in rows.items() for row in new for p in read_row(table(name), row.written)[1]]
    problems += [
        Problem(name, row.id, "id", "the row exists already", "Nothing is to be done.", "duplicate")
        for name, new in rows.items()
        for row in new
        if not table(name).own and row.id in base
    ]
    both, twice = with_rows(base, rows)
    ids = {row.id for new in rows.values() for row in new}
    problems += [p for p in twice if p.row not in base] + check_base(both, only=ids)
    named = [p for p in problems if not (p.code == "empty" and (p.table, p.column) in _DERIVED)]
    problems = named or problems  # what is filled in from the rest is not asked for beside it
    questions = [p for p in problems if p.question]
    asked = questions and not allow_questions
    refuse(problems if asked or len(problems) > len(questions) else [], what="refused", remedy=_QUESTIONS if asked else _REMEDY)
    return {name: [_with_questions(row, questions) for row in new] for name, new in rows.items()}, questions


def _with_questions(row: Row, questions: list[Problem]) -> Row:
    mine = [f"[accepted: {q.code}] {q.words}" for q in questions if q.row == row.id and q.table == row.table]
    if not mine or "note" not in row.written:
        return row
    return Row(row.table, {**row.written, "note": "; ".join(filter(None, [row.text("note"), *mine]))})


def _csv_text(name: str, rows: list[Row]) -> str:
    text = io.StringIO()
    lines = csv.DictWriter(text, list(table(name).columns), lineterminator="\n")
    lines.writeheader()
    lines.writerows(row.written for row in rows)
    return text.getvalue()


def _store(path: Path, text: str, rows: Mapping[str, list[Row]], questions: list[Problem], *, overwrite: bool) -> Addition:
    from locoregional.imaging.atomic import atomic_path

    if path.exists() and not overwrite:
        raise EvidenceError("a file of this name exists", where=str(path), remedy="Give the study another id.")
    with atomic_path(path, overwrite=True) as part:
        part.write_text(text, encoding="utf-8")
    added = tuple(row for new in rows.values() for row in new)
    left_out = tuple(r for r in added if r.table == "outcomes" and r.text("why_not") in REASONS)
    return Addition(path, added, tuple(questions), left_out)
