"""Target lesions: what is measured at baseline and again at follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locoregional.errors import CaseError
from locoregional.sources import read_facts

__all__ = ["Target", "measurable", "sums"]


@dataclass(frozen=True)
class Target:
    """One measured lesion.

    Attributes
    ----------
    name : str
        As it is called.
    baseline_mm : float
        Longest diameter in the axial plane; of a node the short axis; for viable tumour, of its enhancing part.
    follow_up_mm : float or None
        The same at follow-up: 0 where it has disappeared, None where it could not be measured.
    node : bool
        Whether it is a lymph node.
    """

    name: str
    baseline_mm: float
    follow_up_mm: float | None
    node: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that no lesion has; mostly a wrong unit."""
        for words, value in (("baseline", self.baseline_mm), ("follow-up", self.follow_up_mm)):
            if value is not None and not 0 <= value <= 400:
                raise CaseError(
                    f"{value:g} mm is no size of a lesion", where=f"{self.name}, {words}", remedy="Give millimetres, 0 if gone."
                )


def measurable(targets: Sequence[Target], *, least: str) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Targets that are large enough at baseline to be followed by size, and words on those that are not.

    Parameters
    ----------
    targets : sequence of Target
        Measured lesions.
    least : str
        Fact that holds the smallest diameter; nodes have their own.
    """
    facts = read_facts(__package__)
    kept, words = [], []
    for target in targets:
        limit = float(facts["recist.node_target" if target.node else least])
        if target.baseline_mm >= limit:
            kept.append(target)
        else:
            axis = "short axis" if target.node else "diameter"
            words.append(
                f"{target.name} was {target.baseline_mm:g} mm at baseline: below a {axis} of {limit:g} mm, so it is not counted"
            )
    most = int(facts["recist.targets"].value)
    if len(kept) > most:
        words.append(f"{len(kept)} lesions are counted; RECIST 1.1 asks for {most} at most, and for 2 of each organ")
    return tuple(kept), tuple(words)


def sums(targets: Sequence[Target]) -> tuple[float, float | None]:
    """Sum of the diameters at baseline and at follow-up [mm]; the latter None where one could not be measured."""
    before = float(sum(t.baseline_mm for t in targets))
    after = [t.follow_up_mm for t in targets]
    return before, (None if any(x is None for x in after) else float(sum(x for x in after if x is not None)))
