"""What a planned ablation will do: the zone with its band, in this patient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.band import Band, ensemble
from locoregional.ablation.energy import Energy, Job
from locoregional.ablation.placed import jobs_of, needle_in
from locoregional.ablation.predict import TISSUE_OF_ORGAN
from locoregional.ablation.scene import access_scene
from locoregional.ablation.settings import AblationSettings
from locoregional.ablation.size import ZoneSize
from locoregional.ablation.tissue_map import TissueMap, through_vessels, tissue_map
from locoregional.ablation.watched import COARSEN, Watched
from locoregional.ablation.zone import Zone, joined
from locoregional.access.faults import needle_faults
from locoregional.access.rules import AccessRules
from locoregional.access.scene import NeedleSpec
from locoregional.case import Case, Lesion, Outcome, Plan, Quantity
from locoregional.errors import PlanningError
from locoregional.imaging.resample import isotropic_grid_around
from locoregional.imaging.volume import Volume
from locoregional.physics.medium import body_temperature_c
from locoregional.progress import Progress, part
from locoregional.sources import read_facts

__all__ = ["simulate_ablation"]

SHOWN = {"ice": "ice ball as CT shows it at the end of the last freeze,"}
"""Further outlines in words."""
CONTRACTION = "ablation:contraction.share"
"""Fact behind the size on later images."""


def simulate_ablation(
    case: Case, plan: Plan, energy: Energy, progress: Progress, *, processor: str = "cpu"
) -> tuple[Case, Outcome]:
    """Predicted outcome of a plan.

    Parameters
    ----------
    case : Case
        Patient.
    plan : Plan
        Feasible plan of this energy.
    energy : Energy
        Which ablation.
    progress : Progress
        Told how far it is.
    processor : str
        ``cpu``, or ``cuda`` for the heat solver on a GPU.

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
    if not plan.needles or not isinstance(settings, AblationSettings):
        raise PlanningError(f"the plan has no needle for a {energy.words}", where=plan.id, remedy="Plan again.")
    lesion = case.lesion(plan.lesion_id)
    ways = [(np.array(n.entry_lps_mm), np.array(n.tip_lps_mm)) for n in plan.needles]
    directions = [(tip - entry) / np.linalg.norm(tip - entry) for entry, tip in ways]
    back = settings.expected_long_mm / 2 - settings.expected_ahead_mm
    middle = np.mean([tip - way * back for (_, tip), way in zip(ways, directions, strict=True)], axis=0)
    grid = isotropic_grid_around(middle, size_mm=settings.box_mm, spacing_mm=settings.spacing_mm)
    device = energy.devices()[settings.device]
    progress(0.0, "mapping tissues")
    tissues = tissue_map(case, lesion, grid, dissections=settings.dissections)
    faults = _faults(case, lesion, plan, diameter_mm=device.diameter_mm)
    needles = tuple(needle_in(grid, tip_lps_mm=tip, direction_lps=way) for (_, tip), way in zip(ways, directions, strict=True))
    job = Job(
        device=device,
        setting=settings.setting,
        needles=needles,
        properties=tissues.properties,
        spacing_mm=settings.spacing_mm,
        body_c=body_temperature_c(),
        law=energy.law,
        processor=processor,
        progress=part(progress, 0.05, 0.3),
    )
    jobs = jobs_of(job, together=settings.together)
    zone = joined([energy.simulate(one) for one in jobs], needles=job.frames, lethal=energy.lethal)
    coarsen = COARSEN if COARSEN * settings.spacing_mm <= device.coarsest_mm else 1
    watched = Watched.of(tissues, energy, spacing_mm=settings.spacing_mm, organ=lesion.organ.value, coarsen=coarsen)
    band = ensemble(
        energy,
        jobs,
        tissue_name=TISSUE_OF_ORGAN[lesion.organ.value],
        members=settings.members,
        seed=settings.seed,
        coarsen=coarsen,
        watch=watched.coarsely,
        progress=part(progress, 0.3, 0.98),
    )
    chance, dead = through_vessels(band.coverage, tissues), through_vessels(zone.dead, tissues)

    def kept(array: NDArray, unit: str = "") -> Volume:
        return Volume(array, grid.affine, unit=unit, frame_of_reference=case.image().frame_of_reference)

    store = case.store
    extreme = "peak_temperature" if energy.lethal == "heat" else "lowest_temperature"
    outcome = Outcome(
        id=plan.id.replace("plan", "predicted", 1),
        plan_id=plan.id,
        lesion_id=plan.lesion_id,
        procedure=energy.name,
        predicted=True,
        maps={
            "probability": store.put(kept(chance)),
            "zone": store.put(kept(dead)),
            extreme: store.put(kept(zone.extreme_c, "C")),
            **{name: store.put(kept(mask)) for name, mask in zone.contours.items()},
        },
        quantities=(
            *_sizes(zone, band, energy, organ=lesion.organ.value),
            *_coverage(tissues, chance, settings, organ=lesion.organ.value),
            *watched.quantities(zone, band),
            *_bookkeeping(zone, energy),
        ),
        words=(*faults, *_words(settings, band, energy), *zone.words, *tissues.words),
        facts=tuple(f.key for f in (*tissues.facts, *device.facts)),
        reference_tumour=store.put(tissues.tumour),
        traces={name: tuple(values) for name, values in zone.trace.items()},
    )
    progress(1.0, "simulated")
    return case, outcome


