"""Oligometastatic (ESO-ESMO) and oligoprogressive (COSMO trial) disease as definitions that answer yes, no or not known."""

from __future__ import annotations

from locoregional.scores.finding import Finding, found, refuse_outside
from locoregional.scores.three_valued import all_of, any_of, compared
from locoregional.sources import read_facts

__all__ = ["oligometastatic", "oligoprogressive"]


def oligometastatic(*, lesion_count: int | None = None, all_treatable: bool | None = None) -> Finding:
    """Whether disease is oligometastatic: at most five lesions, in any organs, every one of them treatable.

    Parameters
    ----------
    lesion_count : int or None
        Number of metastases in the whole body.
    all_treatable : bool or None
        Whether every site can be treated locally with the aim of long remission.

    Returns
    -------
    Finding
        None while a datum is missing that could still make it a no.

    References
    ----------
    cardoso2018, as quoted in filippiadis2022.
    """
    refuse_outside("lesion_count", lesion_count, low=0, high=10000)
    limit = read_facts("locoregional.scores")["oligometastatic.lesions"]
    conditions = {
        "at least one metastasis": compared(lesion_count, lambda n: n >= 1),
        f"at most {limit.value} metastases": compared(lesion_count, lambda n: n <= limit.value),
        "every site treatable with the aim of long remission": all_treatable,
    }
    caveats = (
        "The definition also asks for limited size without a number; judge it by lesion.",
        "A count is only as good as its staging: small lesions are missed without PET or MR.",
    )
    return found("oligometastatic", conditions, facts=[limit], primary="cardoso2018", caveats=caveats)


def oligoprogressive(
    *,
    progressing_count: int | None = None,
    organ_count: int | None = None,
    growth_percent: float | None = None,
    size_mm: float | None = None,
    suv_growth_percent: float | None = None,
    in_bone: bool = False,
    control_months: float | None = None,
    all_treatable: bool | None = None,
) -> Finding:
    """Whether disease is oligoprogressive: few lesions grow in one organ after months of control.

    Parameters
    ----------
    progressing_count : int or None
        Number of lesions that grow.
    organ_count : int or None
        Number of organs they lie in; one if it is a single lesion.
    growth_percent : float or None
        Growth in size [%]; in bone, of the lytic part.
    size_mm : float or None
        Size of the growing lesion [mm]; not asked in bone.
    suv_growth_percent : float or None
        Growth of SUVmax on PET [%], which serves instead of size.
    in_bone : bool
        Whether it is a bone metastasis.
    control_months : float or None
        How long systemic treatment had held everything stable or in response [months].
    all_treatable : bool or None
        Whether every growing lesion can be ablated, resected or irradiated.

    Returns
    -------
    Finding
        None while a datum is missing that could still make it a no.

    References
    ----------
    cosmo_trial, inclusion criteria.
    """
    refuse_outside("progressing_count", progressing_count, low=0, high=10000)
    refuse_outside("organ_count", organ_count, low=0, high=100)
    if progressing_count == 1 and organ_count is None:
        organ_count = 1
    facts = read_facts("locoregional.scores").section("cosmo")
    lesions, organs, growth, size, control = (facts[k].value for k in ("lesions", "organs", "growth", "size", "control"))
    grown = compared(growth_percent, lambda x: x >= growth)
    large = True if in_bone else compared(size_mm, lambda x: x > size)
    words = f"growth of {growth:g} % or more" + ("" if in_bone else f" to over {size:g} mm") + f", or of SUVmax by {growth:g} %"
    conditions = {
        f"one or {lesions} growing lesions": compared(progressing_count, lambda n: 1 <= n <= lesions),
        "all in one organ": compared(organ_count, lambda n: n == organs),
        words: any_of((all_of((grown, large)), compared(suv_growth_percent, lambda x: x >= growth))),
        f"{control:g} months or more of control before": compared(control_months, lambda x: x >= control),
        "every growing lesion can be treated": all_treatable,
    }
    caveats = (
        "The trial also counts growth of the primary tumour or regional nodes, and confirms it by PET 5 to 7 weeks later.",
        "Entry criteria of one trial, not a consensus; an older entry of it asks for first or second line treatment.",
    )
    return found("oligoprogressive", conditions, facts=facts.values(), primary="cosmo_trial", caveats=caveats)
