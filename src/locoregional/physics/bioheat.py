"""Heating of perfused tissue on a voxel grid: Pennes' equation, with drying, damage and an energy balance."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from locoregional.errors import SolverError
from locoregional.physics.damage import DamageModel
from locoregional.physics.grid import Grid, lay_grid
from locoregional.physics.heating import EnergyBalance, Heating, State, conclude, stored_heat
from locoregional.physics.march import March
from locoregional.physics.medium import Medium
from locoregional.physics.medium import body_temperature_c as default_body_c
from locoregional.progress import Progress, silent

__all__ = ["EnergyBalance", "Heating", "Medium", "State", "simulate_heating"]


Source = np.ndarray | Callable[[float, State], np.ndarray]
Every = float | Callable[[float], float]
_TOGETHER_S = 1e-6  # times closer than this are one


def _state(march: March) -> State:
    g = march.grid
    return State(
        time_s=march.time_s,
        temperature_c=g.crop(g.u) + np.float32(g.body_c),
        peak_temperature_c=g.crop(np.maximum(march.peak, g.u)) + np.float32(g.body_c),
        perfused=g.crop(g.w) > g.crop(g.sink),
    )


def _checked_source(source: np.ndarray, grid: Grid, shape: tuple[int, ...]) -> np.ndarray:
    if np.shape(source) != shape:
        raise SolverError(f"the source has shape {np.shape(source)} on a grid of {shape}", where="source", remedy="Resample it.")
    if not np.all(np.isfinite(source)):
        raise SolverError("the source is not finite everywhere", where="source", remedy="Mend the field that feeds it.")
    return grid.widen(source)


def _check_times(duration_s: float, cooldown_s: float, snapshots_s: Sequence[float]) -> None:
    if not (np.isfinite(duration_s) and duration_s > 0 and np.isfinite(cooldown_s) and cooldown_s >= 0):
        raise SolverError(f"power for {duration_s} s, then {cooldown_s} s", where="duration_s", remedy="Give positive seconds.")
    wrong = [at for at in snapshots_s if not 0 <= at <= duration_s + cooldown_s]
    if wrong:
        raise SolverError(
            f"snapshots at {wrong} s lie outside the run", where="snapshots_s", remedy="Ask within the simulated time."
        )


def _times(duration_s: float, every: Every | None) -> Iterator[float]:
    """Times at which the source is asked."""
    count, now = 0, 0.0
    while now < duration_s - _TOGETHER_S:
        yield now
        if every is None:
            return
        wait = every(now) if callable(every) else every
        if not wait > 0:
            raise SolverError(f"update every {wait} s", where="update_every_s", remedy="Give positive seconds or None.")
        count += 1
        now = now + wait if callable(every) else count * wait


def _legs(
    duration_s: float, end_s: float, every: Every | None, snapshots_s: Sequence[float]
) -> Iterator[tuple[float, float, bool]]:
    """Stretches (start, stop, whether the source is asked at the start) between which nothing is asked or kept."""
    marks = sorted({0.0, duration_s, end_s, *snapshots_s})
    asks = _times(duration_s, every)
    start, ask = 0.0, next(asks, end_s)
    while start < end_s:
        asked = ask <= start
        if asked:
            ask = next(asks, end_s)
        stop = min(ask, next(mark for mark in marks if mark > start))
        yield start, stop, asked
        start = stop


def _start_from(grid: Grid, medium: Medium, initial_c: np.ndarray | float) -> None:
    """Set the free voxels to a temperature."""
    if np.ndim(initial_c) and np.shape(initial_c) != medium.shape:
        raise SolverError(f"shape {np.shape(initial_c)} on a grid of {medium.shape}", where="initial_temperature_c")
    rise = grid.widen(np.broadcast_to(np.asarray(initial_c, dtype=np.float32), medium.shape) - np.float32(grid.body_c))
    grid.u[~grid.held] = rise[~grid.held]
    grid.row_max = grid.u.max(axis=2)


def _rises_only(march: March, source: Source, cooldown_s: float) -> bool:
    """Whether nothing changes on the way and temperatures only rise, so that many steps can pass unseen."""
    g = march.grid
    changes = callable(source) or march.damage is not None or g.boils or g.slopes or g.base[1] > 0 or cooldown_s > 0
    return not (changes or np.any(g.u) or np.any(g.sink_rise) or np.min(np.asarray(source)) < 0)


def _march_on(device: str) -> type[March]:
    """Kind of march for a device; the one for GPUs is loaded only when asked for."""
    if device == "cpu":
        return March
    if device == "cuda":
        from locoregional.physics.cuda_march import DeviceMarch

        return DeviceMarch
    raise SolverError(f"no device called {device!r}", where="device", remedy="Use cpu or cuda.")


def simulate_heating(
    medium: Medium,
    *,
    source: Source,
    duration_s: float,
    spacing_m: tuple[float, float, float],
    body_temperature_c: float | None = None,
    initial_temperature_c: np.ndarray | float | None = None,
    damage: DamageModel | None = None,
    update_every_s: Every | None = None,
    perfusion_stops: bool = True,
    cooldown_s: float = 0.0,
    snapshots_s: Sequence[float] = (),
    insulated: bool = False,
    parallel: bool = True,
    device: str = "cpu",
    progress: Progress = silent,
) -> Heating:
    """Heat perfused tissue and follow what it does to it.

    Pennes' equation in finite volumes with harmonic face conductivities, marched explicitly with the largest monotone step;
    tissue that dries takes smaller steps of its own. The metabolic heat is taken to balance the blood at body temperature.

    Parameters
    ----------
    medium : Medium
        Tissue on the grid.
    source : ndarray or callable
        Power per volume [W/m3], or a function of time [s] and :class:`State` that gives it.
    duration_s : float
        Time with power.
    spacing_m : tuple of float
        Voxel size (slice, row, column).
    body_temperature_c : float, optional
        Temperature of the blood and of the start; None: the fact ``body.temperature``.
    initial_temperature_c : ndarray or float, optional
        Another temperature to start from.
    damage : DamageModel, optional
        Law of damage to follow.
    update_every_s : float or callable, optional
        How often a callable source is asked again; or a function that is given the time [s] just before the source is asked
        then, and says how many seconds later it is asked again; None: once.
    perfusion_stops : bool
        Whether blood stops in dead tissue, for good.
    cooldown_s : float
        Further time without power; damage goes on.
    snapshots_s : sequence of float
        Times at which to keep the temperature.
    insulated : bool
        No heat leaves the grid; otherwise its outermost voxels stay at body temperature.
    parallel : bool
        Use all threads; False: one thread, safe to call from several Python threads at once.
    device : str
        ``cpu``, or ``cuda`` for an NVIDIA GPU.
    progress : Progress
        Told the share of the time done.

    Returns
    -------
    Heating
        Temperatures, damage and the energy balance.

    Raises
    ------
    SolverError
        If an input does not fit, the device is missing, a temperature is not finite, or over 0.5 % of the heat is lost.
    """
    end_s = duration_s + cooldown_s
    _check_times(duration_s, cooldown_s, snapshots_s)
    body = default_body_c() if body_temperature_c is None else float(body_temperature_c)
    clock = time.perf_counter()
    grid = lay_grid(medium, spacing_m=spacing_m, body_c=body, insulated=insulated, parallel=parallel)
    if initial_temperature_c is not None:
        _start_from(grid, medium, initial_temperature_c)
    march = _march_on(device)(grid, damage, perfusion_stops)
    before = stored_heat(grid, grid.u)
    advance = march.run_linear if _rises_only(march, source, cooldown_s) else march.run
    kept: dict[float, np.ndarray] = {}
    for start, stop, asked in _legs(duration_s, end_s, update_every_s, snapshots_s):
        if start in snapshots_s:
            kept[start] = grid.crop(grid.u) + np.float32(body)
        if start >= duration_s:
            march.set_source(np.zeros_like(grid.u))
        elif asked and (callable(source) or start == 0):
            begin = time.perf_counter()
            power = source(start, _state(march)) if callable(source) else source
            clock += time.perf_counter() - begin
            march.set_source(_checked_source(power, grid, medium.shape))
        advance(stop)
        progress(stop / end_s, "heating tissue")
    if end_s in snapshots_s:
        kept[end_s] = grid.crop(grid.u) + np.float32(body)
    return conclude(march, before, snapshots=kept, clock_s=clock)
