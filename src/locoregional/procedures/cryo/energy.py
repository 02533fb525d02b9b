"""Cold as an energy like the others."""

from __future__ import annotations

from collections.abc import Mapping

from locoregional.ablation.device import Device
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.zone import Zone
from locoregional.procedures.cryo.death import LAWS
from locoregional.procedures.cryo.devices import Cryoprobe, devices
from locoregional.procedures.cryo.settings import Settings
from locoregional.procedures.cryo.zone import NOMINAL_LAW, simulate_zone
from locoregional.sources import Sourced, read_facts
from locoregional.units import kelvin_to_celsius

__all__ = ["ENERGY", "Cryo"]


def _range(fact: Sourced) -> tuple[float, float]:
    value = float(fact)
    return value if fact.low is None else fact.low, value if fact.high is None else fact.high


class Cryo(Energy):
    """Freezing by probes that take up heat along their active length."""

    def devices(self) -> Mapping[str, Device]:
        """Cryoprobes; the first is the commercial one whose active length and temperature are published."""
        return devices()

    def ranges(self, device: Device) -> dict[str, tuple[float, float]]:
        """Largest heat flow and conductivity of ice as factors; temperature of the probe and end of freezing [C]."""
        assert isinstance(device, Cryoprobe)
        facts = read_facts(__package__)
        flow, ice = facts["probe.cooling"], facts["ice.conductivity"]
        cold, solidus = _range(device.cold), _range(facts["ice.solidus"])
        return {
            "cooling": (_range(flow)[0] / float(flow), _range(flow)[1] / float(flow)),
            "cold_c": (kelvin_to_celsius(cold[0]), kelvin_to_celsius(cold[1])),
            "frozen_conductivity": (_range(ice)[0] / float(ice), _range(ice)[1] / float(ice)),
            "solidus_c": (kelvin_to_celsius(solidus[0]), kelvin_to_celsius(solidus[1])),
        }

    def simulate(self, job: Job) -> Zone:
        """Temperatures and the zone of one ablation."""
        return simulate_zone(job)


ENERGY = Cryo(name="cryo", words="cryoablation", law=NOMINAL_LAW, laws=LAWS, lethal="cold", settings=Settings)
