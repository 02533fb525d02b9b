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
    outside = [] if found is None else sorted(found - {Organ.LIVER.value})
    spread = f"outside the liver: {', '.join(outside).replace('_', ' ')}" if outside else "no extrahepatic disease"
    if found is None:
        spread = "extrahepatic disease not known"
    ecog = "ECOG not known" if d.ecog is None else f"ECOG {d.ecog}"
    receptors = " ".join((_sign("ER", d.er), _sign("PR", d.pr), _sign("HER2", d.her2)))
    return f"{person}, {age} · breast cancer, {receptors} · {ecog} · {spread}"
