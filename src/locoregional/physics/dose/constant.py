"""Dose constants of yttrium-90 by convention: a result that does not name its own cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.errors import UnitsError
from locoregional.sources import Sourced, read_facts

__all__ = ["CONVENTIONS", "DoseConstant", "dose_constant"]

CONVENTIONS = {
    "conventional": (0.93127, 64.1),
    "icrp107": (0.933106, 64.1),
    "ddep": (0.9267 * 0.99983, 64.0416),
    "label": (0.9367, 64.1),
}
"""Energy per decay [MeV] and half-life [h] behind each."""


@dataclass(frozen=True)
class DoseConstant:
    """Dose to 1 kg when 1 GBq decays in it completely.

    Attributes
    ----------
    name : str
        Convention.
    fact : Sourced
        Value in Gy*kg/GBq, with its source.
    energy_mev : float
        Energy per decay behind it [MeV].
    half_life_h : float
        Half-life behind it [h].
    """

    name: str
    fact: Sourced
    energy_mev: float
    half_life_h: float

    def __float__(self) -> float:
        """Value in Gy*kg/GBq."""
        return float(self.fact)


def dose_constant(name: str = "conventional") -> DoseConstant:
    """Dose constant of a convention.

    Parameters
    ----------
    name : str
        ``conventional`` (49.67), ``icrp107`` (49.771), ``ddep`` (49.376) or ``label`` (50).

    Raises
    ------
    UnitsError
        If there is no such convention.
    """
    if name not in CONVENTIONS:
        raise UnitsError(f"no dose constant is called {name!r}", where="constant", remedy=f"Known: {', '.join(CONVENTIONS)}.")
    energy_mev, half_life_h = CONVENTIONS[name]
    return DoseConstant(name, read_facts(__package__)[f"constant.{name}"], energy_mev, half_life_h)
