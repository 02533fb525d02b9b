"""Problems of freezing whose answers are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locoregional.physics.freezing import Freezing, FreezingTissue, Phase, Probe, simulate_freezing
from locoregional.physics.medium import Medium
from locoregional.physics.wire import Wire, exchange

__all__ = ["Front", "freeze_line", "freeze_wall", "line_exact_mm", "wall_exact_mm"]

_LATENT = 2.5e8
_LINE_LATENT = 3.38e8
_LINE_K, _LINE_C, _LINE_W_M = 2.22, 1.762e6, 1e4
_WARM_C, _MELTING_C = 310.0 - 273.15, 273.0 - 273.15
_LINE_RADIUS = 0.1  # of the line, in voxels: it must only be thin
_THREE = 3  # voxels that an insulated grid needs where nothing changes


@dataclass(frozen=True)
class Front:
    """Where ice ends.

    Attributes
    ----------
    by_heat_mm, by_temperature_mm : float
        From the latent heat given off, and where the temperature crosses the melting point.
    run : Freezing
        The simulation.
    """

    by_heat_mm: float
    by_temperature_mm: float
    run: Freezing


def _crossing(temperature_c: np.ndarray, *, at_c: float) -> float:
    """Index, between voxels, of the last crossing of ``at_c`` from cold to warm."""
    k = int(np.flatnonzero((temperature_c[:-1] < at_c) & (temperature_c[1:] >= at_c))[-1])
    return k + float((at_c - temperature_c[k]) / (temperature_c[k + 1] - temperature_c[k]))


def wall_exact_mm(time_s: float) -> float:
    """Front before a wall at -140 C in tissue at 37 C that freezes at -1 C (Neumann)."""
    from scipy.optimize import brentq
    from scipy.special import erf, erfc

    warm_a, cold_a = 0.5 / 3.6e6, 2.0 / 1.8e6

    def miss(x: float) -> float:
        nu = np.sqrt(cold_a / warm_a)
        cold = 1.8e6 * 139.0 * np.exp(-x * x) / (_LATENT * np.sqrt(np.pi) * erf(x))
        warm = 3.6e6 * 38.0 * np.exp(-((nu * x) ** 2)) / (_LATENT * np.sqrt(np.pi) * nu * erfc(nu * x))
        return float(cold - warm - x)

    return 2e3 * float(brentq(miss, 0.05, 2.0)) * float(np.sqrt(cold_a * time_s))


def freeze_wall(*, spacing_mm: float, time_s: float, width_k: float = 0.1) -> Front:
    """Freeze before a wall, see :func:`wall_exact_mm`, on voxels of ``spacing_mm``; melting is spread over ``width_k``."""
    reach_mm = wall_exact_mm(time_s) + 5e3 * np.sqrt(0.5 / 3.6e6 * time_s)
    shape = (_THREE, _THREE, 1 + int(reach_mm / spacing_mm))
    held = np.zeros(shape, dtype=bool)
    held[:, :, 0] = True
    medium = Medium(np.full(shape, 0.5, dtype=np.float32), 3.6e6, held=held, held_temperature_c=-140.0)
    tissue = FreezingTissue(medium, 2.0, 1.8e6, _LATENT, -1.0 - 0.5 * width_k, -1.0 + 0.5 * width_k)
    run = simulate_freezing(
        tissue, probes=(), phases=(Phase("rest", time_s),), spacing_m=1e-3 * spacing_mm, insulated=True, parallel=False
    )
    frozen_mm = -run.energy.latent_j / (_LATENT * (_THREE * 1e-3 * spacing_mm) ** 2) * 1e3
    # the wall lies in the middle of the held voxel, and its half voxel of ice has no latent heat of its own
    return Front(0.5 * spacing_mm + frozen_mm, spacing_mm * _crossing(run.temperature_c[1, 1], at_c=-1.0), run)


def line_exact_mm(time_s: float) -> float:
    """Front around a line that takes 100 W/cm out of a medium at 310 K that freezes at 273 K."""
    from scipy.optimize import brentq
    from scipy.special import exp1

    a = _LINE_K / _LINE_C

    def miss(x: float) -> float:
        flow = np.exp(-x * x) * (_LINE_W_M / (4.0 * np.pi) - _LINE_K * (_WARM_C - _MELTING_C) / exp1(x * x))
        return float(flow - x * x * a * _LINE_LATENT)

    return 2e3 * float(brentq(miss, 0.1, 2.0)) * float(np.sqrt(a * time_s))


def freeze_line(*, spacing_mm: float, time_s: float, width_k: float = 0.2) -> Front:
    """Freeze around a line, see :func:`line_exact_mm`, in a grid of three layers across it."""
    h = 1e-3 * spacing_mm
    side = 2 * int(np.ceil((line_exact_mm(time_s) + 4e3 * np.sqrt(_LINE_K / _LINE_C * time_s)) / spacing_mm))
    shape = (_THREE, side, side)
    tissue = FreezingTissue(
        Medium(np.full(shape, _LINE_K, dtype=np.float32), _LINE_C),
        _LINE_K,
        _LINE_C,
        _LINE_LATENT,
        _MELTING_C - 0.5 * width_k,
        _MELTING_C + 0.5 * width_k,
    )
    middle = 0.5 * (side - 1) * h
    wire = Wire((-20.0 * h, middle, middle), (20.0 * h, middle, middle), _LINE_RADIUS * h)
    # it may grow as cold as it likes: the heat flow alone binds
    probe = Probe(exchange([wire], shape=shape, spacing_m=h, whole=False), cold_c=-1e5, cooling_w=_LINE_W_M * _THREE * h)
    run = simulate_freezing(
        tissue,
        probes=(probe,),
        phases=(Phase("freeze", time_s),),
        spacing_m=h,
        body_temperature_c=_WARM_C,
        insulated=True,
        parallel=False,
    )
    area_m2 = -run.energy.latent_j / (_LINE_LATENT * _THREE * h)
    row = run.temperature_c[1, side // 2, side // 2 :]
    along = _crossing(row, at_c=_MELTING_C) + 0.5
    return Front(1e3 * float(np.sqrt(area_m2 / np.pi)), spacing_mm * float(np.hypot(along, 0.5)), run)
