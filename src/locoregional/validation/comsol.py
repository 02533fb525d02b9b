"""A published tutorial model: a coaxial-slot antenna of 10 W at 2.45 GHz in liver whose properties stay as they are.

Nothing boils, dries or dies here, as in the tutorial. The temperature is solved twice: on rings around the axis, a sheet of
voxels whose properties grow with the radius, and on the cube of voxels that plans are made on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np

from locoregional.ablation.needle import Needle
from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.medium import Medium
from locoregional.procedures.mwa.antenna import AntennaModel
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.field import Field
from locoregional.procedures.mwa.source import NeedleGrid
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["Rings", "heat_rings", "heat_voxels", "rows", "solved"]

TOPIC = "Microwave tutorial model"
POWER_W, BODY_C = 10.0, 37.0
PERMITTIVITY, CONDUCTIVITY_S_M = 43.03, 1.69
K, C, W = 0.52, 1079.0 * 3540.0, 0.0036 * 1000.0 * 3639.0
WIDE_M, BEHIND_M, AHEAD_M = 0.03, 0.04, 0.02
"""Tissue around the axis, behind the tip and ahead of it."""
ASKED_S = 600.0
STEADY_S = 2400.0
"""Eight times the time constant of the blood: what is left to rise is less than a thousandth."""


@dataclass(frozen=True)
class Rings:
    """Temperatures [C] by time on rings (z, r) around the antenna, their places [m], and the power [W] that heats them."""

    z_m: np.ndarray
    r_m: np.ndarray
    temperature_c: dict[float, np.ndarray]
    power_w: float


def solved(coarseness: float = 1.0) -> tuple[AntennaModel, Field]:
    """Antenna of the tutorial in its liver, per watt sent to it."""
    model = AntennaModel(device("coaxial-slot").antenna, coarseness=coarseness)
    return model, model.solve(permittivity=PERMITTIVITY, conductivity_s_m=CONDUCTIVITY_S_M)


def heat_rings(model: AntennaModel, sar_w_m3: np.ndarray, *, spacing_mm: float, times_s: tuple[float, ...]) -> Rings:
    """Heat the tissue outside the antenna on rings; no heat leaves through the surface of the antenna or the tissue.

    Parameters
    ----------
    model : AntennaModel
        Antenna and its mesh.
    sar_w_m3 : ndarray
        Heat of ``POWER_W`` on the mesh (z, r).
    spacing_mm : float
        Width and height of a ring.
    times_s : tuple of float
        When to look, the last ends the run.
    """
    h, fine = spacing_mm * 1e-3, 8
    inner = 1e-3 * model.antenna.radius_mm
    r = inner + (np.arange(round((WIDE_M - inner) / h)) + 0.5) * h
    z = (np.arange(round((BEHIND_M + AHEAD_M) / h)) + 0.5) * h - AHEAD_M
    points = (np.arange(fine) + 0.5) / fine - 0.5
    iz, ir = (
        np.searchsorted(lines, (at[:, None] + h * points).ravel()) - 1 for lines, at in ((model.mesh.z_m, z), (model.mesh.r_m, r))
    )
    weight = (r[:, None] + h * points).ravel()
    power = sar_w_m3[np.ix_(iz, ir)] * weight  # per radian, as a ring counts with its radius
    source = power.reshape(len(z), fine, len(r), fine).mean(axis=(1, 3)) / r
    sheet = np.broadcast_to(r / inner, (len(z), 3, len(r)))
    found = simulate_heating(
        Medium(conductivity_w_mk=K * sheet, volumetric_heat_capacity_j_m3k=C * sheet, perfusion_heat_w_m3k=W * sheet),
        source=source[:, None] * sheet,
        duration_s=times_s[-1],
        spacing_m=(h, h, h),
        snapshots_s=times_s,
        body_temperature_c=BODY_C,
        insulated=True,
    )
    at = {time_s: image[:, 1] for time_s, image in found.snapshots.items()}
    return Rings(z, r, at, float(2.0 * np.pi * h**2 * np.sum(source * r)))


def heat_voxels(model: AntennaModel, sar_w_m3: np.ndarray, *, spacing_mm: float, time_s: float) -> np.ndarray:
    """Temperatures [C] at the height of the slot by voxels away from the axis, on a cube as plans use it.

    Parameters
    ----------
    model, sar_w_m3 : AntennaModel, ndarray
        As for :func:`heat_rings`.
    spacing_mm, time_s : float
        Voxel and time.
    """
    shape = (round(2e3 * WIDE_M / spacing_mm) + 1,) * 2 + (round(1e3 * (BEHIND_M + AHEAD_M) / spacing_mm) + 1,)
    centre = spacing_mm * (shape[0] // 2)
    height = round((1e3 * AHEAD_M + _slot_mm(model)) / spacing_mm)
    tip = height * spacing_mm - _slot_mm(model)
    needle = Needle((centre, centre, tip), (0.0, 0.0, -1.0))
    source, _ = NeedleGrid(model, needle, shape=shape, spacing_mm=spacing_mm).deposit(sar_w_m3)
    found = simulate_heating(
        Medium(conductivity_w_mk=np.full(shape, K), volumetric_heat_capacity_j_m3k=C, perfusion_heat_w_m3k=W),
        source=source,
        duration_s=time_s,
        spacing_m=(1e-3 * spacing_mm,) * 3,
        body_temperature_c=BODY_C,
        insulated=True,
    )
    middle = shape[0] // 2
    return np.asarray(found.temperature_c[middle, middle:, height])


def _slot_mm(model: AntennaModel) -> float:
    """Height of the slot above the tip."""
    edges = model.antenna.edges_mm
    return 0.5 * (edges[-2] + edges[-1])


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on the tutorial model.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    recalled = "the reference is recalled, not read"
    model, field = solved()
    sar = POWER_W * model.tissue_sar(field)
    yield Row(
        TOPIC, "power that heats tissue, of 10 W", POWER_W * model.tissue_share(field), 9.4, "W", inf, "comsolmwct", recalled
    )
    coarse = heat_rings(model, sar, spacing_mm=0.5, times_s=(ASKED_S, STEADY_S))
    progress(0.4, "microwave tutorial")
    steady = coarse.temperature_c[STEADY_S]
    at = np.unravel_index(np.argmax(steady), steady.shape)
    note = f'{1e3 * coarse.z_m[at[0]]:.1f} mm behind the tip; "just above 100 C near the slot" is recalled, not read'
    yield Row(TOPIC, "hottest tissue, steady", float(steady.max()), 100.0, "C", inf, "comsolmwct", note)
    fine = heat_rings(model, sar, spacing_mm=0.25, times_s=(ASKED_S,))
    progress(0.9, "microwave tutorial")
    for off_mm in (2.5, 5.0, 10.0, 15.0):
        value, reference = (_at(rings, model, ASKED_S, off_mm) for rings in (coarse, fine))
        name = f"{off_mm:g} mm off the axis at the slot, 10 min: rings of 0.5 against 0.25 mm"
        yield Row(TOPIC, name, value, reference, "C", 0.01 * (reference - BODY_C), "own refinement")
    voxels = heat_voxels(model, sar, spacing_mm=1.0, time_s=ASKED_S)
    for off_mm in (3.0, 6.0, 9.0, 15.0):
        reference = _at(fine, model, ASKED_S, off_mm)
        note = "voxels of 1 mm; means over a voxel, and the antenna itself taken for tissue with blood"
        name = f"{off_mm:g} mm off the axis at the slot, 10 min: voxels against rings"
        yield Row(
            TOPIC, name, float(voxels[round(off_mm)]), reference, "C", 0.02 * (reference - BODY_C), "own refinement", note
        )  # fmt: skip


def _at(rings: Rings, model: AntennaModel, time_s: float, off_mm: float) -> float:
    """Temperature at the height of the slot."""
    from scipy.interpolate import RegularGridInterpolator

    read = RegularGridInterpolator((rings.z_m, rings.r_m), rings.temperature_c[time_s])
    return float(read([[1e-3 * _slot_mm(model), 1e-3 * off_mm]])[0])
