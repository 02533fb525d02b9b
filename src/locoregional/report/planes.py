"""Planes through the patient, seen as radiologists see them, and the values on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import GeometryError
from locoregional.imaging.volume import Volume

__all__ = ["Plane", "across_plane", "direction_letters", "needle_plane", "standard_planes"]

SECOND_LETTER = 0.3
"""A direction gets a further letter where that component reaches 0.3 (about 17 degrees): small tilts stay unnamed."""


def direction_letters(direction_lps: ArrayLike) -> str:
    """Letters of the patient side a direction points to (R L A P H F), largest component first.

    Parameters
    ----------
    direction_lps : array_like, shape (3,)
        Any non-zero LPS vector.

    Returns
    -------
    str
        One to three letters, for example ``L`` or ``PR``.
    """
    v = np.asarray(direction_lps, dtype=float)
    v = v / np.linalg.norm(v)
    pairs = (("R", "L"), ("A", "P"), ("F", "H"))
    order = np.argsort(-np.abs(v), kind="stable")
    return "".join(pairs[i][int(v[i] > 0)] for k, i in enumerate(order) if k == 0 or abs(v[i]) >= SECOND_LETTER)


@dataclass(frozen=True, eq=False)
class Plane:
    """A rectangle in space with a right and a down side.

    Attributes
    ----------
    name : str
        Words for its title.
    centre_lps_mm : ndarray, shape (3,) [mm]
        Middle of the picture.
    right, down : ndarray, shape (3,)
        Unit LPS vectors of picture right and picture down, perpendicular.
    width_mm, height_mm : float [mm]
        Sides.
    """

    name: str
    centre_lps_mm: NDArray[np.float64]
    right: NDArray[np.float64]
    down: NDArray[np.float64]
    width_mm: float
    height_mm: float

    def __post_init__(self) -> None:
        """Normalise and check both axes."""
        right, down = np.asarray(self.right, dtype=float), np.asarray(self.down, dtype=float)
        right, down = right / np.linalg.norm(right), down / np.linalg.norm(down)
        if abs(float(right @ down)) > 1e-6 or self.width_mm <= 0 or self.height_mm <= 0:
            raise GeometryError("a plane needs perpendicular axes and positive sides", where=self.name)
        object.__setattr__(self, "centre_lps_mm", np.asarray(self.centre_lps_mm, dtype=float))
        object.__setattr__(self, "right", right)
        object.__setattr__(self, "down", down)

    @property
    def normal(self) -> NDArray[np.float64]:
        """Unit LPS vector away from the viewer, shape (3,)."""
        return np.cross(self.right, self.down)

    @property
    def letters(self) -> dict[str, str]:
        """Letters at the ``left``, ``right``, ``top`` and ``bottom`` edge."""
        sides = {"left": -self.right, "right": self.right, "top": -self.down, "bottom": self.down}
        return {side: direction_letters(v) for side, v in sides.items()}

    def points(self, *, pixel_mm: float) -> NDArray[np.float64]:
        """LPS millimetres of pixel centres, shape (rows, columns, 3)."""
        columns, rows = max(2, round(self.width_mm / pixel_mm)), max(2, round(self.height_mm / pixel_mm))
        u = (np.arange(columns) + 0.5) / columns * self.width_mm - self.width_mm / 2
        v = (np.arange(rows) + 0.5) / rows * self.height_mm - self.height_mm / 2
        return np.asarray(self.centre_lps_mm + u[None, :, None] * self.right + v[:, None, None] * self.down)

    def project(self, lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Millimetres right, down and away from the viewer of LPS points, relative to the centre, shape (..., 3)."""
        return np.asarray(
            (np.asarray(lps_mm, dtype=float) - self.centre_lps_mm) @ np.stack([self.right, self.down, self.normal]).T
        )

    def sample(self, volume: Volume, *, pixel_mm: float, outside: float = 0.0) -> NDArray[np.float32]:
        """Values of a volume on the plane by linear interpolation, shape (rows, columns); right aspect for any voxel shape."""
        from scipy.ndimage import map_coordinates

        index = volume.grid.to_index(self.points(pixel_mm=pixel_mm))
        array = volume.array.view(np.uint8) if volume.array.dtype == bool else volume.array
        return np.asarray(map_coordinates(array, np.moveaxis(index, -1, 0), output=np.float32, order=1, cval=outside))


