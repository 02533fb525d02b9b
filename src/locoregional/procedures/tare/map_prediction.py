"""What an activity map foretells: each compartment takes up the share of the counts that lies in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, MaskError, PlanningError
from locoregional.procedures.tare.delivery import Part
from locoregional.procedures.tare.masses import check_whole
from locoregional.procedures.tare.spread import NOTHING, Spread, fraction, positive

__all__ = ["MapPrediction", "map_prediction"]

_KINDS = ("tumour", "normal")
_OVER = 1e-3


@dataclass(frozen=True)
class MapPrediction:
    """Compartments with their measured shares of the activity in the liver.

    Attributes
    ----------
    shares : mapping of str to Spread
        Share of the activity in the liver, by compartment.
    masses_g : mapping of str to Spread
        Masses of the same compartments.
    lung_g : Spread
        Mass of the lungs.
    lung_shunt : Spread
        Fraction of the delivered activity that reaches the lungs.
    residual_fraction : Spread
        Fraction that stays in vial, tubing and catheter.
    whole_normal_g : Spread or None
        All liver without tumour, perfused or not.
    """

    shares: Mapping[str, Spread]
    masses_g: Mapping[str, Spread]
    lung_g: Spread
    lung_shunt: Spread
    residual_fraction: Spread = NOTHING
    whole_normal_g: Spread | None = None

    def __post_init__(self) -> None:
        """Check numbers and names."""
        if set(self.shares) != set(self.masses_g) or not self.shares:
            raise PlanningError("compartments and masses do not match", where="masses_g", remedy="Give one mass per compartment.")
        for name, mass in self.masses_g.items():
            if not name.startswith(_KINDS):
                raise PlanningError(
                    f"a compartment called {name!r}", where="shares", remedy="Let its name begin with tumour or normal."
                )
            positive(mass, f"mass of {name}")
            if self.shares[name].low < 0.0:
                raise PlanningError("a share of the activity is negative", where=name, remedy="Check the map.")
        for kind in _KINDS:
            if kind in self.shares and sum(name.startswith(kind) for name in self.shares) > 1:
                raise PlanningError(
                    f"{kind!r} beside others of its kind", where="shares", remedy=f"Number them: {kind}-1, {kind}-2."
                )
        if self.unassigned_share < -_OVER:
            raise MaskError("compartments overlap: their shares add up to over 1", where="shares", remedy="Make them disjoint.")
        positive(self.lung_g, "lung_g")
        fraction(self.lung_shunt, "lung_shunt")
        fraction(self.residual_fraction, "residual_fraction")
        check_whole(self.whole_normal_g, (m for name, m in self.masses_g.items() if name.startswith("normal")))

    @property
    def unassigned_share(self) -> float:
        """Share of the activity in the liver that lies in no compartment."""
        return 1.0 - sum(number.value for number in self.shares.values())

    @property
    def name(self) -> str:
        """Short name."""
        return "map"

    @property
    def words(self) -> tuple[str, ...]:
        """What the model assumes."""
        words: tuple[str, ...] = (
            "shares read off the activity map: microspheres are taken to follow it, and every count to mean the same activity",
        )
        if self.unassigned_share > _OVER:
            words += (f"{100.0 * self.unassigned_share:.1f} % of the counts in the liver lie in no compartment",)
        return words

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of references."""
        return ("eanmsop2021",)

    @property
    def inputs(self) -> dict[str, Spread]:
        """Numbers by name."""
        out = {"lung_g": self.lung_g, "lung_shunt": self.lung_shunt, "residual_fraction": self.residual_fraction}
        if self.whole_normal_g is not None:
            out["whole_normal_g"] = self.whole_normal_g
        for name, share in self.shares.items():
            out |= {f"{name}: share": share, f"{name}: mass_g": self.masses_g[name]}
        return out

    def parts(self, values: Mapping[str, NDArray[np.float64]]) -> dict[str, Part]:
        """Every compartment, and the lungs."""
        out_of_vial, shunt = 1.0 - values["residual_fraction"], values["lung_shunt"]
        out = {
            name: Part(
                "tumour" if name.startswith("tumour") else "normal",
                out_of_vial * (1.0 - shunt) * values[f"{name}: share"],
                1e-3 * values[f"{name}: mass_g"],
            )
            for name in self.shares
        }
        return {**out, "lung": Part("lung", out_of_vial * shunt, 1e-3 * values["lung_g"])}


def map_prediction(
    activity: NDArray,
    occupancies: Mapping[str, NDArray],
    *,
    liver: NDArray,
    masses_g: Mapping[str, Spread],
    lung_g: Spread,
    lung_shunt: Spread,
    residual_fraction: Spread = NOTHING,
    whole_normal_g: Spread | None = None,
) -> MapPrediction:
    """Model of delivery from a map of relative activity; :func:`respond` gives its mean doses per gigabecquerel.

    Parameters
    ----------
    activity : ndarray
        Activity or counts of every voxel, in any unit.
    occupancies : mapping of str to ndarray, shape of ``activity``
        Share of every voxel, 0..1, that belongs to a compartment; names begin with ``tumour`` or ``normal``.
    liver : ndarray, shape of ``activity``
        The liver, over which the shares are taken.
    masses_g : mapping of str to Spread
        Masses of the compartments.
    lung_g, lung_shunt, residual_fraction, whole_normal_g : Spread
        As for :class:`MapPrediction`.

    Raises
    ------
    GeometryError
        If the arrays differ in shape.
    MaskError
        If compartments overlap, or leave the range 0..1.
    PlanningError
        If there is no activity in the liver, or a number is not possible.
    """
    from locoregional.procedures.tare.counts import sum_within

    for name, mask in (*occupancies.items(), ("liver", liver)):
        if mask.shape != activity.shape:
            raise GeometryError(f"{mask.shape} on a map of {activity.shape}", where=name, remedy="Resample it onto the map.")
    total = sum_within(activity, liver, "liver")
    if not total > 0.0:
        raise PlanningError("no activity in the liver", where="liver", remedy="Check map and mask.")
    shares = {}
    for name, mask in occupancies.items():
        inside = sum_within(activity, mask, name) / total
        outside = sum_within(activity, np.clip(mask - liver, 0.0, None), name)  # a voxel at the border holds both in part
        if outside > _OVER * total:
            raise MaskError(
                f"{100.0 * outside / total:.1f} % of the activity in the liver lies in {name} and outside the liver",
                where=name,
                remedy="Give a liver that holds its compartments.",
            )
        shares[name] = Spread(inside, inside, inside)
    return MapPrediction(shares, masses_g, lung_g, lung_shunt, residual_fraction, whole_normal_g)
