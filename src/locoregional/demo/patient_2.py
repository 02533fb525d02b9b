"""Patient 2: a digital patient with several liver metastases, worked up with 99mTc-MAA and treated with yttrium-90, truth known.

The story is Figure 2 of Filippiadis 2022: a 51-year-old woman, multiple liver metastases, left gastric and gastroduodenal artery
coiled, 99mTc-MAA work-up, yttrium-90 fifteen days later. What the paper does not give is synthetic and says so.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from locoregional import workflow
from locoregional.access.arteries.files import write_tree_markups
from locoregional.case import Case
from locoregional.case.activities import read_activities
from locoregional.case.build import build_case
from locoregional.case.chart import write_text_atomically
from locoregional.case.intake import INTAKE, read_intake
from locoregional.demo.coiled_arteries import artery_picture, coiled_arteries
from locoregional.demo.folder import cleared, told, write_series
from locoregional.errors import CaseError
from locoregional.figure_patients import figure_description
from locoregional.imaging.phantom.patient import DigitalPatient
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part, silent

__all__ = ["description", "run_patient_2"]

ID, SEED, PROCEDURE = "patient-2", 2, "tare_resin"
PICTURE = "figure-2.jpg"
"""Beside the report: the arteries, with coils and catheter tip."""
LARGEST_MM, LARGEST_LPS_MM = 40.0, (-85.0, -6.0, 10.0)
FURTHER = (((-40.0, -36.0, 46.0), 27.0), ((-68.0, 8.0, 54.0), 20.0))
"""Middle and diameter of the further metastases; the paper gives no sizes."""
FINE_MM, COARSE_MM = (3.0, 1.5, 1.5), (5.0, 2.5, 2.5)
"""Voxels of the demo and of the small demo (slice, row, column)."""
UNSEEN = ("visceral_fat", "subcutaneous_fat", "muscle")
"""Painted tissues that a radiologist would not outline."""
BEFORE = {"L1": 0.15, "L2": 0.045, "L3": 0.015}
AFTER = {"L1": 0.13, "L2": 0.055, "L3": 0.017}
"""Shares of the activity in the liver that each lesion takes up: of the work-up's particles, and of the microspheres."""
SHUNT_BEFORE, SHUNT_AFTER = 0.04, 0.032
"""True lung shunts."""
PLANAR_COUNTS = 900_000
"""Counts of the planar images in lungs and liver, anterior and posterior together."""
BACK_SHARE = 0.42
"""Part of them on the posterior image."""

HEAD = """# Patient 2: a digital patient after Figure 2 of Filippiadis 2022 (51-year-old woman, multiple liver metastases, left
# gastric and gastroduodenal artery coiled, 99mTc-MAA work-up, yttrium-90 fifteen days later). What the paper does not say is
# synthetic.
"""
IMAGES = """
[images.planning]
path = "ct-planning"

[structures]
masks = "organs.seg.nrrd"
find_missing = false

[activity.work_up]
path = "maa-spect.nii.gz"
nuclide = "Tc-99m"
unit = "counts"
reference = "2026-03-05T14:00+01:00"
infusion = "2026-03-05T12:30+01:00"
injected_gbq = 0.15
registered = true
registration_error_mm = 3
"""
SESSION = """
[radioembolization]
infusion = "2026-03-20T14:00+01:00"
scenario = "whole liver"
device = "resin"
residual_share = 0.01
coiled = ["left gastric artery", "gastroduodenal artery"]

[radioembolization.planar]
lung_anterior = {0}
lung_posterior = {1}
liver_anterior = {2}
liver_posterior = {3}

[[radioembolization.vials]]
activity_gbq = 3
calibrated = "2026-03-20T18:00+01:00"

[[radioembolization.vials]]
activity_gbq = 3
calibrated = "2026-03-23T18:00+01:00"
"""
TREATMENT = """
[activity.treatment]
path = "y90-pet.nii.gz"
nuclide = "Y-90"
unit = "Bq/ml"
reference = "2026-03-21T09:00+01:00"
infusion = "2026-03-20T14:00+01:00"
injected_gbq = {0:.3f}
registered = true
registration_error_mm = 3
"""
STATED = {"involvement_percent": "involvement_percent = 4", "lung_dose_gy": "lung_dose_gy = 3"}
"""Lines of the figure patient that the digital patient replaces."""
HOURS_TO_SCAN = 19.0
"""From infusion to PET."""
LESION = """
[[lesions]]
id = "{0}"
organ = "liver"
mask = "lesions.seg.nrrd"
label = "{0}"
approved = true
"""


