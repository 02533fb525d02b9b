"""The patient on the board: what is known, and the scores that follow."""

from __future__ import annotations

from locoregional.case import Case
from locoregional.report.board_scores import score_blocks
from locoregional.report.citations import Citations
from locoregional.report.document import Block, Cell, Fold, Paragraph, Section, Table
from locoregional.selection.patient_data import PATIENT_DATA
from locoregional.selection.profile import Profile

__all__ = ["patient_section"]


def patient_section(case: Case, citations: Citations) -> Section:
    """Scores of the patient and of each lesion, then every datum that rules may ask for, known and not."""
    blocks: list[Block] = [*score_blocks(case, citations), Fold("What is known of the patient", _known(case))]
    return Section("The patient", tuple(blocks), lead="Scores follow from what the case says; what it leaves open widens them.")


def _known(case: Case) -> tuple[Block, ...]:
    profile = Profile(case, case.lesions[0])
    rows: list[tuple[Cell, ...]] = []
    open_: list[str] = []
    for datum in PATIENT_DATA:
        value, name = profile.value(datum.name), datum.words.rstrip(":")
        if value is None:
            open_.append(name)
        else:
            said = datum.spoken(value).removeprefix(name).lstrip(": ") or "yes"
            rows.append((name[:1].upper() + name[1:] if name[1:2].islower() else name, said))
    blocks: list[Block] = [Table(("Datum", "The case says"), tuple(rows))] if rows else []
    return (*blocks, *([Paragraph(f"Not known: {', '.join(open_)}.")] if open_ else []))
