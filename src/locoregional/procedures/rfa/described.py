"""A radiofrequency device from a file: shape of the electrode and what the generator does; the rest as for the known devices."""

from __future__ import annotations

from collections.abc import Mapping

from locoregional.ablation.device import Setting
from locoregional.ablation.device_file import DeviceFile
from locoregional.procedures.rfa.devices import Channel, Program, Radiofrequency
from locoregional.procedures.rfa.electrodes import Electrode, cluster, star, straight, umbrella
from locoregional.procedures.rfa.generator import Ladder, Limits, Pulsed, SteadyCurrent, Thermostat
from locoregional.sources import Facts, Sourced, read_facts
from locoregional.units import minutes_to_s

__all__ = ["EXAMPLE", "device_of"]

EXAMPLE = """\
# A radiofrequency applicator with its generator. A bare number counts as unverified; say who measured it as in power_w below.
energy = "rfa"
name = "my-electrode"
words = "17 gauge internally cooled needle"

[electrode]
shape = "needle"                        # needle, cluster (three needles), umbrella or star (tines)
radius_mm = 0.735                       # of the needle
tip_mm = 20.0                           # needle and cluster: length of the bare tip
# apart_mm = 5.0                        # cluster: distance between its needles
# across_mm = 35.0                      # tines: width of the open array
# tines = 10                            # tines: how many
# tine_radius_mm = 0.25                 # tines: of each

[generator]
control = "impedance"                   # impedance, ladder, temperature or current
power_w = { value = 200.0, source = "manual, p. 8", status = "verified" }
current_a = 2.0
times_min = [6, 12]
longest_min = 30.0
rise_ohm = 20.0                         # impedance: rise at which the power drops ...
low_power_w = 10.0                      # ... to this ...
low_time_s = 15.0                       # ... for this long
# start_w = 50.0                        # ladder: first power; then step_w every minute up to roll-off, twice
# step_w = 10.0
# target_c = 105.0                      # temperature: what the thermocouples are held at
# held_a = 1.2                          # current: what is held ...
# voltage_v = 150.0                     # ... up to this voltage, and power_w

[cooling]                               # leave the section out for an electrode without cooling
coolant_c = { value = 15.0, low = 5.0, high = 25.0 }

[shelf]
lengths_mm = [150, 200]
gauge = 17
"""


def device_of(file: DeviceFile) -> Radiofrequency:
    """Device of a file.

    Raises
    ------
    PlanningError
        If an entry is missing, impossible, or does not fit the others.
    """
    facts = read_facts(__package__)
    power = file.number("generator.power_w", "W", low=1.0, high=400.0)
    current = file.number("generator.current_a", "A", low=0.05, high=10.0)
    longest = file.number("generator.longest_min", "min", low=0.1, high=120.0)
    times = file.times_min(longest_min=float(longest))
    radius = float(file.number("electrode.radius_mm", "mm", low=0.2, high=3.0))
    electrodes, channels = _electrodes(file, radius)
    programs, limits = _programs(file, facts, float(current))
    coolant: Sourced | None = None
    if file.has("cooling"):
        coolant = file.number("cooling.coolant_c", "C", low=-20.0, high=40.0, default=facts["coolant.water"])
        file.facts += [facts["coolant.film"], facts["coolant.sleeve"]]
    return Radiofrequency(
        name=file.name,
        words=file.words,
        diameter_mm=2.0 * radius,
        lengths_mm=file.numbers("shelf.lengths_mm", low=50.0, high=500.0),
        settings=tuple(Setting(float(power), minutes_to_s(t)) for t in times),
        longest_s=minutes_to_s(float(longest)),
        max_power_w=float(power),
        gauge=file.gauge(),
        electrodes=electrodes,
        channels=channels,
        programs=programs,
        limits=limits,
        coolant=coolant,
        facts=tuple(file.facts),
        caveats=file.caveats(),
    )


def _electrodes(file: DeviceFile, radius_mm: float) -> tuple[tuple[Electrode, ...], tuple[Channel, ...]]:
    shape = file.word("electrode.shape", "needle", among=("needle", "cluster", "umbrella", "star"))
    if shape in ("umbrella", "star"):
        across = float(file.number("electrode.across_mm", "mm", low=5.0, high=80.0))
        tines = float(file.number("electrode.tines", "1", low=3.0, high=16.0))
        thin = float(file.number("electrode.tine_radius_mm", "mm", low=0.05, high=radius_mm))
        array = (umbrella if shape == "umbrella" else star)(across_mm=across, tines=int(tines), tine_radius_mm=thin)
        return (array,), (((0, 1.0),),)
    tip = float(file.number("electrode.tip_mm", "mm", low=3.0, high=80.0))
    if shape == "needle":
        return (straight(tip_mm=tip, radius_mm=radius_mm),), (((0, 1.0),),)
    apart = float(file.number("electrode.apart_mm", "mm", low=2.0 * radius_mm, high=40.0))
    needles = cluster(tip_mm=tip, radius_mm=radius_mm, apart_mm=apart)
    return needles, (tuple((n, 1.0) for n in range(len(needles))),)


def _programs(file: DeviceFile, facts: Facts, current_a: float) -> tuple[Mapping[str, Program], Limits]:
    """What the generator does, and what it can give."""
    control = file.word("generator.control", "impedance", among=("impedance", "ladder", "temperature", "current"))
    if control == "current":
        held = float(file.number("generator.held_a", "A", low=0.05, high=current_a))
        limits = Limits(current_a, voltage_v=float(file.number("generator.voltage_v", "V", low=5.0, high=1000.0)))
        return {f"{1e3 * held:g} mA": SteadyCurrent(held, limits)}, limits
    if control == "impedance":
        own = facts.section("impedance")
        rise = file.number("generator.rise_ohm", "ohm", low=1.0, high=200.0, default=own["rise"])
        low_power = file.number("generator.low_power_w", "W", low=0.0, high=100.0, default=own["low_power"])
        low_time = file.number("generator.low_time_s", "s", low=1.0, high=120.0, default=own["low_time"])
        file.facts.append(own["internal"])
        pulsed = Pulsed(float(rise), float(low_power), float(low_time), float(own["dwell"]))
        return {"impedance": pulsed}, Limits(current_a, float(own["internal"]))
    if control == "ladder":
        own = facts.section("ladder")
        start = file.number("generator.start_w", "W", low=1.0, high=300.0, default=own["start"])
        step = file.number("generator.step_w", "W", low=0.1, high=100.0, default=own["step"])
        rest = [own[name] for name in ("every", "roll_off", "pause", "again")]
        file.facts += rest
        return {"roll-off": Ladder(float(start), float(step), *(float(fact) for fact in rest))}, Limits(current_a)
    own = facts.section("temperature")
    target = file.number("generator.target_c", "C", low=45.0, high=125.0, default=own["target"])
    file.facts += [own["gain"], own["settling"]]
    return {f"{float(target):g} C": Thermostat(float(target), float(own["gain"]), float(own["settling"]))}, Limits(current_a)
