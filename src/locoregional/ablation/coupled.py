"""An arrangement tried in the patient's own tissue: all heat or ice together, vessels and organs as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.alerts import Alert
from locoregional.ablation.arrangement import Arrangement
from locoregional.ablation.device import Device
from locoregional.ablation.dissection import Dissection
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.placed import jobs_of, needle_in
from locoregional.ablation.region import Region
from locoregional.ablation.tissue_map import CLASSES, through_vessels, tissue_map
from locoregional.ablation.watched import Watched
from locoregional.ablation.zone import joined
from locoregional.case import Case, Lesion
from locoregional.imaging.resample import isotropic_grid_around
from locoregional.physics.medium import body_temperature_c
from locoregional.progress import Progress, silent

__all__ = ["CoupledRun", "box_for", "run_in_patient"]

SPACING_MM = 2.0
"""Voxels of the trial: the prediction that follows uses half of this."""
BORDER_MM = 15.0
"""Tissue around the zones, so that the border of the box stays near body temperature."""
NEAR_MM = 6.0
"""A structure this near to what is missed is named as the likely reason."""


@dataclass(frozen=True)
class CoupledRun:
    """What the arrangement did in the patient's tissue.

    Attributes
    ----------
    reached : mapping of float [mm] to float
        Share of what each margin needs that died, 0..1; blood in vessels does not count.
    tumour_share : float
        Share of the lesion itself that died.
    missed_near : str
        Structure beside what the required margin misses; empty where nothing is missed or nothing lies near.
    volume_ml : float [ml]
        Volume of dead tissue.
    spacing_mm : float [mm]
        Voxels of the run.
    words : tuple of str
        What the generator did on the way.
    alerts : tuple of Alert
        What the structures beside it receive, worst first.
    """

    reached: Mapping[float, float]
    tumour_share: float
    missed_near: str
    volume_ml: float
    spacing_mm: float = SPACING_MM
    words: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def harms(self) -> tuple[Alert, ...]:
        """Alerts that forbid the arrangement as it stands."""
        return tuple(a for a in self.alerts if a.forbids)


def box_for(plan: Arrangement) -> float:
    """Side of a cube that holds the zones of an arrangement with a border [mm]."""
    spread = float(np.linalg.norm(plan.aims_lps_mm - plan.aims_lps_mm.mean(axis=0), axis=1).max())
    needed = 2.0 * (spread + BORDER_MM) + max(plan.zone.long_axis_mm, plan.zone.short_axis_mm)
    return float(np.ceil(needed / 10.0) * 10.0)


def run_in_patient(
    case: Case,
    lesion: Lesion,
    *,
    energy: Energy,
    device: Device,
    plan: Arrangement,
    region: Region,
    dissections: Iterable[Dissection] = (),
    progress: Progress = silent,
) -> CoupledRun:
    """Nominal run of an arrangement on coarse voxels.

    Parameters
    ----------
    case, lesion
        Patient and target.
    energy, device
        What is used.
    plan : Arrangement
        Where and how.
    region : Region
        What must die.
    dissections : iterable of Dissection
        What is injected before.
    progress : Progress
        Told how far it is.
    """
    spacing_mm = min(SPACING_MM, device.coarsest_mm)
    grid = isotropic_grid_around(plan.aims_lps_mm.mean(axis=0), size_mm=box_for(plan), spacing_mm=spacing_mm)
    tissues = tissue_map(case, lesion, grid, dissections=dissections)
    needles = tuple(
        needle_in(grid, tip_lps_mm=tip, direction_lps=-axis) for tip, axis in zip(plan.tips_lps_mm, plan.axes, strict=True)
    )
    job = Job(
        device=device,
        setting=plan.setting,
        needles=needles,
        properties=tissues.properties,
        spacing_mm=spacing_mm,
        body_c=body_temperature_c(),
        law=energy.law,
        coarseness=2.0,
        progress=progress,
    )
    zones = [energy.simulate(one) for one in jobs_of(job, together=plan.together)]
    zone = joined(zones, needles=job.frames, lethal=energy.lethal)
    dead = through_vessels(zone.dead, tissues)
    watched = Watched.of(tissues, energy, spacing_mm=spacing_mm, organ=lesion.organ.value, coarsen=1)
    blood = tissues.labels == CLASSES.index("blood")

    def died(points: NDArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which points are tissue, not blood that flows through, and which of those died."""
        index = np.round(grid.to_index(points)).astype(int)
        held = np.asarray(((index >= 0) & (index < grid.shape)).all(axis=1))
        gone, flows = np.zeros(len(index), bool), np.zeros(len(index), bool)
        gone[held], flows[held] = dead[tuple(index[held].T)], blood[tuple(index[held].T)]
        return gone, ~flows

    def share(points: NDArray) -> float:
        gone, counts = died(points)
        return float(gone[counts].mean()) if counts.any() else 0.0

    tumour = tissues.tumour.array > 0.5
    gone, counts = died(region.required)
    missed = region.required[~gone & counts]
    return CoupledRun(
        reached={margin: share(points) for margin, points in region.needed.items()},
        tumour_share=float(dead[tumour & ~blood].mean()) if (tumour & ~blood).any() else 0.0,
        missed_near=_nearest(grid.to_index(missed), tissues.structures, lesion.organ.value, spacing_mm=spacing_mm)
        if len(missed)
        else "",
        volume_ml=float(dead.sum()) * spacing_mm**3 * 1e-3,
        spacing_mm=spacing_mm,
        words=zone.words,
        alerts=watched.finely(zone),
    )


def _nearest(missed_index: NDArray, structures: Mapping[str, NDArray[np.bool_]], organ: str, *, spacing_mm: float) -> str:
    """Structure that most of the missed points lie near."""
    from scipy.ndimage import distance_transform_edt

    index = np.round(missed_index).astype(int)
    best, most = "", 0.0
    for name, mask in structures.items():
        if name in (organ, "body", "muscle") or not mask.any():
            continue
        kept = np.clip(index, 0, np.array(mask.shape) - 1)
        near = distance_transform_edt(~mask, sampling=spacing_mm)[tuple(kept.T)] <= NEAR_MM
        if float(near.mean()) > most:
            best, most = name, float(near.mean())
    return best if most >= 0.25 else ""
