"""Convolve a box with a kernel that is its own mirror image, directly or by Fourier transform, whichever is faster."""

from __future__ import annotations

import numpy as np
from numba import get_num_threads
from numpy.typing import NDArray

from locoregional.physics.dose.kernel import mirrored
from locoregional.physics.dose.spread_kernels import spread_planes

__all__ = ["WEIGHTS_PER_DOUBLING", "direct_spread", "fourier_spread", "spread"]

WEIGHTS_PER_DOUBLING = 8.0
"""A weight summed directly costs an eighth of what a doubling of the box adds to its transform, per voxel; measured."""

FOURIER_NOISE = 1e-6
"""Values below this share of the largest are rounding of the transform, and become zero: no dose where no electron arrives."""


def spread(box: NDArray[np.float32], octant: NDArray[np.float64]) -> NDArray[np.float32]:
    """Convolution on a box, with nothing outside it.

    Parameters
    ----------
    box : ndarray, shape (slices, rows, columns)
        Values.
    octant : ndarray, shape (a + 1, b + 1, c + 1)
        Kernel at the indices that are not negative; its mirror images are meant too.

    Returns
    -------
    ndarray, shape of the box
        In float32; rounding stays within a few millionths of the largest value.
    """
    direct = np.count_nonzero(octant) <= WEIGHTS_PER_DOUBLING * np.log2(max(box.size, 2))
    return (direct_spread if direct else fourier_spread)(box, octant)


def direct_spread(box: NDArray[np.float32], octant: NDArray[np.float64]) -> NDArray[np.float32]:
    """As :func:`spread`, by direct summation; zeros stay zero."""
    return spread_planes(np.ascontiguousarray(box, np.float32), octant.astype(np.float32))


def fourier_spread(box: NDArray[np.float32], octant: NDArray[np.float64]) -> NDArray[np.float32]:
    """As :func:`spread`, by Fourier transform of the box with room for the kernel, so that nothing wraps round."""
    from scipy import fft

    shape = [fft.next_fast_len(n + a - 1, real=True) for n, a in zip(box.shape, octant.shape, strict=True)]
    # a box thinner than the kernel still needs room for the whole of it
    shape = [max(n, 2 * a - 1) for n, a in zip(shape, octant.shape, strict=True)]
    kernel = np.zeros(shape, np.float32)
    around = [np.arange(1 - a, a) % n for a, n in zip(octant.shape, shape, strict=True)]  # its middle at index 0
    kernel[np.ix_(*around)] = mirrored(octant)
    workers = get_num_threads()
    changed = fft.rfftn(np.asarray(box, np.float32), shape, workers=workers)
    changed *= fft.rfftn(kernel, workers=workers)
    back = fft.irfftn(changed, shape, workers=workers, overwrite_x=True)
    out = np.ascontiguousarray(back[tuple(slice(n) for n in box.shape)])
    size = np.abs(out)
    out *= size >= FOURIER_NOISE * size.max()
    return out
