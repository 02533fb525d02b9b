"""Radiofrequency ablation: current, generator and heat solved together on the voxel grid."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from locoregional.ablation.energy import Job
from locoregional.ablation.heated import heated_zone
from locoregional.ablation.zone import Zone
from locoregional.errors import PlanningError
from locoregional.physics.bioheat import State
from locoregional.physics.medium import Medium, boiling_range_c
from locoregional.procedures.rfa.circuit import Circuit, circuit_of, tine_words
from locoregional.procedures.rfa.cooling import cooled_medium
from locoregional.procedures.rfa.devices import Radiofrequency
from locoregional.procedures.rfa.electrodes import points_mm
from locoregional.procedures.rfa.generator import Limits, Run

__all__ = ["LOOK_EVERY_S", "simulate_zone"]

LOOK_EVERY_S = 1.0
"""How often the generator looks at its load, and the load at its tissue."""
REST_EVERY_S = 5.0
"""The same while the generator waits for tissue to recover: with a needle or three side by side, axes within their step of
0.5 mm of looks every second; with pairs that take turns within 0.8 mm."""
DRIEST_C = 200.0
"""Tissue gets no more heat from current than brings it here within one look: it has long insulated by then, and a generator
answers within milliseconds."""


@dataclass
class _Feed:
    """The source as the heat solver asks for it."""

    circuit: Circuit
    run: Run
    limits: Limits
    sensors: list[NDArray[np.float64]]
    boiling_c: tuple[float, float]
    dry_j_m3k: NDArray[np.float32]
    latent_j_m3: NDArray[np.float32]
    rows: list[tuple[float, float, float, float, float]] = field(default_factory=list)

    def __call__(self, time_s: float, state: State) -> NDArray[np.float32]:
        """Heat source [W/m3] over the next look."""
        t = state.temperature_c
        run, asked, resistance, sensed = self.run, 0.0, 0.0, 0.0
        interval, resting = self.wait_s(time_s), run.rests_s(time_s) > 0.0
        for _ in range(len(self.circuit.branches) + 1):
            channel = run.channel
            resistance = self.circuit.look(channel, t, resting=resting)
            sensed = self._sensed(channel, t)
            asked = run.ask_w(time_s, resistance_ohm=resistance, sensed_c=sensed, interval_s=interval)
            if run.channel == channel:
                break
        else:
            resistance = self.circuit.look(run.channel, t)
        power = self.limits.power_w(asked_w=asked, resistance_ohm=resistance)
        source, given = self._held_back(self.circuit.heat_w_m3(run.channel) * np.float32(power * resistance), t, interval)
        power *= given
        self.rows.append((time_s, power, resistance, sensed, float(np.sqrt(power / resistance))))
        return source

    def wait_s(self, time_s: float) -> float:
        """How long after a look at a time the next one follows."""
        rests = self.run.rests_s(time_s)
        return LOOK_EVERY_S if rests <= LOOK_EVERY_S else min(rests, REST_EVERY_S)

    def _sensed(self, channel: int, temperature_c: NDArray[np.float32]) -> float:
        return float(np.mean(map_coordinates(temperature_c, self.sensors[channel], order=1, mode="nearest")))

    def _held_back(
        self, source: NDArray[np.float32], temperature_c: NDArray[np.float32], interval_s: float
    ) -> tuple[NDArray[np.float32], float]:
        """Source without what would overheat tissue that dries out within this look, and the share that is left."""
        low, high = self.boiling_c
        hot = np.nonzero(temperature_c > low)
        before, t = source[hot], temperature_c[hot]
        wet = np.clip((high - t) / (high - low), 0.0, 1.0) * self.latent_j_m3[hot]
        room = wet + self.dry_j_m3k[hot] * np.maximum(DRIEST_C - np.maximum(t, high), 0.0)
        after = np.minimum(before, room / np.float32(interval_s))
        held = float((before - after).sum(dtype=np.float64))
        if held <= 0.0:
            return source, 1.0
        whole = float(source.sum(dtype=np.float64))
        source[hot] = after
        return source, 1.0 - held / whole

    @property
    def trace(self) -> dict[str, tuple[float, ...]]:
        """What the generator would log, one entry per look."""
        columns = zip(*self.rows, strict=True)
        return dict(zip(("time_s", "power_w", "impedance_ohm", "tip_c", "current_a"), columns, strict=True))


def _sensors(job: Job, device: Radiofrequency) -> list[NDArray[np.float64]]:
    """Voxel coordinates of the thermocouples of each channel, each of shape (3, thermocouples)."""
    return [
        np.concatenate([points_mm(device.electrodes[n].sensors, needle) for n, _ in channel]).T / job.spacing_mm
        for needle in job.needles
        for channel in device.channels
    ]


def _feed(job: Job, device: Radiofrequency, medium: Medium) -> _Feed:
    circuit = circuit_of(job, device)
    return _Feed(
        circuit,
        device.program(job.setting).start(len(circuit.branches), limit_w=job.setting.power_w),
        device.limits,
        _sensors(job, device),
        boiling_range_c(medium),
        medium.full("vapour_heat_capacity_j_m3k", np.inf),
        medium.full("latent_heat_j_m3"),
    )


def simulate_zone(job: Job) -> Zone:
    """Simulate one radiofrequency ablation with one or several applicators of a generator.

    Parameters
    ----------
    job : Job
        Device, setting (limit of the generator), needles and tissue. Several needles take turns.

    Returns
    -------
    Zone
        Maps on the grid of the job; the trace has ``time_s``, ``power_w``, ``impedance_ohm``, ``tip_c``, ``current_a``.

    Raises
    ------
    PlanningError
        If the device cannot do this, or the voxels are too coarse for it.
    SolverError
        If an electrode leaves the grid, or a field or the heat does not converge.
    """
    device = job.device
    if not isinstance(device, Radiofrequency):
        raise PlanningError(f"{device.name} is no radiofrequency device", where="device", remedy="Use one of the RFA devices.")
    device.require(job.setting)
    medium = cooled_medium(job, device)
    feed = _feed(job, device, medium)
    zone = heated_zone(job, medium=medium, source=feed, update_every_s=feed.wait_s)
    return replace(zone, trace=feed.trace, words=(*feed.run.words, *tine_words(job, device)))
