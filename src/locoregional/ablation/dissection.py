"""Fluid or gas injected between a target organ and a neighbour, as tissue voxels that change their name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import PlanningError
from locoregional.units import ML_PER_MM3

__all__ = ["FLUIDS", "Dissection", "dissected_layer", "dissection_words"]

FLUIDS = {"dextrose": "5 % dextrose", "saline": "0.9 % saline", "carbon_dioxide": "carbon dioxide"}
"""What can be injected, by the name of its tissue."""


@dataclass(frozen=True)
class Dissection:
    """One injection.

    Attributes
    ----------
    structure : str
        What it protects, by the name of its mask (``colon``).
    fluid : str
        One of ``FLUIDS``.
    thickness_mm : float
        Thickness of the layer.

    Raises
    ------
    PlanningError
        If the fluid is not known or the thickness not 1 to 50 mm.
    """

    structure: str
    fluid: str = "dextrose"
    thickness_mm: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what nobody injects."""
        if self.fluid not in FLUIDS:
            raise PlanningError(f"{self.fluid!r} is no fluid for dissection", where="fluid", remedy=f"Use {', '.join(FLUIDS)}.")
        if not 1.0 <= self.thickness_mm <= 50.0:
            raise PlanningError(
                f"a layer of {self.thickness_mm:g} mm", where="thickness_mm", remedy="Give 1 to 50 mm; 10 mm is customary."
            )


def dissected_layer(
    dissection: Dissection,
    *,
    target: NDArray[np.bool_],
    structure: NDArray[np.bool_],
    fixed: NDArray[np.bool_],
    spacing_mm: float,
) -> NDArray[np.bool_]:
    """Voxels that the injected layer takes.

    The layer lies on the target's side of the structure: outside the target, within the thickness of it, and no farther than the
    thickness from the structure. Where both touch, the structure gives way: the layer takes its outermost part, as if it had
    been pushed off; the image itself is not deformed.

    Parameters
    ----------
    dissection : Dissection
        What is injected.
    target, structure : ndarray of bool, shape of the grid
        Organ with its lesion, and what is protected.
    fixed : ndarray of bool
        What no fluid replaces: bone, and everything outside the body.
    spacing_mm : float
        Side of the cubic voxels.

    Raises
    ------
    PlanningError
        If one of them is not in the grid, or they lie farther apart than the layer is thick.
    """
    from scipy.ndimage import distance_transform_edt

    if not target.any() or not structure.any():
        raise PlanningError(
            f"the {'target' if structure.any() else dissection.structure.replace('_', ' ')} is not within the simulated volume",
            where="dissection",
            remedy="Leave this dissection out: nothing there is heated or cooled.",
        )
    thick = dissection.thickness_mm
    from_target = distance_transform_edt(~target, sampling=spacing_mm)
    from_structure = distance_transform_edt(~structure, sampling=spacing_mm)
    layer = ~target & ~fixed & (from_target <= thick) & (from_structure <= thick)
    if not layer.any():
        gap = float(from_target[structure].min())
        raise PlanningError(
            f"{dissection.structure.replace('_', ' ')} already lies {gap:.0f} mm away",
            where="dissection",
            remedy="Leave it out, or give a thicker layer.",
        )
    return np.asarray(layer)


def dissection_words(dissection: Dissection, *, layer: NDArray[np.bool_], spacing_mm: float) -> tuple[str, ...]:
    """What a reader must know of a dissection."""
    volume_ml = layer.sum() * spacing_mm**3 * ML_PER_MM3
    name, fluid = dissection.structure.replace("_", " "), FLUIDS[dissection.fluid]
    words = [
        f"{dissection.thickness_mm:g} mm of {fluid} between target and {name}: {volume_ml:.0f} ml within the simulated volume, "
        "taken to stay in place; tissue is not displaced, the layer takes the place of what lies there"
    ]
    if dissection.fluid == "saline":
        words.append(
            "saline conducts radiofrequency current better than tissue: it spreads the heat it is meant to keep away; "
            "do not use it for radiofrequency ablation, use dextrose or carbon dioxide"
        )
    return tuple(words)
