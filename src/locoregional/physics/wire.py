"""Thin rods on a voxel grid: electrodes, coolant tubes and cold probes thinner than a voxel or hardly thicker.

A rod of radius ``a`` that holds a value ``u0`` (potential, temperature) is smeared to a Gaussian of standard deviation ``s``
along its axis. Tissue of conductivity ``k`` exchanges ``k c rho (u0 - u)`` per volume with it, where ``rho`` is the length of rod
per volume [1/m2]. The constant ``c`` follows from ``u'' + u'/r = c rho(r) u``: it is chosen so that far from the rod ``u`` goes
as ``ln(r / a)``, which is the field of the solid rod. The field within about two ``s`` of the axis is smoothed, beyond it is that
of the rod in every direction and at every offset from the voxel centres.

Voxels change the field too: the seven-point Laplacian of voxels of side ``h`` acts as if the exchange ``f = c rho`` were
``f / (1 + kappa f)`` with ``kappa = h^2 / 12`` times a number of the direction; this is part of the equation that gives ``c``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from locoregional.errors import SolverError

__all__ = ["Exchange", "Wire", "coupling", "exchange", "film_radius_m", "spread", "spread_of_m"]

SPREAD = 0.7
"""Standard deviation in voxels: thinner is not resolved by the voxels, thicker smooths more tissue than needed."""
THICKEST = 2.0
"""Largest radius in standard deviations: beyond it a Gaussian no longer looks like a rod."""
REACH = 4.5
"""Where the Gaussian is cut, in standard deviations."""
POINTS = 2000
"""Radial steps over twice ``REACH`` standard deviations."""
SMALLEST, LARGEST = -6.0, 9.0
"""Natural logarithms between which the constant is looked for: radii of 1e-100 to 3 standard deviations."""
COVERED = 0.98
"""Least share of a rod's length that lies in the grid."""


@dataclass(frozen=True)
class Wire:
    """Straight rod in a voxel grid.

    Attributes
    ----------
    start_m, stop_m : (float, float, float)
        Ends along (slice, row, column) [m], measured from the centre of voxel (0, 0, 0).
    radius_m : float
        Radius.

    Raises
    ------
    SolverError
        If it has no length or no radius.
    """

    start_m: tuple[float, float, float]
    stop_m: tuple[float, float, float]
    radius_m: float

    def __post_init__(self) -> None:
        """Refuse what is no rod."""
        if not (np.isfinite([*self.start_m, *self.stop_m]).all() and self.length_m > 0 and self.radius_m > 0):
            raise SolverError(f"no rod: {self}", where="Wire", remedy="Give two finite ends apart and a positive radius.")

    @property
    def length_m(self) -> float:
        """Distance between the ends [m]."""
        return float(np.linalg.norm(np.subtract(self.stop_m, self.start_m)))

    @property
    def direction(self) -> NDArray[np.float64]:
        """Unit vector from start to stop, shape (3,)."""
        return np.subtract(self.stop_m, self.start_m) / self.length_m


@dataclass(frozen=True, eq=False)
class Exchange:
    """What one value (potential, temperature) is exchanged through, per unit of conductivity of the tissue.

    Attributes
    ----------
    cells : ndarray of int64
        Flat indices of the voxels, ascending.
    weight_1_m2 : ndarray of float64
        ``c rho`` of each [1/m2]: times S/m it is a conductance per volume, times W/m/K a heat sink in W/m3/K.
    """

    cells: NDArray[np.int64]
    weight_1_m2: NDArray[np.float64]

    def full(self, shape: tuple[int, int, int]) -> NDArray[np.float32]:
        """Weights on the whole grid [1/m2], shape ``shape``."""
        out = np.zeros(shape, dtype=np.float32)
        out.ravel()[self.cells] = self.weight_1_m2
        return out


def spread_of_m(radius_m: float, *, spacing_m: float) -> float:
    """Standard deviation [m] to which a rod is smeared on voxels of side ``spacing_m``."""
    return max(SPREAD * spacing_m, radius_m / THICKEST)


def film_radius_m(radius_m: float, *, conductivity_w_mk: float, film_w_m2k: float) -> float:
    """Radius [m] of the rod without a film whose far field is that of a rod behind a film of heat transfer ``film_w_m2k``.

    From ``u = ln(r / a) + k / (h a)`` around a rod of radius ``a``: the film is as good as tissue of that thickness.
    """
    return float(radius_m * np.exp(-conductivity_w_mk / (film_w_m2k * radius_m)))


