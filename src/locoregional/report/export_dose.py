"""Absorbed doses for PACS: RT Dose, and the numbers of each lesion as a structured report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from locoregional.case import Case, Outcome
from locoregional.imaging.measurement_report import Measured, write_measurement_report
from locoregional.imaging.rtdose import write_rtdose

__all__ = ["write_doses"]

SEGMENTATION, SERIES = "segmentations.dcm", "ct"
"""What the export holds already, where the planning image is a CT."""
REPORTED = ("mean_dose", "d98", "d70", "d50", "d2", "v30", "v50", "v70", "v100", "bed_mean", "eqd2", "eubed")
"""Numbers of the structured report, by the start of their names."""


def write_doses(case: Case, folder: Path) -> None:
    """Write every dose of a case into the folder of an export.

    Parameters
    ----------
    case : Case
        Its outcomes may hold a map called ``dose``.
    folder : Path
        With the segmentation and the series it refers to, where there are such.
    """
    for outcome in case.outcomes:
        if "dose" not in outcome.maps:
            continue
        series = folder / SERIES
        dose = case.store.get(outcome.maps["dose"])
        # noise below zero has no place in the format; and the exported series is the planning image under a name of its own
        kept = replace(dose.on(dose.array.clip(min=0.0)), frame_of_reference="")
        write_rtdose(
            kept,
            folder / f"{outcome.id}-dose.dcm",
            source=series if series.is_dir() else None,
            comment="; ".join(outcome.words[:3]),
            patient_id=case.patient.id,
        )
        measured = _measured(case, outcome)
        if measured and (folder / SEGMENTATION).is_file():
            write_measurement_report(
                measured,
                folder / f"{outcome.id}-dose-sr.dcm",
                segmentation=folder / SEGMENTATION,
                source=series,
                description=f"Absorbed dose, {'predicted' if outcome.predicted else 'delivered'}",
            )


def _measured(case: Case, outcome: Outcome) -> list[Measured]:
    """Numbers of the lesions that have a segment."""
    drawn = {lesion.id for lesion in case.lesions if lesion.mask is not None}
    made = []
    for q in outcome.quantities:
        start = next((s for s in REPORTED if q.name.startswith(f"{s}_")), "")
        lesion = q.name.removeprefix(f"{start}_")
        if start and lesion in drawn and q.value is not None:
            made.append(Measured(f"lesion {lesion}", start, q.words, q.value, q.unit, q.low, q.high))
    return made
