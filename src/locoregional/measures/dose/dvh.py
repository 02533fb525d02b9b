"""Dose-volume histogram of a structure from sorted points, never from bins.

The dose is taken as linear between voxel centres. Every voxel of the mask is split into parts until mean and percentiles stand
still; a voxel that belongs to the mask in part is split along the border that the neighbouring occupancies show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import MaskError
from locoregional.imaging.volume import Volume
from locoregional.measures.dose.dosed_region import DosedRegion, dosed_region
from locoregional.sources import read_facts

__all__ = ["DoseVolume", "dose_volume", "region_dose_volume"]

NEAR_ALL = (0.98, 0.95, 0.9, 0.7, 0.5, 0.02)
_ENOUGH, _PLENTY, _MOST = 20_000, 200_000, 4_000_000
"""Points a histogram has at least; voxels from which on one scattered point in each suffices; points it has at most."""
_STILL = 1e-3
"""Change of every percentile, as a share of the mean dose, at which refining ends."""


@dataclass(frozen=True, eq=False)
class DoseVolume:
    """Cumulative dose-volume histogram, exact for its points.

    Attributes
    ----------
    doses_gy : ndarray, shape (n,)
        Dose at every point, rising.
    below : ndarray, shape (n,)
        Share of the volume with at most that dose.
    volume_ml : float
        Volume of the structure.
    dose_voxels : float
        How many voxels of the dose map it holds.
    words : tuple of str
        What a reader must know.
    """

    doses_gy: NDArray[np.float32]
    below: NDArray[np.float64]
    volume_ml: float
    dose_voxels: float
    words: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether the structure holds enough voxels of the map for more than a mean."""
        return self.dose_voxels >= float(read_facts(__package__)["mask.fewest_voxels"])

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """Share of the volume that each point stands for, shape (n,)."""
        return np.diff(self.below, prepend=0.0)

    @cached_property
    def mean_gy(self) -> float:
        """Mean dose."""
        return float((self.shares * self.doses_gy).sum())  # a threaded dot waits longer for its threads than it works

    @property
    def minimum_gy(self) -> float:
        """Lowest dose at any point; refused for a structure too small to be read."""
        self._require()
        return float(self.doses_gy[0])

    @property
    def maximum_gy(self) -> float:
        """Highest dose at any point; refused for a structure too small to be read."""
        self._require()
        return float(self.doses_gy[-1])

    def dose_gy(self, share: float) -> float:
        """Dose that this share of the volume receives at least: 0.7 gives D70.

        Raises
        ------
        MaskError
            If the share is no share (percent taken for a fraction), or the structure is too small to be read.
        """
        if not 0.0 < share <= 1.0:
            raise MaskError(f"a share of the volume of {share:g}", where="share", remedy="Give a fraction: D70 is 0.7.")
        self._require()
        index = int(np.searchsorted(self.below, 1.0 - share + 1e-12, side="right"))
        return float(self.doses_gy[min(index, self.doses_gy.size - 1)])

    def share_above(self, *, dose_gy: float) -> float:
        """Share of the volume that receives at least this dose: V(x).

        Raises
        ------
        MaskError
            If the structure is too small to be read.
        """
        self._require()
        index = int(np.searchsorted(self.doses_gy, np.float32(dose_gy), side="left"))
        return 1.0 - float(self.below[index - 1]) if index else 1.0

    def curve(self, doses_gy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the volume that receives at least each dose, shape of ``doses_gy``.

        Raises
        ------
        MaskError
            If the structure is too small to be read.
        """
        self._require()
        index = np.searchsorted(self.doses_gy, doses_gy.astype(np.float32), side="left")
        return 1.0 - np.where(index > 0, self.below[np.maximum(index - 1, 0)], 0.0)

    def volume_below_ml(self, *, dose_gy: float) -> float:
        """Volume that receives less than this dose."""
        return self.volume_ml * (1.0 - self.share_above(dose_gy=dose_gy))

    def scaled(self, factor: float) -> DoseVolume:
        """The same structure with every dose times a positive factor."""
        return replace(self, doses_gy=self.doses_gy * np.float32(factor))

    def _require(self) -> None:
        if not self.readable:
            raise MaskError(
                f"the structure holds {self.dose_voxels:.1f} voxels of the dose map: too few for a dose-volume histogram",
                remedy="Use its mean dose only.",
            )


def dose_volume(dose: Volume, mask: Volume, *, name: str = "mask") -> DoseVolume:
    """Dose-volume histogram of a dose map in a mask.

    Parameters
    ----------
    dose : Volume
        Absorbed dose in Gy, on any grid.
    mask : Volume
        Boolean (its voxels, as drawn), or occupancy 0..1 (its border is placed inside the voxels), on any grid.
    name : str
        Name of the structure, for messages.

    Returns
    -------
    DoseVolume
        Of a structure with too few voxels of the map only the mean can be read.

    Raises
    ------
    UnitsError, GeometryError, MaskError, ImagingError
        As :func:`~locoregional.measures.dose.dosed_region.dosed_region`.
    """
    return region_dose_volume(dosed_region(dose, mask, name=name))


def region_dose_volume(region: DosedRegion, *, shift_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> DoseVolume:
    """Histogram of a checked region, its mask moved by a shift; beyond the map the outermost dose goes on."""
    voxels = np.argwhere(region.occupancy > 0).astype(np.int32)
    matrix, _ = region.to_dose()
    coarse = np.maximum(1, np.ceil(np.abs(matrix).max(axis=0) - 1e-3)).astype(np.int64)  # parts no larger than a dose voxel
    made = None
    if len(voxels) * coarse.prod() >= _PLENTY:
        made = _made(region, voxels, coarse, shift_lps_mm, scattered=True)
        return replace(made, words=_words(made))
    parts, last = coarse, None
    while True:
        made = _made(region, voxels, parts, shift_lps_mm)
        marks = np.array([made.mean_gy, *(_percentile_gy(made, share) for share in NEAR_ALL)])
        still = last is not None and bool(np.abs(marks - last).max() <= _STILL * abs(made.mean_gy))
        if (still and made.doses_gy.size >= _ENOUGH) or 8 * len(voxels) * parts.prod() > _MOST:
            return replace(made, words=_words(made))
        parts, last = 2 * parts, marks


def _made(region: DosedRegion, voxels: NDArray, parts: NDArray, shift: tuple, *, scattered: bool = False) -> DoseVolume:
    from locoregional.measures.dose.sample_kernels import doses_at_points, shares_of_points

    each = int(parts.prod())
    doses = np.empty(len(voxels) * each, np.float32)
    matrix, offset = region.to_dose(shift)
    doses_at_points(region.dose, voxels, matrix, offset, parts, scattered, doses)
    if region.partial:
        shares = np.empty(doses.size, np.float32)
        if scattered:
            shares[:] = np.repeat(region.occupancy[tuple(voxels.T)], each)
        else:
            shares_of_points(region.occupancy, voxels, parts, shares)
        held = np.flatnonzero(shares > 0)
        order = held[np.argsort(doses[held], kind="stable")]
        doses, below = doses[order], np.cumsum(shares[order], dtype=np.float64)
    else:
        doses.sort()
        below = np.arange(1, doses.size + 1, dtype=np.float64)
    below /= below[-1]
    return DoseVolume(doses, below, region.volume_ml, region.dose_voxels)


def _percentile_gy(made: DoseVolume, share: float) -> float:
    return float(made.doses_gy[min(int(np.searchsorted(made.below, 1.0 - share)), made.doses_gy.size - 1)])


def _words(made: DoseVolume) -> tuple[str, ...]:
    if made.readable:
        return ()
    return (f"holds only {made.dose_voxels:.1f} voxels of the dose map: its mean dose is all that can be read",)
