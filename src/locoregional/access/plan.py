"""What a needle plan says: proposals with all that an operator dials, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from locoregional.access.coverage import Coverage
from locoregional.access.scene import Position
from locoregional.sources import Sourced

__all__ = ["AccessPlan", "Trajectory"]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One straight way to the target.

    Attributes
    ----------
    entry_lps_mm, tip_lps_mm, aim_lps_mm : ndarray, shape (3,) [mm]
        Skin entry, needle tip, and the point where the middle of the zone goes.
    depth_mm : float [mm]
        Skin to tip along the needle.
    skin_to_target_mm : float [mm]
        Skin to the near surface of the target.
    craniocaudal_deg : float [deg]
        Angle out of the axial plane; positive when the hub leans to the head.
    axial_deg : float [deg]
        Angle between the needle's trace in the axial plane and the vertical: 0 from straight above, 90 horizontal.
    axial_side : str
        To which side of the patient the hub leans in the axial plane (left, right, front, back); "" when vertical.
    approach : str
        Where on the body the needle enters, in words.
    entry_slice, target_slice : int
        Slice index of entry and aim in the image given.
    entry_table_mm : float [mm]
        Table position (LPS z) of the entry; the aim's is ``aim_lps_mm[2]``.
    passes : mapping of str to float [mm]
        Length of needle in each structure that it goes through, the target included; the rest is body wall and fat.
    clearances_mm : mapping of str to float [mm]
        Distance from the needle axis to the surface of each obstacle, infinite where it is farther than 25 mm.
    nearest : str
        Obstacle with the least room beyond its safety distance, or "".
    capsule_angle_deg : float [deg]
        Between needle and organ surface; 90 is perpendicular. NaN where no organ surface is crossed.
    organ_before_target_mm : float [mm]
        Parenchyma crossed before the target.
    aim_offset_mm : float [mm]
        How far the aim is from the middle of the target.
    score : float
        Weighted mean of the costs; 0 is best.
    costs : mapping of str to float
        Each soft cost, 0 to 1.
    pareto : bool
        Whether no other proposal is as good in every cost and better in one.
    coverage : tuple of Coverage
        Chance to cover the target with each margin, empty without a planned zone.
    reasons : tuple of str
        Why it is where it is in the list, in words.
    """

    entry_lps_mm: NDArray[np.float64]
    tip_lps_mm: NDArray[np.float64]
    aim_lps_mm: NDArray[np.float64]
    depth_mm: float
    skin_to_target_mm: float
    craniocaudal_deg: float
    axial_deg: float
    axial_side: str
    approach: str
    entry_slice: int
    target_slice: int
    entry_table_mm: float
    passes: Mapping[str, float]
    clearances_mm: Mapping[str, float]
    nearest: str
    capsule_angle_deg: float
    organ_before_target_mm: float
    aim_offset_mm: float
    score: float
    costs: Mapping[str, float]
    pareto: bool
    coverage: tuple[Coverage, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def direction_lps(self) -> NDArray[np.float64]:
        """Unit vector from entry to tip, shape (3,)."""
        way = self.tip_lps_mm - self.entry_lps_mm
        return np.asarray(way / np.linalg.norm(way))

    @property
    def dial(self) -> str:
        """Angles as an operator sets them, in words."""
        lean = f"{self.axial_deg:.0f} degrees from vertical, hub towards the patient's {self.axial_side}"
        plane = lean if self.axial_side else "vertical"
        tilt = round(self.craniocaudal_deg)
        if tilt == 0:
            return f"{plane}; in the axial plane"
        return f"{plane}; hub {abs(tilt)} degrees towards the {'head' if tilt > 0 else 'feet'}"


@dataclass(frozen=True, eq=False)
class AccessPlan:
    """Ways to one target, best first; none is a result too.

    Attributes
    ----------
    proposals : tuple of Trajectory
        Distinct safe paths, best score first.
    checked, unchecked : tuple of str
        Structures that were kept clear of, and structures that should have been but were not given.
    blocked_by : mapping of str to float
        Share of all straight ways from the middle of the target that each constraint blocks (they overlap).
    opened_by : mapping of str to float
        Share that would open if one constraint alone were lifted, largest first.
    other_positions : mapping of Position to float
        Share of ways that would be open with the patient in another position, if no organ moved.
    n_rays, n_entries, n_safe, n_pareto : int
        Rays cast in all, skin entries reached from the middle of the target, safe paths found, and Pareto-optimal ones.
    safe_entries_lps_mm : ndarray, shape (n_safe, 3) [mm]
        Skin entries of all safe paths, for a map on the skin.
    safe_scores : ndarray, shape (n_safe,)
        Their scores.
    distances : mapping of str to Sourced
        Safety distances that were used, with their sources.
    notes : tuple of str
        What was assumed, reduced or not seen.
    verdict : str
        The result in a sentence or two.
    """

    proposals: tuple[Trajectory, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    blocked_by: Mapping[str, float]
    opened_by: Mapping[str, float]
    other_positions: Mapping[Position, float]
    n_rays: int
    n_entries: int
    n_safe: int
    n_pareto: int
    safe_entries_lps_mm: NDArray[np.float64]
    safe_scores: NDArray[np.float64]
    distances: Mapping[str, Sourced]
    notes: tuple[str, ...] = field(default=())
    verdict: str = ""

    @property
    def unverified(self) -> tuple[str, ...]:
        """Safety distances in use that no published number stands behind."""
        return tuple(name for name, fact in self.distances.items() if fact.status != "verified")
