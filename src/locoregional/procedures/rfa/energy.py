"""Radiofrequency current as an energy like the others."""

from __future__ import annotations

from collections.abc import Mapping

from locoregional.ablation.device import Device
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.zone import Zone
from locoregional.physics.electric_law import FACTS
from locoregional.procedures.rfa.devices import Radiofrequency, devices
from locoregional.procedures.rfa.settings import Settings
from locoregional.procedures.rfa.zone import simulate_zone
from locoregional.sources import Sourced, read_facts

__all__ = ["ENERGY", "RadiofrequencyEnergy"]

_PHYSICS = "locoregional.physics"


def _range(fact: Sourced) -> tuple[float, float]:
    value = float(fact)
    return value if fact.low is None else fact.low, value if fact.high is None else fact.high


class RadiofrequencyEnergy(Energy):
    """Heating by current between electrodes, or from them to a distant pad."""

    def devices(self) -> Mapping[str, Device]:
        """Radiofrequency applicators."""
        return devices()

    def ranges(self, device: Device) -> dict[str, tuple[float, float]]:
        """Factor on the electric conductivity, its growth with temperature, and what the device adds."""
        assert isinstance(device, Radiofrequency)
        sigma = read_facts(_PHYSICS, "electric_facts.toml")["liver.electric_conductivity"]
        low, high = _range(sigma)
        out = {
            "electric_conductivity": (low / float(sigma), high / float(sigma)),
            "conductivity_growth_1_k": _range(read_facts(_PHYSICS, FACTS)["growth"]),
        }
        if device.coolant is not None:
            out["coolant_c"] = _range(device.coolant)
        if device.saline is not None:
            out["saline_share"] = _range(device.saline.share)
        return out

    def simulate(self, job: Job) -> Zone:
        """Temperatures and the zone of one ablation."""
        return simulate_zone(job)


ENERGY = RadiofrequencyEnergy(
    name="rfa",
    words="radiofrequency ablation",
    # the law that microwave ablation uses: its lethal temperature for ten minutes (50.8 C) lies at the edge seen ex vivo
    law="arrhenius_henriques_moritz",
    laws=("cem43", "arrhenius_henriques_moritz", "isotherm_54", "isotherm_60"),
    lethal="heat",
    settings=Settings,
)
