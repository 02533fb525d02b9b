"""Everything in one go: from a case folder to its report and exports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from locoregional import workflow
from locoregional.case import Case, Outcome, Overrule
from locoregional.errors import NotModelled
from locoregional.progress import Progress, part, silent
from locoregional.report.case_report import write_report
from locoregional.report.export import export_case

__all__ = ["run_case", "treated"]

EXPORT = "export"


def treated(case: Case, progress: Progress = silent, *, lesion_id: str = "", procedure_name: str = "") -> Case:
    """Case with a new course: selected, planned, simulated and verified; observed outcomes and persons' decisions are kept.

    A case for which nothing is indicated or possible comes back with its options only: that is an answer too.
    """
    seen = tuple(e for e in case.course if isinstance(e, Overrule) or (isinstance(e, Outcome) and not e.predicted))
    case = workflow.select(replace(case, course=seen), progress)
    if workflow.chosen(case, lesion_id=lesion_id, procedure_name=procedure_name):
        try:
            case = workflow.plan(case, part(progress, 0.0, 0.3), lesion_id=lesion_id, procedure_name=procedure_name)
        except NotModelled as reason:
            return replace(case, notes=(*case.notes, str(reason)))
        case = workflow.simulate(case, part(progress, 0.3, 0.85))
    if case.outcomes:
        case = workflow.verify(case, part(progress, 0.85, 1.0))
    return case


def run_case(folder: Path, progress: Progress = silent, *, lesion_id: str = "", procedure_name: str = "") -> tuple[Path, ...]:
    """Select, plan, simulate, verify, report and export a case folder.

    Parameters
    ----------
    folder : Path
        With ``case.toml`` or a chart.
    progress : Progress
        Told how far it is.
    lesion_id, procedure_name : str
        Plan only this lesion, or this procedure even where it is not indicated.

    Returns
    -------
    tuple of Path
        Report, PDF and, where there are images, the folder of exports. Nothing in the folder is touched before everything has
        been computed.
    """
    case = workflow.load(folder, part(progress, 0.0, 0.2))
    case = treated(case, part(progress, 0.2, 0.75), lesion_id=lesion_id, procedure_name=procedure_name)
    workflow.save(case, folder)
    page, pdf = write_report(case, folder, part(progress, 0.75, 0.92))
    if not case.images:
        return page, pdf
    export_case(case, folder / EXPORT, part(progress, 0.92, 1.0))
    return page, pdf, folder / EXPORT
