"""Marching the heat equation through time on prepared arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from locoregional.physics.boiling import box_parallel, box_serial, find_box, sensible_to_true
from locoregional.physics.damage import DamageModel
from locoregional.physics.damage_kernels import NONE, observe_parallel, observe_serial
from locoregional.physics.grid import Grid
from locoregional.physics.limits import fastest_cells, row_rates
from locoregional.physics.pace import Pace
from locoregional.physics.stencil import block_parallel, block_serial, held_flux, reach, share_planes, weighted_sum

__all__ = ["March"]

_LOOK_S = 2.0  # how often the drying box and the conductances are brought up to date
_AHEAD = 2.0  # the box holds what may boil within this many such intervals ...
_GUARD_K = 5.0  # ... judged by this much below boiling
_OBSERVE_S = 2.0  # damage and peak are brought up to date this often (or each step, where steps are longer)
_UNFELT_K = np.float32(1e-6)  # a row this close to body temperature, with none warmer in reach, is left alone ...
_UNFELT_K_S = 1e-9  # ... if its source warms it by less than this per second: a microkelvin in a quarter of an hour
_BOX_COST = 2.0  # a cell of the box takes about twice the time of another
_BLOCKS = 20  # fewer such passes than this would not resolve how the flow through the boundary grows: then one step at a time
_BLOCK = 6  # steps per pass through memory of the linear solver; the fastest of 2, 3, 4, 6, 8, 12 on two machines


_Packed = tuple[tuple[slice, slice, slice], list[np.ndarray], np.ndarray, list[np.ndarray], float]


@dataclass
class March:
    """State of a running simulation: temperatures, damage, heat that has gone where [J].

    ``first`` and ``second`` are the two states of the damage model.
    """

    grid: Grid
    damage: DamageModel | None
    perfusion_stops: bool
    q: np.ndarray = field(init=False)
    injected_j: float = 0.0
    taken_j: float = 0.0
    held_j: float = 0.0
    gross_j: float = 0.0
    sink_j: float = 0.0
    steps: int = 0
    time_s: float = 0.0
    longest_dt_s: float = 0.0
    _power_w: float = 0.0
    _lost_power_w: float = 0.0
    _dt_s: float = 0.0
    _box: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
    _packed: _Packed | None = None

    def __post_init__(self) -> None:
        """Lay out the arrays that the march itself needs."""
        u = self.grid.u
        self.other = u.copy()
        self.before = u.copy()
        self.peak = u.copy()
        self.q = np.zeros_like(u)
        self._row_rate = np.zeros(u.shape[:2], dtype=np.float32)
        self._active = np.zeros(u.shape[:2], dtype=np.bool_)
        self._fed = self._active.copy()
        self._fed_span = (u.shape[2], 0)
        self._pace = Pace(parallel=self.grid.parallel)
        self._way = self.grid.parallel
        self._rates = np.zeros_like(u) if self.grid.paced else u
        self._tops = np.zeros(u.shape[:2], dtype=np.float32)
        start = self.damage.start if self.damage else (0.0, 0.0)
        tracked = self.damage is not None and self.damage.kind != "isotherm"
        self.first = np.full(u.shape if tracked else (1, 1, 1), start[0], dtype=np.float32)
        two = self.damage is not None and self.damage.kind == "three_state"
        self.second = np.full(u.shape if two else (1, 1, 1), start[1], dtype=np.float32)
        self._parameters = self.damage.parameters() if self.damage else np.zeros(5)
        self._sink_weight = self.grid.sink.ravel()[self.grid.sinks]
        self._sink_constant = float(np.sum(self._sink_weight.astype(np.float64) * self.grid.sink_rise.ravel()[self.grid.sinks]))

    def set_source(self, source: np.ndarray) -> None:
        """Heat source [W/m3] from now on (on the working grid)."""
        g = self.grid
        self._power_w = float(np.sum(source, dtype=np.float64)) * g.volume_m3
        np.add(source, g.sink * g.sink_rise, out=self.q)
        self._lost_power_w = float(np.sum(source[g.held], dtype=np.float64)) * g.volume_m3
        self.q[g.held] = 0.0
        felt = np.abs(self.q) > _UNFELT_K_S * g.moist
        self._fed = felt.any(axis=2)
        columns = np.flatnonzero(felt.any(axis=(0, 1)))
        self._fed_span = (int(columns[0]), int(columns[-1]) + 1) if columns.size else (g.u.shape[2], 0)
        self._active[:] = False
        if g.boils:
            self._row_rate = np.max(np.maximum(self.q, 0.0) / g.moist, axis=2)

    @property
    def drained_j(self) -> float:
        """Heat [J] that blood and sinks took."""
        return self.taken_j - self._sink_constant * self.grid.volume_m3 * self.time_s

    def _use_step(self, dt_s: float) -> None:
        if dt_s != self._dt_s:
            self.grid.set_step(dt_s)
            self._dt_s = dt_s
        self.longest_dt_s = max(self.longest_dt_s, dt_s)

    def _faces(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.grid.gz, self.grid.gy, self.grid.gx

    def _book(self, duration_s: float) -> None:
        """Book what the source gave; what it put into held voxels has left the tissue at once."""
        self.injected_j += self._power_w * duration_s
        self.held_j += self._lost_power_w * duration_s

    def run_linear(self, until_s: float) -> None:
        """March with constant properties, several steps per pass through memory."""
        g = self.grid
        whole = until_s - self.time_s
        count = max(1, math.ceil(whole / g.stable_s - 1e-9))
        dt = whole / count
        self._use_step(dt)
        flow, loss = self._held_flow(), self._sink_flow()
        block = _BLOCK if count >= _BLOCKS * _BLOCK else 1
        while count:
            steps = min(block, count)
            self._reach(steps)
            self._way = self._pace.begin()
            self._advance(steps, dt, 0.0)
            self._pace.end()
            flow_now, loss_now = self._held_flow(), self._sink_flow()
            late = (
                0.5 if steps > 1 else 0.0
            )  # one explicit step moves what flows at its start; over several, the trapezium is close
            self.held_j += ((1.0 - late) * flow[0] + late * flow_now[0]) * steps * dt
            self.gross_j += ((1.0 - late) * flow[1] + late * flow_now[1]) * steps * dt
            self.sink_j += 0.5 * (loss + loss_now) * steps * dt
            flow, loss = flow_now, loss_now
            count -= steps
            self.steps += steps
        self._book(whole)
        self.time_s = until_s

    def _reach(self, steps: int) -> None:
        """Find the rows that heat can reach in the next steps and share them among the threads."""
        g = self.grid
        self._span = reach(g.u, self._fed, self._fed_span, self._active, _UNFELT_K, steps)
        self._bounds = share_planes(self._active, _threads() if g.parallel else 1, 2 * steps)

    def _advance(self, steps: int, dt_s: float, taken: float) -> None:
        """Take some steps of all cells outside the box; ``taken`` is what blood took in it."""
        g = self.grid
        kernel = block_parallel if self._way else block_serial
        taken += kernel(
            g.u, self.other, *self._faces(), g.b, g.w, self.q, steps, self._bounds, self._box, self._active, self._span
        )
        if steps % 2:
            g.u, self.other = self.other, g.u
        self.taken_j += taken * dt_s * g.volume_m3

    def _held_flow(self) -> tuple[float, float]:
        """Heat flow [W] into held voxels now: net, and both ways added up."""
        net, gross = 0.0, 0.0
        for g, pairs in zip(self._faces(), self.grid.pairs, strict=True):
            flow = held_flux(self.grid.u, g, *pairs)
            net, gross = net + flow[0], gross + flow[1]
        return net * self.grid.volume_m3, gross * self.grid.volume_m3

    def _sink_flow(self) -> float:
        """Heat flow [W] into sinks now."""
        g = self.grid
        return (weighted_sum(g.u, g.sinks, self._sink_weight) - self._sink_constant) * g.volume_m3

    def run(self, until_s: float) -> None:
        """March with everything: drying, changing conductivity, damage, stopping blood."""
        while self.time_s < until_s - 1e-9:
            stop = min(until_s, self.time_s + _LOOK_S) if (self.grid.boils or self.grid.slopes) else until_s
            if until_s - stop < 0.5 * _LOOK_S:
                stop = until_s
            self._run_interval(stop)
            self.time_s = stop

    def _run_interval(self, stop_s: float) -> None:
        g = self.grid
        whole = stop_s - self.time_s
        if g.slopes and self.steps:
            g.update_faces()
        self._update_box(whole)
        stable_s = self._heed_fast_cells() if g.paced else g.stable_s
        self._pack_box()
        count = max(1, math.ceil(whole / stable_s - 1e-9))
        dt = whole / count
        self._use_step(dt)
        every = max(1, math.floor(_OBSERVE_S / dt + 1e-9))
        unseen = 0
        for step in range(count):
            if unseen == 0:
                self._reach(every)
            self._way = self._pace.begin()
            taken = self._step_box(dt) if self._box[1] else 0.0
            net, gross = self._held_flow()
            self.held_j += net * dt
            self.gross_j += gross * dt
            self._advance(1, dt, taken)
            self._pace.end()
            if g.sinks.size:
                self.sink_j += self._sink_flow() * dt
            unseen += 1
            if unseen == every or step == count - 1:
                self.observe(unseen * dt)
                unseen = 0
        self.steps += count
        self._book(whole)

    def _update_box(self, ahead_s: float) -> None:
        g = self.grid
        if not g.boils:
            self._box = g.base
            return
        sensible_to_true(g.u, g.moist, g.dry, g.latent, g.low, g.high, self._box, g.row_max)
        mark = np.float32(g.low - _GUARD_K)
        self._box = find_box(g.u, self.q, g.moist, g.row_max, self._row_rate, np.float32(_AHEAD * ahead_s), mark, g.base)

    def _heed_fast_cells(self) -> float:
        """Step for the conductances of now; the few cells of hot tissue that would slow down all others join the box."""
        g = self.grid
        row_rates(self._faces(), g.moist, g.held, rates=self._rates, tops=self._tops, parallel=g.parallel)
        box, outside = fastest_cells(self._rates, self._tops, np.float32(g.stiff_rate_1_s), self._box)
        _, alone = fastest_cells(self._rates, self._tops, np.float32(np.inf), self._box)
        share = np.prod([b - a for a, b in zip(box[::2], box[1::2], strict=True)]) / g.u.size
        if _BOX_COST * share * alone + outside < alone:
            self._box = box
        else:
            outside = alone
        return min(g.step_share / max(float(outside), 1e-30), g.longest_s)

    def _box_limit_s(self) -> float:
        g = self.grid
        if not g.paced:
            return g.box_limit_s(self._box)
        i0, i1, j0, j1, k0, k1 = self._box
        inner = (slice(i0, i1), slice(j0, j1), slice(k0, k1))
        least = np.minimum(g.moist[inner], g.dry[inner])
        return g.step_share / max(float((self._rates[inner] * g.moist[inner] / least).max()), 1e-30)

    def _pack_box(self) -> None:
        """Copy what the box needs into small arrays that stay in the cache, with a rim of one cell."""
        g = self.grid
        if not self._box[1]:
            self._packed = None
            return
        i0, i1, j0, j1, k0, k1 = self._box
        rim = (slice(i0 - 1, i1 + 1), slice(j0 - 1, j1 + 1), slice(k0 - 1, k1 + 1))
        free = np.zeros(g.u[rim].shape, dtype=np.float32)
        free[1:-1, 1:-1, 1:-1] = ~g.held[i0:i1, j0:j1, k0:k1]
        fixed = [a[rim].copy() for a in (*self._faces(), self.q)]
        heats = [a[rim].copy() for a in (g.moist, g.dry, g.latent)]
        self._packed = (rim, fixed, free, heats, self._box_limit_s())

    def _step_box(self, dt_s: float) -> float:
        """Small steps of the box; leaves its mean in ``u`` for the neighbours and its result in ``other``."""
        g = self.grid
        assert self._packed is not None
        rim, fixed, free, heats, limit_s = self._packed
        count = max(1, math.ceil(dt_s / limit_s))
        now, w = g.u[rim].copy(), g.w[rim].copy()  # never views: a box may fill the grid
        then, mean = now.copy(), np.zeros_like(now)
        gain = np.empty((now.shape[0], now.shape[1] * now.shape[2]), dtype=np.float32)
        kernel: Callable[..., float] = box_parallel if self._way else box_serial
        arrays = (now, then, mean, gain, *fixed, w, free, *heats)
        taken = kernel(*arrays, g.low, g.high, np.float32(dt_s / count), count)
        i0, i1, j0, j1, k0, k1 = self._box
        core = (slice(1, -1),) * 3
        g.u[i0:i1, j0:j1, k0:k1] = mean[core]
        self.other[i0:i1, j0:j1, k0:k1] = (then if count % 2 else now)[core]
        return float(taken)

    def observe(self, since_s: float) -> None:
        """Bring damage, peak temperatures and blood up to now."""
        g = self.grid
        kernel = observe_parallel if self._way else observe_serial
        kernel(
            g.u, self.before, self.peak, self.first, self.second, g.b, g.w, g.moist, g.sink, self.perfusion_stops,
            g.body_c, since_s, self._dt_s, self.damage.code if self.damage else NONE, self._parameters, g.held, g.row_max,
        )  # fmt: skip


def _threads() -> int:
    from numba import get_num_threads

    return int(get_num_threads())
