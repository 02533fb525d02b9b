"""Radioembolization-induced liver disease as a definition that answers yes, no or not known."""

from __future__ import annotations

from locoregional.scores.finding import Finding, found, refuse_outside
from locoregional.scores.three_valued import compared, negated
from locoregional.sources import read_facts

__all__ = ["reild"]


def reild(
    *,
    bilirubin_raised: bool | None = None,
    albumin_low: bool | None = None,
    ascites_new_or_more: bool | None = None,
    since_treatment_d: float | None = None,
    progression: bool | None = None,
    biliary_obstruction: bool | None = None,
) -> Finding:
    """Whether the liver has radioembolization-induced liver disease.

    Parameters
    ----------
    bilirubin_raised : bool or None
        Jaundice with bilirubin above normal and above the value before.
    albumin_low : bool or None
        Albumin below normal and below the value before.
    ascites_new_or_more : bool or None
        Ascites new, or more than before.
    since_treatment_d : float or None
        Days since the radioembolization [d].
    progression : bool or None
        Whether tumour growth explains it.
    biliary_obstruction : bool or None
        Whether obstructed bile ducts explain it.

    Returns
    -------
    Finding
        Grade its severity with the event ``liver_after_radioembolization``.

    References
    ----------
    braat2017, read in vanroekel_thesis, chapter 2, page 39.
    """
    refuse_outside("since_treatment_d", since_treatment_d, low=0, high=20000)
    facts = read_facts("locoregional.scores").section("reild")
    first, last = float(facts["from"]), float(facts["until"])
    conditions = {
        "jaundice, bilirubin raised": bilirubin_raised,
        "albumin low": albumin_low,
        "ascites new or more": ascites_new_or_more,
        "two weeks to four months after treatment": compared(since_treatment_d, lambda d: first <= d <= last),
        "tumour growth excluded": negated(progression),
        "biliary obstruction excluded": negated(biliary_obstruction),
    }
    name = "radioembolization-induced liver disease"
    return found(name, conditions, facts=facts.values(), primary="braat2017", caveats=["Definitions differ between series."])
