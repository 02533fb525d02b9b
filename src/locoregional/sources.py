"""Numbers that say who says so: facts in TOML, sources in one bibliography.

A folder that needs a physical or clinical number keeps it in its ``facts.toml``::

    [liver.thermal_conductivity]
    value = 0.52
    unit = "W/m/K"
    low = 0.46
    high = 0.57
    source = "comsol2024"       # a key of references.bib
    where = "material Liver (human)"
    status = "verified"         # verified | unverified | borrowed

``verified`` means read in the named source; ``unverified`` means recalled or seen second-hand, so it is always shown and
never decides silently; ``borrowed`` means measured in another tissue, tumour or species.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from locoregional.errors import SourceError, UnitsError
from locoregional.units import KNOWN_UNITS

__all__ = ["STATUSES", "Facts", "Reference", "Sourced", "bibliography", "read_facts", "sourced"]

STATUSES = ("verified", "unverified", "borrowed")
_FIELDS = {"value", "unit", "low", "high", "source", "where", "status", "note"}


@dataclass(frozen=True)
class Sourced:
    """A number (or word) with its unit, range and source.

    Attributes
    ----------
    key : str
        Name of the fact, ``package:section.name``.
    value : float or str or tuple
        The number itself, in ``unit``.
    low, high : float or None
        Plausible range, used for uncertainty; None where none is known.
    source, where : str
        Key of ``references.bib``, and the place in it.
    status : str
        ``verified``, ``unverified`` or ``borrowed``.
    """

    key: str
    value: Any
    unit: str
    source: str
    where: str
    status: str
    low: float | None = None
    high: float | None = None
    note: str = ""

    def __float__(self) -> float:
        """Give the value as a float, for arithmetic in code."""
        return float(self.value)


@dataclass(frozen=True)
class Reference:
    """One entry of the bibliography.

    Attributes
    ----------
    key, kind : str
        Key and entry type.
    fields : dict
        Lower-case field name to text.
    """

    key: str
    kind: str
    fields: Mapping[str, str]

    def __str__(self) -> str:
        """Short citation: author, title, place, year."""
        f = self.fields
        parts = [f.get("author", "").split(" and ")[0], f.get("title", ""), f.get("journal") or f.get("publisher") or ""]
        tail = ";".join(x for x in (f.get("year", ""), f.get("volume", "")) if x)
        pages = f":{f['pages']}" if "pages" in f else ""
        doi = f" doi:{f['doi']}" if "doi" in f else ""
        told = ". ".join(p.replace("{", "").replace("}", "").rstrip(".") for p in parts if p)
        return told + (f". {tail}{pages}" if tail else "") + doi


class Facts(Mapping[str, Sourced]):
    """The facts of one ``facts.toml``, by dotted name."""

    def __init__(self, package: str, entries: dict[str, Sourced]) -> None:
        self.package = package
        self._entries = entries

    def __getitem__(self, name: str) -> Sourced:
        """Fact called ``name``; unknown names list what there is nearby."""
        try:
            return self._entries[name]
        except KeyError:
            stem = name.rsplit(".", 1)[0]
            near = [k for k in self._entries if k.startswith(stem)] or sorted(self._entries)
            raise SourceError(f"no fact called {name!r}", where=self.package, remedy=f"Known: {', '.join(near[:12])}.") from None

    def __iter__(self) -> Iterator[str]:
        """Names in file order."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Count the facts."""
        return len(self._entries)

    def section(self, prefix: str) -> dict[str, Sourced]:
        """Facts under a dotted prefix, by the rest of their name."""
        start = prefix + "."
        return {k[len(start) :]: v for k, v in self._entries.items() if k.startswith(start)}


@cache
def bibliography() -> dict[str, Reference]:
    """Every entry of ``references.bib``, by key."""
    text = resources.files("locoregional").joinpath("references.bib").read_text(encoding="utf-8")
    found: dict[str, Reference] = {}
    for match in re.finditer(r"@(\w+)\{([^,\s]+),(.*?)\n\}", text, flags=re.DOTALL):
        kind, key, body = match.groups()
        if key in found:
            raise SourceError("the same key stands twice", where=f"references.bib: {key}", remedy="Rename one of them.")
        fields = {m[0].lower(): m[1].strip() for m in re.findall(r"(\w+)\s*=\s*\{(.*?)\}\s*(?:,|$)", body, flags=re.DOTALL)}
        found[key] = Reference(key, kind.lower(), fields)
    return found


def sourced(key: str, entry: Mapping[str, Any]) -> Sourced:
    """Fact of a table entry, checked.

    Parameters
    ----------
    key : str
        Name of the fact, ``package:section.name``.
    entry : mapping
        Its fields, as in a ``facts.toml``.

    Raises
    ------
    SourceError
        If a field is missing or unknown, or the source is not in the bibliography.
    """
    unknown = set(entry) - _FIELDS
    if unknown:
        raise SourceError(f"unknown field {sorted(unknown)}", where=key, remedy=f"Use {sorted(_FIELDS)}.")
    missing = {"value", "unit", "source", "where", "status"} - set(entry)
    if missing:
        raise SourceError(f"fact lacks {sorted(missing)}", where=key, remedy="State them; a fact without a source is refused.")
    if entry["source"] not in bibliography():
        raise SourceError(f"cites {entry['source']!r}, which references.bib does not hold", where=key, remedy="Add the entry.")
    if entry["status"] not in STATUSES:
        raise SourceError(f"status {entry['status']!r} is unknown", where=key, remedy=f"Use one of {STATUSES}.")
    if entry["unit"] not in KNOWN_UNITS:
        raise UnitsError(f"unit {entry['unit']!r} is not on the list", where=key, remedy="Use one of units.KNOWN_UNITS.")
    value, low, high = entry["value"], entry.get("low"), entry.get("high")
    if isinstance(value, list):
        entry = {**entry, "value": tuple(value)}
    elif low is not None and high is not None and not isinstance(value, str) and not low <= value <= high:
        raise SourceError(f"value {value} lies outside {low}..{high}", where=key, remedy="Correct the range.")
    return Sourced(key=key, **entry)


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in table.items():
        if isinstance(entry, dict) and "value" in entry:
            yield prefix + name, entry
        elif isinstance(entry, dict):
            yield from _flatten(entry, f"{prefix}{name}.")
        else:
            raise SourceError("a bare number stands outside a fact", where=prefix + name, remedy="Give it unit and source.")


@cache
def read_facts(package: str, file: str = "facts.toml") -> Facts:
    """Facts of a package's facts file, checked.

    Parameters
    ----------
    package : str
        Dotted package name, usually ``__package__``.
    file : str
        Name of the file in that package, where a folder keeps several (its name ends in ``facts.toml``).

    Returns
    -------
    Facts
        By dotted name.

    Raises
    ------
    SourceError
        If a fact lacks a source or cites one that the bibliography does not hold.
    """
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    short = package.removeprefix("locoregional.")
    entries = {name: sourced(f"{short}:{name}", entry) for name, entry in _flatten(tomllib.loads(text))}
    return Facts(f"{package}/{file}", entries)
