"""The tissue as the generator's load: its resistance and where its heat goes, as it warms and dries."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.energy import Job
from locoregional.errors import PlanningError
from locoregional.physics.electric import ElectricField
from locoregional.physics.electric_law import ConductivityLaw
from locoregional.physics.wire import Wire, spread_of_m
from locoregional.procedures.rfa.devices import Channel, Radiofrequency
from locoregional.procedures.rfa.electrodes import points_mm, wires_of

__all__ = ["Circuit", "circuit_of", "tine_words"]

MOVED = 0.05
"""Mean change of conductivity, weighted with the heat, before the field is solved again, per coarseness of the job."""
LOOSER = 4.0
"""While the generator rests its few watts matter little: this much more may change."""
TOLERANCE = 1e-3
"""Residual of the field to begin with: the solver goes on until power and heat agree to a thousandth."""
RESOLVED = 3.0
"""Standard deviations of the smeared metal that must fit between electrodes of different potential, and into each."""
TINES_MM = 1.5
"""Largest voxels for tines, unless the job asks for a coarse answer."""
TINES_GROWTH = 4.0
"""Growth of the axes with the side of the voxels where tines are thinner than these: those of the known tined devices changed
by 2 to 6 mm per millimetre from 1.5 to 1 mm, as tissue at the metal dries later where the metal is smeared wider."""


@dataclass(eq=False)
class _Branch:
    """One channel: its field, and the tissue it was last solved for."""

    field: ElectricField
    potentials: tuple[float, ...]
    sigma: NDArray[np.float32]
    heat: NDArray[np.float32]
    resistance_ohm: float = 0.0
    solved: int = 0


@dataclass(eq=False)
class Circuit:
    """Electrodes in tissue.

    Attributes
    ----------
    branches : list
        One for each channel of each needle.
    cold_s_m : ndarray of float32
        Conductivity at body temperature, with any saline.
    law : ConductivityLaw
        How it follows the temperature.
    wet : ndarray of int64
        Flat indices of voxels that running saline keeps from drying.
    cooled, balanced, parallel : bool
        Whether coolant runs in the electrodes, they face each other, and all threads are used.
    moved_share : float
        Change after which the field is solved again.
    """

    branches: list[_Branch]
    cold_s_m: NDArray[np.float32]
    law: ConductivityLaw
    wet: NDArray[np.int64]
    cooled: bool
    balanced: bool
    parallel: bool
    moved_share: float
    _warm: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the working array."""
        self._warm = np.empty_like(self.cold_s_m)

    def look(self, channel: int, temperature_c: NDArray[np.float32], *, resting: bool = False) -> float:
        """Resistance of a channel [ohm] at a temperature; the field is solved again if the tissue has changed enough."""
        branch = self.branches[channel]
        if self.wet.size:
            temperature_c = temperature_c.copy()
            flat = temperature_c.ravel()
            flat[self.wet] = np.minimum(flat[self.wet], np.float32(self.law.low_c))
        np.copyto(self._warm, branch.sigma)
        moved = self.law.update(
            self._warm, cold_s_m=self.cold_s_m, temperature_c=temperature_c, heat_w_m3=branch.heat, parallel=self.parallel
        )
        if not branch.solved or moved > self.moved_share * (LOOSER if resting else 1.0):
            branch.sigma, self._warm = self._warm, branch.sigma
            current = branch.field.solve(branch.sigma, branch.potentials, balanced=self.balanced, tolerance=TOLERANCE)
            branch.heat = current.heated(cooled=self.cooled)
            branch.resistance_ohm = 1.0 / current.power_w
            branch.solved += 1
        return branch.resistance_ohm

    def heat_w_m3(self, channel: int) -> NDArray[np.float32]:
        """Heat of the tissue when one volt is applied to a channel, as last solved."""
        return self.branches[channel].heat

    @property
    def solved(self) -> int:
        """Fields solved so far."""
        return sum(branch.solved for branch in self.branches)


