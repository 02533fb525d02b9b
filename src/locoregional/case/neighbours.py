"""How far a lesion lies from structures at risk, measured on the masks of a case."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from locoregional.imaging.distance import signed_distance_mm
from locoregional.imaging.volume import Volume

__all__ = ["REACH_MM", "distances_mm"]

REACH_MM = 40.0
"""How far from the lesion structures are looked for; beyond it no rule asks."""

MASKS = {
    "gallbladder": ("gallbladder",),
    "stomach": ("stomach",),
    "bowel": ("small_bowel", "duodenum", "colon"),
    "heart": ("heart",),
    "pancreas": ("pancreas",),
    "spinal_cord": ("spinal_cord",),
    "airway": ("airways",),
}
"""Neighbour to the names of its masks. Gas alone is no bowel: where only gas is outlined the bowel stays unknown."""

NEAR_MM = 10.0
"""Up to here a distance counts although parts of the structure are not outlined: they could only lie nearer still."""


def distances_mm(lesion: Volume, structures: Mapping[str, Volume]) -> dict[str, float]:
    """Shortest distance from the surface of a lesion to each structure that has a mask, and to the skin.

    Parameters
    ----------
    lesion : Volume
        Mask on the planning grid.
    structures : mapping of str to Volume
        Masks on the same grid by anatomical name.

    Returns
    -------
    dict of str to float [mm]
        By neighbour, to a tenth of a millimetre; 0 where they touch. `REACH_MM` is no exact distance: it says that nothing was
        found within it. A structure made of several masks is left out where one of them is absent or empty, unless what there
        is lies within `NEAR_MM`. A structure that leaves the image within reach of the lesion may be nearer than what is seen.
    """
    mask = lesion.array > 0.5
    if not mask.any():
        return {}
    spacing = np.asarray(lesion.spacing_mm, dtype=float)
    pad = np.ceil(REACH_MM / spacing).astype(int) + 1
    first, last = zip(*[(int(i.min()), int(i.max())) for i in np.nonzero(mask)], strict=True)
    box = tuple(slice(max(0, a - p), b + p + 1) for a, b, p in zip(first, last, pad, strict=True))
    away = signed_distance_mm(np.ascontiguousarray(mask[box]), spacing_mm=spacing)
    half = 0.5 * float(spacing.min())

    def nearest(hit: np.ndarray) -> float:
        inside = away[hit]
        return REACH_MM if inside.size == 0 else round(float(min(max(inside.min() - half, 0.0), REACH_MM)), 1)

    found = {}
    for name, masks in MASKS.items():
        seen = [structures[m].array for m in masks if m in structures]
        if not seen:
            continue
        distance_mm = nearest(np.logical_or.reduce([part[box] > 0.5 for part in seen]))
        whole = len(masks) == 1 or (len(seen) == len(masks) and all((part > 0.5).any() for part in seen))
        if whole or distance_mm <= NEAR_MM:
            found[name] = distance_mm
    if "body" in structures:
        found["skin"] = nearest(~(structures["body"].array[box] > 0.5))
    return found
