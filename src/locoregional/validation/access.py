"""Needle paths against exact geometry and exact probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from locoregional.access.coverage import PlacementError, coverage_probability
from locoregional.access.needle import NeedleSpec, Scene, ZoneSpec, plan_access
from locoregional.imaging.volume import Grid
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Needle access"
EXACT = "exact solution"
HALF_MM = 90.0
SPACING_MM = 2.0
NEEDLE = NeedleSpec(150.0, 2.0)


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Shares of blocked directions, distances, windows and coverage with exact answers.

    Parameters
    ----------
    progress : Progress
        Told the share of cases done.

    Yields
    ------
    Row
        Ours against the exact answer.
    """
    progress(0.0, "Needle access: a ball in the way")
    yield from _ball_in_the_way()
    progress(0.4, "Needle access: one hole in a closed shell")
    yield from _one_hole()
    progress(0.7, "Needle access: chance of coverage")
    yield from _coverage()


def _room() -> tuple[Grid, NDArray, NDArray, NDArray]:
    """Grid around the origin and LPS coordinates of its voxels."""
    n = int(2 * HALF_MM / SPACING_MM) + 1
    grid = Grid.regular((n, n, n), spacing_mm=SPACING_MM, origin_lps_mm=(-HALF_MM,) * 3)
    z, y, x = np.meshgrid(*[np.linspace(-HALF_MM, HALF_MM, n)] * 3, indexing="ij")
    return grid, x, y, z


def _ball_in_the_way() -> Iterator[Row]:
    grid, x, y, z = _room()
    radius, distance = 12.0, 40.0
    way = np.array([2.0, -1.0, 2.0]) / 3.0
    ball = sum((a - distance * w) ** 2 for a, w in zip((x, y, z), way, strict=True)) <= radius**2
    r = np.sqrt(x**2 + y**2 + z**2)
    plan = plan_access(Scene(grid, r <= 80, {"stomach": ball}, r <= 6, "liver"), needle=NEEDLE, aim_lps_mm=(0, 0, 0))
    facts = read_facts("locoregional.access")
    wide = radius + float(facts["distance.stomach"]) + float(facts["tube.radius"])
    exact = (1 - np.sqrt(1 - (wide / distance) ** 2)) / 2
    note = "A ball 40 mm from the target; 2 mm voxels. Above the exact share: the staircase of the mask counts against the path."
    yield Row(
        TOPIC, "Share of directions blocked by a ball", 100 * plan.blocked_by["stomach"], 100 * exact, "%", 1.5, EXACT, note
    )
    worst = 0.0
    for path in plan.proposals:
        out = -path.direction_lps
        along = np.clip(distance * way @ out, 0.0, 80.0)
        true_mm = float(np.linalg.norm(distance * way - along * out)) - radius
        if np.isfinite(path.clearances_mm["stomach"]):
            worst = max(worst, abs(path.clearances_mm["stomach"] - true_mm))
    yield Row(TOPIC, "Worst distance from a proposal to the ball", worst, 0.0, "mm", SPACING_MM / 2 + 0.1, EXACT, "Half a voxel.")


def _one_hole() -> Iterator[Row]:
    grid, x, y, z = _room()
    way = np.array([0.6, -0.64, 0.48])
    r, along = np.sqrt(x**2 + y**2 + z**2), x * way[0] + y * way[1] + z * way[2]
    off = np.sqrt(np.maximum(r**2 - along**2, 0.0))
    for width, found_wanted in ((5.6, 1.0), (2.5, 0.0)):
        shell = (np.abs(r - 50) < 5) & ~((off < width) & (along > 0))
        plan = plan_access(Scene(grid, r <= 80, {"bone": shell}, r <= 6, "liver"), needle=NEEDLE, aim_lps_mm=(0, 0, 0))
        name = f"Closed shell with one hole of radius {width:g} mm: paths proposed (0 or 1)"
        note = (
            "The tube and the distance to bone need 3 mm and the staircase."
            if found_wanted
            else "Too narrow: no path is the answer."
        )
        yield Row(TOPIC, name, float(min(len(plan.proposals), 1)), found_wanted, "1", 0.0, EXACT, note)
        if plan.proposals:
            angle = np.degrees(np.arccos(np.clip(-plan.proposals[0].direction_lps @ way, -1, 1)))
            yield Row(TOPIC, "Its angle to the axis of the hole", float(angle), 0.0, "deg", 1.5, EXACT)


def _coverage() -> Iterator[Row]:
    from scipy.stats import chi2

    spacing = 1.0
    grid = Grid.regular((61, 61, 61), spacing_mm=spacing, origin_lps_mm=(-30.0,) * 3)
    z, y, x = np.meshgrid(*[np.linspace(-30, 30, 61)] * 3, indexing="ij")
    centre = np.array([0.2, -0.3, 0.1])
    lesion = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2 <= 8.0**2
    sd = 3.0
    error = PlacementError(lateral_mean_mm=sd * float(np.sqrt(np.pi / 2)), axial_sd_mm=sd)
    for room in (3.0, 6.0):
        zone = ZoneSpec(2 * (13.0 + room), 2 * (13.0 + room))
        (found,) = coverage_probability(
            lesion,
            grid=grid,
            zone=zone,
            direction_lps=(1, 2, -1),
            centre_lps_mm=centre,
            margins_mm=(5.0,),
            error=error,
            samples=20_000,
        )
        exact = float(chi2.cdf((room / sd) ** 2, df=3))
        name = f"Chance that a spherical zone covers a sphere, {room:g} mm to spare"
        note = "8 mm lesion on 1 mm voxels, 5 mm margin, 3 mm error per axis; the farthest voxel corner decides."
        yield Row(TOPIC, name, 100 * found.probability, 100 * exact, "%", 3.0, EXACT, note)
