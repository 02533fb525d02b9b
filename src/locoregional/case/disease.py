"""What is known of the patient's disease: breast cancer, its biology, its spread, the liver that carries it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from locoregional.case.condition import Fitness, Labs, Liver, within
from locoregional.errors import CaseError
from locoregional.sources import read_facts

__all__ = ["HEIGHT_CM", "SITES", "WEIGHT_KG", "Disease", "Patient", "PriorLine", "body_surface_m2", "tidy"]

SITES = (
    "bone", "lung", "brain", "adrenal", "soft_tissue", "lymph_node", "pleura", "skin", "peritoneum", "ovary", "breast", "spleen",
    "kidney", "pancreas", "meninges", "bone_marrow", "other",
)  # fmt: skip
"""Sites of metastases outside the liver that a case may name."""


HEIGHT_CM, WEIGHT_KG = (100, 230), (25, 350)
"""What a person may measure and weigh; beyond, a unit or a digit is wrong."""


def body_surface_m2(*, height_cm: float, weight_kg: float) -> float:
    """Body surface after Du Bois [m2].

    Raises
    ------
    CaseError
        If height or weight is not that of a person.
    """
    for name, value, (low, high), unit in (("height_cm", height_cm, HEIGHT_CM, "cm"), ("weight_kg", weight_kg, WEIGHT_KG, "kg")):
        if not low <= value <= high:
            raise CaseError(f"{value:g} {unit}", where=name, remedy=f"Give {low:g} to {high:g} {unit}.")
    facts = read_facts(__package__).section("body_surface")
    factor, by_height, by_weight = (float(facts[name]) for name in ("factor", "height", "weight"))
    return float(factor * (0.01 * height_cm) ** by_height * weight_kg**by_weight)


@dataclass(frozen=True)
class Patient:
    """Who is treated; identifiers are pseudonyms.

    Attributes
    ----------
    id : str
        Pseudonym, not a name.
    age_years : float or None
        Age at planning.
    sex : str
        ``F``, ``M``, ``O`` or empty for unknown (DICOM Patient's Sex).
    height_cm, weight_kg : float or None
        Body height and weight at planning; doses by body surface need both.
    synthetic : tuple of str
        Fields of this case that were made up, for teaching or testing; every report names them.
    """

    id: str
    age_years: float | None = None
    sex: str = ""
    height_cm: float | None = None
    weight_kg: float | None = None
    synthetic: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse impossible ages and unknown codes."""
        if not self.id.strip():
            raise CaseError("the patient has no id", where="patient.id", remedy="Give a pseudonym.")
        if self.age_years is not None and not 0 <= self.age_years <= 125:
            raise CaseError(
                f"age {self.age_years} years is impossible", where="patient.age_years", remedy="Give the age in years."
            )
        if self.sex not in ("", "F", "M", "O"):
            raise CaseError(f"sex {self.sex!r} is not F, M or O", where="patient.sex", remedy="Use F, M, O or leave it out.")
        within(self, "patient", height_cm=HEIGHT_CM, weight_kg=WEIGHT_KG)

    @property
    def body_surface_m2(self) -> float | None:
        """Body surface after Du Bois [m2]; None where height or weight is not known."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return body_surface_m2(height_cm=self.height_cm, weight_kg=self.weight_kg)


@dataclass(frozen=True)
class PriorLine:
    """One earlier treatment.

    Attributes
    ----------
    kind : str
        For example ``chemotherapy``, ``endocrine``, ``surgery``, ``radiotherapy``, ``ablation``.
    agent : str
        Drug or procedure.
    response : str
        Best response in words, empty if unknown.
    """

    kind: str
    agent: str = ""
    response: str = ""


@dataclass(frozen=True)
class Disease:
    """Breast cancer of one patient; None means not known and never counts as no.

    Attributes
    ----------
    er : bool or None
        Oestrogen receptor positive.
    pr : bool or None
        Progesterone receptor positive.
    her2 : bool or None
        HER2 positive.
    ki67_percent : float or None
        Share of cells with the proliferation marker Ki-67.
    subtype : str
        Molecular subtype as stated in the record, empty if not stated.
    ecog : int or None
        ECOG performance status, 0..4.
    labs : Labs
        Blood values.
    liver : Liver
        State of the liver and its vessels.
    fitness : Fitness
        What else decides whether the patient can have a procedure.
    extrahepatic : tuple of str or None
        Sites of metastases outside the liver (``bone``, ``lung`` ...); empty means staged and none found.
    metastases_total : int or None
        Number of metastases in the whole body, those not listed as lesions included.
    all_sites_treatable : bool or None
        Whether every known site can be treated locally with the aim of long remission.
    primary_controlled : bool or None
        Whether the primary tumour is controlled.
    progressing_lesions : int or None
        Number of metastases that grow or are new while the rest is controlled.
    controlled_months : float or None
        How long systemic treatment had kept everything under control before that.
    disease_free_months : float or None
        From treatment of the primary to the first metastasis.
    liver_metastases_months : float or None
        Since the first liver metastasis was found.
    refractory : bool or None
        Whether the metastases grow in spite of systemic treatment.
    chemotherapy_lines : int or None
        Lines of chemotherapy for metastatic disease so far.
    ascites : bool or None
        Ascites present.
    surgical_candidate : bool or None
        Resection of the lesion offered or possible.
    life_expectancy_months : float or None
        Estimate of the treating oncologist.
    prior_lines : tuple of PriorLine
        Earlier treatments in order.
    """

    er: bool | None = None
    pr: bool | None = None
    her2: bool | None = None
    ki67_percent: float | None = None
    subtype: str = ""
    ecog: int | None = None
    labs: Labs = field(default_factory=Labs)
    liver: Liver = field(default_factory=Liver)
    fitness: Fitness = field(default_factory=Fitness)
    extrahepatic: tuple[str, ...] | None = None
    metastases_total: int | None = None
    all_sites_treatable: bool | None = None
    primary_controlled: bool | None = None
    progressing_lesions: int | None = None
    controlled_months: float | None = None
    disease_free_months: float | None = None
    liver_metastases_months: float | None = None
    refractory: bool | None = None
    chemotherapy_lines: int | None = None
    ascites: bool | None = None
    surgical_candidate: bool | None = None
    life_expectancy_months: float | None = None
    prior_lines: tuple[PriorLine, ...] = ()

    def __post_init__(self) -> None:
        """Refuse impossible values and contradictions."""
        if self.ki67_percent is not None and not 0 <= self.ki67_percent <= 100:
            raise CaseError(f"Ki-67 of {self.ki67_percent} % is impossible", where="disease.ki67_percent", remedy="Give 0..100.")
        if self.ecog is not None and self.ecog not in range(5):
            raise CaseError(
                f"ECOG {self.ecog} is not the status of a living patient", where="disease.ecog", remedy="Use 0..4 (5 means dead)."
            )
        within(self, "disease", metastases_total=(0, 500), progressing_lesions=(0, 500))
        within(self, "disease", life_expectancy_months=(0, 600), controlled_months=(0, 600), disease_free_months=(0, 720))
        within(self, "disease", liver_metastases_months=(0, 600), chemotherapy_lines=(0, 30))
        object.__setattr__(self, "extrahepatic", tidy(self.extrahepatic, where="disease.extrahepatic"))
        strange = sorted(set(self.extrahepatic or ()) - set(SITES))
        if strange:
            raise CaseError(
                f"site {strange[0]!r} is not known", where="disease.extrahepatic", remedy=f"Use some of {', '.join(SITES)}."
            )
        _agree_with_receptors(self)
        growing, total = self.progressing_lesions, self.metastases_total
        if growing is not None and total is not None and growing > total:
            raise CaseError(
                f"{growing} lesions grow, but only {total} are known in all",
                where="disease.progressing_lesions, disease.metastases_total",
                remedy="Correct one of them; the total counts every metastasis.",
            )

    @property
    def hormone_receptor_positive(self) -> bool | None:
        """Whether ER or PR is positive; None while that is open."""
        if self.er or self.pr:
            return True
        return None if self.er is None or self.pr is None else False


def tidy(words: tuple[str, ...] | None, *, where: str) -> tuple[str, ...] | None:
    """Words of a list as rules compare them: lower case, without outer spaces, each once; None stays None.

    Parameters
    ----------
    words : tuple of str or None
        As a person wrote them.
    where : str
        Field that holds them.

    Raises
    ------
    CaseError
        If one is empty.
    """
    if words is None:
        return None
    tidied = tuple(dict.fromkeys(word.strip().lower() for word in words))
    if "" in tidied:
        raise CaseError("a word is empty", where=where, remedy="Leave it out; an empty list [] means none.")
    return tidied


def _agree_with_receptors(disease: Disease) -> None:
    """Refuse a stated subtype that the receptors contradict."""
    text = re.sub(r"her2\s*\+", "her2 positive", disease.subtype.lower())
    text = re.sub(r"her2\s*[-\u2212](?!\s*\w)", "her2 negative", text)  # the minus of "HER2-", not the hyphen of "HER2-positive"
    text = re.sub(r"[\s_-]+", " ", text)
    text = re.sub(r"\b(?:non|not|no) (?=luminal|her2 enriched)", "non", text)  # one word, which the plain name does not match

    def says(words: str) -> bool:
        return re.search(rf"\b{words}\b", text) is not None

    hormone, her2 = disease.hormone_receptor_positive, disease.her2
    wrong = ""
    if says("triple neg(ative)?") and (hormone or her2):
        wrong = "the subtype says triple negative, a receptor says positive"
    elif says("triple pos(itive)?") and False in (disease.er, disease.pr, her2):
        wrong = "the subtype says triple positive, a receptor says negative"
    elif says("luminal") and hormone is False:
        wrong = "the subtype says luminal, but both hormone receptors are negative"
    elif says("nonluminal") and hormone:
        wrong = "the subtype says not luminal, but a hormone receptor is positive"
    elif says("luminal a") and her2:
        wrong = "the subtype says luminal A, but HER2 is positive"
    elif says("her2 enriched") and her2 is False:
        wrong = "the subtype says HER2-enriched, but HER2 is negative"
    elif says("her2 neg(ative)?") and her2:
        wrong = "the subtype says HER2 negative, but HER2 is positive"
    elif says("her2 pos(itive)?") and her2 is False:
        wrong = "the subtype says HER2 positive, but HER2 is negative"
    if wrong:
        raise CaseError(wrong, where="disease.subtype", remedy="Correct the subtype or the receptor.")
