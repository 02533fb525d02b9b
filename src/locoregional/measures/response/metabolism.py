"""PERCIST of one lesion, before and after a treatment."""

from __future__ import annotations

from dataclasses import replace

from locoregional.case import Case
from locoregional.errors import LocoregionalError
from locoregional.measures.examination import Examination, carried
from locoregional.measures.response.category import Reading
from locoregional.measures.response.percist import percist
from locoregional.measures.response.size import not_judged
from locoregional.measures.response.uptake import lean_mass_kg, liver_uptake, uptake_peak

__all__ = ["metabolic_reading"]


def metabolic_reading(case: Case, before: Examination, after: Examination, *, new_lesions: int | None) -> Reading:
    """PERCIST from PET images in SUV; SUL where sex, height and weight are known.

    Parameters
    ----------
    case : Case
        Whose body it is.
    before, after : Examination
        Both with a PET.
    new_lesions : int or None
        On follow-up.
    """
    share, words = _lean_share(case)
    peaks = []
    for part in (before, after):
        pet = replace(part.phases["pet"], array=part.phases["pet"].array.astype(float) * share)
        try:
            peaks.append(uptake_peak(pet, part.on("pet")).value_g_ml)
        except LocoregionalError as error:
            return replace(not_judged("PERCIST", error.what), metabolic=True)
    around = None
    if before.liver is not None:
        pet = replace(before.phases["pet"], array=before.phases["pet"].array.astype(float) * share)
        liver = carried(before.liver, pet)
        try:
            around = liver_uptake(pet, liver.on(liver.array & ~before.on("pet").array))
        except LocoregionalError:
            around = None  # the reading then says that it was not checked
    reading = percist(baseline_g_ml=peaks[0], follow_up_g_ml=peaks[1], baseline_liver=around, new_lesions=new_lesions)
    hottest = "PERCIST compares the hottest lesion of each examination; here it is the treated one"
    return replace(reading, reasons=(*reading.reasons, words), open_points=(*reading.open_points, hottest))


def _lean_share(case: Case) -> tuple[float, str]:
    """Lean mass over weight, and what was done."""
    patient = case.patient
    if patient.sex in ("F", "M") and patient.height_cm is not None and patient.weight_kg is not None:
        lean = lean_mass_kg(female=patient.sex == "F", height_cm=patient.height_cm, weight_kg=patient.weight_kg)
        return (
            lean / patient.weight_kg,
            f"SUL is SUV times {lean / patient.weight_kg:.2f}: lean mass after Janmahasatian (recalled)",
        )
    return 1.0, "sex, height or weight is not known: SUV stands in for SUL, so the absolute rules are too easily met"
