"""Marching freezing tissue through time: small steps in a box around the cold, long ones outside."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numba import get_num_threads

from locoregional.physics.conductance import face_sum
from locoregional.physics.freezing_kernels import (
    cold_box,
    enthalpies,
    faces_parallel,
    faces_serial,
    observe,
    steps_parallel,
    steps_serial,
    stored,
)
from locoregional.physics.freezing_tissue import FreezingTissue, Phase, Probe
from locoregional.physics.grid import Grid
from locoregional.physics.pace import Pace
from locoregional.physics.stencil import block_parallel, block_serial, held_flux, reach, share_planes, weighted_sum

__all__ = ["FreezingMarch"]

_SAFETY = 0.95  # share of the largest monotone step that is used
_GUARD_K = 2.0  # the box holds what is colder than this above the liquidus
_LOOK_STEPS = 4  # long steps between looks for the box
_PAD = 2  # voxels added around it, so that it need not grow at every look
_SHRINK = 0.6  # a box is laid anew when what it must hold fills less than this share of it
_UNFELT_K = np.float32(1e-6)  # a row this close to body temperature, with none changed in reach, is left alone

_Box = tuple[int, int, int, int, int, int]


@dataclass
class _Packed:
    """Contiguous copies of what the box needs, with a rim of one cell; see the kernels."""

    box: _Box
    rim: tuple[slice, ...]
    u: np.ndarray
    then: np.ndarray
    h: np.ndarray
    mean: np.ndarray
    gain: np.ndarray
    faces: tuple[np.ndarray, np.ndarray, np.ndarray]
    q: np.ndarray
    base: np.ndarray
    blood: np.ndarray
    w: np.ndarray
    free: np.ndarray
    per: tuple[np.ndarray, np.ndarray, np.ndarray]
    mush: np.ndarray
    warm_k: np.ndarray
    cold_k: np.ndarray
    cells: np.ndarray
    holds: bool
    limit_s: float


@dataclass
class FreezingMarch:
    """State of a running simulation, and the heat that has gone where [J]."""

    grid: Grid
    tissue: FreezingTissue
    probes: Sequence[Probe]
    time_s: float = 0.0
    steps: int = 0
    longest_dt_s: float = 0.0
    taken_j: float = 0.0
    held_j: float = 0.0
    gross_j: float = 0.0
    sink_j: float = 0.0
    given_j: float = 0.0
    trace: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out the arrays that the march itself needs."""
        g, tissue = self.grid, self.tissue
        self.low = np.float32(tissue.liquidus_c - g.body_c)
        self.width = np.float32(tissue.liquidus_c - tissue.solidus_c)
        self.cold = g.widen(tissue.full("frozen_heat_capacity_j_m3k"), fill=1.0)
        self.cold_conductivity = g.widen(tissue.full("frozen_conductivity_w_mk"))
        own = g.widen(tissue.medium.full("volumetric_heat_capacity_j_m3k"), fill=1.0)
        self.cold = np.where(g.moist > own, np.maximum(self.cold, g.moist), self.cold)  # what was tamed stays so when cold
        self.latent = g.widen(tissue.full("freezing_heat_j_m3"))
        self.mush = self.latent + np.float32(0.5) * (g.moist + self.cold) * self.width
        self.free = ~g.held
        self.h = enthalpies(g.u, g.moist, self.cold, self.mush, float(self.low), float(self.width))
        self.other = g.u.copy()
        self.lowest, self.cycle = g.u.copy(), g.u.copy()
        self.frozen_s = np.zeros_like(g.u)
        self.q = g.sink * g.sink_rise
        self._fed_rows = (np.abs(self.q) > 0).any(axis=2)
        columns = np.flatnonzero((np.abs(self.q) > 0).any(axis=(0, 1)))
        self._fed_columns = (int(columns[0]), int(columns[-1]) + 1) if columns.size else (g.u.shape[2], 0)
        self._active = np.zeros(g.u.shape[:2], dtype=np.bool_)
        self._sink_weight = g.sink.ravel()[g.sinks]
        self._sink_constant = float(np.sum(self._sink_weight.astype(np.float64) * g.sink_rise.ravel()[g.sinks]))
        self._lay_probes()
        self._packed: _Packed | None = None
        self._since_look = _LOOK_STEPS
        self._pace = Pace(parallel=g.parallel)
        self.cycles: list[np.ndarray] = []
        names = ("time_s", *(f"{what}_{n}" for n in range(1, len(self.probes) + 1) for what in ("probe_c", "cooling_w")))
        self.trace = {name: [] for name in names}

    def _lay_probes(self) -> None:
        """Cells of all probes one after another, on the working grid, and the box that holds them."""
        shape, pad = self.grid.u.shape, self.grid.pad
        places = [np.unravel_index(p.exchange.cells, self.tissue.medium.shape) for p in self.probes]
        self._cells = np.array(
            [np.concatenate([at[axis] for at in places]) + pad for axis in range(3)] if places else np.zeros((3, 0), int)
        )
        keep = np.array([1 <= i < n - 1 for n, at in zip(shape, self._cells, strict=True) for i in at]).reshape(3, -1).all(axis=0)
        self._exchange = np.concatenate([p.exchange.weight_1_m2 for p in self.probes]) if places else np.zeros(0)
        counts = [int(p.exchange.cells.size) for p in self.probes]
        owner = np.repeat(np.arange(len(counts)), counts)[keep]
        self._cells, self._exchange = self._cells[:, keep], self._exchange[keep]
        self._first = np.searchsorted(owner, np.arange(len(counts) + 1)).astype(np.int64)
        self._probe_box: _Box = (shape[0], 0, shape[1], 0, shape[2], 0)
        if self._exchange.size:
            low, high = self._cells.min(axis=1), self._cells.max(axis=1) + 1
            self._probe_box = (int(low[0]), int(high[0]), int(low[1]), int(high[1]), int(low[2]), int(high[2]))
        self._drive = np.zeros((5, len(counts)))

    def begin(self, phase: Phase) -> None:
        """Drive the probes as a phase asks; a freeze opens a new cycle."""
        body = self.grid.body_c
        self._kind, self._begun_s = phase.kind, self.time_s
        at = tuple(self._cells)
        if phase.kind == "freeze":
            self.cycle[...] = self.grid.u
            self.cycles.append(self.cycle)
        for n, probe in enumerate(self.probes):
            own = slice(self._first[n], self._first[n + 1])
            around = float(np.average(self.grid.u[at][own], weights=self._exchange[own]))
            goal = (probe.warm_c if phase.kind == "warm" else probe.cold_c) - body
            ramp = probe.ramp_s if phase.kind == "freeze" else 0.0
            out, into = (
                (probe.cooling_w, 0.0) if phase.kind == "freeze" else (0.0, probe.warming_w if phase.kind == "warm" else 0.0)
            )
            self._drive[:, n] = around, goal, ramp, out, into
        self._since_look = _LOOK_STEPS

    def close_cycle(self) -> None:
        """Keep the lowest temperatures of the cycle, which a new freeze begins anew."""
        if self.cycles:
            self.cycles[-1] = self.cycle.copy()

    def run(self, until_s: float) -> None:
        """March to a time."""
        g = self.grid
        whole = until_s - self.time_s
        count = max(1, math.ceil(whole / g.stable_s - 1e-9))
        dt = whole / count
        g.set_step(dt)
        self.longest_dt_s = max(self.longest_dt_s, dt)
        for _ in range(count):
            if self._since_look >= _LOOK_STEPS:
                self._look(dt)
            self._step(dt)
            self._since_look += 1
        self.time_s = until_s

    def _look(self, dt_s: float) -> None:
        """Bring the box up to date."""
        g = self.grid
        self._since_look = 0
        looked: np.ndarray = self._active if self.steps else np.ones_like(self._active)
        find: Callable[..., _Box] = cold_box
        need = find(g.u, np.float32(self.low + _GUARD_K), looked, self._probe_box)
        have = self._packed.box if self._packed else (0, 0, 0, 0, 0, 0)
        if need[1] <= need[0]:
            self._unpack()
            self._packed = None
            return
        fits = all(have[n] <= need[n] and have[n + 1] >= need[n + 1] for n in (0, 2, 4))
        padded: list[int] = []
        for n, size in zip((0, 2, 4), g.u.shape, strict=True):
            padded += [max(1, need[n] - _PAD), min(size - 1, need[n + 1] + _PAD)]
        if fits and _volume(padded) > _SHRINK * _volume(have):
            return
        self._unpack()
        self._pack(tuple(padded))  # type: ignore[arg-type]
        g.set_step(dt_s)

    def _unpack(self) -> None:
        """Take the enthalpies of the box home."""
        if self._packed:
            i0, i1, j0, j1, k0, k1 = self._packed.box
            self.h[i0:i1, j0:j1, k0:k1] = self._packed.h[1:-1, 1:-1, 1:-1]

    def _pack(self, box: _Box) -> None:
        """Copy what the box needs; what has not been in the box knows no latent heat yet: its enthalpy is sensible."""
        g = self.grid
        i0, i1, j0, j1, k0, k1 = box
        rim = (slice(i0 - 1, i1 + 1), slice(j0 - 1, j1 + 1), slice(k0 - 1, k1 + 1))
        inside = np.zeros(g.u.shape, dtype=bool)
        if self._packed:
            a0, a1, b0, b1, c0, c1 = self._packed.box
            inside[a0:a1, b0:b1, c0:c1] = True
        fresh = ~inside[rim] & self.free[rim] & (self.steps > 0)
        h, u = self.h[rim].copy(), g.u[rim].copy()
        h[fresh] = g.moist[rim][fresh] * (u[fresh] - self.low)
        mush, moist, cold = self.mush[rim].copy(), g.moist[rim], self.cold[rim]
        free = np.zeros(u.shape, dtype=np.float32)
        free[1:-1, 1:-1, 1:-1] = self.free[i0:i1, j0:j1, k0:k1]
        warm_k, cold_k = g.k0[rim].copy(), self.cold_conductivity[rim].copy()
        largest = np.maximum(warm_k, cold_k)
        faces = (np.zeros_like(u), np.zeros_like(u), np.zeros_like(u))
        faces_serial(*faces, np.zeros_like(u), largest, largest, np.float32(-1.0), np.float32(1.0), g.inv_square)
        stiff = (face_sum(*faces) / np.minimum(moist, cold))[1:-1, 1:-1, 1:-1].max()
        at = tuple(c - o for c, o in zip(self._cells, (i0 - 1, j0 - 1, k0 - 1), strict=True))
        self._packed = _Packed(
            box=box,
            rim=rim,
            u=u,
            then=u.copy(),
            h=h,
            mean=np.zeros_like(u),
            gain=np.empty((u.shape[0], u.shape[1] * u.shape[2]), dtype=np.float32),
            faces=faces,
            q=self.q[rim].copy(),
            base=self.q[rim].copy(),
            blood=g.w[rim].copy(),
            w=g.w[rim].copy(),
            free=free,
            per=(1.0 / moist, self.width / mush, 1.0 / cold),
            mush=mush,
            warm_k=warm_k,
            cold_k=cold_k,
            cells=np.ravel_multi_index(at, u.shape).astype(np.int64) if self._exchange.size else np.zeros(0, np.int64),
            holds=bool(g.held[i0:i1, j0:j1, k0:k1].any()),
            limit_s=_SAFETY / float(stiff),
        )

    def _step(self, dt_s: float) -> None:
        """One long step everywhere, with small ones in the box."""
        g, box = self.grid, (0, 0, 0, 0, 0, 0)
        threads = self._pace.begin()
        taken = self._step_box(dt_s, threads) if self._packed else 0.0
        fed, (first, last) = self._fed_rows, self._fed_columns
        if self._packed:
            box = self._packed.box
            fed = fed.copy()
            fed[box[0] : box[1], box[2] : box[3]] = True
            first, last = min(first, box[4]), max(last, box[5])
        net, gross = self._held_flow()
        self.held_j += net * dt_s
        self.gross_j += gross * dt_s
        span = reach(g.u, fed, (first, last), self._active, _UNFELT_K, 1)
        bounds = share_planes(self._active, int(get_num_threads()) if threads else 1, 2)
        kernel = block_parallel if threads else block_serial
        taken += kernel(g.u, self.other, g.gz, g.gy, g.gx, g.b, g.w, self.q, 1, bounds, box, self._active, span)
        self._pace.end()
        g.u, self.other = self.other, g.u
        self.taken_j += taken * dt_s * g.volume_m3
        if g.sinks.size:
            self.sink_j += (weighted_sum(g.u, g.sinks, self._sink_weight) - self._sink_constant) * g.volume_m3 * dt_s
        observe(g.u, self.lowest, self.cycle, self.frozen_s, self._active, self.low, np.float32(dt_s))
        self.steps += 1
        self.time_s += dt_s

    def _step_box(self, dt_s: float, threads: bool) -> float:
        """Small steps of the box; leaves its mean in ``u`` for the neighbours and its result in ``other``."""
        g, k = self.grid, self._packed
        assert k is not None
        k.u[...] = k.then[...] = g.u[k.rim]
        update = faces_parallel if threads else faces_serial
        update(*k.faces, k.u, k.warm_k, k.cold_k, self.low, self.width, g.inv_square)
        i0, i1, j0, j1, k0, k1 = k.box
        for whole, part in zip((g.gz, g.gy, g.gx), k.faces, strict=True):
            whole[k.rim][:-1, :-1, :-1] = part[:-1, :-1, :-1]
        sink = g.sink[k.rim]
        stopped = (k.u < self.low) & (k.blood > sink)
        if stopped.any():  # blood stops where ice forms, for good
            k.blood[stopped] = sink[stopped]
            g.w[k.rim][stopped] = sink[stopped]
        k.w[...] = k.blood
        weights = self._probe_weights(k)
        np.add.at(k.w.ravel(), k.cells, weights.astype(np.float32))
        count = max(1, math.ceil(dt_s / k.limit_s))
        k.mean[...] = 0.0
        probe_k, given = np.zeros(len(self.probes)), np.zeros(len(self.probes))
        kernel: Callable[..., float] = steps_parallel if threads else steps_serial
        probes = (k.cells, weights, self._first, self._drive)
        taken = kernel(
            k.u, k.then, k.h, k.mean, k.gain, k.faces, k.q, k.base, k.w, k.free, k.per, k.mush, probes,
            self.time_s - self._begun_s, probe_k, given, self.low, np.float32(dt_s / count), count, g.volume_m3, k.holds,
        )  # fmt: skip
        core = (slice(1, -1),) * 3
        g.u[i0:i1, j0:j1, k0:k1] = k.mean[core]
        self.other[i0:i1, j0:j1, k0:k1] = (k.then if count % 2 else k.u)[core]
        given *= g.volume_m3 / count
        self.given_j += float(given.sum()) * dt_s
        self._log(dt_s, probe_k, given)
        return float(taken) / count

    def _probe_weights(self, k: _Packed) -> np.ndarray:
        """Heat that the cells exchange with their probes [W/m3/K], with the conductivity that they have now."""
        if self._kind == "rest" or not self._exchange.size:
            return np.full(self._exchange.size, 1e-12)
        cold = np.clip((self.low - k.u.ravel()[k.cells]) / self.width, 0.0, 1.0)
        warm_k, cold_k = k.warm_k.ravel()[k.cells], k.cold_k.ravel()[k.cells]
        return np.asarray(self._exchange * (warm_k + cold * (cold_k - warm_k)), dtype=np.float64)

    def _log(self, dt_s: float, probe_k: np.ndarray, given_w: np.ndarray) -> None:
        self.trace["time_s"].append(self.time_s + dt_s)
        for n in range(len(self.probes)):
            self.trace[f"probe_c_{n + 1}"].append(float(probe_k[n]) + self.grid.body_c)
            self.trace[f"cooling_w_{n + 1}"].append(-float(given_w[n]))

    def _held_flow(self) -> tuple[float, float]:
        """Heat flow [W] into held voxels now: net, and both ways added up."""
        net, gross = 0.0, 0.0
        for faces, pairs in zip((self.grid.gz, self.grid.gy, self.grid.gx), self.grid.pairs, strict=True):
            flow = held_flux(self.grid.u, faces, *pairs)
            net, gross = net + flow[0], gross + flow[1]
        return net * self.grid.volume_m3, gross * self.grid.volume_m3

    @property
    def drained_j(self) -> float:
        """Heat [J] that blood and sinks took."""
        return self.taken_j - self._sink_constant * self.grid.volume_m3 * self.time_s

    def heat(self) -> tuple[float, float]:
        """Sensible heat and latent heat [J] of all free voxels, against the liquidus."""
        g = self.grid
        self._unpack()
        h = self.h.copy()
        outside = self.free.copy()
        if self._packed:
            i0, i1, j0, j1, k0, k1 = self._packed.box
            outside[i0:i1, j0:j1, k0:k1] = False
        if self.steps:  # outside the box only temperatures are kept
            h[outside] = g.moist[outside] * (g.u[outside] - self.low)
        whole, hidden = stored(h, self.mush, self.latent, self.free)
        return (whole + hidden) * g.volume_m3, -hidden * g.volume_m3


def _volume(box: Sequence[int]) -> int:
    return (box[1] - box[0]) * (box[3] - box[2]) * (box[5] - box[4])
