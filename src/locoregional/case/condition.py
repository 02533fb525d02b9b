"""What a procedure asks of the patient: blood values, the liver that carries the tumour, fitness for the procedure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from locoregional.errors import CaseError

__all__ = ["ENCEPHALOPATHY", "Fitness", "Labs", "Liver", "within"]

ENCEPHALOPATHY = ("none", "mild", "severe")
"""Hepatic encephalopathy as Child and Pugh count it: none, grade 1 to 2, grade 3 to 4."""


def within(value: Any, place: str, **limits: tuple[float, float]) -> None:
    """Refuse fields outside what a patient can have; mostly a wrong unit.

    Parameters
    ----------
    value : object
        Holder of the fields; None fields pass.
    place : str
        Where the fields stand in ``case.toml``.
    **limits : tuple of float
        Lowest and highest plausible value by field.

    Raises
    ------
    CaseError
        Naming the field and its range.
    """
    for name, (low, high) in limits.items():
        number = getattr(value, name)
        if number is not None and not low <= number <= high:
            raise CaseError(
                f"{name} = {number} is {'negative' if number < 0 else f'outside {low}..{high}'}",
                where=f"{place}.{name}",
                remedy="Check value and unit: the name of the field says which unit is meant.",
            )


@dataclass(frozen=True)
class Labs:
    """Blood values that decide about liver function and bleeding; None means not known.

    Attributes
    ----------
    bilirubin_umol_l : float or None
        Total bilirubin in serum.
    albumin_g_l : float or None
        Albumin in serum.
    creatinine_umol_l : float or None
        Creatinine in serum.
    inr : float or None
        International normalised ratio of the prothrombin time.
    platelets_giga_l : float or None
        Platelet count.
    haemoglobin_g_l : float or None
        Haemoglobin.
    crp_mg_l : float or None
        C-reactive protein.
    ldh_u_l : float or None
        Lactate dehydrogenase.
    calcium_mmol_l : float or None
        Total calcium in serum.
    egfr_ml_min : float or None
        Estimated glomerular filtration rate per 1.73 m2.
    """

    bilirubin_umol_l: float | None = None
    albumin_g_l: float | None = None
    creatinine_umol_l: float | None = None
    inr: float | None = None
    platelets_giga_l: float | None = None
    haemoglobin_g_l: float | None = None
    crp_mg_l: float | None = None
    ldh_u_l: float | None = None
    calcium_mmol_l: float | None = None
    egfr_ml_min: float | None = None

    def __post_init__(self) -> None:
        """Refuse values that only a wrong unit explains."""
        within(self, "disease.labs", bilirubin_umol_l=(1, 1000), albumin_g_l=(8, 70), creatinine_umol_l=(10, 2500), inr=(0.5, 20))
        within(self, "disease.labs", platelets_giga_l=(1, 3000), haemoglobin_g_l=(20, 250), crp_mg_l=(0, 700))
        within(self, "disease.labs", ldh_u_l=(20, 20000), calcium_mmol_l=(1.0, 6.0), egfr_ml_min=(1, 200))


@dataclass(frozen=True)
class Liver:
    """State of the liver and its vessels; None means not known.

    Attributes
    ----------
    involvement_percent : float or None
        Share of the liver volume that is tumour.
    dominant : bool or None
        Whether the liver carries most of the disease and decides the course.
    cirrhosis : bool or None
        Cirrhosis, or pseudocirrhosis after chemotherapy.
    encephalopathy : str or None
        Hepatic encephalopathy: ``none``, ``mild`` (grade 1 to 2) or ``severe`` (grade 3 to 4).
    portal_vein_occluded : bool or None
        Main portal vein occluded, or flow away from the liver.
    biliary_obstruction : bool or None
        Dilated or obstructed bile ducts.
    bilioenteric_anastomosis : bool or None
        Bilioenteric anastomosis, stent or sphincterotomy: bacteria reach the bile ducts.
    radiated : bool or None
        Liver irradiated before, by beam or by microspheres.
    lung_shunt_percent : float or None
        Lung shunt fraction of the 99mTc-MAA work-up.
    lung_dose_gy : float or None
        Lung dose expected from the planned activity, earlier treatments included.
    gut_arteries_safe : bool or None
        Whether no artery to stomach, duodenum or gallbladder leaves the treated tree, or each was closed.
    hypervascular : bool or None
        Whether the liver metastases enhance more than the liver in the arterial phase.
    """

    involvement_percent: float | None = None
    dominant: bool | None = None
    cirrhosis: bool | None = None
    encephalopathy: str | None = None
    portal_vein_occluded: bool | None = None
    biliary_obstruction: bool | None = None
    bilioenteric_anastomosis: bool | None = None
    radiated: bool | None = None
    lung_shunt_percent: float | None = None
    lung_dose_gy: float | None = None
    gut_arteries_safe: bool | None = None
    hypervascular: bool | None = None

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        within(self, "disease.liver", involvement_percent=(0, 100), lung_shunt_percent=(0, 100), lung_dose_gy=(0, 500))
        if self.encephalopathy not in (None, *ENCEPHALOPATHY):
            raise CaseError(
                f"encephalopathy {self.encephalopathy!r} is unknown",
                where="disease.liver.encephalopathy",
                remedy=f"Use one of {', '.join(ENCEPHALOPATHY)}, or leave it out.",
            )


@dataclass(frozen=True)
class Fitness:
    """What else decides whether a patient can have a procedure; None means not known.

    Attributes
    ----------
    infection : bool or None
        Active systemic infection, or infection at the site.
    pregnant : bool or None
        Pregnancy, or breast-feeding where radiation is used.
    general_anaesthesia : bool or None
        Whether general anaesthesia is possible.
    contrast_allergy : bool or None
        Severe reaction to iodinated contrast that cannot be prepared for.
    cement_allergy : bool or None
        Allergy to bone cement or its components.
    bleeding_correctable : bool or None
        True: no bleeding disorder, or one that can be corrected.
    anthracycline_mg_m2 : float or None
        Doxorubicin-equivalent given so far.
    """

    infection: bool | None = None
    pregnant: bool | None = None
    general_anaesthesia: bool | None = None
    contrast_allergy: bool | None = None
    cement_allergy: bool | None = None
    bleeding_correctable: bool | None = None
    anthracycline_mg_m2: float | None = None

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        within(self, "disease.fitness", anthracycline_mg_m2=(0, 2000))
