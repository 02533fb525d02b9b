"""Tumours and ablations whose margin is known exactly: analytic shapes, and masks of them by voxel centre."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.volume import Grid, Volume

__all__ = ["FAMILIES", "Lobe", "Shape", "pair", "true_margins_mm", "voxelised"]

Array = NDArray[np.float64]

FAMILIES = ("balls", "off-centre balls", "ellipsoids", "two balls", "eggs", "peanuts")
"""The first four were used (with another seed) to set two constants of the interval; eggs and peanuts were not."""


@dataclass(frozen=True, eq=False)
class Lobe:
    """A star-shaped body: ``radius = size * (1 + egg t + peanut t^2)``, t the cosine to the third axis, then stretched.

    Attributes
    ----------
    centre_mm : ndarray, shape (3,) [mm]
        Centre.
    axes_mm : ndarray, shape (3,) [mm]
        Half axes before egg and peanut.
    turn : ndarray, shape (3, 3)
        Rotation; its columns are the body's axes.
    egg_share, peanut_share : float
        Asymmetry, and waist where positive.
    """

    centre_mm: Array
    axes_mm: Array
    turn: Array
    egg_share: float = 0.0
    peanut_share: float = 0.0

    def level(self, points_mm: Array) -> Array:
        """Below one inside, one on the surface, shape (...,)."""
        local = ((points_mm - self.centre_mm) @ self.turn) / self.axes_mm
        size = np.linalg.norm(local, axis=-1)
        return size / self._stretch(local[..., 2] / np.maximum(size, 1e-12))

    def surface(self, count: int) -> Array:
        """Points spread over the surface, shape (count, 3) [mm]."""
        k = np.arange(count) + 0.5
        t, angle = 1.0 - 2.0 * k / count, np.pi * (1.0 + np.sqrt(5.0)) * k
        ring = np.sqrt(1.0 - t * t)
        unit = np.stack([ring * np.cos(angle), ring * np.sin(angle), t], axis=1)
        return (unit * self._stretch(t)[:, None] * self.axes_mm) @ self.turn.T + self.centre_mm

    def _stretch(self, t: Array) -> Array:
        return 1.0 + self.egg_share * t + self.peanut_share * t * t


Shape = tuple[Lobe, ...]
"""Union of lobes."""


def _level(shape: Shape, points_mm: Array) -> Array:
    return np.min([lobe.level(points_mm) for lobe in shape], axis=0)


def _surface(shape: Shape, count: int) -> tuple[Array, Array, Array]:
    """Points, outward normals and areas (relative) of the surface of a union."""
    found = []
    for lobe in shape:
        points = lobe.surface(count)
        others = [other for other in shape if other is not lobe]
        kept = points[_level(tuple(others), points) >= 1.0] if others else points
        h = 1e-4
        slope = np.stack([lobe.level(kept + h * e) - lobe.level(kept - h * e) for e in np.eye(3)], axis=1)
        normal = slope / np.linalg.norm(slope, axis=1)[:, None]
        outward = (kept - lobe.centre_mm) @ lobe.turn
        local = np.linalg.norm(outward / lobe.axes_mm, axis=1)
        # Area per point: solid angle of the unstretched ball, carried by volume over height along the normal.
        height = np.abs(((kept - lobe.centre_mm) * normal).sum(axis=1))
        found.append((kept, normal, lobe.axes_mm.prod() * local**3 / height))
    return tuple(np.concatenate([f[k] for f in found]) for k in range(3))  # type: ignore[return-value]


def true_margins_mm(tumour: Shape, ablation: Shape, *, count: int = 4000) -> tuple[float, float]:
    """Minimal and median margin of analytic shapes [mm], by dense points and tangent planes (second order: 0.02 mm)."""
    from scipy.spatial import cKDTree

    points, _, area = _surface(tumour, count)
    targets, normals, _ = _surface(ablation, 6 * count)
    distance, nearest = cKDTree(targets).query(points)
    along = np.abs(((targets[nearest] - points) * normals[nearest]).sum(axis=1))
    exact = np.where(along > 0.97 * distance, along, distance)
    margin = np.where(_level(ablation, points) < 1.0, exact, -exact)
    order = np.argsort(margin)
    median = margin[order][np.searchsorted(np.cumsum(area[order]), 0.5 * area.sum())]
    return float(margin.min()), float(median)


def voxelised(shape: Shape, grid: Grid) -> Volume:
    """Mask of a shape: voxels whose centre is inside."""
    centres = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1))
    return Volume(_level(shape, centres) < 1.0, grid.affine)


def pair(family: str, *, slice_mm: float, seed: int) -> tuple[Shape, Shape, Grid]:
    """A tumour and its ablation of one family at a random place on a random grid.

    Parameters
    ----------
    family : str
        One of ``FAMILIES``.
    slice_mm : float [mm]
        Slice thickness; pixels are 0.7 to 1 mm.
    seed : int
        Seed.

    Returns
    -------
    tuple
        Tumour (radius 8 to 14 mm), ablation (0 to 9 mm more), and a grid around both.
    """
    rng = np.random.default_rng([seed, FAMILIES.index(family), int(10 * slice_mm)])
    radius, extra = rng.uniform(8.0, 14.0), rng.uniform(0.0, 9.0)
    outer, still = radius + extra, np.eye(3)
    ball = np.ones(3)
    tumour: Shape = (Lobe(np.zeros(3), radius * ball, still),)
    ablation: Shape = (Lobe(np.zeros(3), outer * ball, still),)
    if family == "off-centre balls":
        ablation = (Lobe(rng.uniform(0.0, 5.0) * _direction(rng), outer * ball, still),)
    elif family == "ellipsoids":
        tumour = (Lobe(np.zeros(3), radius * rng.uniform(0.75, 1.35, 3), _turn(rng)),)
        ablation = (Lobe(1.5 * rng.normal(size=3), outer * rng.uniform(0.85, 1.35, 3), _turn(rng)),)
    elif family == "two balls":
        tumour = _two(rng, 0.9 * radius, rng.uniform(0.6, 0.9) * radius, rng.uniform(0.5, 0.9) * radius)
        ablation = _two(rng, outer, rng.uniform(0.75, 1.0) * outer, rng.uniform(0.5, 1.0) * radius)
    elif family == "eggs":
        tumour = (Lobe(np.zeros(3), radius * rng.uniform(0.8, 1.2, 3), _turn(rng), rng.uniform(0.0, 0.25)),)
        ablation = (Lobe(rng.normal(size=3), outer * rng.uniform(0.9, 1.3, 3), _turn(rng), rng.uniform(0.0, 0.25)),)
    elif family == "peanuts":
        tumour = (Lobe(np.zeros(3), 0.8 * radius * ball, _turn(rng), 0.0, rng.uniform(0.2, 0.6)),)
        ablation = (Lobe(rng.normal(size=3), outer * ball, _turn(rng), rng.uniform(0.0, 0.1), rng.uniform(0.2, 0.5)),)
    spacing = np.array([slice_mm, *np.repeat(rng.uniform(0.7, 1.0), 2)])
    points = np.concatenate([lobe.surface(2000) for lobe in (*tumour, *ablation)])[:, ::-1]
    low = points.min(axis=0) - (2.0 + rng.uniform(0.0, 1.0, 3)) * spacing
    shape = np.ceil((points.max(axis=0) - low) / spacing).astype(int) + 3
    grid = Grid.regular(tuple(int(n) for n in shape), spacing_mm=spacing, origin_lps_mm=low[::-1])  # type: ignore[arg-type]
    return tumour, ablation, grid


def _direction(rng: np.random.Generator) -> Array:
    v = rng.normal(size=3)
    return v / np.linalg.norm(v)


def _turn(rng: np.random.Generator) -> Array:
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    return q * np.sign(np.diag(r))


def _two(rng: np.random.Generator, first_mm: float, second_mm: float, apart_mm: float) -> Shape:
    shift = 0.5 * apart_mm * _direction(rng)
    return (Lobe(-shift, first_mm * np.ones(3), np.eye(3)), Lobe(shift, second_mm * np.ones(3), np.eye(3)))
