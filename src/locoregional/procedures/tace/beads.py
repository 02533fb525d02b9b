"""Vials of drug-eluting beads by the extent of the tumour."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.case import Case, Lesion, Quantity
from locoregional.procedures.tace.settings import LEVEL, Dose
from locoregional.procedures.tace.territory import liver_lesions
from locoregional.sources import read_facts

__all__ = ["Beads", "beads_for"]


@dataclass(frozen=True)
class Beads:
    """Vials for one session.

    Attributes
    ----------
    dose : Dose
        Drug in all of them.
    vials : int
        How many.
    beads_ml, contrast_ml : float
        Beads, and the contrast medium to mix in at least.
    loading_mg_ml : float
        Drug in each millilitre of beads.
    quantities : tuple of Quantity
        The same as numbers with ranges.
    words : tuple of str
        Why.
    """

    dose: Dose
    vials: int
    beads_ml: float
    contrast_ml: float
    loading_mg_ml: float
    quantities: tuple[Quantity, ...]
    words: tuple[str, ...]


def beads_for(case: Case, lesion: Lesion) -> Beads:
    """Vials for a lesion: one where the liver holds little tumour, two beyond.

    Parameters
    ----------
    case : Case
        The case; all liver lesions that it lists count.
    lesion : Lesion
        Lesion to embolize.
    """
    facts = read_facts(__package__)
    sizes = [x.diameter_mm for x in liver_lesions(case)] or [lesion.diameter_mm]
    few = len(sizes) == 1 and sizes[0] <= float(facts["beads.single_mm"])
    few = few or (len(sizes) <= int(facts["beads.several"].value) and max(sizes) <= float(facts["beads.several_mm"]))
    vials = 1 if few else int(facts["beads.vials"].value)
    per_vial, vial_ml, contrast, apart = (facts[f"beads.{name}"] for name in ("dose", "vial", "contrast", "apart"))
    dose_mg, beads_ml = vials * float(per_vial), vials * float(vial_ml)
    assert contrast.high is not None
    assert per_vial.low is not None
    extent = f"{len(sizes)} lesion{'s' * (len(sizes) > 1)} listed in the liver, the largest {max(sizes):.0f} mm"
    rule = "one vial within the Milan criteria (5 cm, or three of 3 cm), two beyond: borrowed from hepatocellular carcinoma"
    words = [f"{vials} vial{'s' * (vials > 1)} of {float(vial_ml):g} ml, {dose_mg:.0f} mg of doxorubicin: {extent}; {rule}."]
    if vials > 1:
        words.append(f"Large or bilobar tumour: usually two sessions, {apart.low:g} to {apart.high:g} weeks apart.")
    mixed = f"range of the source: {contrast.low:g} to {contrast.high:g} ml for each ml of beads"
    least_ml, most_ml = float(contrast) * beads_ml, contrast.high * beads_ml
    filled, least = dose_mg / beads_ml, per_vial.low / float(vial_ml)
    most, how = facts["beads.loading"], "dose over volume of beads; range of the source"
    quantities = (
        Quantity("beads", "beads for one session, at most", beads_ml, "ml", sources=(vial_ml.key,)),
        Quantity("contrast", "contrast medium for the beads", least_ml, "ml", least_ml, most_ml, LEVEL, mixed, (contrast.key,)),
        Quantity("loading", "drug in each ml of beads", filled, "mg/ml", least, float(most), LEVEL, how, (most.key,)),
    )
    dose = Dose("doxorubicin", None, dose_mg)
    return Beads(dose, vials, beads_ml, float(contrast) * beads_ml, dose_mg / beads_ml, quantities, tuple(words))
