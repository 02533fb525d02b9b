"""Rank safe paths: soft costs, the Pareto set, and proposals that differ from each other."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from locoregional.access.field import CAP_MM, QUANTUM_MM
from locoregional.access.rules import OBJECTIVES, AccessRules
from locoregional.access.trace import Paths
from locoregional.sources import read_facts

__all__ = ["apart", "nondominated", "room_shares", "scores", "soft_costs"]


def soft_costs(
    paths: Paths, *, rules: AccessRules, reach_mm: float, names: tuple[str, ...], required_mm: NDArray, aim_offsets: NDArray
) -> NDArray[np.float64]:
    """What makes each path less good, each cost from 0 (nothing wrong) to 1.

    Parameters
    ----------
    paths : Paths
        n paths.
    rules : AccessRules
        For the organ's own preferences.
    reach_mm : float [mm]
        Longest way that the needle can go.
    names : tuple of str
        Obstacles, in the order of the clearances.
    required_mm : ndarray, shape (obstacles,) [mm]
        What the axis must keep from each obstacle.
    aim_offsets : ndarray, shape (aims,)
        Distance of each aim from the middle of the target, as a share of its radius.

    Returns
    -------
    ndarray, shape (n, 7)
        Columns as in ``OBJECTIVES``: length, capsule, parenchyma, risk, axial, aim, crossing.
    """
    facts = read_facts("locoregional.access")
    costs = np.zeros((len(paths), len(OBJECTIVES)))
    costs[:, 0] = np.clip(paths.depth_mm / reach_mm, 0, 1)
    inside = paths.capsule_mm > paths.target_mm
    costs[:, 1] = np.where(inside, 1.0 - paths.capsule_cosine, 0.0)
    own = facts.section(rules.organ)
    if "parenchyma_low" in own:
        low, enough = float(own["parenchyma_low"]), float(own["parenchyma_enough"])
        # Twice as steep below the least wanted: a lesion entered straight through the capsule bleeds and seeds.
        lack = np.clip((enough - paths.organ_mm) / enough, 0, 1)
        costs[:, 2] = np.where(paths.organ_mm < low, np.clip(2 * lack - (enough - low) / enough, 0, 1), lack)
    if names:
        costs[:, 3] = 1.0 - np.clip(room_shares(paths.clearance_mm, required_mm=required_mm, names=names).min(axis=1), 0, 1)
    costs[:, 4] = np.abs(paths.direction[:, 2])
    costs[:, 5] = np.clip(aim_offsets[paths.aim], 0, 1)
    costs[:, 6] = np.clip(paths.other_mm / float(facts["crossing.scale"]), 0, 1)
    return costs


def room_shares(clearance_mm: NDArray, *, required_mm: NDArray, names: tuple[str, ...]) -> NDArray[np.float64]:
    """Room beyond the required distance, as a share of what is enough for each obstacle, shape (n, obstacles)."""
    room = read_facts("locoregional.access").section("room")
    enough = [float(room.get(name, room["default"])) for name in names]
    # A distance at the cap is only known to be that large: nothing is near.
    far = clearance_mm > CAP_MM - QUANTUM_MM / 2
    return np.where(far, np.inf, (clearance_mm - required_mm) / np.array(enough))


def scores(costs: NDArray[np.float64], *, rules: AccessRules) -> NDArray[np.float64]:
    """Weighted mean of the soft costs, 0 best to 1 worst, shape (n,)."""
    weights = np.array([rules.weights[name] for name in OBJECTIVES])
    if (weights < 0).any() or weights.sum() == 0:
        weights = np.ones(len(OBJECTIVES))
    return costs @ weights / weights.sum()


def nondominated(costs: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows are Pareto-optimal: no other row is as good in every cost and better in one, shape (n,)."""
    order = np.argsort(costs.sum(axis=1), kind="stable")
    keep = np.zeros(len(costs), bool)
    keep[order] = _front(np.ascontiguousarray(costs[order]))
    return keep


@njit(cache=True)
def _front(costs):  # type: ignore[no-untyped-def]
    # Rows come sorted by their sum, so only earlier ones can dominate a later one.
    n, m = costs.shape
    keep = np.zeros(n, np.bool_)
    front = np.empty(n, np.int64)
    size = 0
    for i in range(n):
        beaten = False
        for f in range(size):
            j = front[f]
            worse, better = False, False
            for k in range(m):
                if costs[j, k] > costs[i, k]:
                    worse = True
                    break
                if costs[j, k] < costs[i, k]:
                    better = True
            if better and not worse:
                beaten = True
                break
        if not beaten:
            keep[i] = True
            front[size] = i
            size += 1
    return keep


def apart(points_mm: NDArray[np.float64], *, separation_mm: float, count: int) -> list[int]:
    """First ``count`` indices of points, in order, each at least ``separation_mm`` from those taken before."""
    taken: list[int] = []
    free = np.ones(len(points_mm), bool)
    for index in range(len(points_mm)):
        if not free[index]:
            continue
        taken.append(index)
        if len(taken) == count:
            break
        free &= np.linalg.norm(points_mm - points_mm[index], axis=1) >= separation_mm
    return taken
