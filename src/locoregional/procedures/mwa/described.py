"""A microwave device from a file: what a maker's sheet states, the rest from the generic slot antenna."""

from __future__ import annotations

from locoregional.ablation.device import Setting
from locoregional.ablation.device_file import DeviceFile
from locoregional.errors import PlanningError
from locoregional.procedures.mwa.antenna import Antenna
from locoregional.procedures.mwa.devices import Microwave
from locoregional.procedures.mwa.geometry import choked_slot, coaxial_slot
from locoregional.sources import Facts, read_facts
from locoregional.units import minutes_to_s

__all__ = ["EXAMPLE", "device_of"]

EXAMPLE = """\
# A microwave antenna. A bare number counts as unverified; say who measured it as in cable_share below.
# What is left out of [antenna] and [cooling] comes from the published generic antenna.
energy = "mwa"
name = "my-antenna"
words = "17 gauge slot antenna with water cooling"

[generator]
frequency_mhz = 2450.0
powers_w = [40, 60, 80, 100]            # what can be dialled; the last is the largest
times_min = [5, 10]                     # what a plan chooses from; the first to the longest
longest_min = 15.0
together = 3                            # antennas at once
cable_share = { value = 0.65, low = 0.60, high = 0.75, source = "manual, p. 31", status = "verified" }

[antenna]
shape = "slot"                          # slot: plastic shaft; choked: metal shaft behind a quarter-wave choke
radius_mm = 0.9                         # outer radius of the shaft
slot_from_tip_mm = 6.0                  # tip to the near edge of the radiating slot
slot_length_mm = 1.0
inner_conductor_radius_mm = 0.135
dielectric_radius_mm = 0.470
outer_conductor_radius_mm = 0.595
# choke_from_tip_mm = 20.0              # choked only: tip to the mouth of the choke
matched = true                          # no power comes back from the antenna

[cooling]                               # leave the section out for an antenna without cooling
coolant_c = 20.0
from_tip_mm = 10.0                      # where the coolant reaches the wall

[shelf]
lengths_mm = [150, 200]
gauge = 17
"""

_SIZES = {
    "slot.catheter_radius": ("radius_mm", 0.3, 3.0),
    "slot.elevation": ("slot_from_tip_mm", 0.7, 60.0),
    "slot.height": ("slot_length_mm", 0.1, 20.0),
    "slot.inner_conductor_radius": ("inner_conductor_radius_mm", 0.02, 1.0),
    "slot.dielectric_radius": ("dielectric_radius_mm", 0.05, 2.0),
    "slot.outer_conductor_radius": ("outer_conductor_radius_mm", 0.06, 2.5),
}


def device_of(file: DeviceFile) -> Microwave:
    """Device of a file.

    Raises
    ------
    PlanningError
        If an entry is missing, impossible, or does not fit the others.
    """
    facts = read_facts(__package__)
    frequency = file.number("generator.frequency_mhz", "MHz", low=400.0, high=10000.0)
    share = file.number("generator.cable_share", "1", low=0.05, high=1.0)
    powers = file.numbers("generator.powers_w", low=1.0, high=300.0)
    longest = file.number("generator.longest_min", "min", low=0.1, high=60.0)
    times = file.times_min(longest_min=float(longest))
    together = file.number("generator.together", "1", low=1.0, high=8.0, default=facts["generator.together"])
    antenna, behind = _antenna(file, facts, float(frequency) * 1e6)
    coolant = None
    if file.has("cooling"):
        coolant = float(file.number("cooling.coolant_c", "C", low=-5.0, high=45.0, default=facts["cooling.coolant_temperature"]))
        if file.has("cooling.from_tip_mm"):
            behind = float(file.number("cooling.from_tip_mm", "mm", low=0.0, high=100.0))
        file.facts.append(facts["cooling.wall_conductivity"])
    return Microwave(
        name=file.name,
        words=file.words,
        diameter_mm=2.0 * antenna.radius_mm,
        lengths_mm=file.numbers("shelf.lengths_mm", low=50.0, high=500.0),
        settings=tuple(Setting(p, minutes_to_s(t)) for p in powers for t in times),
        longest_s=minutes_to_s(float(longest)),
        max_power_w=max(powers),
        together=int(float(together)),
        gauge=file.gauge(),
        antenna=antenna,
        transmission=share,
        coolant_c=coolant,
        cooled_from_mm=behind,
        matched=file.yes("antenna.matched", True),
        facts=tuple(file.facts),
        caveats=file.caveats(),
    )


def _antenna(file: DeviceFile, facts: Facts, frequency_hz: float) -> tuple[Antenna, float]:
    """Geometry, and where cooling begins unless the file says so [mm]."""
    shape = file.word("antenna.shape", "slot", among=("slot", "choked"))
    sizes = {
        key: float(file.number(f"antenna.{entry}", "mm", low=low, high=high, default=facts[key]))
        for key, (entry, low, high) in _SIZES.items()
    }
    inner, dielectric, outer, radius = (
        sizes[f"slot.{n}"] for n in ("inner_conductor_radius", "dielectric_radius", "outer_conductor_radius", "catheter_radius")
    )
    if not inner < dielectric < outer < radius:
        raise PlanningError(
            f"radii {inner:g}, {dielectric:g}, {outer:g}, {radius:g} mm do not grow from the inner conductor to the shaft",
            where=file.where("antenna"),
            remedy="Order: inner conductor, dielectric, outer conductor, shaft.",
        )
    end = sizes["slot.elevation"] + sizes["slot.height"]
    if shape == "slot":
        return coaxial_slot(frequency_hz=frequency_hz, sizes_mm=sizes), end + float(facts["cooling.behind_slot"])
    mouth = file.number("antenna.choke_from_tip_mm", "mm", low=1.0, high=100.0, default=facts["choke.mouth"])
    if float(mouth) <= end or radius - outer <= float(facts["choke.wall"]):
        raise PlanningError(
            "the choke leaves no room for the slot, or the shaft none for the choke",
            where=file.where("antenna.choke_from_tip_mm"),
            remedy=f"Put the mouth beyond {end:g} mm, and let the shaft stand off the cable.",
        )
    sizes["choke.mouth"] = float(mouth)
    return choked_slot(frequency_hz=frequency_hz, radius_mm=radius, sizes_mm=sizes), float(mouth)
