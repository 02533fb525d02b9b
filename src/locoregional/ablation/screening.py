"""Which parameter drives a result: elementary effects after Morris (1991), with the absolute mean of Campolongo (2007)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import PlanningError

__all__ = ["LEVELS", "Influence", "draws_on", "influences", "screened", "trajectories"]

LEVELS = 4
"""Levels of the grid on which parameters move; a step crosses two thirds of a range."""


@dataclass(frozen=True)
class Influence:
    """What one parameter does to a result, per whole range of the parameter, in the unit of the result.

    Attributes
    ----------
    name : str
        Parameter.
    weight : float
        Mean of the absolute effects (mu*): by how much the result moves.
    slope : float
        Mean of the effects (mu): its sign says the direction.
    spread : float
        Standard deviation of the effects (sigma): large against ``weight`` where the effect depends on other parameters or
        is not straight.
    """

    name: str
    weight: float
    slope: float
    spread: float


def trajectories(dimensions: int, *, number: int, seed: int = 0, levels: int = LEVELS) -> NDArray[np.float64]:
    """Random walks on a grid in the unit cube; each step moves one coordinate, each coordinate once.

    Parameters
    ----------
    dimensions, number : int
        Coordinates, and walks.
    seed : int
        The same seed gives the same walks.
    levels : int
        Even number of values that a coordinate takes.

    Returns
    -------
    ndarray, shape (number, dimensions + 1, dimensions)
        Points of each walk in order.

    Raises
    ------
    PlanningError
        If no such walk exists.
    """
    if levels < 2 or levels % 2 or number < 1 or dimensions < 1:
        raise PlanningError(
            f"{number} walks on {levels} levels in {dimensions} dimensions",
            where="screening",
            remedy="Use positive counts and even levels.",
        )
    rng = np.random.default_rng(seed)
    step = levels / (2.0 * (levels - 1.0))
    low = np.arange(levels // 2) / (levels - 1.0)
    out = np.empty((number, dimensions + 1, dimensions))
    for walk in out:
        up = rng.random(dimensions) < 0.5
        start = rng.choice(low, dimensions)
        walk[:] = np.where(up, start, start + step)
        for n, moved in enumerate(rng.permutation(dimensions), start=1):
            walk[n:, moved] = start[moved] + (step if up[moved] else 0.0)
    return out


def influences(names: tuple[str, ...], walks: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[Influence, ...]:
    """Influence of each coordinate, strongest first.

    Parameters
    ----------
    names : tuple of str
        One per coordinate.
    walks : ndarray, shape (number, dimensions + 1, dimensions)
        From :func:`trajectories`.
    values : ndarray, shape (number, dimensions + 1)
        The result at each point.
    """
    moves = np.diff(walks, axis=1)
    effects = np.empty((len(walks), len(names)))
    rows, steps, coordinates = np.nonzero(moves)
    effects[rows, coordinates] = np.diff(values, axis=1)[rows, steps] / moves[rows, steps, coordinates]
    found = [
        Influence(name, float(np.abs(e).mean()), float(e.mean()), float(e.std(ddof=1)) if len(e) > 1 else 0.0)
        for name, e in zip(names, effects.T, strict=True)
    ]
    return tuple(sorted(found, key=lambda i: -i.weight))


def draws_on(ranges: Mapping[str, tuple[float, float]], walks: NDArray[np.float64]) -> list[dict[str, float]]:
    """Points of walks as draws over ranges, walk after walk."""
    low, high = np.array(list(ranges.values())).T
    return [dict(zip(ranges, map(float, low + u * (high - low)), strict=True)) for u in walks.reshape(-1, len(ranges))]


def screened(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]], names: tuple[str, ...], *, number: int, seed: int = 0
) -> tuple[Influence, ...]:
    """Influences on a function of points in the unit cube, shape (points, dimensions) to (points,)."""
    walks = trajectories(len(names), number=number, seed=seed)
    return influences(names, walks, function(walks.reshape(-1, len(names))).reshape(walks.shape[:2]))
