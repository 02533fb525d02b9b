"""Microwave ablation: the fields of the antennas and the heat they make, solved together on the voxel grid."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.energy import Job
from locoregional.ablation.heated import heated_zone
from locoregional.ablation.zone import Zone
from locoregional.errors import PlanningError
from locoregional.physics.bioheat import State
from locoregional.physics.tissue import tissue
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.devices import Microwave
from locoregional.procedures.mwa.dielectric import Dielectric
from locoregional.procedures.mwa.shaft import cooled_medium
from locoregional.procedures.mwa.source import NeedleGrid

__all__ = ["simulate_zone"]

LOOK_EVERY_S = 3.0
"""How often the field is compared with the tissue it was solved for, per coarseness of the field mesh."""
HOT_C = 95.0
"""Above this, tissue heats fast enough while it dries to outrun the field between two looks."""
DRY_S_M = 1e-3
"""Conductivity below which tissue is as good as lossless: changes below it do not count."""
MOVED = 0.05
"""Mean change of conductivity, weighted with the absorbed power, before the field is solved again,
per coarseness of the field mesh: a coarse answer need not be renewed as often (axes within 0.3 mm)."""


@dataclass
class _Feed:
    """The source of one antenna as the heat solver asks for it: solves the field again when the tissue has changed.

    ``relative`` are permittivity and conductivity around the needle as shares of those of liver.
    """

    grid: NeedleGrid
    dielectric: Dielectric
    power_w: float
    matched: bool
    moved: float
    look_s: float
    body_c: float
    dry_capacity_j_m3k: NDArray[np.float32]
    relative: tuple[NDArray[np.float64] | float, NDArray[np.float64] | float] = (1.0, 1.0)
    absorbed_w: float = 0.0
    reflected: float = 0.0
    solved: int = 0
    _solved_for: NDArray[np.float64] | None = None
    _source: NDArray[np.float32] | None = None
    _weight: NDArray[np.float64] | None = None
    _whole: float = 0.0

    def __call__(self, state: State) -> NDArray[np.float32]:
        """Heat source [W/m3] for the temperatures of a state."""
        model = self.grid.model
        around = self.grid.around(state.temperature_c, outside=self.body_c)
        eps, sigma = self.dielectric.at(around)
        eps, sigma = eps * self.relative[0], sigma * self.relative[1]
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
        self.absorbed_w, self.reflected = self.power_w * float(heat.sum()), reflected
        self.solved += 1
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


@dataclass
class _Feeds:
    """All antennas together: their waves have no fixed phase to one another, so their powers add."""

    feeds: tuple[_Feed, ...]
    rows: list[tuple[float, float, float, float]] = field(default_factory=list)

    def __call__(self, time_s: float, state: State) -> NDArray[np.float32]:
        """Heat source [W/m3] at a time, for the temperatures of a state."""
        before = sum(f.solved for f in self.feeds)
        source = self.feeds[0](state)
        for feed in self.feeds[1:]:
            source = source + feed(state)
        if sum(f.solved for f in self.feeds) > before:
            absorbed = sum(f.absorbed_w for f in self.feeds)
            reflected = sum(f.reflected for f in self.feeds) / len(self.feeds)
            self.rows.append((time_s, absorbed, reflected, float(state.temperature_c.max())))
        return source

    @property
    def trace(self) -> dict[str, tuple[float, ...]]:
        """What the generator would log: one entry per solution of a field."""
        columns = zip(*self.rows, strict=True)
        return dict(zip(("time_s", "absorbed_w", "reflected_share", "hottest_c"), columns, strict=True))


def simulate_zone(job: Job, *, dielectric: Dielectric | None = None) -> Zone:
    """Simulate one microwave ablation with one or several antennas at once.

    Parameters
    ----------
    job : Job
        Device, setting (power per antenna), needles and tissue.
    dielectric : Dielectric, optional
        Of liver, from which other tissue follows by its share; None: as the draw of the job says.

    Returns
    -------
    Zone
        Maps on the grid of the job, and what a generator would log.

    Raises
    ------
    PlanningError
        If the device cannot give this power, or the time is not positive.
    """
    device, body = job.device, job.body_c
    if not isinstance(device, Microwave):
        raise PlanningError(f"{device.name} is no microwave antenna", where="device", remedy="Use one of the microwave devices.")
    device.require(job.setting)
    draw = job.draw
    if dielectric is None:
        dielectric = Dielectric.liver(
            frequency_hz=device.antenna.frequency_hz,
            permittivity_factor=draw.get("permittivity_hf", 1.0),
            conductivity_factor=draw.get("conductivity_hf", 1.0),
        )
    model = AntennaModel(device.antenna, coarseness=job.coarseness)
    share = draw.get("transmission_share", float(device.transmission))
    medium = job.properties.medium
    dry = medium.full("vapour_heat_capacity_j_m3k", np.inf)
    grids = [
        NeedleGrid(model, needle, shape=medium.shape, spacing_mm=job.spacing_mm, parallel=job.parallel) for needle in job.needles
    ]
    feeds = _Feeds(
        tuple(
            _Feed(
                grid,
                dielectric,
                job.setting.power_w * share,
                device.matched,
                MOVED * job.coarseness,
                LOOK_EVERY_S * job.coarseness,
                body,
                dry,
                _relative(job, grid),
            )
            for grid in grids
        )
    )
    cooled = medium
    for grid in grids:
        cooled = cooled_medium(cooled, device, grid, blood_c=body)
    zone = heated_zone(job, medium=cooled, source=feeds, update_every_s=LOOK_EVERY_S * job.coarseness)
    return replace(zone, trace=feeds.trace)


def _relative(job: Job, grid: NeedleGrid) -> tuple[NDArray[np.float64] | float, NDArray[np.float64] | float]:
    """Permittivity and conductivity of the tissue around a needle as shares of those of liver; beyond the grid as on average."""
    liver = tissue("liver")
    pairs = (
        (job.properties.permittivity_2450, liver.permittivity_2450),
        (job.properties.conductivity_2450_s_m, liver.conductivity_2450_s_m),
    )
    if all(np.all(values == np.float32(base)) for values, base in pairs):
        return 1.0, 1.0
    shares = [np.asarray(values / np.float32(base)) for values, base in pairs]
    eps, sigma = (grid.around(share, outside=float(share.mean(dtype=np.float64))) for share in shares)
    return eps, sigma
