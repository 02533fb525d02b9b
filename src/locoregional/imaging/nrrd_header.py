"""The text header of a NRRD file, and where its voxels are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, ImagingError
from locoregional.imaging.plausible import require_patient_scale

__all__ = ["nrrd_affine", "parse_nrrd_header", "parsed", "read_nrrd_header", "spatial_axes", "vector"]

LARGEST_HEADER_BYTES = 16 * 1024 * 1024
"""A header that has no blank line within this many bytes is no header."""

TO_LPS = {
    "left-posterior-superior": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "right-posterior-superior": (-1, 1, 1),
    "left-posterior-inferior": (1, 1, -1),
    "right-anterior-inferior": (-1, -1, -1),
}
"""Signs that carry each named space to LPS. NRRD names three of them; the others are met in the wild."""

SPACE_LETTERS = {"".join(word[0] for word in name.split("-")).upper(): name for name in TO_LPS}

MM_PER_UNIT = {"mm": 1.0, "millimeter": 1.0, "millimeters": 1.0, "cm": 10.0, "m": 1000.0, "um": 1e-3, "µm": 1e-3, "microns": 1e-3}

INTEGER_FIELDS = frozenset({"dimension", "space dimension", "line skip", "byte skip"})
LIST_FIELDS = frozenset({"kinds", "centerings"})
SYNONYMS = {"datafile": "data file", "lineskip": "line skip", "byteskip": "byte skip", "centers": "centerings"}


def read_nrrd_header(path: str | Path) -> dict[str, Any]:
    """Fields and key/value pairs of a NRRD header, without reading voxels.

    Parameters
    ----------
    path : str or Path
        ``.nrrd`` or ``.nhdr`` file.

    Returns
    -------
    dict
        As :func:`parse_nrrd_header`, and ``"data offset"``: bytes before the voxels of an attached file.

    Raises
    ------
    ImagingError
        If the file is no NRRD or its header is broken.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(65536)
            while not (end := re.search(rb"\n\r?\n", head)) and len(head) < LARGEST_HEADER_BYTES and (more := file.read(65536)):
                head += more
    except OSError as error:
        raise ImagingError(f"cannot be opened: {error.strerror or error}", where=str(path)) from error
    if not head.startswith(b"NRRD"):
        raise ImagingError("not a NRRD file (it does not start with NRRD)", where=str(path))
    text = head[: end.start() if end else len(head)].decode("utf-8", errors="replace")
    header = parse_nrrd_header(text, where=str(path))
    header["data offset"] = end.end() if end else len(head)
    if not end and "data file" not in header:
        raise ImagingError(
            "the header does not end (no blank line before the voxels)", where=str(path), remedy="Copy the file again."
        )
    return header


def parse_nrrd_header(text: str, *, where: str = "") -> dict[str, Any]:
    """Fields of a NRRD header text.

    Parameters
    ----------
    text : str
        Everything before the blank line.
    where : str
        File, for messages.

    Returns
    -------
    dict
        Field names in lower case. ``sizes`` is a tuple of int, fastest axis first; ``space directions`` a tuple with one vector
        or None per axis; ``space origin`` a vector; ``kinds``, ``spacings``, ``space units`` tuples; the rest text.
        Key/value pairs (``key:=value``) stand under their own name, as text.
    """
    header: dict[str, Any] = {}
    for line in text.splitlines()[1:]:
        if line.startswith("#") or not line.strip():
            continue
        colon = line.find(":")
        if line[colon : colon + 2] == ":=":
            header[line[:colon]] = line[colon + 2 :].replace("\\n", "\n")
        elif colon > 0:
            name = line[:colon].strip().lower()
            name, value = SYNONYMS.get(name, name), line[colon + 1 :].strip()
            try:
                header[name] = parsed(name, value)
            except (ValueError, IndexError) as error:
                raise ImagingError(f"the header field '{name}' cannot be understood: {value[:80]!r}", where=where) from error
        else:
            raise ImagingError(f"the header line {line[:80]!r} is neither a field nor a key", where=where)
        if "data file" in header and header["data file"].startswith("LIST"):
            header["data file list"] = [name.strip() for name in text.split("LIST", 1)[1].splitlines()[1:] if name.strip()]
            break
    for name in ("type", "dimension", "sizes", "encoding"):
        if name not in header:
            raise ImagingError(f"the header lacks the field '{name}'", where=where, remedy="Copy or export the file again.")
    if len(header["sizes"]) != header["dimension"] or min(header["sizes"], default=0) < 1:
        raise ImagingError(f"the header says {header['dimension']} axes but sizes {header['sizes']}", where=where)
    return header


def parsed(name: str, text: str) -> Any:
    """Value of one field, in its own type."""
    if name in INTEGER_FIELDS:
        return int(text)
    if name == "sizes":
        return tuple(int(word) for word in text.split())
    if name in ("spacings", "thicknesses"):
        return tuple(float(word) for word in text.split())
    if name in ("space directions", "measurement frame"):
        return tuple(None if word == "none" else vector(word) for word in re.findall(r"none|\([^)]*\)", text))
    if name == "space origin":
        return vector(text)
    if name in ("space units", "units", "labels"):
        return tuple(re.findall(r'"([^"]*)"', text))
    return tuple(text.split()) if name in LIST_FIELDS else text


def vector(text: str) -> NDArray[np.float64]:
    """Numbers of ``(a,b,c)``."""
    return np.array([float(word) for word in text.strip().strip("()").split(",")])


def spatial_axes(header: Mapping[str, Any]) -> tuple[int, ...]:
    """Axes (fastest first) that have a direction in space."""
    return tuple(axis for axis, direction in enumerate(header.get("space directions", ())) if direction is not None)


def nrrd_affine(header: Mapping[str, Any], *, where: str = "") -> NDArray[np.float64]:
    """Affine from (slice, row, column) to LPS mm of the three spatial axes.

    Parameters
    ----------
    header : mapping
        From :func:`read_nrrd_header`.
    where : str
        File, for messages.

    Returns
    -------
    ndarray, shape (4, 4) [mm]
        Column is the fastest spatial axis of the file, slice the slowest.

    Raises
    ------
    GeometryError
        If the header does not say where the voxels are in the patient.
    """
    space = header.get("space", "")
    space = SPACE_LETTERS.get(space.upper(), space.lower()) if len(space) == 3 else space.lower()
    axes = spatial_axes(header)
    directions = header.get("space directions", ())
    if space not in TO_LPS or "space origin" not in header or len(axes) != 3 or len(directions) != header["dimension"]:
        missing = [name for name in ("space", "space directions", "space origin") if name not in header]
        reason = f"no {', '.join(missing)}" if missing else f"space {space!r}, {len(axes)} directions"
        raise GeometryError(
            f"the header does not say where the voxels are in the patient ({reason})",
            where=where,
            remedy="Export it with 'space: left-posterior-superior', three space directions and a space origin.",
        )
    rows = [*(directions[axis] for axis in reversed(axes)), header["space origin"]]
    if any(row.shape != (3,) for row in rows):
        raise GeometryError("space directions and origin need three numbers each", where=where)
    affine = np.eye(4)
    affine[:3] = np.array(rows).T * np.array(TO_LPS[space])[:, None]
    for axis, unit in enumerate(header.get("space units", ())[:3]):
        if unit and unit.lower() not in MM_PER_UNIT:
            raise GeometryError(f"the space unit {unit!r} is not a length this reader knows", where=where, remedy="Use mm.")
        affine[axis] *= MM_PER_UNIT[unit.lower()] if unit else 1.0
    require_patient_scale(affine, where=where)
    return affine
