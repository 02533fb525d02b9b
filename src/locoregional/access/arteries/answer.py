"""From an angiography to what a reader of arteries wants to know, in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from locoregional.access.arteries.centrelines import tree_in
from locoregional.access.arteries.feeders import Feeder, feeders
from locoregional.access.arteries.injection import Injection, closed_below, tip_node, virtual_injection
from locoregional.access.arteries.segmentation import arteries_in, arteries_of_mask
from locoregional.access.arteries.supply import Supply, supply_of
from locoregional.access.arteries.territories import Territories
from locoregional.access.arteries.tips import Tip, combined, ranked_tips, together
from locoregional.access.arteries.tree import ArterialTree
from locoregional.access.arteries.uncertainty import TipInterval, tip_intervals
from locoregional.access.arteries.visibility import Visibility, visibility_of
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part, silent
from locoregional.sources import read_facts

__all__ = ["ArteryAnswer", "LesionAnswer", "answer_document", "answer_lines", "answered", "traced"]


@dataclass(frozen=True, eq=False)
class LesionAnswer:
    """What the arteries mean for one lesion.

    Attributes
    ----------
    name : str
        Lesion.
    supply : Supply
        Tree, flow, volumes.
    feeders : tuple of Feeder
        The one with the largest share first.
    tips : tuple of Tip
        Places for the catheter, the best first.
    several : tuple of Tip
        Tips that reach the lesion together, where that is more selective than the best single one.
    several_share, several_coverage_share : float
        Share to the lesion of what is given through them, and share of its flow that they reach.
    asked : Injection or None
        What the tip that was asked for would reach.
    intervals : dict of int to TipInterval
        By node of the tips above.
    closed : tuple of str
        What coils close.
    """

    name: str
    supply: Supply
    feeders: tuple[Feeder, ...]
    tips: tuple[Tip, ...]
    several: tuple[Tip, ...]
    several_share: float
    several_coverage_share: float
    asked: Injection | None
    intervals: Mapping[int, TipInterval]
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ArteryAnswer:
    """Tree, territories, what the image misses, and an answer for each lesion."""

    tree: ArterialTree
    territories: Territories
    visibility: Visibility
    lesions: tuple[LesionAnswer, ...]


def traced(
    image: Volume,
    *,
    root_lps_mm: ArrayLike,
    organ: Volume,
    mask: Volume | None = None,
    cuts_lps_mm: Sequence[ArrayLike] = (),
    progress: Progress = silent,
) -> ArterialTree:
    """Arterial tree of an angiography, or of a vessel mask where one is given.

    Parameters
    ----------
    image : Volume
        Angiography.
    root_lps_mm : array_like, shape (3,) [mm]
        Point in the artery from which everything is downstream.
    organ : Volume
        Mask of the organ.
    mask : Volume, optional
        Vessel mask; the image is then not searched.
    cuts_lps_mm : sequence of array_like [mm]
        Points where an artery is closed.
    progress : Progress
        Told how far it is.
    """
    if mask is not None:
        arteries = arteries_of_mask(mask, root_lps_mm=root_lps_mm, cuts_lps_mm=cuts_lps_mm)
    else:
        arteries = arteries_in(
            image, root_lps_mm=root_lps_mm, organ=organ, cuts_lps_mm=cuts_lps_mm, progress=part(progress, 0.0, 0.7)
        )
    return tree_in(arteries, progress=part(progress, 0.7, 1.0))


def answered(
    tree: ArterialTree,
    organ: Volume,
    lesions: Mapping[str, Volume],
    *,
    structures: Mapping[str, Volume] | None = None,
    named: Mapping[str, str] | None = None,
    tip_lps_mm: ArrayLike | None = None,
    coils_lps_mm: Sequence[ArrayLike] = (),
    tumour_factor: float = 1.0,
    members: int = 40,
    seed: int = 1,
    progress: Progress = silent,
) -> ArteryAnswer:
    """Feeders, tips and intervals for each lesion.

    Parameters
    ----------
    tree : ArterialTree
        Arteries.
    organ : Volume
        Mask of the organ, lesions included.
    lesions : dict of str to Volume
        Masks on the organ's grid.
    structures, named
        Where arteries may lead outside.
    tip_lps_mm : array_like, shape (3,), optional [mm]
        A tip to look at.
    coils_lps_mm : sequence of array_like [mm]
        Where coils lie.
    tumour_factor : float
        Arterial flow per volume of lesion over that of the organ.
    members : int
        Changed trees behind the intervals; 0 gives none.
    seed : int
        The same seed gives the same intervals.
    progress : Progress
        Told how far it is.
    """
    found: list[LesionAnswer] = []
    parts: Territories | None = None
    for number, (name, lesion) in enumerate(lesions.items()):
        step = part(progress, number / len(lesions), (number + 1) / len(lesions))
        step(0.0, f"territories and lesion {name}")
        supply, parts = supply_of(tree, organ, lesion, structures=structures, named=named, tumour_factor=tumour_factor)
        ways = feeders(supply)
        closed: tuple[str, ...] = ()
        if coils_lps_mm:
            whole_ml = float(supply.lesion_ml.sum())
            supply = closed_below(supply, [tip_node(tree, point) for point in coils_lps_mm])
            lost = 1.0 - float(supply.lesion_ml.sum()) / whole_ml if whole_ml > 0 else 0.0
            closed = (
                f"the coils leave {100 * lost:.0f} % of the lesion without its artery; the shares below are of what is still "
                "fed, and feeders are listed as they were before",
                "flow by collaterals is not modelled",
            )
        tips = ranked_tips(supply)
        several = together(supply)
        share, reached = combined(several)
        if len(several) < 2 or (tips and tips[0].safe and tips[0].covers and tips[0].injection.tumour_share >= share):
            several, share, reached = (), 0.0, 0.0
        asked = virtual_injection(supply, tip_node(supply.tree, tip_lps_mm)) if tip_lps_mm is not None else None
        nodes = dict.fromkeys([*(t.injection.node for t in (*tips, *several)), *([asked.node] if asked else [])])
        intervals: dict[int, TipInterval] = {}
        if members and nodes:
            order = np.array(list(nodes), dtype=np.int64)
            made = tip_intervals(supply, order, organ, lesion, members=members, seed=seed, progress=part(step, 0.2, 1.0))
            intervals = {int(node): interval for node, interval in zip(order, made, strict=True)}
        found.append(LesionAnswer(name, supply, ways, tips, several, share, reached, asked, intervals, closed))
    if parts is None:
        from locoregional.access.arteries.territories import territories

        parts = territories(tree, organ, structures=structures, named=named)
    return ArteryAnswer(tree, parts, visibility_of(tree, parts), tuple(found))


def answer_lines(answer: ArteryAnswer) -> list[str]:
    """The answer as lines of text."""
    lines = [f"arteries: {len(answer.tree.segments)} segments, {len(answer.tree.terminals)} ends"]
    lines += [f"  {words}" for words in (*answer.tree.words, *answer.visibility.words)]
    lines += [f"  {words}" for words in _assumed(answer)]
    for lesion in answer.lesions:
        lines.append(f"lesion {lesion.name}")
        lines += [f"  {words}" for words in lesion.closed]
        lines += [f"  feeder {n}: {feeder.words}" for n, feeder in enumerate(lesion.feeders, start=1)]
        if not lesion.tips:
            lines.append("  no artery on the way to the lesion is wide enough for a microcatheter")
        for n, tip in enumerate(lesion.tips, start=1):
            lines += _tip_lines(f"tip {n}", tip.place_lps_mm, tip.words, lesion.intervals.get(tip.injection.node))
        if lesion.several:
            lines.append(
                f"  {len(lesion.several)} tips together: {100 * lesion.several_share:.0f} % to the lesion, "
                f"{100 * lesion.several_coverage_share:.0f} % of its flow reached"
            )
        for n, tip in enumerate(lesion.several, start=1):
            lines += _tip_lines(f"together, tip {n}", tip.place_lps_mm, tip.words, lesion.intervals.get(tip.injection.node))
        if lesion.asked is not None:
            node = lesion.asked.node
            x, y, z = (float(v) for v in lesion.supply.tree.nodes_lps_mm[node])
            lines += _tip_lines("the tip asked for", (x, y, z), lesion.asked.words, lesion.intervals.get(node))
    return lines


def _assumed(answer: ArteryAnswer) -> tuple[str, ...]:
    """What the numbers rest on without a published source."""
    facts = read_facts(__package__)
    factor = answer.lesions[0].supply.tumour_factor if answer.lesions else 1.0
    beyond, spread, lost = (100 * float(facts[name]) for name in ("drop.beyond", "radius.relative_sd", "ends.lost"))
    return (
        f"assumed: the lesion takes {factor:g} times the arterial flow of the organ per millilitre; particles follow the flow",
        f"unverified: {beyond:.0f} % of the pressure drop lies beyond the ends, by the cube of their radius; "
        f"microcatheters need {float(facts['microcatheter.least_diameter']):g} mm; radii right within {spread:.0f} % (1 SD); "
        f"up to {2 * lost:.0f} % of the thinnest ends are seen by chance",
    )


def _tip_lines(title: str, place: tuple[float, float, float], words: Sequence[str], interval: TipInterval | None) -> list[str]:
    lines = [f"  {title} at ({place[0]:.1f}, {place[1]:.1f}, {place[2]:.1f}):", *(f"    {said}" for said in words)]
    if interval is not None:
        (a, b), (c, d) = interval.tumour_share, interval.coverage_share
        lines.append(
            f"    over {interval.members} changed trees (90 %): {100 * a:.0f} to {100 * b:.0f} % to the lesion, "
            f"{100 * c:.0f} to {100 * d:.0f} % of its flow reached"
        )
    return lines


def answer_document(answer: ArteryAnswer) -> dict[str, Any]:
    """The answer as plain JSON."""
    return {
        "schema": 1,
        "coordinates": "LPS mm",
        "tree": {
            "segments": len(answer.tree.segments),
            "ends": {str(node): where for node, where in answer.territories.ends.items()},
            "words": list(answer.tree.words),
        },
        "assumed_of_flow": list(_assumed(answer)),
        "visibility": {
            "least_radius_mm": answer.visibility.least_radius_mm,
            "beyond_share": answer.visibility.beyond_share,
            "unseen_share": answer.visibility.unseen_share,
            "forks_off": answer.visibility.forks_off,
            "words": list(answer.visibility.words),
        },
        "lesions": {lesion.name: _lesion_document(lesion) for lesion in answer.lesions},
    }


def _lesion_document(lesion: LesionAnswer) -> dict[str, Any]:
    def injection(found: Injection) -> dict[str, Any]:
        interval = lesion.intervals.get(found.node)
        return {
            "node": found.node,
            "place_lps_mm": [float(v) for v in lesion.supply.tree.nodes_lps_mm[found.node]],
            "tumour_share": found.tumour_share,
            "organ_share": found.organ_share,
            "elsewhere_share": found.elsewhere_share,
            "coverage": found.coverage_share,
            "lesion_ml": found.lesion_ml,
            "organ_ml": found.organ_ml,
            "leads_out": list(found.leads_out),
            "lost_ends": found.lost_ends,
            "interval": None
            if interval is None
            else {
                "level": 0.9,
                "tumour_share": list(interval.tumour_share),
                "coverage": list(interval.coverage_share),
                "elsewhere_share": list(interval.elsewhere_share),
                "leads_out_share": interval.leads_out_share,
                "members": interval.members,
            },
            "words": list(found.words),
        }

    def tips(found: Sequence[Tip]) -> list[dict[str, Any]]:
        return [
            {**injection(t.injection), "diameter_mm": t.diameter_mm, "safe": t.safe, "covers": t.covers, "words": list(t.words)}
            for t in found
        ]

    return {
        "tumour_factor": lesion.supply.tumour_factor,
        "feeders": [
            {
                "node": f.node,
                "lesion_share": f.lesion_share,
                "shell_share": f.shell_share,
                "tip_lps_mm": list(f.tip_lps_mm),
                "length_mm": f.length_mm,
                "narrowest_mm": f.narrowest_mm,
                "turns": f.turns,
                "words": f.words,
            }
            for f in lesion.feeders
        ],
        "tips": tips(lesion.tips),
        "together": tips(lesion.several),
        "together_share": lesion.several_share,
        "together_coverage": lesion.several_coverage_share,
        "asked": None if lesion.asked is None else injection(lesion.asked),
    }
