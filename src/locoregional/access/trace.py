"""Trace many straight paths at once: where they meet the skin, what they pass, which constraint blocks them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from locoregional.access.field import QUANTUM_MM, Field
from locoregional.access.rays import CUT, FAR, ORGAN, SKIN, capsule_cosines, clearances, march
from locoregional.access.scene import TOWARDS_TABLE, NeedleSpec, Position
from locoregional.sources import read_facts

__all__ = ["GEOMETRIC", "Paths", "Tracer"]

GEOMETRIC = ("length", "table", "image", "air")
"""Constraints beside the obstacles: needle too short, table in the way, end of the image, air on the way."""

STEP_MM = 1.0
"""Sampling along the ray; accepted paths are sampled again with ``FINE_STEP_MM``."""

FINE_STEP_MM = 0.2
"""A distance changes by at most half of this between two samples."""

AIR_GAP_MM = 3.0
"""Air on the way that the staircase of the skin can explain."""

NORMAL_RADIUS_MM = 8.0
"""Ball that gives the capsule's normal: wider than voxel stairs, narrower than the organ's curvature."""

IMPOSSIBLE_MM = -1000.0
"""Slack of a path that no local change can open."""


@dataclass(frozen=True, eq=False)
class Paths:
    """Paths as columns of equal length n.

    Attributes
    ----------
    aim : ndarray of int, shape (n,)
        Which aim each path goes to.
    ends : ndarray of uint8, shape (n,)
        SKIN, CUT or FAR.
    direction : ndarray, shape (n, 3)
        Unit LPS vector from the aim to the skin.
    depth_mm : ndarray, shape (n,) [mm]
        Aim to skin (or to where the ray left the map).
    clearance_mm : ndarray, shape (n, obstacles) [mm]
        Smallest distance from needle axis to each obstacle, capped.
    blocked : ndarray of bool, shape (n, obstacles + 4)
        Which constraint blocks.
    slack_mm : ndarray, shape (n,) [mm]
        Distance to being open (negative) or to being blocked.
    organ_mm, capsule_mm, target_mm, other_mm : ndarray, shape (n,) [mm]
        Organ crossed before the target, aim to outermost organ, aim to outermost target, other structures crossed.
    capsule_cosine : ndarray, shape (n,)
        1 where the capsule is crossed squarely; only measured on safe paths.
    """

    aim: NDArray
    ends: NDArray
    direction: NDArray
    depth_mm: NDArray
    clearance_mm: NDArray
    blocked: NDArray
    slack_mm: NDArray
    organ_mm: NDArray
    capsule_mm: NDArray
    target_mm: NDArray
    other_mm: NDArray
    capsule_cosine: NDArray

    @property
    def safe(self) -> NDArray[np.bool_]:
        """Paths that no constraint blocks, shape (n,)."""
        return np.asarray(~self.blocked.any(axis=1))

    def __len__(self) -> int:
        """Count the paths."""
        return len(self.aim)

    def __getitem__(self, chosen: NDArray) -> Paths:
        """Some of the paths, by index or mask."""
        return Paths(*[getattr(self, f.name)[chosen] for f in fields(self)])

    def and_also(self, *others: Paths) -> Paths:
        """These paths followed by others."""
        return Paths(*[np.concatenate([getattr(p, f.name) for p in (self, *others)]) for f in fields(self)])


class Tracer:
    """Traces paths through one field for one needle.

    Parameters
    ----------
    field : Field
        Working grid.
    aims_lps_mm : ndarray, shape (aims, 3) [mm]
        Points that the middle of the zone may be put on.
    needle : NeedleSpec
        For its length.
    tip_beyond_mm : float [mm]
        How far the tip lies beyond the aim.
    position : Position
        Where the table is.
    """

    def __init__(
        self, field: Field, *, aims_lps_mm: NDArray[np.float64], needle: NeedleSpec, tip_beyond_mm: float, position: Position
    ) -> None:
        facts = read_facts("locoregional.access")
        self.field = field
        self.aims_lps_mm = aims_lps_mm
        self.tip_beyond_mm = tip_beyond_mm
        self.reach_mm = needle.length_mm - float(facts["needle.reserve"]) - tip_beyond_mm
        self.shaft_and_handle_mm = needle.length_mm + float(facts["needle.handle"]) - tip_beyond_mm
        self.edge_mm = float(facts["image.edge"])
        self.steepest_below = float(np.sin(np.radians(float(facts["table.from_below"]))))
        self.table_clearance_mm = float(facts["table.clearance"])
        self.position = position
        self._inverse = np.linalg.inv(field.grid.affine[:3, :3])

    @property
    def constraints(self) -> tuple[str, ...]:
        """Names of the columns of ``blocked``."""
        return self.field.names + GEOMETRIC

    def entries_lps_mm(self, paths: Paths) -> NDArray[np.float64]:
        """Skin entries, shape (n, 3) [mm]."""
        return self.aims_lps_mm[paths.aim] + paths.depth_mm[:, None] * paths.direction

    def trace(self, directions: NDArray[np.float64], *, aim: NDArray[np.int64], fine: bool = False) -> Paths:
        """Follow one ray per direction.

        Parameters
        ----------
        directions : ndarray, shape (n, 3)
            Unit LPS vectors from aim to skin.
        aim : ndarray of int, shape (n,)
            Which aim each ray starts from.
        fine : bool
            Sample finely, for paths that are about to be proposed.
        """
        field, step = self.field, FINE_STEP_MM if fine else STEP_MM
        start = field.grid.to_index(self.aims_lps_mm)[aim]
        step_index = step * directions @ self._inverse.T
        lengths, ends = march(field.labels, start, step_index, step, self.reach_mm, field.border)
        depth = lengths[:, 0].astype(np.float64)
        stop = np.minimum(depth, self.reach_mm)
        raw = clearances(field.maps, start, step_index, step, np.full(len(depth), -self.tip_beyond_mm), stop)
        clear = raw * np.float32(QUANTUM_MM)
        blocked = np.zeros((len(depth), len(self.constraints)), bool)
        short = clear - field.required_mm
        blocked[:, : len(field.names)] = short < 0
        slack = short.min(axis=1) if len(field.names) else np.full(len(depth), np.inf)
        seen = ends == SKIN
        blocked[:, -4] = (ends == FAR) | (depth > self.reach_mm)
        slack = np.minimum(slack, np.where(ends == FAR, IMPOSSIBLE_MM, self.reach_mm - depth))
        room = self.room_above_table_mm(directions, aim=aim, depth_mm=depth, position=self.position)
        blocked[:, -3] = seen & (room < 0)
        slack = np.minimum(slack, np.where(seen, room, IMPOSSIBLE_MM))
        inner = start - (self.tip_beyond_mm / step) * step_index
        seen_mm = self._from_cut_mm(inner, start + (stop / step)[:, None] * step_index) - self.edge_mm
        blocked[:, -2] = (ends == CUT) | (seen_mm < 0)
        slack = np.minimum(slack, seen_mm)
        blocked[:, -1] = seen & (lengths[:, 1] > AIR_GAP_MM)
        slack = np.where(blocked[:, -1], IMPOSSIBLE_MM, slack)
        cosine = np.zeros(len(depth), np.float32)
        open_ = np.flatnonzero(~blocked.any(axis=1))
        crossing = start[open_] + (lengths[open_, 3] / step)[:, None] * step_index[open_]
        axes = np.ascontiguousarray(directions[open_] @ field.grid.directions)
        cosine[open_] = capsule_cosines(field.labels, field.grid.spacing_mm, crossing, axes, NORMAL_RADIUS_MM, ORGAN)
        columns = (lengths[:, 2], lengths[:, 3], lengths[:, 4], lengths[:, 5])
        return Paths(np.asarray(aim), ends, directions, depth, clear, blocked, slack, *columns, cosine)

    def room_above_table_mm(
        self, directions: NDArray[np.float64], *, aim: NDArray, depth_mm: NDArray, position: Position
    ) -> NDArray[np.float64]:
        """Room between table and the lower of skin entry and end of the handle, negative when blocked, shape (n,) [mm]."""
        down = np.array(TOWARDS_TABLE[position])
        entry = (self.aims_lps_mm[aim] + depth_mm[:, None] * directions) @ down
        outside = np.maximum(self.shaft_and_handle_mm - depth_mm, 0.0) * (directions @ down)
        limit = self.field.table_levels_mm[position] - self.table_clearance_mm
        room = limit - np.maximum(entry, entry + outside)
        # How far the skin entry is, along the skin, from where the needle would come just steep enough.
        return np.asarray(np.minimum(room, depth_mm * (self.steepest_below - directions @ down)))

    def _from_cut_mm(self, inner: NDArray, outer: NDArray) -> NDArray[np.float64]:
        """Least distance of straight paths from where the image cuts the body, shape (n,) [mm]."""
        least = np.full(len(inner), np.inf)
        shape, spacing = self.field.grid.shape, self.field.grid.spacing_mm
        for axis, side in zip(*np.nonzero(self.field.border), strict=True):
            # The ends of a straight path are its extremes.
            for end in (inner[:, axis], outer[:, axis]):
                steps = shape[axis] - 0.5 - end if side else end + 0.5
                least = np.minimum(least, steps * spacing[axis])
        return least
