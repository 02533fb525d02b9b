"""One metastasis and where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from locoregional.case.condition import within
from locoregional.case.disease import tidy
from locoregional.case.site import NEIGHBOURS, BoneFindings, SpineFindings, bone_kind
from locoregional.case.stored import StoredVolume
from locoregional.errors import CaseError

__all__ = ["Lesion", "Organ"]

ID_LENGTH, SITE_LENGTH = 40, 120
"""Longest id and site in characters; longer ones break the columns of the printed sheets."""


class Organ(StrEnum):
    """Organ that holds a lesion."""

    LIVER = "liver"
    LUNG = "lung"
    ADRENAL = "adrenal"
    BONE = "bone"
    SOFT_TISSUE = "soft_tissue"


@dataclass(frozen=True)
class Lesion:
    """One metastasis.

    Attributes
    ----------
    id : str
        Name that lives through images, plans, exports and registry (for example ``L1``).
    organ : Organ
        Organ that holds it.
    mask : StoredVolume or None
        Where it is, on the grid of the planning image.
    diameter_mm : float
        Largest diameter: measured on the mask where there is one, else as stated.
    centre_lps_mm : tuple of float or None
        Centre of the mask, or the seed point, in LPS [mm]; None for a lesion that is not on the planning image.
    origin : str
        ``mask`` (drawn by someone), ``segmented`` (by this software, from a seed) or ``stated`` (only described).
    approved : bool
        Whether a person has looked at the outline and approved it.
    notes : tuple of str
        What was assumed or noticed while finding it.
    site : str
        Where in the organ: a vertebra (``T10``), a bone (``femur``), a segment, a side.
    near_mm : dict of str to float
        Distance to structures at risk [mm] by name (``nerve``, ``bowel`` ...); what is not named is not known.
    growing : bool or None
        Whether it grows or is new.
    growth_percent : float or None
        Growth in diameter since the smallest size.
    surgical_candidate : bool or None
        Whether this lesion can be resected, where that differs from the patient as a whole.
    painful : bool or None
        Whether it hurts.
    pain : int or None
        Worst pain at the site, 0..10.
    hypervascular : bool or None
        Whether it enhances strongly in the arterial phase.
    surgery_planned : bool or None
        Whether an operation on it is planned.
    aerated_around : bool or None
        For the lung: whether aerated lung surrounds it on all sides.
    access_blocked : tuple of str or None
        What stands in the direct way in (for the adrenal gland: ``lung``, ``colon``); empty means nothing does.
    treated_before : tuple of str or None
        Earlier local treatments of this lesion (``vertebroplasty``, ``rfa``, ``radiotherapy`` ...); empty means none.
    bone : BoneFindings
        For bone: what CT shows.
    spine : SpineFindings
        For vertebrae: stability and canal.
    """

    id: str
    organ: Organ
    diameter_mm: float
    centre_lps_mm: tuple[float, float, float] | None = None
    mask: StoredVolume | None = None
    origin: str = "mask"
    approved: bool = False
    notes: tuple[str, ...] = ()
    site: str = ""
    near_mm: dict[str, float] = field(default_factory=dict)
    growing: bool | None = None
    growth_percent: float | None = None
    surgical_candidate: bool | None = None
    painful: bool | None = None
    pain: int | None = None
    hypervascular: bool | None = None
    surgery_planned: bool | None = None
    aerated_around: bool | None = None
    access_blocked: tuple[str, ...] | None = None
    treated_before: tuple[str, ...] | None = None
    bone: BoneFindings = field(default_factory=BoneFindings)
    spine: SpineFindings = field(default_factory=SpineFindings)

    def __post_init__(self) -> None:
        """Refuse contradictions, and values that only a wrong unit explains."""
        if not self.id.strip():
            raise CaseError("a lesion has no id", where="lesions", remedy="Name it, for example L1.")
        if len(self.id) > ID_LENGTH:
            raise CaseError(
                f"the id of a lesion has {len(self.id)} characters",
                where=f"lesion {self.id[:ID_LENGTH]}...",
                remedy=f"Use at most {ID_LENGTH}, for example L1; what there is to say goes into site.",
            )
        if len(self.site) > SITE_LENGTH:
            raise CaseError(
                f"the site has {len(self.site)} characters", where=f"lesion {self.id}", remedy=f"Use at most {SITE_LENGTH}."
            )
        for name in ("access_blocked", "treated_before"):
            object.__setattr__(self, name, tidy(getattr(self, name), where=f"lesion {self.id}: {name}"))
        if not 1.0 <= self.diameter_mm <= 400.0:
            raise CaseError(
                f"diameter {self.diameter_mm} mm is implausible",
                where=f"lesion {self.id}",
                remedy="Give the diameter in millimetres (a 2.4 cm lesion is 24).",
            )
        within(self, f"lesion {self.id}", pain=(0, 10), growth_percent=(-100, 2000))
        unknown = sorted(set(self.near_mm) - set(NEIGHBOURS))
        if unknown:
            raise CaseError(
                f"structure {unknown[0]!r} is not known",
                where=f"lesion {self.id}: near_mm",
                remedy=f"Use one of {', '.join(NEIGHBOURS)}.",
            )
        if any(not 0 <= distance <= 500 for distance in self.near_mm.values()):
            raise CaseError("a distance is negative or over 500 mm", where=f"lesion {self.id}: near_mm", remedy="Give mm.")
        if self.painful is not None and self.pain is not None and self.painful != (self.pain > 0):
            raise CaseError(
                f"painful = {str(self.painful).lower()}, but pain is {self.pain}",
                where=f"lesion {self.id}",
                remedy="Correct one of the two.",
            )

    @property
    def bone_kind(self) -> str | None:
        """``vertebra``, ``sacrum``, ``pelvis``, ``long_bone`` or ``other_bone``; None outside bone or where it is not stated."""
        return bone_kind(self.site) if self.organ is Organ.BONE and self.site else None

    @property
    def hurts(self) -> bool | None:
        """Whether it hurts, from either statement."""
        return self.painful if self.pain is None else self.pain > 0

    def located(self) -> tuple[float, float, float]:
        """Centre on the planning image, LPS [mm].

        Raises
        ------
        CaseError
            If the lesion was only described.
        """
        if self.centre_lps_mm is None:
            raise CaseError(
                f"lesion {self.id} is described but not on the planning image",
                remedy="Add [images.planning] and a mask, or a seed point with a diameter, to case.toml.",
            )
        return self.centre_lps_mm
