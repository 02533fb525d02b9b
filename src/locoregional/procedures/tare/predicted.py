"""Dose of a radioembolization in every voxel and structure: predicted from the work-up, or delivered as images show it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from locoregional.case import Case, Outcome, Plan, Quantity
from locoregional.errors import NotModelled, PlanningError
from locoregional.imaging.volume import Volume
from locoregional.measures.dose.asked import Asked, biological_questions, dose_questions
from locoregional.measures.dose.interval import DoseErrors
from locoregional.measures.dose.parameter_sets import parameter_set
from locoregional.measures.dose.reading import DoseReading, read_dose
from locoregional.procedures.tare.compartments import Compartments, compartments_of
from locoregional.procedures.tare.dose_map import DoseMap, dose_map
from locoregional.procedures.tare.settings import Settings
from locoregional.progress import Progress, part

__all__ = ["observed_dose", "predicted_dose", "structures_of"]

LEVELS_GY = (30.0, 50.0, 70.0, 100.0)
"""Doses at which volumes are read."""
KEPT = ("mean_gy", "d98_gy", "d70_gy", "d50_gy", "d2_gy", "v30_share", "v50_share", "v70_share", "v100_share")
"""Numbers of each structure that the chart keeps."""
POINTS = 121
"""Points of a dose-volume curve in the chart."""


def predicted_dose(case: Case, plan: Plan, progress: Progress) -> tuple[Case, Outcome]:
    """Dose that a plan will bring if microspheres lodge where the work-up's particles did.

    Parameters
    ----------
    case, plan
        Patient and what is to be infused.
    progress : Progress
        Told how far it is.

    Raises
    ------
    NotModelled
        If the case has no activity map of the work-up.
    PlanningError
        If the plan gives no activity.
    """
    settings: Settings = plan.settings
    if "work_up" not in case.activities:
        raise NotModelled(
            "a dose map needs the activity map of the work-up: mean doses stand in the plan",
            where=plan.id,
            remedy="Add [activity.work_up] to case.toml.",
        )
    if settings.delivered_gbq is None:
        raise PlanningError("the plan gives no activity", where=plan.id, remedy="See what stands against it.")
    parts = compartments_of(case)
    image = case.activities["work_up"]
    progress(0.1, "computing the dose map")
    found = dose_map(
        image.located(case.store),
        injected_gbq=settings.delivered_gbq,
        lung_shunt_share=settings.lung_shunt_share,
        within=parts.liver,
        method=settings.method,  # type: ignore[arg-type]
        density=_density(case),
        constant=settings.constant,
    )
    outcome = _outcome(
        case, plan.lesion_id, plan.procedure, plan.id, parts, found, settings, part(progress, 0.3, 1.0),
        error_mm=image.registration_error_mm, predicted=True, key=plan.id.replace("plan", "predicted", 1),
    )  # fmt: skip
    return case, outcome


def observed_dose(case: Case, plan: Plan, progress: Progress) -> Outcome:
    """Dose that was delivered, from the yttrium-90 image after treatment.

    Parameters
    ----------
    case, plan
        Patient, and the plan that was carried out.
    progress : Progress
        Told how far it is.

    Raises
    ------
    PlanningError, UnitsError
        If the image cannot be calibrated.
    """
    settings: Settings = plan.settings
    image = case.activities["treatment"]
    parts = compartments_of(case)
    activity = image.located(case.store)
    counts = not activity.absolute
    found = dose_map(
        activity,
        infusion=image.infusion,
        injected_gbq=image.injected_gbq,
        lung_shunt_share=settings.lung_shunt_share if counts else None,
        within=parts.liver if counts else None,
        method=settings.method,  # type: ignore[arg-type]
        density=_density(case),
        constant=settings.constant,
    )
    count = 1 + sum(not o.predicted and o.lesion_id == plan.lesion_id for o in case.outcomes)
    return _outcome(
        case, plan.lesion_id, plan.procedure, plan.id, parts, found, settings, progress,
        error_mm=image.registration_error_mm, predicted=False, key=f"observed-{plan.lesion_id}-{plan.procedure}-{count}",
    )  # fmt: skip


def structures_of(parts: Compartments) -> dict[str, Volume]:
    """Structures whose dose is read: each treated lesion, all tumour, normal perfused and whole normal liver."""
    found = {name: mask for name, mask in parts.tumours.items() if mask.array.any()}
    if len(found) > 1:
        found["all_tumour"] = parts.tumour
    found["normal_perfused_liver"] = parts.normal
    if parts.perfused_share < 0.995:
        found["whole_normal_liver"] = parts.whole_normal
    return found


def _density(case: Case) -> Volume | None:
    image = case.image()
    return image if image.unit == "HU" and image.modality in ("", "CT") else None


def _outcome(
    case: Case, lesion_id: str, procedure: str, plan_id: str, parts: Compartments, found: DoseMap, settings: Settings,
    progress: Progress, *, error_mm: float, predicted: bool, key: str,
) -> Outcome:  # fmt: skip
    readings = {}
    structures = structures_of(parts)
    for number, (name, mask) in enumerate(structures.items()):
        progress(number / len(structures), f"reading the dose in {name.replace('_', ' ')}")
        parameters = parameter_set(settings.liver_set if "liver" in name else settings.tumour_set)
        asked: tuple[Asked, ...] = (*dose_questions(LEVELS_GY), *biological_questions(parameters, device=settings.device))
        errors = DoseErrors(registration_error_mm=error_mm)
        readings[name] = read_dose(found.volume, mask, name=name, asked=asked, errors=errors)
    progress(1.0, "dose read")
    words = dict.fromkeys(w for r in readings.values() for w in (f"{r.name.replace('_', ' ')}: {x}" for x in r.words))
    return Outcome(
        id=key,
        plan_id=plan_id,
        lesion_id=lesion_id,
        procedure=procedure,
        predicted=predicted,
        maps={"dose": case.store.put(found.volume)},
        quantities=tuple(q for name, r in readings.items() for q in _quantities(name, r)),
        words=(*found.words, *words),
        facts=found.facts,
        traces=_curves(readings),
        registration_error_mm=error_mm,
    )


def _quantities(name: str, reading: DoseReading) -> list[Quantity]:
    """Numbers of a structure under names that hold it."""
    from dataclasses import replace

    title = name.replace("_", " ")
    made = []
    for q in reading.quantities:
        if q.name not in KEPT and not q.name.startswith(("bed_", "eqd2_", "eubed_")):
            continue
        short = "bed_mean" if q.name.startswith("bed_") else "mean_dose" if q.name == "mean_gy" else q.name.partition("_")[0]
        number = replace(q, name=f"{short}_{name}", words=f"{q.words} ({title})")
        if q.unit == "1" and q.value is not None and q.name.startswith("v"):
            number = replace(
                number, value=100 * q.value, unit="%",
                low=None if q.low is None else 100 * q.low, high=None if q.high is None else 100 * q.high,
            )  # fmt: skip
        made.append(number)
    return made


def _curves(readings: Mapping[str, DoseReading]) -> dict[str, tuple[float, ...]]:
    """Dose-volume curves on one axis, in per cent of each volume."""
    shown = {name: r.doses for name, r in readings.items() if r.doses.readable}
    if not shown:
        return {}
    axis = np.linspace(0.0, 1.02 * max(float(d.doses_gy[-1]) for d in shown.values()), POINTS)
    curves = {"dose_gy": tuple(float(x) for x in axis)}
    for name, doses in shown.items():
        curves[f"volume_percent_{name}"] = tuple(100.0 * doses.share_above(dose_gy=float(x)) for x in axis)
    return curves
