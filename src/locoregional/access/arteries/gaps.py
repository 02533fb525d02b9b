"""Pieces of artery that hang on nothing, joined to the tree where one artery plainly continues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.arteries.segmentation import Arteries
from locoregional.access.arteries.thinning import centre_voxels
from locoregional.access.arteries.tree import ArterialTree, tree_of
from locoregional.imaging.distance import signed_distance_mm
from locoregional.sources import read_facts

__all__ = ["joined_pieces"]

LEAST_POINTS = 4
"""Points on the centre line of a piece that make it an artery rather than a bright voxel."""


def joined_pieces(tree: ArterialTree, arteries: Arteries) -> ArterialTree:
    """Tree with the pieces apart that fit an artery in distance, direction and radius.

    Parameters
    ----------
    tree : ArterialTree
        The part that hangs together.
    arteries : Arteries
        Where the pieces are.

    Returns
    -------
    ArterialTree
        Its words tell each gap bridged, and how many pieces were left out.

    Notes
    -----
    A piece is joined by one of its two ends to the node with the shortest bent distance, if the gap is short, the piece leaves
    it within an angle of its own course, and it is not wider than the artery it would leave (Murray: a child is never wider
    than its parent).
    """
    from scipy.ndimage import find_objects

    words: list[str] = []
    boxes = enumerate(find_objects(arteries.apart), start=1)  # once for all: a noisy image has thousands of pieces
    pieces = [_line(number, box, arteries) for number, box in boxes if box is not None]
    waiting = [(line, radius) for line, radius in pieces if len(line) >= LEAST_POINTS]
    while waiting:  # a piece may hang on one that was joined before it
        fits = [(_best(tree, line, radius), k) for k, (line, radius) in enumerate(waiting)]
        good = [(fit, k) for fit, k in fits if fit is not None]
        if not good:
            break
        fit, k = min(good, key=lambda item: item[0].cost)
        _, radius = waiting.pop(k)
        x, y, z = np.round(fit.course[0]).astype(int)
        words.append(
            f"a gap of {fit.far_mm:.1f} mm was bridged near ({x}, {y}, {z}) to an artery {2 * radius:.1f} mm wide, "
            f"{fit.bend_deg:.0f} degrees from its course: a guess"
        )
        tree = _appended(tree, fit.node, fit.course, radius)
    left = len(waiting) + len(pieces) - sum(len(line) >= LEAST_POINTS for line, _ in pieces)
    if left:
        words.append(f"{left} bright pieces in the image fit no artery and were left out: arteries may be missing there")
    return ArterialTree(tree.nodes_lps_mm, tree.parent, tree.radius_mm, tree.names, (*tree.words, *words))


@dataclass(frozen=True)
class _Fit:
    """How a piece could hang on the tree."""

    cost: float
    node: int
    course: NDArray[np.float64]
    far_mm: float
    bend_deg: float


def _best(tree: ArterialTree, line: NDArray[np.float64], radius: float) -> _Fit | None:
    """Best place for one of the two ends of a piece; None where neither fits."""
    facts = read_facts(__package__)
    best: _Fit | None = None
    for course in (line, line[::-1]):
        inward = course[min(3, len(course) - 1)] - course[0]
        inward = inward / np.linalg.norm(inward)
        gap = course[0] - tree.nodes_lps_mm
        far = np.linalg.norm(gap, axis=1)
        bend = np.degrees(np.arccos(np.clip((gap @ inward) / np.maximum(far, 1e-9), -1, 1)))
        fits = (far <= float(facts["gap.longest"])) & (bend <= float(facts["gap.bend"])) & (tree.radius_mm >= 0.8 * radius)
        if fits.any():
            cost = np.where(fits, far * (1.0 + np.radians(bend)), np.inf)
            node = int(cost.argmin())
            if best is None or cost[node] < best.cost:
                best = _Fit(float(cost[node]), node, course, float(far[node]), float(bend[node]))
    return best


def _line(number: int, around: tuple[slice, ...], arteries: Arteries) -> tuple[NDArray[np.float64], float]:
    """Longest course through a thinned piece that lies in a box, and its radius [mm]."""
    from scipy.ndimage import binary_dilation
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import cKDTree

    spacing = arteries.mask.spacing_mm
    low = np.array([max(s.start - 3, 0) for s in around])
    box = tuple(slice(int(a), s.stop + 3) for a, s in zip(low, around, strict=True))
    piece = np.asarray(arteries.apart[box] == number)
    depth = -signed_distance_mm(piece, spacing_mm=spacing)
    middle = np.array(np.unravel_index(int(depth.argmax()), depth.shape))
    lines = centre_voxels(piece, depth / np.float32(spacing.mean()), middle)
    points = arteries.mask.grid.to_lps(lines + low)
    if len(points) < 2:
        return points, float(spacing.mean())
    a, b = cKDTree(points).query_pairs(1.8 * float(spacing.mean()), output_type="ndarray").T
    links = coo_array((np.linalg.norm(points[a] - points[b], axis=1), (a, b)), shape=(len(points),) * 2).tocsr()
    away = dijkstra(links, directed=False, indices=0)
    first = int(np.where(np.isfinite(away), away, -1).argmax())
    away, before = dijkstra(links, directed=False, indices=first, return_predecessors=True)
    course = [int(np.where(np.isfinite(away), away, -1).argmax())]
    while course[-1] != first:
        course.append(int(before[course[-1]]))
    line = _to_the_ends(points[course], piece, arteries, low)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) + float(spacing.mean())
    nearby = binary_dilation(piece, iterations=2)
    lumen_mm3 = float(arteries.filling.array[box][nearby].sum()) * float(np.prod(spacing))
    return line, max(float(np.sqrt(max(lumen_mm3, 0.0) / (np.pi * length))), 0.1 * float(spacing.mean()))


def _to_the_ends(line: NDArray[np.float64], piece: NDArray[np.bool_], arteries: Arteries, low: NDArray) -> NDArray[np.float64]:
    """Course drawn on straight at both ends while it stays in the piece: thinning shortens what is short already."""
    grid = arteries.mask.grid
    side = float(grid.spacing_mm.mean())
    for _ in range(2):
        line = line[::-1]
        way = line[0] - line[min(4, len(line) - 1)]
        size = float(np.linalg.norm(way))
        if size == 0:
            return line
        more: list[NDArray[np.float64]] = []
        point = line[0] + way * (side / size)
        while piece[tuple(np.clip(np.round(grid.to_index(point)).astype(int) - low, 0, np.array(piece.shape) - 1))]:
            more.append(point)
            point = point + way * (side / size)
        line = np.vstack([*more[::-1], line])
    return line


def _appended(tree: ArterialTree, node: int, course: NDArray, radius: float) -> ArterialTree:
    """Tree with a straight bridge from a node to the first point of a course, and the course."""
    start = tree.nodes_lps_mm[node]
    pieces = max(1, round(float(np.linalg.norm(course[0] - start))))
    bridge = start + (course[0] - start) * (np.arange(1, pieces)[:, None] / pieces)
    more = np.vstack([bridge, course])
    n = len(tree)
    parent = np.concatenate([tree.parent, [node], np.arange(n, n + len(more) - 1)])
    radii = np.concatenate([tree.radius_mm, np.full(len(more), radius)])
    joined, _ = tree_of(
        np.vstack([tree.nodes_lps_mm, more]), parent, radii, names=(*tree.names, *("",) * len(more)), words=tree.words
    )
    return joined
