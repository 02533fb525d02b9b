"""How well the outlines that two images show lie on each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError
from locoregional.imaging.resample import canonical, isotropic_grid_around, resampled
from locoregional.imaging.volume import Grid, Volume

__all__ = ["Overlap", "body_of_activity", "overlap_of"]

WORKING_MM = 3.0
"""Voxel side of the comparison, below a voxel of PET and SPECT."""

ALIKE_DICE = 0.8
"""Outlines that overlap less are not two views of one thing, but two things."""

FEWEST_POINTS = 200
"""Outline voxels below which a shift is not fitted."""

CLOSED = 0.05
"""Mean square of the normal's part along the body above which an outline shows a shift along it; a sphere has a third."""

WIDEST_MM = 25.0
"""Gaps above this belong to parts that only one of the images shows."""

PARTS = 8
"""Sectors of the outline that are left out in turn for the standard error."""

SMALLEST_ML = 500.0


@dataclass(frozen=True)
class Overlap:
    """Two outlines of one organ.

    Attributes
    ----------
    dice : float
        Overlap, 0..1.
    distance_mm : float
        Median distance of each outline from the other, blur and threshold included.
    volume_ratio : float
        Volume on the activity image over that on the CT.
    shift_mm : float
        Length of the shift that brings the outlines together, apart from one being wider than the other all around.
    shift_error_mm : float
        Standard error of it, from the scatter between parts of the outline.
    along_body : bool
        Whether the outline is closed enough along the body to show a shift there; a trunk that runs through is not.
    """

    dice: float
    distance_mm: float
    volume_ratio: float
    shift_mm: float
    shift_error_mm: float
    along_body: bool

    @property
    def comparable(self) -> bool:
        """Whether both can be outlines of one thing."""
        return self.dice >= ALIKE_DICE

    @property
    def sentence(self) -> str:
        """Words and numbers."""
        along = "" if self.along_body else "; along the body a shift does not show in it"
        return (
            f"outlines overlap by {100 * self.dice:.0f} % (Dice) and lie {self.distance_mm:.1f} mm apart (median), shifted by "
            f"{self.shift_mm:.1f} mm (standard error {self.shift_error_mm:.1f}){along}; volume on the activity image "
            f"{100 * self.volume_ratio:.0f} % of that on the CT"
        )


def overlap_of(one: Volume, other: Volume, *, field: Grid) -> Overlap:
    """Overlap of a mask of an activity image with one of a CT, in what both images show.

    Where one image ends its outline is no outline of the patient: only the surfaces inside of both fields are measured.

    Parameters
    ----------
    one, other : Volume
        Masks in one space, on any grids.
    field : Grid
        Field of view of the activity image.

    Raises
    ------
    MaskError
        If a mask is empty in the common field.
    """
    from scipy.ndimage import binary_erosion, distance_transform_edt

    corners = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in other.shape], indexing="ij")).reshape(3, -1).T
    low, high = other.grid.to_lps(corners).min(axis=0), other.grid.to_lps(corners).max(axis=0)
    grid = isotropic_grid_around((low + high) / 2, size_mm=(high - low)[::-1], spacing_mm=WORKING_MM)
    places = grid.to_lps(np.moveaxis(np.indices(grid.shape), 0, -1))
    both = field.contains(places) & other.grid.contains(places)
    a = (resampled(one, grid).array > 0.5) & both
    b = (resampled(other, grid).array > 0.5) & both
    if not a.any() or not b.any():
        raise MaskError("an outline is empty where both images reach", remedy="Check that both images are of the same part.")
    inner = binary_erosion(both, iterations=2)
    edges = [mask & ~binary_erosion(mask) for mask in (a, b)]
    apart = [distance_transform_edt(~edges[1 - k], sampling=WORKING_MM)[edges[k] & inner] for k in (0, 1)]
    measured = np.concatenate(apart)
    distance = float(np.median(measured)) if len(measured) else float("inf")
    dice = 2.0 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))
    shift, error, along = _shift(a, b, edges[1] & inner)
    return Overlap(float(dice), distance, float(np.count_nonzero(a) / np.count_nonzero(b)), shift, error, along)


def _shift(a: NDArray[np.bool_], b: NDArray[np.bool_], edge: NDArray[np.bool_]) -> tuple[float, float, bool]:
    """Length and standard error [mm] of the shift of ``a`` against ``b``, and whether it shows along the slices.

    The signed distance from a point of the outline of ``b`` to that of ``a`` is the shift along the normal there plus a constant,
    by which ``a`` is wider all around (blur, threshold). Both are fitted, and fitted again without what they do not explain.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    points = np.argwhere(edge)
    if len(points) < FEWEST_POINTS:
        return float("inf"), float("inf"), False
    ahead = gaussian_filter(_signed(b, distance_transform_edt), 1.0)
    normal = np.stack([g[edge] for g in np.gradient(ahead)], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    along = bool(np.mean(normal[:, 0] ** 2) > CLOSED)
    used = normal if along else normal[:, 1:]
    gap = -_signed(a, distance_transform_edt)[edge]
    terms = np.column_stack([used, np.ones(len(used))])
    keep = np.abs(gap - np.median(gap)) < WIDEST_MM
    for _ in range(3):
        found = np.linalg.lstsq(terms[keep], gap[keep], rcond=None)[0]
        rest = gap - terms @ found
        keep = np.abs(rest) < max(WORKING_MM, 3.0 * float(np.median(np.abs(rest))))
    parts = np.array_split(np.flatnonzero(keep)[np.argsort(_angle(points[keep]))], PARTS)
    leave_one_out = [
        np.linalg.lstsq(np.delete(terms[keep], k, axis=0), np.delete(gap[keep], k), rcond=None)[0][:-1]
        for k in (np.flatnonzero(np.isin(np.flatnonzero(keep), part)) for part in parts)
    ]
    scatter = (PARTS - 1) / PARTS * ((np.array(leave_one_out) - np.mean(leave_one_out, axis=0)) ** 2).sum()
    return float(np.linalg.norm(found[:-1])), float(np.sqrt(scatter)), along


def _signed(mask: NDArray[np.bool_], distance: Callable[..., NDArray[np.float64]]) -> NDArray[np.float64]:
    """Distance from the outline of a mask [mm], negative inside."""
    return distance(~mask, sampling=WORKING_MM) - distance(mask, sampling=WORKING_MM)


def _angle(points: NDArray[np.int_]) -> NDArray[np.float64]:
    """Direction of points around their middle, within the slices."""
    around = points - points.mean(axis=0)
    return np.arctan2(around[:, 1], around[:, 2])


def body_of_activity(activity: Volume) -> Volume | None:
    """Body as faint uptake shows it; None where too little is seen of it.

    The threshold is the one that best parts the logarithm of smoothed values into two classes.
    """
    from scipy.ndimage import gaussian_filter
    from skimage.filters import threshold_otsu

    from locoregional.imaging.segmentation.morphology import biggest, filled_slices

    upright = canonical(activity)
    smooth = gaussian_filter(np.clip(upright.array.astype(np.float32), 0.0, None), 4.0 / upright.spacing_mm)
    top = float(np.percentile(smooth, 99.0))
    if not top > 0:
        return None
    level = np.log(np.clip(smooth / top, 1e-4, 1.0))
    mask = level > threshold_otsu(level)
    if not mask.any() or mask.all():
        return None
    mask = filled_slices(biggest(mask))
    if np.count_nonzero(mask) * upright.grid.voxel_ml < SMALLEST_ML:
        return None
    return upright.on(mask, unit="")
