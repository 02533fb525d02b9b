"""Microwave devices: rows of ``facts.toml`` turned into antennas, powers and losses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from locoregional.ablation.device import Device, Setting, named_device
from locoregional.procedures.mwa.antenna import Antenna
from locoregional.procedures.mwa.geometry import choked_slot, coaxial_slot
from locoregional.sources import Sourced, read_facts
from locoregional.units import minutes_to_s

__all__ = ["Microwave", "device", "devices"]

PLANNED_S = (300.0, 600.0)
"""Times that a plan chooses from; a device offers more."""
_PACKAGE = "locoregional.procedures.mwa"


@dataclass(frozen=True, kw_only=True)
class Microwave(Device):
    """A microwave antenna with its generator.

    Attributes
    ----------
    antenna : Antenna
        What radiates.
    transmission : Sourced
        Share of the generator's power that reaches the antenna, with its range.
    coolant_c : float or None
        Temperature at which coolant holds the shaft; None for an antenna without cooling.
    cooled_from_mm : float
        Distance from the tip at which cooling begins.
    matched : bool
        No power comes back from the antenna: assumed where its geometry stands in for an unpublished one, whose match to drying
        tissue is not that of the stand-in.
    """

    antenna: Antenna
    transmission: Sourced
    coolant_c: float | None
    cooled_from_mm: float
    matched: bool

    def power_at_antenna_w(self, power_w: float) -> float:
        """Power that reaches the antenna at a generator setting [W]."""
        return power_w * float(self.transmission)


_GENERIC = (
    "Antenna geometry is not published in the sources held: the generic coaxial-slot geometry stands in for it, assumed matched."
)
_CABLE = "Loss of cable and shaft is not published: borrowed from a 2.5 m cable of another maker."
_CHOKED = "Inner geometry is not published: the generic slot with a quarter-wave choke stands in for it, assumed matched."
_LONG = (
    "No geometry of a 915 MHz antenna is published in the sources held: the published slot, further from the tip by the ratio of "
    "the wavelengths, stands in for it, assumed matched; its conductivity falls with heat, and other tissue differs from liver, "
    "as at 2.45 GHz."
)
_ROWS: dict[str, dict[str, Any]] = {
    "coaxial-slot": {"words": "Coaxial-slot antenna of the published tutorial model, power at the antenna, not cooled"},
    "he2010-cooled": {
        "words": "Internally cooled antenna of He 2010, 30-60 W",
        "cooled": True, "cable": "cable.share_long", "caveats": (_GENERIC, _CABLE),
    },
    "he2010-uncooled": {
        "words": "Antenna of He 2010 without cooling, 30-50 W",
        "cable": "cable.share_long", "caveats": (_GENERIC, _CABLE),
    },
    "ji2011-cooled": {
        "words": "Cooled antenna of Ji 2011, 80 W",
        "cooled": True, "cable": "cable.share_long", "caveats": (_GENERIC, _CABLE),
    },
    "slot-915": {
        "words": "Generic coaxial-slot antenna at 915 MHz, not cooled", "cable": "cable.share_long",
        "caveats": (_LONG, _CABLE),
    },
    "amica-14g": {
        "words": "HS Amica 14G, choked, 2.5 m cable", "cooled": True, "cable": "cable.share_long", "choked": True,
        "caveats": (_CHOKED,),
    },
    "amica-16g": {
        "words": "HS Amica 16G, choked, 1.5 m cable", "cooled": True, "cable": "cable.share_short", "choked": True,
        "caveats": (_CHOKED,),
    },
}  # fmt: skip


@cache
def devices() -> dict[str, Microwave]:
    """Every known device, by name."""
    facts = read_facts(_PACKAGE)
    known = {}
    for name, row in _ROWS.items():
        own = facts.section(f"device.{name}")
        choked = bool(row.get("choked"))
        cooled = bool(row.get("cooled"))
        transmission = facts[row["cable"]] if "cable" in row else facts["cable.none"]
        used = [*own.values(), *facts.section("slot").values(), transmission]
        frequency = float(own["frequency"])
        if choked:
            antenna = choked_slot(frequency_hz=frequency, radius_mm=float(own["radius"]))
            used += facts.section("choke").values()
            behind = float(facts["choke.mouth"])
        else:
            elevation = float(own["elevation"] if "elevation" in own else facts["slot.elevation"])
            antenna = coaxial_slot(frequency_hz=frequency, sizes_mm={"slot.elevation": elevation})
            behind = elevation + float(facts["slot.height"]) + float(facts["cooling.behind_slot"])
        if cooled:
            used += facts.section("cooling").values()
        times_s = [minutes_to_s(t) for t in own["time"].value]
        offered = [t for t in PLANNED_S if t in times_s] or [times_s[-1]]
        known[name] = Microwave(
            name=name,
            words=row["words"],
            diameter_mm=2.0 * antenna.radius_mm,
            lengths_mm=own["length"].value,
            settings=tuple(Setting(p, t) for p in own["power"].value[-4:] for t in offered),
            longest_s=float(facts["generator.longest"]),
            max_power_w=max(own["power"].value),
            together=int(float(facts["generator.together"])),
            antenna=antenna,
            transmission=transmission,
            coolant_c=float(facts["cooling.coolant_temperature"]) if cooled else None,
            cooled_from_mm=behind,
            matched=bool(row.get("caveats")),
            gauge=int(float(own["gauge"])) if "gauge" in own else None,
            facts=tuple(used),
            caveats=row.get("caveats", ()),
        )
    return known


def device(name: str) -> Microwave:
    """Device of a name; an unknown one is an error that lists those known."""
    return named_device(devices(), name, noun="microwave device")
