"""What rules may ask of a case: each datum with its words, its unit, and how it is read; None means not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

from locoregional.case import Case, Lesion

__all__ = ["Between", "Datum", "Value", "spoken"]


@dataclass(frozen=True)
class Between:
    """A number of which only bounds are known.

    Attributes
    ----------
    low, high : float
        Bounds, both possible; ``high`` may be infinite.
    """

    low: float
    high: float = inf

    def __str__(self) -> str:
        """The bounds in words."""
        return f"at least {self.low:g}" if self.high == inf else f"{self.low:g} to {self.high:g}"


Value = float | bool | str | frozenset[str] | Between | None
Reader = Callable[[Case, Lesion], Value]


@dataclass(frozen=True)
class Datum:
    """One thing that a rule may ask.

    Attributes
    ----------
    name : str
        Name that rules use.
    words : str
        What it is, as a tumour board would say it.
    read : callable
        ``(case, lesion) -> value``; None where the case does not say.
    unit : str
        Unit of a number, empty for words and yes or no.
    yes, no : str
        Words for a yes and a no; from ``words`` where empty.
    of_lesion : bool
        Whether it differs between the lesions of a case.
    place : str
        Field of ``case.toml`` that holds it; empty where it follows from several.
    """

    name: str
    words: str
    read: Reader
    unit: str = ""
    yes: str = ""
    no: str = ""
    of_lesion: bool = False
    place: str = ""

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def spoken(self, value: Value) -> str:
        """What the case says, in words."""
        if value is None:
            return f"{self.words} not known"
        if value is True:
            return self.yes or f"{self.words}: yes"
        if value is False:
            return self.no or f"{self.words}: no"
        if isinstance(value, frozenset):
            return f"{self.words}: {', '.join(sorted(value)).replace('_', ' ') or 'none'}"
        if isinstance(value, str):
            return f"{self.words}: {value.replace('_', ' ')}"
        if isinstance(value, Between):
            return f"{self.words} {value}{self._unit}"
        return f"{self.words} {value:.6g}{self._unit}"  # as entered: rounding could contradict the rule beside it


def spoken(value: Any) -> str:
    """Threshold of a rule as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | frozenset):
        return ", ".join(sorted(str(x) for x in value)) or "none"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
