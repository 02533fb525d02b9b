"""From voxels of arteries to a tree: thinned to lines, rooted, loops cut, radii measured, spurs removed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.access.arteries.gaps import joined_pieces
from locoregional.access.arteries.segmentation import Arteries
from locoregional.access.arteries.thinning import centre_voxels
from locoregional.access.arteries.tree import ArterialTree, tree_of
from locoregional.errors import PlanningError
from locoregional.imaging.distance import signed_distance_mm
from locoregional.progress import Progress, silent

__all__ = ["tree_in"]

SPUR_VOXELS = 4.0
"""Length beyond the surface of its artery that a side branch needs at least."""
SMOOTH = 2
"""Neighbours on each side that smooth the staircase of a centre line."""
LOOP_MM = 8.0
"""A ring shorter than this is an artefact of thinning and is cut without a word."""


def tree_in(arteries: Arteries, *, repair: bool = True, progress: Progress = silent) -> ArterialTree:
    """Tree of the arteries, rooted where they were asked for.

    Parameters
    ----------
    arteries : Arteries
        Voxels that hang together with the root, and pieces apart.
    repair : bool
        Join pieces that lie in the course of an artery across a gap; each is told in the tree's words.
    progress : Progress
        Told how far it is.

    Returns
    -------
    ArterialTree
        Its words tell every loop cut and every gap bridged.

    Raises
    ------
    PlanningError
        If nothing but the root is left.

    Notes
    -----
    Radii come from the lumen per length of a segment, which partial volume leaves true where a distance map reads too little.
    The distance map judges which links are plausible and which side branches are spurs.
    The tree is the minimum-cost spanning tree of the thinned voxels, where a step costs its length over the local contrast and
    radius; so every loop is cut at its least plausible step. A side branch is a spur, and removed, where it is shorter than the
    radius of the artery it leaves plus four voxels, or shorter than eight voxels and thinner than half of one.
    """
    from scipy.ndimage import maximum_filter

    grid, mask = arteries.mask.grid, arteries.mask.array
    side = float(grid.spacing_mm.mean())
    found = np.argwhere(mask)
    low, high = np.maximum(found.min(axis=0) - 3, 0), np.minimum(found.max(axis=0) + 4, mask.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    depth = np.zeros(mask.shape, dtype=np.float32)
    depth[box] = -signed_distance_mm(np.clip(arteries.filling.array[box], 0, 1), spacing_mm=grid.spacing_mm)
    progress(0.0, "thinning")
    start = found[np.linalg.norm(grid.to_lps(found) - arteries.root_lps_mm, axis=1).argmin()]
    voxels = centre_voxels(mask[box], depth[box] / np.float32(side), start - low) + low
    # The middle of an artery lies between voxels: the deepest neighbour is nearer to its radius than the voxel itself.
    deep = np.maximum(maximum_filter(depth[box], 3)[tuple((voxels - low).T)], np.float32(0.3 * side))
    plausible = np.maximum(arteries.contrast[tuple(voxels.T)], np.float32(0.05)) * deep
    places = grid.to_lps(voxels)
    progress(0.4, "rooting")
    root = int(np.linalg.norm(places - arteries.root_lps_mm, axis=1).argmin())
    parent, words = _spanning(places, plausible, root, side)
    reached = (parent >= 0) | (np.arange(len(parent)) == root)
    tree, _ = tree_of(
        places[reached],
        np.where(np.arange(len(parent)) == root, -1, (np.cumsum(reached) - 1)[np.maximum(parent, 0)])[reached],
        deep[reached].astype(float),
        words=(*arteries.words, *words),
    )
    tree = _without_stumps(_without_spurs(tree, side), arteries, side)
    if len(tree) < 3:
        raise PlanningError("no artery leaves the root", where="tree", remedy="Check the root, or give a vessel mask.")
    tree = _smoothed(tree)
    if repair and arteries.apart.any():
        progress(0.6, "bridging gaps")
        tree = joined_pieces(tree, arteries)
    progress(0.8, "measuring radii")
    return _without_threads(_measured(tree, arteries, side), side)


def _without_threads(tree: ArterialTree, side: float) -> ArterialTree:
    """Tree without end branches that are short and hold almost no lumen: noise along an artery."""
    keep = np.ones(len(tree), dtype=bool)
    for nodes in tree.segments:
        short = float(tree.length_mm[nodes].sum()) < 2 * SPUR_VOXELS * side
        if tree.branches[nodes[-1]] == 0 and short and tree.radius_mm[nodes[0]] < 0.5 * side:
            keep[nodes] = False
    return tree.kept(keep)[0]


def _spanning(places: NDArray, plausible: NDArray, root: int, side: float) -> tuple[NDArray[np.int64], list[str]]:
    """Parent of each voxel in the minimum-cost spanning tree, and the loops cut."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree
    from scipy.spatial import cKDTree

    pairs = cKDTree(places).query_pairs(1.8 * side, output_type="ndarray")
    a, b = pairs.T
    length = np.linalg.norm(places[a] - places[b], axis=1)
    cost = length / np.minimum(plausible[a], plausible[b])
    n = len(places)
    spanning = minimum_spanning_tree(coo_array((cost, (a, b)), shape=(n, n)).tocsr())
    _, before = breadth_first_order(spanning, root, directed=False)
    parent = np.where(before < 0, -1, before).astype(np.int64)
    return parent, _loops(places, parent, pairs, root)


