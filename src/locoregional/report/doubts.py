"""What a reader must be told before trusting a plan: structures nobody outlined, and a zone where it is not wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.case import Case, Outcome, Plan
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Volume
from locoregional.report.fields import crop_around

__all__ = ["Spill", "leaves_image", "spill_of", "unseen"]

EDGE = 0.05
"""Share of model runs at the outer edge of the band."""

LEAST_ML = 0.3
"""Smaller spills are the voxels of an outline."""


@dataclass(frozen=True)
class Spill:
    """Part of a zone that lies outside the organ, in tissue that nobody outlined.

    Attributes
    ----------
    volume_ml : float
        Within the outer edge of the band.
    reach_mm : float
        How far from the organ it goes.
    """

    volume_ml: float
    reach_mm: float

    @property
    def words(self) -> str:
        """One sentence."""
        return (
            f"The outer edge of the zone (5 %) takes in {self.volume_ml:.0f} ml outside the organ that nobody outlined, "
            f"up to {self.reach_mm:.0f} mm from it"
        )


def leaves_image(case: Case, outcome: Outcome) -> bool:
    """Whether a predicted zone, or its ice, reaches the border of the planning image, beyond which nothing is known."""
    if not outcome.predicted or "probability" not in outcome.maps:
        return False
    chance = case.store.get(outcome.maps["probability"])
    reached = chance.array >= EDGE
    if "ice" in outcome.maps:
        reached = reached | case.store.get(outcome.maps["ice"]).array
    treated = np.argwhere(reached)
    image = case.images["planning"]
    index = case.image().grid.to_index(chance.grid.to_lps(treated))
    return bool(((index < 0.6) | (index > np.array(image.shape) - 1.6)).any())


def unseen(case: Case, plan: Plan) -> tuple[str, ...]:
    """Structures from which no distance was kept, in words: what the plan names, and what stood in for a whole structure."""
    names = [name.replace("_", " ") for name in plan.unchecked]
    known = set(case.structures)
    if "bowel_gas" in known and not known & {"bowel", "colon"}:
        names.insert(0, "colon without gas")
    if "liver_vessels" in known and "vessels" not in known:
        names.append("large vessels outside the liver")
    return tuple(dict.fromkeys(names))


def spill_of(case: Case, outcome: Outcome) -> Spill | None:
    """Zone outside the organ where nothing is outlined; None where there is hardly any, or no band or organ to tell by."""
    from scipy.ndimage import distance_transform_edt

    lesion = case.lesion(outcome.lesion_id)
    organ = case.structure(lesion.organ.value)
    if organ is None or not outcome.predicted or "probability" not in outcome.maps:
        return None
    chance = case.store.get(outcome.maps["probability"])
    treated = chance.array >= EDGE
    if not treated.any():
        return None
    home = _on(organ, chance) | _on(case.tumour(lesion), chance)
    loose = treated & ~home
    for name in case.structures:
        mask = case.structure(name)
        if mask is None or name == lesion.organ.value or not loose.any():
            continue
        there = _on(mask, chance)
        loose &= there if name == "body" else ~there
    volume_ml = float(np.count_nonzero(loose) * chance.grid.voxel_ml)
    if volume_ml < LEAST_ML or not home.any():
        return None
    away = distance_transform_edt(~home, sampling=chance.spacing_mm)
    return Spill(volume_ml, float(away[loose].max()))


def _on(mask: Volume, like: Volume) -> NDArray[np.bool_]:
    """Mask on the grid of another volume."""
    last = np.array(like.shape) - 1
    corners = like.grid.to_lps(np.array(np.meshgrid(*[(0, n) for n in last], indexing="ij")).reshape(3, -1).T)
    near = crop_around(mask, corners, reach_mm=float(mask.spacing_mm.max()))
    return np.zeros(like.shape, dtype=bool) if near is None else np.asarray(resampled(near, like.grid).array >= 0.5)
