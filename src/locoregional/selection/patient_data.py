"""Data of the patient and the disease, the same for every lesion of a case."""

from __future__ import annotations

from locoregional.case import Case, Lesion, Organ
from locoregional.selection.datum import Between, Datum
from locoregional.sources import read_facts

__all__ = ["PATIENT_DATA", "sites"]


def sites(case: Case) -> frozenset[str] | None:
    """Organs with metastases: those staged, and those of the lesions listed; None while staging is not stated."""
    staged = case.disease.extrahepatic
    listed = {lesion.organ.value for lesion in case.lesions}
    return None if staged is None else frozenset(listed | set(staged))


def _extrahepatic(case: Case, _lesion: Lesion) -> frozenset[str] | None:
    found = sites(case)
    listed = frozenset(lesion.organ.value for lesion in case.lesions) - {Organ.LIVER.value}
    if found is None:
        return listed if listed - {"bone"} else None  # a listed lung lesion is known whatever staging left open
    return found - {Organ.LIVER.value}


def _total(case: Case, _lesion: Lesion) -> float | Between:
    """Metastases in all; without a stated total those listed are the least there are."""
    stated = case.disease.metastases_total
    return Between(float(len(case.lesions))) if stated is None else float(stated)


def _burden(case: Case, lesion: Lesion) -> float | Between | None:
    """Sum of the diameters of all metastases, known where there is one only; else this lesion is the least it can be."""
    total = _total(case, lesion)
    if total == 1.0:
        return lesion.diameter_mm
    return Between(sum(x.diameter_mm for x in case.lesions))


def _pregnant(case: Case, _lesion: Lesion) -> bool | None:
    """As stated; without a statement no for men and beyond the age at which it is asked."""
    stated, patient = case.disease.fitness.pregnant, case.patient
    if stated is not None:
        return stated
    beyond = patient.age_years is not None and patient.age_years >= float(read_facts("locoregional.selection")["pregnancy.age"])
    return False if patient.sex == "M" or beyond else None


def _labs(name: str, words: str, unit: str) -> Datum:
    return Datum(name, words, lambda case, _: getattr(case.disease.labs, name), unit, place=f"disease.labs.{name}")


def _disease(name: str, words: str, unit: str = "", yes: str = "", no: str = "") -> Datum:
    return Datum(name, words, lambda case, _: getattr(case.disease, name), unit, yes, no, place=f"disease.{name}")


def _liver(name: str, words: str, unit: str = "", yes: str = "", no: str = "") -> Datum:
    field = name.removeprefix("liver_")
    return Datum(name, words, lambda case, _: getattr(case.disease.liver, field), unit, yes, no, place=f"disease.liver.{field}")


def _fitness(name: str, words: str, unit: str = "", yes: str = "", no: str = "") -> Datum:
    return Datum(name, words, lambda case, _: getattr(case.disease.fitness, name), unit, yes, no, place=f"disease.fitness.{name}")


