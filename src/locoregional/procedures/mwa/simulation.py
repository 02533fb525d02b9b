"""What a planned microwave ablation will do: the zone with its band, in this patient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.case import Case, Outcome, Plan, Quantity
from locoregional.errors import PlanningError
from locoregional.imaging.resample import isotropic_grid_around
from locoregional.imaging.volume import Grid, Volume
from locoregional.physics.damage import damage_model
from locoregional.physics.medium import body_temperature_c
from locoregional.procedures.mwa.devices import device
from locoregional.procedures.mwa.ensemble import Band, ensemble
from locoregional.procedures.mwa.predict import DEFAULT_DAMAGE
from locoregional.procedures.mwa.settings import Settings
from locoregional.procedures.mwa.source import Needle
from locoregional.procedures.mwa.zone import Zone, simulate_zone
from locoregional.procedures.scene import RISK_STRUCTURES
from locoregional.procedures.tissue_map import TissueMap, through_vessels, tissue_map
from locoregional.progress import Progress, part
from locoregional.sources import read_facts

__all__ = ["simulate_microwave"]


def simulate_microwave(case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
    """Predicted outcome of a plan.

    Parameters
    ----------
    case : Case
        Patient.
    plan : Plan
        Feasible plan of this procedure.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Case, Outcome
        Maps ``probability`` (share of model runs in which tissue dies), ``zone`` (nominal run) and ``peak_temperature`` on the
        grid of the simulation, and the numbers with their bands.

    Raises
    ------
    PlanningError
        If the plan has no needle or foreign settings.
    """
    settings = plan.settings
    if not plan.needles or not isinstance(settings, Settings):
        raise PlanningError("the plan has no needle for a microwave ablation", where=plan.id, remedy="Plan again.")
    lesion = case.lesion(plan.lesion_id)
    entry, tip = (np.array(p) for p in (plan.needles[0].entry_lps_mm, plan.needles[0].tip_lps_mm))
    direction = (tip - entry) / np.linalg.norm(tip - entry)
    middle = tip - direction * (settings.expected_long_mm / 2 - settings.expected_ahead_mm)
    grid = isotropic_grid_around(middle, size_mm=settings.box_mm, spacing_mm=settings.spacing_mm)
    progress(0.0, "mapping tissues")
    tissues = tissue_map(case, lesion, grid)
    needle = _needle_in(grid, tip, direction)
    antenna = device(settings.device)
    body = body_temperature_c()
    run = {
        "device": antenna,
        "power_w": settings.power_w,
        "time_s": settings.time_s,
        "needle": needle,
        "medium": tissues.medium,
        "spacing_mm": settings.spacing_mm,
        "body_temperature_c": body,
    }
    zone = simulate_zone(**run, damage=damage_model(DEFAULT_DAMAGE), parallel=True, progress=part(progress, 0.05, 0.3))  # type: ignore[arg-type]
    band = ensemble(**run, members=settings.members, seed=settings.seed, progress=part(progress, 0.3, 0.98))  # type: ignore[arg-type]

    chance, dead = through_vessels(band.coverage, tissues), through_vessels(zone.dead, tissues)

    def kept(array: NDArray, unit: str = "") -> Volume:
        return Volume(array, grid.affine, unit=unit, frame_of_reference=case.image().frame_of_reference)

    store = case.store
    outcome = Outcome(
        id=plan.id.replace("plan", "predicted", 1),
        plan_id=plan.id,
        lesion_id=plan.lesion_id,
        procedure="mwa",
        predicted=True,
        maps={
            "probability": store.put(kept(chance)),
            "zone": store.put(kept(dead)),
            "peak_temperature": store.put(kept(zone.peak_temperature_c, "C")),
        },
        quantities=(
            *_sizes(zone, band),
            *_coverage(tissues, chance, settings),
            *_risks(tissues, zone, band),
            *_bookkeeping(zone),
        ),
        words=(*_words(settings, band), *tissues.words),
        facts=tuple(f.key for f in (*tissues.facts, *antenna.facts)),
        reference_tumour=store.put(tissues.tumour),
        traces={
            "time_s": tuple(t.time_s for t in zone.trace),
            "absorbed_w": tuple(t.absorbed_w for t in zone.trace),
            "reflected_share": tuple(t.reflected for t in zone.trace),
            "hottest_c": tuple(t.hottest_c for t in zone.trace),
        },
    )
    progress(1.0, "simulated")
    return case, outcome


def _needle_in(grid: Grid, tip_lps_mm: NDArray, direction_lps: NDArray) -> Needle:
    """Needle in the frame of an axial isotropic grid: millimetres along (slice, row, column) from the first voxel."""
    at = grid.to_index(tip_lps_mm) * grid.spacing_mm
    way = grid.directions.T @ direction_lps
    return Needle((float(at[0]), float(at[1]), float(at[2])), (float(way[0]), float(way[1]), float(way[2])))


def _sizes(zone: Zone, band: Band) -> tuple[Quantity, ...]:
    rows = (
        ("long_mm", "long_axis", "zone along the needle", "mm"),
        ("short_mm", "short_axis", "zone across the needle", "mm"),
        ("volume_ml", "volume", "volume of the zone", "ml"),
        ("contracted_short_mm", "short_axis_on_ct", "zone across the needle as later images show it (tissue contracts)", "mm"),
    )
    method = f"nominal run; interval: 5 to 95 % of {len(band.sizes)} model runs over the sourced ranges"
    out = []
    for attribute, name, words, unit in rows:
        low, _, high = band.interval(attribute)
        value = float(getattr(zone.size, attribute))
        out.append(Quantity(name, words, value, unit, min(low, value), max(high, value), method=method))
    return tuple(out)


def _coverage(tissues: TissueMap, chance: NDArray, settings: Settings) -> tuple[Quantity, ...]:
    """How surely the worst-covered tumour voxel, and the worst within the margins, is reached when the needle lies as planned."""
    from scipy.ndimage import distance_transform_edt

    tumour = tissues.tumour.array > 0.5
    away = distance_transform_edt(~tumour, sampling=settings.spacing_mm)
    treatable = tissues.structures.get("liver", np.ones_like(tumour)) | tumour
    facts = read_facts("locoregional.procedures")
    out = []
    for margin in (0.0, float(facts["margin.least"]), float(facts["margin.goal"])):
        region = tumour | ((away <= margin) & treatable)
        worst = float(chance[region].min())
        share = float((chance[region] >= 0.5).mean())
        name = "the lesion" if margin == 0 else f"the lesion and {margin:g} mm of liver around it"
        out += [
            Quantity(
                f"worst_point_{margin:g}mm", f"model runs that reach the worst-placed point of {name}", 100 * worst, "%",
                method="share of model runs, needle exactly as planned",
            ),
            Quantity(
                f"covered_share_{margin:g}mm", f"share of {name} reached in at least half of the runs", 100 * share, "%",
                method="share of volume, needle exactly as planned",
            ),
        ]  # fmt: skip
    return tuple(out)


def _risks(tissues: TissueMap, zone: Zone, band: Band) -> tuple[Quantity, ...]:
    """Peak temperature in each structure at risk, and in how many runs any of it dies."""
    out = []
    for name in RISK_STRUCTURES:
        mask = tissues.structures.get(name)
        if mask is None or not mask.any():
            continue
        label = name.replace("_", " ")
        out += [
            Quantity(
                f"peak_{name}", f"highest temperature in {label}", float(zone.peak_temperature_c[mask].max()), "C",
                method="nominal run", sources=("procedures:alert.hot",),
            ),
            Quantity(
                f"death_{name}", f"model runs in which some of {label} dies", 100 * float(band.coverage[mask].max()), "%",
                method=f"{len(band.sizes)} model runs",
            ),
        ]  # fmt: skip
    return tuple(out)


def _bookkeeping(zone: Zone) -> tuple[Quantity, ...]:
    energy = zone.energy
    return (
        Quantity("absorbed_energy", "heat absorbed by tissue", energy.injected_j / 1000, "kJ", method="nominal run"),
        Quantity(
            "energy_residual",
            "heat unaccounted for",
            100 * energy.residual_share,
            "%",
            method="energy balance of the nominal run",
        ),
        Quantity("hottest", "highest temperature", float(zone.peak_temperature_c.max()), "C", method="nominal run"),
    )


def _words(settings: Settings, band: Band) -> tuple[str, ...]:
    drivers = list(band.drivers("short_mm").items())[:3]
    named = ", ".join(f"{name.replace('_', ' ')} ({value:+.2f})" for name, value in drivers)
    return (
        f"{settings.power_w:g} W for {settings.time_s / 60:g} min with {settings.device}, on {settings.spacing_mm:g} mm voxels; "
        f"band from {len(band.sizes)} runs (Latin hypercube, seed {settings.seed})",
        f"what drives the short axis most (rank correlation): {named}",
        f"damage law of the nominal run: {DEFAULT_DAMAGE.replace('_', ' ')}; the band mixes four laws, because they disagree",
    )