def spread(
    wire: Wire, *, shape: tuple[int, int, int], spacing_m: float, spread_m: float | None = None, whole: bool = True
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Length of rod per volume around a rod.

    Parameters
    ----------
    wire : Wire
        The rod.
    shape : (int, int, int)
        Voxels along (slice, row, column).
    spacing_m : float
        Side of the cubic voxels.
    spread_m : float, optional
        Standard deviation; :func:`spread_of_m` if not given.
    whole : bool
        The rod must lie in the grid; False: what lies outside is left out.

    Returns
    -------
    cells : ndarray of int64
        Flat indices of the voxels that it touches, ascending.
    density_1_m2 : ndarray of float64
        Length per volume in each; times the volume of a voxel they sum to the length of a whole rod.

    Raises
    ------
    SolverError
        If a rod that must be whole leaves the grid.
    """
    from scipy.special import erf

    s = spread_of_m(wire.radius_m, spacing_m=spacing_m) if spread_m is None else spread_m
    ends = np.array([wire.start_m, wire.stop_m]) / spacing_m
    low = np.clip(np.floor(ends.min(axis=0) - REACH * s / spacing_m), 0, shape).astype(int)
    high = np.clip(np.ceil(ends.max(axis=0) + REACH * s / spacing_m) + 1, 0, shape).astype(int)
    axes = [np.arange(a, b) * spacing_m - at for a, b, at in zip(low, high, wire.start_m, strict=True)]
    p0, p1, p2 = np.meshgrid(*axes, indexing="ij", sparse=True)
    d0, d1, d2 = wire.direction
    along = p0 * d0 + p1 * d1 + p2 * d2
    across2 = np.maximum(p0 * p0 + p1 * p1 + p2 * p2 - along * along, 0.0)
    near = (across2 < (REACH * s) ** 2) & (along > -REACH * s) & (along < wire.length_m + REACH * s)
    along, across2 = along[near], across2[near]
    root = np.sqrt(2.0) * s
    density = np.exp(-0.5 * across2 / s**2) / (4.0 * np.pi * s**2) * (erf(along / root) - erf((along - wire.length_m) / root))
    at = np.nonzero(near)
    cells = np.ravel_multi_index(tuple(i + a for i, a in zip(at, low, strict=True)), shape).astype(np.int64)
    if whole:
        length = float(density.sum()) * spacing_m**3
        if length < COVERED * wire.length_m:
            raise SolverError(
                f"only {1e3 * length:.1f} of {1e3 * wire.length_m:.1f} mm of a rod lie in the grid",
                where="spread",
                remedy="Move the needle or enlarge the grid.",
            )
        density *= wire.length_m / length
    return cells, density


def _of_direction(direction: NDArray) -> float:
    """Mean of the sum of the fourth powers of a unit vector across ``direction``: 3/4 along an axis, 1/2 along a diagonal."""
    return float(0.375 * np.sum((1.0 - np.asarray(direction) ** 2) ** 2))


@njit(cache=True, nogil=True)
def _log_radius(c, kappa, reach, points):  # type: ignore[no-untyped-def]
    """Logarithm of the radius (in standard deviations) at which the far field of a smeared rod would vanish; Runge-Kutta."""
    step = reach / points
    u, p = 1.0, 0.0  # value, and radius times slope: only their ratio matters
    for n in range(points):
        x = n * step
        du, dp, su, sp = 0.0, 0.0, 0.0, 0.0
        for stage in range(4):
            ahead = 0.0 if stage == 0 else (step if stage == 3 else 0.5 * step)
            at = x + ahead
            f = c * np.exp(-0.5 * at * at) / (2.0 * np.pi)
            f /= 1.0 + kappa * f
            uu, pp = u + ahead * du, p + ahead * dp
            du = pp / at if at > 0.0 else 0.0
            dp = at * f * uu
            weight = 1.0 if stage in (0, 3) else 2.0
            su += weight * du
            sp += weight * dp
        u += step / 6.0 * su
        p += step / 6.0 * sp
        scale = u + p
        u, p = u / scale, p / scale
    return np.log(reach) - u / p


@lru_cache(maxsize=4096)
def _coupling(radius: float, kappa: float) -> float:
    from scipy.optimize import brentq

    wanted = np.log(radius)

    def miss(log_c: float) -> float:
        return float(_log_radius(np.exp(log_c), kappa, 2.0 * REACH, POINTS)) - wanted

    if not miss(SMALLEST) < 0.0 < miss(LARGEST):
        raise SolverError(
            f"a rod of {radius:g} standard deviations cannot be smeared", where="coupling", remedy="Use a larger spread."
        )
    return float(np.exp(brentq(miss, SMALLEST, LARGEST, xtol=1e-10)))


def coupling(*, radius_m: float, spread_m: float, spacing_m: float = 0.0, direction: Sequence[float] = (1.0, 0.0, 0.0)) -> float:
    """Constant ``c`` with which a smeared rod has the far field of the solid one.

    Parameters
    ----------
    radius_m, spread_m : float
        Radius of the rod and standard deviation to which it is smeared.
    spacing_m : float
        Side of the voxels that the field is solved on; 0: the exact Laplacian.
    direction : sequence of float
        Unit vector along the rod; matters only together with ``spacing_m``.

    Raises
    ------
    SolverError
        If the rod is too thick for the spread.
    """
    kappa = (spacing_m / spread_m) ** 2 / 12.0 * _of_direction(np.asarray(direction, dtype=float)) if spacing_m else 0.0
    return _coupling(round(radius_m / spread_m, 9), round(kappa, 9))


def exchange(wires: Sequence[Wire], *, shape: tuple[int, int, int], spacing_m: float, whole: bool = True) -> Exchange:
    """What several rods at one potential or temperature exchange with the voxels around them.

    Parameters
    ----------
    wires : sequence of Wire
        Rods, for example the pieces of a bent tine; overlapping ones add up.
    shape : (int, int, int)
        Voxels along (slice, row, column).
    spacing_m : float
        Side of the cubic voxels.
    whole : bool
        Every rod must lie in the grid; False: what lies outside is left out.

    Raises
    ------
    SolverError
        If there is no rod, or one that must be whole leaves the grid.
    """
    if not wires:
        raise SolverError("an electrode or probe without rods", where="exchange", remedy="Give at least one wire.")
    total = np.zeros(int(np.prod(shape)))
    for wire in wires:
        s = spread_of_m(wire.radius_m, spacing_m=spacing_m)
        cells, density = spread(wire, shape=shape, spacing_m=spacing_m, spread_m=s, whole=whole)
        total[cells] += density * coupling(
            radius_m=wire.radius_m, spread_m=s, spacing_m=spacing_m, direction=tuple(wire.direction)
        )
    cells = np.flatnonzero(total)
    return Exchange(cells, total[cells])
