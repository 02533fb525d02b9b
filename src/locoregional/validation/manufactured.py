"""Order of convergence of the heat solver on manufactured solutions, with conductivity that grows and blood that flows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from locoregional.physics.bioheat import State, simulate_heating
from locoregional.physics.medium import Medium
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["Cube", "error_in_space_k", "error_in_time_k", "rows"]

TOPIC = "Heat, manufactured solutions"
SIDE_M = 0.02
"""Cube between the centres of its outermost voxels, which stay at body temperature."""
TOP_K = 40.0
K, C, W = 0.52, 1079.0 * 3540.0, 0.0036 * 1050.0 * 3617.0
SLOPE_W_MK2 = 0.0033
RISE_S = 30.0
"""Time constant of the warming."""


@dataclass(frozen=True)
class Cube:
    """The temperature ``TOP_K sin sin sin`` on ``count`` voxels a side, with a source that holds it exactly."""

    count: int
    slope_w_mk2: float = SLOPE_W_MK2

    @property
    def spacing_m(self) -> float:
        """Voxel size."""
        return SIDE_M / (self.count - 1)

    @property
    def medium(self) -> Medium:
        """Tissue, alike everywhere."""
        return Medium(
            conductivity_w_mk=np.full((self.count,) * 3, K),
            volumetric_heat_capacity_j_m3k=C,
            perfusion_heat_w_m3k=W,
            conductivity_slope_w_mk2=self.slope_w_mk2,
        )

    def _lines(self) -> tuple[np.ndarray, np.ndarray]:
        angle = np.pi * np.arange(self.count) / (self.count - 1)
        return np.sin(angle), np.cos(angle)

    def rise(self) -> np.ndarray:
        """Rise [K] per unit amplitude."""
        s, _ = self._lines()
        s[-1] = 0.0
        return TOP_K * s[:, None, None] * s[None, :, None] * s[None, None, :]

    def source(self) -> np.ndarray:
        """Source [W/m3] of the differential equation that holds the temperature, by its derivatives."""
        s, c = self._lines()
        u = self.rise()
        wave = np.pi / SIDE_M
        squares = [np.square(v) for v in (s, c)]
        gradient = sum(np.einsum("i,j,k->ijk", *(squares[int(axis == along)] for axis in range(3))) for along in range(3))
        k = K + self.slope_w_mk2 * u
        return 3.0 * wave**2 * k * u - self.slope_w_mk2 * (wave * TOP_K) ** 2 * gradient + W * u

    def outflow(self, u: np.ndarray) -> np.ndarray:
        """Heat [W/m3] that leaves each voxel through harmonic faces and with the blood, at a rise ``u``."""
        k = K + self.slope_w_mk2 * u
        lost = W * u
        for axis in range(3):
            low, high = (tuple(slice(*ends) if a == axis else slice(None) for a in range(3)) for ends in ((None, -1), (1, None)))
            flow = 2.0 * k[low] * k[high] / (k[low] + k[high]) * (u[low] - u[high]) / self.spacing_m**2
            lost[low] += flow
            lost[high] -= flow
        return lost


def _norm(error: np.ndarray) -> float:
    """Root of the mean square over the cube: by the trapezium rule, as the outermost voxels lie on its faces."""
    return float(np.sqrt(np.sum(error**2) / np.prod([n - 1 for n in error.shape])))


def error_in_space_k(count: int, *, slope_w_mk2: float = SLOPE_W_MK2) -> float:
    """Root mean square error [K] of the steady state with the source of the differential equation."""
    cube = Cube(count, slope_w_mk2)
    found = simulate_heating(
        cube.medium,
        source=cube.source(),
        duration_s=600.0,
        spacing_m=(cube.spacing_m,) * 3,
        body_temperature_c=37.0,
        initial_temperature_c=37.0 + cube.rise(),
    )
    return _norm(found.temperature_c - 37.0 - cube.rise())


def error_in_time_k(step_s: float, *, slope_w_mk2: float = SLOPE_W_MK2, count: int = 9, duration_s: float = 64.0) -> float:
    """Root mean square error [K] of a warming whose source is exact on the voxels, so that only the steps err."""
    cube = Cube(count, slope_w_mk2)
    shape = cube.rise()

    def amplitude(time_s: float) -> float:
        return float(-np.expm1(-time_s / RISE_S))

    def source(time_s: float, _: State) -> np.ndarray:
        return C * np.exp(-time_s / RISE_S) / RISE_S * shape + cube.outflow(amplitude(time_s) * shape)

    found = simulate_heating(
        cube.medium,
        source=source,
        duration_s=duration_s,
        spacing_m=(cube.spacing_m,) * 3,
        body_temperature_c=37.0,
        update_every_s=step_s,
    )
    return _norm(found.temperature_c - 37.0 - amplitude(duration_s) * shape)


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on the order of convergence.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    for slope, words in ((0.0, "constant conductivity"), (SLOPE_W_MK2, "conductivity growing with temperature")):
        counts = (9, 17, 33)
        errors = [error_in_space_k(n, slope_w_mk2=slope) for n in counts]
        for (a, b), (coarse, fine) in zip(pairwise(counts), pairwise(errors), strict=True):
            yield Row(
                TOPIC, f"order in space (B14), {words}, {SIDE_M * 1e3 / (a - 1):g} to {SIDE_M * 1e3 / (b - 1):g} mm",
                float(np.log2(coarse / fine)), 2.0, "1", 0.1, "exact solution", f"{coarse:.2g} to {fine:.2g} K of {TOP_K:g} K",
            )  # fmt: skip
        progress(0.4 if slope == 0 else 0.9, "manufactured solutions")
        steps = (2.0, 1.0, 0.5)
        errors = [error_in_time_k(s, slope_w_mk2=slope) for s in steps]
        for (a_s, b_s), (coarse, fine) in zip(pairwise(steps), pairwise(errors), strict=True):
            yield Row(
                TOPIC, f"order in time (B14), {words}, {a_s:g} to {b_s:g} s",
                float(np.log2(coarse / fine)), 1.0, "1", 0.1, "exact solution", f"{coarse:.2g} to {fine:.2g} K of {TOP_K:g} K",
            )  # fmt: skip
