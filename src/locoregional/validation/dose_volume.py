"""Dose in a structure: histograms against exact solutions, BED, gamma index and agreement against worked answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.volume import Grid, Volume
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["gradient_dose", "rows", "sphere_mask", "sphere_share_above"]

TOPIC = "Dose in a structure"
_EXACT = "exact solution"
_SHARES = (0.98, 0.95, 0.9, 0.7, 0.5, 0.02)
_MIDDLE_GY, _SLOPE_GY_MM = 100.0, 5.0
_PLACES = 4
"""Places of a sphere between the voxels."""
_SHARED = "occupancy on the dose grid"


def sphere_share_above(height: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Share of a ball beyond a plane ``height`` radii from its middle."""
    t = np.clip(height, -1.0, 1.0)
    return np.asarray((2.0 - 3.0 * t + t**3) / 4.0)


def sphere_mask(grid: Grid, *, centre_lps_mm: NDArray[np.float64], radius_mm: float, parts: int = 1) -> Volume:
    """Ball on a grid: boolean by voxel centre, or, with parts, the share of each voxel from so many points an axis."""
    index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    line = (np.arange(parts) + 0.5) / parts - 0.5
    share = np.zeros(grid.shape, np.float32)
    for offset in np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3):
        share += ((grid.to_lps(index + offset) - centre_lps_mm) ** 2).sum(axis=-1) < radius_mm**2
    return Volume(share > 0.5 if parts == 1 else share / np.float32(parts**3), grid.affine)


def gradient_dose(grid: Grid, *, centre_lps_mm: NDArray[np.float64], direction: NDArray[np.float64]) -> Volume:
    """Dose of 100 Gy at a centre, rising by 5 Gy/mm along a direction."""
    index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    dose = _MIDDLE_GY + _SLOPE_GY_MM * ((grid.to_lps(index) - centre_lps_mm) @ direction)
    return Volume(dose.astype(np.float32), grid.affine, unit="Gy")


