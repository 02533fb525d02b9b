"""The evidence base: the shipped tables, and a user's own folder on top of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from locoregional.errors import EvidenceError
from locoregional.evidence.problem import Problem, refuse
from locoregional.evidence.reading import read_folder
from locoregional.evidence.row import Row
from locoregional.evidence.schema import near, schema, table
from locoregional.evidence.used import Used, used_value
from locoregional.sources import Reference, bibliography

__all__ = ["FOLDER_VARIABLE", "EvidenceBase", "Used", "evidence_base", "read_base", "shipped_tables", "used_value", "with_rows"]

FOLDER_VARIABLE = "LOCOREGIONAL_EVIDENCE"
"""Environment variable that names a user's evidence folder."""


@dataclass(frozen=True, eq=False)
class EvidenceBase:
    """Every row that the software knows.

    Attributes
    ----------
    tables : dict
        Table name to its rows, in the order of the files.
    version : str
        Version of the shipped tables, with ``+own`` where a user's folder adds rows.
    overlay : Path or None
        The user's folder.
    own_ids : frozenset of str
        Ids of the rows that come from it.
    """

    tables: Mapping[str, tuple[Row, ...]]
    version: str
    overlay: Path | None = None
    own_ids: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def _by_id(self) -> dict[str, Row]:
        return {row.id: row for row in self}

    def __iter__(self) -> Iterator[Row]:
        """Every row, table by table; the references of a user's folder are no rows of evidence."""
        return (row for name, rows in self.tables.items() if not schema()[name].own for row in rows)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._by_id)

    def __contains__(self, id_: object) -> bool:
        """Whether a row of this id exists."""
        return id_ in self._by_id

    def row(self, id_: str) -> Row:
        """Row of an id.

        Raises
        ------
        EvidenceError
            If there is none, with the nearest ids.
        """
        if id_ not in self._by_id:
            where, remedy = f"evidence {self.version}", near(id_, self._by_id)
            raise EvidenceError(f"the evidence has no row {id_!r}", where=where, remedy=remedy)
        return self._by_id[id_]

    def study(self, id_: str) -> Row:
        """Study of an id, or the study that a row belongs to.

        Raises
        ------
        EvidenceError
            If the row is unknown or belongs to no study.
        """
        row = self.row(id_)
        if row.table == "studies":
            return row
        if not row.text("study"):
            raise EvidenceError(f"{id_} belongs to no study", where=row.table, remedy="Ask for its source instead.")
        return self.row(row.text("study"))

    def table(self, name: str) -> tuple[Row, ...]:
        """Rows of a table; unknown names list the nearest."""
        return self.tables.get(table(name).name, ())

    def filter(self, name: str, **wanted: str) -> tuple[Row, ...]:
        """Rows of a table whose columns hold the words given; a list column holds a word if it is one of the list.

        Parameters
        ----------
        name : str
            Table.
        **wanted : str
            Column to word, for example ``organ="liver", procedure="rfa"``.

        Raises
        ------
        EvidenceError
            If the table has no such column.
        """
        columns = table(name).columns
        for column in wanted:
            if column not in columns:
                raise EvidenceError(f"no column {column!r}", where=name, remedy=near(column, columns))
        return tuple(r for r in self.table(name) if all(w == r.text(c) or w in r.many(c) for c, w in wanted.items()))

    def rows_of(self, study_id: str) -> tuple[Row, ...]:
        """Rows of every table that belong to a study: outcomes, prognostic factors, appraisal."""
        return tuple(r for r in self if r.text("study") == study_id)

    def findings_of(self, row: Row | str) -> tuple[Row, ...]:
        """Findings of the audit that name a row."""
        id_ = row if isinstance(row, str) else row.id
        return tuple(f for f in self.table("audit") if id_ in f.many("rows"))

    def reference(self, key: str) -> Reference:
        """Reference of a key, from the bibliography or the user's folder.

        Raises
        ------
        EvidenceError
            If neither holds it.
        """
        if key in bibliography():
            return bibliography()[key]
        for row in self.table("references"):
            if row.id == key:
                return Reference(key, "article", {k: v for k, v in row.written.items() if k != "id" and v})
        raise EvidenceError(f"no reference {key!r}", where="bibliography", remedy=near(key, bibliography()))

    def knows_reference(self, key: str) -> bool:
        """Whether a key resolves."""
        return key in bibliography() or any(r.id == key for r in self.table("references"))

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over every row, whatever the order of rows, columns and files."""
        digest = hashlib.sha256()
        for row in sorted((r for rows in self.tables.values() for r in rows), key=lambda r: (r.table, r.id)):
            cells = sorted((k, v) for k, v in row.written.items() if v)
            digest.update(repr((row.table, cells)).encode())
        return digest.hexdigest()


def shipped_tables() -> Traversable:
    """Folder of the tables that come with the package."""
    return resources.files(__package__).joinpath("tables")


def read_base(folder: Path | Traversable) -> tuple[EvidenceBase, list[Problem]]:
    """Whole evidence base of a folder that holds every table and a ``VERSION``, and what is wrong with single cells.

    Raises
    ------
    EvidenceError
        If the folder is no whole evidence base.
    """
    version = folder.joinpath("VERSION")
    if not version.is_file():
        raise EvidenceError("the folder holds no VERSION", where=str(folder), remedy="Use it as a folder of your own on top.")
    tables, problems = read_folder(folder, shipped=True)
    ordered = {name: tuple(tables.get(name, ())) for name in schema() if name in tables or not schema()[name].own}
    return EvidenceBase(MappingProxyType(ordered), version.read_text(encoding="utf-8").strip()), problems


def with_rows(
    base: EvidenceBase, more: Mapping[str, list[Row]], *, overlay: Path | None = None
) -> tuple[EvidenceBase, list[Problem]]:
    """Evidence base with further rows; an id that exists with another content is a problem, the same row twice is not.

    Parameters
    ----------
    base : EvidenceBase
        What there is.
    more : dict
        Table name to further rows.
    overlay : Path, optional
        Folder that they come from.
    """
    known = {(_space(r.table), r.id): r for rows in base.tables.values() for r in rows}
    tables = {name: list(rows) for name, rows in base.tables.items()}
    problems, own = [], set(base.own_ids)
    for name in schema():
        for row in more.get(name, ()):
            before = known.get((_space(name), row.id))
            if before is None:
                known[_space(name), row.id] = row
                tables.setdefault(name, []).append(row)
                own.add(row.id)
            elif before != row:
                words = "the id exists already and says something else"
                problems.append(Problem(name, row.id, "id", words, "Give the new row another id.", "duplicate"))
    version = base.version if not own or "+own" in base.version else f"{base.version}+own"
    frozen = MappingProxyType({name: tuple(rows) for name, rows in tables.items()})
    return EvidenceBase(frozen, version, overlay or base.overlay, frozenset(own)), problems


def _space(name: str) -> str:
    """References have ids of their own; all other tables share one space, so that an id alone names a row."""
    return name if schema()[name].own else "evidence"


def evidence_base(overlay: Path | None = None) -> EvidenceBase:
    """Shipped tables, with a user's own folder on top of them where there is one.

    Parameters
    ----------
    overlay : Path, optional
        The user's folder: tables (CSV) and forms (TOML). Default the environment variable ``LOCOREGIONAL_EVIDENCE``.
        A folder with a ``VERSION`` is a whole evidence base (an older or changed copy) and stands in place of the shipped one.

    Returns
    -------
    EvidenceBase
        Kept for the next call while no file of the folder changes.

    Raises
    ------
    EvidenceError
        If the folder does not exist, or a row in it is wrong; every problem is listed.
    """
    named = os.environ.get(FOLDER_VARIABLE, "")
    folder = overlay if overlay is not None else Path(named) if named else None
    if folder is None:
        return _shipped()
    if not folder.is_dir():
        raise EvidenceError("there is no such folder", where=str(folder), remedy=f"Make it, or correct {FOLDER_VARIABLE}.")
    files = sorted((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in folder.iterdir() if f.is_file())
    return _with_folder(folder.resolve(), tuple(files))


@lru_cache(maxsize=1)
def _shipped() -> EvidenceBase:
    base, problems = read_base(shipped_tables())
    damaged = [p for p in problems if p.code != "empty"]  # a cell that is still empty misleads nobody
    refuse(damaged, what="the shipped evidence tables are damaged", remedy="Install the package again.")
    return base


@lru_cache(maxsize=8)
def _with_folder(folder: Path, files: tuple[tuple[str, int, int], ...]) -> EvidenceBase:
    del files  # only the key of the cache: a changed file is read again
    from locoregional.evidence.check import check_base

    if folder.joinpath("VERSION").is_file():
        base, problems = read_base(folder)
        refuse(problems, what=f"the evidence base {folder} cannot be used", remedy="Correct it; see locoregional evidence check.")
        return base
    more, problems = read_folder(folder)
    base, twice = with_rows(_shipped(), more, overlay=folder)
    problems += twice
    problems += [p for p in check_base(base, only=base.own_ids) if not p.question]
    refuse(problems, what=f"the evidence folder {folder} cannot be used", remedy="Correct it; see locoregional evidence check.")
    return base
