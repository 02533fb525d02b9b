"""Time to plan needle paths on a whole CT, beside the same distances and rays with scipy."""

from __future__ import annotations

import time

import numpy as np
from scipy.ndimage import distance_transform_edt, map_coordinates

from locoregional.access.needle import NeedleSpec, Scene, ZoneSpec, plan_access
from locoregional.access.sphere import directions_over_sphere
from locoregional.imaging.volume import Grid

SHAPE = (200, 256, 256)
SPACING_MM = (2.0, 1.5, 1.5)
NEEDLE = NeedleSpec(150.0, 2.1)
RAYS, SAMPLES = 20_000, 150
BAR_S = 4.0
"""Bar of the project for this case, distance maps included, on 2 cores."""


def torso() -> Scene:
    """Body with ribs and seven organs on a CT grid of 256 x 256 x 200."""
    grid = Grid.regular(SHAPE, spacing_mm=SPACING_MM, origin_lps_mm=(-191.0, -191.0, -199.0))
    z, y, x = (o + s * np.arange(n) for o, s, n in zip((-199.0, -191.0, -191.0), SPACING_MM, SHAPE, strict=True))
    z, y, x = np.meshgrid(z.astype(np.float32), y.astype(np.float32), x.astype(np.float32), indexing="ij", sparse=True)
    body = ((x / 165) ** 2 + (y / 115) ** 2 <= 1) & (np.abs(z) < 300)
    wall = ((x / 150) ** 2 + (y / 100) ** 2 <= 1) & ((x / 141) ** 2 + (y / 91) ** 2 >= 1)
    spine = (x / 22) ** 2 + ((y - 65) / 22) ** 2 + 0 * z <= 1
    structures = {
        "bone": (wall & (((z + 0.25 * y) % 24.0) < 9.0) & (z > -80)) | spine,
        "lung": ((x / 137) ** 2 + (y / 88) ** 2 <= 1) & (z > 50 + 0.004 * (x + 60) ** 2) & ~spine,
        "stomach": ((x - 60) / 45) ** 2 + ((y + 30) / 40) ** 2 + (z / 40) ** 2 <= 1,
        "colon": ((x + 70) / 50) ** 2 + ((y + 20) / 40) ** 2 + ((z + 90) / 16) ** 2 <= 1,
        "gallbladder": ((x + 35) / 14) ** 2 + ((y + 60) / 14) ** 2 + ((z + 35) / 25) ** 2 <= 1,
        "kidney": ((x + 60) / 25) ** 2 + ((y - 60) / 22) ** 2 + ((z + 70) / 40) ** 2 <= 1,
        "heart": ((x - 40) ** 2 + (y + 30) ** 2 + (z - 110) ** 2) <= 40**2,
        "vessels": ((x + 25) ** 2 + (y - 10) ** 2 <= 8**2) & (np.abs(z) < 190),
    }
    target = (x + 70) ** 2 + (y + 10) ** 2 + z**2 <= 10**2
    return Scene(grid, body, structures, target, "liver")


def by_scipy(scene: Scene) -> None:
    """Distance maps and trilinear samples of as many rays, in the part of the image that a needle can reach."""
    reach = NEEDLE.length_mm / np.array(SPACING_MM)
    centre = scene.grid.to_index(scene.target_centre_lps_mm)
    low = np.maximum(centre - reach, 0).astype(int)
    high = np.minimum(centre + reach, SHAPE).astype(int)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    steps = directions_over_sphere(RAYS, seed=0) @ np.linalg.inv(scene.grid.affine[:3, :3]).T
    points = ((centre - low)[:, None, None] + steps.T[:, :, None] * np.arange(SAMPLES)).reshape(3, -1)
    for mask in scene.structures.values():
        distance = distance_transform_edt(~mask[box], sampling=SPACING_MM).astype(np.float32)
        map_coordinates(distance, points, order=1, mode="nearest").reshape(RAYS, SAMPLES).min(axis=1)


def run() -> list[dict]:
    """Rows of seconds: against the bar, and against scipy for the distances and rays alone."""
    scene = torso()
    zone = ZoneSpec(45.0, 35.0, tip_beyond_centre_mm=8.0)
    plan = plan_access(scene, needle=NEEDLE, zone=zone)
    times = []
    cpu = time.process_time()
    for _ in range(3):
        start = time.perf_counter()
        plan_access(scene, needle=NEEDLE, zone=zone)
        times.append(time.perf_counter() - start)
    cpu = (time.process_time() - cpu) / 3
    start = time.perf_counter()
    by_scipy(scene)
    scipy_s = time.perf_counter() - start
    seconds = float(np.median(times))
    case = "256x256x200, 8 structures, 20 000 entries"
    words = (
        f"{plan.n_rays} rays, {len(plan.proposals)} proposals with coverage; median of 3 after compilation, {cpu:.1f} s of CPU"
    )
    return [
        {
            "topic": "access",
            "case": case,
            "seconds": seconds,
            "reference": BAR_S,
            "ratio": BAR_S / seconds,
            "note": f"bar; {words}",
        },
        {
            "topic": "access",
            "case": case,
            "seconds": seconds,
            "reference": scipy_s,
            "ratio": scipy_s / seconds,
            "note": "scipy: distance maps and 20 000 rays of 150 samples only, no ranking",
        },
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
