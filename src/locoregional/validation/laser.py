"""A short beam absorbed in perfused tissue: the exact warming, and ours on a quarter of it.

The set-up of a public test (``mitamodel``, ``tests/vyas-1992.py``), the integral derived anew. A Gaussian beam
``exp(-2 r2 / a2)`` of constant power enters the half space z > 0 for a short time and is absorbed as ``exp(-alpha z)``; tissue
goes on behind z = 0. Green's function of the perfused infinite medium, convolved with the source, leaves one integral over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.medium import Medium

__all__ = ["PULSE", "Pulse", "pulse_exact_k", "pulse_on_voxels"]


@dataclass(frozen=True)
class Pulse:
    """Beam and tissue, SI."""

    power_w: float = 70.0
    on_s: float = 0.3
    radius_m: float = 4.5e-3
    absorption_1_m: float = 60.0
    diffusivity_m2_s: float = 0.12e-6
    perfusion_1_s: float = 0.0013
    heat_capacity_j_m3k: float = 3.8e6


PULSE = Pulse()
"""The published one."""


@cache
def _gauss() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(400)


def pulse_exact_k(*, r_m: float, z_m: float, time_s: float, pulse: Pulse = PULSE) -> float:
    """Rise [K] at a distance from the axis and a depth, by quadrature over the time of release."""
    from scipy.special import erfc, erfcx

    p = pulse
    longest, shortest = time_s, max(time_s - p.on_s, 0.0)
    nodes, weights = _gauss()
    root = 0.5 * (np.sqrt(longest) - np.sqrt(shortest)) * nodes + 0.5 * (np.sqrt(longest) + np.sqrt(shortest))
    age, share = root**2, (np.sqrt(longest) - np.sqrt(shortest)) * root * weights
    spread = p.radius_m**2 + 8.0 * p.diffusivity_m2_s * age
    reach = np.sqrt(4.0 * p.diffusivity_m2_s * age)
    bound = (2.0 * p.absorption_1_m * p.diffusivity_m2_s * age - z_m) / reach
    depth = np.where(  # exp(alpha2 D t - alpha z) erfc(bound), without overflow where the bound is large
        bound > 0,
        np.exp(-((z_m / reach) ** 2)) * erfcx(np.maximum(bound, 0.0)),
        np.exp(p.absorption_1_m * (p.absorption_1_m * p.diffusivity_m2_s * age - z_m)) * erfc(np.minimum(bound, 0.0)),
    )
    kernel = np.exp(-p.perfusion_1_s * age - 2.0 * r_m**2 / spread) / spread * depth
    return float(p.absorption_1_m * p.power_w / (np.pi * p.heat_capacity_j_m3k) * np.sum(share * kernel))


def pulse_on_voxels(spacing_mm: float, *, times_s: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, dict[float, np.ndarray]]:
    """Warm a quarter of the tissue (mirror planes pass no heat), 12 mm wide, from 7 mm before the surface to 13 mm behind it.

    Parameters
    ----------
    spacing_mm : float
        Voxel, a divisor of 1 mm.
    times_s : tuple of float
        When to look, the last beyond the pulse.

    Returns
    -------
    r_m, z_m : ndarray
        Distance from the axis (row, column), and depth (slice), of the voxel centres.
    rises_k : dict
        Time to rise (slice, row, column).
    """
    p, h = PULSE, spacing_mm * 1e-3
    across, along = round(12.0 / spacing_mm), round(20.0 / spacing_mm)
    x = (np.arange(across) + 0.5) * h
    z = (np.arange(along) + 0.5) * h - 7e-3
    r = np.hypot(x[:, None], x[None, :])
    edges = np.maximum(np.append(z - 0.5 * h, z[-1] + 0.5 * h), 0.0)
    absorbed = -np.diff(np.exp(-p.absorption_1_m * edges)) / h
    beam = 2.0 * p.power_w / (np.pi * p.radius_m**2) * np.exp(-2.0 * (r / p.radius_m) ** 2)
    medium = Medium(
        conductivity_w_mk=np.full((along, across, across), p.diffusivity_m2_s * p.heat_capacity_j_m3k),
        volumetric_heat_capacity_j_m3k=p.heat_capacity_j_m3k,
        perfusion_heat_w_m3k=p.perfusion_1_s * p.heat_capacity_j_m3k,
    )
    found = simulate_heating(
        medium,
        source=absorbed[:, None, None] * beam,
        duration_s=p.on_s,
        cooldown_s=times_s[-1] - p.on_s,
        spacing_m=(h, h, h),
        snapshots_s=times_s,
        body_temperature_c=0.0,
        insulated=True,
    )
    return r, z, found.snapshots
