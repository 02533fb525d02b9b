"""Problems of heat in tissue whose answers are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from locoregional.physics.bioheat import Heating, simulate_heating
from locoregional.physics.damage import damage_model
from locoregional.physics.medium import Medium
from locoregional.physics.tissue import medium_of_tissues, tissue

__all__ = ["drying", "gauss_exact", "octant", "p128", "point_exact", "sphere_exact"]

_K, _C, _W = 0.52, 1079.0 * 3540.0, 0.0156 * 1050.0 * 3617.0  # the medium in which the closed forms were evaluated


def sphere_exact(radius_m: np.ndarray, *, sphere_m: float, power_w: float) -> np.ndarray:
    """Steady rise [K] at distances from the centre of an evenly heated sphere in perfused tissue."""
    m, a = np.sqrt(_W / _K), sphere_m
    q = power_w / (4.0 / 3.0 * np.pi * a**3)
    r = np.maximum(radius_m, 1e-9)
    inside = q / _W * (1.0 - (1.0 + m * a) * np.exp(-m * a) * np.sinh(m * r) / (m * r))
    outside = q / _W * (m * a * np.cosh(m * a) - np.sinh(m * a)) * np.exp(-m * r) / (m * r)
    return np.where(r < a, inside, outside)


def point_exact(radius_m: float, *, power_w: float, time_s: float) -> float:
    """Rise [K] around a point source in perfused tissue."""
    from scipy.special import erfc

    m, b, root = np.sqrt(_W / _K), np.sqrt(_W / _C * time_s), radius_m / np.sqrt(4.0 * _K / _C * time_s)
    both = np.exp(-m * radius_m) * erfc(root - b) + np.exp(m * radius_m) * erfc(root + b)
    return float(power_w / (8.0 * np.pi * _K * radius_m) * both)


def gauss_exact(radius_m: np.ndarray, *, sigma_m: float, power_w: float, time_s: float) -> np.ndarray:
    """Rise [K] around a Gaussian source in perfused tissue, by quadrature over the time of release."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    root = 0.5 * np.sqrt(time_s) * (nodes + 1.0)  # substitution: dense where the kernel is narrow
    ages, shares = root**2, 2.0 * root * 0.5 * np.sqrt(time_s) * weights
    total = np.zeros_like(np.asarray(radius_m, dtype=float))
    for age, share in zip(ages, shares, strict=True):
        spread = sigma_m**2 + 2.0 * _K / _C * age
        total += share * np.exp(-_W / _C * age - np.asarray(radius_m) ** 2 / (2.0 * spread)) / (2.0 * np.pi * spread) ** 1.5
    return power_w / _C * total


def _occupied(shape: Callable[[np.ndarray], np.ndarray], *, spacing_m: float, count: int, fine: int) -> np.ndarray:
    """Mean of a radial function over each voxel of an octant, by ``fine`` points a side."""
    x = (np.arange(count * fine) + 0.5) * spacing_m / fine
    mean = np.zeros((count, count, count))
    for i in range(count):
        z = x[i * fine : (i + 1) * fine]
        r = np.sqrt(z[:, None, None] ** 2 + x[None, :, None] ** 2 + x[None, None, :] ** 2)
        mean[i] = shape(r).reshape(fine, count, fine, count, fine).mean(axis=(0, 2, 4))
    return mean


def octant(
    shape: Callable[[np.ndarray], np.ndarray],
    *,
    power_w: float,
    spacing_mm: float,
    side_mm: float,
    times_s: tuple[float, ...],
    fine: int = 1,
) -> tuple[np.ndarray, dict[float, np.ndarray]]:
    """Heat one octant (mirror planes pass no heat) and return distances [m] of all voxels and rises [K] by time.

    Parameters
    ----------
    shape : callable
        Source density against distance, any scale.
    power_w : float
        Power of the whole sphere.
    spacing_mm, side_mm : float
        Voxel and octant.
    times_s : tuple of float
        When to look; the last ends the run.
    fine : int
        Points a side over which the source is averaged in a voxel.

    Returns
    -------
    radius_m : ndarray
        Distance of each voxel centre.
    rises_k : dict
        Time to rise.
    """
    h, count = spacing_mm * 1e-3, round(side_mm / spacing_mm)
    source = _occupied(shape, spacing_m=h, count=count, fine=fine)
    source *= power_w / 8.0 / (source.sum() * h**3)
    full = np.ones((count, count, count))
    medium = Medium(conductivity_w_mk=_K * full, volumetric_heat_capacity_j_m3k=_C, perfusion_heat_w_m3k=_W)
    heating = simulate_heating(
        medium,
        source=source,
        duration_s=times_s[-1],
        spacing_m=(h, h, h),
        snapshots_s=times_s,
        body_temperature_c=0.0,
        insulated=True,
    )
    x = (np.arange(count) + 0.5) * h
    radius = np.sqrt(x[:, None, None] ** 2 + x[None, :, None] ** 2 + x[None, None, :] ** 2)
    return radius, heating.snapshots


def p128(count: int = 128) -> tuple[Medium, np.ndarray]:
    """Give medium and source of the common problem: a cube of 128 mm, liver, tumour, fat, bone, a vessel, 30 W.

    Parameters
    ----------
    count : int
        Voxels a side; other than 128, the same problem on coarser or finer voxels.
    """
    n, h = count, 128.0 / count
    x = (np.arange(n) + 0.5) * h
    z, y, x = np.meshgrid(x, x, x, indexing="ij")
    k, c, w = np.full((n, n, n), 0.52), np.full((n, n, n), 1079.0 * 3540.0), np.full((n, n, n), 0.0156)
    for region, conductivity, heat, flow in (
        ((z - 64) ** 2 + (y - 64) ** 2 + (x - 64) ** 2 < 15**2, 0.57, 1045.0 * 3760.0, 0.0077),
        (x < 20, 0.21, 911.0 * 2348.0, 0.0005),
        (x > 108, 0.32, 1908.0 * 1313.0, 0.0003),
        ((x - 64) ** 2 + (y - 86) ** 2 < 4**2, 0.52, 1050.0 * 3617.0, 1.0),
    ):
        k[region], c[region], w[region] = conductivity, heat, flow
    source = np.exp(-0.5 * (((x - 64) / 4) ** 2 + ((y - 64) / 4) ** 2 + ((z - 64) / 9) ** 2))
    source *= 30.0 / (source.sum() * (1e-3 * h) ** 3)
    return Medium(conductivity_w_mk=k, volumetric_heat_capacity_j_m3k=c, perfusion_heat_w_m3k=w * 1050.0 * 3617.0), source


def drying(model: str, *, count: int = 40) -> Heating:
    """Heat liver by 40 W from a 4 mm Gaussian for 300 s until it dries, cool for 60 s, with a damage model."""
    medium = medium_of_tissues(np.zeros((count, count, count), dtype=int), tissues={0: tissue("liver")})
    x = np.arange(count) - 0.5 * (count - 1)
    r2 = x[:, None, None] ** 2 + x[None, :, None] ** 2 + x[None, None, :] ** 2
    source = np.exp(-0.5 * r2 / 16.0)
    source *= 40.0 / (source.sum() * 1e-9)
    return simulate_heating(
        medium, source=source, duration_s=300.0, cooldown_s=60.0, spacing_m=(1e-3, 1e-3, 1e-3), damage=damage_model(model)
    )
