"""Masses behind a plan: liver from volumes, lungs as assumed, whole against perfused liver."""

from __future__ import annotations

from collections.abc import Iterable

from locoregional.errors import PlanningError
from locoregional.procedures.tare.spread import Spread
from locoregional.sources import read_facts

__all__ = ["assumed_lungs", "check_whole", "liver_mass"]


def liver_mass(volume_ml: Spread) -> Spread:
    """Mass [g] of liver or of tumour in the liver of a volume [ml], at the density of the dose maps."""
    return volume_ml.times(float(read_facts("locoregional.physics.dose")["media.soft_density"]))


def assumed_lungs() -> Spread:
    """Lungs [g] that nobody measured: 1 kg by custom, with an interval that reaches down to the light lungs of a series."""
    facts = read_facts(__package__, "planning_facts.toml")
    assumed, measured = facts["lung.assumed_mass"], facts["lung.measured_mass"]
    words = f"lungs assumed to weigh {float(assumed):g} g; in a series they weighed {float(measured):g} g"
    return Spread(float(assumed), float(measured.low or assumed), float(assumed), words)


def check_whole(whole_g: Spread | None, perfused_g: Iterable[Spread]) -> None:
    """Refuse a whole normal liver that is smaller than its perfused part.

    Parameters
    ----------
    whole_g : Spread or None
        All liver without tumour [g].
    perfused_g : iterable of Spread
        Perfused parts without tumour [g].

    Raises
    ------
    PlanningError
        If it is smaller, or not positive.
    """
    if whole_g is None:
        return
    perfused = sum(part.value for part in perfused_g)
    if not whole_g.low > 0.0 or whole_g.value < perfused * (1.0 - 1e-9):
        raise PlanningError(
            f"a whole normal liver of {whole_g.value:g} g, of which {perfused:g} g are perfused",
            where="whole_normal_g",
            remedy="Give all liver without tumour, perfused or not.",
        )
