"""Several positions of the catheter: each with its own activity, uptake and shunt; doses add per tissue and in the lungs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import PlanningError
from locoregional.procedures.tare.delivery import Part
from locoregional.procedures.tare.masses import check_whole
from locoregional.procedures.tare.spread import NOTHING, Spread, fraction, positive

__all__ = ["MultiCompartment", "Territory", "Tissue"]

TAKEN = ("lung", "lung_1000_g", "perfused", "whole_normal")
_SUM = 1e-6


@dataclass(frozen=True)
class Tissue:
    """A piece of liver with one even dose.

    Attributes
    ----------
    kind : str
        ``tumour`` or ``normal``.
    mass_g : Spread
        Mass.
    """

    kind: str
    mass_g: Spread


@dataclass(frozen=True)
class Territory:
    """What one position of the catheter reaches.

    Attributes
    ----------
    activity_share : Spread
        Share of the whole activity that is given here; over all territories they add up to 1.
    uptake : mapping of str to Spread
        Tissues that are reached, by name, with their concentration relative to each other: 1 for normal liver makes that of a
        tumour its T/N ratio of concentrations. A tissue may be reached from several territories: its doses add.
    lung_shunt : Spread
        Fraction that reaches the lungs from here.
    """

    activity_share: Spread
    uptake: Mapping[str, Spread]
    lung_shunt: Spread


@dataclass(frozen=True)
class MultiCompartment:
    """Tissues, and the territories that reach them.

    Attributes
    ----------
    tissues : mapping of str to Tissue
        Pieces of liver by name.
    territories : mapping of str to Territory
        Positions of the catheter by name.
    lung_g : Spread
        Mass of the lungs.
    residual_fraction : Spread
        Fraction that stays in vials, tubing and catheter.
    whole_normal_g : Spread or None
        All liver without tumour, perfused or not.

    Raises
    ------
    PlanningError
        If a mass or an uptake is not positive, a fraction is none, the shares do not add up to 1, a territory reaches a tissue
        that is not listed, or a tissue is reached from nowhere.
    """

    tissues: Mapping[str, Tissue]
    territories: Mapping[str, Territory]
    lung_g: Spread
    residual_fraction: Spread = NOTHING
    whole_normal_g: Spread | None = None

    def __post_init__(self) -> None:
        """Check numbers and names."""
        positive(self.lung_g, "lung_g")
        fraction(self.residual_fraction, "residual_fraction")
        reached = {name for territory in self.territories.values() for name in territory.uptake}
        if reached != set(self.tissues) or not reached:
            odd = ", ".join(sorted(reached ^ set(self.tissues))) or "none at all"
            raise PlanningError(f"tissues and territories do not match: {odd}", where="tissues", remedy="List what is reached.")
        for name, tissue in self.tissues.items():
            positive(tissue.mass_g, f"mass of {name}")
            if tissue.kind not in ("tumour", "normal"):
                raise PlanningError(f"tissue of kind {tissue.kind!r}", where=name, remedy="Say tumour or normal.")
            alone = sum(t.kind == name for t in self.tissues.values()) == 1
            if name in TAKEN or (name in ("tumour", "normal") and not (tissue.kind == name and alone)):
                raise PlanningError(f"a tissue called {name!r}", where=name, remedy="Choose another name; this one is taken.")
        for name, territory in self.territories.items():
            positive(territory.activity_share, f"activity share of {name}")
            fraction(territory.lung_shunt, f"lung_shunt of {name}")
            for tissue_name, uptake in territory.uptake.items():
                positive(uptake, f"uptake of {tissue_name} from {name}")
        total = sum(t.activity_share.value for t in self.territories.values())
        if abs(total - 1.0) > _SUM:
            raise PlanningError(
                f"activity shares add up to {total:g}",
                where="territories",
                remedy="Give shares of the whole activity: 0.6 and 0.4.",
            )
        check_whole(self.whole_normal_g, (t.mass_g for t in self.tissues.values() if t.kind == "normal"))

    @property
    def name(self) -> str:
        """Short name."""
        return "multi"

    @property
    def words(self) -> tuple[str, ...]:
        """What the model assumes."""
        return (
            f"{len(self.territories)} territories: each a partition model of its own, doses added per tissue and in the lungs; "
            "the split of the activity between them is kept",
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of references."""
        return ("ho1996", "kao2013")

    @property
    def inputs(self) -> dict[str, Spread]:
        """Numbers by name."""
        out = {"lung_g": self.lung_g, "residual_fraction": self.residual_fraction}
        if self.whole_normal_g is not None:
            out["whole_normal_g"] = self.whole_normal_g
        out |= {f"{name}: mass_g": tissue.mass_g for name, tissue in self.tissues.items()}
        for name, territory in self.territories.items():
            out[f"{name}: activity_share"] = territory.activity_share
            out[f"{name}: lung_shunt"] = territory.lung_shunt
            out |= {f"{name}: uptake of {tissue}": uptake for tissue, uptake in territory.uptake.items()}
        return out

    def parts(self, values: Mapping[str, NDArray[np.float64]]) -> dict[str, Part]:
        """Every tissue, and the lungs."""
        out_of_vial = 1.0 - values["residual_fraction"]
        mass = {name: 1e-3 * values[f"{name}: mass_g"] for name in self.tissues}
        share = {name: np.zeros_like(out_of_vial) for name in self.tissues}
        lungs = np.zeros_like(out_of_vial)
        shares = np.sum([values[f"{name}: activity_share"] for name in self.territories], axis=0)
        for name, territory in self.territories.items():
            given = out_of_vial * values[f"{name}: activity_share"] / shares
            shunt = values[f"{name}: lung_shunt"]
            lungs = lungs + given * shunt
            weighted = {tissue: values[f"{name}: uptake of {tissue}"] * mass[tissue] for tissue in territory.uptake}
            total = np.sum(list(weighted.values()), axis=0)
            for tissue, weight in weighted.items():
                share[tissue] = share[tissue] + given * (1.0 - shunt) * weight / total
        out = {name: Part(tissue.kind, share[name], mass[name]) for name, tissue in self.tissues.items()}
        return {**out, "lung": Part("lung", lungs, 1e-3 * values["lung_g"])}
