"""Single compartment (MIRD): the activity spreads evenly over all that is perfused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import PlanningError
from locoregional.procedures.tare.delivery import Part
from locoregional.procedures.tare.masses import check_whole
from locoregional.procedures.tare.spread import NOTHING, Spread, fraction, positive

__all__ = ["SingleCompartment"]


@dataclass(frozen=True)
class SingleCompartment:
    """Perfused liver of one even concentration.

    Attributes
    ----------
    perfused_g : Spread
        Mass of the perfused liver, tumour included.
    lung_g : Spread
        Mass of the lungs.
    lung_shunt : Spread
        Fraction of the delivered activity that reaches the lungs.
    residual_fraction : Spread
        Fraction that stays in vial, tubing and catheter.
    normal_g : Spread or None
        Perfused liver without tumour, where known.
    whole_normal_g : Spread or None
        All liver without tumour, perfused or not.

    Raises
    ------
    PlanningError
        If a mass is not positive, or a fraction is none.
    """

    perfused_g: Spread
    lung_g: Spread
    lung_shunt: Spread
    residual_fraction: Spread = NOTHING
    normal_g: Spread | None = None
    whole_normal_g: Spread | None = None

    def __post_init__(self) -> None:
        """Check masses and fractions."""
        for name, number in (("perfused_g", self.perfused_g), ("lung_g", self.lung_g)):
            positive(number, name)
        fraction(self.lung_shunt, "lung_shunt")
        fraction(self.residual_fraction, "residual_fraction")
        if self.normal_g is not None and self.normal_g.value > self.perfused_g.value:
            raise PlanningError(
                f"normal liver of {self.normal_g.value:g} g in {self.perfused_g.value:g} g of perfused liver",
                where="normal_g",
                remedy="Give the perfused liver with its tumours.",
            )
        check_whole(self.whole_normal_g, (self.normal_g,) if self.normal_g else ())

    @property
    def name(self) -> str:
        """Short name."""
        return "mird"

    @property
    def words(self) -> tuple[str, ...]:
        """What the model assumes."""
        return (
            "single compartment: tumour and normal liver take up alike, so it foretells no tumour dose "
            "(measured against Monte Carlo, 95 % of tumours lay within more than 177 Gy on either side)",
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of references."""
        return ("therasphere_label", "mikell2016")

    @property
    def inputs(self) -> dict[str, Spread]:
        """Numbers by name."""
        given = {
            "perfused_g": self.perfused_g,
            "lung_g": self.lung_g,
            "lung_shunt": self.lung_shunt,
            "residual_fraction": self.residual_fraction,
            "normal_g": self.normal_g,
            "whole_normal_g": self.whole_normal_g,
        }
        return {name: number for name, number in given.items() if number is not None}

    def parts(self, values: Mapping[str, NDArray[np.float64]]) -> dict[str, Part]:
        """Perfused liver and lungs."""
        out_of_vial = 1.0 - values["residual_fraction"]
        shunt, perfused = values["lung_shunt"], 1e-3 * values["perfused_g"]
        normal = np.minimum(1e-3 * values["normal_g"], perfused) if "normal_g" in values else None
        return {
            "perfused": Part("mixed", out_of_vial * (1.0 - shunt), perfused, normal),
            "lung": Part("lung", out_of_vial * shunt, 1e-3 * values["lung_g"]),
        }
