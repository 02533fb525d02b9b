"""One comparison of a datum with a threshold, in three-valued logic: yes, no, or not known."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from locoregional.errors import SourceError
from locoregional.selection.datum import Between, spoken
from locoregional.selection.profile import Profile, data

__all__ = ["OPERATORS", "Condition", "condition"]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.eq,
    "is not": operator.ne,
    "in": lambda value, allowed: value in allowed,
    "not in": lambda value, allowed: value not in allowed,
    "has": lambda value, member: member in value,
    "has any of": lambda value, members: not value.isdisjoint(members),
    "has none of": lambda value, members: value.isdisjoint(members),
    "only": lambda value, members: value <= members,
    "goes beyond": lambda value, members: not value <= members,
}
"""Comparisons that rules may use; the last five are for sets."""
_SETS = ("has any of", "has none of", "only", "goes beyond", "in", "not in")


@dataclass(frozen=True)
class Condition:
    """A datum compared with a threshold.

    Attributes
    ----------
    datum : str
        Name of the datum.
    op : str
        One of `OPERATORS`.
    value : object
        Threshold, in the unit of the datum.
    """

    datum: str
    op: str
    value: Any
    _test: Callable[[Any, Any], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look the comparison up once."""
        object.__setattr__(self, "_test", OPERATORS[self.op])

    def holds(self, profile: Profile) -> bool | None:
        """Whether it holds; None while the case does not say."""
        value = profile.value(self.datum)
        if isinstance(value, Between):  # comparisons of numbers are monotone: both ends decide for all between
            ends = {bool(self._test(end, self.value)) for end in (value.low, value.high)}
            return ends.pop() if len(ends) == 1 else None
        return None if value is None else bool(self._test(value, self.value))

    def __str__(self) -> str:
        """The comparison in words."""
        return f"{data()[self.datum].words.rstrip(':')} {self.op} {spoken(self.value)}"


def condition(datum: str, op: str, value: Any, *, where: str) -> Condition:
    """Checked condition.

    Raises
    ------
    SourceError
        If datum or comparison do not exist.
    """
    if datum not in data():
        near = sorted(name for name in data() if name.split("_")[0] == datum.split("_")[0]) or sorted(data())
        raise SourceError(f"no datum called {datum!r}", where=where, remedy=f"Known: {', '.join(near)}.")
    if op not in OPERATORS:
        raise SourceError(f"no comparison called {op!r}", where=where, remedy=f"Known: {', '.join(OPERATORS)}.")
    if op in _SETS:
        if not isinstance(value, list | tuple | frozenset):
            raise SourceError(f"{op!r} needs a list", where=where, remedy="Write value = [...].")
        value = frozenset(value)
    return Condition(datum, op, value)
