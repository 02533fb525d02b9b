"""Ids and keys: each stands once, and each that is named exists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.problem import Problem
from locoregional.evidence.schema import near, schema
from locoregional.sources import bibliography

__all__ = ["problems"]


def problems(base: EvidenceBase) -> Iterator[Problem]:
    """Ids that stand twice, rows and references that do not exist."""
    yield from _twice(base)
    for rows in base.tables.values():
        for row in rows:
            for name, column in schema()[row.table].columns.items():
                if column.kind not in ("row", "bib"):
                    continue
                for word in row.many(name) if column.many else filter(None, [row.text(name)]):
                    yield from (
                        _row(base, row.table, row.id, name, word)
                        if column.kind == "row"
                        else _key(base, row.table, row.id, name, word)
                    )


def _twice(base: EvidenceBase) -> Iterator[Problem]:
    counts = Counter(row.id for row in base)
    for row in base:
        if counts[row.id] > 1:
            yield Problem(row.table, row.id, "id", "the id stands more than once", "Give each row its own id.", "duplicate")


def _row(base: EvidenceBase, table: str, id_: str, column: str, word: str) -> Iterator[Problem]:
    refers = schema()[table].columns[column].refers
    if word not in base or (refers and base.row(word).table != refers):
        known = [r.id for r in (base.table(refers) if refers else base)]
        what = schema()[refers].one if refers else "row"
        yield Problem(table, id_, column, f"there is no {what} {word!r}", near(word, known), "link")


def _key(base: EvidenceBase, table: str, id_: str, column: str, word: str) -> Iterator[Problem]:
    if not base.knows_reference(word):
        remedy = near(word, bibliography())
        yield Problem(table, id_, column, f"the bibliography holds no {word!r}", remedy, "link")
