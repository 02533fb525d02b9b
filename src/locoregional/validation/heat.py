"""Heat in tissue against exact solutions, and against a problem that other solvers have run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from locoregional.physics.bioheat import Heating, simulate_heating
from locoregional.physics.damage import damage_model
from locoregional.physics.medium import Medium
from locoregional.physics.tissue import medium_of_tissues, tissue
from locoregional.progress import Progress, part, silent
from locoregional.validation.row import Row

__all__ = ["gauss_exact", "octant", "p128", "point_exact", "rows", "sphere_exact"]

TOPIC = "Heat in tissue"
_K, _C, _W = 0.52, 1079.0 * 3540.0, 0.0156 * 1050.0 * 3617.0  # the medium in which the closed forms were evaluated
_EXACT = "exact solution"


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
        radius, rises = octant(
            lambda r, first=first: (r < first).astype(float), power_w=10.0, spacing_mm=spacing, side_mm=side, times_s=times
        )  # fmt: skip
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
    for pair, (coarse, fine) in zip(("4 to 2", "2 to 1"), zip(errors[:-1], errors[1:], strict=True), strict=True):
        yield Row(TOPIC, f"order of convergence in space, {pair} mm", float(np.log2(coarse / fine)), 2.0, "1", 0.2, _EXACT)


def p128() -> tuple[Medium, np.ndarray]:
    """Give medium and source of the common problem: 128 voxels of 1 mm a side, liver, tumour, fat, bone, a vessel, 30 W."""
    n = 128
    x = np.arange(n) + 0.5
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
    source *= 30.0 / (source.sum() * 1e-9)
    return Medium(conductivity_w_mk=k, volumetric_heat_capacity_j_m3k=c, perfusion_heat_w_m3k=w * 1050.0 * 3617.0), source


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
