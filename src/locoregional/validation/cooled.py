"""A long cooled electrode in perfused tissue: the exact steady temperature, and ours.

The current of a long cylinder heats the tissue by ``power / r2``; its surface keeps the temperature of the coolant. The steady
equation has a closed form in modified Bessel functions of order zero.
"""

from __future__ import annotations

import numpy as np

from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.medium import Medium

__all__ = ["RADIUS_M", "cooled_exact_c", "cooled_on_shells", "heat_for_width"]

RADIUS_M = 1.5e-3
K, C, W = 0.52, 1079.0 * 3540.0, 0.0064 * 1050.0 * 3617.0
BODY_C = 37.0


def cooled_exact_c(r_m: np.ndarray, *, heat_w_m: float, coolant_c: float) -> np.ndarray:
    """Steady temperature [C] at distances from the axis; ``heat_w_m`` over the squared distance is the power per volume."""
    from scipy.integrate import quad
    from scipy.special import i0, k0

    m = np.sqrt(W / K)

    def rise(r: float) -> float:  # variation of constants: the Wronskian of I0 and K0 is 1 / r
        inner = quad(lambda s: i0(m * s) / s, RADIUS_M, r)[0]
        outer = quad(lambda s: k0(m * s) / s, r, r + 30.0 / m, limit=200)[0]
        return float(heat_w_m / K * (k0(m * r) * inner + i0(m * r) * outer))

    missing = (coolant_c - BODY_C - rise(RADIUS_M)) / k0(m * RADIUS_M)
    return np.array([BODY_C + rise(r) + missing * k0(m * r) for r in np.atleast_1d(r_m)])


def heat_for_width(width_m: float, *, edge_c: float, coolant_c: float) -> float:
    """Heat [W/m] at which the steady zone above ``edge_c`` is so wide; the temperature is linear in the heat."""
    r = np.array([0.5 * width_m])
    none, unit = (float(cooled_exact_c(r, heat_w_m=heat, coolant_c=coolant_c)[0]) for heat in (0.0, 1.0))
    return (edge_c - none) / (unit - none)


def cooled_on_shells(spacing_mm: float, *, heat_w_m: float, coolant_c: float) -> tuple[np.ndarray, np.ndarray]:
    """Distances [m] and steady temperatures [C] of cylindrical shells: a row of voxels whose properties grow with the radius.

    Parameters
    ----------
    spacing_mm : float
        Thickness of a shell.
    heat_w_m, coolant_c : float
        As for :func:`cooled_exact_c`.
    """
    h = spacing_mm * 1e-3
    count = round(0.04 / h)
    r = RADIUS_M + np.arange(count) * h
    line = np.broadcast_to(r / RADIUS_M, (3, 3, count))
    held = np.zeros(line.shape, dtype=bool)
    held[..., 0] = held[..., -1] = True
    warmth = np.full(line.shape, BODY_C)
    warmth[..., 0] = coolant_c
    medium = Medium(
        conductivity_w_mk=K * line,
        volumetric_heat_capacity_j_m3k=C * line,
        perfusion_heat_w_m3k=W * line,
        held=held,
        held_temperature_c=warmth,
    )
    found = simulate_heating(
        medium,
        source=heat_w_m / r**2 * line,
        duration_s=1500.0,
        spacing_m=(h, h, h),
        body_temperature_c=BODY_C,
        insulated=True,
        parallel=False,
    )
    return r, found.temperature_c[1, 1]
