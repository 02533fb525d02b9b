"""What was done, seen on follow-up: the zone on the later image, and the tumour carried there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from locoregional.case.case import Case
from locoregional.case.course import Outcome, Quantity
from locoregional.case.intake import AngiographyIntake, ObservedIntake
from locoregional.case.lesion import Lesion
from locoregional.errors import CaseError
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part, silent
from locoregional.sources import read_facts

__all__ = ["observed_outcomes"]

REGION_MM = 30.0
"""Surroundings of the organ that take part in the registration."""
ZONE_OVER_TUMOUR = 1.7
"""Diameter of the zone over that of the tumour where the outline starts; the outline itself follows the image."""
LEFT_OUT_MM = 14.0
"""Surroundings of the tumour that do not: the treatment changed them."""


def observed_outcomes(case: Case, observed: tuple[ObservedIntake, ...], folder: Path, progress: Progress = silent) -> Case:
    """Case with an observed outcome for each follow-up image that its ``case.toml`` names."""
    for i, item in enumerate(observed):
        step = part(progress, i / len(observed), (i + 1) / len(observed))
        case = case.appended(_outcome(case, item, folder, step, number=i + 1))
    return case


def _outcome(case: Case, item: ObservedIntake, folder: Path, progress: Progress, *, number: int) -> Outcome:
    lesion = case.lesion(item.lesion)
    if item.angiography is not None:
        return _filmed(case, item, item.angiography, folder, number=number)
    after = case.image(item.image)
    if item.tumour:
        return _followed(case, item, folder, after, number=number)
    words: list[str] = []
    tumour = case.tumour(lesion)
    if item.registered:
        from locoregional.imaging.resample import resampled

        carried = resampled(tumour, after.grid)
        error = item.registration_error_mm
        words.append("the follow-up image was said to be registered to the planning image")
        if error is None:
            raise CaseError(
                "registered = true without registration_error_mm",
                where=f"observed outcome of lesion {lesion.id}",
                remedy="State the error of your registration in mm; the margin's interval depends on it.",
            )
    else:
        carried, error, words = _registered(case, lesion, after, progress)
        error = item.registration_error_mm if item.registration_error_mm is not None else error
    zone, more = _zone(item, folder, after, carried, lesion)
    reference = Volume(carried.array > 0.5, after.affine, frame_of_reference=after.frame_of_reference)
    if not reference.array.any():
        raise CaseError(f"lesion {lesion.id} is not in the follow-up image", remedy="Check that both images are of one patient.")
    return Outcome(
        id=f"observed-{lesion.id}-{number}",
        plan_id="",
        lesion_id=lesion.id,
        procedure=item.procedure,
        predicted=False,
        maps={"zone": case.store.put(zone)},
        words=(*words, *more),
        reference_tumour=case.store.put(reference),
        registration_error_mm=float(error),
        image=item.image,
    )


def _filmed(case: Case, item: ObservedIntake, films: AngiographyIntake, folder: Path, *, number: int) -> Outcome:
    """Embolization seen on angiograms before and after."""
    from locoregional.case.angiograms import read_angiograms

    if item.zone or item.tumour:
        raise CaseError(
            "angiograms are given together with a zone or a tumour on CT",
            where=f"[[observed]], lesion {item.lesion}",
            remedy="Make two entries.",
        )
    pair = read_angiograms(films, folder, case.store)
    return Outcome(
        id=f"observed-{item.lesion}-{number}",
        plan_id="",
        lesion_id=item.lesion,
        procedure=item.procedure,
        predicted=False,
        maps={},
        words=("angiograms before and after; regions as drawn",),
        angiograms=pair,
    )


def _followed(case: Case, item: ObservedIntake, folder: Path, after: Volume, *, number: int) -> Outcome:
    """Lesion that the treatment left in place, as drawn on the follow-up image: measured there, so nothing is registered."""
    from locoregional.imaging.masks import read_mask

    if item.zone:
        raise CaseError(
            "both zone and tumour are given", where=f"[[observed]], lesion {item.lesion}", remedy="Keep what was drawn."
        )
    mask = read_mask(folder / item.tumour, label=item.label, onto=after)
    mask = replace(mask, array=mask.array > 0.5, unit="")
    fresh = item.new_lesions
    words = "new lesions seen on follow-up" if fresh is not None else "whether there are new lesions on follow-up was not stated"
    return Outcome(
        id=f"observed-{item.lesion}-{number}",
        plan_id="",
        lesion_id=item.lesion,
        procedure=item.procedure,
        predicted=False,
        maps={"lesion": case.store.put(mask)},
        quantities=(Quantity("new_lesions", words, None if fresh is None else float(fresh), "lesions"),),
        words=("the lesion as drawn on the follow-up image", *mask.assumed),
        image=item.image,
    )


def _registered(case: Case, lesion: Lesion, after: Volume, progress: Progress) -> tuple[Volume, float, list[str]]:
    """Tumour carried onto the follow-up grid, the error to assume, and how it went."""
    from scipy.ndimage import distance_transform_edt

    from locoregional.imaging.registration import register

    planning = case.image("planning")
    first = register(planning, after, deformable=False, progress=part(progress, 0.0, 0.3))
    organ = case.structure(lesion.organ.value)
    region = None
    if organ is not None:
        rough = first.carried(organ).array > 0.5
        if rough.any():
            near = distance_transform_edt(~rough, sampling=after.spacing_mm) < REGION_MM
            region = Volume(near, after.affine)
    rough = first.carried(case.tumour(lesion)).array > 0.5
    left_out = None
    if rough.any():
        near = distance_transform_edt(~rough, sampling=after.spacing_mm) < LEFT_OUT_MM
        left_out = Volume(near, after.affine)
    found = register(planning, after, region=region, left_out=left_out, start=first, progress=part(progress, 0.3, 1.0))
    typical = read_facts("locoregional.case")["registration.typical_error"]
    residual = found.residual_mm if np.isfinite(found.residual_mm) else 0.0
    error = float(np.hypot(float(typical), residual))
    words = [
        *found.words,
        f"registration error assumed for the margin: {error:.1f} mm (published mean {float(typical):g} mm, and the residual)",
    ]
    return found.carried(case.tumour(lesion)), error, words


def _zone(item: ObservedIntake, folder: Path, after: Volume, carried: Volume, lesion: Lesion) -> tuple[Volume, tuple[str, ...]]:
    """Ablation zone: the mask that was given, or what the follow-up image shows around the tumour."""
    if item.zone:
        from locoregional.imaging.masks import read_mask

        zone = read_mask(folder / item.zone, label=item.label, onto=after)
        return replace(zone, array=zone.array > 0.5), (*zone.assumed, "ablation zone: given mask")
    from locoregional.imaging.segmentation.lesion import segment_lesion

    inside = np.argwhere(carried.array > 0.5)
    if len(inside) == 0:
        raise CaseError(f"lesion {lesion.id} is not in the follow-up image", remedy="Check that both images are of one patient.")
    seed = after.grid.to_lps(inside.mean(axis=0))
    made = segment_lesion(after, seed_lps_mm=tuple(float(x) for x in seed), diameter_mm=ZONE_OVER_TUMOUR * lesion.diameter_mm)
    words = ("ablation zone: outlined on the follow-up image around the tumour, for approval", *made.warnings, *made.assumed)
    return made.mask, words
