"""The figure patients of the review before the tumour board, from their descriptions alone."""

from __future__ import annotations

from pathlib import Path

from locoregional import workflow
from locoregional.case.build import save_case
from locoregional.case.chart import write_text_atomically
from locoregional.case.intake import INTAKE
from locoregional.errors import CaseError
from locoregional.figure_patients import figure_description

__all__ = ["run_figure"]


def run_figure(folder: Path, name: str) -> tuple[Path, Path, Path]:
    """Make a figure patient of the review in an empty folder, select, and write the board sheet.

    Parameters
    ----------
    folder : Path
        Made if absent.
    name : str
        ``figure-1`` to ``figure-4``.

    Returns
    -------
    tuple of Path
        The description, the page and the PDF.

    Raises
    ------
    CaseError
        If the folder is not empty.
    """
    from locoregional.report.board import write_board

    text = figure_description(name)
    if folder.exists() and any(folder.iterdir()):
        raise CaseError("the folder is not empty", where=str(folder), remedy="Choose a new --out.")
    write_text_atomically(folder / INTAKE, text)
    case = workflow.select(workflow.load(folder))
    save_case(case, folder)
    return (folder / INTAKE, *write_board(case, folder))