def standard_planes(
    centre_lps_mm: ArrayLike, *, width_mm: float, height_mm: float, depth_mm: float
) -> tuple[Plane, Plane, Plane]:
    """Axial, coronal and sagittal plane through a point, radiological (patient right on the left, axial from the feet).

    Parameters
    ----------
    centre_lps_mm : array_like, shape (3,) [mm]
        Where they cross.
    width_mm, depth_mm, height_mm : float [mm]
        Extent right to left, front to back and head to foot.
    """
    centre = np.asarray(centre_lps_mm, dtype=float)
    x, y, z = np.eye(3)
    return (
        Plane("Axial", centre, x, y, width_mm, depth_mm),
        Plane("Coronal", centre, x, -z, width_mm, height_mm),
        Plane("Sagittal", centre, y, -z, depth_mm, height_mm),
    )


def needle_plane(
    entry_lps_mm: ArrayLike,
    tip_lps_mm: ArrayLike,
    *,
    width_mm: float,
    height_mm: float,
    centre_lps_mm: ArrayLike | None = None,
    beside_lps_mm: ArrayLike | None = None,
    name: str = "Plane of the needle",
) -> Plane:
    """Plane that holds the whole needle and is tilted least from axial (from coronal for needles along the body).

    Parameters
    ----------
    entry_lps_mm, tip_lps_mm : array_like, shape (3,) [mm]
        Ends of the needle.
    width_mm, height_mm : float [mm]
        Sides of the picture.
    centre_lps_mm : array_like, optional
        Middle of the picture, moved onto the plane; halfway along the needle when not given.
    beside_lps_mm : array_like, optional
        A point beside the needle that the plane holds as well, instead of being tilted least.
    name : str
        Words for its title.
    """
    entry, tip = np.asarray(entry_lps_mm, dtype=float), np.asarray(tip_lps_mm, dtype=float)
    d = (tip - entry) / np.linalg.norm(tip - entry)
    x, y, z = np.eye(3)
    toward = z if abs(d @ z) < np.cos(np.deg2rad(30.0)) else y
    normal = toward - (toward @ d) * d
    if beside_lps_mm is not None:
        held = np.cross(d, np.asarray(beside_lps_mm, dtype=float) - entry)
        normal = held if held @ normal >= 0 else -held
    normal /= np.linalg.norm(normal)
    right = x - (x @ normal) * normal if abs(x @ normal) < 0.9 else y - (y @ normal) * normal
    right /= np.linalg.norm(right)
    middle = (entry + tip) / 2 if centre_lps_mm is None else np.asarray(centre_lps_mm, dtype=float)
    middle = middle - ((middle - entry) @ normal) * normal
    return Plane(name, middle, right, np.cross(normal, right), width_mm, height_mm)


def across_plane(direction_lps: ArrayLike, centre_lps_mm: ArrayLike, *, side_mm: float, name: str = "Across") -> Plane:
    """Plane through a point across a direction, seen from where the direction comes from.

    Parameters
    ----------
    direction_lps : array_like, shape (3,)
        Direction of the needles, from skin to tip.
    centre_lps_mm : array_like, shape (3,) [mm]
        Middle of the picture.
    side_mm : float [mm]
        Both sides.
    name : str
        Words for its title.
    """
    d = np.asarray(direction_lps, dtype=float)
    d = d / np.linalg.norm(d)
    _, y, z = np.eye(3)
    down = -z if abs(d @ z) < 0.8 else y
    down = down - (down @ d) * d
    down /= np.linalg.norm(down)
    return Plane(name, np.asarray(centre_lps_mm, dtype=float), np.cross(down, d), down, side_mm, side_mm)
