"""Prognostic factors of the literature, read against a patient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from locoregional.case import Prognostic
from locoregional.evidence.base import evidence_base
from locoregional.evidence.row import Row
from locoregional.selection.condition import Condition, condition
from locoregional.selection.kin import kin, organs_of, own_names
from locoregional.selection.profile import Profile

__all__ = ["prognosis"]

NUMBERS = {
    "tumour_diameter_mm": "diameter_mm",
    "tumour_burden_mm": "burden_mm",
    "tumour_burden": "liver_involvement_percent",
    "lesion_count": "lesions_in_organ",
    "age_years": "age_years",
    "ecog": "ecog",
    "chemotherapy_lines": "chemotherapy_lines",
    "months_from_hepatic_metastasis": "liver_metastases_months",
}
"""Factors with a threshold in the unit of a datum."""
YES_NO = {
    "er": "er",
    "her2": "her2",
    "hormone_receptor": "hormone_receptor_positive",
    "triple_negative": "triple_negative",
    "ascites": "ascites",
    "cirrhosis": "liver_cirrhosis",
    "cortical_disruption": "bone_cortex_broken",
    "extra_osseous_extension": "bone_soft_tissue_part",
    "tumour_vascularity": "liver_hypervascular",
}
"""Factors that are present or absent."""
WORDS: dict[tuple[str, str], tuple[str, str, object]] = {
    ("lesion_count", "single"): ("lesions_in_organ", "<=", 1),
    ("extrahepatic", "none"): ("extrahepatic", "only", []),
    ("extrahepatic", "present"): ("extrahepatic", "goes beyond", []),
    ("extrahepatic", "present, other than bone"): ("extrahepatic", "goes beyond", ["bone"]),
    ("extra_adrenal_tumour", "present"): ("sites", "goes beyond", ["adrenal"]),
    ("liver_metastases", "present"): ("sites", "has any of", ["liver"]),
    ("location", "diaphysis"): ("bone_diaphyseal", "is", True),
    ("molecular_subtype", "triple negative"): ("triple_negative", "is", True),
    ("tissue", "bone"): ("organ", "is", "bone"),
}
"""Factors that need words: what they ask of the case."""
SPREAD = {"extrahepatic": "extrahepatic", "isolated_bone_metastases": "extrahepatic", "liver_metastases": "sites"}
"""Factors of spread whose rows give no limit: what the case says of them."""
LABELS = {
    "er": "ER",
    "her2": "HER2",
    "ecog": "ECOG",
    "extrahepatic": "metastases outside the liver",
    "tumour_dose_gy": "tumour dose",
    "bilirubin_mg_dl": "bilirubin",
    "tumour_burden_mm": "tumour burden",
    "tumour_diameter_mm": "tumour diameter",
    "ablation_margin_mm": "ablation margin",
    "age_years": "age",
    "months_from_hepatic_metastasis": "time since the first liver metastasis",
}
"""Factors whose name in the table is no phrase."""
_ABSENT = ("none", "absent", "negative", "no")


@dataclass(frozen=True)
class _Factor:
    """A row of the table as a condition.

    ``better`` says what it means when it holds, None where it makes no difference; ``own`` whether the row
    speaks of the procedure itself or of its family, not of its kin.
    """

    row: Row
    test: Condition | None
    better: bool | None
    words: str
    own: bool
    bib: str


def prognosis(profile: Profile, procedure: str) -> tuple[Prognostic, ...]:
    """Factors that studies of a procedure in this organ report, each for or against this patient.

    Parameters
    ----------
    profile : Profile
        The lesion of a case.
    procedure : str
        Short name; studies of its kin count as borrowed.

    Returns
    -------
    tuple of Prognostic
        In the order of the table.
    """
    factors = _factors(evidence_base().content_hash, organs_of(profile.lesion), procedure)
    return tuple(_read(factor, profile) for factor in factors)


@lru_cache(maxsize=256)
def _factors(base_hash: str, organs: tuple[str, ...], procedure: str) -> tuple[_Factor, ...]:
    del base_hash  # the key of the cache: other tables, other factors
    names = kin(procedure)
    rows = evidence_base().table("prognostic_factors")
    mine = [r for r in rows if set(r.many("organ")) & set(organs) and set(r.many("procedure")) & set(names)]
    return tuple(_factor(row, own=bool(set(row.many("procedure")) & set(own_names(procedure)))) for row in mine)


def _factor(row: Row, *, own: bool) -> _Factor:
    name, direction = row.text("factor"), row.text("direction")
    op = row.text("op") if row.text("op") not in ("is", "none") else ""
    said = (LABELS.get(name, name.replace("_", " ")), op, row.text("threshold"), row.text("unit"))
    words = " ".join(x for x in said if x)
    better = {"better": True, "worse": False}.get(direction)
    meaning = {"none": "no influence", "not said": "named as a factor, direction not said"}.get(direction, direction)
    bib = evidence_base().study(row.id).text("bib")
    return _Factor(row, _test(row, name), better, f"{words[:1].upper()}{words[1:]}: {meaning}", own, bib)


def _test(row: Row, name: str) -> Condition | None:
    threshold = row.number("threshold")
    if name in NUMBERS and threshold is not None and row.text("op") in ("<", "<=", ">", ">="):
        return condition(NUMBERS[name], row.text("op"), threshold, where=row.id)
    words = row.text("threshold").lower()
    if (name, words) in WORDS:
        return condition(*WORDS[name, words], where=row.id)
    return condition(YES_NO[name], "is", words not in _ABSENT, where=row.id) if name in YES_NO and words else None


def _read(factor: _Factor, profile: Profile) -> Prognostic:
    row, test = factor.row, factor.test
    holds = None if test is None else test.holds(profile)
    stance = "unknown" if factor.better is not None or row.text("direction") == "not said" else "neutral"
    if factor.better is not None and holds is not None:
        stance = "for" if holds is factor.better else "against"
    verdict = row.text("verdict")
    status = "verified" if verdict in ("agrees", "differs") else "unverified"
    directness = row.text("directness") if factor.own else "borrowed"
    name = row.text("factor")
    datum = test.datum if test is not None else NUMBERS.get(name) or YES_NO.get(name) or SPREAD.get(name)
    seen = "the case does not record it" if datum is None else profile.seen(datum)
    if holds is not None:
        seen += ": holds here" if holds else ": does not hold here"
    elif test is None and datum is not None and stance == "unknown":
        seen += "; the source gives no limit"
    return Prognostic(factor.words, stance, seen, row.text("outcome"), factor.bib, status, directness, row.id)
