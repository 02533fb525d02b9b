"""Thermal dose beside the damage law: what structures at risk receive, counted while a source is asked for its heat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from locoregional.physics.bioheat import State
from locoregional.physics.damage import damage_model
from locoregional.physics.damage_kernels import CEM43, summed

__all__ = ["Dosed"]

HIGHEST_MIN = np.float32(1e6)
"""Doses are not followed beyond this: any tissue has died long before."""


@njit(cache=True, nogil=True)
def _add_row(dose, before, now, tau_s, p):  # type: ignore[no-untyped-def]
    for k in range(dose.size):
        if max(before[k], now[k]) > p[3]:
            dose[k] = min(dose[k] + summed(CEM43, before[k], now[k], tau_s, p), HIGHEST_MIN)


@njit(cache=True, nogil=True, parallel=True)
def _add(dose, before, now, tau_s, p):  # type: ignore[no-untyped-def]
    """Add equivalent minutes at 43 C of an interval in which each row ran straight from one temperature to the other."""
    for row in prange(dose.shape[0]):
        _add_row(dose[row], before[row], now[row], tau_s, p)


@njit(cache=True, nogil=True)
def _add_serial(dose, before, now, tau_s, p):  # type: ignore[no-untyped-def]
    for row in range(dose.shape[0]):
        _add_row(dose[row], before[row], now[row], tau_s, p)


class Dosed:
    """A heat source that counts the thermal dose of the tissue it heats.

    Parameters
    ----------
    source : callable
        Function of time [s] and state that gives the power per volume [W/m3].
    start_c : float
        Temperature at the start.
    parallel : bool
        Use all threads.
    """

    def __init__(self, source: Callable[[float, State], NDArray[np.float32]], *, start_c: float, parallel: bool = True) -> None:
        self._source, self._start_c, self._parallel = source, start_c, parallel
        self._time_s = 0.0
        self._before: NDArray[np.float32] | None = None
        self._dose: NDArray[np.float32] | None = None
        self._parameters = damage_model("cem43").parameters()

    def __call__(self, time_s: float, state: State) -> NDArray[np.float32]:
        """Heat source at a time; the dose since the last time is counted."""
        self._count(time_s, state.temperature_c)
        return self._source(time_s, state)

    def finished(self, temperature_c: NDArray[np.float32], *, time_s: float) -> NDArray[np.float32]:
        """Equivalent minutes at 43 C up to the end, shape of the grid."""
        self._count(time_s, temperature_c)
        assert self._dose is not None
        return self._dose

    def _count(self, time_s: float, temperature_c: NDArray[np.float32]) -> None:
        now = np.ascontiguousarray(temperature_c, dtype=np.float32)
        if self._dose is None or self._before is None:
            self._dose = np.zeros(now.shape, np.float32)
            self._before = np.full(now.shape, self._start_c, np.float32)
        columns = now.shape[2]
        kernel = _add if self._parallel else _add_serial
        kernel(
            self._dose.reshape(-1, columns),
            self._before.reshape(-1, columns),
            now.reshape(-1, columns),
            time_s - self._time_s,
            self._parameters,
        )
        self._before, self._time_s = now, time_s
