"""How long a dose-volume histogram and a gamma index take, beside the plain way in the same run."""

import time
from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.dose.dvh import dose_volume
from locoregional.measures.dose.gamma import gamma_index
from locoregional.measures.dose.interval import DoseErrors
from locoregional.measures.dose.reading import read_dose

SHAPE = (200, 256, 256)


def median_s(work: Callable[[], object], repeats: int = 3) -> float:
    work()  # compiles
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def dose_and_masks() -> tuple[Volume, Volume, Volume]:
    """A random smooth dose, a liver of 1.7 l, and a lesion of 4 ml on a grid four times as fine."""
    grid = Grid.regular(SHAPE, spacing_mm=2.0)
    noise = gaussian_filter(np.random.default_rng(0).normal(size=SHAPE).astype(np.float32), 2.0)
    dose = Volume(np.maximum(50.0 + 300.0 * noise, 0.0).astype(np.float32), grid.affine, unit="Gy")
    s, r, c = np.ogrid[:200, :256, :256]
    liver = ((s - 100) / 40) ** 2 + ((r - 128) / 60) ** 2 + ((c - 128) / 21) ** 2 < 1
    fine = Grid.regular((60, 60, 60), spacing_mm=0.5, origin_lps_mm=(240.0, 240.0, 190.0))
    a, b, d = np.ogrid[:60, :60, :60]
    lesion = (a - 30) ** 2 + (b - 30) ** 2 + (d - 30) ** 2 < 20**2
    return dose, Volume(liver, grid.affine), Volume(lesion, fine.affine)


def plain(dose: Volume, mask: Volume) -> object:
    """The mask's box enlarged tenfold by linear interpolation, sorted."""
    held = np.argwhere(mask.array)
    box = tuple(slice(int(a), int(b)) for a, b in zip(held.min(0), held.max(0) + 1, strict=True))
    fine = zoom(dose.array[box], 10, order=1)[zoom(mask.array[box].astype(np.uint8), 10, order=0) > 0]
    return np.sort(fine)


def run() -> list[dict[str, object]]:
    """Rows of topic, case, seconds, reference, ratio and note."""
    dose, liver, lesion = dose_and_masks()
    spot = np.zeros(SHAPE, bool)
    spot[95:105, 123:133, 123:133] = True
    small = Volume(spot, dose.affine)
    ours, theirs = median_s(lambda: dose_volume(dose, small)), median_s(lambda: plain(dose, small))
    rows: list[dict[str, object]] = [
        {
            "topic": "dose",
            "case": "histogram of 8 ml, dose 256x256x200",
            "seconds": ours,
            "reference": f"scipy, ten times as fine: {theirs:.2f} s",
            "ratio": theirs / ours,
            "note": "both linear between voxels",
        }
    ]
    for name, mask in (("liver of 1.7 l", liver), ("lesion of 4 ml on 0.5 mm", lesion)):
        seconds = median_s(lambda mask=mask: dose_volume(dose, mask))
        case = f"histogram of a {name}, dose 256x256x200"
        rows.append({"topic": "dose", "case": case, "seconds": seconds, "reference": "goal 1 s", "ratio": None, "note": ""})
        errors = DoseErrors(registration_error_mm=4.0, contour_resolution_mm=3.0)
        seconds = median_s(lambda mask=mask, errors=errors: read_dose(dose, mask, name="x", errors=errors))
        case = f"every number of a {name} with its interval"
        rows.append({"topic": "dose", "case": case, "seconds": seconds, "reference": "", "ratio": None, "note": "200 draws"})
    inner = (slice(70, 130), slice(80, 180), slice(80, 180))
    part = Volume(dose.array[inner], Grid.regular((60, 100, 100), spacing_mm=2.0).affine, unit="Gy")
    shifted = part.on(np.roll(part.array, 1, axis=2) * np.float32(1.02))
    rows.append(
        {
            "topic": "dose",
            "case": "gamma 3 %/3 mm, 60x100x100 voxels, one voxel and 2 % off",
            "seconds": median_s(lambda: gamma_index(part, shifted, dose_percent=3.0, distance_mm=3.0), repeats=1),
            "reference": "",
            "ratio": None,
            "note": "search at a tenth of the distance, then the minimum between points",
        }
    )
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)
