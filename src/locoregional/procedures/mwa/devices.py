"""Microwave devices: rows of ``facts.toml`` turned into antennas, powers and losses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from locoregional.errors import PlanningError
from locoregional.procedures.mwa.antenna import Antenna
from locoregional.procedures.mwa.geometry import choked_slot, coaxial_slot
from locoregional.sources import Sourced, read_facts

__all__ = ["Device", "device", "devices"]

_PACKAGE = "locoregional.procedures.mwa"


@dataclass(frozen=True)
class Device:
    """A microwave device as the plan sees it.

    Attributes
    ----------
    name, words : str
        Short name, and what it is in a sentence.
    antenna : Antenna
        What radiates.
    powers_w, times_min : tuple of float
        Settings of the generator to choose from; power is what the generator shows.
    lengths_mm : tuple of float
        Needle lengths.
    transmission : Sourced
        Share of the generator's power that reaches the antenna, with its range.
    coolant_c : float or None
        Temperature at which coolant holds the shaft; None for an antenna without cooling.
    cooled_from_mm : float
        Distance from the tip at which cooling begins.
    matched : bool
        No power comes back from the antenna: assumed where its geometry stands in for an unpublished one, whose match to drying
        tissue is not that of the stand-in.
    gauge : int or None
        Needle gauge where known.
    facts : tuple of Sourced
        Everything this row rests on.
    caveats : tuple of str
        What is not published and was taken from elsewhere.
    """

    name: str
    words: str
    antenna: Antenna
    powers_w: tuple[float, ...]
    times_min: tuple[float, ...]
    lengths_mm: tuple[float, ...]
    transmission: Sourced
    coolant_c: float | None
    cooled_from_mm: float
    matched: bool
    gauge: int | None
    facts: tuple[Sourced, ...]
    caveats: tuple[str, ...] = ()

    @property
    def max_power_w(self) -> float:
        """Largest setting of the generator [W]."""
        return max(self.powers_w)

    @property
    def diameter_mm(self) -> float:
        """Outer diameter of the needle [mm]."""
        return 2.0 * self.antenna.radius_mm

    def power_at_antenna_w(self, power_w: float) -> float:
        """Power that reaches the antenna at a generator setting [W]."""
        self.require_power(power_w)
        return power_w * float(self.transmission)

    def require_power(self, power_w: float) -> None:
        """Raise PlanningError unless the device can give this power."""
        if not 0.0 < power_w <= self.max_power_w:
            raise PlanningError(
                f"{power_w:g} W is outside what {self.name} gives", where="power_w", remedy=f"Use 0 to {self.max_power_w:g} W."
            )


_GENERIC = (
    "Antenna geometry is not published in the sources held: the generic coaxial-slot geometry stands in for it, assumed matched."
)
_CABLE = "Loss of cable and shaft is not published: borrowed from a 2.5 m cable of another maker."
_CHOKED = "Inner geometry is not published: the generic slot with a quarter-wave choke stands in for it, assumed matched."
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
def devices() -> dict[str, Device]:
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
            antenna = coaxial_slot(frequency_hz=frequency)
            behind = float(facts["slot.elevation"]) + float(facts["slot.height"]) + float(facts["cooling.behind_slot"])
        if cooled:
            used += facts.section("cooling").values()
        known[name] = Device(
            name=name,
            words=row["words"],
            antenna=antenna,
            powers_w=own["power"].value,
            times_min=own["time"].value,
            lengths_mm=own["length"].value,
            transmission=transmission,
            coolant_c=float(facts["cooling.coolant_temperature"]) if cooled else None,
            cooled_from_mm=behind,
            matched=bool(row.get("caveats")),
            gauge=int(float(own["gauge"])) if "gauge" in own else None,
            facts=tuple(used),
            caveats=row.get("caveats", ()),
        )
    return known


def device(name: str) -> Device:
    """Device of a name.

    Raises
    ------
    PlanningError
        If there is none, naming those there are.
    """
    try:
        return devices()[name]
    except KeyError:
        raise PlanningError(
            f"no microwave device is called {name!r}", where="device", remedy=f"Known: {', '.join(devices())}."
        ) from None