def _faults(case: Case, lesion: Lesion, plan: Plan, *, diameter_mm: float) -> tuple[str, ...]:
    """What is wrong with the needles of a plan, whoever drew them; a tip outside the body is an error."""
    scene, _ = access_scene(case, lesion)
    rules = AccessRules.for_organ(lesion.organ.value)
    spec = NeedleSpec(length_mm=plan.settings.needle_length_mm, diameter_mm=diameter_mm, name=plan.settings.device)
    words = []
    for number, needle in enumerate(plan.needles, start=1):
        found = needle_faults(
            scene, rules=rules, needle=spec, entry_lps_mm=needle.entry_lps_mm, tip_lps_mm=needle.tip_lps_mm
        )  # fmt: skip
        words += [f"applicator A{number}: {fault}" for fault in found]
    return tuple(words)


def _sizes(zone: Zone, band: Band, energy: Energy, *, organ: str) -> tuple[Quantity, ...]:
    rows: tuple[tuple[str, str, str, str], ...] = (
        ("long_mm", "long_axis", "zone along the needle", "mm"),
        ("short_mm", "short_axis", "zone across the needle", "mm"),
        ("volume_ml", "volume", "volume of the zone", "ml"),
    )
    if energy.lethal == "heat":
        borrowed = "" if organ == "liver" else ", as measured in liver: borrowed"
        on_ct = f"zone across the needle as later images show it (tissue contracts{borrowed})"
        rows = (*rows, ("contracted_short_mm", "short_axis_on_ct", on_ct, "mm"))
    method = f"nominal run; interval: 5 to 95 % of {len(band.sizes)} model runs over the sourced ranges"

    def sized(name: str, words: str, attribute: str, unit: str, size: ZoneSize, outline: str = "") -> Quantity:
        low, _, high = band.interval(attribute, outline=outline)
        value = float(getattr(size, attribute))
        shrunk = (CONTRACTION,) if attribute.startswith("contracted") else ()
        return Quantity(name, words, value, unit, min(low, value), max(high, value), method=method, sources=shrunk)

    return (
        *(sized(name, words, attribute, unit, zone.size) for attribute, name, words, unit in rows),
        *(
            sized(f"{outline}_{axis}_axis", f"{SHOWN.get(outline, outline)} {way} the needle", f"{axis}_mm", "mm", size, outline)
            for outline, size in zone.sizes.items()
            for axis, way in (("long", "along"), ("short", "across"))
        ),
    )


def _coverage(tissues: TissueMap, chance: NDArray, settings: AblationSettings, *, organ: str) -> tuple[Quantity, ...]:
    """How surely the worst-covered tumour voxel, and the worst within the margins, is reached when the needle lies as planned."""
    from scipy.ndimage import distance_transform_edt

    tumour = tissues.tumour.array > 0.5
    away = distance_transform_edt(~tumour, sampling=settings.spacing_mm)
    treatable = tissues.structures.get(organ, np.ones_like(tumour)) | tumour
    facts = read_facts("locoregional.ablation")
    out = []
    for margin in (0.0, float(facts["margin.least"]), float(facts["margin.goal"])):
        region = tumour | ((away <= margin) & treatable)
        worst = float(chance[region].min())
        share = float((chance[region] >= 0.5).mean())
        name = "the lesion" if margin == 0 else f"the lesion and {margin:g} mm of {organ.replace('_', ' ')} around it"
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


def _bookkeeping(zone: Zone, energy: Energy) -> tuple[Quantity, ...]:
    books, hot = zone.energy, energy.lethal == "heat"
    return (
        Quantity(
            "absorbed_energy",
            "heat absorbed by tissue" if hot else "heat taken from tissue",
            abs(books.injected_j) / 1000,
            "kJ",
            method="nominal run",
        ),
        Quantity(
            "energy_residual",
            "heat unaccounted for",
            100 * books.residual_share,
            "%",
            method="energy balance of the nominal run",
        ),
        Quantity("hottest", "highest temperature", float(zone.extreme_c.max()), "C", method="nominal run")
        if hot
        else Quantity("coldest", "lowest temperature", float(zone.extreme_c.min()), "C", method="nominal run"),
    )


def _words(settings: AblationSettings, band: Band, energy: Energy) -> tuple[str, ...]:
    drivers = list(band.drivers("short_mm").items())[:3]
    named = ", ".join(f"{name.replace('_', ' ')} ({value:+.2f})" for name, value in drivers)
    return (
        f"{settings.setting.words} with {settings.device}, on {settings.spacing_mm:g} mm voxels; "
        f"band from {len(band.sizes)} runs (Latin hypercube, seed {settings.seed})",
        f"what drives the short axis most (rank correlation): {named}",
        f"damage law of the nominal run: {energy.law.replace('_', ' ')}; the band mixes {len(energy.laws)} laws, "
        "because they disagree",
    )