@cache
def _vectors() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("dose_volume_vectors.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _grid(radius_mm: float, spacing_mm: float, *, finer: int = 1) -> Grid:
    count = 2 * int(np.ceil(radius_mm / spacing_mm)) + 6
    side = spacing_mm / finer
    return Grid.regular((count * finer,) * 3, spacing_mm=side, origin_lps_mm=(-(count * finer - 1) / 2 * side,) * 3)


def _spheres() -> Iterator[Row]:
    """Balls in a linear gradient: their histogram is that of caps."""
    from scipy.optimize import brentq

    from locoregional.measures.dose.dvh import dose_volume

    exact_at = [brentq(lambda t, s=s: sphere_share_above(t) - s, -1.0, 1.0) for s in _SHARES]
    for volume_ml, spacing_mm, kind, finer, parts in (
        (1.0, 4.0, _SHARED, 1, 8),
        (1.0, 2.0, _SHARED, 1, 8),
        (10.0, 4.0, _SHARED, 1, 8),
        (1.0, 4.0, "boolean mask on 1 mm", 4, 1),
        (1.0, 4.0, "boolean mask on the dose grid", 1, 1),
        (10.0, 4.0, "boolean mask on the dose grid", 1, 1),
    ):
        radius = (volume_ml * 1e3 * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
        dose_grid, mask_grid = _grid(radius, spacing_mm), _grid(radius, spacing_mm, finer=finer)
        off: list[tuple[float, float, float]] = []
        for seed in range(_PLACES):
            centre, direction = _placed(seed, spacing_mm)
            mask = sphere_mask(mask_grid, centre_lps_mm=centre, radius_mm=radius, parts=parts)
            found = dose_volume(gradient_dose(dose_grid, centre_lps_mm=centre, direction=direction), mask)
            exact = _MIDDLE_GY + _SLOPE_GY_MM * radius * np.array(exact_at)
            doses = np.array([found.dose_gy(s) for s in _SHARES]) - exact
            heights = np.linspace(-0.8, 0.8, 9)
            levels = _MIDDLE_GY + _SLOPE_GY_MM * radius * heights
            above = np.array([found.share_above(dose_gy=float(x)) for x in levels]) - sphere_share_above(heights)
            off.append((abs(found.mean_gy - _MIDDLE_GY), float(np.abs(doses).max()), 100.0 * float(np.abs(above).max())))
        name = f"ball of {volume_ml:g} ml, dose on {spacing_mm:g} mm, {kind}"
        note = f"gradient 5 Gy/mm about 100 Gy, worst of {_PLACES} places between voxels"
        if kind != _SHARED:
            note += "; whole voxels are another body than the ball, which is no fault of the reading: its interval says so, below"
        tolerance = 0.5 if kind == _SHARED else inf
        whats = (("mean", "Gy"), ("worst of D98 to D2", "Gy"), ("worst of nine V(x)", "%"))
        for (what, unit), value in zip(whats, np.max(off, axis=0), strict=True):
            yield Row(TOPIC, f"{name}: error of the {what}", float(value), 0.0, unit, tolerance, _EXACT, note)


def _placed(seed: int, spacing_mm: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=3)
    return rng.uniform(-spacing_mm / 2.0, spacing_mm / 2.0, 3), direction / np.linalg.norm(direction)


def _refined() -> Iterator[Row]:
    """A dose of any shape against the plain mean over a grid ten times as fine."""
    from scipy.ndimage import gaussian_filter

    from locoregional.imaging.resample import resampled
    from locoregional.measures.dose.dvh import dose_volume

    worst, radius = 0.0, (1e3 * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
    grid, fine = _grid(radius, 4.0), _grid(radius, 4.0, finer=10)
    for seed in range(3):
        centre, _ = _placed(seed, 4.0)
        noise = gaussian_filter(np.random.default_rng(seed).normal(size=grid.shape), 1.0)
        dose = Volume((100.0 + 60.0 * noise / noise.std()).astype(np.float32), grid.affine, unit="Gy")
        found = dose_volume(dose, sphere_mask(grid, centre_lps_mm=centre, radius_mm=radius, parts=10))
        held = sphere_mask(fine, centre_lps_mm=centre, radius_mm=radius).array
        worst = max(worst, abs(found.mean_gy / float(resampled(dose, fine).array[held].mean()) - 1.0))
    note = "random smooth dose, linear between voxel centres, 3 places"
    yield Row(TOPIC, "ball of 1 ml on 4 mm: mean against a grid ten times as fine", 100.0 * worst, 0.0, "%", 1.0, _EXACT, note)


def _flattened() -> Iterator[Row]:
    """What the grid alone takes from a hot ball: averages over voxels, read between their centres."""
    from scipy.ndimage import gaussian_filter

    from locoregional.measures.dose.dvh import dose_volume

    parts = 8
    for volume_ml, spacing_mm, blur_mm in ((1.0, 4.0, 7.0), (4.0, 4.0, 7.0), (30.0, 4.0, 7.0), (1.0, 2.0, 6.0)):
        radius = (volume_ml * 1e3 * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
        grid = _grid(radius + 6.0, spacing_mm)
        fine = _grid(radius + 6.0, spacing_mm, finer=parts)
        ratios, true = [], 0.0
        for seed in range(3):
            centre, _ = _placed(seed, spacing_mm)
            held = sphere_mask(fine, centre_lps_mm=centre, radius_mm=radius).array
            sharp = gaussian_filter(100.0 * held.astype(np.float32), blur_mm / np.sqrt(8.0 * np.log(2.0)) / (spacing_mm / parts))
            blocks = (grid.shape[0], parts) * 3
            dose = Volume(sharp.reshape(blocks).mean(axis=(1, 3, 5), dtype=np.float64).astype(np.float32), grid.affine, unit="Gy")
            share = held.reshape(blocks).mean(axis=(1, 3, 5), dtype=np.float64).astype(np.float32)
            true = float(sharp[held].mean())
            ratios.append(dose_volume(dose, Volume(share, grid.affine)).mean_gy / true - 1.0)
        name = f"hot ball of {volume_ml:g} ml, blurred by {blur_mm:g} mm, on {spacing_mm:g} mm: mean lowered by the grid"
        note = (
            f"of a mean of {true:.0f} Gy after blur, 100 Gy before it; a finer grid or a recovery measured on this grid heals it"
        )
        yield Row(TOPIC, name, 100.0 * float(np.mean(ratios)), 0.0, "%", inf, _EXACT, note)


def _covered() -> Iterator[Row]:
    """How often the interval of a coarse boolean mask holds the mean of the body it was drawn from."""
    from locoregional.measures.dose.interval import DoseErrors
    from locoregional.measures.dose.reading import read_dose

    held, count = 0, 60
    for seed in range(count):
        rng = np.random.default_rng(1000 + seed)
        radius = float(rng.uniform(6.0, 14.0))
        centre, direction = _placed(seed, 4.0)
        grid = _grid(radius + 20.0, 4.0)
        moved = rng.normal(size=3) * 3.0 / np.sqrt(8.0 / np.pi)
        dose = gradient_dose(grid, centre_lps_mm=centre, direction=direction)
        factor = 1.0 + 0.08 * rng.normal()
        mask = sphere_mask(grid, centre_lps_mm=centre + moved, radius_mm=radius)
        errors = DoseErrors(calibration_share=0.08, registration_error_mm=3.0)
        mean = read_dose(dose.on(dose.array * np.float32(factor)), mask, name="ball", errors=errors).quantity("mean_gy")
        held += bool((mean.low or 0.0) <= _MIDDLE_GY <= (mean.high or 0.0))
    note = f"{count} balls of 12 to 28 mm on 4 mm, mask of whole voxels, displaced by 3 mm in the mean, calibration off by 8 %"
    yield Row(TOPIC, "90 % intervals of the mean that hold the true mean", 100.0 * held / count, 90.0, "%", 10.0, _EXACT, note)


def _biology() -> Iterator[Row]:
    from scipy.special import ndtr

    from locoregional.measures.dose.dvh import DoseVolume
    from locoregional.measures.dose.parameter_sets import parameter_set
    from locoregional.measures.dose.radiobiology import bed_gy, eubed_gy, ntcp_lyman, tcp_poisson

    table = _vectors()["bed"]
    for name in ("mgh_normal_liver", "mgh_normal", "mgh_tumour"):
        off = float(np.abs(bed_gy(table["dose_gy"], parameter_set(name)) - table[name]).max())
        note = f"{len(table['dose_gy'])} doses of 10 to 400 Gy, rounded to 1e-6: tests the arithmetic, not the formula"
        yield Row(TOPIC, f"BED of the set {name}: worst error", off, 0.0, "Gy", 1e-6, table["source"], note)
    halves = DoseVolume(np.array([100.0, 200.0], np.float32), np.array([0.5, 1.0]), 10.0, 100.0)
    tumour, liver = parameter_set("mgh_tumour"), parameter_set("strigari_resin_liver")
    exact = -np.log(0.5 * np.exp(-10.0) + 0.5 * np.exp(-20.0)) / 0.1
    yield Row(TOPIC, "EUBED of halves at 100 and 200 Gy", eubed_gy(halves, tumour), float(exact), "Gy", 1e-9, _EXACT)
    control = float(np.exp(-2e4 * (0.5 * np.exp(-10.0) + 0.5 * np.exp(-20.0))))
    yield Row(
        TOPIC,
        "tumour control of the same, 20000 clonogens",
        tcp_poisson(halves, tumour, clonogens=20_000),
        control,
        "1",
        1e-9,
        _EXACT,
    )
    even = DoseVolume(np.array([93.0 * 1.28], np.float32), np.ones(1), 10.0, 100.0)
    name = "complication at one slope above the dose for one half"
    yield Row(TOPIC, name, ntcp_lyman(even, liver, device="resin"), float(ndtr(1.0)), "1", 1e-6, _EXACT)


def _gamma() -> Iterator[Row]:
    from locoregional.measures.dose.gamma import gamma_index

    grid = Grid.regular((20, 24, 22), spacing_mm=(3.0, 2.0, 2.5))
    even = Volume(np.full(grid.shape, 100.0, np.float32), grid.affine, unit="Gy")
    found = gamma_index(even, even.on(even.array * np.float32(1.02)), dose_percent=3.0, distance_mm=3.0).volume.array
    yield Row(TOPIC, "gamma 3 %/3 mm of an even dose 2 % higher", float(found.max()), 2.0 / 3.0, "1", 1e-5, _EXACT)
    direction = np.array([1.0, 2.0, -1.0]) / np.sqrt(6.0)
    slope, raised = 1.5, 3.0
    index = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    array = (100.0 + slope * (grid.to_lps(index) @ direction)).astype(np.float32)
    reference, higher = even.on(array), even.on(array + np.float32(raised))
    inner = (slice(4, -4), slice(5, -5), slice(5, -5))
    for local in (False, True):
        tolerance = 0.03 * (array[inner].astype(np.float64) if local else float(array.max()))
        exact = raised / np.sqrt(tolerance**2 + (3.0 * slope) ** 2)
        found = gamma_index(reference, higher, dose_percent=3.0, distance_mm=3.0, local=local).volume.array[inner]
        off = float(np.abs(found - exact).max())
        name = f"gamma 3 %/3 mm ({'local' if local else 'global'}) of a linear dose raised by 3 Gy: worst error"
        yield Row(TOPIC, name, off, 0.0, "1", 1e-4, _EXACT, "exact: d / sqrt(tolerance^2 + (slope * distance)^2)")


def _agreement() -> Iterator[Row]:
    from locoregional.measures.dose.agreement import agreement

    told = _vectors()["peak_flow"]
    found = agreement(told["mini"], told["large"], factor=2.0)
    plain = "limits two deviations from the bias, as in the paper"
    rough = f"{plain}; the paper takes 3/n for the variance of a limit, here 1/n + 2/(n - 1)"
    for name, value, key, tolerance, note in (
        ("bias", found.bias.value, "bias", 0.05, ""),
        ("bias, lower end", found.bias.low, "bias_low", 0.1, ""),
        ("bias, upper end", found.bias.high, "bias_high", 0.1, ""),
        ("deviation of the differences", found.spread, "deviation", 0.05, ""),
        ("lower limit", found.lower.value, "lower", 0.1, plain),
        ("upper limit", found.upper.value, "upper", 0.1, plain),
        ("lower limit, lower end", found.lower.low, "lower_low", 1.0, rough),
        ("lower limit, upper end", found.lower.high, "lower_high", 1.0, rough),
        ("upper limit, lower end", found.upper.low, "upper_low", 1.0, rough),
        ("upper limit, upper end", found.upper.high, "upper_high", 1.0, rough),
    ):
        yield Row(
            TOPIC,
            f"two peak flow meters: {name}",
            float(value or 0.0),
            told[key],
            "l/min",
            tolerance,
            told["source"],
            note,
        )
    value = found.correlation.value
    yield Row(TOPIC, "two peak flow meters: correlation", value, told["correlation"], "1", 0.005, told["source"])


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on the dose in a structure."""
    for done, part, words in (
        (0.0, _spheres, "balls in a gradient"),
        (0.4, _refined, "a grid ten times as fine"),
        (0.5, _flattened, "hot balls on a grid"),
        (0.6, _covered, "intervals"),
        (0.9, _biology, "radiobiology"),
        (0.92, _gamma, "gamma index"),
        (0.97, _agreement, "agreement"),
    ):
        progress(done, words)
        yield from part()
