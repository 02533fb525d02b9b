"""A score in words: what it asks, the answers allowed, the points, and where each of them stands."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from locoregional.scores.additive import Item, Score, ScoreTable
from locoregional.scores.catalogue import entry
from locoregional.scores.ctcae import ctcae_event, ctcae_events, measure_words
from locoregional.scores.table_file import read_table, read_toml
from locoregional.sources import bibliography, read_facts

__all__ = ["describe_event", "describe_result", "describe_score"]

_TAKES = "Parameters"
_SHOWN_APART = {"source", "where", "status", "caveats", "title", "primary", "grades"}


def describe_score(name: str) -> Iterator[str]:
    """Lines that say what a score asks, and every point with its source.

    Parameters
    ----------
    name : str
        Name in ``scores.catalogue``.

    Yields
    ------
    str
        One line.
    """
    asked = entry(name)
    yield f"{asked.name}: {asked.title}"
    if asked.name == "ctcae":
        yield from (f"  event={e:<32}{ctcae_event(e).title}" for e in ctcae_events())
        return
    yield "Keys:"
    yield from (f"  {line}" for line in _section(inspect.getdoc(asked.call) or "", _TAKES))
    for file in asked.tables:
        raw = read_toml(file)
        yield from _table(read_table(file)) if "items" in raw else _entries(raw, file)
    for section in asked.facts:
        for fact in (f for k, f in read_facts("locoregional.scores").items() if k.split(".")[0] == section):
            unit = "" if fact.unit in ("1", "text") else f" {fact.unit}"
            yield f"  {fact.key.split(':')[-1]} = {fact.value}{unit}  [{fact.status}; {fact.source}: {fact.where}]"


def describe_event(name: str) -> Iterator[str]:
    """Lines that say what the grades of an adverse event are and what they ask.

    Parameters
    ----------
    name : str
        Name of the event.

    Yields
    ------
    str
        One line.
    """
    event, words = ctcae_event(name), measure_words()
    yield f"{event.title}: {event.scale}  [{event.status}; {event.source}: {event.where}]"
    yield from (f"  grade {g.number}: {g.words}" for g in event.grades)
    yield "Keys:"
    yield from (f"  {m}: {words[m]}" for m in dict.fromkeys(("present", *event.measures)))
    yield from (f"  note: {c}" for c in event.caveats)


def describe_result(result: Any) -> Iterator[str]:
    """Lines that show a result: summary, items, what is missing, how sure it is, sources, caveats.

    Parameters
    ----------
    result : Score, Finding or another result of a score
        What the score gave.

    Yields
    ------
    str
        One line.
    """
    yield result.summary
    if isinstance(result, Score):
        for item in result.items:
            low, high = item.points_low, item.points_high
            points = f"{low}" if low == high else f"{low} to {high}"
            yield f"  {item.key}: {item.answer or ' or '.join(item.possible)} ({points})"
        if result.advice:
            yield f"  advice of the source: {result.advice}"
    if result.missing:
        yield f"  missing: {', '.join(result.missing)}"
    yield f"  {result.status}; {bibliography()[result.source]}".replace("{", "").replace("}", "")
    yield from (f"  note: {c}" for c in result.caveats)


def _section(text: str, title: str) -> Iterator[str]:
    """Lines of one section of a docstring."""
    lines = text.replace("``", "").splitlines()
    start = lines.index(title) + 2
    for line in lines[start:]:
        if not line.strip():
            return
        yield line


def _table(table: ScoreTable) -> Iterator[str]:
    yield f"{table.title}: {table.applies_to}; more is {table.more_is}  [{table.primary}]"
    for item in table.items:
        yield f"  {item.key}: {item.words}  [{item.status}; {item.source}: {item.where}]"
        yield from _answers(item)
    for band in table.bands:
        advice = f" {band.advice}" if band.advice else ""
        yield f"  {band.low} to {band.high}: {band.name}: {band.words}.{advice}  [{band.status}; {band.source}: {band.where}]"
    yield from (f"  note: {c}" for c in table.caveats)


def _answers(item: Item) -> Iterator[str]:
    for answer in item.answers:
        also = f" (also {', '.join(answer.also)})" if answer.also else ""
        words = f": {answer.words}" if answer.words != answer.key else ""
        mark = f"  [{answer.status}]" if answer.status != item.status else ""
        yield f"    {answer.points:2d}  {answer.key}{also}{words}{mark}"


def _entries(raw: Any, path: str) -> Iterator[str]:
    """Every entry with a source inside a table that is no additive score."""
    if isinstance(raw, list):
        for i, part in enumerate(raw, start=1):
            yield from _entries(part, f"{path} {i}")
    elif isinstance(raw, dict):
        if "source" in raw:
            words = "; ".join(f"{k} {v}" for k, v in raw.items() if k not in _SHOWN_APART)
            yield f"  {path}: {words}  [{raw['status']}; {raw['source']}: {raw['where']}]"
        for key, part in raw.items():
            if key == "grades":
                yield from (f"    {name}: {grade['words']}" for name, grade in part.items())
            elif isinstance(part, dict | list) and key not in ("caveats", "sensitive", "resistant", "bands"):
                yield from _entries(part, f"{path} {key}")
        yield from (f"  note: {c}" for c in raw.get("caveats", ()))
