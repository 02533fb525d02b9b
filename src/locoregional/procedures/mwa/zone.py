"""One microwave ablation: the antenna field and the heat it makes, solved together on the voxel grid."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import PlanningError
from locoregional.physics.bioheat import EnergyBalance, State, simulate_heating
from locoregional.physics.damage import DamageModel
from locoregional.physics.medium import Medium
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.devices import Device
from locoregional.procedures.mwa.dielectric import Dielectric
from locoregional.procedures.mwa.measure import ZoneSize, death_level, measure_zone
from locoregional.procedures.mwa.shaft import cooled_medium
from locoregional.procedures.mwa.source import Needle, NeedleGrid
from locoregional.progress import Progress, silent

__all__ = ["TracePoint", "Zone", "simulate_zone"]

LOOK_EVERY_S = 3.0
"""How often the field is compared with the tissue it was solved for, per coarseness of the field mesh."""
HOT_C = 95.0
"""Above this, tissue heats fast enough while it dries to outrun the field between two looks."""
DRY_S_M = 1e-3
"""Conductivity below which tissue is as good as lossless: changes below it do not count."""
MOVED = 0.05
"""Mean change of conductivity, weighted with the absorbed power, before the field is solved again,
per coarseness of the field mesh: a coarse answer need not be renewed as often (axes within 0.3 mm)."""


@dataclass(frozen=True)
class TracePoint:
    """What the generator would log: one line per solution of the field.

    Attributes
    ----------
    time_s : float
        Since power on.
    absorbed_w : float
        Power that heats tissue.
    reflected : float
        Share of the power at the antenna that comes back.
    hottest_c : float
        Highest temperature in the grid.
    """

    time_s: float
    absorbed_w: float
    reflected: float
    hottest_c: float


@dataclass(frozen=True, eq=False)
class Zone:
    """A simulated ablation on its grid; arrays (slice, row, column).

    Attributes
    ----------
    temperature_c, peak_temperature_c : ndarray of float32
        At the end, and the highest ever.
    dead : ndarray of bool
        Beyond the threshold of the damage model.
    damage : ndarray of float32 or None
        State of the damage model.
    size : ZoneSize
        Axes and volume along the needle.
    energy : EnergyBalance
        Where the heat went.
    trace : tuple of TracePoint
        Power, reflection and hottest temperature over time.
    snapshots : dict
        Time [s] to temperature [C].
    solver_s : float
        Wall-clock time of the heat solver, without the field.
    """

    temperature_c: NDArray[np.float32]
    peak_temperature_c: NDArray[np.float32]
    dead: NDArray[np.bool_]
    damage: NDArray[np.float32] | None
    size: ZoneSize
    energy: EnergyBalance
    trace: tuple[TracePoint, ...]
    snapshots: dict[float, NDArray[np.float32]]
    solver_s: float


@dataclass
class _Feed:
    """The source as the heat solver asks for it: solves the field again when the tissue has changed."""

    grid: NeedleGrid
    dielectric: Dielectric
    power_w: float
    matched: bool
    moved: float
    look_s: float
    body_c: float
    dry_capacity_j_m3k: NDArray[np.float32]
    trace: list[TracePoint] = field(default_factory=list)
    _solved_for: NDArray[np.float64] | None = None
    _source: NDArray[np.float32] | None = None
    _weight: NDArray[np.float64] | None = None
    _whole: float = 0.0

    def __call__(self, time_s: float, state: State) -> NDArray[np.float32]:
        """Heat source [W/m3] at a time, for the temperatures of a state."""
        model = self.grid.model
        around = self.grid.around(state.temperature_c, outside=self.body_c)
        eps, sigma = self.dielectric.at(around)
        if self._source is not None and self._weight is not None and self._solved_for is not None:
            moved = np.abs(sigma - self._solved_for) / np.maximum(self._solved_for, DRY_S_M)
            if float((moved * self._weight).sum()) < self.moved:
                return self._held_back(self._source, state.temperature_c)
        solution = model.solve(permittivity=eps, conductivity_s_m=sigma)
        reflected = 0.0 if self.matched else solution.reflected
        sar = model.tissue_sar(solution) * (1.0 - reflected) / (1.0 - solution.reflected)
        heat = sar * model.mesh.volumes_m3
        self._solved_for, self._weight = sigma, heat / heat.sum()
        self._source = self.grid.deposit(sar * self.power_w)[0]
        self._whole = float(self._source.sum(dtype=np.float64))
        self.trace.append(TracePoint(time_s, self.power_w * float(heat.sum()), reflected, float(state.temperature_c.max())))
        return self._held_back(self._source, state.temperature_c)

    def _held_back(self, source: NDArray[np.float32], temperature_c: NDArray[np.float32]) -> NDArray[np.float32]:
        """Source over the coming interval in tissue that dries within it, the rest going to where the wave passes on to.

        Absorption of drying tissue falls as ``exp(-a T)``, so that over an interval ``t`` it warms by ``ln(1 + x) / a`` with
        ``x = a q t / (rho c)``, not by ``x / a``. As the interval shrinks, nothing is held back.
        """
        hot = np.nonzero(temperature_c > HOT_C)
        before = source[hot]
        if not before.size:
            return source
        x = self.dielectric.dry_slope * self.look_s * before / self.dry_capacity_j_m3k[hot]
        after = before * np.log1p(x) / np.maximum(x, 1e-6)
        held = float((before - after).sum(dtype=np.float64))
        whole = self._whole
        out = source * np.float32(whole / (whole - held))
        out[hot] = after * np.float32(whole / (whole - held))
        return out


def simulate_zone(
    *,
    device: Device,
    power_w: float,
    time_s: float,
    needle: Needle,
    medium: Medium,
    spacing_mm: ArrayLike,
    damage: DamageModel,
    body_temperature_c: float,
    dielectric: Dielectric | None = None,
    transmission: float | None = None,
    coarseness: float = 1.0,
    cooldown_s: float = 0.0,
    snapshots_s: tuple[float, ...] = (),
    parallel: bool = False,
    progress: Progress = silent,
) -> Zone:
    """Simulate one microwave ablation.

    Parameters
    ----------
    device : Device
        Antenna, losses and cooling.
    power_w : float
        Setting of the generator; the device's losses come off it.
    time_s : float
        Duration of the power.
    needle : Needle
        Tip and direction in the grid.
    medium : Medium
        Thermal properties per voxel.
    spacing_mm : array_like, scalar or shape (3,)
        Voxel sides along (slice, row, column).
    damage : DamageModel
        Law of cell death.
    body_temperature_c : float
        Start, blood and border temperature.
    dielectric : Dielectric, optional
        Of the tissue; liver if not given.
    transmission : float, optional
        Share of the setting that reaches the antenna, in place of the device's own.
    coarseness : float
        Of the field mesh, see :class:`~locoregional.procedures.mwa.antenna.AntennaModel`.
    cooldown_s : float
        Time followed after power off.
    snapshots_s : tuple of float
        Times at which the temperature is kept.
    parallel : bool
        Use all threads: faster on a quiet machine, many times slower where other programs hold the cores. One thread is safe to
        call from several Python threads at once.
    progress : Progress
        Told how far the simulated time is.

    Returns
    -------
    Zone
        Maps on the grid of the medium, and what a generator would log.

    Raises
    ------
    PlanningError
        If the device cannot give this power, or the time is not positive.
    """
    device.require_power(power_w)
    if not time_s > 0:
        raise PlanningError(f"{time_s:g} s is no treatment time", where="time_s", remedy="Give a positive time.")
    model = AntennaModel(device.antenna, coarseness=coarseness)
    grid = NeedleGrid(model, needle, shape=medium.shape, spacing_mm=spacing_mm, parallel=parallel)
    share = float(device.transmission) if transmission is None else transmission
    liver = Dielectric.liver(frequency_hz=device.antenna.frequency_hz) if dielectric is None else dielectric
    feed = _Feed(
        grid,
        liver,
        power_w * share,
        device.matched,
        MOVED * coarseness,
        LOOK_EVERY_S * coarseness,
        body_temperature_c,
        medium.full("vapour_heat_capacity_j_m3k", np.inf),
    )
    heating = simulate_heating(
        cooled_medium(medium, device, grid, blood_c=body_temperature_c),
        source=feed,
        duration_s=time_s,
        spacing_m=tuple(1e-3 * grid.spacing_mm),
        body_temperature_c=body_temperature_c,
        damage=damage,
        update_every_s=feed.look_s,
        cooldown_s=cooldown_s,
        snapshots_s=snapshots_s,
        parallel=parallel,
        progress=progress,
    )
    dead = np.asarray(heating.dead, dtype=bool)
    level = death_level(damage, dead=dead, damage=heating.damage, peak_temperature_c=heating.peak_temperature_c)
    return Zone(
        temperature_c=heating.temperature_c,
        peak_temperature_c=heating.peak_temperature_c,
        dead=dead,
        damage=heating.damage,
        size=measure_zone(grid, level=level, peak_temperature_c=heating.peak_temperature_c),
        energy=heating.energy,
        trace=tuple(feed.trace),
        snapshots=heating.snapshots,
        solver_s=heating.solver_s,
    )
