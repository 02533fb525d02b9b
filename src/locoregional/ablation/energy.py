"""What an energy (radiofrequency, microwave, cold) must supply to be planned, simulated and judged like the others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from locoregional.ablation.device import Device, Setting
from locoregional.ablation.needle import Needle, NeedleFrame
from locoregional.ablation.settings import AblationSettings
from locoregional.ablation.zone import Zone
from locoregional.physics.properties import Properties
from locoregional.progress import Progress, silent

__all__ = ["Energy", "Job"]


@dataclass(frozen=True, eq=False)
class Job:
    """One ablation to simulate.

    Attributes
    ----------
    device : Device
        Applicator.
    setting : Setting
        What is dialled; the same for all needles.
    needles : tuple of Needle
        Where the applicators lie in the grid, active at the same time.
    properties : Properties
        Tissue on the grid.
    spacing_mm : float
        Side of the cubic voxels.
    body_c : float
        Temperature of the start, the blood and the border.
    law : str
        Damage law; empty: the energy's own.
    draw : mapping of str to float
        Parameters of one member of an ensemble, by the names of :meth:`Energy.ranges`; empty: nominal.
    coarseness : float
        Above 1: a coarser field and longer looks, for the many runs of an ensemble.
    snapshots_s : tuple of float
        Times at which the temperature is kept.
    parallel : bool
        Use all threads; False: one, safe to call from several Python threads at once.
    processor : str
        ``cpu``, or ``cuda`` for the heat solver on a GPU.
    progress : Progress
        Told how far the simulated time is.
    """

    device: Device
    setting: Setting
    needles: tuple[Needle, ...]
    properties: Properties
    spacing_mm: float
    body_c: float
    law: str = ""
    draw: Mapping[str, float] = field(default_factory=dict)
    coarseness: float = 1.0
    snapshots_s: tuple[float, ...] = ()
    parallel: bool = True
    processor: str = "cpu"
    progress: Progress = silent

    @property
    def frames(self) -> tuple[NeedleFrame, ...]:
        """Coordinates of the needles in the grid."""
        options = {"shape": self.properties.shape, "spacing_mm": self.spacing_mm, "parallel": self.parallel}
        return tuple(NeedleFrame(needle, **options) for needle in self.needles)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Energy(ABC):
    """One way to destroy tissue with a needle.

    Attributes
    ----------
    name, words : str
        Name of its procedure, and a noun for sentences.
    law : str
        Damage law of the nominal run.
    laws : tuple of str
        Laws that an ensemble draws from, in the order of their lethal temperature.
    lethal : str
        ``heat`` or ``cold``.
    settings : type
        The procedure's own class of settings.
    """

    name: str
    words: str
    law: str
    laws: tuple[str, ...]
    lethal: str
    settings: type[AblationSettings]

    @abstractmethod
    def devices(self) -> Mapping[str, Device]:
        """Known devices by name, the one a plan starts with first."""

    @abstractmethod
    def ranges(self, device: Device) -> dict[str, tuple[float, float]]:
        """Ranges of its own parameters, beside those of the tissue: factors on the nominal value unless the name says a unit."""

    @abstractmethod
    def simulate(self, job: Job) -> Zone:
        """Temperatures and the zone of one ablation."""
