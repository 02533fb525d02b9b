"""Arterial trees on disk: JSON for programs, curves for 3D Slicer; and trees grown in the phantom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from locoregional.access.arteries.tree import ArterialTree
from locoregional.errors import PlanningError
from locoregional.imaging.atomic import atomic_path
from locoregional.imaging.markups import Markup, write_markups
from locoregional.imaging.phantom.arterial_growth import GrownArteries

__all__ = ["grown_tree", "read_tree", "tree_document", "write_tree", "write_tree_markups"]

SCHEMA = 1
"""Version of the JSON form."""


def tree_document(tree: ArterialTree) -> dict[str, Any]:
    """Tree as plain JSON: LPS mm, parents by number, radii."""
    return {
        "schema": SCHEMA,
        "coordinates": "LPS mm",
        "nodes_lps_mm": np.round(tree.nodes_lps_mm, 4).tolist(),
        "parent": tree.parent.tolist(),
        "radius_mm": np.round(tree.radius_mm, 5).tolist(),
        "names": list(tree.names) if any(tree.names) else [],
        "words": list(tree.words),
    }


def write_tree(tree: ArterialTree, path: str | Path, *, overwrite: bool = False) -> None:
    """Write a tree as JSON, whole or not at all.

    Raises
    ------
    ImagingError
        If the file exists and may not be replaced.
    """
    with atomic_path(path, overwrite=overwrite) as part:
        part.write_text(json.dumps(tree_document(tree)) + "\n", encoding="utf-8")


def read_tree(path: str | Path) -> ArterialTree:
    """Tree of a JSON file.

    Raises
    ------
    PlanningError
        If the file holds no tree of this form.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA or document["coordinates"] != "LPS mm":
            raise PlanningError("a tree of another form", where=str(path), remedy="Write it again with this version.")
        return ArterialTree(
            np.array(document["nodes_lps_mm"], dtype=float),
            np.array(document["parent"], dtype=np.int64),
            np.array(document["radius_mm"], dtype=float),
            tuple(document["names"]),
            tuple(document["words"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as problem:
        if isinstance(problem, PlanningError):
            raise
        raise PlanningError(f"not a tree: {problem}", where=str(path), remedy="Give a file that write_tree made.") from problem


def write_tree_markups(tree: ArterialTree, path: str | Path, *, overwrite: bool = False) -> None:
    """Write each segment as a curve for 3D Slicer; the label of a point is the diameter there.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    path : path
        File ending in ``.mrk.json``.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ImagingError
        If the name has another ending, or the file may not be replaced.
    """
    markups = []
    for number, nodes in enumerate(tree.segments):
        chain = np.concatenate([tree.parent[nodes[:1]], nodes])
        wide = 2.0 * float(tree.radius_mm[nodes].mean())
        name = tree.names[nodes[0]] or f"artery {number}"
        labels = tuple(f"{2 * r:.1f} mm" for r in tree.radius_mm[chain])
        markups.append(Markup("Curve", name, tree.nodes_lps_mm[chain], labels, f"{wide:.1f} mm wide"))
    write_markups(markups, path, overwrite=overwrite)


def grown_tree(arteries: GrownArteries) -> tuple[ArterialTree, dict[str, str]]:
    """Tree of the phantom's true arteries, and where its named side arteries lead.

    Parameters
    ----------
    arteries : GrownArteries
        As grown.

    Returns
    -------
    ArterialTree
    dict of str to str
        Destination by name, of the arteries that leave the liver.
    """
    tree = ArterialTree(arteries.nodes_lps_mm, arteries.parent, arteries.radius_mm, arteries.name)
    named = {arteries.name[node]: end for node, end in arteries.ends.items() if end != "liver"}
    return tree, named
