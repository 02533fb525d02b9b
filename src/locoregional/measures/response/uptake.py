"""SULpeak: mean uptake in the hottest millilitre of a lesion, and that of the liver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, MaskError, UnitsError
from locoregional.imaging.volume import Volume
from locoregional.measures.response.percist import LiverUptake
from locoregional.measures.response.sphere import sphere_shares
from locoregional.sources import read_facts

__all__ = ["Peak", "lean_mass_kg", "liver_uptake", "uptake_peak"]

LIVER_RADIUS_MM = 15.0
"""Of the sphere in which PERCIST samples the liver, 3 cm across."""
CANDIDATES = 5
"""Voxels around which the place of the sphere is refined."""
_COARSE, _HALVINGS = 5, 5  # places along each axis of a voxel that are tried first; how often the step is halved then


@dataclass(frozen=True)
class Peak:
    """Hottest sphere of a lesion.

    Attributes
    ----------
    value_g_ml : float
        Mean uptake in the sphere, placed anywhere within the lesion [g/ml].
    at_voxel_g_ml : float
        The same with the sphere centred on a voxel, as most programs do [g/ml].
    centre_lps_mm : tuple of float
        Middle of the sphere, LPS [mm].
    hottest_g_ml : float
        Highest voxel [g/ml].
    words : tuple of str
        What a reader must know.
    """

    value_g_ml: float
    at_voxel_g_ml: float
    centre_lps_mm: tuple[float, float, float]
    hottest_g_ml: float
    words: tuple[str, ...] = ()


def uptake_peak(image: Volume, lesion: Volume, *, sphere_ml: float | None = None) -> Peak:
    """Mean of the sphere that holds the most uptake, its centre within the lesion.

    Voxels are taken as uniform; the share of the sphere in each is exact, and its place is searched within the voxels too.

    Parameters
    ----------
    image : Volume
        PET as SUV or SUL [g/ml].
    lesion : Volume
        Mask on the grid of the image.
    sphere_ml : float or None
        Volume of the sphere [ml]; None: that of PERCIST.

    Raises
    ------
    UnitsError
        If the image is in Bq/ml or counts.
    GeometryError
        If the grids differ or are sheared.
    MaskError
        If the mask is empty.
    """
    image.require_same_grid(lesion, names=("PET", "lesion"))
    if image.unit not in ("", "1", "g/ml"):
        raise UnitsError(f"the PET is in {image.unit}", where="PET", remedy="Convert it to SUV: divide by dose per body weight.")
    if not image.grid.is_orthogonal:
        raise GeometryError("the voxels of the PET are no boxes", where="PET", remedy="Resample it onto a regular grid.")
    inside = np.argwhere(lesion.array >= 0.5)
    if len(inside) == 0:
        raise MaskError("the mask of the lesion is empty", where="lesion", remedy="Outline the lesion on the PET.")
    volume_ml = float(read_facts(__package__)["percist.sphere"]) if sphere_ml is None else sphere_ml
    radius_mm = float((3e3 * volume_ml / (4 * np.pi)) ** (1 / 3))
    search = _Search(image, radius_mm)
    means = search.means(inside, np.zeros(3))
    best = inside[np.argsort(-means)[:CANDIDATES]]
    value, place = search.refined(best)
    words = [f"mean of a sphere of {volume_ml:g} ml, {2 * radius_mm:.1f} mm across, placed where it is highest"]
    if not search.whole(place):
        words.append("part of the sphere lies outside the image; its mean is that of the part inside")
    x, y, z = image.grid.to_lps(place)
    hottest = float(image.array[tuple(inside.T)].max())
    return Peak(max(value, float(means.max())), float(means.max()), (float(x), float(y), float(z)), hottest, tuple(words))


def liver_uptake(image: Volume, liver: Volume) -> LiverUptake:
    """Mean and standard deviation of uptake in a sphere of 3 cm in the deepest part of a liver mask.

    Parameters
    ----------
    image : Volume
        PET as SUL [g/ml].
    liver : Volume
        Healthy liver on the grid of the image: without tumours.

    Raises
    ------
    MaskError
        If no such sphere fits.
    """
    from scipy.ndimage import distance_transform_edt

    image.require_same_grid(liver, names=("PET", "liver"))
    depth = distance_transform_edt(liver.array >= 0.5, sampling=image.spacing_mm)
    if float(depth.max()) < LIVER_RADIUS_MM:
        raise MaskError(
            "no sphere of 3 cm fits into the healthy liver", where="liver", remedy="Give its uptake as numbers, or a larger mask."
        )
    centre = image.grid.to_lps(np.argwhere(depth == depth.max())[0])
    index = np.stack(np.meshgrid(*[np.arange(n) for n in image.shape], indexing="ij"), axis=-1)
    near = np.linalg.norm(image.grid.to_lps(index) - centre, axis=-1) <= LIVER_RADIUS_MM
    values = image.array[near].astype(float)
    return LiverUptake(float(values.mean()), float(values.std(ddof=1)))


def lean_mass_kg(*, female: bool, height_cm: float, weight_kg: float) -> float:
    """Lean body mass after Janmahasatian [kg]: SUL is SUV times it over the weight.

    Parameters
    ----------
    female : bool
        Sex for which the formula is taken.
    height_cm, weight_kg : float
        Of the body.
    """
    facts = read_facts(__package__)
    sex = "female" if female else "male"
    index = weight_kg / (height_cm / 100) ** 2
    offset, slope = float(facts[f"lean.{sex}_offset"]), float(facts[f"lean.{sex}_slope"])
    return float(facts["lean.factor"]) * weight_kg / (offset + slope * index)


class _Search:
    """Means of a sphere at places of an image."""

    def __init__(self, image: Volume, radius_mm: float) -> None:
        self.array = np.asarray(image.array, dtype=float)
        self.spacing, self.radius_mm = image.spacing_mm, radius_mm

    def means(self, voxels: NDArray[np.int_], offset_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean of the sphere at each voxel, moved by an offset; what lies outside the image does not count."""
        shares = sphere_shares(radius_mm=self.radius_mm, spacing_mm=self.spacing, offset_mm=offset_px * self.spacing)
        reach = np.array(shares.shape) // 2
        held = np.argwhere(shares > 0) - reach
        weights = shares[shares > 0]
        total, seen = np.zeros(len(voxels)), np.zeros(len(voxels))
        limit = np.array(self.array.shape)
        for step, weight in zip(held, weights, strict=True):
            at = voxels + step
            inside = ((at >= 0) & (at < limit)).all(axis=1)
            where = tuple(np.clip(at, 0, limit - 1).T)
            total += np.where(inside, weight * self.array[where], 0.0)
            seen += np.where(inside, weight, 0.0)
        return total / seen

    def refined(self, voxels: NDArray[np.int_]) -> tuple[float, NDArray[np.float64]]:
        """Largest mean with the centre anywhere in these voxels, and where."""
        best, voxel, at = -np.inf, voxels[0], np.zeros(3)
        steps = (np.arange(_COARSE) - _COARSE // 2) / _COARSE
        for offset in np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3):
            means = self.means(voxels, offset)
            if means.max() > best:
                best, voxel, at = float(means.max()), voxels[int(means.argmax())], offset
        step = 0.5 / _COARSE
        for _ in range(_HALVINGS):
            for axis in range(3):
                for sign in (-1.0, 1.0):
                    tried = at.copy()
                    tried[axis] = np.clip(tried[axis] + sign * step, -0.5, 0.5)
                    mean = float(self.means(voxel[None], tried)[0])
                    if mean > best:
                        best, at = mean, tried
            step /= 2
        return best, voxel + at

    def whole(self, place: NDArray[np.float64]) -> bool:
        """Whether the sphere lies within the image."""
        reach = self.radius_mm / self.spacing
        return bool(((place - reach >= -0.5) & (place + reach <= np.array(self.array.shape) - 0.5)).all())
