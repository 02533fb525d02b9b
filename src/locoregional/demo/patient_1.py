"""Patient 1: a digital patient through the whole story, follow-up included, with known truth at every step.

The story is Figure 1 of Filippiadis 2022: a 72-year-old woman with a solitary liver metastasis, percutaneous microwave ablation,
the zone checked on follow-up imaging. What the paper does not give (size, receptors, blood values) is synthetic and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from locoregional import workflow
from locoregional.case import Case
from locoregional.case.build import build_case
from locoregional.case.chart import write_text_atomically
from locoregional.case.intake import INTAKE, read_intake
from locoregional.demo.folder import cleared, told, treated_coarsely, write_series
from locoregional.errors import CaseError
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part, silent
from locoregional.report.run import treated

__all__ = ["run_patient_1"]

ID, SEED = "patient-1", 1
LESION_MM = 18.0
"""Size of the metastasis; the paper does not give it."""
FINE_MM = (3.0, 1.5, 1.5)
"""Voxels of the demo (slice, row, column)."""
COARSE_MM = (4.0, 2.0, 2.0)
"""Voxels of the small demo; coarser ones close the gaps between ribs."""
MISPLACED_MM = (1.5, -1.0, 2.0)
"""How far (LPS) the antenna lay from the plan in this story: 2.7 mm, within the pooled published error of 3.7 mm."""

PROFILE = """# Patient 1: a digital patient after Figure 1 of Filippiadis 2022 (72-year-old woman, solitary liver metastasis,
# percutaneous microwave ablation). Everything that the paper does not say is synthetic.

[patient]
id = "patient-1"
age_years = 72
sex = "F"

[disease]
er = true
pr = true
her2 = false
ki67_percent = 15
ecog = 0
extrahepatic = []
metastases_total = 1
all_sites_treatable = true
ascites = false
surgical_candidate = false
life_expectancy_months = 36

[disease.labs]
bilirubin_umol_l = 12
albumin_g_l = 41
inr = 1.0
platelets_giga_l = 230

[disease.liver]
cirrhosis = false

[disease.fitness]
infection = false
bleeding_correctable = true

[images.planning]
path = "ct-planning"

[structures]
masks = "organs.seg.nrrd"
find_missing = false

[[lesions]]
id = "L1"
organ = "liver"
seed_lps_mm = [{seed}]
diameter_mm = {diameter:g}
"""

FOLLOW_UP = """
[images.after]
path = "ct-after"

[[observed]]
lesion = "L1"
image = "after"
"""


def run_patient_1(folder: Path, progress: Progress = silent, *, small: bool = False) -> tuple[Path, ...]:
    """Make patient 1 in an empty folder and run it to the report.

    Parameters
    ----------
    folder : Path
        Made if absent; a former demo in it is replaced, anything else is refused.
    progress : Progress
        Told how far it is.
    small : bool
        Coarse voxels: runs through every step quickly (which compiles all kernels), too coarse to look at.

    Returns
    -------
    tuple of Path
        Report, PDF and the folder of exports.

    Raises
    ------
    CaseError
        If the folder holds something that is not a former demo.
    """
    from locoregional.imaging.phantom.patient import digital_patient

    cleared(folder)
    progress(0.0, "making the digital patient")
    patient = digital_patient(
        SEED,
        lesion_diameter_mm=LESION_MM,
        spacing_mm=COARSE_MM if small else FINE_MM,
        progress=part(progress, 0.0, 0.15),
    )
    _write_planning(folder, patient.ct, patient.structures)
    seed = ", ".join(f"{x:.1f}" for x in patient.lesion_seed_lps_mm)
    text = PROFILE.format(seed=seed, diameter=round(patient.lesion_diameter_mm))
    write_text_atomically(folder / INTAKE, text)
    case = build_case(read_intake(folder / INTAKE), folder, part(progress, 0.15, 0.25))
    course = treated_coarsely if small else treated
    case = course(case, part(progress, 0.25, 0.65), procedure_name="mwa")
    progress(0.65, "treating and scanning again")
    after = _follow_up(patient, case)
    write_series(after, folder / "ct-after", patient_id=ID, description="Portal-venous CT after ablation (digital patient)")
    write_text_atomically(folder / INTAKE, text + FOLLOW_UP)
    case = _observed(case, folder, part(progress, 0.7, 0.85))
    return told(case, folder, part(progress, 0.85, 1.0))


def _write_planning(folder: Path, ct: Volume, structures: Mapping[str, Volume]) -> None:
    from locoregional.imaging.seg_nrrd import write_seg_nrrd

    write_series(ct, folder / "ct-planning", patient_id=ID, description="Portal-venous CT (digital patient)")
    shown = {name: mask for name, mask in structures.items() if name not in ("visceral_fat", "subcutaneous_fat", "muscle")}
    write_seg_nrrd(shown, folder / "organs.seg.nrrd")


def _follow_up(patient: object, case: Case) -> Volume:
    """Follow-up CT: the predicted zone, displaced as the antenna was, in a liver that has moved and healed a little."""
    from locoregional.imaging.phantom.ablation import after_ablation

    outcome = next((o for o in reversed(case.outcomes) if o.predicted), None)
    if outcome is None:
        raise CaseError("patient 1 has no predicted ablation", remedy="Report this: the demo should always plan.")
    plan = case.plans[-1]
    zone = case.store.get(outcome.maps["zone"])
    affine = zone.affine.copy()
    affine[:3, 3] += MISPLACED_MM
    shifted = Volume(zone.array.astype(np.float32), affine)
    tip, entry = (np.array(p) + MISPLACED_MM for p in (plan.needles[0].tip_lps_mm, plan.needles[0].entry_lps_mm))
    return after_ablation(patient, shifted, track_lps_mm=(tip, entry), seed=SEED).ct  # type: ignore[arg-type]


def _observed(case: Case, folder: Path, progress: Progress) -> Case:
    """Case with its follow-up image read, registered, outlined and judged."""
    from locoregional.case.observed import observed_outcomes
    from locoregional.imaging.read import read_image
    from locoregional.imaging.resample import canonical

    after = canonical(read_image(folder / "ct-after"))
    case.images["after"] = case.store.put(after)
    case = observed_outcomes(case, read_intake(folder / INTAKE).observed, folder, part(progress, 0.0, 0.8))
    return workflow.verify(case, part(progress, 0.8, 1.0))
