"""Ablations bitten by cooled vessels: an ellipsoid less cylinders, with its margin known by dense sampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.volume import Grid, Volume
from locoregional.validation.margin_shapes import Lobe

__all__ = ["Notched", "Vessel", "notched_margins_mm", "notched_pair", "voxelised_notched"]

Array = NDArray[np.float64]

_POINTS_ON_TUMOUR = 5000
_ZONE_PER_MM2, _WALL_PER_MM2 = 3.0, 12.0
"""Points on the zone and on its vessels: 0.6 and 0.3 mm apart, which tangent planes make exact to 0.02 mm."""


@dataclass(frozen=True, eq=False)
class Vessel:
    """An endless straight vessel.

    Attributes
    ----------
    place_mm : ndarray, shape (3,) [mm]
        A point of its axis.
    along : ndarray, shape (3,)
        Unit direction.
    radius_mm : float [mm]
        Radius of what it keeps alive.
    """

    place_mm: Array
    along: Array
    radius_mm: float

    def distance_mm(self, points_mm: Array) -> Array:
        """Distance from points to the wall, negative in the vessel."""
        offset = points_mm - self.place_mm
        across = offset - (offset * self.along).sum(axis=-1, keepdims=True) * self.along
        return np.linalg.norm(across, axis=-1) - self.radius_mm

    def wall(self, reach_mm: float) -> tuple[Array, Array]:
        """Points of the wall up to so far along, and normals that point into the vessel."""
        count = int(4.0 * np.pi * self.radius_mm * reach_mm * _WALL_PER_MM2)
        k = np.arange(count) + 0.5
        angle = np.pi * (1.0 + np.sqrt(5.0)) * k
        first = np.cross(self.along, np.eye(3)[np.argmin(np.abs(self.along))])
        first /= np.linalg.norm(first)
        radial = np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * np.cross(self.along, first)
        height = reach_mm * (2.0 * k / count - 1.0)
        return self.place_mm + self.radius_mm * radial + height[:, None] * self.along, -radial


@dataclass(frozen=True, eq=False)
class Notched:
    """An ablation: a lobe less its vessels."""

    lobe: Lobe
    vessels: tuple[Vessel, ...]

    def holds(self, points_mm: Array) -> NDArray[np.bool_]:
        """Whether points are ablated."""
        inside = self.lobe.level(points_mm) < 1.0
        for vessel in self.vessels:
            inside &= vessel.distance_mm(points_mm) > 0.0
        return inside

    def surface(self, reach_mm: float) -> tuple[Array, Array]:
        """Points of the surface and their normals (either sense)."""
        area = 4.0 * np.pi * float(self.lobe.axes_mm.max()) ** 2
        points = self.lobe.surface(int(area * _ZONE_PER_MM2))
        normals = ((points - self.lobe.centre_mm) @ self.lobe.turn / self.lobe.axes_mm**2) @ self.lobe.turn.T
        normals /= np.linalg.norm(normals, axis=1)[:, None]
        kept = np.all([v.distance_mm(points) >= 0.0 for v in self.vessels], axis=0)
        found = [(points[kept], normals[kept])]
        for vessel in self.vessels:
            wall, inward = vessel.wall(reach_mm)
            others = [v for v in self.vessels if v is not vessel]
            kept = self.lobe.level(wall) <= 1.0
            for other in others:
                kept &= other.distance_mm(wall) >= 0.0
            found.append((wall[kept], inward[kept]))
        return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def notched_pair(*, slice_mm: float, seed: int) -> tuple[Lobe, Notched, Grid]:
    """A tumour, its notched ablation, and a grid around both.

    Parameters
    ----------
    slice_mm : float [mm]
        Slice thickness; pixels are 0.7 to 1 mm.
    seed : int
        Seed.

    Returns
    -------
    tuple
        Ellipsoid tumour (7 to 12 mm), ellipsoid ablation (5 to 10 mm more) less one to three vessels of 3 to 8 mm in any
        direction, whose walls pass 1 to 6 mm from the tumour's enclosing ball; and the grid.
    """
    rng = np.random.default_rng([seed, int(10 * slice_mm), 77])
    radius = rng.uniform(7.0, 12.0)
    tumour = Lobe(np.zeros(3), radius * rng.uniform(0.85, 1.0, 3), _turn(rng))
    outer = (radius + rng.uniform(5.0, 10.0)) * rng.uniform(0.95, 1.25, 3)
    lobe = Lobe(rng.normal(size=3), outer, _turn(rng))
    vessels = []
    for _ in range(rng.integers(1, 4)):
        turn = _turn(rng)
        wide = rng.uniform(1.5, 4.0)
        vessels.append(Vessel((radius + rng.uniform(1.0, 6.0) + wide) * turn[:, 0], turn[:, 1], float(wide)))
    spacing = np.array([slice_mm, *np.repeat(rng.uniform(0.7, 1.0), 2)])
    points = np.concatenate([tumour.surface(2000), lobe.surface(2000)])[:, ::-1]
    low = points.min(axis=0) - (2.0 + rng.uniform(0.0, 1.0, 3)) * spacing
    shape = np.ceil((points.max(axis=0) - low) / spacing).astype(int) + 3
    grid = Grid.regular(tuple(int(n) for n in shape), spacing_mm=spacing, origin_lps_mm=low[::-1])  # type: ignore[arg-type]
    return tumour, Notched(lobe, tuple(vessels)), grid


def notched_margins_mm(tumour: Lobe, ablation: Notched) -> tuple[float, float]:
    """Minimal and median margin [mm], by dense points and tangent planes."""
    from scipy.spatial import cKDTree

    points = tumour.surface(_POINTS_ON_TUMOUR)
    targets, normals = ablation.surface(2.0 * float(ablation.lobe.axes_mm.max()))
    distance, nearest = cKDTree(targets).query(points)
    along = np.abs(((targets[nearest] - points) * normals[nearest]).sum(axis=1))
    exact = np.where(along > 0.97 * distance, along, distance)
    margin = np.where(ablation.holds(points), exact, -exact)
    # Area per point: solid angle of the unstretched ball, carried by volume over height along the normal.
    local = (points @ tumour.turn) / tumour.axes_mm**2
    area = np.linalg.norm(local, axis=1)
    order = np.argsort(margin)
    median = margin[order][np.searchsorted(np.cumsum(area[order]), 0.5 * area.sum())]
    return float(margin.min()), float(median)


def voxelised_notched(ablation: Notched, grid: Grid) -> Volume:
    """Mask of the ablation: voxels whose centre is ablated."""
    centres = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))
    return Volume(ablation.holds(centres), grid.affine)


def _turn(rng: np.random.Generator) -> Array:
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    return q * np.sign(np.diag(r))
