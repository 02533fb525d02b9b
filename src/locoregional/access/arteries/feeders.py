"""Which arteries feed a lesion, and how to get there."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.access.arteries.supply import Supply

__all__ = ["Feeder", "feeders"]

LEAST = 0.02
"""Share of lesion and shell below which an artery is no feeder worth naming."""


@dataclass(frozen=True)
class Feeder:
    """An artery that ends in or near a lesion.

    Attributes
    ----------
    node : int
        Terminal node.
    lesion_share, shell_share : float
        Share of the lesion's volume, and of the shell around it, that it supplies.
    tip_lps_mm : tuple of float
        Where it ends [mm].
    length_mm : float
        Way from the root [mm].
    narrowest_mm : float
        Least diameter on the way [mm].
    turns : int
        Forks to be passed on the way.
    words : str
        All that in a sentence.
    """

    node: int
    lesion_share: float
    shell_share: float
    tip_lps_mm: tuple[float, float, float]
    length_mm: float
    narrowest_mm: float
    turns: int
    words: str


def feeders(supply: Supply, *, threshold: float = LEAST) -> tuple[Feeder, ...]:
    """Arteries that supply a lesion, the one with the largest share first.

    Parameters
    ----------
    supply : Supply
        Tree, territories and lesion.
    threshold : float
        Least share of the lesion or of its shell that counts.
    """
    tree = supply.tree
    lesion = supply.lesion_ml / supply.lesion_ml.sum()
    shell = supply.shell_ml / max(float(supply.shell_ml.sum()), 1e-12)
    found = []
    for node in tree.terminals:
        if lesion[node] < threshold and shell[node] < threshold:
            continue
        path = tree.path(int(node))
        length = float(tree.length_mm[path].sum())
        narrow = 2.0 * float(tree.radius_mm[path].min())
        turns = int((tree.branches[path[1:-1]] > 1).sum())
        x, y, z = (float(v) for v in tree.nodes_lps_mm[node])
        course = tree.course(int(node))
        words = (
            f"supplies {100 * lesion[node]:.0f} % of the lesion and {100 * shell[node]:.0f} % of the tissue around it; "
            f"{length:.0f} mm from the root past {turns} forks, {narrow:.1f} mm wide at its narrowest"
            + (f"; by way of {course}" if course else "")
        )
        found.append(Feeder(int(node), float(lesion[node]), float(shell[node]), (x, y, z), length, narrow, turns, words))
    return tuple(sorted(found, key=lambda f: (-f.lesion_share, -f.shell_share)))
