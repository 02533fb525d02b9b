"""What one simulated ablation did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.size import ZoneSize
from locoregional.physics.heating import EnergyBalance

__all__ = ["Zone"]


@dataclass(frozen=True, eq=False)
class Zone:
    """A simulated ablation on its grid; arrays (slice, row, column).

    Attributes
    ----------
    temperature_c, extreme_c : ndarray of float32
        At the end, and the highest (cold: the lowest) ever.
    dead : ndarray of bool
        Beyond the threshold of the damage law.
    level : ndarray of float32
        Smooth measure of how far beyond it: positive where dead, zero at the edge, negative outside.
    size : ZoneSize
        Axes and volume along the first needle (several needles: along their mean direction).
    energy : EnergyBalance
        Where the heat went.
    trace : mapping of str to tuple of float
        What the generator would log: ``time_s`` and, of the same length, ``power_w``, ``impedance_ohm``, ``tip_c`` ...
    snapshots : mapping of float to ndarray
        Time [s] to temperature [C].
    contours : mapping of str to ndarray of bool
        Further outlines by name, for example the ice ball as CT shows it.
    dose : mapping of str to ndarray of float32
        Thermal doses for alerts: ``cem43_min`` for heat.
    words : tuple of str
        What happened on the way (roll-off, a limit that bound).
    solver_s : float
        Wall-clock time of the solvers.
    """

    temperature_c: NDArray[np.float32]
    extreme_c: NDArray[np.float32]
    dead: NDArray[np.bool_]
    level: NDArray[np.float32]
    size: ZoneSize
    energy: EnergyBalance
    trace: Mapping[str, tuple[float, ...]]
    snapshots: Mapping[float, NDArray[np.float32]] = field(default_factory=dict)
    contours: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    dose: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    solver_s: float = 0.0
