"""How far every number of a dose reading may be off: contour, place, calibration and recovery, drawn together.

The causes and their sizes are those of gear2018. Where that propagates one sensitivity for the mean of a sphere, here the mask is
grown, shrunk and shifted and the histogram is read again, so that D98, V(x) and BED get an interval too, uneven where they are.
Noise of the image and motion are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import UnitsError
from locoregional.measures.dose.asked import Asked
from locoregional.measures.dose.cloud import Cloud, evenly_spread, point_cloud
from locoregional.measures.dose.dosed_region import DosedRegion
from locoregional.measures.dose.dvh import DoseVolume
from locoregional.measures.dose.recovery import RecoveryTable
from locoregional.sources import read_facts

__all__ = ["LEVEL", "Band", "DoseErrors", "Spread", "diameter_uncertainty_mm", "spread_of"]

LEVEL = 0.9
"""Coverage of every interval."""
MEAN_LENGTH = 2.0 * np.sqrt(2.0 / np.pi)
"""Mean length of an isotropic normal vector over the deviation of one of its components."""
_DRAWS = 200
_CURVE_POINTS, _CURVE_BEYOND = 200, 1.3
"""Points of the band of a histogram, and how far it goes beyond the highest dose."""
_FARTHEST = 2.8
"""Standard deviations that the most extreme of the draws reaches."""
_MOST_EMPTY = 0.05
"""Share of the draws that may leave nothing of the structure before that is said."""


@dataclass(frozen=True)
class DoseErrors:
    """What may be off in a dose reading, as standard uncertainties.

    Attributes
    ----------
    calibration_share : float or None
        Of the activity, relative; None takes the fact ``calibration.activity``.
    registration_error_mm : float
        Mean displacement left between mask and dose map.
    contour_resolution_mm : float or None
        Width (FWHM) of the point spread of the image that the mask was drawn on; None: not known, left out.
    activity_resolution_mm : float or None
        Width of that of the activity image; None: not known, partial volume not judged.

    Raises
    ------
    UnitsError
        If a number is negative, or a percentage is taken for a share.
    """

    calibration_share: float | None = None
    registration_error_mm: float = 0.0
    contour_resolution_mm: float | None = None
    activity_resolution_mm: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in ("registration_error_mm", "contour_resolution_mm", "activity_resolution_mm"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value < 100.0:
                raise UnitsError(f"{value:g} mm", where=name, remedy="Give a length in millimetres, 0 to 100.")
        if self.calibration_share is not None and not 0.0 <= self.calibration_share < 0.9:
            raise UnitsError(
                f"a relative uncertainty of {self.calibration_share:g}", where="calibration", remedy="5 per cent is 0.05."
            )

    @property
    def calibration(self) -> float:
        """Relative standard uncertainty of the activity, stated or of the fact."""
        fact = read_facts(__package__)["calibration.activity"]
        return float(fact) if self.calibration_share is None else self.calibration_share


@dataclass(frozen=True, eq=False)
class Band:
    """A histogram with its 90 % interval at every dose.

    Attributes
    ----------
    doses_gy, shares, low, high : ndarray, shape (points,)
        Doses; share of the volume with at least each, and its interval.
    """

    doses_gy: NDArray[np.float64]
    shares: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spread:
    """Intervals of every number.

    Attributes
    ----------
    values, low, high : ndarray, shape (numbers,)
        The numbers and their 90 % intervals.
    volume_ml : tuple of float
        Interval of the volume.
    budget : mapping of str to float
        Relative standard uncertainty of the mean from ``contour``, ``registration`` and ``calibration``.
    band : Band or None
        The histogram with its interval at every dose; None of a structure too small for one.
    corrected : tuple of float or None
        Mean over the recovery of its volume, and its interval; None without a table.
    words : tuple of str
        What a reader must know.
    """

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    volume_ml: tuple[float, float]
    budget: Mapping[str, float]
    band: Band | None
    corrected: tuple[float, float, float] | None
    words: tuple[str, ...]


def diameter_uncertainty_mm(*, voxel_mm: float, resolution_mm: float | None) -> float:
    """Standard uncertainty of the diameter of a drawn structure.

    Parameters
    ----------
    voxel_mm : float
        Side of a voxel (root mean square where they differ).
    resolution_mm : float or None
        Width (FWHM) of the point spread; None leaves it out.

    Returns
    -------
    float [mm]
        Root of ``a^2/6 + FWHM^2/(4 ln 2)``; the volume of a sphere then has three times its relative uncertainty.
    """
    facts = read_facts(__package__)
    variance = voxel_mm**2 / float(facts["contour.voxel_variance"])
    if resolution_mm is not None:
        variance += float(facts["contour.resolution_variance"]) * resolution_mm**2 / (8.0 * np.log(2.0))
    return float(np.sqrt(variance))


def spread_of(
    region: DosedRegion, doses: DoseVolume, asked: Sequence[Asked], errors: DoseErrors, *, recovery: RecoveryTable | None = None
) -> Spread:
    """Draw every error together and read the histogram each time.

    Parameters
    ----------
    region : DosedRegion
        Mask and dose map.
    doses : DoseVolume
        Their histogram.
    asked : sequence of Asked
        The numbers.
    errors : DoseErrors
        What may be off.
    recovery : RecoveryTable, optional
        For the corrected mean.

    Raises
    ------
    EvidenceError
        If the structure is smaller than the smallest sphere of the table.
    """
    from scipy.special import ndtri

    voxel_mm = float(np.sqrt(np.mean(region.grid.spacing_mm**2)))
    border_mm = 0.5 * diameter_uncertainty_mm(voxel_mm=voxel_mm, resolution_mm=errors.contour_resolution_mm)
    place_mm = errors.registration_error_mm / MEAN_LENGTH
    wide = float(np.sqrt(np.log1p(errors.calibration**2)))  # so that a dose never falls below zero
    cloud = point_cloud(region, reach_mm=_FARTHEST * border_mm)
    plain = cloud.histogram()
    if plain is None:
        plain = doses
    values = np.array([a.read(doses) for a in asked])
    offset = values - np.array([a.read(plain) for a in asked])  # the cloud is coarser than the histogram
    share = doses.mean_gy / plain.mean_gy if plain.mean_gy else 1.0
    levels = np.linspace(0.0, _CURVE_BEYOND * max(float(doses.doses_gy[-1]), 1e-6), _CURVE_POINTS)
    numbers, volumes, corrected, curves = [], [], [], []
    for z in ndtri(evenly_spread(_DRAWS, 6)):
        shift = (place_mm * z[1], place_mm * z[2], place_mm * z[3])
        drawn = cloud.histogram(outward_mm=border_mm * z[0], shift_lps_mm=shift, factor=float(np.exp(wide * z[4])))
        if drawn is None:
            continue
        volume_ml = doses.volume_ml * drawn.volume_ml / plain.volume_ml
        scaled = DoseVolume(drawn.doses_gy, drawn.below, volume_ml, region.dose_voxels)
        numbers.append([a.read(scaled) for a in asked] + offset)
        volumes.append(volume_ml)
        if doses.readable:
            curves.append(scaled.curve(levels))
        if recovery is not None:
            part, off = recovery.near(volume_ml)
            corrected.append(share * scaled.mean_gy / max(part + off * z[5], 0.1 * part))
    low, high = _ends(np.array(numbers), values)
    words: tuple[str, ...] = ()
    if len(numbers) < (1.0 - _MOST_EMPTY) * _DRAWS:
        words = ("so small that its contour error can leave nothing of it: its interval holds only where something is left",)
    mean = None
    if recovery is not None:
        mean = doses.mean_gy / recovery.at(doses.volume_ml)[0]
    return Spread(
        values=values,
        low=low,
        high=high,
        volume_ml=tuple(float(v) for v in np.quantile(volumes, _tails())),  # type: ignore[arg-type]
        budget=_budget(cloud, plain, border_mm, place_mm, errors.calibration),
        band=_band(levels, doses, plain, np.array(curves)) if doses.readable else None,
        corrected=None if mean is None else (mean, *(float(v) for v in np.quantile(corrected, _tails()))),  # type: ignore[arg-type]
        words=words,
    )


def _tails() -> tuple[float, float]:
    return 0.5 * (1.0 - LEVEL), 0.5 * (1.0 + LEVEL)


def _ends(numbers: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of every number, which never leaves its own value out nor falls below zero where the value does not."""
    low, high = np.quantile(numbers, _tails(), axis=0)
    return np.minimum(np.where(values >= 0.0, np.maximum(low, 0.0), low), values), np.maximum(high, values)


