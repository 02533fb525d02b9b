"""Heat in tissue against exact solutions, and against a problem that other solvers have run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from locoregional.physics.bioheat import simulate_heating
from locoregional.progress import Progress, part, silent
from locoregional.validation.cooled import RADIUS_M, cooled_exact_c, cooled_on_shells, heat_for_width
from locoregional.validation.heat_problems import drying, gauss_exact, octant, p128
from locoregional.validation.laser import pulse_exact_k, pulse_on_voxels
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Heat in tissue"
_EXACT = "exact solution"
_MITA = "exact solution, mitamodel"


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


def _pulse() -> Iterator[Row]:
    h = 0.25
    r, z, rises = pulse_on_voxels(h, times_s=(1.0, 5.0))
    for off_mm, deep_mm, at_s in ((0.0, 1.0, 1.0), (0.0, 1.0, 5.0), (0.0, 5.0, 5.0), (3.0, 1.0, 5.0), (2.0, -1.0, 5.0)):
        j, i = (int(np.argmin(np.abs(a - 1e-3 * mm))) for a, mm in ((r[0], off_mm), (z, deep_mm)))
        exact = pulse_exact_k(r_m=float(r[0, j]), z_m=float(z[i]), time_s=at_s)
        name = f"beam for 0.3 s (B12), {1e3 * r[0, j]:.2f} mm off the axis, {1e3 * z[i]:.3f} mm deep, {at_s:g} s"
        yield Row(TOPIC, name, float(rises[at_s][i, 0, j]), exact, "K", 0.01 * exact, _MITA, f"{h} mm voxels")
    near = [(i, j) for i in np.flatnonzero(np.abs(z - 1.5e-3) < 4.5e-3)[::4] for j in np.flatnonzero(r[0] < 7e-3)[::4]]
    for at_s in (1.0, 5.0):
        exact_k = np.array([pulse_exact_k(r_m=float(r[0, j]), z_m=float(z[i]), time_s=at_s) for i, j in near])
        worst = float(np.max(np.abs(np.array([rises[at_s][i, 0, j] for i, j in near]) - exact_k)))
        note = f"{len(near)} places; the highest rise is {exact_k.max():.2f} K"
        yield Row(
            TOPIC, f"beam for 0.3 s (B12), largest error, {at_s:g} s", worst, 0.0, "K", 0.01 * float(exact_k.max()), _MITA, note
        )  # fmt: skip


def _cooled() -> Iterator[Row]:
    coolant_c = 15.0
    heat = heat_for_width(0.02, edge_c=50.0, coolant_c=coolant_c)
    note = "coolant 15 C, heat such that 50 C is 20 mm wide; shells of 0.2 mm"
    r, found = cooled_on_shells(0.2, heat_w_m=heat, coolant_c=coolant_c)
    exact = cooled_exact_c(r[:100], heat_w_m=heat, coolant_c=coolant_c)
    for off_mm in (0.4, 1.0, 3.4, 8.6, 15.0):
        n = round(off_mm / 0.2)
        rise = abs(float(exact[n]) - 37.0)
        name = f"cooled electrode in perfused tissue, {off_mm:g} mm off its surface"
        yield Row(TOPIC, name, float(found[n]), float(exact[n]), "C", 0.01 * rise, _EXACT, note)
    peak = 1e3 * float(r[np.argmax(found)] - RADIUS_M)
    note = "published: about 3 mm, for tissue constants that are not all known here; coolant 5 to 25 C moves it by 0.9 mm"
    yield Row(TOPIC, "cooled electrode: hottest this far off its surface", peak, 3.0, "mm", np.inf, "lopezmolina2012", note)


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
    for done, topic in enumerate((_sphere, _point, _gauss, _pulse, _cooled, _conserved)):
        progress(0.1 * done, "heat against exact solutions")
        yield from topic()
    yield from _common(part(progress, 0.6, 1.0))
