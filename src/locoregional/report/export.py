"""Files for other programs: NIfTI maps, DICOM SEG, needles for 3D Slicer, surfaces as STL and glTF."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

import numpy as np

from locoregional.case import Case, Outcome, Plan
from locoregional.imaging.resample import resampled
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, silent
from locoregional.report.applicators import applicator_names
from locoregional.report.export_dose import write_doses

__all__ = ["export_case"]

README = (
    ("*.nii.gz", "maps and masks; drag into 3D Slicer (NIfTI stores RAS, Slicer converts): probability (chance that tissue "
     "dies), zone (what dies in the nominal run), ice (as CT shows it), minus20 and minus40 (ever that cold), dose (Gy)"),
    ("needles.mrk.json", "one line for every planned applicator, from skin entry to tip; drag into 3D Slicer"),
    ("segmentations.dcm", "DICOM SEG of lesions, predicted zones and ice, for PACS, with the series it refers to in ct/"),
    ("*-dose.dcm", "absorbed dose as DICOM RT Dose (32 bits, Gy), on the frame of reference of ct/ where there is one"),
    ("*-dose-sr.dcm", "dose of each lesion as a structured report (TID 1500), bound to the segments of segmentations.dcm"),
    ("*_lps_mm.stl", "surfaces; STL has no unit and no frame: they are LPS millimetres"),
    ("scene.glb", "all surfaces in one glTF file (metres, Y up, as glTF wants)"),
)  # fmt: skip
"""Files that an export may hold, and what they are."""
COLOURS = {
    "lesion": (0.85, 0.65, 0.1, 1.0),
    "zone": (0.8, 0.25, 0.1, 0.45),
    "organ": (0.55, 0.25, 0.2, 0.3),
    "contour": (0.8, 0.95, 1.0, 0.25),
}
CONTOUR_WORDS = {"ice": "ice", "minus20": "below -20 C", "minus40": "below -40 C"}
"""Contours of a predicted zone by the name of their map, as a segment is called."""


def export_case(case: Case, folder: Path, progress: Progress = silent) -> tuple[Path, ...]:
    """Write everything that other programs open.

    Parameters
    ----------
    case : Case
        With plans and outcomes.
    folder : Path
        Made anew: an earlier export of the same case is replaced as a whole.
    progress : Progress
        Told how far it is.

    Returns
    -------
    tuple of Path
        Files written.
    """
    from locoregional.imaging.nifti import write_nifti

    fresh = folder.with_name(f".{folder.name}-writing")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for lesion in case.lesions:
            if lesion.mask is not None:
                write_nifti(case.tumour(lesion), fresh / f"lesion-{lesion.id}.nii.gz")
        for i, outcome in enumerate(case.outcomes):
            progress(0.3 * i / max(1, len(case.outcomes)), "writing maps")
            for name, ref in outcome.maps.items():
                write_nifti(case.store.get(ref), fresh / f"{outcome.id}-{name.replace('_', '-')}.nii.gz")
        progress(0.3, "writing needles and surfaces")
        _needles(case, fresh)
        _surfaces(case, fresh)
        progress(0.6, "writing DICOM SEG")
        _segmentations(case, fresh)
        progress(0.9, "writing doses")
        write_doses(case, fresh)
        (fresh / "README.txt").write_text(_readme(case, fresh), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return tuple(sorted(p for p in folder.iterdir()))


def _readme(case: Case, folder: Path) -> str:
    """What lies in the folder, and why something that one may look for does not."""
    lines = ["Files of this folder, in patient space (DICOM LPS millimetres unless the format says otherwise)", ""]
    for pattern, words in README:
        if any(folder.glob(pattern)):
            lines += textwrap.wrap(words, 120, initial_indent=f"{pattern:<18}", subsequent_indent=" " * 18)
    if not (folder / "segmentations.dcm").is_file():
        modality = case.image().modality if "planning" in case.images else ""
        why = f"the planning image is {modality}" if modality not in ("", "CT") else "no lesion is outlined"
        lines += ["", f"No DICOM SEG and no structured report: they refer to outlines on a CT, and {why}."]
    return "\n".join([*lines, "", "Research software: not a medical device, not for clinical decisions.", ""])


def _needles(case: Case, folder: Path) -> None:
    from locoregional.imaging.markups import needle_line, write_markups

    lines = [
        needle_line(
            _needle_name(plan, i), entry_lps_mm=n.entry_lps_mm, tip_lps_mm=n.tip_lps_mm, description="; ".join(n.words[:1])
        )
        for plan in case.plans
        for i, n in enumerate(plan.needles)
    ]
    if lines:
        write_markups(lines, folder / "needles.mrk.json")


def _needle_name(plan: Plan, index: int) -> str:
    return f"{plan.id} {'needle' if len(plan.needles) == 1 else applicator_names(plan)[index]}"


def _surfaces(case: Case, folder: Path) -> None:
    from locoregional.imaging.surface import mask_surface, write_glb, write_stl

    meshes, colours = {}, {}
    for lesion in case.lesions:
        if lesion.mask is not None:
            name = f"lesion-{lesion.id}"
            meshes[name], colours[name] = mask_surface(case.tumour(lesion)), COLOURS["lesion"]
    for outcome in case.outcomes:
        zone = _zone(case, outcome)
        if zone is not None and outcome.image == "planning":
            name = f"{outcome.id}-zone"
            meshes[name], colours[name] = mask_surface(zone), COLOURS["zone"]
        for key, mask in _contours(case, outcome).items():
            name = f"{outcome.id}-{key}"
            meshes[name], colours[name] = mask_surface(mask), COLOURS["contour"]
    for organ in dict.fromkeys(x.organ.value for x in case.lesions):
        whole = case.structure(organ)
        if whole is not None and whole.array.any():
            meshes[organ], colours[organ] = mask_surface(whole), COLOURS["organ"]
    for name, mesh in meshes.items():
        write_stl(mesh, folder, name=name)
    if meshes:
        write_glb(meshes, folder / "scene.glb", colours=colours)


def _zone(case: Case, outcome: Outcome) -> Volume | None:
    """Zone of an outcome as a mask: at least half of the model runs agree, or what was observed."""
    if "probability" in outcome.maps:
        probability = case.store.get(outcome.maps["probability"])
        mask = probability.on(probability.array >= 0.5, unit="")
    elif "zone" in outcome.maps:
        mask = case.store.get(outcome.maps["zone"])
    else:
        return None
    return mask if mask.array.any() else None


def _contours(case: Case, outcome: Outcome) -> dict[str, Volume]:
    """Further outlines of a predicted zone on the planning image, by the name of their map."""
    if not outcome.predicted or outcome.image != "planning":
        return {}
    masks = {name: case.store.get(outcome.maps[name]) for name in CONTOUR_WORDS if name in outcome.maps}
    return {name: mask for name, mask in masks.items() if mask.array.any()}


def _segmentations(case: Case, folder: Path) -> None:
    """SEG of lesions and predicted zones on the planning grid; the CT goes with it, because a SEG must refer to images."""
    from locoregional.imaging.dicom_write import write_ct_series
    from locoregional.imaging.seg_write import write_seg

    planning = case.image()
    if planning.modality not in ("", "CT"):
        return
    masks = {f"lesion {x.id}": case.tumour(x) for x in case.lesions if x.mask is not None}
    for outcome in case.outcomes:
        zone = _zone(case, outcome)
        if zone is not None and outcome.image == "planning":
            name = f"predicted zone {_short(outcome)}" if outcome.predicted else f"ablation zone {outcome.id}"
            masks[name] = _carried(zone, planning)
        for key, mask in _contours(case, outcome).items():
            masks[f"predicted {CONTOUR_WORDS[key]} {_short(outcome)}"] = _carried(mask, planning)
    plain = {name: Volume(m.array.astype(bool), planning.affine) for name, m in masks.items() if m.array.any()}
    if not plain:
        return
    hu = Volume(np.clip(planning.array, -1024, 3071), planning.affine, unit="HU", modality="CT")
    write_ct_series(hu, folder / "ct", patient_id=case.patient.id, series_description="Planning CT (export)")
    write_seg(plain, folder / "segmentations.dcm", source=folder / "ct", description="Lesions and predicted ablation zones")


def _short(outcome: Outcome) -> str:
    return outcome.id.removeprefix("predicted-")


def _carried(mask: Volume, planning: Volume) -> Volume:
    """Mask on the grid of the planning image."""
    return planning.on(resampled(mask, planning.grid).array > 0.5, unit="")
