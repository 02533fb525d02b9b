"""Iodised oil by the size of the tumour, and the emulsion with the drug."""

from __future__ import annotations

from collections.abc import Sequence

from locoregional.case import Case, Lesion, Quantity
from locoregional.procedures.tace.settings import LEVEL, Dose
from locoregional.sources import read_facts

__all__ = ["emulsion", "oil_volume"]


def oil_volume(case: Case, lesion: Lesion) -> tuple[Quantity, tuple[str, ...]]:
    """Oil at most for one session, by the diameter of the tumour and not above a ceiling, and words on it.

    Parameters
    ----------
    case : Case
        The case.
    lesion : Lesion
        Lesion to embolize.
    """
    facts = read_facts(__package__)
    per, ceiling = facts["oil.by_size"], facts["oil.ceiling"]
    assert per.low is not None
    assert per.high is not None
    assert ceiling.high is not None
    across_cm = lesion.diameter_mm / 10
    value = min(float(per) * across_cm, float(ceiling))
    low, high = min(per.low * across_cm, float(ceiling)), min(per.high * across_cm, ceiling.high)
    limits = f"not above {float(ceiling):g} ({ceiling.high:g}) ml"
    method = f"{float(per):g} ({per.low:g} to {per.high:g}) ml for each cm of diameter, {limits}"
    words = [
        f"Iodised oil: {value:.1f} ml by {across_cm:.1f} cm of tumour ({low:.1f} to {high:.1f}); rule and ceiling of "
        f"{float(ceiling):g} ml are recalled, not verified."
    ]
    surface, trial = case.patient.body_surface_m2, facts["gemcitabine.oil"]
    if surface is not None:
        weeks, times = facts["gemcitabine.weeks"], facts["gemcitabine.times"]
        words.append(
            f"The trial of gemcitabine in breast cancer gave {float(trial):g} ml/m2, here {float(trial) * surface:.0f} ml, with "
            f"starch microspheres, up to {float(times):g} times every {float(weeks):g} weeks."
        )
    quantity = Quantity(
        "oil", "iodised oil for one session, at most", value, "ml", low, high, method=method, sources=(per.key, ceiling.key)
    )
    return quantity, tuple(words)


def emulsion(oil: Quantity, doses: Sequence[Dose]) -> tuple[float, tuple[Quantity, ...], tuple[str, ...]]:
    """Drug solution for an oil, how much drug it can hold, and what does not fit.

    Parameters
    ----------
    oil : Quantity
        Iodised oil.
    doses : sequence of Dose
        Drugs, with the most for one session.

    Returns
    -------
    float, tuple of Quantity, tuple of str
        Drug solution [ml], drug held by drug, and cautions.
    """
    facts = read_facts(__package__)
    ratio = facts["oil.ratio"]
    assert oil.value is not None
    assert ratio.low is not None
    water_ml, most_ml = oil.value / float(ratio), oil.value / ratio.low
    held, cautions = [], []
    for dose in doses:
        dissolves = facts[f"{dose.drug}.dissolves"]
        amount_mg, most_mg = water_ml * float(dissolves), most_ml * float(dissolves)
        mixed = f"{float(ratio):g}:1; up to {most_ml:.1f} ml at {ratio.low:g}:1"
        method = (
            f"{water_ml:.1f} ml of solution for {oil.value:.1f} ml of oil ({mixed}), of {float(dissolves):g} mg/ml "
            "(recalled, not verified)"
        )
        held.append(
            Quantity(
                f"held_{dose.drug}",
                f"{dose.drug} that the emulsion can hold",
                amount_mg,
                "mg",
                amount_mg,
                most_mg,
                LEVEL,
                method,
                (ratio.key, dissolves.key),
            )
        )
        if dose.dose_mg is not None and most_mg < dose.dose_mg:
            cautions.append(
                f"{dose.drug.capitalize()}: of {dose.dose_mg:.0f} mg only {amount_mg:.0f} to {most_mg:.0f} mg dissolve in the "
                f"water of this emulsion, and more water makes it unstable: {_way_out(dose.drug)}."
            )
    return water_ml, tuple(held), tuple(cautions)


def _way_out(drug: str) -> str:
    """What to do with a drug that the emulsion cannot hold."""
    if drug == "gemcitabine":
        return "the trial in breast cancer suspended it in much more oil, with starch microspheres; follow one protocol whole"
    return "give less, or infuse the rest before the oil"
