"""Microwaves as an energy like the others."""

from __future__ import annotations

from collections.abc import Mapping

from locoregional.ablation.device import Device
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.zone import Zone
from locoregional.procedures.mwa.devices import Microwave, devices
from locoregional.procedures.mwa.settings import Settings
from locoregional.procedures.mwa.zone import simulate_zone
from locoregional.sources import Sourced, read_facts

__all__ = ["ENERGY", "MicrowaveEnergy"]


def _factors(fact: Sourced) -> tuple[float, float]:
    """Range of a fact as factors on its value."""
    value = float(fact)
    return (value if fact.low is None else fact.low) / value, (value if fact.high is None else fact.high) / value


class MicrowaveEnergy(Energy):
    """Heating by the near field of an antenna."""

    def devices(self) -> Mapping[str, Device]:
        """Microwave antennas; the first is the commercial one whose power limits and active length are published."""
        known = devices()
        return {"amica-14g": known["amica-14g"], **known}

    def ranges(self, device: Device) -> dict[str, tuple[float, float]]:
        """Factors on permittivity and conductivity, and the share of power that reaches the antenna."""
        assert isinstance(device, Microwave)
        waves = read_facts(__package__).section("dielectric")
        share = float(device.transmission)
        low, high = _factors(device.transmission)
        return {
            "permittivity_hf": _factors(waves["permittivity_amplitude"]),
            "conductivity_hf": _factors(waves["conductivity_amplitude"]),
            "transmission_share": (share * low, share * high),
        }

    def simulate(self, job: Job) -> Zone:
        """Temperatures and the zone of one ablation."""
        return simulate_zone(job)


ENERGY = MicrowaveEnergy(
    name="mwa",
    words="microwave ablation",
    # of the dose laws, the one whose lethal temperature for ten minutes (50.8 C) lies at the edge seen ex vivo (50 to 60 C)
    law="arrhenius_henriques_moritz",
    laws=("cem43", "arrhenius_henriques_moritz", "isotherm_54", "isotherm_60"),
    lethal="heat",
    settings=Settings,
)
