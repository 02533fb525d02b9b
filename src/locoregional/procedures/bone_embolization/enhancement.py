"""What still enhances on CT after an embolization of bone: shown beside the missing angiograms, never in their place."""

from __future__ import annotations

from locoregional.case import Case, Outcome, Quantity
from locoregional.measures.devascularisation.enhancement import Enhancing, enhancing_volume, lost_volume_percent
from locoregional.measures.examination import Examination, examination
from locoregional.sources import read_facts

__all__ = ["enhancement_left"]


def enhancement_left(case: Case, outcome: Outcome) -> tuple[tuple[Quantity, ...], tuple[str, ...]]:
    """Loss of enhancing volume, where the case holds plain and arterial CT of both examinations.

    Parameters
    ----------
    case : Case
        Its images are called ``planning_native``, ``planning_arterial``, and the same of the follow-up image.
    outcome : Outcome
        Observed, with the lesion outlined on follow-up.

    Returns
    -------
    tuple of Quantity
        Loss of enhancing volume [%], its method telling what other thresholds give; empty where it cannot be measured.
    tuple of str
        The same in words, or why not; empty where nobody gave such images.
    """
    lesion = case.lesion(outcome.lesion_id)
    if lesion.mask is None or "lesion" not in outcome.maps:
        return (), ()
    parts = (
        examination(case, case.tumour(lesion), image="planning", liver=None),
        examination(case, case.store.get(outcome.maps["lesion"]), image=outcome.image, liver=None),
    )
    if not all({"native", "arterial"} <= set(part.phases) for part in parts):
        return (), ()
    if not all(part.phases["native"].grid.same_as(part.phases["arterial"].grid) for part in parts):
        return (), ("Enhancement on CT was not measured: plain and arterial phase do not lie on one grid; resample one of them.",)
    fact = read_facts("locoregional.measures.devascularisation")["enhancement.least"]
    assert fact.low is not None
    assert fact.high is not None
    thresholds = (float(fact), fact.low, fact.high)
    found = [lost_volume_percent(_enhancing(parts[0], t), _enhancing(parts[1], t)) for t in thresholds]
    lost = found[0]
    if lost is None:
        return (), (f"Nothing in the lesion rose by {float(fact):g} HU before treatment, so CT cannot show a loss.",)
    known = [x for x in found if x is not None]
    span = f"{min(known):.0f} to {max(known):.0f} % with thresholds of {fact.low:g} to {fact.high:g} HU"
    words = (
        f"On CT {lost:.0f} % of the enhancing volume were lost ({span}); the goal of angiography was not set for CT, so this "
        "does not decide."
    )
    # the span of thresholds has no coverage, so it is told in words and not given as an interval
    method = f"volume that rises by {float(fact):g} HU from plain to arterial CT; {span}"
    quantity = Quantity("enhancing_volume_lost", "loss of enhancing volume on CT", lost, "%", method=method, sources=(fact.key,))
    return (quantity,), (words,)


def _enhancing(part: Examination, threshold_hu: float) -> Enhancing:
    return enhancing_volume(part.phases["native"], part.phases["arterial"], part.on("arterial"), threshold_hu=threshold_hu)
