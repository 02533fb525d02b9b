"""Score tables from TOML, checked while they are read."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from itertools import pairwise
from math import inf
from typing import Any

from locoregional.errors import SourceError
from locoregional.scores.additive import Answer, Band, Interval, Item, ScoreTable
from locoregional.sources import STATUSES, bibliography

__all__ = ["read_table", "read_toml", "refuse_unsourced", "table_names"]

_FOLDER = resources.files("locoregional.scores").joinpath("tables")
_BOUNDS = {"above", "at_least", "below", "at_most"}
_ANSWER = {"points", "words", "also", "status", "caveat"} | _BOUNDS


@cache
def read_toml(name: str) -> dict[str, Any]:
    """Content of a file in ``scores/tables``, by name without ending."""
    path = _FOLDER
    for part in f"{name}.toml".split("/"):
        path = path.joinpath(part)
    return tomllib.loads(path.read_text(encoding="utf-8"))


def table_names() -> tuple[str, ...]:
    """Names of all additive score tables."""
    names = sorted(p.name.removesuffix(".toml") for p in _FOLDER.iterdir() if p.name.endswith(".toml"))
    return tuple(n for n in names if "items" in read_toml(n))


@cache
def read_table(name: str) -> ScoreTable:
    """Score table of a name.

    Parameters
    ----------
    name : str
        File in ``scores/tables`` without ending.

    Returns
    -------
    ScoreTable
        Checked: every item and band has a source that resolves, a place and a status, and bands leave no gap.

    Raises
    ------
    SourceError
        If something is missing or does not fit.
    """
    raw = read_toml(name)
    items = tuple(_item(name, key, entry) for key, entry in raw["items"].items())
    bands = tuple(_band(name, entry) for entry in raw["bands"])
    low = sum(min(a.points for a in item.answers) for item in items)
    high = sum(max(a.points for a in item.answers) for item in items)
    if bands[0].low != low or bands[-1].high != high or any(b.low != a.high + 1 for a, b in pairwise(bands)):
        raise SourceError(f"bands do not cover {low}..{high} without gaps", where=name, remedy="Correct items or bands.")
    if raw["primary"] not in bibliography():
        raise SourceError(f"cites {raw['primary']!r}, which references.bib does not hold", where=name, remedy="Add the entry.")
    if raw["more_is"] not in ("worse", "better"):
        raise SourceError(f"more_is = {raw['more_is']!r}", where=name, remedy="Use worse or better.")
    caveats = tuple(raw.get("caveats", ()))
    return ScoreTable(name, raw["title"], raw["primary"], raw["applies_to"], raw["more_is"], items, bands, caveats)


def refuse_unsourced(entry: dict[str, Any], place: str) -> None:
    """Refuse an entry without a source that resolves, a place in it, and a status.

    Raises
    ------
    SourceError
        Naming what is wrong.
    """
    if entry.get("source") not in bibliography():
        raise SourceError(f"source {entry.get('source')!r} is not in references.bib", where=place, remedy="Add the entry.")
    if not str(entry.get("where", "")).strip():
        raise SourceError("does not say where in its source it stands", where=place, remedy="State the place.")
    if entry.get("status") not in STATUSES:
        raise SourceError(f"status {entry.get('status')!r} is unknown", where=place, remedy=f"Use one of {STATUSES}.")


def _item(table: str, key: str, entry: dict[str, Any]) -> Item:
    place = f"{table}: {key}"
    refuse_unsourced(entry, place)
    answers = tuple(_answer(place, name, raw, entry["status"]) for name, raw in entry["answers"].items())
    return Item(key, entry["words"], answers, entry["source"], entry["where"], entry["status"])


def _answer(place: str, key: str, raw: dict[str, Any], status: str) -> Answer:
    unknown = set(raw) - _ANSWER
    if unknown or not isinstance(raw.get("points"), int):
        raise SourceError(f"answer {key!r}: {sorted(unknown) or 'no points'}", where=place, remedy=f"Use {sorted(_ANSWER)}.")
    interval = None
    if set(raw) & _BOUNDS:
        low, high = raw.get("at_least", raw.get("above", -inf)), raw.get("at_most", raw.get("below", inf))
        interval = Interval(float(low), float(high), "above" not in raw, "below" not in raw)
    also = tuple(raw.get("also", ()))
    return Answer(key, raw["points"], raw.get("words", key), also, interval, raw.get("status", status), raw.get("caveat", ""))


def _band(table: str, entry: dict[str, Any]) -> Band:
    refuse_unsourced(entry, f"{table}: band {entry.get('name')}")
    return Band(
        entry["name"], entry["low"], entry["high"], entry["words"], entry.get("advice", ""),
        entry["source"], entry["where"], entry["status"],
    )  # fmt: skip
