"""A device described in a small TOML file: every number read once, checked, and flagged where nobody says who measured it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from locoregional.errors import PlanningError
from locoregional.sources import Sourced

__all__ = ["DeviceFile", "read_device_file"]

_FIELDS = {"value", "low", "high", "source", "status"}
_STATUSES = ("verified", "unverified", "borrowed")


class DeviceFile:
    """Entries of a device file, taken one by one; what nobody has taken at the end is an error.

    A number stands bare (then it counts as unverified) or as ``{ value = 0.65, low = 0.6, high = 0.75, source = "manual, p. 31",
    status = "verified" }``.

    Parameters
    ----------
    entries : mapping
        The parsed file.
    name : str
        Name of the file, for messages.
    """

    def __init__(self, entries: Mapping[str, Any], *, name: str) -> None:
        self._file = name
        self._left = dict(_flatten(entries))
        self._asked: list[str] = []
        self.facts: list[Sourced] = []
        self.energy = self.word("energy")
        self.name = self.word("name")
        self.words = self.word("words", self.name)

    def times_min(self, *, longest_min: float) -> tuple[float, ...]:
        """Times that the generator offers [min].

        Raises
        ------
        PlanningError
            If one is longer than the longest program.
        """
        times = self.numbers("generator.times_min", low=0.1, high=60.0)
        if max(times) > longest_min:
            raise self._wrong("generator.times_min", f"{max(times):g} min exceed the longest program", "Shorten it.")
        return times

    def where(self, key: str) -> str:
        """Place of an entry, for messages."""
        return f"{self._file}: {key}"

    def has(self, key: str) -> bool:
        """Whether an entry, or any entry of a section, is still to be taken."""
        return any(k == key or k.startswith(f"{key}.") for k in self._left)

    def word(self, key: str, default: str | None = None, *, among: tuple[str, ...] = ()) -> str:
        """Text of an entry.

        Raises
        ------
        PlanningError
            If it is missing without a default, no text, or none of those allowed.
        """
        value = self._take(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(key, f"{value!r} is no text", "Write it in quotation marks.")
        if among and value not in among:
            raise self._wrong(key, f"{value!r} is not known", f"Use one of {', '.join(among)}.")
        return value

    def yes(self, key: str, default: bool) -> bool:
        """True or false of an entry."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, f"{value!r} is neither true nor false", "Write true or false.")
        return value

    def number(self, key: str, unit: str, *, low: float, high: float, default: Sourced | None = None) -> Sourced:
        """Number of an entry between two limits, with its range and source.

        Parameters
        ----------
        key, unit : str
            Dotted name, and the unit that its name says.
        low, high : float
            Limits beyond which no device is built.
        default : Sourced, optional
            Stands in where the entry is missing.

        Raises
        ------
        PlanningError
            If it is missing without a default, no number, outside the limits, or said to be verified without a source.
        """
        found = self._take(key, default)
        if isinstance(found, Sourced):
            self.facts.append(found)
            return found
        entry = found if isinstance(found, dict) else {"value": found}
        odd = sorted(set(entry) - _FIELDS)
        if odd:
            raise self._wrong(key, f"{odd[0]!r} is no part of a number", f"Use {', '.join(sorted(_FIELDS))}.")
        for part in ("value", "low", "high"):
            if part in entry or part == "value":
                entry = {**entry, part: self._within(key, entry.get(part), low, high)}
        if not entry.get("low", entry["value"]) <= entry["value"] <= entry.get("high", entry["value"]):
            raise self._wrong(key, f"{entry['value']:g} lies outside its own range", "Correct low and high.")
        source, status = str(entry.get("source", "")), entry.get("status", "unverified")
        if status not in _STATUSES:
            raise self._wrong(key, f"{status!r} is no status", f"Use one of {', '.join(_STATUSES)}.")
        if status != "unverified" and not source:
            raise self._wrong(key, f"said to be {status}, but no source is named", "Name the source, or leave the status out.")
        fact = Sourced(
            key=f"{self.name}:{key}", value=entry["value"], unit=unit, source=source or "the device file", where=self._file,
            status=status, low=entry.get("low"), high=entry.get("high"),
        )  # fmt: skip
        self.facts.append(fact)
        return fact

    def numbers(self, key: str, *, low: float, high: float, default: tuple[float, ...] | None = None) -> tuple[float, ...]:
        """Ascending list of numbers between two limits."""
        value = self._take(key, None if default is None else list(default))
        if not isinstance(value, list) or not value:
            raise self._wrong(key, f"{value!r} is no list of numbers", "Write it as [10, 20].")
        found = tuple(self._within(key, v, low, high) for v in value)
        if list(found) != sorted(set(found)):
            raise self._wrong(key, "the list does not ascend", "Sort it, each value once.")
        return found

    def texts(self, key: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """List of texts, each once."""
        value = self._take(key, None if default is None else list(default))
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
            raise self._wrong(key, f"{value!r} is no list of texts", 'Write it as ["15", "10-5-10"].')
        return tuple(dict.fromkeys(value))

    def gauge(self) -> int | None:
        """Gauge of the needle, None where the file does not say."""
        return int(float(self.number("shelf.gauge", "gauge", low=6.0, high=24.0))) if self.has("shelf.gauge") else None

    def caveats(self) -> tuple[str, ...]:
        """What a reader must know of a device from a file, once all numbers are taken."""
        unverified = sum(fact.status == "unverified" for fact in self.facts)
        return (f"Described in a file; {unverified} of its numbers are unverified.",)

    def finish(self) -> None:
        """Refuse entries that nobody has taken.

        Raises
        ------
        PlanningError
            Naming the first, and what it may have been meant to be.
        """
        for key in self._left:
            near = get_close_matches(key, self._asked, n=1, cutoff=0.6)
            meant = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(self._asked)}."
            raise self._wrong(key, "no such entry is known", meant)

    def _take(self, key: str, default: Any) -> Any:
        self._asked.append(key)
        value = self._left.pop(key, default)
        if value is None:
            near = get_close_matches(key, self._left, n=1, cutoff=0.6)
            raise self._wrong(key, "the entry is missing", f"Is {near[0]} meant to be it?" if near else "Add it.")
        return value

    def _within(self, key: str, value: Any, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(key, f"{value!r} is no number", "Write a plain number.")
        if not low <= value <= high:
            raise self._wrong(key, f"{value:g} is outside {low:g} to {high:g}", "Check the unit that the name says.")
        return float(value)

    def _wrong(self, key: str, what: str, remedy: str) -> PlanningError:
        return PlanningError(what, where=self.where(key), remedy=remedy)


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, entry in table.items():
        if isinstance(entry, dict) and "value" not in entry:
            out |= _flatten(entry, f"{prefix}{name}.")
        else:
            out[prefix + name] = entry
    return out


def read_device_file(path: Path) -> DeviceFile:
    """Entries of a device file.

    Raises
    ------
    PlanningError
        If it is not there, no text, or no TOML.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanningError(
            f"the device file cannot be read: {error}", where=path.name, remedy="See the example that locoregional devices shows."
        ) from error
    return DeviceFile(entries, name=path.name)
