"""Partition model (Ho 1996): tumour and normal liver share the activity by their ratio of concentrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.procedures.tare.delivery import Part
from locoregional.procedures.tare.masses import check_whole
from locoregional.procedures.tare.spread import NOTHING, Spread, fraction, positive

__all__ = ["Partition"]


@dataclass(frozen=True)
class Partition:
    """Tumour, perfused normal liver and lungs.

    Attributes
    ----------
    tumour_g, normal_g : Spread
        Masses of the perfused tumour and of the perfused liver without tumour.
    tn_concentration_ratio : Spread
        Activity per mass of tumour over activity per mass of normal liver. Not the ratio of activities of the modified model.
    lung_g : Spread
        Mass of the lungs.
    lung_shunt : Spread
        Fraction of the delivered activity that reaches the lungs.
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
    tn_concentration_ratio: Spread
    lung_g: Spread
    lung_shunt: Spread
    residual_fraction: Spread = NOTHING
    whole_normal_g: Spread | None = None

    def __post_init__(self) -> None:
        """Check masses, ratio and fractions."""
        for name in ("tumour_g", "normal_g", "tn_concentration_ratio", "lung_g"):
            positive(getattr(self, name), name)
        fraction(self.lung_shunt, "lung_shunt")
        fraction(self.residual_fraction, "residual_fraction")
        check_whole(self.whole_normal_g, (self.normal_g,))

    @property
    def name(self) -> str:
        """Short name."""
        return "partition"

    @property
    def words(self) -> tuple[str, ...]:
        """What the model assumes."""
        return ("partition model: one even concentration in all tumour, one in all perfused normal liver",)

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of references."""
        return ("ho1996",)

    @property
    def inputs(self) -> dict[str, Spread]:
        """Numbers by name."""
        given = {
            "tumour_g": self.tumour_g,
            "normal_g": self.normal_g,
            "tn_concentration_ratio": self.tn_concentration_ratio,
            "lung_g": self.lung_g,
            "lung_shunt": self.lung_shunt,
            "residual_fraction": self.residual_fraction,
        }
        return given if self.whole_normal_g is None else {**given, "whole_normal_g": self.whole_normal_g}

    def parts(self, values: Mapping[str, NDArray[np.float64]]) -> dict[str, Part]:
        """Tumour, normal liver and lungs."""
        tumour, normal = 1e-3 * values["tumour_g"], 1e-3 * values["normal_g"]
        out_of_vial, shunt = 1.0 - values["residual_fraction"], values["lung_shunt"]
        weighted = values["tn_concentration_ratio"] * tumour
        in_tumour = weighted / (weighted + normal)
        in_liver = out_of_vial * (1.0 - shunt)
        return {
            "tumour": Part("tumour", in_liver * in_tumour, tumour),
            "normal": Part("normal", in_liver * (1.0 - in_tumour), normal),
            "lung": Part("lung", out_of_vial * shunt, 1e-3 * values["lung_g"]),
        }
