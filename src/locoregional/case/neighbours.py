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
        By neighbour, to a tenth of a millimetre; 0 where they touch, `REACH_MM` where nothing was found within it. A structure
        that leaves the image within reach of the lesion may be nearer than what is seen of it.
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
        seen = [structures[m].array[box] > 0.5 for m in masks if m in structures]
        if seen:
            found[name] = nearest(np.logical_or.reduce(seen))
    if "body" in structures:
        found["skin"] = nearest(~(structures["body"].array[box] > 0.5))
    return found
