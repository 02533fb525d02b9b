"""How much zones grow when neighbouring applicators work at the same time: simulated once in a homogeneous block."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.device import Setting
from locoregional.ablation.energy import Energy
from locoregional.ablation.needle import Needle
from locoregional.ablation.predict import block_job
from locoregional.ablation.zone import Zone

__all__ = ["joint_growth"]

SIDE_MM = 120.0
"""Side of the block: a pair 30 mm apart keeps the distance to its border that a single one has in a template."""
STEPS = 12
"""Halvings of the growth factor: within 0.1 %."""
LARGEST = 2.0
POINTS = 20_000


@lru_cache(maxsize=128)
def joint_growth(energy: Energy, device_name: str, setting: Setting, tissue: str, *, apart_mm: float) -> float:
    """Factor on all axes of the single zone such that two grown zones still lie in the joint zone of two applicators.

    Heat and ice add up, so two applicators at once reach further than one after another. The factor is the largest one at which
    the union of two grown ellipsoids lies in the simulated joint zone as well as one ellipsoid lies in the simulated single zone.

    Parameters
    ----------
    energy, device_name, setting, tissue
        As for :func:`locoregional.ablation.predict.predict_zone`.
    apart_mm : float [mm]
        Distance between the two.

    Returns
    -------
    float
        1 where they do not help each other; below 1 where the joint zone is smaller than two single ones (a shared generator).
    """
    device = energy.devices()[device_name]
    job = block_job(device, setting, tissue=tissue, side_mm=SIDE_MM, spacing_mm=device.coarsest_mm)
    job = job if job.law else replace(job, law=energy.law)
    tip, way = np.array(job.needles[0].tip_mm), np.array(job.needles[0].direction)
    aside = np.array([0.0, 0.5 * apart_mm, 0.0])
    pair = tuple(Needle(tuple(tip + s * aside), tuple(way)) for s in (-1.0, 1.0))
    single = energy.simulate(job)
    if not single.dead.any():
        return 1.0
    joint = energy.simulate(replace(job, needles=pair))
    size = single.size
    back = size.long_mm / 2 - size.ahead_mm
    half = np.array([size.short_mm, size.short_mm, size.long_mm]) / 2
    ball = _ball()
    allowed = _outside(single, [tip - back * way], half, ball, spacing_mm=job.spacing_mm)
    middles = [np.array(n.tip_mm) - back * way for n in pair]
    low, high = 0.5, LARGEST
    for _ in range(STEPS):
        factor = 0.5 * (low + high)
        if _outside(joint, middles, factor * half, ball, spacing_mm=job.spacing_mm) <= allowed + 1.0 / POINTS:
            low = factor
        else:
            high = factor
    return low


def _ball() -> NDArray[np.float64]:
    """Points that fill the unit ball evenly, shape (points, 3)."""
    from scipy.stats import qmc

    cube = 2.0 * qmc.Halton(3, seed=0).random(2 * POINTS) - 1.0
    return np.asarray(cube[(cube**2).sum(axis=1) <= 1.0][:POINTS])


def _outside(zone: Zone, middles: list[NDArray], half_mm: NDArray, ball: NDArray, *, spacing_mm: float) -> float:
    """Share of ellipsoids about the third axis (points of the block in mm) that lies outside a simulated zone."""
    from scipy.ndimage import map_coordinates

    # the template's needles point along the third axis; half axes come as (across, across, along)
    points = np.concatenate([middle + ball * half_mm for middle in middles]) / spacing_mm
    level = map_coordinates(zone.level.astype(np.float32), points.T, order=1, mode="nearest")
    return float((level <= 0).mean())
