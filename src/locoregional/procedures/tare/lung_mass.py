"""Mass of the lungs from the density that CT shows, beside the customary kilogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locoregional.case import Quantity
from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.volume import Volume
from locoregional.procedures.tare.masses import assumed_lungs
from locoregional.procedures.tare.spread import LEVEL, Spread
from locoregional.sources import read_facts

__all__ = ["LungMasses", "cut_off", "lung_masses"]

_FILE = "planning_facts.toml"
_SIGMAS_90, _SIGMAS_95 = 1.6448536269514722, 1.959963984540054


CUT_SHARE = 0.3
"""Area of the lungs in an outermost slice, over their largest, from which they count as cut off."""


@dataclass(frozen=True)
class LungMasses:
    """Lung masses of one patient.

    Attributes
    ----------
    measured : Quantity
        By CT, without airways and large vessels.
    everything : Quantity
        By CT, with all that lies in the outline.
    assumed : Quantity
        One kilogram.
    """

    measured: Quantity
    everything: Quantity
    assumed: Quantity

    @property
    def spread(self) -> Spread:
        """Measured mass as an input of a model [g]."""
        m = self.measured
        if m.value is None or m.low is None or m.high is None:
            raise MaskError("the lungs have no measured mass", where="lungs", remedy="Outline the lungs.")
        return Spread(m.value, m.low, m.high, m.method)


def cut_off(lungs: Volume) -> bool:
    """Whether the image ends within the lungs: much of their area lies in its first or last slice."""
    areas = np.asarray(lungs.array, dtype=np.float64).sum(axis=(1, 2))
    return bool(max(areas[0], areas[-1]) > CUT_SHARE * areas.max())


def lung_masses(ct: Volume, lungs: Volume, *, band_hu: tuple[float, float] | None = None) -> LungMasses:
    """Mass of the lungs: the sum over lung voxels of ``HU / 1000 + 1`` g/ml times their volume.

    Parameters
    ----------
    ct : Volume
        CT in HU that holds both lungs completely.
    lungs : Volume
        Share of every voxel, 0..1, that is lung, on the grid of the CT.
    band_hu : tuple of float, optional
        Values kept; airways lie below, large vessels above. Default: as in the facts.

    Raises
    ------
    MaskError
        If the mask is empty or reaches the first or last slice with much of its area: lungs cut off weigh too little.
    GeometryError
        If the grids differ, or the image is not in HU.
    """
    facts = read_facts(__package__, _FILE)
    low_hu, high_hu = band_hu if band_hu is not None else facts["lung.band"].value
    if ct.unit != "HU":
        raise GeometryError(f"an image in {ct.unit or 'no unit'}", where="ct", remedy="Give a CT in HU.")
    if not ct.grid.same_as(lungs.grid):
        raise GeometryError("lungs and CT lie on different grids", where="lungs", remedy="Resample the lungs onto the CT.")
    share = np.asarray(lungs.array, dtype=np.float64)
    if not share.any():
        raise MaskError("no lung", where="lungs", remedy="Outline both lungs.")
    if cut_off(lungs):
        raise MaskError(
            "the image cuts the lungs off", where="lungs", remedy="Use a CT that shows both lungs whole, or the assumed mass."
        )
    hu = np.asarray(ct.array, dtype=np.float64)
    grams = np.clip(hu / 1000.0 + 1.0, 0.0, None) * share * ct.grid.voxel_ml
    kept = (hu >= low_hu) & (hu <= high_hu)
    mass, everything = float(grams[kept].sum()), float(grams.sum())
    if not mass > 0.0:
        raise MaskError("nothing in the outline has the density of lung", where="lungs", remedy="Check outline and image.")
    bias = facts["lung.mass_bias"]
    scale = _SIGMAS_90 / _SIGMAS_95
    ends = [mass - float(bias) - scale * (float(end) - float(bias)) for end in (bias.high or 0.0, bias.low or 0.0)]
    low, high = max(0.1 * mass, min(mass, ends[0])), max(mass, ends[1])
    volume_ml = float((share * kept).sum() * ct.grid.voxel_ml)
    method = (
        f"CT densitometry from {low_hu:g} to {high_hu:g} HU: {volume_ml:.0f} ml at {mass / volume_ml:.3f} g/ml; "
        f"{everything:.0f} g with airways and vessels"
    )
    guess = assumed_lungs()
    return LungMasses(
        Quantity("lung_mass_ct", "lung mass by CT", mass, "g", low, high, LEVEL, method, ("kao2014",)),
        Quantity(
            "lung_mass_all", "lung mass by CT, airways and vessels included", everything, "g", None, None, LEVEL, "CT, all voxels"
        ),
        Quantity(
            "lung_mass_assumed", "lung mass assumed", guess.value, "g", guess.low, guess.high, LEVEL, guess.assumed, ("kao2014",)
        ),
    )
