"""A cryoprobe from a file: what a maker's sheet states, the rest as for the known probes."""

from __future__ import annotations

from locoregional.ablation.device import Setting
from locoregional.ablation.device_file import DeviceFile
from locoregional.procedures.cryo.devices import Cryoprobe
from locoregional.procedures.cryo.program import program_time_s
from locoregional.sources import read_facts
from locoregional.units import minutes_to_s

__all__ = ["EXAMPLE", "device_of"]

EXAMPLE = """\
# A cryoprobe. A bare number counts as unverified; say who measured it as in active_mm below.
energy = "cryo"
name = "my-probe"
words = "17 gauge argon probe"

[probe]
active_mm = { value = 30.0, source = "manual, p. 12", status = "verified" }   # length that freezes, from the tip
radius_mm = 0.75
cold_k = { value = 143.0, low = 123.0, high = 163.0 }       # temperature that its refrigerant reaches
cooling_w_cm = { value = 10.0, low = 5.0, high = 20.0 }     # largest heat flow that it takes up, per length
warming_w_cm = 10.0                                         # of active thaw; 0 where it has none

[console]
programs = ["15", "10-5-10"]            # minutes of freezing and thawing in turn; the last is used unless another is asked for
longest_min = 60.0
together = 10                           # probes at once

[shelf]
lengths_mm = [175, 230]
gauge = 17
"""


def device_of(file: DeviceFile) -> Cryoprobe:
    """Probe of a file.

    Raises
    ------
    PlanningError
        If an entry is missing or impossible, or a program is none.
    """
    facts = read_facts(__package__)
    active = float(file.number("probe.active_mm", "mm", low=3.0, high=100.0))
    radius = float(file.number("probe.radius_mm", "mm", low=0.3, high=3.0))
    cold = file.number("probe.cold_k", "K", low=70.0, high=260.0)
    cooling = file.number("probe.cooling_w_cm", "W/cm", low=0.1, high=100.0, default=facts["probe.cooling"])
    warming = file.number("probe.warming_w_cm", "W/cm", low=0.0, high=100.0, default=facts["probe.warming"])
    longest = file.number("console.longest_min", "min", low=1.0, high=120.0)
    together = file.number("console.together", "1", low=1.0, high=25.0, default=facts["probe.together"])
    programs = file.texts("console.programs", default=(str(facts["program.freeze_twice"].value),))
    common = (*facts.section("ice").values(), facts["probe.ramp"], facts["probe.thaw"])
    return Cryoprobe(
        name=file.name,
        words=file.words,
        diameter_mm=2.0 * radius,
        lengths_mm=file.numbers("shelf.lengths_mm", low=50.0, high=500.0),
        settings=tuple(Setting(0.0, program_time_s(program), program) for program in programs),
        longest_s=minutes_to_s(float(longest)),
        together=int(float(together)),
        gauge=file.gauge(),
        facts=(*file.facts, *common),
        caveats=file.caveats(),
        active_mm=active,
        cold=cold,
        cooling_w_cm=float(cooling),
        warming_w_cm=float(warming),
    )
