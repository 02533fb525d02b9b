"""RECIST 1.1 and mRECIST: sums of diameters, of the whole lesions or of their viable part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp
from statistics import NormalDist

from locoregional.measures.response.category import Category, NonTarget, Reading, completed, spanned
from locoregional.measures.response.change import LEVEL, Readers, Spread, change_between, diameter_spread
from locoregional.measures.response.fit import enhancement_doubts
from locoregional.measures.response.target import Target, measurable, sums
from locoregional.sources import read_facts

__all__ = ["interval_of", "mrecist", "not_judged", "recist"]

_TINY = 1e-9  # so that 100 to 70 is a fall of 30 % in floating point too


def recist(
    targets: Sequence[Target],
    *,
    smallest_mm: float | None = None,
    non_target: NonTarget | None = None,
    new_lesions: int | None = None,
    readers: Readers = "different",
) -> Reading:
    """RECIST 1.1 at one time point.

    Parameters
    ----------
    targets : sequence of Target
        Longest diameters; of lymph nodes the short axes.
    smallest_mm : float or None
        Smallest sum so far (nadir) of the same lesions, where it lies below the baseline [mm].
    non_target : str or None
        State of lesions that are followed without being measured; None where nobody said.
    new_lesions : int or None
        How many; None where nobody said.
    readers : str
        Whether one person measured both examinations; the interval is wider for different ones.

    Returns
    -------
    Reading
        ``NE`` where a target could not be measured at follow-up, or none was measurable at baseline.
    """
    facts = read_facts(__package__)
    counted, words = measurable(targets, least="recist.measurable")
    nodes_gone = float(facts["recist.node_normal"])

    def gone() -> bool:
        return all(
            t.follow_up_mm is not None and (t.follow_up_mm < nodes_gone if t.node else t.follow_up_mm == 0) for t in counted
        )

    keys: tuple[str, ...] = ("recist.decrease", "recist.increase", "recist.increase_absolute", "recist.measurable")
    keys += ("recist.node_normal", "recist.node_target") if any(t.node for t in targets) else ()
    return completed(
        _by_sum(
            "RECIST 1.1", counted, words, gone, prefix="recist", absolute="recist.increase_absolute", smallest_mm=smallest_mm,
            readers=readers, keys=keys, name="sum of diameters",
        ),
        non_target=non_target,
        new_lesions=new_lesions,
    )  # fmt: skip


def mrecist(
    targets: Sequence[Target],
    *,
    smallest_mm: float | None = None,
    non_target: NonTarget | None = None,
    new_lesions: int | None = None,
    readers: Readers = "different",
    hypervascular: bool | None = None,
) -> Reading:
    """Read viable tumour by mRECIST at one time point: what enhances in the arterial phase.

    Parameters
    ----------
    targets : sequence of Target
        Longest diameters of the enhancing part, necrosis between not counted.
    smallest_mm, non_target, new_lesions, readers
        As in `recist`.
    hypervascular : bool or None
        Whether the tumour enhanced more than the liver in the arterial phase before treatment.
    """
    counted, words = measurable([t for t in targets if not t.node], least="mrecist.measurable")
    words += tuple(f"{t.name} is a node: mRECIST measures it as RECIST 1.1 does; read it there" for t in targets if t.node)
    reading = completed(
        _by_sum(
            "mRECIST", counted, words, lambda: all(t.follow_up_mm == 0 for t in counted), prefix="mrecist", absolute="",
            smallest_mm=smallest_mm, readers=readers, keys=("mrecist.decrease", "mrecist.increase", "mrecist.measurable"),
            name="sum of viable diameters",
        ),
        non_target=non_target,
        new_lesions=new_lesions,
    )  # fmt: skip
    return enhancement_doubts(reading, hypervascular=hypervascular)


def interval_of(value: float, spread: Spread) -> tuple[float, float]:
    """Ends of the interval of a measured value, in its own unit."""
    width = NormalDist().inv_cdf(0.5 + LEVEL / 2) * spread.share
    return value * exp(-width), value * exp(width)


def not_judged(criterion: str, why: str, *more: str) -> Reading:
    """Reading of what cannot be judged, with the reason."""
    return Reading(criterion, Category.NE, (), reasons=(why, *more))


def _by_sum(
    criterion: str,
    counted: Sequence[Target],
    words: tuple[str, ...],
    gone: Callable[[], bool],
    *,
    prefix: str,
    absolute: str,
    smallest_mm: float | None,
    readers: Readers,
    keys: tuple[str, ...],
    name: str,
) -> Reading:
    """Category of the measured lesions alone."""
    facts = read_facts(__package__)
    before, after = sums(counted)
    if not counted:
        return not_judged(criterion, "no lesion was large enough at baseline to be followed by its size", *words)
    if after is None:
        missing = ", ".join(t.name for t in counted if t.follow_up_mm is None)
        why = f"{missing} could not be measured at follow-up"
        least_mm = sum(t.follow_up_mm for t in counted if t.follow_up_mm is not None)
        floor = before if smallest_mm is None else min(before, smallest_mm)
        rise, step = float(facts[f"{prefix}.increase"]), float(facts[absolute]) if absolute else 0.0
        if least_mm >= floor * (1 + rise / 100) and least_mm - floor >= step and least_mm > floor:
            more = f"the others alone sum to {least_mm:g} mm against {floor:g} mm: progression, whatever the rest measures"
            return Reading(criterion, Category.PD, (Category.PD,), reasons=(more, why, *words))
        return not_judged(criterion, why, *words)
    spread = diameter_spread(readers=readers, lesions=len(counted))
    nadir = before if smallest_mm is None else min(before, smallest_mm)
    fall, rise = float(facts[f"{prefix}.decrease"]), float(facts[f"{prefix}.increase"])
    least = float(facts[absolute]) if absolute else 0.0
    responded = nadir <= before * (1 - fall / 100) + _TINY * before
    complete = gone()

    def judge(total: float) -> Category:
        if complete:
            return Category.CR
        if total >= nadir * (1 + rise / 100) - _TINY * before and total - nadir >= least - _TINY and total > nadir:
            return Category.PD
        return Category.PR if responded or total <= before * (1 - fall / 100) + _TINY * before else Category.SD

    low, high = interval_of(after, spread)
    changes = [change_between(name=f"{name}, against baseline", reference=before, value=after, unit="mm", spread=spread)]
    reasons = []
    if nadir < before and nadir > 0:
        changes.append(
            change_between(name=f"{name}, against the smallest so far", reference=nadir, value=after, unit="mm", spread=spread)
        )
    category = judge(after)
    if category is Category.PR and responded and after > before * (1 - fall / 100):
        reasons.append(
            f"the sum had fallen by {fall:g} % before: partial response stands until progression (EORTC, questions on RECIST)"
        )
    if complete and after > 0:
        reasons.append("what is left are lymph nodes of normal size")
    return Reading(
        criterion,
        category,
        spanned(judge, low=low, value=after, high=high),
        changes=tuple(changes),
        reasons=(*reasons, *(c.words for c in changes), *words),
        facts=(*(facts[key].key for key in keys), spread.fact),
    )
