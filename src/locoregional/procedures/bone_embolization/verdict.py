"""Was the tumour devascularised: measured on angiograms before and after, where the case holds them."""

from __future__ import annotations

from locoregional.case import Case, Outcome, Quantity, Verdict
from locoregional.procedures.bone_embolization.enhancement import enhancement_left
from locoregional.progress import Progress
from locoregional.sources import read_facts

__all__ = ["verify_bone_embolization"]


def verify_bone_embolization(case: Case, outcome: Outcome, progress: Progress) -> Verdict:
    """Verdict on an embolization of bone.

    Parameters
    ----------
    case : Case
        The case.
    outcome : Outcome
        Observed, with angiograms before and after; of an expectation nothing can be judged.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Verdict
        ``success`` is None where the interval holds the goal, or where the two series cannot be compared.
    """
    mine = (outcome.id, outcome.lesion_id, outcome.procedure)
    if outcome.predicted:
        return Verdict(*mine, None, ("Nothing to judge yet: no effect was predicted; angiograms before and after decide.",))
    pair = outcome.angiograms
    if pair is None:
        missing = (
            "Devascularisation cannot be measured: the case holds no angiograms before and after. Add [observed.angiography] "
            "with both runs and the regions of tumour and artery."
        )
        left, words = enhancement_left(case, outcome)
        return Verdict(
            *mine, None, (missing, *words), (_unknown(missing), *left), facts=tuple(k for q in left for k in q.sources)
        )
    from locoregional.measures.devascularisation.document import BREAST, verdict_words
    from locoregional.measures.devascularisation.measure import LEVEL, METHOD
    from locoregional.measures.devascularisation.pair import devascularisation_of

    found = devascularisation_of(pair, case.store, progress)
    goal = read_facts("locoregional.measures.devascularisation")["success.lost"]
    reasons = "; ".join(d.words for d in found.doubts if d.blocks)
    low, high = found.interval_percent or (None, None)
    method = f"area of the tumour's curve over the artery's, after against before; {METHOD}; interval from tiles and frames"
    quantities = [
        Quantity(
            "devascularisation", "loss of perfused vessels" + (f" ({reasons})" if reasons else ""), found.lost_percent, "%", low,
            high, LEVEL, method, (goal.key,),
        )
    ]  # fmt: skip
    if found.flow_percent is not None and found.flow_interval_percent is not None:
        early = "early part of the same curves, up to the peak of the artery"
        quantities.append(
            Quantity("flow_lost", "loss of flow", found.flow_percent, "%", *found.flow_interval_percent, LEVEL, early)
        )
    if found.stain_percent is not None:
        stained = f"share of the stained area that was lost ({found.stained_percent[0]:.0f} % of the outline was stained before)"
        quantities.append(Quantity("stain_lost", stained, found.stain_percent, "%", method="one threshold for both series"))
    words = (verdict_words(found), *(f"Caution: {d.words}." for d in found.doubts if not d.blocks), BREAST, *found.words)
    return Verdict(*mine, found.success, words, tuple(quantities), facts=(goal.key,))


def _unknown(words: str) -> Quantity:
    return Quantity("devascularisation", f"loss of perfused vessels ({words})", None, "%")