def _loops(places: NDArray, parent: NDArray, pairs: NDArray, root: int) -> list[str]:
    """What is said of each ring that was cut."""
    deep = np.full(len(parent), -1, dtype=np.int64)
    deep[root] = 0

    def path(node: int) -> list[int]:
        found = [node]
        while found[-1] != root and parent[found[-1]] >= 0:
            found.append(int(parent[found[-1]]))
        return found

    words: list[str] = []
    told: list[NDArray] = []
    outside = pairs[(parent[pairs[:, 0]] != pairs[:, 1]) & (parent[pairs[:, 1]] != pairs[:, 0])]
    for a, b in outside:
        first, second = path(int(a)), path(int(b))
        common = set(first) & set(second)
        ring = [k for k in (*first, *second) if k not in common]
        if len(ring) < 3:
            continue
        around = float(sum(np.linalg.norm(places[k] - places[parent[k]]) for k in ring if parent[k] >= 0))
        middle = places[[a, b]].mean(axis=0)
        if around < LOOP_MM or any(np.linalg.norm(middle - other) < LOOP_MM for other in told):
            continue
        told.append(middle)
        x, y, z = np.round(middle).astype(int)
        words.append(f"a loop of {around:.0f} mm was cut at its least plausible link, near ({x}, {y}, {z})")
    return words


def _without_spurs(tree: ArterialTree, side: float) -> ArterialTree:
    """Tree without side branches shorter than the radius of the artery they leave plus four voxels, shortest first."""
    while True:
        below: list[tuple[float, NDArray]] = []
        for nodes in tree.segments:
            if tree.branches[nodes[-1]] > 0:
                continue
            above = int(tree.parent[nodes[0]])
            length = float(tree.length_mm[nodes].sum())
            if above > 0 and tree.branches[above] > 1 and length < tree.radius_mm[above] + SPUR_VOXELS * side:
                below.append((length, nodes))
        if not below:
            return tree
        # One spur per junction and turn: once it is gone, its neighbour may be the continuation of the artery.
        keep, taken = np.ones(len(tree), dtype=bool), set()
        for _, nodes in sorted(below, key=lambda item: item[0]):
            above = int(tree.parent[nodes[0]])
            if above not in taken:
                taken.add(above)
                keep[nodes] = False
        tree, _ = tree.kept(keep)


def _without_stumps(tree: ArterialTree, arteries: Arteries, side: float) -> ArterialTree:
    """Tree without what leads from the root straight to a cut: the artery on the other side of the root."""
    if len(arteries.stumps_lps_mm) == 0:
        return tree
    keep = np.ones(len(tree), dtype=bool)
    words = []
    for nodes in tree.segments:
        end = int(nodes[-1])
        from_root = tree.length_mm[tree.path(int(tree.parent[nodes[0]]))].sum() <= 2.0 * side + tree.radius_mm[0]
        far = float(np.linalg.norm(arteries.stumps_lps_mm - tree.nodes_lps_mm[end], axis=1).min())
        if tree.branches[end] == 0 and from_root and far <= 2.0 * side + tree.radius_mm[end]:
            keep[nodes] = False
            words.append(f"{float(tree.length_mm[nodes].sum()):.0f} mm of artery between the root and a cut were left out")
    return tree.kept(keep, words=words)[0]


def _smoothed(tree: ArterialTree) -> ArterialTree:
    """Tree whose nodes move to the mean of their neighbours along the segment; ends and forks stay."""
    places = tree.nodes_lps_mm.copy()
    for nodes in tree.segments:
        chain = np.concatenate([tree.parent[nodes[:1]], nodes])
        line = tree.nodes_lps_mm[chain]
        for k in range(1, len(chain) - 1):
            reach = min(SMOOTH, k, len(chain) - 1 - k)
            places[chain[k]] = line[k - reach : k + reach + 1].mean(axis=0)
    return ArterialTree(places, tree.parent, tree.radius_mm, tree.names, tree.words)


def _measured(tree: ArterialTree, arteries: Arteries, side: float) -> ArterialTree:
    """Tree with radii from the lumen per length of a segment; not below half of what the distance map says."""
    from scipy.spatial import cKDTree

    grid = arteries.mask.grid
    filled = np.argwhere(arteries.filling.array != 0.0)
    far, nearest = cKDTree(tree.nodes_lps_mm).query(grid.to_lps(filled), distance_upper_bound=4.0 * side + 3.0)
    near = np.isfinite(far)
    share = arteries.filling.array[tuple(filled[near].T)].astype(float) * grid.voxel_ml * 1e3
    volume_mm3 = np.bincount(nearest[near], share, minlength=len(tree))
    radius = tree.radius_mm.copy()
    for nodes in tree.segments:
        local = float(np.median(tree.radius_mm[nodes]))
        length = float(tree.length_mm[nodes].sum())
        if len(nodes) > 4:  # the ends share voxels with forks
            inner = nodes[1:-1]
            by_filling = np.sqrt(max(0.0, volume_mm3[inner].sum()) / (np.pi * tree.length_mm[inner].sum()))
        else:
            by_filling = np.sqrt(max(0.0, volume_mm3[nodes].sum()) / (np.pi * max(length, side)))
        radius[nodes] = max(by_filling, 0.5 * local if local > 0.5 * side else 0.1 * side)
    radius[0] = radius[1]
    return tree.with_radii(radius)
