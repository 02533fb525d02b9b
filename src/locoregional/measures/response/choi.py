"""Choi: a little smaller or clearly less dense on portal-venous CT counts as response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np

from locoregional.measures.response.category import Category, NonTarget, Reading, completed
from locoregional.measures.response.change import LEVEL, Change, Readers, change_between, diameter_spread
from locoregional.measures.response.size import interval_of, not_judged
from locoregional.measures.response.target import Target, sums
from locoregional.sources import read_facts

__all__ = ["choi"]

_STEPS = 61  # places between the ends of each interval at which a category is asked for
_TINY = 1e-9


def choi(
    targets: Sequence[Target],
    *,
    baseline_hu: float | None,
    follow_up_hu: float | None,
    new_lesions: int | None = None,
    non_target: NonTarget | None = None,
    readers: Readers = "different",
    oil: bool = False,
) -> Reading:
    """Choi at one time point.

    Parameters
    ----------
    targets : sequence of Target
        Longest diameters.
    baseline_hu, follow_up_hu : float or None
        Mean density of the lesions in the portal-venous phase; None where it was not measured.
    new_lesions, non_target, readers
        As in `recist`.
    oil : bool
        Whether iodised oil lies in the tumour at follow-up: its density then says nothing.
    """

    def without(criterion: str, why: str) -> Reading:
        """No judgement of the measured lesions; new ones are progression all the same."""
        return completed(not_judged(criterion, why), non_target=non_target, new_lesions=new_lesions)

    facts = read_facts(__package__)
    before, after = sums(targets)
    if not targets or not before > 0:
        return without("Choi", "there was nothing to measure at baseline")
    if after is None:
        missing = ", ".join(t.name for t in targets if t.follow_up_mm is None)
        return without("Choi", f"{missing} could not be measured at follow-up")
    if oil:
        return without(
            "Choi", "iodised oil in the tumour is denser than anything: density cannot show a response; use MRI or PET"
        )
    if baseline_hu is None or follow_up_hu is None:
        return without("Choi", "the density was not measured in both examinations")
    if baseline_hu <= 0:
        return without("Choi", f"a mean density of {baseline_hu:g} HU at baseline has no relative change")
    spread = diameter_spread(readers=readers, lesions=len(targets))
    size = change_between(name="sum of diameters", reference=before, value=after, unit="mm", spread=spread)
    density = _density(baseline_hu, follow_up_hu)

    def judge(total_mm: float, density_percent: float) -> Category:
        if after == 0:
            return Category.CR
        less_dense = density_percent <= -float(facts["choi.decrease_density"]) + _TINY
        if less_dense or total_mm <= before * (1 - float(facts["choi.decrease_size"]) / 100) + _TINY * before:
            return Category.PR
        return (
            Category.PD if total_mm >= before * (1 + float(facts["choi.increase_size"]) / 100) - _TINY * before else Category.SD
        )

    totals = np.linspace(*interval_of(after, spread), _STEPS).tolist()
    densities = np.linspace(density.low_percent, density.high_percent, _STEPS).tolist()
    found = {judge(total, d) for total in (*totals, after) for d in (*densities, density.percent)}
    reading = Reading(
        "Choi",
        judge(after, density.percent),
        tuple(c for c in Category if c in found),
        changes=(size, density),
        reasons=(size.words, density.words),
        doubts=(
            "Choi was made for gastrointestinal stromal tumours under imatinib; its cut-offs are not shown for breast cancer",
        ),
        facts=(
            *(facts[f"choi.{name}"].key for name in ("decrease_size", "decrease_density", "increase_size")),
            spread.fact,
            facts["repeat.density"].key,
        ),
    )
    done = completed(reading, non_target=non_target, new_lesions=new_lesions)
    extra = "new or growing nodules within a treated lesion are progression, and no number here shows them"
    return replace(done, open_points=(*done.open_points, extra))


def _density(baseline_hu: float, follow_up_hu: float) -> Change:
    """Relative change of density; its error is one of difference, not of ratio."""
    fact = read_facts(__package__)["repeat.density"]
    percent = 100 * (follow_up_hu / baseline_hu - 1)
    half = NormalDist().inv_cdf(0.5 + LEVEL / 2) * 100 * float(fact) / baseline_hu
    words = f"mean density measured twice: standard deviation of the difference {float(fact):g} HU (recalled, not verified)"
    low, high = percent - half, percent + half
    return Change("mean density", baseline_hu, follow_up_hu, "HU", percent, low_percent=low, high_percent=high, method=words)
