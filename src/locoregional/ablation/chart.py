"""What every operator asks a vendor's chart: axes and volume of a device's zone in an organ, here with bands and doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.band import draws_of, run_member
from locoregional.ablation.chart_job import Question, job_of, ranges_of
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.runs import run_all
from locoregional.ablation.screening import Influence, draws_on, influences, trajectories
from locoregional.ablation.size import ZoneSize, measure_zone
from locoregional.ablation.zone import Zone
from locoregional.errors import GeometryError, SolverError
from locoregional.progress import Progress, part, silent
from locoregional.sources import Sourced

__all__ = ["ICE_C", "MEASURES", "Chart", "Outline", "chart", "outlines_of"]

FINE_MM, COARSE_MM = 2.0, 3.0
"""Voxels of the nominal run, and of the runs behind the band."""
ICE_C = (0.0, -20.0, -40.0)
"""Isotherms of a frozen zone that are shown: the first is the edge of the ice."""
MEASURES = ("long_mm", "short_mm", "volume_ml", "contracted_long_mm", "contracted_short_mm", "contracted_volume_ml", "ahead_mm")
"""Fields of a zone's size that are shown."""
COARSE_SHARE = 0.1
"""Change of an axis between the two voxel sizes, as a share of it, from which the grid counts as too coarse."""
BORDER_SHARE = 0.05
"""Heat through the border of the block, as a share of all, from which the block counts as too small."""
LARGER = (1.0, 1.4)
"""Blocks that are tried, as shares of the usual side."""
BORDER_MM = 12.0
"""Least distance between a zone and the border."""


@dataclass(frozen=True, eq=False)
class Outline:
    """One surface of a zone, in the nominal run and in all others.

    Attributes
    ----------
    name, words : str
        ``dead``, or an isotherm; and what it is in words.
    size, coarse : ZoneSize
        Nominal, on fine voxels and on coarser ones.
    members : tuple of ZoneSize
        One per run of the band; empty: none was asked for.
    """

    name: str
    words: str
    size: ZoneSize
    coarse: ZoneSize
    members: tuple[ZoneSize, ...] = ()

    def interval(self, measure: str, *, share: float = 0.9) -> tuple[float, float] | None:
        """Band that holds this share of the runs, and the nominal one; None where none was asked for."""
        if not self.members:
            return None
        low, high = np.quantile([getattr(m, measure) for m in self.members], [0.5 - 0.5 * share, 0.5 + 0.5 * share])
        value = getattr(self.size, measure)
        return min(float(low), value), max(float(high), value)

    def refinement(self, measure: str) -> float:
        """Change of a measure from coarse to fine voxels, without its sign: about what the voxels still do to it."""
        return abs(getattr(self.size, measure) - getattr(self.coarse, measure))


@dataclass(frozen=True, eq=False)
class Chart:
    """Answer to one question.

    Attributes
    ----------
    energy : Energy
        Which.
    question : Question
        What was asked.
    zone : Zone
        Nominal run on fine voxels.
    job : Job
        What was run.
    outlines : tuple of Outline
        What died first; of a frozen zone the isotherms as well.
    coverage : ndarray of float32 or None
        Share of the runs in which each coarse voxel died.
    influences : mapping of str to tuple of Influence
        What drives an axis, where screening was asked for.
    warnings : tuple of str
        Doubts about the grid.
    """

    energy: Energy
    question: Question
    zone: Zone
    job: Job
    outlines: tuple[Outline, ...]
    coverage: NDArray[np.float32] | None
    influences: dict[str, tuple[Influence, ...]]
    warnings: tuple[str, ...]

    @property
    def facts(self) -> tuple[Sourced, ...]:
        """Everything the numbers rest on, each once."""
        return tuple({f.key: f for f in (*self.job.device.facts, *self.job.properties.facts)}.values())


def outlines_of(energy: Energy, job: Job, zone: Zone) -> dict[str, ZoneSize]:
    """Sizes of what died and, of a frozen zone, of its isotherms, by name."""
    found = {"dead": zone.size}
    if energy.lethal == "cold":
        frames = replace(job, parallel=False).frames  # called from several threads
        for limit in ICE_C:
            found[f"{limit:g} C"] = measure_zone(frames, level=np.float32(limit) - zone.extreme_c, peak_temperature_c=None)
    return found


