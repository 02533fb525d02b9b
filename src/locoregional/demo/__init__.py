"""Digital patients from CT to report, each after a figure of Filippiadis 2022; and the figure patients on the board."""

from __future__ import annotations

from pathlib import Path

from locoregional.demo.figures import run_figure
from locoregional.errors import CaseError
from locoregional.progress import Progress, silent

__all__ = ["STORIES", "run_demo", "run_figure"]

STORIES = {
    1: "a 72-year-old woman with one liver metastasis: microwave ablation and follow-up",
    2: "a 51-year-old woman with several liver metastases: radioembolization, from the work-up to the delivered dose",
    3: "a 49-year-old woman with a painful mass of the shoulder: cryoablation to relieve the pain",
}
"""Numbers of the figures that run as digital patients, and who they are."""


def run_demo(folder: Path, progress: Progress = silent, *, story: int = 1, small: bool = False) -> tuple[Path, ...]:
    """Make a digital patient in an empty folder and run it to the report.

    Parameters
    ----------
    folder : Path
        Made if absent; a former demo in it is replaced, anything else is refused.
    progress : Progress
        Told how far it is.
    story : int
        One of ``STORIES``.
    small : bool
        Coarse voxels: runs through every step quickly, too coarse to look at.

    Returns
    -------
    tuple of Path
        Report, PDF, the folder of exports, and further pictures.

    Raises
    ------
    CaseError
        If there is no such story, or the folder holds something that is not a former demo.
    """
    if story == 1:
        from locoregional.demo.patient_1 import run_patient_1

        return run_patient_1(folder, progress, small=small)
    if story == 2:
        from locoregional.demo.patient_2 import run_patient_2

        return run_patient_2(folder, progress, small=small)
    if story == 3:
        from locoregional.demo.patient_3 import run_patient_3

        return run_patient_3(folder, progress, small=small)
    raise CaseError(f"there is no digital patient {story}", where="demo", remedy=f"Known: {', '.join(map(str, STORIES))}.")
