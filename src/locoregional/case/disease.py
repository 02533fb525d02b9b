"""What is known of the patient's disease: breast cancer, its biology, its spread, the liver that carries it."""

from __future__ import annotations

from dataclasses import dataclass, field

from locoregional.errors import CaseError

__all__ = ["Disease", "Labs", "Patient", "PriorLine"]


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
    """

    id: str
    age_years: float | None = None
    sex: str = ""

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
    """

    bilirubin_umol_l: float | None = None
    albumin_g_l: float | None = None
    creatinine_umol_l: float | None = None
    inr: float | None = None
    platelets_giga_l: float | None = None
    haemoglobin_g_l: float | None = None

    def __post_init__(self) -> None:
        """Refuse values that only a wrong unit explains."""
        plausible = {
            "bilirubin_umol_l": (1, 1000),
            "albumin_g_l": (8, 70),
            "creatinine_umol_l": (10, 2500),
            "inr": (0.5, 20),
            "platelets_giga_l": (1, 3000),
            "haemoglobin_g_l": (20, 250),
        }
        for name, (low, high) in plausible.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise CaseError(
                    f"{name} = {value} is outside {low}..{high}",
                    where=f"disease.labs.{name}",
                    remedy="Check the unit: the name of the field says which one is meant.",
                )


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
        ECOG performance status, 0..5.
    labs : Labs
        Blood values.
    extrahepatic : tuple of str or None
        Sites of metastases outside the liver (``bone``, ``lung`` ...); empty means staged and none found.
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
    extrahepatic: tuple[str, ...] | None = None
    ascites: bool | None = None
    surgical_candidate: bool | None = None
    life_expectancy_months: float | None = None
    prior_lines: tuple[PriorLine, ...] = ()

    def __post_init__(self) -> None:
        """Refuse impossible values and contradictions."""
        if self.ki67_percent is not None and not 0 <= self.ki67_percent <= 100:
            raise CaseError(f"Ki-67 of {self.ki67_percent} % is impossible", where="disease.ki67_percent", remedy="Give 0..100.")
        if self.ecog is not None and self.ecog not in range(6):
            raise CaseError(f"ECOG {self.ecog} does not exist", where="disease.ecog", remedy="Use 0..5.")
        if self.life_expectancy_months is not None and self.life_expectancy_months < 0:
            raise CaseError("life expectancy is negative", where="disease.life_expectancy_months", remedy="Give months.")
        if "triple" in self.subtype.lower() and any((self.er, self.pr, self.her2)):
            raise CaseError(
                "the subtype says triple negative, a receptor says positive",
                where="disease.subtype",
                remedy="Correct the subtype or the receptor.",
            )

    @property
    def hormone_receptor_positive(self) -> bool | None:
        """Whether ER or PR is positive; None while that is open."""
        if self.er or self.pr:
            return True
        return None if self.er is None or self.pr is None else False
