"""The march of the heat equation on an NVIDIA GPU: the same physics and books as on the processor.

The whole grid takes the same steps: while something boils, or where metal is about, all cells take the small ones that the
processor keeps to a box.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import cuda

from locoregional.errors import SolverError
from locoregional.physics import cuda_kernels as kernels
from locoregional.physics.damage_kernels import NONE
from locoregional.physics.march import March

__all__ = ["DeviceMarch"]

_BLOCK = (32, 4, 1)
_OBSERVE_S = 2.0  # as on the processor
_AHEAD = 2.0  # small steps begin where something may boil within this many intervals ...
_GUARD_K = 5.0  # ... judged by this much below boiling


class DeviceMarch(March):
    """Like :class:`~locoregional.physics.march.March`, with the arrays on the GPU; the host's follow after each stretch."""

    def __post_init__(self) -> None:
        """Send all arrays to the GPU.

        Raises
        ------
        SolverError
            If there is no GPU that can be used.
        """
        if not cuda.is_available():
            raise SolverError(
                "no NVIDIA GPU was found that numba can use",
                where="device",
                remedy='Use device="cpu", or install an NVIDIA driver and the package numba-cuda. See also numba -s.',
            )
        super().__post_init__()
        g = self.grid
        planes, rows, columns = g.u.shape
        self._blocks = (-(-columns // _BLOCK[0]), -(-rows // _BLOCK[1]), -(-planes // kernels.PLANES))
        free = (~g.held).astype(np.float32)
        send = cuda.to_device
        self._u, self._out, self._before, self._peak = (send(a) for a in (g.u, g.u, self.before, self.peak))
        self._gz, self._gy, self._gx, self._b, self._w, self._q = (send(a) for a in (g.gz, g.gy, g.gx, g.b, g.w, self.q))
        self._k0, self._slope, self._moist, self._sink, self._free = (send(a) for a in (g.k0, g.slope, g.moist, g.sink, free))
        self._first, self._second, self._p = (send(a) for a in (self.first, self.second, self._parameters))
        self._dry, self._latent = (send(a) for a in (g.dry, g.latent)) if g.boils else (self._moist, self._moist)
        self._books = send(np.zeros((4, kernels.SLOTS)))
        axes = np.concatenate([np.full(pair[0].size, axis, np.int8) for axis, pair in enumerate(g.pairs)])
        joined = (np.concatenate([pair[n] for pair in g.pairs]) for n in range(3))
        self._pairs = (send(axes), *(send(a) for a in joined))
        self._cells = (send(g.sinks), send(self._sink_weight))
        self._least = send(np.minimum(g.moist, g.dry)) if g.boils else self._moist
        self._everywhere_s = g.box_limit_s((0, planes, 0, rows, 0, columns))

    def set_source(self, source: np.ndarray) -> None:
        """Heat source [W/m3] from now on (on the working grid)."""
        super().set_source(source)
        self._q.copy_to_device(self.q)
        self._fastest_k_s = float(np.max(np.maximum(self.q, 0.0) / self.grid.moist))

    def run(self, until_s: float) -> None:
        """March with everything, then bring the host's arrays up to now."""
        super().run(until_s)
        self._fetch()

    def run_linear(self, until_s: float) -> None:
        """March with constant properties, unobserved, as temperatures only rise."""
        self._march(until_s - self.time_s, drying=False, observed=False)
        self.time_s = until_s
        self._fetch()

    def _run_interval(self, stop_s: float) -> None:
        g = self.grid
        whole = stop_s - self.time_s
        if g.slopes and self.steps:
            self._launch(
                kernels.faces, self._k0, self._slope, self._u, g.limit, *g.inv_square, self._gz, self._gy, self._gx
            )  # fmt: skip
        drying = (
            g.boils
            and self._top(kernels.highest, -np.inf, self._u) + _AHEAD * whole * self._fastest_k_s >= float(g.low) - _GUARD_K
        )
        self._march(whole, drying=drying, observed=True)

    def _march(self, whole_s: float, *, drying: bool, observed: bool) -> None:
        """Take the steps of one stretch; ``drying``: small steps through boiling."""
        g = self.grid
        count = max(1, math.ceil(whole_s / self._limit_s(drying) - 1e-9))
        dt = np.float32(whole_s / count)
        if float(dt) != self._dt_s:
            self._launch(kernels.weigh, self._b, self._moist, self._w, self._free, dt)
            self._dt_s = float(dt)
        self.longest_dt_s = max(self.longest_dt_s, float(dt))
        every = max(1, math.floor(_OBSERVE_S / dt + 1e-9))
        unseen = 0
        for n in range(count):
            self._step(dt, drying)
            unseen += 1
            if observed and (unseen == every or n == count - 1):
                self._observe(unseen * whole_s / count, dt)
                unseen = 0
        self.steps += count
        self.sink_j -= self._sink_constant * g.volume_m3 * whole_s
        self._book(whole_s)

    def _limit_s(self, drying: bool) -> float:
        """Longest step now; where hot tissue conducts far better, for the conductances of now."""
        g = self.grid
        if g.paced:
            heat = self._least if drying else self._moist
            rate = self._top(kernels.quickest, 0.0, self._gz, self._gy, self._gx, heat, self._free)
            return min(g.step_share / max(rate, 1e-30), g.longest_s)
        return min(self._everywhere_s, g.stable_s) if drying or g.base[1] > 0 else g.stable_s

    def _launch(self, kernel: Any, *arguments: Any) -> None:
        kernel[self._blocks, _BLOCK](*arguments)

    def _strided(self, kernel: Any, count: int, *arguments: Any) -> None:
        threads = -(-count // kernels.STRIDE)
        kernel[-(-threads // 64), 64](*arguments)

    def _step(self, dt: np.float32, drying: bool) -> None:
        g = self.grid
        faces = (self._gz, self._gy, self._gx)
        flat = [a.ravel() for a in (self._u, *faces)]
        if self._pairs[0].size:
            self._strided(kernels.outflow, self._pairs[0].size, *flat, *self._pairs, self._books, dt)
        if drying:
            width = g.high - g.low
            self._launch(
                kernels.step_drying, self._u, self._out, *faces, self._w, self._q, self._free,
                self._moist, self._dry, self._latent, g.low, width, np.float32(1.0) / width, self._books, dt,
            )  # fmt: skip
        else:
            self._launch(kernels.step, self._u, self._out, *faces, self._b, self._w, self._q, self._books, dt)
        self._u, self._out = self._out, self._u
        if self._cells[0].size:
            self._strided(kernels.sinks, self._cells[0].size, self._u.ravel(), *self._cells, self._books, dt)

    def _observe(self, since_s: float, dt: np.float32) -> None:
        self._launch(
            kernels.observe, self._u, self._before, self._peak, self._first, self._second, self._b, self._w, self._moist,
            self._sink, self._free, self.perfusion_stops, self.grid.body_c, since_s, dt,
            self.damage.code if self.damage else NONE, self._p,
        )  # fmt: skip

    def _top(self, kernel: Any, least: float, *arguments: Any) -> float:
        """Highest value that a kernel finds."""
        top = cuda.to_device(np.full(1, least))
        self._launch(kernel, *arguments, top)
        return float(top.copy_to_host()[0])

    def _fetch(self) -> None:
        """Bring the host's arrays and books up to now."""
        g = self.grid
        for there, here in (
            (self._u, g.u), (self._peak, self.peak), (self._w, g.w), (self._first, self.first), (self._second, self.second),
        ):  # fmt: skip
            there.copy_to_host(here)
        taken, held, gross, sink = self._books.copy_to_host().sum(axis=1) * g.volume_m3
        self.taken_j += taken
        self.held_j += held
        self.gross_j += gross
        self.sink_j += sink
        self._books.copy_to_device(np.zeros((4, kernels.SLOTS)))
