"""The patient as the needle planner and the heat solver see them: what every ablation procedure shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.access.rules import known_structures
from locoregional.access.scene import Position, Scene
from locoregional.case import Case, Lesion
from locoregional.errors import PlanningError

__all__ = ["RISK_STRUCTURES", "access_scene"]

RISK_STRUCTURES = (
    "colon", "small_bowel", "duodenum", "stomach", "gallbladder", "heart", "kidney", "lung", "bone", "vessels", "liver_vessels",
    "spleen", "pancreas", "adrenal", "spinal_cord", "esophagus",
)  # fmt: skip
"""Structures whose heating a report names."""


def access_scene(case: Case, lesion: Lesion, *, position: Position = "supine") -> tuple[Scene, tuple[str, ...]]:
    """Scene of the needle planner for one lesion.

    Parameters
    ----------
    case : Case
        With a planning image and structures.
    lesion : Lesion
        The target.
    position : str
        How the patient lies.

    Returns
    -------
    Scene, tuple of str
        The scene, and what a reader must know about it.

    Raises
    ------
    PlanningError
        If the body surface is not known.
    """
    body = case.structure("body")
    if body is None:
        raise PlanningError(
            "the body surface is not known, so no skin entry can be found",
            where=f"patient {case.patient.id}",
            remedy="Set structures.find_missing = true (CT), or give a mask called body.",
        )
    known = set(known_structures())
    words: list[str] = []
    structures: dict[str, NDArray[np.bool_]] = {}
    for name in case.structures:
        volume = case.structure(name)
        if volume is None or name == "body":
            continue
        target = {"liver_vessels": "vessels", "bowel_gas": "colon"}.get(name, name)
        if target not in known:
            continue
        mask = volume.array.astype(bool)
        structures[target] = structures[target] | mask if target in structures else mask
        if name == "bowel_gas":
            words.append("bowel: only its gas was seen; bowel without gas was not checked")
    tumour = case.tumour(lesion).array.astype(bool)
    organ = lesion.organ.value
    if organ in structures:  # a lesion is part of its organ, even where the organ's mask leaves it out
        structures[organ] = structures[organ] | tumour
    if "vessels" in structures:  # vessels that the lesion's mask overlaps are the lesion
        structures["vessels"] = structures["vessels"] & ~tumour
    return Scene(case.image().grid, body.array | tumour, structures, tumour, organ, position), tuple(words)
