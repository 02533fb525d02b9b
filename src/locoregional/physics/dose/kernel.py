"""Voxel S values of yttrium-90 for a voxel of any size and shape."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import UnitsError
from locoregional.physics.dose.kernel_shells import share_shells
from locoregional.physics.dose.point_kernel import point_kernel
from locoregional.sources import read_facts

__all__ = ["MGY_PER_MEV_G", "kernel_octant", "kernel_words", "mirrored", "voxel_kernel"]

MGY_PER_MEV_G = 1.602176634e-13 * 1e3 * 1e3 * 1e6
"""Joule per MeV (definition), grams per kilogram, mGy per Gy and decays per MBq s: mGy/(MBq s) of 1 MeV per decay in 1 g."""

POINTS_PER_FACE = 100.0
"""Directions through each voxel face; more change no value near the source by 0.03 %."""

SHELLS_PER_SIDE, THICKEST_MM = 24, 0.05
"""Thin shells per smallest voxel side, and their greatest thickness within the range of the electrons."""


def voxel_kernel(*, spacing_mm: ArrayLike, density_g_ml: float = 1.04, reach_mm: float | None = None) -> NDArray[np.float64]:
    """Mean dose to a voxel per decay in another, averaged over both.

    Parameters
    ----------
    spacing_mm : float or sequence of 3 floats
        Voxel sides along slice, row and column [mm].
    density_g_ml : float
        Density of water-like tissue [g/ml]: ranges shrink with it.
    reach_mm : float, optional
        Distance of two points beyond which energy is left out [mm]; the range of the electrons if not given. Bremsstrahlung
        (0.2 % of the energy) goes further and is known to a factor of two only.

    Returns
    -------
    ndarray, shape (2a + 1, 2b + 1, 2c + 1) [mGy/(MBq s)]
        Read-only. Its sum times the mass of a voxel is the energy left within the reach, whatever the voxel.

    Raises
    ------
    UnitsError
        If a side, the density or the reach is not a positive number that fits.
    """
    sides = np.broadcast_to(np.asarray(spacing_mm, dtype=float), (3,))
    if not (np.isfinite(sides).all() and sides.min() > 0.0 and sides.max() <= 50.0):
        raise UnitsError(f"voxel sides of {sides.tolist()} mm", where="spacing_mm", remedy="Give three sides up to 50 mm.")
    if not 0.1 <= density_g_ml <= 25.0:
        raise UnitsError(f"a density of {density_g_ml:g} g/ml", where="density_g_ml", remedy="Give it in g/ml: about 1.04.")
    known = point_kernel().reach_mm / density_g_ml
    reach = float(read_facts(__package__)["kernel.range"]) / density_g_ml if reach_mm is None else float(reach_mm)
    if not 0.0 < reach <= known * (1.0 + 1e-9):
        raise UnitsError(f"a reach of {reach:g} mm", where="reach_mm", remedy=f"The point kernel is known to {known:.0f} mm.")
    return _kernel(tuple(float(s) for s in sides), float(density_g_ml), min(reach, known))


def mirrored(octant: NDArray) -> NDArray:
    """Whole kernel of its voxels with no negative index, shape (2a + 1, 2b + 1, 2c + 1)."""
    for axis in range(3):
        octant = np.concatenate([np.flip(octant, axis).take(range(octant.shape[axis] - 1), axis), octant], axis)
    return np.ascontiguousarray(octant)


def kernel_octant(kernel: NDArray) -> NDArray:
    """Voxels with no negative index of a whole kernel, shape (a + 1, b + 1, c + 1)."""
    a, b, c = (n // 2 for n in kernel.shape)
    return np.ascontiguousarray(kernel[a:, b:, c:])


def kernel_words() -> tuple[str, ...]:
    """What a dose by these kernels is worth, in sentences for a report."""
    facts = read_facts(__package__)
    reach, scale = float(facts["kernel.range"]), facts["kernel.range_scale"]
    kernel = point_kernel()
    left = 100.0 * (1.0 - float(kernel.within_mev(reach)) / kernel.total_mev)
    longer = 100.0 * ((scale.high or 1.0) - 1.0)
    return (
        f"Bremsstrahlung beyond {reach:g} mm ({left:.1f} % of the energy) is given to the voxels within: the dose far from all "
        "activity is left at zero.",
        f"The electrons of the kernel may fly up to {longer:.0f} % too short (it was computed without spin effects): the dose to "
        "a voxel from itself is up to 2.5 % too high, that beyond 6 mm from all activity up to a quarter too low.",
    )


@lru_cache(maxsize=32)
def _kernel(sides: tuple[float, float, float], density_g_ml: float, reach_mm: float) -> NDArray[np.float64]:
    spacing = np.array(sides)
    octant = np.zeros(tuple(int(n) for n in np.floor(reach_mm / spacing).astype(int) + 2))
    near = min(float(read_facts(__package__)["kernel.range"]) / density_g_ml, reach_mm)
    thin = min(spacing.min() / SHELLS_PER_SIDE, THICKEST_MM)
    edges = np.linspace(0.0, near, int(np.ceil(near / thin)) + 1)
    if reach_mm > near:  # bremsstrahlung changes slowly
        edges = np.append(edges, np.linspace(near, reach_mm, int(np.ceil(4.0 * (reach_mm - near) / spacing.min())) + 1)[1:])
    energy = np.diff(point_kernel().within_mev(edges * density_g_ml))
    share_shells(octant, 0.5 * (edges[1:] + edges[:-1]), energy, spacing, POINTS_PER_FACE)
    mass_g = density_g_ml * float(np.prod(spacing)) * 1e-3
    whole = mirrored(octant * (MGY_PER_MEV_G / mass_g))
    whole.setflags(write=False)
    return whole
