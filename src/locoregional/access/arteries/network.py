"""Steady flow through any network of resistances: pressures and flows, exact but for rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import SolverError

__all__ = ["Network", "NetworkFlow", "solved"]

ROUNDS = 60
"""Newton steps at most; a network without stenoses needs one."""


@dataclass(frozen=True, eq=False)
class Network:
    """Vessels between nodes, in consistent units.

    Attributes
    ----------
    tail, head : ndarray of int, shape (v,)
        Nodes at the two ends of each vessel; flow from tail to head counts as positive.
    resistance : ndarray, shape (v,)
        Pressure drop per flow.
    stenosis : ndarray, shape (v,)
        Further pressure drop per flow times the size of the flow (a narrowing with turbulence behind it).
    inflow : dict of int to float
        Flow that enters at a node.
    outlet : dict of int to (float, float)
        Resistance and pressure beyond, of each node through which blood leaves; resistance 0 holds the pressure.
    inlet_pressure : dict of int to float
        Pressure that is held at a node whose inflow follows.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    resistance: NDArray[np.float64]
    stenosis: NDArray[np.float64]
    inflow: Mapping[int, float]
    outlet: Mapping[int, tuple[float, float]]
    inlet_pressure: Mapping[int, float]

    @classmethod
    def of(
        cls,
        vessels: Sequence[tuple[int, int]],
        resistance: ArrayLike,
        *,
        inflow: Mapping[int, float] | None = None,
        outlet: Mapping[int, tuple[float, float]] | None = None,
        inlet_pressure: Mapping[int, float] | None = None,
        stenosis: ArrayLike = 0.0,
    ) -> Network:
        """Network of plain lists."""
        ends = np.asarray(vessels, dtype=np.int64).reshape(-1, 2)
        r = np.asarray(resistance, dtype=np.float64)
        s = np.broadcast_to(np.asarray(stenosis, dtype=np.float64), r.shape)
        return cls(ends[:, 0], ends[:, 1], r, s, inflow or {}, outlet or {}, inlet_pressure or {})


@dataclass(frozen=True, eq=False)
class NetworkFlow:
    """Pressure at every node, flow through every vessel and out of every outlet, in the units of the network."""

    pressure: NDArray[np.float64]
    flow: NDArray[np.float64]
    leaving: Mapping[int, float]


def solved(network: Network) -> NetworkFlow:
    """Pressures and flows of a network.

    Parameters
    ----------
    network : Network
        Vessels, inflows and outlets.

    Returns
    -------
    NetworkFlow

    Raises
    ------
    SolverError
        If a resistance is negative, or pressures do not follow (no outlet, a part without connection).

    Notes
    -----
    One sparse linear system of all pressures and flows; Newton steps where stenoses make it quadratic.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import splu

    tail, head = network.tail, network.head
    v, n = len(tail), int(max(tail.max(), head.max())) + 1
    if (network.resistance < 0).any() or (network.stenosis < 0).any() or any(r < 0 for r, _ in network.outlet.values()):
        raise SolverError("a resistance is negative", where="network", remedy="Give resistances of zero or more.")
    outs, held = list(network.outlet), list(network.inlet_pressure)
    size = n + v + len(outs) + len(held)
    row = np.concatenate([np.arange(v), np.arange(v), v + tail, v + head])
    column = np.concatenate([tail, head, n + np.arange(v), n + np.arange(v)])
    value = np.concatenate([np.ones(v), -np.ones(v), -np.ones(v), np.ones(v)])
    right = np.zeros(size)
    extra: list[tuple[int, int, float]] = []
    for node, entering in network.inflow.items():
        right[v + node] -= entering
    for k, node in enumerate(outs):  # pressure - resistance * leaving = pressure beyond; the node loses what leaves
        resistance, beyond = network.outlet[node]
        extra += [(v + n + k, node, 1.0), (v + n + k, n + v + k, -resistance), (v + node, n + v + k, -1.0)]
        right[v + n + k] = beyond
    for k, node in enumerate(held):
        place = v + n + len(outs) + k
        extra += [(place, node, 1.0), (v + node, n + v + len(outs) + k, 1.0)]
        right[place] = network.inlet_pressure[node]
    more = np.array(extra, dtype=float).reshape(-1, 3)
    row = np.concatenate([row, more[:, 0].astype(np.int64), np.arange(v)])
    column = np.concatenate([column, more[:, 1].astype(np.int64), n + np.arange(v)])
    flow = np.zeros(v)
    for turn in range(ROUNDS):
        # p_tail - p_head - (R + S |q|) q = 0, made straight at the last flow.
        slope = network.resistance + 2.0 * network.stenosis * np.abs(flow)
        matrix = coo_array((np.concatenate([value, more[:, 2], -slope]), (row, column)), shape=(size, size)).tocsc()
        right[:v] = -network.stenosis * np.abs(flow) * flow
        try:
            answer = splu(matrix).solve(right)
        except RuntimeError as error:
            raise SolverError(
                "pressures do not follow", where="network", remedy="Connect every part to an outlet or a held pressure."
            ) from error
        change = np.abs(answer[n : n + v] - flow).max(initial=0.0)
        flow = answer[n : n + v]
        if not network.stenosis.any() or (turn > 0 and change <= 1e-13 * max(1e-300, np.abs(flow).max())):
            break
    if not np.isfinite(answer).all():
        raise SolverError("pressures do not follow", where="network", remedy="Connect every part to an outlet.")
    leaving = {node: float(answer[n + v + k]) for k, node in enumerate(outs)}
    return NetworkFlow(answer[:n], flow, leaving)
