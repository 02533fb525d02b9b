"""One metastasis and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from locoregional.case.stored import StoredVolume
from locoregional.errors import CaseError

__all__ = ["Lesion", "Organ"]


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
    centre_lps_mm : tuple of float
        Centre of the mask, or the seed point, in LPS [mm].
    origin : str
        ``mask`` (drawn by someone) or ``segmented`` (by this software, from a seed).
    approved : bool
        Whether a person has looked at the outline and approved it.
    notes : tuple of str
        What was assumed or noticed while finding it.
    """

    id: str
    organ: Organ
    diameter_mm: float
    centre_lps_mm: tuple[float, float, float]
    mask: StoredVolume | None = None
    origin: str = "mask"
    approved: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse diameters that only a wrong unit explains."""
        if not self.id.strip():
            raise CaseError("a lesion has no id", where="lesions", remedy="Name it, for example L1.")
        if not 1.0 <= self.diameter_mm <= 400.0:
            raise CaseError(
                f"diameter {self.diameter_mm} mm is implausible",
                where=f"lesion {self.id}",
                remedy="Give the diameter in millimetres (a 2.4 cm lesion is 24).",
            )
