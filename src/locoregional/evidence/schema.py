"""What the columns of the evidence tables hold, read from ``tables/schema.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

from locoregional.errors import EvidenceError

__all__ = ["Column", "Estimand", "Table", "estimands", "near", "schema", "table"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, kind, words : str
        Name; kind of its cells (text, id, number, integer, measure, choice, list, bib, row); what it means.
    required, many : bool
        Whether a cell may be empty, and whether it may hold several ids or keys.
    choices : tuple of str
        Words allowed; empty: any.
    refers : str
        Table that the ids of a ``row`` column stand in; empty: any.
    unit : str
        Unit of its numbers where that is fixed.
    low, high : float or None
        Limits of its numbers.
    max_words : int or None
        Most words of a text.
    """

    name: str
    kind: str
    words: str
    required: bool = False
    many: bool = False
    choices: tuple[str, ...] = ()
    refers: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    max_words: int | None = None


@dataclass(frozen=True)
class Table:
    """One table: its columns, in order.

    Attributes
    ----------
    name, words, one : str
        File name without ending; what it holds; name of one row in a form.
    id_pattern : str
        Form of the ids of shipped rows.
    own : bool
        Whether only a user's folder holds it.
    columns : dict
        By name.
    """

    name: str
    words: str
    one: str
    id_pattern: str
    own: bool
    columns: Mapping[str, Column]

    def accepts_id(self, text: str, *, shipped: bool) -> bool:
        """Whether an id has the form of this table; rows of a user's folder may carry a prefix, as in ``Miller2025-O01``."""
        if re.fullmatch(self.id_pattern, text):
            return True
        letter = self.id_pattern.split("\\")[0]
        return not shipped and bool(re.fullmatch(rf"[A-Za-z][A-Za-z0-9_.-]*-{letter}\d{{2,}}", text))


@dataclass(frozen=True)
class Estimand:
    """What an outcome says.

    Attributes
    ----------
    name, words, scale : str
        Name, in words, and ``time``, ``proportion``, ``score`` or ``any``.
    units : tuple of str
        Units that it may have.
    at_time : bool
        Whether the value holds at one time point, which must be given.
    doubtful_above_months : float or None
        Beyond it a question is asked.
    """

    name: str
    words: str
    scale: str
    units: tuple[str, ...]
    at_time: bool = False
    doubtful_above_months: float | None = None


def near(word: str, known: Mapping[str, Any] | tuple[str, ...] | list[str]) -> str:
    """Hint at the names closest to a misspelt one, as a sentence; all names where few are known."""
    names = list(known)
    lower = {n.lower(): n for n in names}
    close = [lower[m] for m in get_close_matches(word.lower(), list(lower), n=4, cutoff=0.6)]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"Known: {', '.join(names[:24])}{' ...' if len(names) > 24 else ''}."


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("tables", "schema.toml").read_text(encoding="utf-8"))


@cache
def estimands() -> dict[str, Estimand]:
    """Every estimand of the outcomes, by name."""
    scales = _document()["scale"]
    return {
        name: Estimand(name, e["words"], e["scale"], tuple(scales[e["scale"]]), e.get("at_time", False), e.get("doubtful_above"))
        for name, e in _document()["estimand"].items()
    }


def _column(name: str, entry: Mapping[str, Any]) -> Column:
    lists = {**_document()["choices"], "estimand": list(_document()["estimand"])}
    words = dict(entry)
    choices = [*lists[words.pop("choices")], *lists.get(words.pop("also", ""), [])] if "choices" in words else []
    return Column(name, choices=tuple(choices), **words)


@cache
def schema() -> dict[str, Table]:
    """Every table, by name, in the order in which people read them."""
    tables = {k: v for k, v in _document().items() if "columns" in v}
    return {
        name: Table(
            name,
            entry["words"],
            entry["one"],
            entry["id"],
            entry.get("own", False),
            {c: _column(c, e) for c, e in entry["columns"].items()},
        )
        for name, entry in tables.items()
    }


def table(name: str) -> Table:
    """Table of a name.

    Raises
    ------
    EvidenceError
        If there is none, with the nearest names.
    """
    if name not in schema():
        raise EvidenceError(f"there is no table called {name!r}", where="evidence tables", remedy=near(name, schema()))
    return schema()[name]
