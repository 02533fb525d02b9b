"""What the stories share: the folder they are made in, DICOM series, and the quick course of a small demo."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from locoregional import workflow
from locoregional.case import Case
from locoregional.case.build import save_case
from locoregional.case.intake import INTAKE
from locoregional.errors import CaseError
from locoregional.imaging.volume import Volume
from locoregional.progress import Progress, part
from locoregional.report.case_report import write_report
from locoregional.report.export import export_case
from locoregional.report.run import EXPORT

__all__ = ["cleared", "coarsened", "told", "treated_coarsely", "write_series"]

FORMER = tuple(f"# Patient {number}: a digital patient" for number in (1, 2, 3))
"""How the case file of a demo starts."""


def cleared(folder: Path) -> None:
    """Make a folder, or empty a former demo; never anything else.

    Raises
    ------
    CaseError
        If it holds something that is not a former demo.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / INTAKE).is_file() or not (folder / INTAKE).read_text(encoding="utf-8").startswith(FORMER):
            raise CaseError("the folder is not empty and holds no former demo", where=str(folder), remedy="Choose a new --out.")
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def told(case: Case, folder: Path, progress: Progress) -> tuple[Path, Path, Path]:
    """Write a case, its report and its exports; the page, the PDF and the folder of exports."""
    save_case(case, folder)
    page, pdf = write_report(case, folder, part(progress, 0.0, 0.7))
    export_case(case, folder / EXPORT, part(progress, 0.7, 1.0))
    return page, pdf, folder / EXPORT


def treated_coarsely(case: Case, progress: Progress, *, procedure_name: str) -> Case:
    """Every step of the course with one procedure, with few model runs on coarse voxels."""
    case = workflow.plan(workflow.select(case), part(progress, 0.0, 0.3), procedure_name=procedure_name)
    case = workflow.simulate(coarsened(case), part(progress, 0.3, 0.9))
    return workflow.verify(case, part(progress, 0.9, 1.0))


def coarsened(case: Case, *, spacing_mm: float = 2.0) -> Case:
    """Case whose last entry, a plan, asks for few model runs on coarse voxels."""
    plan = case.plans[-1]
    coarse = replace(plan, settings=replace(plan.settings, members=4, spacing_mm=spacing_mm))
    return replace(case, course=(*case.course[:-1], coarse))


def write_series(ct: Volume, folder: Path, *, patient_id: str, description: str) -> None:
    """Write a CT as a DICOM series."""
    from locoregional.imaging.dicom_write import write_ct_series

    write_ct_series(ct, folder, patient_id=patient_id, series_description=description)
