"""How long a margin on a whole CT takes, and distance maps beside scipy and SimpleITK in the same run."""

import time
from collections.abc import Callable

import numpy as np

from locoregional.imaging.distance import signed_distance_mm
from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.margin import ablation_margin
from locoregional.validation.margin_notches import Notched, Vessel, voxelised_notched
from locoregional.validation.margin_shapes import Lobe, voxelised

SPACING_MM = (1.5, 0.8, 0.8)
SHAPE = (200, 512, 512)


def median_s(work: Callable[[], object], repeats: int = 3) -> float:
    work()  # compiles
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def liver_like() -> np.ndarray:
    """A liver-sized body with a vessel hole, in a whole CT."""
    s, r, c = np.ogrid[:200, :512, :512]
    body = ((s - 100) / 40) ** 2 + ((r - 230) / 100) ** 2 + ((c - 200) / 125) ** 2 < 1
    return body & ~((r - 230) ** 2 + (c - 210) ** 2 < 64)


def masks() -> tuple[Volume, Volume]:
    """A 20 mm tumour and its ablation in a whole CT."""
    local = Grid.regular((40, 80, 80), spacing_mm=SPACING_MM, origin_lps_mm=(-31.7, -31.9, -29.6))
    full = []
    for radius in (10.0, 17.0):
        array = np.zeros(SHAPE, bool)
        array[80:120, 200:280, 150:230] = voxelised(
            (Lobe(np.array([0.3, 0.2, 0.4]), radius * np.ones(3), np.eye(3)),), local
        ).array
        full.append(Volume(array, Grid.regular(SHAPE, spacing_mm=SPACING_MM).affine))
    return full[0], full[1]


def notched_masks() -> tuple[Volume, Volume]:
    """A 25 mm tumour and its 50 mm zone less two vessels."""
    grid = Grid.regular((80, 80, 80), spacing_mm=(1.0, 1.0, 1.0), origin_lps_mm=(-39.7, -39.4, -39.6))
    along = np.array([0.0, 0.6, 0.8])
    vessels = (Vessel(np.array([18.0, 0.0, 0.0]), along, 2.5), Vessel(np.array([-19.0, 3.0, 0.0]), along, 3.5))
    zone = Notched(Lobe(np.zeros(3), np.array([22.0, 22.0, 27.0]), np.eye(3)), vessels)
    return voxelised((Lobe(np.zeros(3), 12.5 * np.ones(3), np.eye(3)),), grid), voxelised_notched(zone, grid)


def peers(mask: np.ndarray) -> dict[str, float]:
    """Seconds of scipy and SimpleITK for a signed map of the same mask."""
    import SimpleITK as sitk
    from scipy.ndimage import distance_transform_edt

    def scipy_map() -> object:
        return distance_transform_edt(~mask, sampling=SPACING_MM) - distance_transform_edt(mask, sampling=SPACING_MM)

    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(SPACING_MM[::-1])
    start = time.perf_counter()
    scipy_map()
    scipy_s = time.perf_counter() - start
    return {
        "scipy distance_transform_edt, twice": scipy_s,
        "SimpleITK SignedMaurer": median_s(
            lambda: sitk.SignedMaurerDistanceMap(image, useImageSpacing=True, squaredDistance=False)
        ),
    }


def run() -> list[dict[str, object]]:
    """Rows of topic, case, seconds, reference, ratio and note."""
    rows: list[dict[str, object]] = []
    body = liver_like()
    inside = np.argwhere(body)
    low, high = inside.min(0) - 10, inside.max(0) + 11
    crop = np.ascontiguousarray(body[tuple(slice(max(a, 0), b) for a, b in zip(low, high, strict=True))])
    for name, mask in (("liver crop", crop), ("whole CT 512x512x200", body)):
        ours = median_s(lambda mask=mask: signed_distance_mm(mask, spacing_mm=SPACING_MM))
        for peer, seconds in peers(mask).items():
            rows.append(
                {
                    "topic": "distance map",
                    "case": f"{name} {mask.shape}",
                    "seconds": ours,
                    "reference": f"{peer}: {seconds:.2f} s",
                    "ratio": seconds / ours,
                    "note": "conventions differ: ours measures to the surface, theirs to voxel centres",
                }
            )
    tumour, ablation = masks()
    rows.append(
        {
            "topic": "margin",
            "case": "whole CT 512x512x200, tumour 20 mm, interval included",
            "seconds": median_s(lambda: ablation_margin(tumour, ablation)),
            "reference": "goal 2 s; the open reference tool needed 111 s on another machine",
            "ratio": None,
            "note": "crops to both masks first",
        }
    )
    tumour, ablation = notched_masks()
    rows.append(
        {
            "topic": "margin",
            "case": "80x80x80 at 1 mm, zone of 50 mm bitten by vessels, interval included",
            "seconds": median_s(lambda: ablation_margin(tumour, ablation)),
            "reference": "goal 2 s",
            "ratio": None,
            "note": "where no smooth surface fits, the voxels are followed",
        }
    )
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)
