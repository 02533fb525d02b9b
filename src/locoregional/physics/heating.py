"""What a simulated heating gives back, and the books it must balance."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from locoregional.errors import SolverError
from locoregional.physics.boiling import enthalpy
from locoregional.physics.grid import Grid
from locoregional.physics.march import March

__all__ = ["EnergyBalance", "Heating", "State", "conclude", "stored_heat"]

_BALANCE = 5e-3  # largest share of the heat moved that may go missing


@dataclass(frozen=True)
class State:
    """What a source that depends on the tissue may look at; arrays (slice, row, column) are copies.

    Attributes
    ----------
    time_s : float
        Time since the start.
    temperature_c, peak_temperature_c : ndarray of float32
        Now, and the highest so far.
    perfused : ndarray of bool
        Where blood still flows.
    """

    time_s: float
    temperature_c: np.ndarray
    peak_temperature_c: np.ndarray
    perfused: np.ndarray


@dataclass(frozen=True)
class EnergyBalance:
    """Where the heat went [J]; ``residual_share`` is what is unaccounted for, as a share of all heat that moved."""

    injected_j: float
    stored_j: float
    latent_j: float
    perfused_j: float
    boundary_j: float
    sink_j: float
    residual_share: float


@dataclass(frozen=True)
class Heating:
    """Result of a simulated heating; arrays (slice, row, column) on the grid of the medium.

    Attributes
    ----------
    temperature_c, peak_temperature_c : ndarray of float32
        At the end, and the highest ever.
    damage : ndarray of float32 or None
        Damage sum (Arrhenius), equivalent minutes at 43 C, or alive share (three-state); None without model or for an isotherm.
    dead_fraction : ndarray of float32 or None
        Share of dead cells, 0..1.
    dead : ndarray of bool or None
        Beyond the threshold of the damage model.
    perfusion_factor : ndarray of float32
        1 where blood flows at the end, 0 where it has stopped.
    snapshots : dict
        Time [s] to temperature [C].
    energy : EnergyBalance
        Checked: a run that loses more than 0.5 % raises.
    steps : int
        Steps taken on the whole grid.
    dt_s, solver_s : float
        Longest step, and wall-clock time spent in the solver (without the caller's source).
    """

    temperature_c: np.ndarray
    peak_temperature_c: np.ndarray
    damage: np.ndarray | None
    dead_fraction: np.ndarray | None
    dead: np.ndarray | None
    perfusion_factor: np.ndarray
    snapshots: dict[float, np.ndarray]
    energy: EnergyBalance
    steps: int
    dt_s: float
    solver_s: float


def stored_heat(grid: Grid, u: np.ndarray) -> tuple[float, float]:
    """Sensible and latent heat [J] of all free voxels."""
    free = np.where(grid.held, np.float32(0.0), u)
    if grid.boils:
        sensible, latent = enthalpy(free, grid.moist, grid.dry, grid.latent, float(grid.low), float(grid.high))
        return sensible * grid.volume_m3, latent * grid.volume_m3
    return float(np.sum(free.astype(np.float64) * grid.moist)) * grid.volume_m3, 0.0


def _balance(march: March, before: tuple[float, float]) -> EnergyBalance:
    after = stored_heat(march.grid, march.grid.u)
    stored, latent = after[0] - before[0], after[1] - before[1]
    drained = march.drained_j
    sink = march.sink_j if np.any(march.grid.perfusion) else drained
    perfused = drained - sink
    parts = (stored, latent, perfused, march.held_j, sink)
    moved = max(abs(march.injected_j), march.gross_j, max(abs(p) for p in parts), 1e-12)
    return EnergyBalance(
        march.injected_j, stored, latent, perfused, march.held_j, sink, abs(march.injected_j - sum(parts)) / moved
    )


def conclude(march: March, before: tuple[float, float], *, snapshots: dict[float, np.ndarray], clock_s: float) -> Heating:
    """Result of a finished march, its temperatures finite and its books balanced.

    Parameters
    ----------
    march : March
        At its end.
    before : tuple of float
        Sensible and latent heat [J] at its start.
    snapshots : dict
        Time to temperature.
    clock_s : float
        ``time.perf_counter`` at the start, less what the caller's source took.

    Returns
    -------
    Heating
        On the caller's grid.

    Raises
    ------
    SolverError
        If a temperature is not finite or heat is missing.
    """
    g, model = march.grid, march.damage
    body = np.float32(g.body_c)
    if not np.all(np.isfinite(g.u)):
        raise SolverError("a temperature is not finite", where="simulate_heating", remedy="Look for extreme properties or power.")
    energy = _balance(march, before)
    if energy.residual_share > _BALANCE:
        raise SolverError(
            f"{100 * energy.residual_share:.2f} % of the heat is unaccounted for",
            where="simulate_heating",
            remedy="Report this run.",
        )
    peak = g.crop(np.maximum(march.peak, g.u)) + body
    first = g.crop(march.first) if march.first.shape == g.u.shape else march.first
    second = g.crop(march.second) if march.second.shape == g.u.shape else march.second
    stopped = g.crop((g.perfusion > 0) & (g.w <= g.sink))
    return Heating(
        temperature_c=g.crop(g.u) + body,
        peak_temperature_c=peak,
        damage=None if model is None or model.kind == "isotherm" else np.array(first),
        dead_fraction=None if model is None else model.dead_fraction(first, second, peak),
        dead=None if model is None else model.dead(first, second, peak),
        perfusion_factor=np.where(stopped, np.float32(0.0), np.float32(1.0)),
        snapshots=snapshots,
        energy=energy,
        steps=march.steps,
        dt_s=march.longest_dt_s,
        solver_s=time.perf_counter() - clock_s,
    )
