"""MINORS: points for the methods of a series, and how many of its items could be judged at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.evidence.appraisal.entry import NO_INFORMATION, Entry, entries_of

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase

__all__ = ["Minors", "minors_of", "minors_score"]

_BEST = 2


@dataclass(frozen=True)
class Minors:
    """Points of a study.

    Attributes
    ----------
    study : str
        Id.
    points, possible, assessable : int
        Points given; points of all items (16, or 24 where two arms are compared); points of the items that could be judged.
    unknown, items : int
        Items without information, and all items.
    entries : tuple of Entry
        Judgements.
    """

    study: str
    points: int
    possible: int
    assessable: int
    unknown: int
    items: int
    entries: tuple[Entry, ...]

    @property
    def words(self) -> str:
        """Points in words, with what is not known."""
        if self.unknown == self.items:
            return f"not assessable (0 of {self.items} items)"
        if not self.unknown:
            return f"{self.points} of {self.possible} points"
        tail = f"({self.unknown} of {self.items} items could not)"
        return f"{self.points} of the {self.assessable} points that could be judged {tail}"

    @property
    def weak(self) -> bool:
        """Whether fewer than half of the points that could be judged were given, or none could be judged."""
        return 2 * self.points < self.assessable or self.assessable == 0


def minors_score(entries: Sequence[Entry]) -> Minors:
    """Add up the judgements of one study.

    Parameters
    ----------
    entries : sequence of Entry
        All items of MINORS for the study.

    Returns
    -------
    Minors
        Items without information give no points and are counted apart: the sum is a floor, not a score of the paper.
    """
    known = [int(e.judgement) for e in entries if e.judgement != NO_INFORMATION]
    items = len(entries)
    return Minors(
        study=entries[0].study if entries else "",
        points=sum(known),
        possible=_BEST * items,
        assessable=_BEST * len(known),
        unknown=items - len(known),
        items=items,
        entries=tuple(entries),
    )


def minors_of(base: EvidenceBase, study: str) -> Minors | None:
    """Points of a study of the base; None where it was not appraised."""
    entries = entries_of(base, study, "MINORS")
    return minors_score(entries) if entries else None
