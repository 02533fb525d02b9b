"""What can be offered? The four figure patients of the review, and what one more datum would change.

    python examples/03_tumour_board.py

Research only: not a medical device, not for clinical decisions.
"""

from dataclasses import replace
from pathlib import Path

import locoregional as lr
from locoregional.figure_patients import figure_patient
from locoregional.report.board import write_board
from locoregional.workflow import overrule, standing


def main(folder: Path) -> dict[str, dict[str, str]]:
    answers = {}
    for number in range(1, 5):
        # A case is described, not imaged; what the review does not give was made up and is named so.
        case = lr.select(figure_patient(f"figure-{number}"))
        answers[case.patient.id] = {f"{o.lesion_id} {o.procedure}": o.answer for o in standing(case)}
        indicated = [pair for pair, answer in answers[case.patient.id].items() if answer == "indicated"]
        print(f"{case.patient.id}: indicated: {', '.join(indicated)}")

        # The sheet that a board would project: lesions by procedures, each cell with its reasons.
        sheets = folder / case.patient.id
        sheets.mkdir(parents=True, exist_ok=True)
        page, _ = write_board(case, sheets)
        print(f"  {page}")

    # One datum less: without the work-up, radioembolization is "cannot say", and the sheet asks for it.
    case = figure_patient("figure-2")
    unknown = replace(case.disease.liver, lung_dose_gy=None)
    asked = lr.select(replace(case, course=(), disease=replace(case.disease, liver=unknown)))
    option = next(o for o in standing(asked) if o.procedure == "tare_glass")
    print(f"without the lung dose: {option.answer}, otherwise {option.otherwise}; missing: {', '.join(option.missing)}")

    # A board may disagree; the answer of the rules stays beside its decision.
    decided = overrule(
        asked,
        lesion_id="L1",
        procedure_name="tare_glass",
        answer="possible",
        by="Tumour board",
        reason="Shunt known from last year",
    )
    print(f"overruled: {decided.overrules[-1].instead_of} -> {decided.overrules[-1].answer}")
    return answers


if __name__ == "__main__":
    main(Path("example-3"))