def chart(
    energy: Energy, question: Question, *, members: int = 32, walks: int = 0, seed: int = 1, progress: Progress = silent
) -> Chart:
    """Zone of a device in a block of tissue, with its band.

    Parameters
    ----------
    energy : Energy
        Of the device.
    question : Question
        Device, setting, tissue, applicators.
    members : int
        Runs behind the band; 0: only the nominal run.
    walks : int
        Walks of the screening; 0: none.
    seed : int
        The same seed gives the same band.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Chart

    Raises
    ------
    PlanningError
        If the device cannot do this.
    GeometryError
        If the zone reaches the border of the largest block.
    """
    question.device.require(question.setting)
    progress(0.0, "one run on coarse voxels")
    small, rough = _large_enough(energy, question)
    progress(0.05, "the same on fine voxels")
    job = job_of(question, law=energy.law, spacing_mm=FINE_MM, side_mm=small.spacing_mm * (small.properties.shape[0] - 1))
    zone = energy.simulate(job)
    fine, coarse = outlines_of(energy, job, zone), outlines_of(energy, small, rough)
    rest = part(progress, 0.1, 1.0 if not walks else 0.1 + 0.9 * members / (members + 10.0 * walks))
    sizes: list[dict[str, ZoneSize]] = []
    coverage = None
    if members:
        ranges = ranges_of(energy, question)
        draws = draws_of(ranges, members=members, seed=seed)
        counted, lock = np.zeros(small.properties.shape, np.float32), Lock()

        def member(draw: Mapping[str, float]) -> dict[str, ZoneSize]:
            found = run_member(energy, small, draw)
            with lock:
                np.add(counted, found.dead, out=counted)
            return outlines_of(energy, small, found)

        sizes = run_all(member, draws, progress=rest, what="runs with drawn tissue properties")
        coverage = counted / np.float32(members)
    named = {"dead": "tissue that dies", **{f"{t:g} C": f"colder than {t:g} C" for t in ICE_C}}
    named["0 C"] = "ice ball (0 C)"
    outlines = tuple(Outline(n, named[n], fine[n], coarse[n], tuple(s[n] for s in sizes)) for n in fine)
    found = _screening(energy, question, small, walks=walks, seed=seed, progress=part(progress, 0.5, 1.0)) if walks else {}
    progress(1.0, "done")
    return Chart(energy, question, zone, job, outlines, coverage, found, _doubts(outlines, zone))


def _large_enough(energy: Energy, question: Question) -> tuple[Job, Zone]:
    """Nominal run on coarse voxels, in a block with a border around the zone."""
    for factor in LARGER:
        both = FINE_MM * COARSE_MM  # whole voxels of either kind
        side = both * float(np.ceil(factor * question.side_mm / both))
        job = job_of(question, law=energy.law, spacing_mm=COARSE_MM, side_mm=side)
        try:
            zone = energy.simulate(job)
        except SolverError:
            if factor == LARGER[-1]:
                raise
            continue  # ice at the border of the smaller block; whatever else is wrong shows again in the larger one
        edge = int(np.ceil(BORDER_MM / COARSE_MM))
        inner = zone.dead[edge:-edge, edge:-edge, edge:-edge]
        if inner.sum() == zone.dead.sum() and abs(zone.energy.boundary_j) <= BORDER_SHARE * abs(zone.energy.injected_j):
            return job, zone
    if inner.sum() != zone.dead.sum():
        raise GeometryError(
            f"the zone reaches the border of a block of {side:g} mm",
            where=question.setting.words,
            remedy="Use fewer applicators, less power or less time.",
        )
    return job, zone


def _screening(
    energy: Energy, question: Question, job: Job, *, walks: int, seed: int, progress: Progress
) -> dict[str, tuple[Influence, ...]]:
    ranges = ranges_of(energy, question)
    points = trajectories(len(ranges), number=walks, seed=seed)
    sizes = run_all(
        lambda draw: run_member(energy, job, draw).size, draws_on(ranges, points), progress=progress, what="screening"
    )
    return {
        name: influences(tuple(ranges), points, np.array([getattr(s, name) for s in sizes]).reshape(points.shape[:2]))
        for name in ("long_mm", "short_mm", "volume_ml")
    }


def _doubts(outlines: tuple[Outline, ...], zone: Zone) -> tuple[str, ...]:
    doubts = []
    for outline in outlines:
        for measure, words in (("long_mm", "long axis"), ("short_mm", "short axis")):
            value, change = getattr(outline.size, measure), outline.refinement(measure)
            if change > COARSE_SHARE * value and value > 0:
                doubts.append(
                    f"{outline.words}: the {words} changes by {change:.1f} mm from {COARSE_MM:g} to {FINE_MM:g} mm voxels: "
                    "the grid is too coarse for this applicator"
                )
    out = abs(zone.energy.boundary_j) / max(abs(zone.energy.injected_j), 1e-9)
    if out > BORDER_SHARE:
        doubts.append(f"{100 * out:.0f} % of the heat crosses the border of the block, which is held at the start temperature")
    return tuple(doubts)
