"""The patient in a line."""

from __future__ import annotations

from locoregional.case import Case, Organ
from locoregional.selection.patient_data import sites

__all__ = ["patient_title", "who"]


def patient_title(name: str) -> str:
    """Title of a report on a patient."""
    words = name.replace("-", " ").replace("_", " ")
    return words.capitalize() if words.lower().startswith(("patient", "figure")) else f"Patient {name}"


def _sign(name: str, value: bool | None) -> str:
    return {True: f"{name}+", False: f"{name}\u2212", None: f"{name} not known"}[value]


def who(case: Case) -> str:
    """Person, receptors, performance and spread in one line."""
    p, d = case.patient, case.disease
    person = {"F": "Woman", "M": "Man"}.get(p.sex, "Person")
    age = "age not known" if p.age_years is None else f"{p.age_years:.0f} years"
    found = sites(case)
    liver = any(lesion.organ is Organ.LIVER for lesion in case.lesions) or not case.lesions
    others = sorted((found or frozenset()) - ({Organ.LIVER.value} if liver else {lesion.organ.value for lesion in case.lesions}))
    named, where = ", ".join(others).replace("_", " "), "outside the liver" if liver else "elsewhere"
    spread = f"{where}: {named}" if others else "no extrahepatic disease" if liver else "no disease elsewhere"
    if found is None:
        spread = "extrahepatic disease not known" if liver else "disease elsewhere not known"
    ecog = "ECOG not known" if d.ecog is None else f"ECOG {d.ecog}"
    receptors = " ".join((_sign("ER", d.er), _sign("PR", d.pr), _sign("HER2", d.her2)))
    return f"{person}, {age} · breast cancer, {receptors} · {ecog} · {spread}"
