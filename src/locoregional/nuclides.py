"""Radionuclides: half-lives and decay between instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from locoregional.errors import UnitsError
from locoregional.sources import Sourced, read_facts

__all__ = ["NAMES", "Nuclide", "decay_factor", "nuclide", "seconds_between"]

NAMES = {"Y-90": "y90", "Tc-99m": "tc99m", "F-18": "f18", "Ge-68": "ge68", "Ga-68": "ga68", "Zr-86": "zr86"}
"""Names as written in reports, and as sections of the facts."""
SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class Nuclide:
    """A radionuclide.

    Attributes
    ----------
    name : str
        As written: ``Y-90``.
    half_life : Sourced
        In hours.
    positron_fraction : Sourced or None
        Positrons per decay; None where none is known.
    """

    name: str
    half_life: Sourced
    positron_fraction: Sourced | None = None

    @property
    def half_life_s(self) -> float:
        """Half-life in seconds."""
        return float(self.half_life) * SECONDS_PER_HOUR


def nuclide(name: str) -> Nuclide:
    """Radionuclide by its name; ``y90``, ``90Y``, ``Y90`` and ``Y-90`` mean the same.

    Raises
    ------
    UnitsError
        If it is not known.
    """
    plain = "".join(c for c in name.lower() if c.isalnum())
    letters = "".join(c for c in plain if c.isalpha())
    digits = "".join(c for c in plain if c.isdigit())
    for written, section in NAMES.items():
        element, number = written.lower().split("-")
        mass = "".join(c for c in number if c.isdigit())
        state = number[len(mass) :]
        if digits == mass and letters in (element + state, state + element):
            facts = read_facts("locoregional", "nuclide_facts.toml")
            return Nuclide(written, facts[f"{section}.half_life"], facts.get(f"{section}.positron_fraction"))
    raise UnitsError(f"no radionuclide called {name!r} is known", where="nuclide", remedy=f"Known: {', '.join(NAMES)}.")


def decay_factor(*, time_s: float, half_life_s: float) -> float:
    """Share of an activity that is left after a time; over 1 for a time before.

    Raises
    ------
    UnitsError
        If the half-life is not positive.
    """
    if not half_life_s > 0.0:
        raise UnitsError(f"a half-life of {half_life_s:g} s", where="half_life_s", remedy="Give a positive half-life in seconds.")
    return float(2.0 ** (-time_s / half_life_s))


def seconds_between(start: datetime, stop: datetime) -> float:
    """Seconds from one instant to another.

    Raises
    ------
    UnitsError
        If an instant has no time zone: noon is not the same everywhere.
    """
    for name, instant in (("start", start), ("stop", stop)):
        if instant.tzinfo is None:
            raise UnitsError(
                f"{instant:%Y-%m-%d %H:%M} has no time zone", where=name, remedy="Write it as 2026-03-05T14:00+01:00."
            )
    # in UTC: two instants of one zone would be subtracted as clocks, and a change of the clock be lost
    return (stop.astimezone(UTC) - start.astimezone(UTC)).total_seconds()
