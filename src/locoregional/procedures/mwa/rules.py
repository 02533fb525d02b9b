"""Whom microwave ablation of a liver metastasis is offered to: the rules of the review and its sources, as data."""

from __future__ import annotations

from locoregional.case import Case, Lesion, Organ
from locoregional.procedures.base import Rule, at_least, at_most, below, in_organ, whether
from locoregional.sources import read_facts

__all__ = ["LITERATURE", "RULES"]

_FACTS = read_facts("locoregional.procedures.mwa", "selection_facts.toml")

LITERATURE = tuple(_FACTS.section("literature").values())
"""What the literature reports after ablation of liver metastases of breast cancer."""


def _diameter_mm(_case: Case, lesion: Lesion) -> float:
    return lesion.diameter_mm


def _liver_lesions(case: Case, _lesion: Lesion) -> float:
    return sum(x.organ is Organ.LIVER for x in case.lesions)


def _all_lesions(case: Case, _lesion: Lesion) -> float:
    return len(case.lesions)


def _spread_allows(case: Case, _lesion: Lesion) -> bool | None:
    sites = case.disease.extrahepatic
    return None if sites is None else all(site == "bone" for site in sites)


RULES = (
    Rule("The lesion lies in the liver", in_organ(Organ.LIVER), "required", _FACTS["indication.not_surgical"]),
    Rule(
        "Resection is not an option (location, hepatic reserve or comorbidity)",
        whether(
            lambda case, _: None if case.disease.surgical_candidate is None else not case.disease.surgical_candidate,
            yes="not a surgical candidate",
            no="a surgical candidate: ablation instead of resection is a decision of the board",
            unknown="surgical candidacy not stated",
        ),
        "required",
        _FACTS["indication.not_surgical"],
    ),
    Rule(
        "Fewer than 4 liver lesions",
        below(_FACTS["indication.lesion_count"].value, of=_liver_lesions, words="liver lesions listed:"),
        "favourable",
        _FACTS["indication.lesion_count"],
    ),
    Rule(
        "Largest diameter below 40 mm",
        below(_FACTS["indication.diameter"].value, of=_diameter_mm, words="diameter", unit="mm"),
        "favourable",
        _FACTS["indication.diameter"],
    ),
    Rule(
        "Diameter at most 30 mm (better local effectiveness)",
        at_most(_FACTS["indication.diameter_veltri"].value, of=_diameter_mm, words="diameter", unit="mm"),
        "favourable",
        _FACTS["indication.diameter_veltri"],
    ),
    Rule(
        "Diameter below 25 mm (better survival)",
        below(_FACTS["indication.diameter_meloni"].value, of=_diameter_mm, words="diameter", unit="mm"),
        "favourable",
        _FACTS["indication.diameter_meloni"],
    ),
    Rule(
        "Oligometastatic: at most 5 lesions in all",
        at_most(_FACTS["indication.oligometastatic"].value, of=_all_lesions, words="lesions listed:"),
        "favourable",
        _FACTS["indication.oligometastatic"],
    ),
    Rule(
        "No extrahepatic disease, or bone only",
        whether(
            _spread_allows,
            yes="staging: none, or bone only",
            no="extrahepatic disease other than bone",
            unknown="extrahepatic staging not stated",
        ),
        "favourable",
        _FACTS["indication.extrahepatic"],
    ),
    Rule(
        "ER positive (better survival)",
        whether(lambda case, _: case.disease.er, yes="ER positive", no="ER negative", unknown="ER status not stated"),
        "favourable",
        _FACTS["indication.er"],
    ),
    Rule(
        "HER2 positive (better results)",
        whether(lambda case, _: case.disease.her2, yes="HER2 positive", no="HER2 negative", unknown="HER2 status not stated"),
        "favourable",
        _FACTS["indication.her2"],
    ),
    Rule(
        "INR at most 1.8 at the time of puncture",
        at_most(_FACTS["indication.inr"].value, of=lambda case, _: case.disease.labs.inr, words="INR"),
        "favourable",
        _FACTS["indication.inr"],
    ),
    Rule(
        "Platelets at least 50 x 10^9/l at the time of puncture",
        at_least(
            _FACTS["indication.platelets"].value,
            of=lambda case, _: case.disease.labs.platelets_giga_l,
            words="platelets",
            unit="x 10^9/l",
        ),
        "favourable",
        _FACTS["indication.platelets"],
    ),
)
