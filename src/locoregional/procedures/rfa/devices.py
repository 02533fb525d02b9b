"""Radiofrequency devices: rows of ``facts.toml`` turned into electrodes and programs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from locoregional.ablation.device import Device, Setting, named_device
from locoregional.errors import PlanningError
from locoregional.procedures.rfa.electrodes import Electrode, cluster, segment, star, straight, umbrella
from locoregional.procedures.rfa.generator import Ladder, Limits, Pulsed, SteadyCurrent, Thermostat
from locoregional.sources import Facts, Sourced, read_facts
from locoregional.units import ML_PER_MM3, minutes_to_s

__all__ = ["Channel", "Program", "Radiofrequency", "Saline", "device", "devices"]

_PACKAGE = "locoregional.procedures.rfa"
_CURRENT = re.compile(r"(\d+(?:\.\d+)?) ?mA")
Program = Pulsed | Ladder | Thermostat | SteadyCurrent
Channel = tuple[tuple[int, float], ...]
"""Electrodes that are fed at a time, each with its share of the voltage (bipolar: +1/2 and -1/2)."""


@dataclass(frozen=True)
class Saline:
    """Salt water in the tissue around an electrode.

    Attributes
    ----------
    conductivity_s_m : float
        Of the liquid.
    share : Sourced
        Of the tissue that it fills.
    radius_mm : float
        Distance from the bare metal to which it reaches.
    runs : bool
        It keeps running, so that the tissue it reaches never dries.
    """

    conductivity_s_m: float
    share: Sourced
    radius_mm: float
    runs: bool


@dataclass(frozen=True, kw_only=True)
class Radiofrequency(Device):
    """A radiofrequency applicator with its generator.

    Attributes
    ----------
    electrodes : tuple of Electrode
        Of one applicator, in the frame of its needle.
    channels : tuple of Channel
        What the generator feeds in turn.
    programs : mapping of str to Program
        By the word of :attr:`Setting.program`; the first is the one of an empty word.
    limits : Limits
        What the source can give.
    coolant : Sourced or None
        Temperature of the coolant inside; None: not cooled.
    saline : Saline or None
        Salt water around it.
    holds_current : bool
        Any current up to its limit is a program too, for example ``1200 mA``.
    """

    electrodes: tuple[Electrode, ...]
    channels: tuple[Channel, ...]
    programs: Mapping[str, Program]
    limits: Limits
    coolant: Sourced | None = None
    saline: Saline | None = None
    holds_current: bool = False

    @property
    def bipolar(self) -> bool:
        """Whether the current flows between electrodes and not to a distant pad."""
        return any(share < 0 for channel in self.channels for _, share in channel)

    def program(self, setting: Setting) -> Program:
        """Program of a setting.

        Raises
        ------
        PlanningError
            If the generator has no such program.
        """
        if not setting.program:
            return next(iter(self.programs.values()))
        if setting.program in self.programs:
            return self.programs[setting.program]
        most_ma, current = 1e3 * self.limits.current_a, _CURRENT.fullmatch(setting.program)
        if self.holds_current and current and 0.0 < float(current[1]) <= most_ma:
            return SteadyCurrent(1e-3 * float(current[1]), self.limits)
        others = f", or a current up to {most_ma:g} mA" if self.holds_current else ""
        raise PlanningError(
            f"{self.name} has no program {setting.program!r}",
            where="program",
            remedy=f"Use one of {', '.join(self.programs)}{others}.",
        )


_GEOMETRY = "The shape of the tines is not published in the sources held: arcs of the published width stand in for it."
_THIN = "Tissue dries first beside tines thinner than a voxel: from 1.5 to 1 mm voxels the axes still fall by 1 to 3 mm."
_ASSUMED = "Needle gauge and length of the bare tip are not in the text held and were assumed."
_SALINE = "How far saline reaches and how much tissue it fills are not published: assumed."
_GENERATOR = "The steps of this generator are recalled, not read."
_FREEZES = "Coolant colder than 0 C would freeze the tissue at the electrode, which is not followed."


def _pulsed(facts: Facts) -> tuple[dict[str, Program], Limits]:
    own = {name: float(fact) for name, fact in facts.section("impedance").items()}
    program = Pulsed(own["rise"], own["low_power"], own["low_time"], own["dwell"])
    return {"impedance": program}, Limits(own["current"], own["internal"])


def _thermostat(facts: Facts, target_c: float) -> Thermostat:
    own = facts.section("temperature")
    return Thermostat(target_c, float(own["gain"]), float(own["settling"]))


def _minutes(times: tuple[float, ...], power_w: float, program: str = "") -> tuple[Setting, ...]:
    return tuple(Setting(power_w, minutes_to_s(t), program) for t in times)


def _internally_cooled(facts: Facts) -> dict[str, Radiofrequency]:
    """Needles with coolant inside, on a generator that follows the impedance."""
    programs, limits = _pulsed(facts)
    common = facts.section("impedance")
    shared = [*common.values(), *(facts[f"coolant.{name}"] for name in ("film", "sleeve"))]
    water, gas = facts["coolant.water"], facts["coolant.gas"]
    power, longest = float(common["power"]), float(common["longest"])
    settings = _minutes((6.0, 12.0, 16.0), power)
    pairs = tuple(((a, 0.5), (b, -0.5)) for a, b in ((0, 1), (1, 2), (2, 0)))
    ball_mm3 = float(facts["saline.volume"]) / ML_PER_MM3 / float(facts["saline.share"])
    ball_mm = (0.75 * ball_mm3 / np.pi) ** (1.0 / 3.0)
    rows = {
        "cooltip-single-30": ("Internally cooled 17G needle, 3 cm bare tip", "cooltip-single-30", water, None, ()),
        "cooltip-single-20": ("Internally cooled 17G needle, 2 cm bare tip", "cooltip-single-20", water, None, ()),
        "cooltip-cluster": ("Three internally cooled needles side by side", "cooltip-cluster", water, None, ()),
        "cooltip-saline-normal": (
            "Internally cooled needle, 3 cm, after 5 ml of 0.9 % saline", "cooltip-single-30", water, "normal", (_SALINE,),
        ),
        "cooltip-saline-strong": (
            "Internally cooled needle, 3 cm, after 5 ml of 10 % saline", "cooltip-single-30", water, "strong", (_SALINE,),
        ),
        "icw-triple": ("Three internally cooled needles, pairs in turn", "icw-triple", water, None, (_ASSUMED,)),
        "gas-cooled": ("Needle cooled by expanding gas", "gas-cooled", gas, None, (_ASSUMED, _FREEZES)),
    }  # fmt: skip
    out = {}
    for name, (words, key, coolant, salt, caveats) in rows.items():
        own = facts.section(f"device.{key}")
        tip, radius = float(own["tip"]), 0.5 * float(own["diameter"])
        electrodes: tuple[Electrode, ...] = (straight(tip_mm=tip, radius_mm=radius),)
        channels: tuple[Channel, ...] = (((0, 1.0),),)
        if "apart" in own:
            electrodes = cluster(tip_mm=tip, radius_mm=radius, apart_mm=float(own["apart"]))
            channels = pairs if name == "icw-triple" else (tuple((n, 1.0) for n in range(3)),)
        saline, wetted = None, list[Sourced]()
        if salt:
            saline = Saline(float(facts[f"saline.{salt}"]), facts["saline.share"], ball_mm, runs=False)
            wetted = [facts[f"saline.{salt}"], facts["saline.share"], facts["saline.volume"]]
        out[name] = Radiofrequency(
            name=name,
            words=words,
            diameter_mm=2.0 * radius,
            lengths_mm=own["length"].value,
            settings=settings,
            longest_s=longest,
            max_power_w=power,
            together=int(float(own["together"])) if "together" in own else 1,
            gauge=int(float(own["gauge"])) if "gauge" in own else None,
            electrodes=electrodes,
            channels=channels,
            programs=programs,
            limits=limits,
            coolant=coolant,
            saline=saline,
            holds_current=True,
            facts=(*own.values(), coolant, *shared, *wetted),
            caveats=caveats,
        )
    return out


def _leveen(facts: Facts) -> Radiofrequency:
    own, ladder = facts.section("device.leveen-35"), facts.section("ladder")
    number = {name: float(fact) for name, fact in ladder.items()}
    umbrella_of = umbrella(
        across_mm=float(own["across"]), tines=int(float(own["tines"])), tine_radius_mm=0.5 * float(own["tine_diameter"])
    )
    program = Ladder(number["start"], number["step"], number["every"], number["roll_off"], number["pause"], number["again"])
    return Radiofrequency(
        name="leveen-35",
        words="Umbrella of ten tines, 3.5 cm, power raised to roll-off twice",
        diameter_mm=float(own["diameter"]),
        lengths_mm=own["length"].value,
        settings=(Setting(number["power"], number["time"]),),
        longest_s=number["time"],
        max_power_w=number["power"],
        electrodes=(umbrella_of,),
        channels=(((0, 1.0),),),
        programs={"roll-off": program},
        limits=Limits(number["current"]),
        facts=(*own.values(), *ladder.values()),
        caveats=(_GEOMETRY, _GENERATOR, _THIN),
    )


def _starburst(facts: Facts) -> Radiofrequency:
    own, heat = facts.section("device.starburst-xl-50"), facts.section("temperature")
    tines = star(across_mm=float(own["across"]), tines=int(float(own["tines"])), tine_radius_mm=0.5 * float(own["tine_diameter"]))
    time_s = float(heat["time"])
    return Radiofrequency(
        name="starburst-xl-50",
        words="Nine tines, 5 cm, held at 105 C",
        diameter_mm=float(own["diameter"]),
        lengths_mm=own["length"].value,
        settings=(Setting(float(heat["used"]), time_s),),
        longest_s=2.0 * time_s,
        max_power_w=float(heat["power"]),
        gauge=int(float(own["gauge"])),
        electrodes=(tines,),
        channels=(((0, 1.0),),),
        programs={f"{float(heat['target']):g} C": _thermostat(facts, float(heat["target"]))},
        limits=Limits(float(heat["current"])),
        facts=(*own.values(), *heat.values()),
        caveats=(_GEOMETRY, _GENERATOR, _THIN),
    )


def _perfused(facts: Facts) -> Radiofrequency:
    own, heat = facts.section("device.perfused"), facts.section("temperature")
    targets = [float(t) for t in own["targets"].value]
    power, times = float(own["power"]), own["time"].value
    radius = 0.5 * float(own["diameter"])
    salt = [facts["saline.normal"], facts["saline.share"], facts["saline.perfused_radius"]]
    return Radiofrequency(
        name="perfused",
        words="Needle perfused with saline, held at a temperature",
        diameter_mm=2.0 * radius,
        lengths_mm=own["length"].value,
        settings=_minutes(times, power),
        longest_s=minutes_to_s(max(times)),
        max_power_w=power,
        electrodes=(straight(tip_mm=float(own["tip"]), radius_mm=radius),),
        channels=(((0, 1.0),),),
        programs={f"{t:g} C": _thermostat(facts, t) for t in targets},
        limits=Limits(float(heat["current"])),
        saline=Saline(float(salt[0]), salt[1], float(salt[2]), runs=True),
        facts=(*own.values(), *heat.values(), *salt),
        caveats=(_ASSUMED, _SALINE),
    )


def _bipolar(facts: Facts) -> Radiofrequency:
    own, heat = facts.section("device.bipolar-20"), facts.section("temperature")
    radius, long, gap = 0.5 * float(own["diameter"]), float(own["segment"]), float(own["gap"])
    power, times, target = float(own["power"]), own["time"].value, float(own["target"])
    return Radiofrequency(
        name="bipolar-20",
        coarsest_mm=1.8,
        words="Bipolar probe of two rings, 2 cm in all, for vertebrae",
        diameter_mm=2.0 * radius,
        lengths_mm=own["length"].value,
        settings=_minutes(times, power),
        longest_s=minutes_to_s(max(times)),
        max_power_w=power,
        together=2,
        gauge=int(float(own["gauge"])),
        electrodes=(
            segment(from_mm=0.0, to_mm=long, radius_mm=radius),
            segment(from_mm=long + gap, to_mm=2.0 * long + gap, radius_mm=radius),
        ),
        channels=(((0, 0.5), (1, -0.5)),),
        programs={f"{target:g} C": _thermostat(facts, target)},
        limits=Limits(float(own["current"])),
        facts=(*own.values(), heat["gain"], heat["settling"]),
        caveats=("Segments, gap, power and temperature of bipolar probes for vertebrae are recalled, not read.",),
    )


@cache
def devices() -> dict[str, Radiofrequency]:
    """Every known device, by name, the one a plan starts with first."""
    facts = read_facts(_PACKAGE)
    known = _internally_cooled(facts)
    for one in (_leveen(facts), _starburst(facts), _perfused(facts), _bipolar(facts)):
        known[one.name] = one
    return known


def device(name: str) -> Radiofrequency:
    """Device of a name; an unknown one is an error that lists those known."""
    return named_device(devices(), name, noun="radiofrequency device")
