"""Exact set cover: the fewest placements whose zones hold every point, and of those the ones that harm least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import PlanningError

__all__ = ["Cover", "ellipsoids_hold", "smallest_cover"]

NODES, ROUNDS = 100, 5
"""Nodes of each program's search tree, and how often points are added: counts, so that a slow machine answers the same."""
RUNS, BLUR = 60, 0.25
"""Greedy runs for a first answer, and by how much each misjudges what a placement brings."""
FIRST_ROWS, MORE_ROWS = 150, 60
"""Points that the first program sees, and how many of those that it missed are added each time."""
GAP = 0.02
"""Least-harm arrangements within this share of the best are as good as it."""


@dataclass(frozen=True)
class Cover:
    """A set of placements that holds every point.

    Attributes
    ----------
    chosen : tuple of int
        Columns, in order.
    fewest : bool
        Whether it is proven that no smaller set does.
    """

    chosen: tuple[int, ...]
    fewest: bool


def ellipsoids_hold(
    points_lps_mm: NDArray[np.float64],
    *,
    centres_lps_mm: NDArray[np.float64],
    axes: NDArray[np.float64],
    long_mm: float,
    short_mm: float,
) -> NDArray[np.bool_]:
    """Which points lie in which ellipsoid of revolution.

    Parameters
    ----------
    points_lps_mm : ndarray, shape (points, 3) [mm]
        Points.
    centres_lps_mm, axes : ndarray, shape (zones, 3)
        Middles [mm] and unit vectors along the needles.
    long_mm, short_mm : float [mm]
        Full length along the needle, and full width.

    Returns
    -------
    ndarray of bool, shape (points, zones)
    """
    origin = centres_lps_mm.mean(axis=0) if len(centres_lps_mm) else np.zeros(3)
    p, c = points_lps_mm - origin, centres_lps_mm - origin
    along = p @ axes.T - np.einsum("zi,zi->z", c, axes)
    squared = (p**2).sum(axis=1)[:, None] - 2.0 * (p @ c.T) + (c**2).sum(axis=1)
    a2, b2 = (long_mm / 2) ** 2, (short_mm / 2) ** 2
    return np.asarray(along**2 * (1.0 / a2 - 1.0 / b2) + squared / b2 <= 1.0 + 1e-9)


def smallest_cover(
    holds: NDArray[np.bool_],
    *,
    harm: NDArray[np.float64],
    most: int,
    least: int = 1,
    conflicts: Sequence[tuple[int, int]] | NDArray = (),
) -> Cover | None:
    """Fewest columns that hold every row, and of those sets the one of least harm.

    Parameters
    ----------
    holds : ndarray of bool, shape (points, placements)
        Which placement holds which point.
    harm : ndarray, shape (placements,)
        Harm of each placement, zero or more; only its sum matters.
    most : int
        Most placements allowed.
    least : int
        1, or 2 where a placement alone does not do what it does beside another.
    conflicts : sequence of (int, int)
        Placements that exclude one another.

    Returns
    -------
    Cover or None
        None where no set of at most ``most`` placements holds every point.

    Notes
    -----
    One and two placements are looked at exhaustively. Beyond, two mixed-integer programs are solved by HiGHS: the number first
    (below that of a greedy set), then the harm among sets of that number, so that no harm is ever traded for a further needle.
    """
    if holds.ndim != 2 or harm.shape != (holds.shape[1],):
        raise PlanningError(
            "a cover needs points by placements and a harm for each", where="holds, harm", remedy="Check their shapes."
        )
    if holds.shape[1] == 0 or not holds.any(axis=1).all():
        return None
    alone = np.flatnonzero(holds.all(axis=0))
    if len(alone) and least < 2:
        return Cover((int(alone[np.argmin(harm[alone])]),), True)
    if most < 2:
        return None
    pairs = np.asarray(conflicts, dtype=np.int64).reshape(-1, 2)
    two = _best_pair(holds, harm, pairs)
    if two is not None:
        return Cover(two, True)
    first = _greedy(holds, harm, pairs, most)
    proven = first is not None and len(first) == 3
    if not proven:
        fewer, proven = _grown(holds, np.ones(len(harm)), most if first is None else len(first) - 1, pairs)
        if fewer is not None:
            first = tuple(int(i) for i in fewer)
        elif first is None:
            return None
    assert first is not None
    mildest, _ = _grown(holds, harm / max(float(harm.max()), 1e-12), len(first), pairs, exactly=len(first), gap=GAP)
    if mildest is None or harm[mildest].sum() > harm[list(first)].sum():
        return Cover(first, proven)
    return Cover(tuple(int(i) for i in mildest), proven)


