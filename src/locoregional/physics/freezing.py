"""Freezing and thawing of perfused tissue on a voxel grid: enthalpy method, probes limited in heat flow, an energy balance."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from locoregional.errors import SolverError
from locoregional.physics.conductance import face_sum
from locoregional.physics.freezing_march import FreezingMarch
from locoregional.physics.freezing_tissue import FreezingTissue, Phase, Probe
from locoregional.physics.grid import Grid, lay_grid
from locoregional.physics.heating import EnergyBalance
from locoregional.physics.medium import body_temperature_c as default_body_c
from locoregional.progress import Progress, silent

__all__ = ["Freezing", "FreezingTissue", "Phase", "Probe", "simulate_freezing"]

_BALANCE = 5e-3  # largest share of the heat moved that may go missing
_NIMBLE = 0.5  # cells whose monotone step is below this share of the median (gas) are given heat capacity up to it


@dataclass(frozen=True, eq=False)
class Freezing:
    """Result of a simulated freezing; arrays (slice, row, column) on the grid of the medium.

    Attributes
    ----------
    temperature_c, lowest_c : ndarray of float32
        At the end, and the lowest ever.
    cycle_lowest_c : tuple of ndarray
        Lowest in each cycle: from the start of a freeze to that of the next.
    frozen_s : ndarray of float32
        Time below the liquidus.
    perfusion_factor : ndarray of float32
        1 where blood flows at the end, 0 where it has stopped.
    snapshots : mapping of float to ndarray
        Time [s] to temperature [C].
    energy : EnergyBalance
        ``injected_j`` is what the probes gave (negative: they cool), ``latent_j`` the heat of melting held. Checked: a run that
        loses more than 0.5 % raises.
    trace : mapping of str to tuple of float
        ``time_s``, and per probe, counted from 1, ``probe_c_1`` [C] and ``cooling_w_1`` [W] ...
    steps : int
        Steps taken on the whole grid.
    dt_s, solver_s : float
        Longest step, and wall-clock time.
    """

    temperature_c: np.ndarray
    lowest_c: np.ndarray
    cycle_lowest_c: tuple[np.ndarray, ...]
    frozen_s: np.ndarray
    perfusion_factor: np.ndarray
    snapshots: Mapping[float, np.ndarray]
    energy: EnergyBalance
    trace: Mapping[str, tuple[float, ...]]
    steps: int
    dt_s: float
    solver_s: float


def _tame(grid: Grid) -> None:
    """Give gas the heat capacity that lets it keep pace: a few per cent of that of tissue, so that it stores next to nothing."""
    around = face_sum(grid.gz, grid.gy, grid.gx).astype(np.float64)
    around[grid.held] = 0.0
    free = around > 0
    if not free.any():
        return
    limit_s = np.full(around.shape, np.inf)
    limit_s[free] = grid.moist[free] / around[free]
    floor_s = _NIMBLE * float(np.median(limit_s[free]))
    slow = limit_s < floor_s
    grid.moist[slow] = floor_s * around[slow]
    grid.stable_s = min(0.95 * max(float(limit_s.min()), floor_s), 2.0)


def _check(probes: Sequence[Probe], phases: Sequence[Phase], snapshots_s: Sequence[float]) -> float:
    if not phases:
        raise SolverError("a program without phases", where="phases", remedy="Give at least one freeze.")
    end_s = float(sum(p.duration_s for p in phases))
    wrong = [at for at in snapshots_s if not 0 <= at <= end_s]
    if wrong:
        raise SolverError(f"snapshots at {wrong} s lie outside the run", where="snapshots_s", remedy="Ask within the program.")
    if any(p.kind != "rest" for p in phases) and not probes:
        raise SolverError("a freeze without probes", where="probes", remedy="Give at least one probe, or only rest.")
    return end_s


def _legs(phases: Sequence[Phase], snapshots_s: Sequence[float]) -> list[tuple[float, float, Phase, bool]]:
    """Stretches (start, stop, phase, whether it begins) between which nothing is kept or changed."""
    found, begun = [], 0.0
    for phase in phases:
        stop = begun + phase.duration_s
        marks = [begun, *sorted(s for s in set(snapshots_s) if begun < s < stop), stop]
        found += [(a, b, phase, a == begun) for a, b in pairwise(marks)]
        begun = stop
    return found


def simulate_freezing(
    tissue: FreezingTissue,
    *,
    probes: Sequence[Probe],
    phases: Sequence[Phase],
    spacing_m: float,
    body_temperature_c: float | None = None,
    initial_temperature_c: np.ndarray | float | None = None,
    snapshots_s: Sequence[float] = (),
    insulated: bool = False,
    parallel: bool = True,
    progress: Progress = silent,
) -> Freezing:
    """Freeze and thaw perfused tissue with cold probes.

    The enthalpy form of Pennes' equation in finite volumes, marched explicitly with monotone steps; only a box around what is
    cold takes the small steps that ice needs. Blood stops where ice forms, for good, and with it the metabolic heat, which is
    taken to balance the blood at body temperature.

    Parameters
    ----------
    tissue : FreezingTissue
        Tissue on the grid.
    probes : sequence of Probe
        All driven alike.
    phases : sequence of Phase
        The program.
    spacing_m : float
        Side of the cubic voxels.
    body_temperature_c : float, optional
        Temperature of the blood, the border and the start; None: the fact ``body.temperature``.
    initial_temperature_c : ndarray or float, optional
        Another temperature to start from.
    snapshots_s : sequence of float
        Times at which to keep the temperature.
    insulated : bool
        No heat leaves the grid; otherwise its outermost voxels stay at body temperature.
    parallel : bool
        Use all threads; False: one thread, safe to call from several Python threads at once.
    progress : Progress
        Told the share of the time done.

    Returns
    -------
    Freezing
        Temperatures, their lows and the energy balance.

    Raises
    ------
    SolverError
        If an input does not fit, a temperature is not finite, or more than 0.5 % of the heat is unaccounted for.
    """
    end_s = _check(probes, phases, snapshots_s)
    clock = time.perf_counter()
    body = default_body_c() if body_temperature_c is None else float(body_temperature_c)
    plain = replace(tissue.medium, latent_heat_j_m3=None, vapour_heat_capacity_j_m3k=None, conductivity_slope_w_mk2=0.0)
    grid = lay_grid(plain, spacing_m=(spacing_m,) * 3, body_c=body, insulated=insulated, parallel=parallel)
    _tame(grid)
    if initial_temperature_c is not None:
        if np.ndim(initial_temperature_c) and np.shape(initial_temperature_c) != plain.shape:
            raise SolverError(
                f"shape {np.shape(initial_temperature_c)} on a grid of {plain.shape}", where="initial_temperature_c"
            )
        rise = grid.widen(np.broadcast_to(np.asarray(initial_temperature_c, dtype=np.float32), plain.shape) - np.float32(body))
        grid.u[~grid.held] = rise[~grid.held]
    march = FreezingMarch(grid, tissue, probes)
    before = march.heat()
    kept: dict[float, np.ndarray] = {}
    for start, stop, phase, begins in _legs(phases, snapshots_s):
        if start in snapshots_s:
            kept[start] = grid.crop(grid.u) + np.float32(body)
        if begins:
            march.begin(phase)
        march.run(stop)
        march.close_cycle()
        progress(stop / end_s, "freezing tissue")
    if end_s in snapshots_s:
        kept[end_s] = grid.crop(grid.u) + np.float32(body)
    return _conclude(march, before, kept, clock)


def _conclude(march: FreezingMarch, before: tuple[float, float], kept: dict[float, np.ndarray], clock: float) -> Freezing:
    """Result of a finished march, its temperatures finite and its books balanced."""
    g = march.grid
    if not np.all(np.isfinite(g.u)):
        raise SolverError("a temperature is not finite", where="simulate_freezing", remedy="Look for extreme properties.")
    after = march.heat()
    stored_j, latent_j = after[0] - before[0], after[1] - before[1]
    sink_j = march.sink_j if np.any(g.perfusion) else march.drained_j
    parts = (stored_j, latent_j, march.drained_j - sink_j, march.held_j, sink_j)
    moved = max(abs(march.given_j), march.gross_j, *(abs(p) for p in parts), 1e-12)
    residual = abs(march.given_j - sum(parts)) / moved
    if residual > _BALANCE:
        raise SolverError(
            f"{100 * residual:.2f} % of the heat is unaccounted for", where="simulate_freezing", remedy="Report this run."
        )
    body = np.float32(g.body_c)
    stopped = g.crop((g.perfusion > 0) & (g.w <= g.sink))
    return Freezing(
        temperature_c=g.crop(g.u) + body,
        lowest_c=g.crop(march.lowest) + body,
        cycle_lowest_c=tuple(g.crop(c) + body for c in march.cycles),
        frozen_s=np.array(g.crop(march.frozen_s)),
        perfusion_factor=np.where(stopped, np.float32(0.0), np.float32(1.0)),
        snapshots=kept,
        energy=EnergyBalance(march.given_j, parts[0], parts[1], parts[2], parts[3], parts[4], residual),
        trace={name: tuple(values) for name, values in march.trace.items()},
        steps=march.steps,
        dt_s=march.longest_dt_s,
        solver_s=time.perf_counter() - clock,
    )
