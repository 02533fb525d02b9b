"""One line of ``docs/validation.md``."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan, nan

__all__ = ["Row", "not_run"]


@dataclass(frozen=True)
class Row:
    """A value of ours beside a value that nobody here wrote.

    Attributes
    ----------
    topic, name : str
        Heading and line.
    value, reference : float
        Ours and theirs, in ``unit``.
    unit : str
        Unit of both.
    tolerance : float
        Largest accepted |value - reference| (absolute, in ``unit``); infinite where the row only reports.
    source : str
        Where the reference comes from: key of ``references.bib`` or "exact solution".
    note : str
        What the reader must know; for a miss, its likely cause.
    """

    topic: str
    name: str
    value: float
    reference: float
    unit: str
    tolerance: float
    source: str
    note: str = ""

    @property
    def error(self) -> float:
        """Ours minus theirs, in ``unit``."""
        return self.value - self.reference

    @property
    def verdict(self) -> str:
        """``holds``, ``misses``, ``reported`` (no tolerance claimed) or ``not run`` (no value and none claimed)."""
        if self.tolerance == inf:
            return "not run" if isnan(self.value) else "reported"
        return "holds" if abs(self.error) <= self.tolerance else "misses"


def not_run(topic: str, name: str, note: str, source: str = "") -> Row:
    """Line of a comparison that could not be made here; ``note`` says what it needs."""
    return Row(topic, name, nan, nan, "", inf, source, note)
