"""An applicator on the shelf, and what an operator dials for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from locoregional.errors import PlanningError
from locoregional.sources import Sourced
from locoregional.units import minutes_to_s

__all__ = ["Device", "Setting", "named_device"]


@dataclass(frozen=True)
class Setting:
    """What the operator dials for one activation.

    Attributes
    ----------
    power_w : float
        Setting of the generator (radiofrequency: its limit); 0 for a cryoprobe, which has none.
    time_s : float
        From the start of the program to its end.
    program : str
        Name of the generator's program (``impedance``, ``10-5-10`` ...); empty: the only one of the device.
    """

    power_w: float
    time_s: float
    program: str = ""

    @property
    def words(self) -> str:
        """Setting as people say it."""
        parts = [f"{self.power_w:g} W"] if self.power_w else []
        parts.append(f"{self.time_s / minutes_to_s(1.0):g} min")
        return " for ".join(parts) + (f" ({self.program})" if self.program else "")


@dataclass(frozen=True, kw_only=True)
class Device:
    """An applicator with its generator, as a plan sees it; each energy adds its physics in a subclass.

    Attributes
    ----------
    name, words : str
        Short name, and what it is in a sentence.
    diameter_mm : float
        Outer diameter of the shaft.
    lengths_mm : tuple of float
        Shaft lengths on the shelf.
    settings : tuple of Setting
        What a plan chooses from, smallest first.
    longest_s : float
        Longest program.
    max_power_w : float
        Largest setting of the generator; 0 where there is none.
    together : int
        How many of them one generator drives at once.
    gauge : int or None
        Needle gauge where known.
    coarsest_mm : float
        Coarsest voxels on which it may be simulated, those of its template: microwave short axis within 0.3 mm, long axis within
        1.5 mm of those at 1 mm; short electrodes need finer ones.
    facts : tuple of Sourced
        Everything this row rests on.
    caveats : tuple of str
        What is not published and was taken from elsewhere.
    """

    name: str
    words: str
    diameter_mm: float
    lengths_mm: tuple[float, ...]
    settings: tuple[Setting, ...]
    longest_s: float
    max_power_w: float = 0.0
    together: int = 1
    gauge: int | None = None
    coarsest_mm: float = 2.5
    facts: tuple[Sourced, ...] = ()
    caveats: tuple[str, ...] = ()

    def require(self, setting: Setting) -> None:
        """Raise PlanningError unless the device can do this."""
        if self.max_power_w and not 0.0 < setting.power_w <= self.max_power_w:
            raise PlanningError(
                f"{setting.power_w:g} W is outside what {self.name} gives",
                where="power_w",
                remedy=f"Use 0 to {self.max_power_w:g} W.",
            )
        if not 0.0 < setting.time_s <= self.longest_s:
            raise PlanningError(
                f"{setting.time_s:g} s is no treatment time of {self.name}",
                where="time_s",
                remedy=f"Use up to {self.longest_s / minutes_to_s(1.0):g} min.",
            )


Kind = TypeVar("Kind", bound=Device)


def named_device(known: Mapping[str, Kind], name: str, *, noun: str) -> Kind:
    """Device of a name.

    Raises
    ------
    PlanningError
        If there is none, naming those there are.
    """
    try:
        return known[name]
    except KeyError:
        raise PlanningError(f"no {noun} is called {name!r}", where="device", remedy=f"Known: {', '.join(known)}.") from None
