"""What is drawn on images: layers with outlines, needle lines, points and surfaces, all in LPS millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.volume import Volume
from locoregional.report.palette import colour_of

__all__ = ["Layer", "NeedleLine", "Point", "Surface", "common_direction"]

OPPOSED = 0.2
"""Length of the mean of unit vectors below which they have no common direction."""


def _point(lps_mm: ArrayLike, *, where: str) -> NDArray[np.float64]:
    point = np.array(lps_mm, dtype=np.float64)
    if point.shape != (3,) or not np.isfinite(point).all():
        raise GeometryError(f"a point needs three finite LPS coordinates, got {lps_mm!r}", where=where)
    point.setflags(write=False)
    return point


@dataclass(frozen=True, eq=False)
class Layer:
    """A structure drawn over an image.

    Attributes
    ----------
    name : str
        Words of the legend.
    volume : Volume
        Boolean mask, occupancy 0..1, or for the zone the chance 0..1 that a place is ablated.
    role : str
        ``lesion``, ``zone``, ``contour`` (of a zone), ``organ`` or ``risk``. The zone is drawn with its 50 % line and its
        5 to 95 % band.
    colour : str
        ``#rrggbb``; chosen from name and role when empty.
    shown : bool
        Whether it is drawn at first, and on paper.

    Raises
    ------
    MaskError
        If values lie outside 0..1 or are not finite.
    """

    name: str
    volume: Volume
    role: str = "organ"
    colour: str = ""
    shown: bool = True

    def __post_init__(self) -> None:
        """Check the range and settle the colour."""
        array = self.volume.array
        if array.dtype != bool:
            low, high = float(array.min()), float(array.max())
            if not (low >= -1e-3 and high <= 1.0 + 1e-3):
                raise MaskError(
                    f"layer values run from {low:g} to {high:g}, not 0..1",
                    where=self.name,
                    remedy="Give an occupancy or a chance.",
                )
        if not self.colour:
            object.__setattr__(
                self, "colour", colour_of(self.role if self.role in ("lesion", "zone") else self.name, role=self.role)
            )

    @property
    def levels(self) -> tuple[float, ...]:
        """Values at which outlines run."""
        return (0.05, 0.5, 0.95) if self.role == "zone" else (0.5,)


@dataclass(frozen=True, eq=False)
class NeedleLine:
    """A straight applicator.

    Attributes
    ----------
    entry_lps_mm, tip_lps_mm : ndarray, shape (3,) [mm]
        Where it pierces the skin, and its far end.
    name : str
        Words of the legend.
    radius_mm : float [mm]
        Drawn radius in 3-D.
    """

    entry_lps_mm: NDArray[np.float64]
    tip_lps_mm: NDArray[np.float64]
    name: str = "Needle"
    radius_mm: float = 0.9

    def __post_init__(self) -> None:
        """Check and freeze both ends."""
        object.__setattr__(self, "entry_lps_mm", _point(self.entry_lps_mm, where=f"{self.name}: entry"))
        object.__setattr__(self, "tip_lps_mm", _point(self.tip_lps_mm, where=f"{self.name}: tip"))
        if self.length_mm < 1e-6:
            raise GeometryError("entry and tip of a needle coincide", where=self.name, remedy="Give two different points.")

    @property
    def length_mm(self) -> float:
        """Distance from skin to tip [mm]."""
        return float(np.linalg.norm(self.tip_lps_mm - self.entry_lps_mm))

    @property
    def direction(self) -> NDArray[np.float64]:
        """Unit vector from skin to tip, shape (3,), LPS."""
        return np.asarray((self.tip_lps_mm - self.entry_lps_mm) / self.length_mm)


def common_direction(needles: Sequence[NeedleLine]) -> NDArray[np.float64]:
    """Unit vector along which needles go on the whole, shape (3,), LPS; that of the first where they oppose each other."""
    mean = np.mean([n.direction for n in needles], axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length) if length > OPPOSED else needles[0].direction


@dataclass(frozen=True, eq=False)
class Point:
    """A labelled place, LPS millimetres, shape (3,)."""

    name: str
    lps_mm: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Check and freeze the coordinates."""
        object.__setattr__(self, "lps_mm", _point(self.lps_mm, where=self.name))


@dataclass(frozen=True, eq=False)
class Surface:
    """A triangle mesh of a 3-D scene.

    Attributes
    ----------
    name : str
        Words of the legend; surfaces of the same name are switched together.
    vertices_lps_mm : ndarray, shape (n, 3) [mm]
        Corner points, LPS.
    faces : ndarray of int, shape (m, 3)
        Corners of each triangle, counter-clockwise from outside.
    colour : str
        ``#rrggbb``; chosen from the name when empty.
    opacity : float
        0..1; below 1 it is seen through, more so where it faces the viewer.
    colours : ndarray of uint8, shape (n, 3), optional
        Colour of each vertex, instead of ``colour``.
    shown : bool
        Whether it is visible at first.
    """

    name: str
    vertices_lps_mm: NDArray[np.float64]
    faces: NDArray[np.int32]
    colour: str = ""
    opacity: float = 1.0
    colours: NDArray[np.uint8] | None = field(default=None)
    shown: bool = True

    def __post_init__(self) -> None:
        """Check shapes and indices."""
        vertices = np.ascontiguousarray(self.vertices_lps_mm, dtype=np.float64)
        faces = np.ascontiguousarray(self.faces, dtype=np.int32)
        if vertices.ndim != 2 or vertices.shape[1:] != (3,) or faces.ndim != 2 or faces.shape[1:] != (3,) or len(faces) == 0:
            raise GeometryError("a surface needs vertices (n, 3) and at least one face (m, 3)", where=self.name)
        if faces.min() < 0 or faces.max() >= len(vertices) or not np.isfinite(vertices).all():
            raise GeometryError("faces name vertices that do not exist, or vertices are not finite", where=self.name)
        if self.colours is not None and self.colours.shape != vertices.shape:
            raise GeometryError("vertex colours need shape (n, 3)", where=self.name)
        object.__setattr__(self, "vertices_lps_mm", vertices)
        object.__setattr__(self, "faces", faces)
        if not self.colour:
            object.__setattr__(self, "colour", colour_of(self.name))