def _best_pair(holds: NDArray[np.bool_], harm: NDArray[np.float64], conflicts: NDArray[np.int64]) -> tuple[int, ...] | None:
    """Pair of least harm that holds every point, by looking at all of them."""
    missed = (~holds).astype(np.float32)
    works = missed.T @ missed < 0.5
    np.fill_diagonal(works, False)
    works[conflicts[:, 0], conflicts[:, 1]] = False
    works[conflicts[:, 1], conflicts[:, 0]] = False
    if not works.any():
        return None
    cost = np.where(works, harm[:, None] + harm[None], np.inf)
    i, j = np.unravel_index(int(cost.argmin()), cost.shape)
    return (int(min(i, j)), int(max(i, j)))


def _greedy(
    holds: NDArray[np.bool_], harm: NDArray[np.float64], conflicts: NDArray[np.int64], most: int
) -> tuple[int, ...] | None:
    """Smallest set that many greedy runs find, each taking what seems to hold most of what is left; None if none does."""
    excludes = np.zeros((holds.shape[1], holds.shape[1]), bool)
    excludes[conflicts[:, 0], conflicts[:, 1]] = excludes[conflicts[:, 1], conflicts[:, 0]] = True
    few = np.unique(holds, axis=0).astype(np.float32)
    tie = 0.5 * harm / max(float(harm.max()), 1e-12)
    rng = np.random.default_rng(0)
    best: tuple[int, ...] | None = None
    for run in range(RUNS):
        left, free = np.ones(len(few), np.float32), np.ones(len(harm), bool)
        blur = 1.0 if run == 0 else rng.uniform(1.0 - BLUR, 1.0, size=len(harm))
        taken: list[int] = []
        while left.any() and len(taken) < (most if best is None else len(best) - 1):
            count = left @ few
            gain = np.where(free & (count > 0.5), (count - tie) * blur, -1.0)
            chosen = int(gain.argmax())
            if gain[chosen] < 0:
                break
            taken.append(chosen)
            left[few[:, chosen] > 0.5] = 0.0
            free &= ~excludes[chosen]
        if not left.any():
            best = tuple(sorted(taken))
    return best


def _grown(
    holds: NDArray[np.bool_],
    cost: NDArray[np.float64],
    most: int,
    conflicts: NDArray[np.int64],
    *,
    exactly: int = 0,
    gap: float = 0.0,
) -> tuple[NDArray[np.int64] | None, bool]:
    """Answer for all points from programs that see few of them: those that an answer misses are added until none is missed.

    A program that sees fewer points can only answer better, so the first answer that misses nothing is the best for all.
    """
    hardest = np.argsort(holds.sum(axis=1), kind="stable")
    seen = np.zeros(len(holds), bool)
    seen[hardest[:: max(1, len(hardest) // FIRST_ROWS)]] = True
    for _ in range(ROUNDS):
        chosen, proven = _solved(_needed_rows(holds[seen]), cost, most, conflicts, exactly=exactly, gap=gap)
        if chosen is None:
            return None, proven
        missed = np.flatnonzero(~holds[:, chosen].any(axis=1))
        if not len(missed):
            return chosen, proven
        seen[missed[:: max(1, len(missed) // MORE_ROWS)]] = True
    return None, False


def _needed_rows(holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows without repetitions, and without those that follow from a harder one."""
    unique = np.unique(np.packbits(holds, axis=1), axis=0)
    rows = np.unpackbits(unique, axis=1, count=holds.shape[1]).astype(bool)
    rows = rows[np.argsort(rows.sum(axis=1), kind="stable")]
    kept: list[int] = []
    left = np.ones(len(rows), bool)
    for i in range(len(rows)):
        if left[i]:
            kept.append(i)
            left &= ~(rows[:, rows[i]].all(axis=1))  # holds wherever this one does
    return rows[kept]


def _solved(
    rows: NDArray[np.bool_],
    cost: NDArray[np.float64],
    most: int,
    conflicts: NDArray[np.int64],
    *,
    exactly: int = 0,
    gap: float = 0.0,
) -> tuple[NDArray[np.int64] | None, bool]:
    """Chosen columns, None where there are none or none was found in time; and whether the answer is proven."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array

    n = len(cost)
    limits = [
        LinearConstraint(csr_array(rows.astype(float)), lb=1.0),
        LinearConstraint(np.ones((1, n)), lb=float(exactly or 1), ub=float(exactly or most)),
    ]
    pairs = conflicts
    if len(pairs):
        entries = np.repeat(np.arange(len(pairs)), 2)
        table = coo_array((np.ones(2 * len(pairs)), (entries, pairs.ravel())), shape=(len(pairs), n))
        limits.append(LinearConstraint(table.tocsr(), ub=1.0))
    answer = milp(
        cost,
        constraints=limits,
        integrality=np.ones(n),
        bounds=Bounds(0, 1),
        options={"node_limit": NODES, "mip_rel_gap": gap},
    )
    if answer.x is None:
        return None, answer.status == 2
    return np.flatnonzero(answer.x > 0.5), answer.status == 0
