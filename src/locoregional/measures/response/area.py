"""EASL and viable volume: how much enhancing tumour there is, by the product of two diameters or by its volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locoregional.errors import CaseError
from locoregional.measures.response.category import Category, NonTarget, Reading, completed, spanned
from locoregional.measures.response.change import Readers, change_between, diameter_spread
from locoregional.measures.response.fit import enhancement_doubts
from locoregional.measures.response.size import interval_of, not_judged
from locoregional.sources import read_facts

__all__ = ["Pair", "easl", "viable_volume"]

_TINY = 1e-9


@dataclass(frozen=True)
class Pair:
    """Two perpendicular diameters of the enhancing part of one lesion, before and after.

    Attributes
    ----------
    name : str
        As it is called.
    baseline_mm, follow_up_mm : tuple of float, or None
        Longest diameter and the longest one across it; (0, 0) where nothing enhances, None where it could not be measured.
    """

    name: str
    baseline_mm: tuple[float, float]
    follow_up_mm: tuple[float, float] | None

    def __post_init__(self) -> None:
        """Refuse sizes that no lesion has."""
        for pair in (self.baseline_mm, self.follow_up_mm):
            if pair is not None and not all(0 <= x <= 400 for x in pair):
                raise CaseError(f"{pair} mm is no size of a lesion", where=self.name, remedy="Give millimetres, 0 if gone.")


def easl(
    pairs: Sequence[Pair],
    *,
    smallest_mm2: float | None = None,
    non_target: NonTarget | None = None,
    new_lesions: int | None = None,
    readers: Readers = "different",
    hypervascular: bool | None = None,
) -> Reading:
    """EASL: sum of the products of two perpendicular diameters of the enhancing part.

    Parameters
    ----------
    pairs : sequence of Pair
        Measured lesions.
    smallest_mm2 : float or None
        Smallest sum of products so far, where it lies below the baseline [mm2].
    non_target, new_lesions, readers
        As in `recist`.
    hypervascular : bool or None
        Whether the tumour enhanced more than the liver in the arterial phase before treatment.
    """
    before = float(sum(p.baseline_mm[0] * p.baseline_mm[1] for p in pairs))
    missing = [p.name for p in pairs if p.follow_up_mm is None]
    if missing:
        reading = not_judged("EASL", f"{', '.join(missing)} could not be measured at follow-up")
        return completed(reading, non_target=non_target, new_lesions=new_lesions)
    after = float(sum(p.follow_up_mm[0] * p.follow_up_mm[1] for p in pairs if p.follow_up_mm is not None))
    reading = _amount(
        "EASL", "sum of products of viable diameters", "mm2", reference=before, value=after, smallest=smallest_mm2, prefix="easl",
        power=2, readers=readers, lesions=len(pairs),
    )  # fmt: skip
    return enhancement_doubts(completed(reading, non_target=non_target, new_lesions=new_lesions), hypervascular=hypervascular)


def viable_volume(
    *,
    baseline_ml: float,
    follow_up_ml: float,
    non_target: NonTarget | None = None,
    new_lesions: int | None = None,
    readers: Readers = "different",
    lesions: int = 1,
    hypervascular: bool | None = None,
) -> Reading:
    """Volume of enhancing tumour, with the cut-offs that RECIST's diameters have as volumes.

    Parameters
    ----------
    baseline_ml, follow_up_ml : float
        Enhancing volume of all measured lesions together [ml].
    non_target, new_lesions, readers
        As in `recist`.
    lesions : int
        How many.
    hypervascular : bool or None
        Whether the tumour enhanced more than the liver in the arterial phase before treatment.
    """
    reading = _amount(
        "Viable volume", "enhancing volume", "ml", reference=baseline_ml, value=follow_up_ml, smallest=None, prefix="volume",
        power=3, readers=readers, lesions=lesions,
    )  # fmt: skip
    return enhancement_doubts(completed(reading, non_target=non_target, new_lesions=new_lesions), hypervascular=hypervascular)


def _amount(
    criterion: str,
    name: str,
    unit: str,
    *,
    reference: float,
    value: float,
    smallest: float | None,
    prefix: str,
    power: float,
    readers: Readers,
    lesions: int,
) -> Reading:
    facts = read_facts(__package__)
    if not reference > 0:
        return not_judged(criterion, "nothing enhanced at baseline, so there is nothing that enhancement could show")
    spread = diameter_spread(readers=readers, lesions=lesions).times(power)
    decrease, increase = facts[f"{prefix}.decrease"], facts[f"{prefix}.increase"]
    nadir = reference if smallest is None else min(reference, smallest)

    def judge(amount: float) -> Category:
        if value == 0:
            return Category.CR
        if amount > nadir * (1 + float(increase) / 100) + _TINY * reference:
            return Category.PD
        fallen = amount <= reference * (1 - float(decrease) / 100) + _TINY * reference
        return Category.PR if fallen else Category.SD

    low, high = interval_of(value, spread)
    change = change_between(name=f"{name}, against baseline", reference=reference, value=value, unit=unit, spread=spread)
    return Reading(
        criterion,
        judge(value),
        spanned(judge, low=low, value=value, high=high),
        changes=(change,),
        reasons=(change.words,),
        facts=(decrease.key, increase.key, spread.fact),
    )
