"""Where organs lie to each other, to recognise a flipped image."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.classes import plain_name, structure_of
from locoregional.imaging.volume import Volume

__all__ = ["misplaced"]

CLEARLY_MM = 15.0
"""Organs nearer to each other than this along an axis prove nothing about it."""

RULES = (
    ("left and right", 0, "liver", "midline", "the liver lies on the patient's left", "-"),
    ("left and right", 0, "spleen", "midline", "the spleen lies on the patient's right", "+"),
    ("left and right", 0, "kidney_left", "kidney_right", "the left kidney lies on the right", "+"),
    ("left and right", 0, "lung_left", "lung_right", "the left lung lies on the right", "+"),
    ("left and right", 0, "stomach", "liver", "the stomach lies to the right of the liver", "+"),
    ("left and right", 0, "spleen", "liver", "the spleen lies to the right of the liver", "+"),
    ("head and feet", 2, "lung", "kidney", "the lungs lie below the kidneys", "+"),
    ("head and feet", 2, "heart", "kidney", "the heart lies below the kidneys", "+"),
    ("head and feet", 2, "heart", "bladder", "the heart lies below the bladder", "+"),
    ("head and feet", 2, "liver", "bladder", "the liver lies below the bladder", "+"),
    ("front and back", 1, "spine", "heart", "the spine lies in front of the heart", "+"),
    ("front and back", 1, "spine", "liver", "the spine lies in front of the liver", "+"),
    ("front and back", 1, "spine", "stomach", "the spine lies in front of the stomach", "+"),
)
"""Axis (0 towards left, 1 towards back, 2 towards head), organ, other organ, words when wrong, sign of organ minus other.
Plain anatomy; situs inversus breaks the first group, which is why the finding asks to look and never flips by itself."""


def misplaced(masks: Mapping[str, Volume], *, body: Volume | None = None) -> list[tuple[str, list[str], list[str]]]:
    """Rules of position that are broken.

    Parameters
    ----------
    masks : mapping
        Organ name to mask.
    body : Volume, optional
        Body mask, whose middle stands in for the spine's.

    Returns
    -------
    list of (axis, wrong, right)
        For each axis with a broken rule: its name, the broken rules in words, and those that hold.
    """
    centre = _centres(masks)
    if "spine" in centre:
        centre["midline"] = centre["spine"]
    elif body is not None and body.array.any():
        centre["midline"] = _centre([body])
    verdicts: dict[str, tuple[list[str], list[str]]] = {}
    for axis, k, organ, other, words, sign in RULES:
        if organ in centre and other in centre:
            apart = float(centre[organ][k] - centre[other][k]) * (1 if sign == "+" else -1)
            wrong, right = verdicts.setdefault(axis, ([], []))
            if apart < -CLEARLY_MM:
                wrong.append(words)
            elif apart > CLEARLY_MM:
                right.append(words)
    return [(axis, wrong, right) for axis, (wrong, right) in verdicts.items() if wrong]


def _centres(masks: Mapping[str, Volume]) -> dict[str, NDArray[np.float64]]:
    groups: dict[str, list[str]] = {}
    for name in masks:
        plain = plain_name(name)
        structure = structure_of(name)
        if plain.startswith("vertebra") or structure == "spinal_cord" or plain in ("spine", "sacrum"):
            groups.setdefault("spine", []).append(name)
        for organ in ("kidney", "lung"):
            if structure == organ and "cyst" not in plain:
                side = next((s for s in ("left", "right") if s in plain.split("_")), "")
                if side:
                    groups.setdefault(f"{organ}_{side}", []).append(name)
        if structure is not None:
            groups.setdefault(structure, []).append(name)
    wanted = {word for rule in RULES for word in rule[2:4]}
    found = {}
    for organ, names in groups.items():
        if organ in wanted:
            parts = [m for m in (masks[n] for n in names) if m.array.any()]
            if parts:
                found[organ] = _centre(parts)
    return found


def _centre(parts: list[Volume]) -> NDArray[np.float64]:
    """Centre of the voxels of some masks, LPS mm."""
    total, weight = np.zeros(3), 0.0
    for mask in parts:
        count = float(np.count_nonzero(mask.array))
        index = [float(np.average(np.arange(n), weights=_profile(mask, k))) for k, n in enumerate(mask.shape)]
        total += count * mask.grid.to_lps(index)
        weight += count
    return total / weight


def _profile(mask: Volume, axis: int) -> NDArray[np.float64]:
    """Voxels of a mask in each plane across an axis."""
    return np.count_nonzero(mask.array, axis=tuple(a for a in range(3) if a != axis)).astype(np.float64)
