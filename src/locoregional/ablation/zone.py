"""What one simulated ablation did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.needle import NeedleFrame
from locoregional.ablation.size import ZoneSize, measure_zone
from locoregional.physics.heating import EnergyBalance

__all__ = ["Zone", "joined"]


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
    sizes : mapping of str to ZoneSize
        Size of some of them, by the same names.
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
    sizes: Mapping[str, ZoneSize] = field(default_factory=dict)
    dose: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    solver_s: float = 0.0


def joined(zones: Sequence[Zone], *, needles: Sequence[NeedleFrame], lethal: str) -> Zone:
    """One zone of several ablations after one another, each from body temperature: dead where any of them killed.

    Doses and heat add up; the trace is that of the first.

    Parameters
    ----------
    zones : sequence of Zone
        On one grid, in order.
    needles : sequence of NeedleFrame
        All needles, for the size of the joint zone.
    lethal : str
        ``heat`` or ``cold``.
    """
    first = zones[0]
    if len(zones) == 1:
        return first
    hot = lethal == "heat"
    extreme = (np.maximum if hot else np.minimum).reduce([z.extreme_c for z in zones])
    level = np.maximum.reduce([z.level for z in zones])
    books = [z.energy for z in zones]
    summed = {f.name: sum(getattr(b, f.name) for b in books) for f in fields(EnergyBalance)}
    return replace(
        first,
        dead=np.logical_or.reduce([z.dead for z in zones]),
        level=level,
        extreme_c=extreme,
        size=measure_zone(needles, level=level, peak_temperature_c=extreme if hot else None),
        energy=EnergyBalance(**{**summed, "residual_share": max(b.residual_share for b in books)}),
        contours={name: np.logical_or.reduce([z.contours[name] for z in zones]) for name in first.contours},
        sizes={},
        dose={name: np.add.reduce([z.dose[name] for z in zones]) for name in first.dose},
        words=tuple(dict.fromkeys(w for z in zones for w in z.words)),
        solver_s=sum(z.solver_s for z in zones),
    )
