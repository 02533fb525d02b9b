"""Where applicators could lie: along safe ways in, at several depths, each checked against every hard constraint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.cover import ellipsoids_hold
from locoregional.ablation.region import Region
from locoregional.access.boxes import filled_box
from locoregional.access.field import Field
from locoregional.access.pareto import room_shares
from locoregional.access.scene import NeedleSpec, Scene, ZoneSpec
from locoregional.access.trace import Tracer

__all__ = ["Sites", "Surroundings", "parallel_sites", "spread_sites", "surroundings"]

RINGS = 4
"""Rings of parallel ways around the middle one: finer ones move a zone by less than needles are misplaced."""
DEPTHS = 7
"""Pull-back positions along each way."""
NEAREST_MM, FARTHEST_MM = 3.0, 8.0
"""Distance between neighbouring parallel ways: finer than needles can be told apart in the hand makes no plan better."""
SURROUNDINGS_MM = 5.0
"""Lattice on which the healthy tissue in a zone is counted."""
AT_RISK = 20.0
"""How many times as bad a volume in a structure at risk is as one in healthy tissue."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Tissue around the target that should live, as points.

    Attributes
    ----------
    points_lps_mm : ndarray, shape (points, 3) [mm]
        Outside what must die.
    weights_ml : ndarray, shape (points,) [ml]
        Volume that each stands for, structures at risk many times.
    """

    points_lps_mm: NDArray[np.float64]
    weights_ml: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sites:
    """Safe placements.

    Attributes
    ----------
    aims_lps_mm : ndarray, shape (sites, 3) [mm]
        Where the middle of the zone would be.
    entries_lps_mm, tips_lps_mm : ndarray, shape (sites, 3) [mm]
        Skin entries and tips.
    axes : ndarray, shape (sites, 3)
        Unit vectors from tip to skin.
    offsets_mm : ndarray, shape (sites, 2) [mm]
        Of each way across its direction; placements of one way differ in depth.
    room : ndarray, shape (sites,)
        Lack of room to the nearest obstacle, 0 (plenty) to 1 (at the required distance).
    tried : int
        Placements looked at, blocked ones included.
    blocked_by : mapping of str to float
        Share of those that each constraint blocks, largest first.
    """

    aims_lps_mm: NDArray[np.float64]
    entries_lps_mm: NDArray[np.float64]
    tips_lps_mm: NDArray[np.float64]
    axes: NDArray[np.float64]
    offsets_mm: NDArray[np.float64]
    room: NDArray[np.float64]
    tried: int
    blocked_by: Mapping[str, float]

    def __len__(self) -> int:
        """Count the placements."""
        return len(self.aims_lps_mm)

    def __getitem__(self, chosen: NDArray) -> Sites:
        """Some of the placements."""
        columns = ("aims_lps_mm", "entries_lps_mm", "tips_lps_mm", "axes", "offsets_mm", "room")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    def harm(self, zone: ZoneSpec, around: Surroundings) -> NDArray[np.float64]:
        """Healthy tissue in the zone of each placement, risk included, shape (sites,) [ml]."""
        holds = self.hold(around.points_lps_mm, long_mm=zone.long_axis_mm, short_mm=zone.short_axis_mm)
        return np.asarray(around.weights_ml @ holds) * (1.0 + 0.5 * self.room)

    def hold(self, points_lps_mm: NDArray[np.float64], *, long_mm: float, short_mm: float) -> NDArray[np.bool_]:
        """Which points lie in the zone of which placement, shape (points, sites)."""
        return ellipsoids_hold(points_lps_mm, centres_lps_mm=self.aims_lps_mm, axes=self.axes, long_mm=long_mm, short_mm=short_mm)

    def conflicts(self, *, apart_mm: float, within_mm: float, together: bool) -> NDArray[np.int64]:
        """Pairs of parallel placements too near or too far from each other to work at once, shape (pairs, 2)."""
        if not together:
            return np.empty((0, 2), np.int64)
        away = np.linalg.norm(self.offsets_mm[:, None] - self.offsets_mm[None], axis=2)
        return np.argwhere(np.triu((away < apart_mm - 1e-6) | (away > within_mm + 1e-6), k=1))


def parallel_sites(
    field: Field,
    *,
    scene: Scene,
    region: Region,
    outwards: NDArray[np.float64],
    needle: NeedleSpec,
    zone: ZoneSpec,
    lifted: tuple[str, ...] = (),
) -> Sites:
    """Placements along one direction that break no hard constraint, for applicators that work at once.

    Parameters
    ----------
    field : Field
        Working grid of the needle planner.
    scene : Scene
        For the position of the patient.
    region : Region
        What must die; the middles of the zones lie around its middle.
    outwards : ndarray, shape (3,)
        Unit LPS vector from target to skin.
    needle : NeedleSpec
        The applicator.
    zone : ZoneSpec
        For how far the tip lies beyond the middle of the zone.
    lifted : tuple of str
        Constraints to leave out, to see what moving a structure away would open.
    """
    away = region.required - region.middle_lps_mm
    across = np.linalg.svd(outwards[None])[2][1:]
    step = _step(float(np.abs(away @ across.T).max()))
    hexagon = np.array([(a + 0.5 * b, b * np.sqrt(0.75)) for a in range(-RINGS, RINGS + 1) for b in range(-RINGS, RINGS + 1)])
    offsets = step * hexagon[np.linalg.norm(hexagon, axis=1) <= RINGS + 1e-6]
    along = away @ outwards
    depths = np.linspace(along.min(), along.max(), DEPTHS + 2)[1:-1]
    track, which = (a.ravel() for a in np.meshgrid(np.arange(len(offsets)), np.arange(len(depths)), indexing="ij"))
    aims = region.middle_lps_mm + offsets[track] @ across + depths[which][:, None] * outwards
    axes = np.repeat(outwards[None], len(aims), axis=0)
    return _open_sites(field, scene, aims, axes, offsets[track], needle=needle, zone=zone, lifted=lifted)


def spread_sites(
    field: Field,
    *,
    scene: Scene,
    region: Region,
    directions: Sequence[NDArray[np.float64]],
    needle: NeedleSpec,
    zone: ZoneSpec,
    lifted: tuple[str, ...] = (),
) -> Sites:
    """Placements that break no hard constraint, for applicators that work one after another: each from its best direction.

    Parameters
    ----------
    field, scene, region, needle, zone, lifted
        As for :func:`parallel_sites`.
    directions : sequence of ndarray, shape (3,)
        Unit LPS vectors from target to skin.
    """
    away = region.required - region.middle_lps_mm
    step = _step(float(np.abs(away).max()))
    axis = step * np.arange(-RINGS, RINGS + 1)
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    aims = region.middle_lps_mm + cube[np.linalg.norm(cube, axis=1) <= RINGS * step + 1e-6]
    numbers = np.arange(len(aims), dtype=float)[:, None]  # the middle that a placement serves, kept through the checks
    several = [
        _open_sites(
            field, scene, aims, np.repeat(way[None], len(aims), axis=0), np.hstack([numbers, numbers]), needle=needle, zone=zone,
            lifted=lifted,
        )
        for way in directions
    ]  # fmt: skip
    all_ = _joined(several)
    order = np.lexsort((all_.room, all_.offsets_mm[:, 0]))
    _, first = np.unique(all_.offsets_mm[order, 0], return_index=True)
    return all_[order[first]]


def _step(wide_mm: float) -> float:
    """Distance of neighbouring placements for a target this wide [mm]."""
    return float(np.clip(wide_mm / RINGS, NEAREST_MM, FARTHEST_MM))


def _open_sites(
    field: Field, scene: Scene, aims: NDArray, axes: NDArray, offsets: NDArray, *, needle: NeedleSpec, zone: ZoneSpec,
    lifted: tuple[str, ...],
) -> Sites:  # fmt: skip
    """Those placements that no constraint blocks."""
    beyond = zone.tip_beyond_centre_mm
    held = field.grid.contains(aims)
    aims, axes, offsets = aims[held], axes[held], offsets[held]
    tracer = Tracer(field, aims_lps_mm=aims, needle=needle, tip_beyond_mm=beyond, position=scene.position)
    paths = tracer.trace(axes, aim=np.arange(len(aims)), fine=True)
    counted = [i for i, name in enumerate(tracer.constraints) if name not in lifted]
    open_ = ~paths.blocked[:, counted].any(axis=1)
    safe = np.flatnonzero(open_ & _in_tissue(scene, aims - beyond * axes))
    shares = dict(zip(tracer.constraints, paths.blocked.mean(axis=0).tolist(), strict=True)) if len(aims) else {}
    room = np.zeros(len(safe))
    if field.names and len(safe):
        free = room_shares(paths.clearance_mm[safe], required_mm=field.required_mm, names=field.names)
        room = 1.0 - np.clip(free.min(axis=1), 0.0, 1.0)
    return Sites(
        aims_lps_mm=aims[safe],
        entries_lps_mm=aims[safe] + paths.depth_mm[safe][:, None] * axes[safe],
        tips_lps_mm=aims[safe] - beyond * axes[safe],
        axes=axes[safe],
        offsets_mm=offsets[safe],
        room=room,
        tried=int(held.sum()),
        blocked_by=dict(sorted(((k, v) for k, v in shares.items() if v > 0), key=lambda item: -item[1])),
    )


def _joined(several: Sequence[Sites]) -> Sites:
    """Placements of several directions."""
    shares: dict[str, float] = {}
    tried = sum(s.tried for s in several)
    for some in several:
        for name, share in some.blocked_by.items():
            shares[name] = shares.get(name, 0.0) + share * some.tried / max(tried, 1)
    return Sites(
        aims_lps_mm=np.concatenate([s.aims_lps_mm for s in several]),
        entries_lps_mm=np.concatenate([s.entries_lps_mm for s in several]),
        tips_lps_mm=np.concatenate([s.tips_lps_mm for s in several]),
        axes=np.concatenate([s.axes for s in several]),
        offsets_mm=np.concatenate([s.offsets_mm for s in several]),
        room=np.concatenate([s.room for s in several]),
        tried=tried,
        blocked_by=dict(sorted(shares.items(), key=lambda item: -item[1])),
    )


def surroundings(scene: Scene, region: Region, *, reach_mm: float, at_risk: tuple[str, ...]) -> Surroundings:
    """Healthy tissue within reach of a zone.

    Parameters
    ----------
    scene : Scene
        Structures.
    region : Region
        What must die.
    reach_mm : float [mm]
        How far from the middle of the target a zone may reach.
    at_risk : tuple of str
        Structures whose loss is worse than that of other tissue.
    """
    axis = np.arange(-reach_mm, reach_mm + SURROUNDINGS_MM, SURROUNDINGS_MM)
    points = region.middle_lps_mm + np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    points = points[np.linalg.norm(points - region.middle_lps_mm, axis=1) <= reach_mm]
    index = np.round(scene.grid.to_index(points)).astype(int)
    inside = np.asarray(((index >= 0) & (index < scene.grid.shape)).all(axis=1))
    points, voxels = points[inside], tuple(index[inside].T)
    margin = region.least_mm if not region.palliative else 0.0
    kept = scene.body[voxels] & ~_near_target(scene, points, margin)
    risk = np.zeros(len(points), bool)
    for name in at_risk:
        if name != scene.organ and name in scene.structures:
            risk |= scene.structures[name][voxels]
    weight = SURROUNDINGS_MM**3 * 1e-3 * np.where(risk, AT_RISK, 1.0)
    return Surroundings(points[kept | risk], weight[kept | risk])


def _near_target(scene: Scene, points: NDArray, margin_mm: float) -> NDArray[np.bool_]:
    """Points in the target or within the margin around it."""
    from scipy.spatial import cKDTree

    box = filled_box(scene.target)
    low = np.array([b.start for b in box])
    tree = cKDTree(scene.grid.to_lps(np.argwhere(scene.target[box]) + low))
    near, _ = tree.query(points, distance_upper_bound=margin_mm + float(scene.grid.spacing_mm.max()))
    return np.asarray(near <= margin_mm + 0.5 * float(scene.grid.spacing_mm.mean()))


def _in_tissue(scene: Scene, tips_lps_mm: NDArray) -> NDArray[np.bool_]:
    """Tips that lie in the body; the needle planner looks outwards from the target only."""
    index = np.round(scene.grid.to_index(tips_lps_mm)).astype(int)
    held = np.asarray(((index >= 0) & (index < scene.grid.shape)).all(axis=1))
    voxels = tuple(index[held].T)
    inside = scene.body[voxels].copy()
    for mask in scene.structures.values():
        inside |= mask[voxels]
    held[held] = inside
    return held
