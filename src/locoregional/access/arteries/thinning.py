"""Voxels thinned to centre lines that reach every end of the mask, and the root."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["centre_voxels"]

REACH_VOXELS = 3.0
"""A voxel further than this beyond the surface around a centre line needs a line of its own."""


def centre_voxels(mask: NDArray[np.bool_], depth: NDArray[np.float32], root: NDArray[np.int64]) -> NDArray[np.int64]:
    """Voxels of the centre lines of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (slices, rows, columns)
        One connected piece.
    depth : ndarray, shape of the mask
        Distance to its surface, in voxel sides.
    root : ndarray of int, shape (3,)
        A voxel of the mask that a line must reach.

    Returns
    -------
    ndarray of int, shape (k, 3)

    Notes
    -----
    Topological thinning keeps forks and rings but can eat away the free ends of straight tubes an even number of voxels wide.
    What it left uncovered is given back by shortest paths along the middle of the mask, the furthest end first, as in the
    tree-structure extraction of Sato 2000 (key ``sato2000``).
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import cKDTree
    from skimage.morphology import skeletonize

    line = np.argwhere(skeletonize(mask))
    voxels = np.argwhere(mask)
    number = np.full(mask.shape, -1, dtype=np.int64)
    number[tuple(voxels.T)] = np.arange(len(voxels))
    on_line = number[tuple(line.T)] if len(line) else number[tuple(root[None].T)]
    inner = np.maximum(depth[tuple(voxels.T)].astype(float), 0.3)
    a, b = cKDTree(voxels).query_pairs(1.8, output_type="ndarray").T
    step = np.linalg.norm((voxels[a] - voxels[b]).astype(float), axis=1)
    graph = coo_array((step / np.minimum(inner[a], inner[b]) ** 2, (a, b)), shape=(len(voxels),) * 2).tocsr()
    _, before, _ = dijkstra(graph, directed=False, indices=on_line, return_predecessors=True, min_only=True)
    chosen = np.zeros(len(voxels), dtype=bool)
    chosen[on_line] = True
    drawn = np.zeros(np.array(mask.shape) + 2, dtype=bool)
    drawn[tuple((voxels[chosen] + 1).T)] = True

    def trace(start: int) -> None:
        path, node = [], start
        while node >= 0 and not chosen[node]:
            path.append(node)
            i, j, k = voxels[node]
            if drawn[i : i + 3, j : j + 3, k : k + 3].any():  # beside a line already: going on would run parallel to it
                break
            node = int(before[node])
        chosen[path] = True
        drawn[tuple((voxels[path] + 1).T)] = True

    trace(int(number[tuple(root)]))
    while True:
        covered = np.flatnonzero(chosen)
        far, nearest = cKDTree(voxels[covered]).query(voxels)
        beyond = far - inner[covered[nearest]] - REACH_VOXELS
        beyond[before < 0] = -1.0
        worst = int(beyond.argmax())
        if beyond[worst] <= 0:
            return voxels[chosen]
        trace(worst)
