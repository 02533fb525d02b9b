"""Where in the skeleton a metastasis lies, and what CT and MR show there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from locoregional.case.condition import within
from locoregional.errors import CaseError

__all__ = ["NEIGHBOURS", "BoneFindings", "SpineFindings", "bone_kind", "long_bone", "vertebra"]

NEIGHBOURS = (
    "nerve", "spinal_cord", "bowel", "stomach", "gallbladder", "bile_duct", "large_vessel", "skin", "diaphragm", "heart",
    "pleura", "airway", "ureter", "joint", "pancreas",
)  # fmt: skip
"""Structures at risk whose distance a case may state."""

LONG_BONES = {
    "humer": "humerus", "radius": "radius", "radial": "radius", "ulna": "ulna", "femur": "femur", "femor": "femur",
    "trochanter": "femur", "tibia": "tibia", "fibula": "fibula",
}  # fmt: skip
OTHER_BONES = (
    "rib", "ribs", "costal", "sternum", "sternal", "manubrium", "clavicle", "clavicular", "scapula", "scapular", "skull",
    "calvaria", "mandible", "maxilla", "hand", "foot", "carpal", "tarsal", "metacarpal", "metatarsal", "calcaneus", "talus",
    "patella", "coccyx", "hyoid",
)  # fmt: skip
PELVIS = ("pelvis", "pelvic", "acetabul", "ilium", "iliac", "ischi", "pubis", "pubic")
SPINE = ("vertebra", "spine", "spinal", "odontoid", "dens")
"""Parts of names, in English or as an adjective; a name outside these lists is asked about and never guessed."""
LEVELS = {"C": 7, "T": 12, "L": 5}
"""Vertebrae by region; the rare thirteenth thoracic or sixth lumbar one is named by its neighbour."""
REGIONS = {"C": "C", "T": "T", "TH": "T", "D": "T", "L": "L"}
"""Letters in use for the regions; thoracic levels are also written Th10 or D10."""


@lru_cache(maxsize=4096)  # asked by many rules of each lesion
def vertebra(site: str) -> str:
    """Name of the vertebra that a site names (``T10``); empty if it names none or more than one.

    Raises
    ------
    CaseError
        If the level does not exist, for example ``T14``.
    """
    levels = set()
    for letters, digits in re.findall(r"\b(Th|[CTDL])\s?(\d{1,2})\b", site, re.IGNORECASE):
        region, number = REGIONS[letters.upper()], int(digits)
        if not 1 <= number <= LEVELS[region]:
            raise CaseError(
                f"there is no vertebra {letters}{number}", where=f"site {site!r}", remedy="Use C1-C7, T1-T12 or L1-L5."
            )
        levels.add(f"{region}{number}")
    return levels.pop() if len(levels) == 1 and not _other(site) else ""


@lru_cache(maxsize=4096)
def bone_kind(site: str) -> str | None:
    """Kind of bone that a site names, None if it names none.

    Returns
    -------
    str or None
        ``vertebra``, ``sacrum``, ``pelvis``, ``long_bone`` or ``other_bone``.
    """
    words = site.lower()
    spinal = any(name in words for name in SPINE) or bool(re.search(r"\b(th|[ctdl])\s?\d{1,2}\b", words))
    if _other(site):
        return None if spinal and "scapula" not in words else "other_bone"  # "rib, level T6" may be either
    if any(name in words for name in PELVIS):
        return "pelvis"
    if "sacrum" in words or "sacral" in words or re.search(r"\bs[1-5]\b", words):
        return "sacrum"
    if long_bone(site):
        return "long_bone"
    return "vertebra" if spinal else None


@lru_cache(maxsize=4096)
def long_bone(site: str) -> str | None:
    """Long bone that a site names, None if it names none."""
    return next((name for part, name in LONG_BONES.items() if part in site.lower()), None)


def _other(site: str) -> bool:
    words = site.lower()
    return "vertebra" not in words and any(re.search(rf"\b{name}\b", words) for name in OTHER_BONES)


def _one_of(holder: object, place: str, **allowed: tuple[str, ...]) -> None:
    for name, choices in allowed.items():
        value = getattr(holder, name)
        if value not in (None, *choices):
            raise CaseError(f"{name} = {value!r} is unknown", where=f"{place}.{name}", remedy=f"Use one of {', '.join(choices)}.")


@dataclass(frozen=True)
class BoneFindings:
    """A metastasis of bone as CT shows it; None means not known.

    Attributes
    ----------
    appearance : str or None
        ``lytic``, ``mixed`` or ``blastic``.
    diameter_share : float or None
        Largest share of the bone's diameter that is destroyed, 0..1 (long bones).
    cortical_length_mm : float or None
        Longest axial involvement of the cortex (long bones).
    cortex_broken : bool or None
        Cortical disruption.
    diaphyseal : bool or None
        In the shaft of a long bone.
    soft_tissue_part : bool or None
        Extension into soft tissue.
    fractured : bool or None
        Pathological fracture present.
    peritrochanteric : bool or None
        In the peritrochanteric region of the femur.
    pain_on_loading : bool or None
        Pain that loading or use brings on.
    weight_bearing : bool or None
        Whether body weight goes through it.
    """

    appearance: str | None = None
    diameter_share: float | None = None
    cortical_length_mm: float | None = None
    cortex_broken: bool | None = None
    diaphyseal: bool | None = None
    soft_tissue_part: bool | None = None
    fractured: bool | None = None
    peritrochanteric: bool | None = None
    pain_on_loading: bool | None = None
    weight_bearing: bool | None = None

    def __post_init__(self) -> None:
        """Refuse unknown words and impossible shares."""
        _one_of(self, "lesions.bone", appearance=("lytic", "mixed", "blastic"))
        within(self, "lesions.bone", diameter_share=(0, 1), cortical_length_mm=(0, 500))


@dataclass(frozen=True)
class SpineFindings:
    """Stability and canal at a vertebral metastasis; None means not known.

    Attributes
    ----------
    pain : str or None
        ``mechanical``, ``occasional`` (not mechanical) or ``none``.
    alignment : str or None
        ``subluxation``, ``deformity`` (new kyphosis or scoliosis) or ``normal``.
    collapse_percent : float or None
        Loss of height of the body; 0 for none.
    body_involved_percent : float or None
        Share of the body that is tumour.
    posterolateral : str or None
        Facet, pedicle or costovertebral joint involved: ``bilateral``, ``unilateral`` or ``none``.
    escc : str or None
        Epidural compression after Bilsky: ``0``, ``1a``, ``1b``, ``1c``, ``2`` or ``3``.
    neurology : str or None
        Function below the level after Frankel, ``A`` (complete palsy) to ``E`` (normal).
    posterior_wall_broken : bool or None
        Posterior wall of the body destroyed.
    levels_to_treat : int or None
        Vertebrae to be treated in one session.
    corpectomy_planned : bool or None
        Corpectomy or vertebrectomy planned.
    """

    pain: str | None = None
    alignment: str | None = None
    collapse_percent: float | None = None
    body_involved_percent: float | None = None
    posterolateral: str | None = None
    escc: str | None = None
    neurology: str | None = None
    posterior_wall_broken: bool | None = None
    levels_to_treat: int | None = None
    corpectomy_planned: bool | None = None

    def __post_init__(self) -> None:
        """Refuse unknown words and impossible shares."""
        _one_of(
            self,
            "lesions.spine",
            pain=("mechanical", "occasional", "none"),
            alignment=("subluxation", "deformity", "normal"),
            posterolateral=("bilateral", "unilateral", "none"),
            escc=("0", "1a", "1b", "1c", "2", "3"),
            neurology=("A", "B", "C", "D", "E"),
        )
        within(self, "lesions.spine", collapse_percent=(0, 100), body_involved_percent=(0, 100), levels_to_treat=(1, 12))
