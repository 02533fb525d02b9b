"""Conditions of a grade as text (``temperature_c > 40 and duration_h > 24``), read once and answered three-valued."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass

from locoregional.errors import SourceError
from locoregional.scores.three_valued import all_of, negated

__all__ = ["Rule", "Term", "read_rule"]

_TESTS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_TERM = re.compile(r"(?:(not) )?(\w+)|(\w+) (<=|>=|<|>) (\S+)")


@dataclass(frozen=True)
class Term:
    """One comparison or one finding.

    Attributes
    ----------
    name : str
        Finding, or number on the left.
    test : str
        ``is``, ``not``, ``<``, ``<=``, ``>`` or ``>=``.
    limit : str or float
        Number, or name of the number, on the right; empty for a finding.
    """

    name: str
    test: str
    limit: str | int | float

    @property
    def names(self) -> tuple[str, ...]:
        """Data it asks for."""
        return (self.name, self.limit) if isinstance(self.limit, str) and self.limit else (self.name,)

    def holds(self, answers: Mapping[str, bool | float | None]) -> bool | None:
        """Whether it holds; None while a datum is missing."""
        value = answers.get(self.name)
        if self.test in ("is", "not"):
            truth = None if value is None else bool(value)
            return negated(truth) if self.test == "not" else truth
        limit = answers.get(self.limit) if isinstance(self.limit, str) else self.limit
        return None if value is None or limit is None else _TESTS[self.test](value, limit)


@dataclass(frozen=True)
class Rule:
    """Terms that must all hold.

    Attributes
    ----------
    terms : tuple of Term
        In written order.
    """

    terms: tuple[Term, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Data it asks for."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.names))

    def holds(self, answers: Mapping[str, bool | float | None]) -> bool | None:
        """Whether all terms hold; None while that is open."""
        return all_of(term.holds(answers) for term in self.terms)


def read_rule(text: str) -> Rule:
    """Rule written as terms joined by ``and``.

    Raises
    ------
    SourceError
        If a term cannot be read.
    """
    return Rule(tuple(_term(part.strip(), text) for part in text.split(" and ")))


def _term(part: str, text: str) -> Term:
    match = _TERM.fullmatch(part)
    if match is None:
        raise SourceError(f"{part!r} cannot be read", where=text, remedy="Write: name, not name, or name > number.")
    negation, finding, left, test, right = match.groups()
    if finding:
        return Term(finding, "not" if negation else "is", "")
    limit = float(right) if re.fullmatch(r"-?\d+(\.\d+)?", right) else right
    return Term(left, test, limit)
