"""Needles and points as 3D Slicer markups (``.mrk.json``): LPS millimetres, schema 1.0.3.

The format is that of the published schema (``slicer_markups_schema`` in references.bib).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.atomic import atomic_path

__all__ = ["Markup", "needle_line", "points_markup", "read_markups", "write_markups"]

SCHEMA = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json#"
)
"""Name of the schema, as 3D Slicer writes it; nothing is fetched."""

MM_PER_UNIT = {"mm": 1.0, "um": 1e-3}
TO_LPS = {"LPS": (1.0, 1.0, 1.0), "RAS": (-1.0, -1.0, 1.0)}


@dataclass(frozen=True, eq=False)
class Markup:
    """One markup.

    Attributes
    ----------
    kind : str
        ``Line``, ``Fiducial``, ``Curve`` ...
    name : str
        Name shown in the scene.
    points_lps_mm : ndarray, shape (points, 3) [mm]
        Control points.
    labels : tuple of str
        One label per point.
    description : str
        Free words, shown with the first point.
    """

    kind: str
    name: str
    points_lps_mm: NDArray[np.float64]
    labels: tuple[str, ...]
    description: str = ""


def needle_line(name: str, *, entry_lps_mm: ArrayLike, tip_lps_mm: ArrayLike, description: str = "") -> Markup:
    """Line from the skin entry to the tip of a needle."""
    points = np.array([entry_lps_mm, tip_lps_mm], dtype=float)
    return Markup("Line", name, points, ("entry", "tip"), description)


def points_markup(name: str, points_lps_mm: Mapping[str, ArrayLike]) -> Markup:
    """Point list from label to LPS position."""
    points = np.array([np.asarray(p, dtype=float) for p in points_lps_mm.values()]).reshape(-1, 3)
    return Markup("Fiducial", name, points, tuple(points_lps_mm))


def _written(markup: Markup, where: str) -> dict[str, Any]:
    points = np.asarray(markup.points_lps_mm, dtype=float)
    if points.ndim != 2 or points.shape[1] != 3 or len(points) == 0 or not np.isfinite(points).all():
        raise ImagingError(f"markup {markup.name!r} has no finite points", where=where, remedy="Give LPS positions in mm.")
    if markup.kind == "Line" and len(points) != 2:
        raise ImagingError(f"line {markup.name!r} has {len(points)} points", where=where, remedy="Give entry and tip.")
    controls = [
        {
            "id": str(number),
            "label": label,
            "description": markup.description if number == 1 else "",
            "associatedNodeID": "",
            "position": [float(x) for x in point],
            # the axes of a point, by column; 3D Slicer writes those of RAS expressed in LPS
            "orientation": [-1.0, -0.0, -0.0, -0.0, -1.0, -0.0, 0.0, 0.0, 1.0],
            "selected": True,
            "locked": True,
            "visibility": True,
            "positionStatus": "defined",
        }
        for number, (label, point) in enumerate(zip(markup.labels, points, strict=True), start=1)
    ]
    return {
        "type": markup.kind,
        "name": markup.name,
        "coordinateSystem": "LPS",
        "coordinateUnits": "mm",
        "locked": True,
        "fixedNumberOfControlPoints": True,
        "labelFormat": "%N-%d",
        "lastUsedControlPointNumber": len(points),
        "controlPoints": controls,
    }


def write_markups(markups: Sequence[Markup], path: str | Path, *, overwrite: bool = False) -> None:
    """Write markups for 3D Slicer.

    Parameters
    ----------
    markups : sequence of Markup
        At least one.
    path : path
        File ending in ``.mrk.json``.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ImagingError
        If the name has another ending, there is no markup, or a point is not finite.
    """
    where = str(path)
    if not where.endswith(".mrk.json"):
        raise ImagingError("3D Slicer knows markups by their ending", where=where, remedy="End the name in .mrk.json.")
    if not markups:
        raise ImagingError("there is no markup to write", where=where, remedy="Give at least one.")
    document = {"@schema": SCHEMA, "markups": [_written(m, where) for m in markups]}
    with atomic_path(path, overwrite=overwrite) as temporary:
        temporary.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _read(item: Mapping[str, Any], where: str) -> Markup:
    system = {"0": "RAS", "1": "LPS"}.get(str(item.get("coordinateSystem", "LPS")), str(item.get("coordinateSystem", "LPS")))
    unit = item.get("coordinateUnits", "mm")
    unit = unit[0] if isinstance(unit, list) and unit else unit
    if system not in TO_LPS or unit not in MM_PER_UNIT:
        raise ImagingError(
            f"coordinates in {system!r}, unit {unit!r}", where=where, remedy="Save the markup again in LPS and mm."
        )
    name, points, labels, words = str(item.get("name", "")), [], [], ""
    for control in item.get("controlPoints", []):
        if control.get("positionStatus", "defined") != "defined":
            raise ImagingError(
                f"a point of markup {name!r} is not placed", where=where, remedy="Place or delete it in 3D Slicer."
            )
        points.append(np.asarray(control.get("position", []), dtype=float))
        labels.append(str(control.get("label", "")))
        words = words or str(control.get("description", ""))
    if not points or any(p.shape != (3,) or not np.isfinite(p).all() for p in points):
        raise ImagingError(f"markup {name!r} has no finite points", where=where, remedy="Save it again in 3D Slicer.")
    scaled = np.array(points) * TO_LPS[system] * MM_PER_UNIT[unit]
    return Markup(str(item.get("type", "Fiducial")), name, scaled, tuple(labels), words)


def read_markups(path: str | Path) -> tuple[Markup, ...]:
    """Markups of a ``.mrk.json`` file, in LPS mm whatever the file uses.

    Raises
    ------
    ImagingError
        If the file is no markups file, a point is not placed, or units or coordinate system are unknown.
    """
    where = str(path)
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        items = document["markups"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ImagingError(
            f"not a markups file: {problem}", where=where, remedy="Give a .mrk.json file of 3D Slicer."
        ) from problem
    return tuple(_read(item, where) for item in items)
