"""What a needle plan is made from: the body with its structures, the target, the needle and the planned zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from locoregional.access.boxes import filled_box, voxels_of
from locoregional.access.rules import known_structures
from locoregional.errors import GeometryError, MaskError, PlanningError
from locoregional.imaging.volume import Grid

__all__ = ["NeedleSpec", "Position", "Scene", "ZoneSpec"]

Position = Literal["supine", "prone", "right decubitus", "left decubitus"]
"""How the patient lies; a right decubitus patient lies on the right side."""

TOWARDS_TABLE: dict[Position, tuple[float, float, float]] = {
    "supine": (0.0, 1.0, 0.0),
    "prone": (0.0, -1.0, 0.0),
    "right decubitus": (-1.0, 0.0, 0.0),
    "left decubitus": (1.0, 0.0, 0.0),
}
"""LPS direction from the patient to the table top."""


@dataclass(frozen=True)
class NeedleSpec:
    """A straight needle, antenna or probe.

    Attributes
    ----------
    length_mm : float [mm]
        Usable shaft from tip to hub.
    diameter_mm : float [mm]
        Outer diameter.
    name : str
        Device name, for reports.
    """

    length_mm: float
    diameter_mm: float
    name: str = "needle"

    def __post_init__(self) -> None:
        """Refuse lengths that no needle has."""
        if not 20.0 <= self.length_mm <= 500.0:
            raise PlanningError(f"needle length {self.length_mm} mm is not a needle", remedy="Give the shaft length in mm.")
        if not 0.1 <= self.diameter_mm <= 10.0:
            raise PlanningError(f"needle diameter {self.diameter_mm} mm is not a needle", remedy="Give the outer diameter in mm.")


@dataclass(frozen=True)
class ZoneSpec:
    """A planned ablation zone: an ellipsoid of revolution about the needle.

    Attributes
    ----------
    long_axis_mm, short_axis_mm : float [mm]
        Full length along the needle and full width across it.
    tip_beyond_centre_mm : float [mm]
        How far the tip lies beyond the middle of the zone.
    relative_sd : float
        Standard deviation of the zone's size as a share of it (0 for a certain zone).
    """

    long_axis_mm: float
    short_axis_mm: float
    tip_beyond_centre_mm: float = 0.0
    relative_sd: float = 0.0

    def __post_init__(self) -> None:
        """Refuse zones without volume."""
        if min(self.long_axis_mm, self.short_axis_mm) <= 0 or self.tip_beyond_centre_mm < 0 or self.relative_sd < 0:
            raise PlanningError("the planned zone has an axis that is not positive", remedy="Give full axis lengths in mm.")


@dataclass(frozen=True, eq=False)
class Scene:
    """A body, its structures and one target on a common grid.

    Attributes
    ----------
    grid : Grid
        Where the voxels are; perpendicular axes, any orientation.
    body : ndarray of bool, shape (slices, rows, columns)
        Patient without table and air; hollow organs may be holes as long as their own mask is given.
    structures : mapping of str to ndarray of bool
        Masks by name (see ``known_structures()``); ``vessels`` may hold vessels of any calibre.
        An empty mask says that the structure is known to be absent.
    target : ndarray of bool
        The lesion.
    organ : str
        Organ that the target lies in.
    position : Position
        How the patient lies, in the image and on the table.

    Raises
    ------
    MaskError
        If a mask is not boolean, or body or target is empty.
    GeometryError
        If shapes differ or the grid is sheared.
    PlanningError
        If a structure's name is unknown, or the target lies outside body or organ.
    """

    grid: Grid
    body: NDArray[np.bool_]
    structures: Mapping[str, NDArray[np.bool_]]
    target: NDArray[np.bool_]
    organ: str
    position: Position = "supine"

    def __post_init__(self) -> None:
        """Check masks, names and that the target is where it is said to be."""
        if not self.grid.is_orthogonal:
            raise GeometryError(
                "the image axes are not perpendicular", where="scene", remedy="Resample to a straight grid first."
            )
        if self.position not in get_args(Position):
            raise PlanningError(f"unknown position {self.position!r}", remedy=f"Use one of {get_args(Position)}.")
        known = known_structures()
        for name, mask in {**self.structures, "body": self.body, "target": self.target}.items():
            if name not in known and name not in ("body", "target"):
                raise PlanningError(f"structure {name!r} has no rule", where="scene", remedy=f"Use one of {', '.join(known)}.")
            if mask.dtype != bool:
                raise MaskError(f"mask {name!r} is {mask.dtype}, not bool", where="scene", remedy="Select one label first.")
            if mask.shape != self.grid.shape:
                raise GeometryError(
                    f"mask {name!r} has shape {mask.shape}, the grid {self.grid.shape}", remedy="Resample it first."
                )
        if not self.body.any():
            raise MaskError("the body mask is empty", where="scene", remedy="Segment the skin first.")
        if not self.target.any():
            raise MaskError("the target is empty", where="scene", remedy="Segment the lesion or give a seed and a diameter.")
        self._check_target()

    def _check_target(self) -> None:
        voxels = tuple(voxels_of(self.target).T)
        if not self.body[voxels].any() and not any(mask[voxels].any() for mask in self.structures.values()):
            raise PlanningError(
                "the target lies outside the body", where="scene", remedy="Check that both come from the same image."
            )
        organ = self.structures.get(self.organ)
        if organ is None or not organ.any():
            return
        if not organ[filled_box(self.target, margin=(1, 1, 1))].any():
            raise PlanningError(
                f"the target lies outside the {self.organ}",
                where="scene",
                remedy="Check for left-right flips and the organ's name.",
            )

    @property
    def target_centre_lps_mm(self) -> NDArray[np.float64]:
        """Middle of the target, moved into it where the target is hollow, shape (3,) [mm]."""
        voxels = voxels_of(self.target)
        centre = voxels.mean(axis=0)
        if not self.target[tuple(np.round(centre).astype(int))]:
            scaled = (voxels - centre) * self.grid.spacing_mm
            centre = voxels[np.argmin((scaled**2).sum(axis=1))].astype(float)
        return self.grid.to_lps(centre)
