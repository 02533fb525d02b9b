"""Points in and around a mask, each with its depth below the border, so that moving, growing and shrinking it costs little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError
from locoregional.imaging.distance import signed_distance_mm
from locoregional.measures.dose.dosed_region import DosedRegion
from locoregional.measures.dose.dvh import DoseVolume

__all__ = ["Cloud", "evenly_spread", "point_cloud"]

_POINTS = 24_000
"""Points that a cloud holds about."""
_FINE = 4_000_000
"""Voxels that a refined distance map may have."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points of equal volume.

    Attributes
    ----------
    region : DosedRegion
        Mask and dose map.
    index : ndarray, shape (n, 3)
        Where the points are, in indices of the mask.
    depth_mm : ndarray, shape (n,)
        Signed distance to the border, negative inside.
    width_mm : float
        Side of the volume that a point stands for: the border is soft over it.
    """

    region: DosedRegion
    index: NDArray[np.float64]
    depth_mm: NDArray[np.float64]
    width_mm: float

    def histogram(
        self, *, outward_mm: float = 0.0, shift_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0), factor: float = 1.0
    ) -> DoseVolume | None:
        """Histogram with the border moved outward, the mask shifted, and every dose times a factor; None where nothing is left.

        The volume is in units of the cloud: only its ratio to that of another histogram of it has a meaning.
        """
        from locoregional.measures.dose.sample_kernels import doses_at

        share = np.clip(0.5 + (outward_mm - self.depth_mm) / self.width_mm, 0.0, 1.0)
        held = np.flatnonzero(share)
        if held.size == 0:
            return None
        doses = np.empty(held.size, np.float32)
        matrix, offset = self.region.to_dose(shift_lps_mm)
        doses_at(self.region.dose, self.index[held], matrix, offset, doses)
        order = np.argsort(doses)
        below = np.cumsum(share[held][order])
        volume = float(below[-1])
        return DoseVolume(doses[order] * np.float32(factor), below / volume, volume, self.region.dose_voxels)


def point_cloud(region: DosedRegion, *, reach_mm: float) -> Cloud:
    """Cloud of a mask and of its surroundings up to a reach.

    Raises
    ------
    GeometryError
        If the grid of the mask is sheared.
    """
    from scipy.ndimage import affine_transform, map_coordinates

    if not region.grid.is_orthogonal:
        raise GeometryError("the grid of the mask is sheared", where="mask", remedy="Straighten image and mask first.")
    spacing = region.grid.spacing_mm
    pad = int(np.ceil(reach_mm / spacing.min())) + 1
    share = np.pad(region.occupancy, pad)
    # distances are to where grid lines cross the border: those of a finer grid lie closer together
    finer = next(k for k in (3, 2, 1) if k == 1 or share.size * k**3 <= _FINE)
    shape = tuple(n * finer for n in share.shape)
    share = affine_transform(
        share, np.full(3, 1.0 / finer), offset=0.5 / finer - 0.5, output_shape=shape, order=1, mode="nearest"
    )
    depth = signed_distance_mm(np.clip(share, 0.0, 1.0), spacing_mm=spacing / finer)
    if not np.isfinite(depth).all():  # every occupancy is below one half: there is no border to move
        depth = np.where(share > 0.0, -0.5 * spacing.min(), reach_mm).astype(np.float32)
    coarse = depth[finer // 2 :: finer, finer // 2 :: finer, finer // 2 :: finer]
    voxels = np.argwhere(coarse <= reach_mm + np.linalg.norm(spacing))
    parts = max(1, int(np.ceil(np.cbrt(_POINTS / len(voxels)))))
    if len(voxels) > _POINTS:
        voxels = voxels[np.random.default_rng(1).choice(len(voxels), _POINTS, replace=False)]
    line = (np.arange(parts) + 0.5) / parts - 0.5
    if parts == 1:
        places = voxels + evenly_spread(len(voxels), 3) - 0.5
    else:
        places = (voxels[:, None] + np.stack(np.meshgrid(line, line, line, indexing="ij"), -1).reshape(-1, 3)).reshape(-1, 3)
    found = map_coordinates(depth, (places.T + 0.5) * finer - 0.5, order=1, mode="nearest").astype(np.float64)
    near = found <= reach_mm
    width = float(np.cbrt(spacing.prod())) / parts
    return Cloud(region, np.ascontiguousarray(places[near] - pad), found[near], width)


def evenly_spread(count: int, axes: int) -> NDArray[np.float64]:
    """Points that fill a cube evenly, by additive recurrence, shape (count, axes), each in 0..1."""
    root = 2.0
    for _ in range(60):  # x^(axes + 1) = x + 1, a contraction
        root = (1.0 + root) ** (1.0 / (axes + 1))
    steps = root ** -np.arange(1.0, axes + 1.0)
    return np.mod(0.5 + np.arange(1, count + 1)[:, None] * steps, 1.0)
