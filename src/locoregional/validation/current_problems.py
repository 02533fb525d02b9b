"""Problems of electric current in tissue whose answers are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.physics.electric import Current, ElectricField
from locoregional.physics.wire import Wire

__all__ = ["ball", "coax", "coax_exact", "needle", "pair", "pair_exact"]

_METAL = 1e4  # conductivity of resolved metal, in that of the tissue


def _offsets(count: int, spacing_m: float) -> list[NDArray[np.float64]]:
    x = (np.arange(count) - 0.5 * (count - 1)) * spacing_m
    return list(np.meshgrid(x, x, x, indexing="ij", sparse=True))


def _filled(signed_distance_m: NDArray, *, spacing_m: float, sigma_s_m: float) -> NDArray[np.float32]:
    """Conductivity of voxels cut by the surface of metal: tissue and metal in series; the distance is positive in the metal."""
    share = np.clip(0.5 + signed_distance_m / spacing_m, 0.0, 1.0)
    return (sigma_s_m / (1.0 - share + share / _METAL)).astype(np.float32)


def ball(*, spacing_mm: float, side_mm: float, radius_mm: float = 1.5, sigma_s_m: float = 0.2) -> tuple[Current, float]:
    """Metal ball at 1 V in endless tissue, resolved by its voxels: the field, and heat at 5 mm [W/m3]."""
    h, count = 1e-3 * spacing_mm, round(side_mm / spacing_mm)
    p = _offsets(count, h)
    radius = np.sqrt(p[0] ** 2 + p[1] ** 2 + p[2] ** 2)
    sigma = _filled(1e-3 * radius_mm - radius, spacing_m=h, sigma_s_m=sigma_s_m)
    middle, reach = 0.5 * (count - 1) * h, 0.25e-3 * radius_mm
    rod = Wire((middle, middle, middle - reach), (middle, middle, middle + reach), 0.3 * h)
    current = ElectricField([[rod]], shape=(count,) * 3, spacing_m=h).solve(sigma, [1.0])
    shell = np.abs(radius - 5e-3) < 0.5 * h
    heat = float(np.mean(current.heat_w_m3[shell] * (radius[shell] / 5e-3) ** 4))
    return current, heat


def coax_exact(*, radius_mm: float, outer_mm: float, sigma_s_m: float = 0.2) -> float:
    """Current per length [A/m] of a rod at 1 V in an earthed cylinder."""
    return float(2.0 * np.pi * sigma_s_m / np.log(outer_mm / radius_mm))


def coax(
    *,
    direction: tuple[float, float, float],
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0),
    radius_mm: float = 0.75,
    outer_mm: float = 15.0,
    spacing_mm: float = 1.0,
    side_mm: float = 80.0,
    sigma_s_m: float = 0.2,
) -> float:
    """Current per length [A/m] of a rod at 1 V in an earthed cylinder, far from its ends.

    Parameters
    ----------
    direction : (float, float, float)
        Of the rod.
    offset : (float, float, float)
        Of its middle from the middle of the grid, in voxels.
    radius_mm, outer_mm : float
        Of the rod and the cylinder.
    spacing_mm, side_mm : float
        Voxel and grid.
    sigma_s_m : float
        Of the tissue.
    """
    h, count = 1e-3 * spacing_mm, round(side_mm / spacing_mm)
    d = np.asarray(direction) / np.linalg.norm(direction)
    p = [a - o * h for a, o in zip(_offsets(count, h), offset, strict=True)]
    along = p[0] * d[0] + p[1] * d[1] + p[2] * d[2]
    across = np.sqrt(np.maximum(p[0] ** 2 + p[1] ** 2 + p[2] ** 2 - along**2, 0.0))
    sigma = _filled(across - 1e-3 * outer_mm, spacing_m=h, sigma_s_m=sigma_s_m)
    middle = (0.5 * (count - 1) + np.asarray(offset)) * h
    reach = (0.5 * (count - 1) * h) / np.abs(d).max() - 0.5 * h
    rod = Wire(tuple(middle - reach * d), tuple(middle + reach * d), 1e-3 * radius_mm)
    side = np.cross(d, np.eye(3)[int(np.argmin(np.abs(d)))])
    beside = middle + side / np.linalg.norm(side) * (1e-3 * outer_mm + 2.0 * h)
    earth = Wire(tuple(beside - 2.0 * h * d), tuple(beside + 2.0 * h * d), 0.5 * h)
    field = ElectricField([[rod], [earth]], shape=(count,) * 3, spacing_m=h, border="insulated")
    current = field.solve(sigma, [1.0, 0.0], tolerance=1e-6)
    cells, weight = field.contacts[0].cells, field.contacts[0].weight_1_m2
    fed = sigma.ravel()[cells] * weight * (1.0 - current.potential_v.ravel()[cells]) * h**3
    window = 0.25e-3 * side_mm
    z = along.ravel()[cells]
    taper = np.where(np.abs(z) < window, np.cos(0.5 * np.pi * z / window) ** 2, 0.0)
    return float(np.sum(fed * taper) / window)


def pair_exact(*, apart_mm: float, radius_mm: float, outer_mm: float, sigma_s_m: float = 0.2) -> float:
    """Current per length [A/m] between two thin rods at 1 V and 0 V in a cylinder at 0.5 V around them."""
    a, r, d = radius_mm, outer_mm, apart_mm
    return float(np.pi * sigma_s_m / np.log(d / a * (r**2 - d**2 / 4) / (r**2 + d**2 / 4)))


def pair(
    *, apart_mm: float, radius_mm: float, outer_mm: float, spacing_mm: float = 1.0, depth_mm: float = 60.0, sigma_s_m: float = 0.2
) -> float:
    """Current per length [A/m] between two rods along the columns of the grid, far from their ends."""
    h, count = 1e-3 * spacing_mm, round(2.0 * (outer_mm / spacing_mm + 3))
    depth = round(depth_mm / spacing_mm)
    x = (np.arange(count) - 0.5 * (count - 1)) * h
    across = np.hypot(x[:, None, None], x[None, :, None])
    one = _filled(across - 1e-3 * outer_mm, spacing_m=h, sigma_s_m=sigma_s_m)
    sigma = np.broadcast_to(one, (count, count, depth)).copy()
    middle = 0.5 * (count - 1) * h
    rods = [
        [Wire((middle, middle + at, 0.0), (middle, middle + at, (depth - 1) * h), 1e-3 * radius_mm)]
        for at in (0.5e-3 * apart_mm, -0.5e-3 * apart_mm)
    ]
    field = ElectricField(rods, shape=sigma.shape, spacing_m=h, border="insulated")
    current = field.solve(sigma, [0.5, -0.5], tolerance=1e-6)
    inner = np.zeros(sigma.shape, bool)
    inner[:, :, depth // 4 : depth - depth // 4] = True
    cells, weight = field.contacts[0].cells, field.contacts[0].weight_1_m2
    fed = sigma.ravel()[cells] * weight * (0.5 - current.potential_v.ravel()[cells]) * h**3
    return float(np.sum(fed[inner.ravel()[cells]]) / ((depth - 2 * (depth // 4)) * h))


def needle(
    *,
    direction: tuple[float, float, float],
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0),
    length_mm: float = 30.0,
    radius_mm: float = 0.75,
    spacing_mm: float = 1.0,
    side_mm: float = 80.0,
    sigma_s_m: float = 0.2,
) -> Current:
    """Field of a needle at 1 V in endless tissue, its middle ``offset`` voxels off the middle of the grid."""
    h, count = 1e-3 * spacing_mm, round(side_mm / spacing_mm)
    d = np.asarray(direction) / np.linalg.norm(direction)
    middle = (0.5 * (count - 1) + np.asarray(offset)) * h
    ends = [tuple(float(v) for v in middle + sign * 0.5e-3 * length_mm * d) for sign in (-1.0, 1.0)]
    rod = Wire(ends[0], ends[1], 1e-3 * radius_mm)  # type: ignore[arg-type]
    field = ElectricField([[rod]], shape=(count,) * 3, spacing_m=h)
    return field.solve(np.full((count,) * 3, sigma_s_m, np.float32), [1.0])
