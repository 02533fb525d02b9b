"""The patient on the board: what is known, and the scores that follow."""

from __future__ import annotations

from locoregional.case import Case
from locoregional.report.board_scores import score_blocks
from locoregional.report.citations import Citations
from locoregional.report.document import Block, Cell, Fold, Section, Table
from locoregional.selection.patient_data import PATIENT_DATA
from locoregional.selection.profile import Profile

__all__ = ["patient_section"]


def patient_section(case: Case, citations: Citations) -> Section:
    """Scores of the patient and of each lesion, then every datum that rules may ask for, known and not."""
    blocks: list[Block] = [*score_blocks(case, citations), Fold("What is known of the patient", (_known(case),))]
    return Section("The patient", tuple(blocks), lead="Scores follow from what the case says; what it leaves open widens them.")


def _known(case: Case) -> Table:
    profile = Profile(case, case.lesions[0])
    rows: list[tuple[Cell, ...]] = []
    for datum in PATIENT_DATA:
        value = profile.value(datum.name)
        rows.append((datum.words.rstrip(":").capitalize(), "not known" if value is None else datum.spoken(value)))
    return Table(("Datum", "The case says"), tuple(rows))