def run_patient_2(folder: Path, progress: Progress = silent, *, small: bool = False) -> tuple[Path, ...]:
    """Make patient 2 in an empty folder and run it to the report.

    Parameters
    ----------
    folder : Path
        Made if absent; a former demo in it is replaced, anything else is refused.
    progress : Progress
        Told how far it is.
    small : bool
        Coarse voxels: runs through every step quickly, too coarse to look at.

    Returns
    -------
    tuple of Path
        Report, PDF, the folder of exports, and the picture of the arteries.

    Raises
    ------
    CaseError
        If the folder holds something that is not a former demo.
    """
    from locoregional.imaging.phantom.patient import digital_patient

    cleared(folder)
    patient = digital_patient(
        SEED, spacing_mm=COARSE_MM if small else FINE_MM, lesion_diameter_mm=LARGEST_MM, lesion_lps_mm=LARGEST_LPS_MM,
        further=FURTHER, progress=part(progress, 0.0, 0.25),
    )  # fmt: skip
    _write_work_up(patient, folder)
    arteries = coiled_arteries(patient, seed=SEED)
    write_tree_markups(arteries.tree, folder / "arteries.mrk.json")
    (folder / PICTURE).write_bytes(artery_picture(arteries, patient.structures["liver"], _lesions(patient)))
    case = build_case(read_intake(folder / INTAKE), folder, part(progress, 0.3, 0.4))
    case = replace(case, notes=(*case.notes, *arteries.words))
    case = workflow.plan(workflow.select(case), part(progress, 0.4, 0.5), lesion_id="L1", procedure_name=PROCEDURE)
    case = workflow.simulate(case, part(progress, 0.5, 0.65))
    case = _treated(patient, case, folder)
    case = workflow.verify(case, part(progress, 0.7, 0.8))
    return *told(case, folder, part(progress, 0.8, 1.0)), folder / PICTURE


def _lesions(patient: DigitalPatient) -> dict[str, Volume]:
    return {f"L{n}": mask for n, mask in enumerate((patient.lesion, *patient.further), start=1)}


def _shares(patient: DigitalPatient, uptake: dict[str, float]) -> tuple[dict[str, float], dict[str, Volume]]:
    """Shares of the activity in the liver and the masks that hold them."""
    masks = _lesions(patient)
    normal = patient.structures["liver"].array & ~np.logical_or.reduce([m.array for m in masks.values()])
    return {**uptake, "normal": 1.0 - sum(uptake.values())}, {**masks, "normal": patient.lesion.on(normal)}


def _write_work_up(patient: DigitalPatient, folder: Path) -> None:
    """CT, outlines, MAA SPECT and ``case.toml``."""
    from locoregional.imaging.nifti import write_nifti
    from locoregional.imaging.phantom.scintigraphy import perfused_activity, scintigram
    from locoregional.imaging.seg_nrrd import write_seg_nrrd

    write_series(patient.ct, folder / "ct-planning", patient_id=ID, description="Portal-venous CT (digital patient)")
    write_seg_nrrd({n: m for n, m in patient.structures.items() if n not in UNSEEN}, folder / "organs.seg.nrrd")
    write_seg_nrrd(_lesions(patient), folder / "lesions.seg.nrrd")
    shares, masks = _shares(patient, BEFORE)
    truth = perfused_activity(shares, masks, total_bq=1.4e8, unevenness=0.25, seed=SEED)
    spect = scintigram(truth, spacing_mm=4.8, fwhm_mm=12.0, counts=8e6, seed=SEED)
    write_nifti(spect, folder / "maa-spect.nii.gz")
    write_text_atomically(folder / INTAKE, description())


def description() -> str:
    """Text of ``case.toml``: the figure patient of the board with images, outlines, work-up and session."""
    person = figure_description("figure-2").split("[[lesions]]")[0]
    person = person[person.index("[patient]") :].replace('id = "figure-2"', f'id = "{ID}"')
    lines = [STATED.get(x.partition(" =")[0], x) for x in person.splitlines()]
    lung, liver = SHUNT_BEFORE * PLANAR_COUNTS, (1.0 - SHUNT_BEFORE) * PLANAR_COUNTS
    counts = [round(part * side) for part in (lung, liver) for side in (1.0 - BACK_SHARE, BACK_SHARE)]
    lesions = "".join(LESION.format(f"L{n}") for n in range(1, 2 + len(FURTHER)))
    return "\n".join([HEAD, *lines]) + IMAGES + SESSION.format(*counts) + lesions


def _treated(patient: DigitalPatient, case: Case, folder: Path) -> Case:
    """Case with the PET of the next day: microspheres that lodged a little elsewhere than the work-up's particles."""
    from locoregional.imaging.nifti import write_nifti
    from locoregional.imaging.phantom.scintigraphy import perfused_activity, scintigram
    from locoregional.nuclides import decay_factor, nuclide

    given_gbq = case.plans[-1].settings.delivered_gbq
    if given_gbq is None:
        raise CaseError("patient 2 has no planned activity", remedy="Report this: the demo should always plan.")
    shares, masks = _shares(patient, AFTER)
    left = decay_factor(time_s=3600.0 * HOURS_TO_SCAN, half_life_s=nuclide("Y-90").half_life_s)
    total = 1e9 * given_gbq * (1.0 - SHUNT_AFTER) * left
    truth = perfused_activity(shares, masks, total_bq=total, unevenness=0.35, seed=SEED + 1)
    pet = scintigram(truth, spacing_mm=4.0, fwhm_mm=6.5, counts=1.2e6, seed=SEED, as_activity=True)
    write_nifti(pet, folder / "y90-pet.nii.gz")
    before, after = "\n[radioembolization]\n", TREATMENT.format(given_gbq)
    text = (folder / INTAKE).read_text(encoding="utf-8")
    write_text_atomically(folder / INTAKE, text.replace(before, after + before, 1))
    asked = read_intake(folder / INTAKE).activity
    found = read_activities(
        {"treatment": asked["treatment"]}, folder, case.image(), case.store, planned_on=folder / "ct-planning"
    )
    return replace(case, activities={**case.activities, **found})
