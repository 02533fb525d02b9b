"""How heat and cold are spoken of: the same chapters, each in its own words."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.procedures.energies import energies

__all__ = ["EnergyWords", "energy_words"]


@dataclass(frozen=True)
class EnergyWords:
    """Words of an energy.

    Attributes
    ----------
    cold : bool
        Whether it freezes.
    effect : str
        What it brings to tissue.
    extreme : str
        The temperature that counts.
    zone : str
        What dies, as legends call it.
    beside : str
        Question for what else is reached.
    """

    cold: bool
    effect: str
    extreme: str
    zone: str
    beside: str


_HEAT = EnergyWords(False, "heat", "highest temperature", "Predicted zone", "What else is heated?")
_COLD = EnergyWords(True, "cold", "lowest temperature", "Lethal zone", "What else gets cold?")


def energy_words(procedure: str) -> EnergyWords:
    """Words for a procedure by its short name; those of heat for what is no ablation."""
    energy = energies().get(procedure)
    return _COLD if energy is not None and energy.lethal == "cold" else _HEAT
