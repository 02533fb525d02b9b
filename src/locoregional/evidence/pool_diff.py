"""What moved between two states of the evidence: which pools, by how much, and because of which rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locoregional.evidence.pool_snapshot import PoolLine

__all__ = ["PoolMove", "pool_moves"]

_ROUNDING = 0.015
"""Differences of printed numbers below this are the last decimal."""

_NUMBERS = ("estimate", "low", "high", "prediction_low", "prediction_high")


@dataclass(frozen=True)
class PoolMove:
    """A pool that is not what it was.

    Attributes
    ----------
    pool, words : str
        Name and question.
    rows : tuple of str
        Ids of the rows that entered, left or changed.
    sentences : tuple of str
        What moved, most important first.
    """

    pool: str
    words: str
    rows: tuple[str, ...]
    sentences: tuple[str, ...]


def pool_moves(before: Sequence[PoolLine], after: Sequence[PoolLine]) -> tuple[PoolMove, ...]:
    """Compare two states, pool by pool.

    Parameters
    ----------
    before, after : sequence of PoolLine
        From ``read_snapshot`` or ``snapshot_lines``.

    Returns
    -------
    tuple of PoolMove
        Pools that moved, then those that only have further rows beside them; empty where nothing did.
    """
    old, new = {b.pool: b for b in before}, {a.pool: a for a in after}
    moves = []
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            moves.append(PoolMove(name, old[name].words, tuple(old[name].given), ("the pool is not asked for any more",)))
        elif name not in old:
            moves.append(PoolMove(name, new[name].words, tuple(new[name].given), (f"a new pool: {_result(new[name])}",)))
        else:
            rows, sentences = _compared(old[name], new[name])
            if sentences:
                moves.append(PoolMove(name, new[name].words, rows, tuple(sentences)))
    return tuple(sorted(moves, key=lambda m: m.sentences[0].startswith("the number is unchanged")))


def _compared(old: PoolLine, new: PoolLine) -> tuple[tuple[str, ...], list[str]]:
    sentences = []
    if old.poolable != new.poolable:
        verb = "may be pooled now" if new.poolable == "yes" else "may not be pooled any more"
        sentences.append(f"{verb}: {new.reason}")
    if any(_moved(getattr(old, n), getattr(new, n)) for n in _NUMBERS) or old.k != new.k:
        sentences.append(f"was {_result(old)}, is {_result(new)}")
    sentences += [
        f"{name} was {getattr(old, column) or 'not given'}, is {getattr(new, column) or 'not given'}"
        for name, column in (("certainty", "certainty"), ("status", "status"), ("directness", "directness"))
        if getattr(old, column) != getattr(new, column)
    ]
    rows = {id_: _row_words(id_, old, new) for id_ in dict.fromkeys([*old.given, *new.given])}
    changed = {id_: words for id_, words in rows.items() if words}
    if sentences and not changed:
        sentences.append("no row changed: the question, the appraisal or the method did")
    aside = sorted(set(new.aside.split("|")) - set(old.aside.split("|")) - set(changed) - {""})
    unmoved = "the number is unchanged; " if not sentences and not changed else ""
    beside = [f"{unmoved}{', '.join(aside)} stand{'s' if len(aside) == 1 else ''} beside it"] if aside else []
    return (*changed, *aside), [*sentences, *changed.values(), *beside]


def _row_words(id_: str, old: PoolLine, new: PoolLine) -> str:
    """What became of a row; empty where nothing did."""
    if id_ not in old.given:
        return f"{id_} enters with {new.given[id_]}"
    if id_ not in new.given:
        return f"{id_} ({old.given[id_]}) leaves" + (", and stands beside the pool" if id_ in new.aside.split("|") else "")
    if old.given[id_] != new.given[id_]:
        return f"{id_} changed from {old.given[id_]} to {new.given[id_]}"
    return ""


def _moved(old: str, new: str) -> bool:
    if not old or not new:
        return old != new
    return abs(float(old) - float(new)) > _ROUNDING


def _result(line: PoolLine) -> str:
    """Result of a line in words."""
    series = "no series" if line.k == "0" else f"{line.k} series"
    if not line.estimate:
        return f"not poolable ({series})"
    return f"{line.estimate} {line.unit} ({line.low} to {line.high}; {series})"