def _band(levels: NDArray[np.float64], doses: DoseVolume, plain: DoseVolume, curves: NDArray[np.float64]) -> Band:
    shares = doses.curve(levels)
    low, high = np.quantile(curves, _tails(), axis=0) + (shares - plain.curve(levels))
    return Band(levels, shares, np.clip(np.minimum(low, shares), 0.0, 1.0), np.clip(np.maximum(high, shares), 0.0, 1.0))


def _budget(cloud: Cloud, plain: DoseVolume, border_mm: float, place_mm: float, calibration: float) -> dict[str, float]:
    """Relative standard uncertainty of the mean, one cause at a time; empty where the mean is zero."""
    if plain.mean_gy == 0.0:
        return {}

    def change(outward_mm: float, shift: NDArray) -> float:
        found = cloud.histogram(outward_mm=outward_mm, shift_lps_mm=tuple(float(s) for s in shift))  # type: ignore[arg-type]
        return 0.0 if found is None else (found.mean_gy - plain.mean_gy) / abs(plain.mean_gy)

    still = np.zeros(3)
    contour = 0.5 * abs(change(border_mm, still) - change(-border_mm, still))
    # six shifts with the mean and the covariance of the error
    shifts = np.sqrt(3.0) * place_mm * np.concatenate([np.eye(3), -np.eye(3)])
    registration = float(np.sqrt(np.mean([change(0.0, s) ** 2 for s in shifts]))) if place_mm else 0.0
    return {"contour": contour, "registration": registration, "calibration": calibration}
