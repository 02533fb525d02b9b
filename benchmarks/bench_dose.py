"""Dose of an activity map by voxel kernels, beside the convolutions of scipy on the same map in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numba import get_num_threads
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import fftconvolve, oaconvolve

from locoregional.physics.dose import kernel as kernels
from locoregional.physics.dose.constant import dose_constant
from locoregional.physics.dose.convolution import active_box, voxel_dose
from locoregional.physics.dose.kernel import kernel_octant, voxel_kernel
from locoregional.physics.dose.local import local_dose
from locoregional.physics.dose.spread import direct_spread, fourier_spread

SHAPE = (200, 256, 256)
LIVER = (slice(45, 155), slice(60, 180), slice(50, 200))
CONSTANT = float(dose_constant())
SIDES_MM = (2.5, 2.5, 2.5)
"""Voxels whose kernel is 11 voxels wide, as published tables are."""


def raced_s(*works: Callable[[], object], repeats: int = 7) -> list[float]:
    """Median wall time of each, run in turn so that whatever else the machine does meets all alike; a first run compiles [s]."""
    times: list[list[float]] = [[] for _ in works]
    for turn in range(repeats + 1):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            if turn:
                taken.append(time.perf_counter() - start)
    return [float(np.median(taken)) for taken in times]


def activity() -> NDArray[np.float32]:
    """A liver of 150 x 120 x 110 voxels in a grid of 256 x 256 x 200 [Bq/ml]."""
    array = np.zeros(SHAPE, np.float32)
    array[LIVER] = 1e6 * np.random.default_rng(0).random((110, 120, 150), dtype=np.float32)
    return array


def scipy_crop(array: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Padded by hand around the liver, in float32 and on all threads: the best that scipy can."""
    half = [n // 2 for n in kernel.shape]
    box = active_box(array, half)
    assert box is not None
    part = array[box]
    size = [fft.next_fast_len(n + k - 1, real=True) for n, k in zip(part.shape, kernel.shape, strict=True)]
    threads = get_num_threads()
    product = fft.rfftn(part, size, workers=threads) * fft.rfftn(kernel, size, workers=threads)
    whole = fft.irfftn(product, size, workers=threads)
    out = np.zeros_like(array)
    out[box] = whole[tuple(slice(h, h + n) for h, n in zip(half, part.shape, strict=True))]
    return out


def threaded(work: Callable[[], object]) -> Callable[[], object]:
    """The same with the transforms of scipy on all threads."""

    def run() -> object:
        with fft.set_workers(get_num_threads()):
            return work()

    return run


def convolution_rows() -> list[dict[str, object]]:
    """The whole call, checks and density included, beside bare convolutions with the same kernel."""
    array, rows = activity(), []
    kernel = voxel_kernel(spacing_mm=SIDES_MM)
    assert kernel.shape == (11, 11, 11)
    weights = (kernel * (CONSTANT * 1e-6 / 1.04 / kernel.sum())).astype(np.float32)

    def ours() -> NDArray[np.float32]:
        return voxel_dose(array, spacing_mm=SIDES_MM, density_g_ml=1.04, constant_gy_kg_gbq=CONSTANT)

    dose = ours()
    peers: dict[str, Callable[[], NDArray]] = {
        "scipy.fft on the crop": lambda: scipy_crop(array, weights),
        "scipy fftconvolve, whole grid": lambda: fftconvolve(array, weights, mode="same"),
        "scipy oaconvolve, whole grid": lambda: oaconvolve(array, weights, mode="same"),
    }
    for name, work in peers.items():
        own, seconds = raced_s(ours, threaded(work))
        apart = float(np.abs(work() - dose).max() / dose.max())
        note = f"peer: the bare convolution; doses differ by {apart:.1e} of the largest"
        rows.append(_row("voxel_dose, 256x256x200, 11^3 kernel", own, name, seconds, note))
    return rows


def spread_rows() -> list[dict[str, object]]:
    """Bare convolutions on the crop with full 11^3 weights, and with kernels of finer voxels."""
    array, rows = activity(), []
    full = np.random.default_rng(1).random((6, 6, 6)) + 0.1
    for name, octant in (
        ("11^3 kernel without a zero", full),
        ("11^3 kernel, 2.5 mm voxels", kernel_octant(voxel_kernel(spacing_mm=2.5))),
        ("25^3 kernel, 1 mm voxels", kernel_octant(voxel_kernel(spacing_mm=1.0))),
    ):
        weights = kernels.mirrored(octant).astype(np.float32)
        box = active_box(array, [n // 2 for n in weights.shape])
        assert box is not None
        part = np.ascontiguousarray(array[box])
        direct, fourier, peer = raced_s(
            lambda p=part, o=octant: direct_spread(p, o),
            lambda p=part, o=octant: fourier_spread(p, o),
            lambda p=part, w=weights: scipy_crop(p, w),
        )
        rows.append(
            _row(f"convolution on the crop, {name}, direct", direct, "scipy.fft on the crop", peer, "direct sum of the octant")
        )
        rows.append(
            _row(f"convolution on the crop, {name}, transform", fourier, "scipy.fft on the crop", peer, "with noise set to zero")
        )
    return rows


def other_rows() -> list[dict[str, object]]:
    """Local deposition, and kernels made new."""
    array = activity()

    def make(spacing: tuple[float, float, float]) -> object:
        kernels._kernel.cache_clear()
        return voxel_kernel(spacing_mm=spacing)

    local, multiplied = raced_s(
        lambda: local_dose(array, density_g_ml=1.04, constant_gy_kg_gbq=CONSTANT),
        lambda: array * np.float32(CONSTANT * 1e-6 / 1.04),
    )
    rows = [_row("local_dose, 256x256x200", local, "numpy, one multiplication", multiplied, "checks included")]
    for spacing in ((3.27, 4.07, 4.07), (3.0, 1.5, 1.5), (1.0, 1.0, 1.0)):
        (seconds,) = raced_s(lambda s=spacing: make(s))
        name = " x ".join(f"{s:g}" for s in spacing)
        rows.append(_row(f"voxel kernel of {name} mm made new", seconds, "goal 0.1 s", 0.1, "kept in memory afterwards"))
    return rows


def _row(case: str, seconds: float, reference: str, peer_s: float, note: str) -> dict[str, object]:
    return {
        "topic": "dose of yttrium-90",
        "case": case,
        "seconds": round(seconds, 4),
        "reference": f"{reference}: {peer_s:.3f} s",
        "ratio": round(peer_s / seconds, 2),
        "note": note,
    }


def run() -> list[dict[str, object]]:
    """Rows of topic, case, seconds, reference, ratio and note."""
    return [*convolution_rows(), *spread_rows(), *other_rows()]


if __name__ == "__main__":
    for row in run():
        print(row)
