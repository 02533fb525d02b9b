"""One comparison of a datum with a threshold, in three-valued logic: yes, no, or not known."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from locoregional.errors import SourceError
from locoregional.selection.datum import Between, Datum, spoken
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
_NUMBERS = ("<", "<=", ">", ">=")
_SETS = ("has any of", "has none of", "only", "goes beyond", "in", "not in")
_EQUAL = ("is", "is not", "in", "not in")
"""Comparisons of a number or a word with one or several others."""


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
        """Whether it holds; None while the case does not say.

        Raises
        ------
        SourceError
            If the comparison makes no sense for what the case holds, such as `only` for a number.
        """
        value = profile.value(self.datum)
        if value is None:
            return None
        try:
            return self._between(value) if isinstance(value, Between) else bool(self._test(value, self.value))
        except (TypeError, AttributeError) as error:
            raise SourceError(
                f"{self.op!r} with {spoken(self.value)!r} does not fit {self.datum}, which is {value!r} here",
                where=self.datum,
                remedy="Correct op or value of the rules that ask for it.",
            ) from error

    def _between(self, value: Between) -> bool | None:
        if self.op in _EQUAL and value.low < value.high:  # not monotone: one value within the bounds leaves it open
            thresholds = self.value if isinstance(self.value, frozenset) else (self.value,)
            return None if any(value.low <= x <= value.high for x in thresholds) else self.op in ("is not", "not in")
        ends = {bool(self._test(end, self.value)) for end in (value.low, value.high)}  # monotone: the ends decide for all between
        return ends.pop() if len(ends) == 1 else None

    def __str__(self) -> str:
        """The comparison in words."""
        return f"{data()[self.datum].words.rstrip(':')} {self.op} {spoken(self.value)}"


def condition(datum: str, op: str, value: Any, *, where: str) -> Condition:
    """Checked condition.

    Raises
    ------
    SourceError
        If datum or comparison do not exist, or do not fit each other or the value.
    """
    if not isinstance(datum, str) or not isinstance(op, str):
        raise SourceError(f"{[datum, op]!r} is no name and comparison", where=where, remedy='Write them in quotes: "inr", "<=".')
    if datum not in data():
        near = sorted(name for name in data() if name.split("_")[0] == datum.split("_")[0]) or sorted(data())
        raise SourceError(f"no datum called {datum!r}", where=where, remedy=f"Known: {', '.join(near)}.")
    if op not in OPERATORS:
        raise SourceError(f"no comparison called {op!r}", where=where, remedy=f"Known: {', '.join(OPERATORS)}.")
    if op in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise SourceError(f"{op!r} needs a number, not {value!r}", where=where, remedy="Write value = 40, without quotes.")
    if op in _SETS:
        if not isinstance(value, list | tuple | frozenset):
            raise SourceError(f"{op!r} needs a list", where=where, remedy="Write value = [...].")
        value = _plain(value, op, where)
    else:
        _plain((value,), op, where)
    _fit(data()[datum], op, value, where)
    return Condition(datum, op, value)


def _plain(values: Any, op: str, where: str) -> frozenset[Any]:
    wrong = [x for x in values if not isinstance(x, bool | int | float | str) or (isinstance(x, float) and not isfinite(x))]
    if wrong:
        raise SourceError(f"{op!r} cannot use {wrong[0]!r}", where=where, remedy="Write a finite number, a word, true or false.")
    return frozenset(values)


def _fit(datum: Datum, op: str, value: Any, where: str) -> None:
    """Refuse what can be seen without a case; a datum with a unit is a number, one with words for yes and no is one of them."""
    values = value if isinstance(value, frozenset) else (value,)
    if datum.unit and (op not in (*_NUMBERS, *_EQUAL) or any(isinstance(x, bool | str) for x in values)):
        raise SourceError(
            f"{datum.name} is a number in {datum.unit}: {op!r} with {spoken(value)!r} does not fit",
            where=where,
            remedy=f"Compare it with a number: {', '.join(_NUMBERS)}.",
        )
    if datum.yes and (op not in ("is", "is not") or not isinstance(value, bool)):
        raise SourceError(
            f"{datum.name} is yes or no: {op!r} with {spoken(value)!r} does not fit",
            where=where,
            remedy='Write op = "is" and value = true or false, without quotes.',
        )
