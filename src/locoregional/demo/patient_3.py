"""Patient 3: a digital patient with a painful mass of the shoulder, frozen with cryoprobes, with known truth at every step.

The story is Figure 3 of Filippiadis 2022: a 49-year-old woman with extensive disease of lung, liver and bone, a soft-tissue mass
of the right shoulder that hurts in spite of everything, percutaneous cryoablation for pain palliation, the ice ball seen on CT
during the freeze. What the paper does not give is synthetic and says so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from locoregional import workflow
from locoregional.case import Case, Outcome
from locoregional.case.build import build_case
from locoregional.case.chart import write_text_atomically
from locoregional.case.intake import INTAKE, read_intake
from locoregional.demo.folder import cleared, coarsened, told, write_series
from locoregional.figure_patients import figure_description
from locoregional.imaging.phantom.patient import DigitalPatient
from locoregional.progress import Progress, part, silent

__all__ = ["description", "run_patient_3", "shoulder_case"]

ID, SEED = "patient-3", 3
COARSE_ICE_MM = 1.5
"""Voxels of the small demo's prediction: its band is run on twice as much, and ice cannot be coarser than 3 mm."""
PROBE = "icerod"
"""Cryoprobe of this story; the paper does not name its own."""
PICTURE = "figure-3.jpg"
"""Beside the report: the ice ball on CT during the freeze."""
FINE_MM = (2.0, 1.25, 1.25)
"""Voxels of the demo (slice, row, column)."""
COARSE_MM = (4.0, 2.5, 2.5)
"""Voxels of the small demo."""

HEAD = """# Patient 3: a digital patient after Figure 3 of Filippiadis 2022 (49-year-old woman, painful soft-tissue mass of the
# right shoulder, percutaneous cryoablation for pain palliation). Everything that the paper does not say is synthetic.
"""
IMAGES = """
[images.planning]
path = "ct-planning"

[structures]
masks = "organs.seg.nrrd"
find_missing = false
"""
FREEZING = """
[images.freezing]
path = "ct-freezing"
"""
LESION = """
[[lesions]]
id = "S1"
organ = "soft_tissue"
mask = "mass.seg.nrrd"
"""
MEASURED = ("id =", "organ =", "diameter_mm =", "near_mm =")
"""Lines of the figure patient's lesion that the images replace."""
UNSEEN = ("subcutaneous_fat", "muscle", "deltoid", "mediastinum", "skin", "large_vessels", "bone", "lung", "nerve", "joint")
"""Painted tissues that a radiologist would not outline, and groups of outlines that are there one by one."""


def run_patient_3(folder: Path, progress: Progress = silent, *, small: bool = False) -> tuple[Path, ...]:
    """Make patient 3 in an empty folder and run it to the report.

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
        Report, PDF, the folder of exports, and the picture of the ice ball on CT.

    Raises
    ------
    CaseError
        If the folder holds something that is not a former demo, or its shoulder leaves no way in.
    """
    patient, case = shoulder_case(folder, part(progress, 0.0, 0.25), small=small)
    case = _frozen(case, part(progress, 0.25, 0.7), small=small)
    progress(0.7, "scanning during the freeze")
    case = _during_freeze(patient, case, case.outcomes[-1], folder)
    return *told(case, folder, part(progress, 0.8, 1.0)), folder / PICTURE


