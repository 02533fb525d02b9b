"""Time from an arterial tree to territories on 256^3, and of the tube filter, beside scipy and scikit-image in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree
from skimage.filters import sato

from locoregional.access.arteries.answer import traced
from locoregional.access.arteries.files import grown_tree
from locoregional.access.arteries.supply import supply_of
from locoregional.access.arteries.territories import territories
from locoregional.access.arteries.tree import ArterialTree
from locoregional.access.arteries.tubularity import tubularity
from locoregional.imaging.phantom.arterial_scan import arterial_phantom
from locoregional.imaging.volume import Grid, Volume

SIDE = 256
ENDS = 200
BAR_S = 20.0
"""Bar of the project for territories on 256^3, on 2 cores."""
WIDTHS_MM = (0.6, 0.9, 1.35, 2.0)


def median_s(work: Callable[[], object], repeats: int = 3) -> float:
    work()  # compiles
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def organ() -> Volume:
    """An ellipsoid that fills half of 256^3."""
    z, y, x = np.ogrid[:SIDE, :SIDE, :SIDE]
    inside = ((z - 128) / 120) ** 2 + ((y - 128) / 120) ** 2 + ((x - 128) / 125) ** 2 < 1
    return Volume(inside, Grid.regular((SIDE,) * 3, spacing_mm=0.8).affine)


def tree_in(mask: Volume) -> ArterialTree:
    """A tree with 200 ends spread over the organ."""
    rng = np.random.default_rng(1)
    voxels = np.argwhere(mask.array)
    tips = mask.grid.to_lps(voxels[rng.integers(0, len(voxels), ENDS)])
    middle = tips.mean(axis=0)
    places = np.vstack([middle - [0, 0, 150.0], middle, tips])
    return ArterialTree(places, np.array([-1, 0, *(1,) * ENDS]), np.array([3.0, 3.0, *rng.uniform(0.4, 0.8, ENDS)]))


def run() -> list[dict[str, object]]:
    """Rows of topic, case, seconds, reference, ratio and note."""
    mask = organ()
    tree = tree_in(mask)
    ours = median_s(lambda: territories(tree, mask))

    def by_kd_tree() -> None:
        cKDTree(tree.nodes_lps_mm[tree.terminals]).query(mask.grid.to_lps(np.argwhere(mask.array)), workers=-1)

    peer = median_s(by_kd_tree, 1)
    case = f"territories, {SIDE}^3, {ENDS} ends"
    rows: list[dict[str, object]] = [
        {"topic": "arteries", "case": case, "seconds": ours, "reference": BAR_S, "ratio": BAR_S / ours, "note": "bar"},
        {
            "topic": "arteries",
            "case": case,
            "seconds": ours,
            "reference": peer,
            "ratio": peer / ours,
            "note": "scipy cKDTree, all cores: nearest end only, no weights, no volumes",
        },
    ]
    image = np.random.default_rng(2).normal(0, 20, (128, 128, 128)).astype(np.float32)
    own = median_s(lambda: tubularity(image, spacing_mm=(1.0, 1.0, 1.0), widths_mm=WIDTHS_MM))
    peer = median_s(lambda: sato(image, sigmas=WIDTHS_MM, black_ridges=False), 1)
    rows.append(
        {
            "topic": "arteries",
            "case": "tube filter, 128^3, 4 widths",
            "seconds": own,
            "reference": peer,
            "ratio": peer / own,
            "note": "scikit-image sato, the same widths",
        }
    )
    phantom = arterial_phantom(1)
    truth, _ = grown_tree(phantom.arteries)
    root = truth.nodes_lps_mm[truth.names.index("common hepatic artery")]
    start = time.perf_counter()
    found = traced(phantom.image, root_lps_mm=root, organ=phantom.liver)
    supply_of(found, phantom.liver, phantom.lesion, structures=phantom.structures)
    whole = time.perf_counter() - start
    size = " x ".join(map(str, phantom.image.shape))
    rows.append(
        {
            "topic": "arteries",
            "case": f"angiography to supply of a lesion, {size}",
            "seconds": whole,
            "reference": None,
            "ratio": None,
            "note": f"{len(found.terminals)} ends; one run",
        }
    )
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)
