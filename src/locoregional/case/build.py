"""From ``case.toml`` to a Case: read images and masks, find what is missing, check that it fits together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from locoregional.case.activities import read_activities
from locoregional.case.case import Case
from locoregional.case.chart import CHART, read_chart, write_chart
from locoregional.case.intake import INTAKE, Intake, LesionIntake, read_intake
from locoregional.case.lesion import Lesion, Organ
from locoregional.case.neighbours import REACH_MM, distances_mm
from locoregional.case.observed import observed_outcomes
from locoregional.case.option import Answer, Overrule, now
from locoregional.case.stored import ArrayStore
from locoregional.case.structures import find_structures, given_structures
from locoregional.errors import CaseError, MaskError
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part, silent

if TYPE_CHECKING:
    from locoregional.imaging.checks import Finding

__all__ = ["build_case", "described_case", "open_case", "save_case"]

SAME_SIZE_SHARE = 0.5
"""Change of diameter beyond which a lesion of the same name and place is taken for another one."""


def _intake_hash(folder: Path) -> str:
    path = folder / INTAKE
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def open_case(folder: Path, progress: Progress = silent) -> Case:
    """Case of a folder: its chart, or what ``case.toml`` describes if there is no chart or the description has changed.

    Raises
    ------
    CaseError
        If the folder holds neither, or they cannot be read.
    """
    if not folder.is_dir():
        raise CaseError("the case folder does not exist", where=str(folder), remedy="Make one with `locoregional import`.")
    described, former = _intake_hash(folder), None
    if (folder / CHART).is_file():
        former, built_from = read_chart(folder)
        if not described or described == built_from:
            progress(1.0, "chart read")
            return former
    case = build_case(read_intake(folder / INTAKE), folder, progress)
    return case if former is None or not former.course else _with_decisions(case, former)


def _with_decisions(case: Case, former: Case) -> Case:
    """Case read again, with the decisions of its former chart; one made for another lesion stays in the course, withdrawn."""
    standing = former.overrules
    unfit = tuple(d for d in standing if not _still_fits(d, case, former))
    withdrawn = {
        (d.lesion_id, d.procedure): replace(
            d,
            answer=cast(Answer, d.instead_of),  # the rules' own answer withdraws a decision
            by="locoregional",
            reason="case.toml no longer describes the lesion decided on",
            date=now(),
        )
        for d in unfit
    }
    notes = ["case.toml changed since the last chart: it was read again, the course starts anew"]
    if len(standing) > len(unfit):
        notes[0] += f"; {len(standing) - len(unfit)} decision(s) of persons were kept"
    notes += [
        f"decision no longer applied, because case.toml describes no such lesion any more: {_described(former, d.lesion_id)}, "
        f"{d.procedure}: {d.answer} instead of {d.instead_of}, by {d.by} on {d.date:%Y-%m-%d}: {d.reason}. "
        "It stays in the chart; make it again where it still holds"
        for d in unfit
    ]
    history = tuple(e for e in former.course if isinstance(e, Overrule))
    return replace(case, course=(*history, *withdrawn.values(), *case.course), notes=(*case.notes, *notes))


def _still_fits(decision: Overrule, case: Case, former: Case) -> bool:
    """Whether the lesion of that id is still the one decided on: same patient, organ and site, and about the same size."""
    before = next((x for x in former.lesions if x.id == decision.lesion_id), None)
    after = next((x for x in case.lesions if x.id == decision.lesion_id), None)
    if before is None or after is None or former.patient.id != case.patient.id:
        return False
    same_place = before.organ is after.organ and before.site.strip().casefold() == after.site.strip().casefold()
    return same_place and abs(after.diameter_mm - before.diameter_mm) <= SAME_SIZE_SHARE * before.diameter_mm


def _described(case: Case, lesion_id: str) -> str:
    lesion = next((x for x in case.lesions if x.id == lesion_id), None)
    if lesion is None:
        return f"lesion {lesion_id}"
    return f"lesion {lesion_id} ({', '.join(filter(None, (lesion.organ.value, lesion.site, f'{lesion.diameter_mm:.0f} mm')))})"


def save_case(case: Case, folder: Path) -> None:
    """Write a case to its folder in one step."""
    write_chart(case, folder, intake_sha256=_intake_hash(folder))


def build_case(intake: Intake, folder: Path, progress: Progress = silent) -> Case:
    """Case that an intake describes; relative paths start at ``folder``.

    Raises
    ------
    CaseError, ImagingError
        If a file cannot be read right or the parts contradict each other; the message names both.
    """
    from locoregional.imaging.checks import check_hounsfield
    from locoregional.imaging.read import read_image
    from locoregional.imaging.resample import canonical

    if not intake.images:
        return described_case(intake)
    store = ArrayStore()
    images: dict[str, Volume] = {}
    for i, (name, source) in enumerate(intake.images.items()):
        step = part(progress, 0.3 * i / len(intake.images), 0.3 * (i + 1) / len(intake.images))
        read = read_image(folder / source.path, series=source.series or None, modality=source.modality, progress=step)
        images[name] = canonical(read)
    planning = images["planning"]
    notes = [f"{name} image: {words}" for name, volume in images.items() for words in volume.assumed]
    is_ct = planning.modality in ("", "CT")
    if is_ct:
        notes += _stop_at_errors(check_hounsfield(planning, where="planning image"))
        if not planning.modality:
            notes.append("planning image: the file does not say what its values are; they are taken for a CT in HU")
            planning = images["planning"] = replace(planning, modality="CT", unit="HU")
    else:
        notes.append(f"planning image: {planning.modality}; organs are found on CT only, so every structure has to be given")
    structures, words = given_structures(intake.structures, folder, planning)
    origins, notes = dict.fromkeys(structures, "given"), [*notes, *words]
    progress(0.35, "reading lesions")
    lesions: list[Lesion] = []
    masks: list[Volume] = []
    for item in intake.lesions:
        if not item.on_image:
            lesions.append(_stated(item))
            continue
        lesion, mask = _lesion(item, folder, planning, structures.get(item.organ.value))
        masks.append(mask)
        lesions.append(replace(lesion, mask=store.put(mask)))
    if intake.structures.find_missing and is_ct:
        shown = [lesion for lesion in lesions if lesion.mask is not None]
        wanted = {lesion.organ for lesion in shown}
        seed = intake.structures.liver_seed_lps_mm
        liver_masks = [m for m, x in zip(masks, shown, strict=True) if x.organ is Organ.LIVER]
        found, words = find_structures(
            planning,
            structures,
            liver=Organ.LIVER in wanted,
            seed_lps_mm=seed,
            lesions=liver_masks,
            progress=part(progress, 0.4, 0.9),
        )
        notes += words
        for name, (volume, origin) in found.items():
            structures[name], origins[name] = volume, origin
    drawn = dict(zip([x.id for x in lesions if x.mask is not None], masks, strict=True))
    notes += _checked(planning, structures, origins, intake, drawn)
    lesions = [_beside(x, drawn[x.id], structures) if x.id in drawn else x for x in lesions]
    activities = read_activities(intake.activity, folder, planning, store, planned_on=folder / intake.images["planning"].path)
    notes += [f"{name.replace('_', ' ')} activity: {words}" for name, item in activities.items() for words in item.words]
    case = Case(
        patient=intake.patient,
        disease=intake.disease,
        lesions=tuple(lesions),
        images={name: store.put(volume) for name, volume in images.items()},
        structures={name: store.put(volume) for name, volume in structures.items()},
        origins=origins,
        activities=activities,
        radioembolization=intake.radioembolization,
        notes=tuple(dict.fromkeys(notes)),
        store=store,
    )
    return observed_outcomes(case, intake.observed, folder, part(progress, 0.9, 1.0))


def _stop_at_errors(findings: Iterable[Finding]) -> list[str]:
    """Raise the first error; warnings come back in words."""
    words = []
    for finding in findings:
        if finding.level == "error":
            raise CaseError(finding.what, where=finding.where, remedy=finding.remedy)
        words.append(f"{finding.where}: {finding.what}. {finding.remedy}")
    return words


def _checked(
    planning: Volume, structures: dict[str, Volume], origins: dict[str, str], intake: Intake, lesions: dict[str, Volume]
) -> list[str]:
    """Everything that can be checked about masks; organs that were found, not given, cannot convict a lesion."""
    from locoregional.imaging.checks import check_images, check_inside

    given = {name for name, origin in origins.items() if origin == "given"}
    homes = {item.id: item.organ.value for item in intake.lesions if item.on_image}
    words = _stop_at_errors(
        check_images(
            planning,
            organs={name: mask for name, mask in structures.items() if name != "body"},
            lesions=lesions,
            inside={name: organ for name, organ in homes.items() if organ in given},
            diameters_mm={item.id: item.diameter_mm for item in intake.lesions if item.diameter_mm is not None and item.mask},
            body=structures.get("body"),
        )
    )
    for name, organ in homes.items():
        if organ in structures and organ not in given:
            words += [
                f"{f.where}: {f.what}. {f.remedy}"
                for f in check_inside(lesions[name], structures[organ], name=name, organ_name=organ)
            ]
    return words


def _lesion(item: LesionIntake, folder: Path, planning: Volume, organ: Volume | None) -> tuple[Lesion, Volume]:
    """Lesion read from its mask, or outlined around its seed."""
    from locoregional.imaging.checks import check_diameter, check_mask, longest_diameter_mm

    if item.mask:
        from locoregional.imaging.masks import read_mask

        mask = read_mask(folder / item.mask, label=item.label, onto=planning)
        mask = mask.on(mask.array > 0.5) if mask.array.dtype != bool else mask
        if not mask.array.any():
            raise MaskError(
                f"the mask of lesion {item.id} is empty", where=str(folder / item.mask), remedy="Check label and grid."
            )
        _stop_at_errors(check_mask(mask, name=f"lesion {item.id}: {folder / item.mask}"))
        notes = mask.assumed
        origin = "mask"
    else:
        from locoregional.imaging.segmentation.lesion import segment_lesion

        assert item.seed_lps_mm is not None  # the intake has checked it
        assert item.diameter_mm is not None
        if not planning.grid.contains(item.seed_lps_mm):
            raise CaseError(
                f"the seed of lesion {item.id} lies outside the planning image",
                where=f"seed_lps_mm {item.seed_lps_mm}",
                remedy="Give the point in DICOM LPS millimetres (RAS coordinates have the first two signs reversed).",
            )
        made = segment_lesion(planning, seed_lps_mm=item.seed_lps_mm, diameter_mm=item.diameter_mm, organ=organ)
        doubts = tuple(f.what for f in check_diameter(made.mask, stated_mm=item.diameter_mm))
        notes = (*doubts, *made.warnings, *made.assumed, f"outline quality: {made.quality}")
        mask, origin = made.mask, "segmented"
    diameter = longest_diameter_mm(mask)
    centre = planning.grid.to_lps(np.argwhere(mask.array).mean(axis=0))
    where = (float(centre[0]), float(centre[1]), float(centre[2]))
    lesion = Lesion(
        item.id, item.organ, max(1.0, diameter), where, None, origin, item.approved, tuple(notes), **item.findings()
    )  # fmt: skip
    return lesion, mask


def _beside(lesion: Lesion, mask: Volume, structures: dict[str, Volume]) -> Lesion:
    """Lesion with its distances to outlined structures; what a person stated stands."""
    measured = {k: v for k, v in distances_mm(mask, structures).items() if k not in lesion.near_mm}
    if not measured:
        return lesion
    words = ", ".join(f"{name.replace('_', ' ')} {value:g} mm" for name, value in measured.items() if value < REACH_MM)
    beyond = ", ".join(name.replace("_", " ") for name, value in measured.items() if value >= REACH_MM)
    note = f"distances measured on the outlines: {words or 'nothing outlined'} within {REACH_MM:g} mm"
    note += f"; over {REACH_MM:g} mm, and entered as {REACH_MM:g}: {beyond}" if beyond else ""
    return replace(lesion, near_mm={**lesion.near_mm, **measured}, notes=(*lesion.notes, note))


def _stated(item: LesionIntake) -> Lesion:
    """Lesion that is only described."""
    assert item.diameter_mm is not None  # the intake has checked it
    return Lesion(item.id, item.organ, item.diameter_mm, None, None, "stated", item.approved, (), **item.findings())


def described_case(intake: Intake) -> Case:
    """Case without images: enough for a tumour board, nothing to plan on.

    Raises
    ------
    CaseError
        If a treatment was observed, for which images are needed.
    """
    if intake.observed:
        raise CaseError(
            "a treatment was observed, but the case has no images",
            where="[[observed]]",
            remedy="Add [images.planning] and [images.after], or leave [[observed]] out.",
        )
    notes = ("the case has no images: procedures can be selected, not planned",)
    return Case(
        intake.patient,
        intake.disease,
        tuple(_stated(item) for item in intake.lesions),
        radioembolization=intake.radioembolization,
        notes=notes,
    )
