"""One study as a forest plot shows it, and how sure its number is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locoregional.evidence.pooling.pooled import Pooled

__all__ = ["ForestRow", "forest_rows"]


@dataclass(frozen=True)
class ForestRow:
    """A study with its estimate, as drawn.

    Attributes
    ----------
    name : str
        Study.
    value, low, high : float or None
        Estimate and interval in stored units (0..1, months or points); None where not given.
    weight_percent : float or None
        Share of the pool [%].
    events, total : int or None
        Counts.
    directness : str
        ``breast``, ``mixed``, ``borrowed``, or empty where it does not apply.
    status : str
        ``verified`` (read in the primary source) or ``unverified``; empty where it does not apply.
    approximate : bool
        Whether the interval follows from the size alone, the study having given none.
    note : str
        What the reader must know, printed below the study.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    weight_percent: float | None = None
    events: int | None = None
    total: int | None = None
    directness: str = ""
    status: str = ""
    approximate: bool = False
    note: str = ""

    @property
    def evidence(self) -> str:
        """Directness and status in words."""
        return ", ".join(word for word in (self.directness, self.status) if word)


def forest_rows(pooled: Pooled, marks: Mapping[str, tuple[str, str]] | None = None) -> tuple[ForestRow, ...]:
    """Studies of a pool as rows.

    Parameters
    ----------
    pooled : Pooled
        Result of a synthesis, poolable or not.
    marks : mapping of str to (str, str), optional
        Directness and status by study name.

    Returns
    -------
    tuple of ForestRow
        In the order of the pool.
    """
    known = marks or {}
    return tuple(
        ForestRow(
            name=s.name,
            value=s.estimate,
            low=s.low,
            high=s.high,
            weight_percent=s.weight_percent if pooled.poolable else None,
            events=s.events,
            total=s.total,
            directness=known.get(s.name, ("", ""))[0],
            status=known.get(s.name, ("", ""))[1],
            note=s.note,
        )
        for s in pooled.studies
    )
