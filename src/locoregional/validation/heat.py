"""Heat in tissue against exact solutions, and against a problem that other solvers have run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from locoregional.physics.bioheat import simulate_heating
from locoregional.progress import Progress, part, silent
from locoregional.validation.heat_problems import drying, gauss_exact, octant, p128
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Heat in tissue"
_EXACT = "exact solution"


def _at(radius_m: np.ndarray, rise_k: np.ndarray, wanted_m: float) -> float:
    """Rise at a distance: cubic spline along the edge of the octant, mirrored."""
    from scipy.interpolate import CubicSpline

    r, t = radius_m[:, 0, 0], np.asarray(rise_k, dtype=float)[:, 0, 0]
    return float(CubicSpline(np.concatenate([-r[::-1], r]), np.concatenate([t[::-1], t]))(wanted_m))


def _sphere() -> Iterator[Row]:
    radius, rises = octant(
        lambda r: (r < 0.01).astype(float), power_w=20.0, spacing_mm=0.5, side_mm=30.0, times_s=(900.0,), fine=6
    )  # fmt: skip
    for mm, exact in ((0.0, 68.529), (5.0, 61.931), (10.0, 28.418), (15.0, 3.5038), (20.0, 0.48600)):
        value = _at(radius, rises[900.0], mm * 1e-3)
        yield Row(TOPIC, f"steady perfused sphere (B1), {mm:g} mm", value, exact, "K", 0.01 * exact, _EXACT, "0.5 mm voxels")


def _point() -> Iterator[Row]:
    # A point is the eight voxels around it, and the front of the heat is steep: both want small voxels.
    runs = {
        (0.25, 20.0, (60.0, 300.0)): ((10, 60.0, 0.97600), (10, 300.0, 5.17060)),
        (0.35, 28.0, (600.0,)): ((10, 600.0, 5.23395), (20, 600.0, 0.089382)),
    }
    for (spacing, side, times), wanted in runs.items():
        first = 0.6 * spacing * 1e-3 * np.sqrt(3.0)

        def ball(r: np.ndarray, first: float = first) -> np.ndarray:
            return (r < first).astype(float)

        radius, rises = octant(ball, power_w=10.0, spacing_mm=spacing, side_mm=side, times_s=times)
        for mm, at_s, exact in wanted:
            value = _at(radius, rises[at_s], mm * 1e-3)
            yield Row(
                TOPIC, f"point source (B2), {mm} mm, {at_s:g} s", value, exact, "K", 0.01 * exact, _EXACT, f"{spacing} mm voxels"
            )


def _gauss() -> Iterator[Row]:
    def shape(r: np.ndarray) -> np.ndarray:
        return np.exp(-0.5 * (r / 5e-3) ** 2)

    exact_at = {60.0: (37.4013, 7.38996, 0.076365), 300.0: (47.8423, 11.3855, 0.351729), 600.0: (47.9180, 11.4353, 0.366153)}
    radius, rises = octant(shape, power_w=10.0, spacing_mm=0.5, side_mm=32.0, times_s=tuple(exact_at))
    for at_s, values in exact_at.items():
        for mm, exact in zip((0, 10, 20), values, strict=True):
            value = _at(radius, rises[at_s], mm * 1e-3)
            yield Row(
                TOPIC, f"Gaussian source (B3), {mm} mm, {at_s:g} s", value, exact, "K", 0.01 * exact, _EXACT, "0.5 mm voxels"
            )
    errors = []
    for spacing in (4.0, 2.0, 1.0):
        radius, rises = octant(shape, power_w=10.0, spacing_mm=spacing, side_mm=32.0, times_s=(600.0,))
        difference = rises[600.0] - gauss_exact(radius, sigma_m=5e-3, power_w=10.0, time_s=600.0)
        errors.append(float(np.sqrt(np.mean(difference**2))))
    for pair, (coarse, fine) in zip(("4 to 2", "2 to 1"), pairwise(errors), strict=True):
        yield Row(TOPIC, f"order of convergence in space, {pair} mm", float(np.log2(coarse / fine)), 2.0, "1", 0.2, _EXACT)


def _common(progress: Progress) -> Iterator[Row]:
    medium, source = p128()
    t = simulate_heating(medium, source=source, duration_s=600.0, spacing_m=(1e-3, 1e-3, 1e-3), progress=progress).temperature_c
    note = "reference: double precision, step 0.25 s"
    for name, value, reference in (
        ("hottest voxel", t.max(), 208.150),
        ("centre", t[64, 64, 64], 208.149),
        ("10 mm along y", t[64, 74, 64], 68.141),
        ("16 mm along y", t[64, 80, 64], 40.702),
        ("15 mm along x", t[64, 64, 79], 43.535),
        ("25 mm along x", t[64, 64, 89], 37.150),
    ):
        yield Row(TOPIC, f"common problem P128, {name}", float(value), reference, "C", 0.05, "reference run", note)
    for above, reference in ((50, 14.940), (60, 10.180)):
        volume = float(np.count_nonzero(t > above)) * 1e-3
        yield Row(TOPIC, f"common problem P128, volume above {above} C", volume, reference, "ml", 0.02, "reference run", note)


def _conserved() -> Iterator[Row]:
    for model in ("three_state", "arrhenius_liver", "cem43"):
        energy = drying(model).energy
        spent = energy.stored_j + energy.latent_j + energy.perfused_j + energy.boundary_j + energy.sink_j
        note = f"{energy.latent_j:.0f} J latent at the end of {energy.injected_j:.0f} J"
        yield Row(
            TOPIC, f"energy of a run that dries, {model}", spent, energy.injected_j, "J", 0.005 * energy.injected_j, _EXACT, note
        )


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on heat.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    for done, topic in enumerate((_sphere, _point, _gauss, _conserved)):
        progress(0.15 * done, "heat against exact solutions")
        yield from topic()
    yield from _common(part(progress, 0.6, 1.0))
