"""What cold kills: isotherms, and the share of cells that die by the lowest temperature of each cycle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import PlanningError
from locoregional.sources import read_facts

__all__ = ["LAWS", "death_level", "killed_share", "threshold_c"]

LAWS = ("freeze_cycles", "isotherm_minus_20", "isotherm_minus_30", "isotherm_minus_40")
"""Laws in the order of their lethal temperature; the cycles count what the others forget: how often tissue froze."""
_LEAST = 1e-9  # share of survivors below which nobody asks further


def threshold_c(law: str) -> float:
    """Temperature of an isotherm law [C].

    Raises
    ------
    PlanningError
        If the law is none of the isotherms.
    """
    if law not in LAWS or not law.startswith("isotherm"):
        raise PlanningError(f"no law of death by cold is called {law!r}", where="law", remedy=f"Known: {', '.join(LAWS)}.")
    return float(read_facts(__package__)[f"lethal.{law.removeprefix('isotherm_')}"])


def _logistic() -> tuple[float, float, float]:
    """Middle [C] and width [K] of the curve of death after one freeze, and the share that counts as complete."""
    facts = read_facts(__package__)
    share = float(facts["lethal.share"])
    spared, complete = float(facts["lethal.spared"]), float(facts["lethal.complete"])
    return 0.5 * (spared + complete), 0.5 * (spared - complete) / float(np.log(share / (1.0 - share))), share


def killed_share(cycle_lowest_c: Sequence[NDArray]) -> NDArray[np.float32]:
    """Share of cells that died.

    A logistic curve through the sourced anchors after one freeze; every further freeze kills the same share of the survivors.

    Parameters
    ----------
    cycle_lowest_c : sequence of ndarray
        Lowest temperature in each cycle.

    Returns
    -------
    ndarray of float32, shape of one of them
        0..1.
    """
    middle, width, _ = _logistic()
    alive = np.ones(np.shape(cycle_lowest_c[0]), dtype=np.float64)
    for lowest in cycle_lowest_c:
        alive /= 1.0 + np.exp(np.clip((middle - np.asarray(lowest, dtype=np.float64)) / width, -700.0, 700.0))
    return (1.0 - alive).astype(np.float32)


def death_level(law: str, *, lowest_c: NDArray, cycle_lowest_c: Sequence[NDArray]) -> NDArray[np.float32]:
    """How far beyond the threshold of a law each voxel is, in kelvin or what would be kelvin after one freeze.

    Parameters
    ----------
    law : str
        One of :data:`LAWS`.
    lowest_c : ndarray
        Lowest temperature ever.
    cycle_lowest_c : sequence of ndarray
        The same of each cycle.

    Returns
    -------
    ndarray of float32
        Positive where dead, zero at the edge.

    Raises
    ------
    PlanningError
        If the law is not known.
    """
    if law != "freeze_cycles":
        return (np.float32(threshold_c(law)) - lowest_c).astype(np.float32)
    _, width, share = _logistic()
    killed = np.clip(killed_share(cycle_lowest_c).astype(np.float64), _LEAST, 1.0 - 1e-7)
    beyond = np.log(killed / (1.0 - killed)) - np.log(share / (1.0 - share))
    return (width * beyond).astype(np.float32)
