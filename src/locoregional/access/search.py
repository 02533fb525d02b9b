"""Find the safe paths: an even sweep, a closer look where the sweep just missed, and a polish of the best."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from locoregional.access.pareto import apart, nondominated
from locoregional.access.rays import SKIN
from locoregional.access.sphere import directions_around, directions_over_sphere
from locoregional.access.trace import IMPOSSIBLE_MM, Paths, Tracer

__all__ = ["look_closer", "polish", "sweep"]

FEW = 200
"""With fewer safe paths than this, narrow windows between the rays of the sweep are searched too."""

NEAR_MISSES = 400
"""How many near misses are looked at closer, each with ``CLOSER`` rays, in each of two rounds."""

CLOSER = 40
"""Rays in the cap around a near miss or a candidate."""

SEEDS = ((12.0, 12), (30.0, 12))
"""Candidates that are polished: how far apart on the skin [mm], and how many; first on the Pareto front, then of all safe."""

SHRINK = (1.0, 0.4, 0.16, 0.06)
"""Radius of the polishing caps in units of the sweep's spacing."""

MOST_SWEEPS = 8
"""An image that shows less than an eighth of the skin in reach is swept no further."""


def sweep(tracer: Tracer, *, n_entries: int, seed: int) -> Paths:
    """Rays from the middle of the target over the whole sphere, until enough of them end on skin.

    Parameters
    ----------
    tracer : Tracer
        Traces the rays; its first aim is the middle.
    n_entries : int
        Skin entries wanted.
    seed : int
        Turns the lattice of directions.
    """
    found: Paths | None = None
    for turn in range(MOST_SWEEPS):
        directions = directions_over_sphere(n_entries, seed=seed + turn)
        new = tracer.trace(directions, aim=np.zeros(n_entries, np.int64))
        found = new if found is None else found.and_also(new)
        if int((found.ends == SKIN).sum()) >= n_entries:
            break
    assert found is not None
    return found


def look_closer(tracer: Tracer, paths: Paths, *, spacing_rad: float) -> Paths:
    """More rays around paths that were blocked by less than half the gap between two rays, where few paths are safe.

    A distance to a structure changes by no more than the ray moves, so a window that the sweep missed lies beside a ray
    whose slack is above minus half the gap at the skin.

    Parameters
    ----------
    tracer : Tracer
        Traces the rays.
    paths : Paths
        The sweep.
    spacing_rad : float [radian]
        Angle between neighbouring rays of the sweep.
    """
    for shrink in (1.0, 0.2):
        if int(paths.safe.sum()) >= FEW:
            return paths
        gap_mm = spacing_rad * shrink * np.minimum(paths.depth_mm, tracer.reach_mm)
        near = np.flatnonzero(~paths.safe & (paths.slack_mm > np.maximum(-gap_mm, IMPOSSIBLE_MM)))
        if not near.size:
            return paths
        near = near[np.argsort(-paths.slack_mm[near], kind="stable")][:NEAR_MISSES]
        caps = directions_around(paths.direction[near], radius_rad=spacing_rad * shrink, count=CLOSER)
        paths = paths.and_also(tracer.trace(caps.reshape(-1, 3), aim=np.repeat(paths.aim[near], CLOSER)))
    return paths


def polish(
    tracer: Tracer, paths: Paths, *, judge: Callable[[Paths], tuple[NDArray, NDArray]], spacing_rad: float
) -> tuple[Paths, int]:
    """Best safe paths, each moved to the best place nearby and sampled finely.

    Parameters
    ----------
    tracer : Tracer
        Traces the rays.
    paths : Paths
        Safe paths.
    judge : callable
        Gives the costs (n, objectives) and scores (n,) of paths.
    spacing_rad : float [radian]
        Angle between neighbouring rays of the sweep.

    Returns
    -------
    Paths, int
        Polished paths that are safe under fine sampling, best score first; and the size of the Pareto set of ``paths``.
    """
    costs, score = judge(paths)
    front = np.flatnonzero(nondominated(costs))
    order = front[np.argsort(score[front], kind="stable")]
    everywhere = np.argsort(score, kind="stable")
    seeds: set[int] = set()
    # The best lie on the Pareto front; the best way through another region may be dominated and still be wanted.
    for ranked, (separation_mm, count) in zip((order, everywhere), SEEDS, strict=True):
        entries = tracer.entries_lps_mm(paths[ranked])
        seeds.update(ranked[apart(entries, separation_mm=separation_mm, count=count)].tolist())
    best = paths[np.array(sorted(seeds))]
    for shrink in SHRINK:
        caps = directions_around(best.direction, radius_rad=spacing_rad * shrink, count=CLOSER)
        tried = tracer.trace(caps.reshape(-1, 3), aim=np.repeat(best.aim, CLOSER), fine=True)
        # A path that fine sampling finds blocked is worse than any safe one; among those the nearest to safe is kept.
        merit = np.where(tried.safe, judge(tried)[1], 10.0 - np.minimum(tried.slack_mm, 0.0))
        winner = merit.reshape(len(best), CLOSER).argmin(axis=1)
        best = tried[winner + CLOSER * np.arange(len(best))]
    best = best[best.safe]
    return best[np.argsort(judge(best)[1], kind="stable")], len(front)
