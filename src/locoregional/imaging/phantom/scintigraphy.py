"""What a gamma camera or a PET scanner makes of a known activity: blur, coarse voxels and counting noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Grid, Volume

__all__ = ["perfused_activity", "scintigram"]

FWHM_PER_SD = 2.354820045
"""Full width at half maximum of a Gaussian with a standard deviation of 1."""


def perfused_activity(
    shares: dict[str, float], masks: dict[str, Volume], *, total_bq: float, unevenness: float = 0.0, seed: int = 0
) -> Volume:
    """True activity: each compartment holds its share, spread over its mask.

    Parameters
    ----------
    shares : dict of str to float
        Share of the activity in each compartment, 0..1.
    masks : dict of str to Volume
        Compartments on one grid; where two overlap the activities add.
    total_bq : float
        Activity that is shared out [Bq].
    unevenness : float
        Relative standard deviation of the concentration within a compartment (clusters of spheres), of 12 mm grain.
    seed : int
        Of that pattern.

    Returns
    -------
    Volume
        ``Bq/ml``, float32.

    Raises
    ------
    ImagingError
        If a compartment is empty or a share below zero.
    """
    from locoregional.imaging.phantom.canvas import smooth_noise

    first = masks[next(iter(shares))]
    out = np.zeros(first.shape, np.float32)
    pattern = np.exp(unevenness * smooth_noise(np.random.default_rng(seed), first.grid, wavelength_mm=12.0))
    for name, share in shares.items():
        mask = masks[name].array > 0.5
        if share < 0 or not mask.any():
            raise ImagingError(f"compartment {name} is empty or has a negative share", remedy="Correct its mask and its share.")
        weight = pattern * mask
        out += (share * total_bq / (float(weight.sum()) * first.grid.voxel_ml)) * weight.astype(np.float32)
    return first.on(out, unit="Bq/ml")


def scintigram(
    truth: Volume, *, spacing_mm: float, fwhm_mm: float, counts: float, seed: int, as_activity: bool = False
) -> Volume:
    """Image of a known activity.

    Parameters
    ----------
    truth : Volume
        ``Bq/ml``.
    spacing_mm : float
        Side of the cubic voxels of the image.
    fwhm_mm : float
        Resolution.
    counts : float
        Counts that the whole activity gives on average; they set the noise.
    seed : int
        Of the noise.
    as_activity : bool
        Scale the counts back to ``Bq/ml``, as a calibrated scanner does.
    """
    from scipy.ndimage import gaussian_filter

    sd = fwhm_mm / FWHM_PER_SD / truth.spacing_mm
    blurred = truth.on(gaussian_filter(truth.array.astype(np.float32), sd))
    extent = np.array(truth.shape) * truth.spacing_mm
    slices, rows, columns = (int(n) for n in np.ceil(extent / spacing_mm))
    axes = truth.grid.directions * spacing_mm
    affine = np.eye(4)
    affine[:3, :3] = axes
    affine[:3, 3] = truth.grid.to_lps(np.full(3, -0.5)) + axes @ np.full(3, 0.5)
    image = resampled(blurred, Grid((slices, rows, columns), affine))
    mean = _expected(image.array, counts)
    found = np.random.default_rng(seed).poisson(mean).astype(np.float32)
    if not as_activity:
        return image.on(found, unit="counts")
    whole_bq = float(truth.array.sum(dtype=np.float64)) * truth.grid.voxel_ml
    return image.on(found * np.float32(whole_bq / (counts * image.grid.voxel_ml)), unit="Bq/ml")


def _expected(activity: NDArray, counts: float) -> NDArray[np.float64]:
    """Counts to be expected in each voxel."""
    kept = np.maximum(activity.astype(np.float64), 0.0)
    return np.asarray(kept * (counts / kept.sum()))
