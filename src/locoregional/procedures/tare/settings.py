"""What is ordered and infused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """A radioembolization.

    Attributes
    ----------
    device : str
        ``resin`` or ``glass``.
    activity_gbq : float or None
        Stated activity in the vial at infusion; None where none can be given.
    scenario : str
        How much of the liver is treated, as the limits mean it.
    model : str
        Model of delivery that gave the activity.
    constant : str
        Dose constant by its name.
    lung_shunt_share : float
        Share of the delivered activity that reaches the lungs, 0..1.
    residual_share : float
        Share that stays in vial, tubing and catheter, 0..1.
    method : str
        How the dose map deposits energy: ``local`` or ``voxel``.
    infusion : datetime or None
        When.
    tumour_set, liver_set : str
        Named radiobiological parameters of the BED in tumour and in liver.
    """

    device: str
    activity_gbq: float | None
    scenario: str
    model: str
    constant: str
    lung_shunt_share: float
    residual_share: float
    method: str = "local"
    infusion: datetime | None = None
    tumour_set: str = "mgh_tumour_liver"
    liver_set: str = "mgh_normal_liver"

    @property
    def delivered_gbq(self) -> float | None:
        """Activity that leaves the catheter."""
        return None if self.activity_gbq is None else self.activity_gbq * (1.0 - self.residual_share)