PATIENT_DATA: tuple[Datum, ...] = (
    Datum("age_years", "age", lambda case, _: case.patient.age_years, "years", place="patient.age_years"),
    _disease("ecog", "ECOG performance status"),
    _disease("life_expectancy_months", "life expectancy", "months"),
    _disease("er", "ER status", yes="ER positive", no="ER negative"),
    _disease("pr", "PR status", yes="PR positive", no="PR negative"),
    _disease("her2", "HER2 status", yes="HER2 positive", no="HER2 negative"),
    Datum(
        "hormone_receptor_positive",
        "hormone receptor status",
        lambda case, _: case.disease.hormone_receptor_positive,
        yes="hormone receptor positive",
        no="hormone receptor negative",
    ),
    _disease("ki67_percent", "Ki-67", "%"),
    Datum("extrahepatic", "metastases outside the liver", _extrahepatic, place="disease.extrahepatic"),
    Datum("sites", "organs with metastases", lambda case, _: sites(case)),
    Datum("lesions_listed", "lesions listed:", lambda case, _: float(len(case.lesions))),
    Datum("metastases_total", "metastases in all:", _total, place="disease.metastases_total"),
    Datum("burden_mm", "diameters of all metastases together:", _burden, "mm"),
    _disease(
        "all_sites_treatable",
        "whether every site can be treated",
        yes="every site can be treated",
        no="not every site can be treated",
    ),
    _disease("primary_controlled", "control of the primary tumour", yes="primary controlled", no="primary not controlled"),
    _disease("progressing_lesions", "growing metastases:"),
    _disease("controlled_months", "systemic control before", "months"),
    _disease("disease_free_months", "disease-free interval", "months"),
    _disease("liver_metastases_months", "time since the first liver metastasis", "months"),
    _disease(
        "refractory",
        "response to systemic treatment",
        yes="grows in spite of systemic treatment",
        no="controlled by systemic treatment",
    ),
    _disease("chemotherapy_lines", "lines of chemotherapy:"),
    _disease("ascites", "ascites", yes="ascites present", no="no ascites"),
    _liver("liver_involvement_percent", "share of the liver that is tumour", "%"),
    _liver("liver_dominant", "liver-dominant disease", yes="liver-dominant disease", no="the liver does not dominate"),
    _liver("liver_cirrhosis", "cirrhosis", yes="cirrhosis or pseudocirrhosis", no="no cirrhosis"),
    _liver("liver_encephalopathy", "hepatic encephalopathy"),
    _liver("liver_portal_vein_occluded", "portal vein", yes="portal vein occluded or reversed", no="portal vein open"),
    _liver("liver_biliary_obstruction", "biliary obstruction", yes="bile ducts obstructed", no="no biliary obstruction"),
    _liver(
        "liver_bilioenteric_anastomosis",
        "bilioenteric anastomosis or stent",
        yes="bilioenteric anastomosis, stent or sphincterotomy",
        no="bile ducts closed to the gut",
    ),
    _liver("liver_radiated", "earlier irradiation of the liver", yes="liver irradiated before", no="liver not irradiated before"),
    _liver("liver_lung_shunt_percent", "lung shunt", "%"),
    _liver("liver_lung_dose_gy", "expected lung dose", "Gy"),
    _liver(
        "liver_gut_arteries_safe",
        "arteries to stomach, duodenum and gallbladder",
        yes="no artery to the gut in the treated tree, or each closed",
        no="an artery to the gut leaves the treated tree",
    ),
    _liver("liver_hypervascular", "vascularity of the liver metastases", yes="hypervascular", no="not hypervascular"),
    _labs("bilirubin_umol_l", "bilirubin", "umol/l"),
    _labs("albumin_g_l", "albumin", "g/l"),
    _labs("creatinine_umol_l", "creatinine", "umol/l"),
    _labs("egfr_ml_min", "kidney function (eGFR)", "ml/min"),
    _labs("inr", "INR", ""),
    _labs("platelets_giga_l", "platelets", "x 10^9/l"),
    _labs("haemoglobin_g_l", "haemoglobin", "g/l"),
    _fitness("infection", "active infection", yes="active infection", no="no active infection"),
    Datum(
        "pregnant",
        "pregnancy",
        _pregnant,
        place="disease.fitness.pregnant",
        yes="pregnant",
        no="not pregnant, or not asked for this sex or age",
    ),
    _fitness(
        "general_anaesthesia", "general anaesthesia", yes="general anaesthesia possible", no="general anaesthesia not possible"
    ),
    _fitness("contrast_allergy", "contrast allergy", yes="severe contrast allergy", no="no severe contrast allergy"),
    _fitness("cement_allergy", "allergy to cement", yes="allergy to cement", no="no allergy to cement"),
    _fitness(
        "bleeding_correctable",
        "whether a bleeding disorder could be corrected",
        yes="no bleeding disorder, or one that can be corrected",
        no="bleeding disorder cannot be corrected",
    ),
    _fitness("anthracycline_mg_m2", "anthracycline so far", "mg/m2"),
)
"""Every datum of patient and disease."""
