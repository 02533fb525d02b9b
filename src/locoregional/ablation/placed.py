"""Needles of a patient in the grid of a simulation, and the ablations they make: at once, or one after another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from locoregional.ablation.energy import Job
from locoregional.ablation.needle import Needle
from locoregional.imaging.volume import Grid

__all__ = ["jobs_of", "needle_in"]


def needle_in(grid: Grid, *, tip_lps_mm: ArrayLike, direction_lps: ArrayLike) -> Needle:
    """Needle in the frame of an isotropic grid: millimetres along (slice, row, column) from the centre of the first voxel.

    Parameters
    ----------
    grid : Grid
        Of the simulation.
    tip_lps_mm, direction_lps : array_like, shape (3,)
        Tip, and unit vector from the skin to it, in patient space.
    """
    tip = grid.to_index(np.asarray(tip_lps_mm, dtype=float)) * grid.spacing_mm
    way = grid.directions.T @ np.asarray(direction_lps, dtype=float)
    return Needle((float(tip[0]), float(tip[1]), float(tip[2])), (float(way[0]), float(way[1]), float(way[2])))


def jobs_of(job: Job, *, together: bool) -> tuple[Job, ...]:
    """The job itself where its needles work at once, else one job per needle."""
    return (job,) if together else tuple(replace(job, needles=(needle,)) for needle in job.needles)
