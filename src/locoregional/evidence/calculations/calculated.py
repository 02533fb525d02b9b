"""One contradiction found by arithmetic, and the two sides of an outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from locoregional.evidence.row import Row

__all__ = ["Calculated", "Side", "sides"]


@dataclass(frozen=True)
class Calculated:
    """One contradiction.

    Attributes
    ----------
    code : str
        Name of the calculation.
    rows : tuple of str
        Ids of the rows that contradict.
    words : str
        The contradiction as a sentence.
    certain : bool
        True: no reading makes it right; False: an explanation is possible and should be given.
    printed : bool
        Whether only numbers as printed by the review take part, so that the review is wrong and not the table.
    """

    code: str
    rows: tuple[str, ...]
    words: str
    certain: bool = False
    printed: bool = False


@dataclass(frozen=True)
class Side:
    """Numbers of an outcome on one side: as printed, or as the study itself says.

    Attributes
    ----------
    row : Row
        The outcome.
    prefix : str
        ``""`` or ``primary_``.
    """

    row: Row
    prefix: str

    @property
    def of_review(self) -> bool:
        """Whether this is what the review prints."""
        return not self.prefix and self.row.text("in_review") == "yes"

    @property
    def printed(self) -> bool:
        """Whether these numbers are the review's alone, so that the study itself may be right."""
        return self.of_review and self.row.text("verdict") != "agrees"

    @property
    def written(self) -> str:
        """The number as written, with its decimals."""
        return self.row.text(f"{self.prefix}value")

    @property
    def n(self) -> int | None:
        """Count."""
        return self.row.whole(f"{self.prefix}n")

    @property
    def total(self) -> int | None:
        """Denominator."""
        return self.row.whole(f"{self.prefix}total")

    def number(self, name: str) -> float | None:
        """Number of a column (``value``, ``low`` or ``high``)."""
        return self.row.number(self.prefix + name)

    @property
    def words(self) -> str:
        """Which side this is, for the start of a sentence."""
        return "the study" if self.prefix else "printed" if self.of_review else "entered"


def sides(row: Row) -> Iterator[Side]:
    """Both sides of an outcome; the second only where it says something else."""
    first, second = Side(row, ""), Side(row, "primary_")
    yield first
    names = ("value", "low", "high", "n", "total")
    if any(row.text(f"primary_{c}") and row.text(f"primary_{c}") != row.text(c) for c in names):
        yield second
