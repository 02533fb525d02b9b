"""What an operator sets for a thermal ablation, and how it is simulated."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.ablation.device import Setting
from locoregional.ablation.dissection import Dissection
from locoregional.errors import PlanningError

__all__ = ["AblationSettings"]


@dataclass(frozen=True)
class AblationSettings:
    """Settings of one ablation; the needles are those of the plan, all of the same device.

    Attributes
    ----------
    device : str
        Name in the device list.
    power_w : float
        Generator setting; 0 for cold.
    time_s : float
        Length of the program.
    program : str
        Name of the generator's program; empty: the only one.
    together : bool
        All needles active at once; False: one after another.
    needle_length_mm : float
        Shaft length to take from the shelf.
    margin_goal_mm : float
        Margin that the settings aim at.
    expected_long_mm, expected_short_mm, expected_ahead_mm : float
        Zone of one applicator in homogeneous tissue: along and across the needle, and how far beyond the tip.
    dissections : tuple of Dissection
        Fluid or gas injected before, to keep neighbours away.
    members : int
        Model runs behind the band.
    seed : int
        Seed of the ensemble.
    box_mm, spacing_mm : float
        Side and voxel of the simulated cube.
    """

    device: str
    power_w: float
    time_s: float
    needle_length_mm: float
    margin_goal_mm: float
    expected_long_mm: float
    expected_short_mm: float
    expected_ahead_mm: float
    program: str = ""
    together: bool = True
    dissections: tuple[Dissection, ...] = ()
    members: int = 32
    seed: int = 1
    box_mm: float = 80.0
    spacing_mm: float = 1.0

    def __post_init__(self) -> None:
        """Refuse settings that cannot be simulated."""
        if self.power_w < 0 or self.time_s < 0 or self.spacing_mm <= 0 or self.box_mm < 20 * self.spacing_mm or self.members < 1:
            raise PlanningError("settings of the ablation are impossible", where=str(self), remedy="Plan again.")

    @property
    def setting(self) -> Setting:
        """What is dialled at the generator."""
        return Setting(self.power_w, self.time_s, self.program)
