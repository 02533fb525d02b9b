"""What a tree traced in an angiography gets right of the phantom's true arteries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.access.arteries.answer import traced
from locoregional.access.arteries.feeders import feeders
from locoregional.access.arteries.files import grown_tree
from locoregional.access.arteries.injection import tip_node, virtual_injection
from locoregional.access.arteries.supply import Supply, supply_of
from locoregional.access.arteries.tips import candidate_nodes
from locoregional.access.arteries.tree import ArterialTree
from locoregional.imaging.phantom.arterial_scan import ArterialPhantom, arterial_phantom
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part, silent

__all__ = ["Found", "branch_dice", "found_in_phantom", "matched_feeders"]

FEEDS = 0.10
"""Share of a lesion from which an end counts as its feeder."""
LESIONS = 6
"""Balls set at random into the liver, beside the painted metastasis."""
WIDE_MM, LONG_MM = 0.5, 6.0
"""Radius and length of a branch into which a catheter is put."""
SIDE = ("right gastric artery", "cystic artery", "gastroduodenal artery", "falciform artery")
"""Arteries downstream of the root that leave the liver."""


@dataclass(frozen=True, eq=False)
class Found:
    """Comparison with the truth.

    Attributes
    ----------
    branch_dice, thin_dice : ndarray
        Overlap of what is downstream of true branches, wide and thin ones.
    recall, precision : float
        Of the feeders of all lesions.
    feeders_true, lesions : int
        How many feeders, and lesions, the two stand on.
    left_out_ml : float
        Organ that no territory holds [ml].
    flow_share : float
        Sum of the flow shares of all ends.
    ratio : float
        Median of found over true radius.
    missed_out : int
        True arteries to other organs that no end tells of.
    lobar_share, selective_share : float
        Share to the painted lesion from its lobar artery, and from the most selective tip.
    """

    branch_dice: NDArray[np.float64]
    thin_dice: NDArray[np.float64]
    recall: float
    precision: float
    feeders_true: int
    lesions: int
    left_out_ml: float
    flow_share: float
    ratio: float
    missed_out: int
    lobar_share: float
    selective_share: float


def found_in_phantom(seed: int, *, spacing_mm: float, noise_sd_hu: float, progress: Progress = silent) -> Found:
    """Make a phantom, trace its arteries, and compare.

    Parameters
    ----------
    seed : int
        Chooses liver, arteries and noise.
    spacing_mm : float [mm]
        Voxel side.
    noise_sd_hu : float [HU]
        Noise.
    progress : Progress
        Told how far it is.
    """
    phantom = arterial_phantom(seed, spacing_mm=spacing_mm, noise_sd_hu=noise_sd_hu, progress=part(progress, 0.0, 0.3))
    truth, _ = grown_tree(phantom.arteries)
    trunk = [node for node, name in enumerate(truth.names) if name == "common hepatic artery"]
    tree = traced(phantom.image, root_lps_mm=truth.nodes_lps_mm[trunk[1]], organ=phantom.liver, progress=part(progress, 0.3, 0.8))
    progress(0.8, "comparing")
    supply, parts = supply_of(tree, phantom.liver, phantom.lesion, structures=phantom.structures)
    labels = phantom.arteries.territories(phantom.liver)
    wide, thin = branch_dice(truth, labels, tree, parts.labels, phantom)
    hits, wanted, right, said, lesions = 0, 0, 0, 0, _lesions(phantom, seed)
    for lesion in lesions:
        other = supply
        if lesion is not phantom.lesion:
            other = Supply(tree, supply.ends, supply.flow, *_counted(parts.labels, lesion, len(tree)), 1.0)
        a, b, c, d = matched_feeders(truth, labels, other, lesion)
        hits, wanted, right, said = hits + a, wanted + b, right + c, said + d
    near = _near(truth, tree)
    organ_ml = float((phantom.liver.array).sum() * phantom.liver.grid.voxel_ml)
    lobar = virtual_injection(supply, tip_node(tree, _lobar_place(truth, supply, tree), most_mm=4.0))
    best = max((virtual_injection(supply, int(k)).tumour_share for k in candidate_nodes(supply)), default=0.0)
    return Found(
        wide,
        thin,
        hits / max(1, wanted),
        right / max(1, said),
        wanted,
        len(lesions),
        organ_ml - float(sum(parts.volume_ml.values())),
        float(supply.flow.share[tree.terminals].sum()),
        float(np.median(near)),
        _missed(truth, supply),
        lobar.tumour_share,
        best,
    )


def branch_dice(
    truth: ArterialTree, true_labels: Volume, tree: ArterialTree, labels: Volume, phantom: ArterialPhantom
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Dice of what is downstream of the middle of each true branch and of the nearest place in the tree, wide and thin ones."""
    inside = phantom.liver.array
    true_owner, owner = true_labels.array[inside], labels.array[inside]
    feeds = np.bincount([k for k, end in phantom.arteries.ends.items() if end == "liver"], minlength=len(truth))
    below = truth.summed(feeds)
    wide: list[float] = []
    thin: list[float] = []
    for nodes in truth.segments:
        middle = int(nodes[len(nodes) // 2])
        if not 0 < below[middle] < below[0] or truth.length_mm[nodes].sum() < LONG_MM:
            continue
        place, _ = tree.nearest(truth.nodes_lps_mm[middle])
        a, b = truth.downstream(middle)[true_owner], tree.downstream(place)[owner]
        dice = 2.0 * float((a & b).sum()) / max(1.0, float(a.sum() + b.sum()))
        (wide if truth.radius_mm[middle] >= WIDE_MM else thin).append(dice)
    return np.array(wide), np.array(thin)


def matched_feeders(truth: ArterialTree, true_labels: Volume, supply: Supply, lesion: Volume) -> tuple[int, int, int, int]:
    """True feeders found, true feeders, found feeders that are right, found feeders.

    An end found and a true end match where the true artery nearest to the end found lies on the way to the true end, and at most
    one other end of the liver is fed from there.
    """
    tree = supply.tree
    share = np.bincount(true_labels.array[lesion.array], minlength=len(truth)) / lesion.array.sum()
    ends = np.bincount(truth.terminals, minlength=len(truth))
    below = truth.summed(ends)
    said = {f.node: f.lesion_share for f in feeders(supply, threshold=FEEDS / 2)}
    places = {node: truth.nearest(tree.nodes_lps_mm[node])[0] for node in said}
    ways = {int(k): set(truth.path(int(k)).tolist()) for k in np.flatnonzero(share >= FEEDS / 2)}

    def match(node: int, true_end: int) -> bool:
        return places[node] in ways[true_end] and below[places[node]] <= 2

    wanted = [k for k in ways if share[k] >= FEEDS]
    told = [node for node, part_of in said.items() if part_of >= FEEDS]
    hits = sum(any(match(node, k) for node in said) for k in wanted)
    right = sum(any(match(node, k) for k in ways) for node in told)
    return hits, len(wanted), right, len(told)


def _lesions(phantom: ArterialPhantom, seed: int) -> list[Volume]:
    """The painted metastasis, and balls of 20 to 32 mm that lie in the liver."""
    rng = np.random.default_rng([seed, 79])
    grid, inside = phantom.liver.grid, phantom.liver.array
    voxels = np.argwhere(inside)
    found = [phantom.lesion]
    z, y, x = np.ogrid[: inside.shape[0], : inside.shape[1], : inside.shape[2]]
    while len(found) <= LESIONS:
        c = voxels[rng.integers(len(voxels))]
        r = rng.uniform(10.0, 16.0) / grid.spacing_mm[0]
        ball = (z - c[0]) ** 2 + (y - c[1]) ** 2 + (x - c[2]) ** 2 <= r * r
        if (ball & inside).sum() > 0.9 * ball.sum():
            found.append(phantom.liver.on(ball & inside))
    return found


def _counted(labels: Volume, lesion: Volume, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    voxel_ml = labels.grid.voxel_ml
    inside = np.bincount(labels.array[lesion.array], minlength=n).astype(np.float64) * voxel_ml
    whole = np.bincount(labels.array[labels.array >= 0], minlength=n).astype(np.float64) * voxel_ml
    return inside, whole - inside, np.zeros(n)


def _near(truth: ArterialTree, tree: ArterialTree) -> NDArray[np.float64]:
    from scipy.spatial import cKDTree

    far, nearest = cKDTree(tree.nodes_lps_mm).query(truth.nodes_lps_mm)
    close = far < 1.5
    return np.asarray(tree.radius_mm[nearest[close]] / truth.radius_mm[close])


def _missed(truth: ArterialTree, supply: Supply) -> int:
    """Side arteries none of whose course (beyond its first third) carries an end that is told as leading out."""
    ends = [supply.tree.nodes_lps_mm[node] for node, where in supply.ends.items() if where != "organ"]
    missed = 0
    for name in SIDE:
        course = truth.nodes_lps_mm[[k for k, called in enumerate(truth.names) if called == name]]
        far = min(float(np.linalg.norm(course[len(course) // 3 :] - end, axis=1).min()) for end in ends) if ends else np.inf
        missed += bool(far > 4.0)
    return missed


def _lobar_place(truth: ArterialTree, supply: Supply, tree: ArterialTree) -> NDArray[np.float64]:
    """Middle of the right or left hepatic artery, whichever carries more of the lesion's flow."""
    places = []
    for name in ("right hepatic artery", "left hepatic artery"):
        nodes = [k for k, called in enumerate(truth.names) if called == name]
        places.append(truth.nodes_lps_mm[nodes[len(nodes) // 2 if len(nodes) < 15 else 3]])
    reached = [virtual_injection(supply, tree.nearest(place)[0]).coverage_share for place in places]
    return places[int(np.argmax(reached))]
