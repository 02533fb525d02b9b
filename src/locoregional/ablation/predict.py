"""Zones in a homogeneous block of tissue: what a vendor chart states, simulated; templates for the choice of a setting."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from locoregional.ablation.device import Device, Setting
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.needle import Needle
from locoregional.ablation.runs import run_all
from locoregional.ablation.size import ZoneSize
from locoregional.ablation.zone import Zone
from locoregional.physics.medium import body_temperature_c
from locoregional.physics.properties import homogeneous
from locoregional.progress import Progress, silent
from locoregional.sources import read_facts

__all__ = ["TISSUE_OF_ORGAN", "block_job", "predict_zone", "simulate_block", "zone_table"]

BLOCK_MM = 100.0
"""Side of the block: its border stays within 1 K of the start after the longest treatments in use."""
COLD_BLOCK_MM = 140.0
"""Side of the block for cold: ice of the largest probe in tissue with little blood stays clear of its border."""
TISSUE_OF_ORGAN = {
    "liver": "liver", "lung": "lung", "adrenal": "adrenal", "bone": "bone_cancellous", "soft_tissue": "muscle",
}  # fmt: skip
"""Tissue that stands for an organ in a block."""


def block_job(
    device: Device,
    setting: Setting,
    *,
    tissue: str = "liver",
    perfused: bool = True,
    perfusion_share: float = 1.0,
    start_c: float | None = None,
    spacing_mm: float | None = None,
    side_mm: float = BLOCK_MM,
    law: str = "",
    snapshots_s: tuple[float, ...] = (),
    parallel: bool = False,
) -> Job:
    """Ablation in the middle of a homogeneous cube.

    Parameters
    ----------
    device, setting
        What is used, and how.
    tissue : str
        Name of a tissue.
    perfused : bool
        Living tissue at body temperature; False: ex vivo, from room temperature.
    perfusion_share : float
        Perfusion as a share of the tissue's own.
    start_c : float, optional
        Another start temperature.
    spacing_mm, side_mm : float
        Voxel and cube side; voxels are those of the device's template unless stated.
    law : str
        Name of the damage law; empty: the energy's own.
    snapshots_s : tuple of float
        Times at which the temperature is kept.
    parallel : bool
        Use all threads.
    """
    spacing_mm = device.coarsest_mm if spacing_mm is None else spacing_mm
    n = round(side_mm / spacing_mm) + 1
    block = homogeneous(tissue, shape=(n, n, n), perfused=perfused)
    if perfused and perfusion_share != 1.0:
        medium = block.medium
        block = replace(block, medium=replace(medium, perfusion_heat_w_m3k=perfusion_share * medium.full("perfusion_heat_w_m3k")))
    start = body_temperature_c() if perfused else float(read_facts(__package__)["exvivo.start_temperature"])
    middle = 0.5 * side_mm
    return Job(
        device=device,
        setting=setting,
        needles=(Needle((middle, middle, middle + 10.0), (0.0, 0.0, 1.0)),),
        properties=block,
        spacing_mm=spacing_mm,
        body_c=start if start_c is None else start_c,
        law=law,
        coarseness=1.5,
        snapshots_s=snapshots_s,
        parallel=parallel,
    )


def simulate_block(energy: Energy, device_name: str, setting: Setting, **options: object) -> Zone:
    """Zone of a device in a homogeneous block, with its maps; options as for :func:`block_job`."""
    if energy.lethal == "cold":
        options = {"side_mm": COLD_BLOCK_MM, **options}
    job = block_job(energy.devices()[device_name], setting, **options)  # type: ignore[arg-type]
    return energy.simulate(job if job.law else replace(job, law=energy.law))


@lru_cache(maxsize=512)
def predict_zone(energy: Energy, device_name: str, setting: Setting, tissue: str = "liver", perfused: bool = True) -> ZoneSize:
    """Axes and volume of a device's zone in a homogeneous tissue; remembered, so that a plan can ask often."""
    return simulate_block(energy, device_name, setting, tissue=tissue, perfused=perfused).size


def zone_table(
    energy: Energy, device_name: str, *, tissue: str = "liver", perfused: bool = True, progress: Progress = silent
) -> dict[Setting, ZoneSize]:
    """Zones for every setting that a device offers to a plan, two at a time.

    Parameters
    ----------
    energy, device_name, tissue, perfused
        As for :func:`predict_zone`.
    progress : Progress
        Told after each zone.

    Returns
    -------
    dict
        Setting to size.
    """
    settings = energy.devices()[device_name].settings
    sizes = run_all(
        lambda setting: predict_zone(energy, device_name, setting, tissue, perfused),
        settings,
        progress=progress,
        what=f"zones of {device_name}",
    )
    return dict(zip(settings, sizes, strict=True))
