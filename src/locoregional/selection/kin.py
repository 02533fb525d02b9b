"""Whose evidence a procedure may borrow: its own name first, then its family, then its kin."""

from __future__ import annotations

from locoregional.case import Lesion

__all__ = ["KIN", "kin", "organs_of", "own_names"]

KIN: dict[str, tuple[str, ...]] = {
    "rfa": ("rfa", "thermal_ablation"),
    "mwa": ("mwa", "thermal_ablation", "rfa"),
    "cryo": ("cryo", "thermal_ablation"),
    "tae": ("tae",),
    "ctace": ("ctace", "tace"),
    "deb_tace": ("deb_tace", "tace"),
    "tare_resin": ("tare_resin", "tare"),
    "tare_glass": ("tare_glass", "tare"),
    "embolization_preoperative": ("bone_embolization",),
    "embolization_palliative": ("bone_embolization",),
    "vertebroplasty": ("vertebroplasty", "vertebral_augmentation"),
    "kyphoplasty": ("kyphoplasty", "vertebral_augmentation"),
    "cementoplasty": ("cementoplasty",),
    "fixation": ("fixation",),
}
"""Names of the evidence tables that speak of a procedure. Microwave borrows from radiofrequency, the other heat, since the
breast literature on microwave holds hardly a number; cryoablation borrows from neither."""


def kin(procedure: str) -> tuple[str, ...]:
    """Names in the evidence tables for a procedure, its own first."""
    return KIN.get(procedure, (procedure,))


def own_names(procedure: str) -> tuple[str, ...]:
    """Names in the evidence tables for a procedure and its family, without what it borrows."""
    return kin(procedure)[:2]


def organs_of(lesion: Lesion) -> tuple[str, ...]:
    """Organs in the evidence tables that a lesion belongs to, the most particular first."""
    organ = lesion.organ.value
    particular = {"vertebra": "spine", "long_bone": "long_bone"}.get(lesion.bone_kind or "")
    return (particular, organ) if particular else (organ,)
