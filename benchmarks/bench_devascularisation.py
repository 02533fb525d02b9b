"""How long two runs of 512 x 512 x 60 take, beside the same steps in numpy, scipy and scikit-image."""

import time
from collections.abc import Callable

import numpy as np

from locoregional.imaging.phantom.angiogram import Scene, SyntheticPair, synthetic_pair
from locoregional.measures.devascularisation.curves import trapezium
from locoregional.measures.devascularisation.maps import maps_of
from locoregional.measures.devascularisation.measure import devascularisation
from locoregional.measures.devascularisation.motion import find_motion
from locoregional.measures.devascularisation.opacity import opacity_of

SCENE = Scene(shape=(512, 512), frames=60, noise_ratio=5.0, motion_px=1.5)


def best_s(work: Callable[[], object], repeats: int = 2) -> float:
    work()  # compiles
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def plain_motion(series: np.ndarray) -> np.ndarray:
    """Shifts by upsampled phase correlation, frame by frame."""
    from skimage.registration import phase_cross_correlation

    return np.array([-phase_cross_correlation(series[0], frame, upsample_factor=20)[0] for frame in series])


def plain_maps(series: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, ...]:
    """Area, peak, its time, steepest rise and mean time with whole-array numpy."""
    smooth = series.copy()
    smooth[1:-1] = 0.25 * series[:-2] + 0.5 * series[1:-1] + 0.25 * series[2:]
    area = np.trapezoid(series, times, axis=0)
    top = smooth.argmax(axis=0)
    slopes = np.diff(smooth, axis=0) / np.diff(times)[:, None, None]
    early = np.arange(len(slopes))[:, None, None] < top
    mean = np.trapezoid(series * times[:, None, None], times, axis=0) / area
    return area, smooth.max(axis=0), times[top], np.where(early, slopes, 0).max(axis=0), mean


def plain(pair: SyntheticPair) -> float:
    """Loss by the areas, without interval, stain, doubts or a look at the projection."""
    from scipy.ndimage import shift

    ratios = []
    for run in (pair.before, pair.after):
        series = -np.log(np.maximum(run.frames, 0.5))
        moved = plain_motion(series)
        series = np.stack([shift(f, -s, order=3, mode="nearest") for f, s in zip(series, moved, strict=True)])
        series -= series[:5].mean(axis=0)
        areas = [np.trapezoid(series[:, region].mean(axis=1), run.times_s) for region in (pair.tumour, pair.artery)]
        ratios.append(areas[0] / areas[1])
    return 100.0 * (1.0 - ratios[1] / ratios[0])


def run() -> list[dict[str, object]]:
    """Rows of topic, case, seconds, reference, ratio and note."""
    pair = synthetic_pair(SCENE, lost_share=0.7, seed=3)
    whole = best_s(lambda: devascularisation(pair.before, pair.after, tumour=pair.tumour, artery=pair.artery))
    start = time.perf_counter()
    theirs = plain(pair)
    plain_s = time.perf_counter() - start
    ours = devascularisation(pair.before, pair.after, tumour=pair.tumour, artery=pair.artery).lost_percent
    series = opacity_of(pair.before).series
    times = pair.before.times_s
    busy = pair.tumour | pair.artery
    motion_s, plain_motion_s = best_s(lambda: find_motion(series, series[0], busy)), best_s(lambda: plain_motion(series), 1)
    errors = [
        float(np.sqrt(np.mean((found - pair.shifts_px) ** 2)))
        for found in (find_motion(series, series[0], busy).shifts_px, plain_motion(series))
    ]
    weights = trapezium(times, 0, len(times) - 1)
    maps_s, plain_maps_s = best_s(lambda: maps_of(series, times, weights)), best_s(lambda: plain_maps(series, times), 1)
    return [
        {
            "topic": "devascularisation",
            "case": "two runs of 512x512x60, interval and doubts included",
            "seconds": whole,
            "reference": f"numpy, scipy and scikit-image, the number alone: {plain_s:.1f} s",
            "ratio": plain_s / whole,
            "note": f"true loss 70 %; ours {ours:.1f} %, theirs {theirs:.1f} %" if ours is not None else "not measured",
        },
        {
            "topic": "movement",
            "case": "60 frames of 512x512",
            "seconds": motion_s,
            "reference": f"scikit-image phase_cross_correlation, a twentieth of a pixel: {plain_motion_s:.1f} s",
            "ratio": plain_motion_s / motion_s,
            "note": f"error {errors[0]:.3f} pixels, theirs {errors[1]:.3f}",
        },
        {
            "topic": "maps",
            "case": "area, peak, its time, rise and mean time of 512x512x60",
            "seconds": maps_s,
            "reference": f"whole-array numpy: {plain_maps_s:.2f} s",
            "ratio": plain_maps_s / maps_s,
            "note": "ours places the peak between frames",
        },
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
