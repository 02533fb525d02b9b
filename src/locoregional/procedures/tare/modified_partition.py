"""Modified partition model (Kao 2013): a ratio of activities, and a lung shunt that leaves the tumour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.procedures.tare.delivery import Part
from locoregional.procedures.tare.masses import check_whole
from locoregional.procedures.tare.partition import Partition
from locoregional.procedures.tare.spread import NOTHING, Spread, fraction, positive

__all__ = ["ModifiedPartition", "modified_from_partition"]


@dataclass(frozen=True)
class ModifiedPartition:
    """Tumour, perfused normal liver and lungs, by activities.

    Attributes
    ----------
    tumour_g, normal_g : Spread
        Masses of the perfused tumour and of the perfused liver without tumour.
    tumour_to_normal_activity_ratio : Spread
        Activity in all tumour over activity in all perfused normal liver. Not the ratio of concentrations of the partition model.
    tumour_lung_shunt : Spread
        Activity in the lungs over activity in lungs and tumour together: only tumour shunts.
    lung_g : Spread
        Mass of the lungs.
    residual_fraction : Spread
        Fraction that stays in vial, tubing and catheter.
    whole_normal_g : Spread or None
        All liver without tumour, perfused or not.

    Raises
    ------
    PlanningError
        If a mass or the ratio is not positive, or a fraction is none.
    """

    tumour_g: Spread
    normal_g: Spread
    tumour_to_normal_activity_ratio: Spread
    tumour_lung_shunt: Spread
    lung_g: Spread
    residual_fraction: Spread = NOTHING
    whole_normal_g: Spread | None = None

    def __post_init__(self) -> None:
        """Check masses, ratio and fractions."""
        for name in ("tumour_g", "normal_g", "tumour_to_normal_activity_ratio", "lung_g"):
            positive(getattr(self, name), name)
        fraction(self.tumour_lung_shunt, "tumour_lung_shunt")
        fraction(self.residual_fraction, "residual_fraction")
        check_whole(self.whole_normal_g, (self.normal_g,))

    @property
    def name(self) -> str:
        """Short name."""
        return "modified-partition"

    @property
    def words(self) -> tuple[str, ...]:
        """What the model assumes."""
        return ("modified partition model: ratio of activities, and only tumour shunts to the lungs",)

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of references."""
        return ("kao2013",)

    @property
    def inputs(self) -> dict[str, Spread]:
        """Numbers by name."""
        given = {
            "tumour_g": self.tumour_g,
            "normal_g": self.normal_g,
            "tumour_to_normal_activity_ratio": self.tumour_to_normal_activity_ratio,
            "tumour_lung_shunt": self.tumour_lung_shunt,
            "lung_g": self.lung_g,
            "residual_fraction": self.residual_fraction,
        }
        return given if self.whole_normal_g is None else {**given, "whole_normal_g": self.whole_normal_g}

    def parts(self, values: Mapping[str, NDArray[np.float64]]) -> dict[str, Part]:
        """Tumour, normal liver and lungs."""
        lungs_per_tumour = values["tumour_lung_shunt"] / (1.0 - values["tumour_lung_shunt"])
        normal_per_tumour = 1.0 / values["tumour_to_normal_activity_ratio"]
        in_tumour = (1.0 - values["residual_fraction"]) / (1.0 + lungs_per_tumour + normal_per_tumour)
        return {
            "tumour": Part("tumour", in_tumour, 1e-3 * values["tumour_g"]),
            "normal": Part("normal", in_tumour * normal_per_tumour, 1e-3 * values["normal_g"]),
            "lung": Part("lung", in_tumour * lungs_per_tumour, 1e-3 * values["lung_g"]),
        }


def modified_from_partition(model: Partition) -> ModifiedPartition:
    """The modified model of the same measurement: concentrations turned into activities, the shunt laid upon the tumour alone.

    Nominal doses are those of the partition model; what differs is what the intervals are intervals of.
    """
    masses = model.tumour_g.value / model.normal_g.value
    shunt = model.lung_shunt

    def of_tumour(lungs: float) -> float:
        weighted = model.tn_concentration_ratio.value * masses
        in_tumour = (1.0 - lungs) * weighted / (weighted + 1.0)
        return lungs / (lungs + in_tumour)

    return ModifiedPartition(
        tumour_g=model.tumour_g,
        normal_g=model.normal_g,
        tumour_to_normal_activity_ratio=model.tn_concentration_ratio.times(masses),
        tumour_lung_shunt=Spread(of_tumour(shunt.value), of_tumour(shunt.low), of_tumour(shunt.high), shunt.assumed),
        lung_g=model.lung_g,
        residual_fraction=model.residual_fraction,
        whole_normal_g=model.whole_normal_g,
    )
