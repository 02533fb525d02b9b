"""Reasoning with yes, no and not known (Kleene): None is never taken for no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

__all__ = ["all_of", "any_of", "compared", "negated", "outcomes"]


def all_of(values: Iterable[bool | None]) -> bool | None:
    """Whether all hold: False if one fails, None if none fails and one is not known."""
    known: bool | None = True
    for value in values:
        if value is False:
            return False
        if value is None:
            known = None
    return known


def any_of(values: Iterable[bool | None]) -> bool | None:
    """Whether one holds: True if one does, None if none does and one is not known."""
    known: bool | None = False
    for value in values:
        if value is True:
            return True
        if value is None:
            known = None
    return known


def negated(value: bool | None) -> bool | None:
    """The opposite; not known stays not known."""
    return None if value is None else not value


def compared(value: float | None, test: Callable[[float], bool]) -> bool | None:
    """Whether a number passes a test; None if it is not known."""
    return None if value is None else test(value)


def outcomes(
    choices: Mapping[str, Sequence[Any]], outcome: Callable[[Mapping[str, Any]], str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Everything that can come out while some data are open, and the open data on which it depends.

    Parameters
    ----------
    choices : mapping of str to sequence
        By datum, the values it can still have: one where it is known.
    outcome : callable
        Outcome of one complete set of values.

    Returns
    -------
    possible : tuple of str
        Outcomes that can occur, each once, in order of appearance.
    open_data : tuple of str
        Data with more than one value whose value changes the outcome for at least one setting of the others.
    """
    names = list(choices)
    table = {values: outcome(dict(zip(names, values, strict=True))) for values in product(*(choices[n] for n in names))}
    matters = []
    for i, name in enumerate(names):
        by_rest: dict[tuple[Any, ...], set[str]] = {}
        for values, result in table.items():
            by_rest.setdefault(values[:i] + values[i + 1 :], set()).add(result)
        if any(len(results) > 1 for results in by_rest.values()):
            matters.append(name)
    return tuple(dict.fromkeys(table.values())), tuple(matters)
