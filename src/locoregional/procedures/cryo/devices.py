"""Cryoprobes: rows of ``facts.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from locoregional.ablation.device import Device, Setting, named_device
from locoregional.procedures.cryo.program import program_time_s
from locoregional.sources import Sourced, read_facts
from locoregional.units import kelvin_to_celsius

__all__ = ["Cryoprobe", "device", "devices"]

_PACKAGE = "locoregional.procedures.cryo"


@dataclass(frozen=True, kw_only=True)
class Cryoprobe(Device):
    """A probe that freezes along its last centimetres.

    Attributes
    ----------
    active_mm : float
        Length that freezes, from the tip.
    cold : Sourced
        Temperature that its refrigerant reaches [K].
    cooling_w_cm : float
        Largest heat flow per length that it takes up.
    warming_w_cm : float
        Largest heat flow per length that it gives off in active thawing; 0 where it has none.
    """

    active_mm: float
    cold: Sourced
    cooling_w_cm: float
    warming_w_cm: float

    @property
    def cold_c(self) -> float:
        """Temperature that its refrigerant reaches [C]."""
        return kelvin_to_celsius(float(self.cold))


_BORROWED = "Temperature of the probe is not published in the sources held: borrowed from another argon probe."
_FLOW = "The largest heat flow of the probe is an estimate."
_ROWS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "icerod": ("IceROD 1.5, argon, 17 gauge", "argon", (_FLOW,)),
    "icesphere": ("IceSPHERE 1.5, argon, 17 gauge, for short zones", "argon", (_BORROWED, _FLOW)),
    "iceseed": ("IceSEED 1.5, argon, 17 gauge, for short zones", "argon", (_BORROWED, _FLOW)),
    "iceedge": ("IceEDGE 2.4, argon", "argon_edge", (_FLOW,)),
    "iceforce": ("IceFORCE 2.1, argon, 14 gauge", "argon", (_BORROWED, _FLOW)),
    "littrup-24": ("2.4 mm argon probe of Littrup 2009", "argon", (_BORROWED, _FLOW)),
    "littrup-17": ("1.7 mm argon probe of Littrup 2009", "argon", (_BORROWED, _FLOW)),
    "visica2": (
        "Visica2, liquid nitrogen, 10 gauge", "nitrogen", ("Temperature of the probe is an estimate.", _FLOW),
    ),
}  # fmt: skip


@cache
def devices() -> dict[str, Cryoprobe]:
    """Every known probe, by name; the first is what a plan starts with."""
    facts = read_facts(_PACKAGE)
    settings = []
    for name in ("freeze_once", "freeze_twice"):
        program = str(facts[f"program.{name}"].value)
        settings.append(Setting(0.0, program_time_s(program), program))
    common = [*facts.section("ice").values(), *facts.section("program").values()]
    known = {}
    for name, (words, refrigerant, caveats) in _ROWS.items():
        own = facts.section(f"device.{name}")
        diameter_mm = float(own["diameter"])
        flow = diameter_mm / float(facts["probe.cooling_diameter"])
        nitrogen = refrigerant == "nitrogen"
        used = [facts[f"probe.{key}"] for key in (refrigerant, "cooling", "cooling_diameter", "ramp", "thaw", "warming")]
        known[name] = Cryoprobe(
            name=name,
            words=words,
            diameter_mm=diameter_mm,
            lengths_mm=own["length"].value,
            settings=tuple(settings),
            longest_s=float(facts["probe.longest"]),
            together=1 if nitrogen else int(float(facts["probe.together"])),
            gauge=int(float(own["gauge"])) if "gauge" in own else None,
            facts=(*own.values(), *used, *common),
            caveats=caveats,
            active_mm=float(own["active"]),
            cold=facts[f"probe.{refrigerant}"],
            cooling_w_cm=flow * float(facts["probe.cooling"]),
            warming_w_cm=0.0 if nitrogen else flow * float(facts["probe.warming"]),
        )
    return known


def device(name: str) -> Cryoprobe:
    """Device of a name; an unknown one is an error that lists those known."""
    return named_device(devices(), name, noun="cryoprobe")