def _check_voxels(rods: list[list[Wire]], channel: Channel, *, spacing_m: float, name: str) -> None:
    """Refuse voxels too coarse for the metal."""
    smear = max(spread_of_m(rod.radius_m, spacing_m=spacing_m) for each in rods for rod in each)
    shortest = min(sum(rod.length_m for rod in each) for each in rods)
    gaps = [
        float(np.linalg.norm(np.subtract(a, b)))
        for n, (_, one) in enumerate(channel)
        for m, (_, other) in enumerate(channel[:n])
        if one != other
        for a in (end for rod in rods[n] for end in (rod.start_m, rod.stop_m))
        for b in (end for rod in rods[m] for end in (rod.start_m, rod.stop_m))
    ]
    if RESOLVED * smear > min([shortest, *gaps]):
        raise PlanningError(
            f"voxels of {1e3 * spacing_m:g} mm are too coarse for the electrodes of {name}",
            where="spacing_mm",
            remedy=f"Use at most {1e3 * spacing_m * min([shortest, *gaps]) / (RESOLVED * smear):.2g} mm.",
        )


def _tined(device: Radiofrequency) -> bool:
    return any(len(electrode.paths) > 1 for electrode in device.electrodes)


def tine_words(job: Job, device: Radiofrequency) -> tuple[str, ...]:
    """What tines thinner than the voxels do to the answer; nothing for other electrodes."""
    if not _tined(device):
        return ()
    excess = TINES_GROWTH * job.spacing_mm
    return (f"tines are thinner than voxels of {job.spacing_mm:g} mm: axes perhaps {excess:.0f} mm too large (estimated)",)


def circuit_of(job: Job, device: Radiofrequency) -> Circuit:
    """Circuit of a job: every needle adds its own channels, which take turns.

    Raises
    ------
    PlanningError
        If the voxels are too coarse for the electrodes.
    SolverError
        If an electrode leaves the grid.
    """
    shape, spacing_m = job.properties.shape, 1e-3 * job.spacing_mm
    if _tined(device) and job.coarseness <= 1.0 and job.spacing_mm > TINES_MM:
        excess = TINES_GROWTH * (job.spacing_mm - 1.0)
        raise PlanningError(
            f"voxels of {job.spacing_mm:g} mm are too coarse for the tines of {device.name}: axes about {excess:.0f} mm larger "
            "than on 1 mm",
            where="spacing_mm",
            remedy=f"Use at most {TINES_MM:g} mm.",
        )
    cold = job.properties.electric_conductivity_s_m * np.float32(job.draw.get("electric_conductivity", 1.0))
    wet = np.zeros(0, np.int64)
    if device.saline is not None:
        share = job.draw.get("saline_share", float(device.saline.share))
        reached = _near(job, device, device.saline.radius_mm)
        flat = cold.ravel()
        flat[reached] += np.float32(share * device.saline.conductivity_s_m) * (flat[reached] > 0)
        wet = reached if device.saline.runs else wet
    branches = []
    for needle in job.needles:
        for channel in device.channels:
            rods = [wires_of(device.electrodes[n], needle) for n, _ in channel]
            _check_voxels(rods, channel, spacing_m=spacing_m, name=device.name)
            electric = ElectricField(rods, shape=shape, spacing_m=spacing_m, parallel=job.parallel)
            branches.append(
                _Branch(electric, tuple(v for _, v in channel), np.zeros(shape, np.float32), np.zeros(shape, np.float32))
            )
    return Circuit(
        branches=branches,
        cold_s_m=np.ascontiguousarray(cold, np.float32),
        law=ConductivityLaw.standard(growth_1_k=job.draw.get("conductivity_growth_1_k")),
        wet=wet,
        cooled=device.coolant is not None,
        balanced=device.bipolar,
        parallel=job.parallel,
        moved_share=MOVED * job.coarseness,
    )


def _near(job: Job, device: Radiofrequency, radius_mm: float) -> NDArray[np.int64]:
    """Flat indices of voxels within a distance of the bare metal (saline before ablation: of its middle)."""
    shape, spacing = job.properties.shape, job.spacing_mm
    grid = np.stack(np.meshgrid(*[np.arange(n) * spacing for n in shape], indexing="ij"), axis=-1).reshape(-1, 3)
    near = np.zeros(len(grid), bool)
    assert device.saline is not None
    for needle in job.needles:
        for electrode in device.electrodes:
            for path in electrode.paths:
                ends = points_mm(path, needle)
                points = np.concatenate([np.linspace(a, b, 9) for a, b in pairwise(ends)])
                for point in points if device.saline.runs else [points.mean(axis=0)]:
                    near |= ((grid - point) ** 2).sum(axis=1) < radius_mm**2
    return np.flatnonzero(near)
