"""What the numbers of a label map mean, and which structure of the plan a name belongs to."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from locoregional.errors import ImagingError

__all__ = ["NAMED_MAPS", "class_map_named", "plain_name", "read_class_map", "structure_of"]

NAMED_MAPS = (
    "totalsegmentator_total",
    "totalsegmentator_total_mr",
    "totalsegmentator_liver_vessels",
    "totalsegmentator_lung_vessels",
)
"""Class maps that come with the package."""


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    text = resources.files("locoregional.imaging").joinpath("class_maps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def plain_name(name: str) -> str:
    """Name in lower case with underscores, as the grouping table writes it (``Kidney Right`` -> ``kidney_right``)."""
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").split())


@cache
def structure_of(name: str) -> str | None:
    """Structure that the planner knows, for the name of a segment.

    Parameters
    ----------
    name : str
        Any spelling of a name: ``vertebrae_L3``, ``Kidney right``, ``liver``.

    Returns
    -------
    str or None
        ``bone``, ``kidney``, ``liver`` ...; None where the table holds no such name. Never guessed from a part of a name.
    """
    plain = plain_name(name)
    for structure, patterns in _tables()["groups"].items():
        if plain == structure or any(fnmatchcase(plain, plain_name(pattern)) for pattern in patterns):
            return structure
    return None


def class_map_named(name: str) -> dict[int, str]:
    """One of ``NAMED_MAPS``: number to name, from 1 in the official order.

    Raises
    ------
    ImagingError
        If the package holds no map of that name.
    """
    maps = _tables()["maps"]
    if name not in maps:
        raise ImagingError(
            f"no class map called {name!r}", remedy=f"Use one of {', '.join(maps)}, a file, or a dict of number to name."
        )
    return dict(enumerate(maps[name], start=1))


def _from_pairs(pairs: Iterable[tuple[Any, Any]], where: str) -> dict[int, str]:
    classes: dict[int, str] = {}
    for key, value in pairs:
        # both directions are in use: {"1": "liver"} (dictionaries of tools) and {"liver": 1} (nnU-Net)
        number, name = (key, value) if isinstance(value, str) and not value.isdigit() else (value, key)
        try:
            number = int(number)
        except (TypeError, ValueError):
            raise ImagingError(
                f"{key!r} = {value!r} is not a number and a name", where=where, remedy='Write lines such as 5 = "liver".'
            ) from None
        if number in classes:
            raise ImagingError(f"number {number} stands twice in the class map", where=where, remedy="Keep one name per number.")
        if number != 0:
            classes[number] = str(name)
    names = list(classes.values())
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice or not classes:
        raise ImagingError(
            f"names stand twice: {twice}" if twice else "the class map is empty", where=where, remedy="Name each number once."
        )
    return classes


def _rows(path: Path) -> list[tuple[str, str]]:
    lines = [x for x in path.read_text(encoding="utf-8-sig").splitlines() if x.strip() and not x.lstrip().startswith("#")]
    if path.suffix.lower() in (".ctbl", ".txt"):
        # a colour table of 3D Slicer or ITK-SNAP: number name r g b a, or number r g b a visible mesh "name"
        cells = [x.split(maxsplit=1) for x in lines]
        return [(number, rest.rsplit('"', 2)[1] if rest.count('"') >= 2 else rest.split()[0]) for number, rest in cells]
    table = [[c.strip() for c in row] for row in csv.reader(lines)]
    if table and not table[0][0].lstrip("-").isdigit() and not table[0][-1].isdigit():
        table = table[1:]
    if any(len(row) < 2 for row in table):
        raise ImagingError("a line holds less than number and name", where=str(path), remedy="Write lines such as 5,liver.")
    return [(row[0], row[1]) for row in table]


def read_class_map(source: str | Path | Mapping[int, str]) -> dict[int, str]:
    """Class map from a name, a file or a dictionary.

    Parameters
    ----------
    source : str, Path or mapping
        One of ``NAMED_MAPS``; a TOML, JSON, CSV or colour-table (``.ctbl``, ``.txt``) file of number and name; or a mapping.

    Returns
    -------
    dict
        Number to name; background 0 left out.

    Raises
    ------
    ImagingError
        If the file cannot be read, a number or name stands twice, or the name is unknown.
    """
    if isinstance(source, Mapping):
        return _from_pairs(source.items(), "class map")
    path = Path(source)
    if not path.suffix:
        return class_map_named(str(source))
    if not path.is_file():
        raise ImagingError("the class map file does not exist", where=str(path), remedy="Check the path.")
    try:
        if path.suffix.lower() not in (".json", ".toml"):
            return _from_pairs(_rows(path), str(path))
        text = path.read_text(encoding="utf-8")
        table = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
        for inner in ("labels", "classes"):
            table = table[inner] if isinstance(table.get(inner), dict) else table
        return _from_pairs(table.items(), str(path))
    except ImagingError:
        raise
    except (ValueError, IndexError, AttributeError, csv.Error) as problem:
        raise ImagingError(f"the class map cannot be read: {problem}", where=str(path), remedy="Check its syntax.") from problem