def shoulder_case(folder: Path, progress: Progress = silent, *, small: bool = False) -> tuple[DigitalPatient, Case]:
    """Patient 3 before anything is done: images, outlines and ``case.toml`` in a folder, and the case that they make.

    Parameters
    ----------
    folder : Path
        Made if absent; a former demo in it is replaced, anything else is refused.
    progress : Progress
        Told how far it is.
    small : bool
        Coarse voxels.

    Raises
    ------
    CaseError
        If the folder holds something that is not a former demo.
    """
    from locoregional.imaging.phantom.shoulder import digital_shoulder
    from locoregional.imaging.seg_nrrd import write_seg_nrrd

    cleared(folder)
    patient = digital_shoulder(SEED, spacing_mm=COARSE_MM if small else FINE_MM, progress=part(progress, 0.0, 0.5))
    write_series(patient.ct, folder / "ct-planning", patient_id=ID, description="CT of the right shoulder (digital patient)")
    shown = {name: mask for name, mask in patient.structures.items() if name not in UNSEEN}
    write_seg_nrrd(shown, folder / "organs.seg.nrrd")
    write_seg_nrrd({"mass": patient.lesion}, folder / "mass.seg.nrrd")
    write_text_atomically(folder / INTAKE, description(patient))
    return patient, build_case(read_intake(folder / INTAKE), folder, part(progress, 0.6, 1.0))


def description(patient: DigitalPatient) -> str:
    """Text of ``case.toml``: the figure patient of the board with the phantom's images, outline and true distances."""
    from locoregional.imaging.phantom.shoulder import neighbours_mm

    person, lesion = figure_description("figure-3").split("[[lesions]]")
    person = person[person.index("[patient]") :].replace('id = "figure-3"', f'id = "{ID}"')
    kept = [line for line in lesion.splitlines() if line and not line.startswith(MEASURED)]
    near = ", ".join(f"{name} = {value:g}" for name, value in neighbours_mm(patient).items())
    return "\n".join([HEAD, person.rstrip(), IMAGES, LESION.strip(), *kept, f"near_mm = {{ {near} }}"]) + "\n"


def _frozen(case: Case, progress: Progress, *, small: bool) -> Case:
    """Every step of the course with two probes, as the figure shows."""
    from locoregional.demo.two_probes import two_probe_plan
    from locoregional.procedures.energies import energies

    case = workflow.select(case)
    plan = two_probe_plan(case, case.lesions[0], energies()["cryo"], part(progress, 0.0, 0.3), device_name=PROBE)
    case = case.appended(plan)
    case = workflow.simulate(coarsened(case, spacing_mm=COARSE_ICE_MM) if small else case, part(progress, 0.3, 0.95))
    return workflow.verify(case, part(progress, 0.95, 1.0))


def _during_freeze(patient: DigitalPatient, case: Case, outcome: Outcome, folder: Path) -> Case:
    """Case with the CT during the freeze: the coldest that the simulation reached, the cryoprobes as planned."""
    from locoregional.demo.freeze_picture import freeze_picture
    from locoregional.imaging.phantom.frozen import freezing_scan
    from locoregional.imaging.phantom.shoulder import digital_shoulder
    from locoregional.imaging.read import read_image
    from locoregional.imaging.resample import canonical
    from locoregional.procedures.energies import known_devices

    plan = next(p for p in case.plans if p.id == outcome.plan_id)
    bare = digital_shoulder(SEED, spacing_mm=patient.ct.spacing_mm, enhanced=False)
    _, device = known_devices()[plan.settings.device]
    cold = case.store.get(outcome.maps["lowest_temperature"])
    ways = [(np.array(n.tip_lps_mm), np.array(n.entry_lps_mm)) for n in plan.needles]
    shafts = [(tip, tip + (entry - tip) * (plan.settings.needle_length_mm / np.linalg.norm(entry - tip))) for tip, entry in ways]
    ice = freezing_scan(bare, cold, probes=shafts, probe_mm=device.diameter_mm, seed=SEED)
    write_series(ice, folder / "ct-freezing", patient_id=ID, description="CT at the end of the freeze (digital patient)")
    text = (folder / INTAKE).read_text(encoding="utf-8").replace("\n[structures]", f"{FREEZING}\n[structures]", 1)
    write_text_atomically(folder / INTAKE, text)
    (folder / PICTURE).write_bytes(freeze_picture(ice, ways, patient.lesion_seed_lps_mm))
    case.images["freezing"] = case.store.put(canonical(read_image(folder / "ct-freezing")))
    return case
