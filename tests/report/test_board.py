"""The board sheet: every lesion and procedure in one matrix, each cell with its reasons, then what is still open."""

import re
from dataclasses import replace

import pytest

from locoregional.case.option import ANSWERS
from locoregional.figure_patients import figure_patient
from locoregional.report.board import NOT_COMPARED, board_of, write_board
from locoregional.report.document import DocumentError, Matrix, Options, Rules, Table
from locoregional.report.html import render_html
from locoregional.report.option_blocks import MatrixCell, MatrixGroup
from locoregional.workflow import overrule, select


def patient(number):
    return select(figure_patient(f"figure-{number}"))


@pytest.fixture(scope="module", params=[1, 2, 3, 4])
def case(request):
    return patient(request.param)


def matrix_of(report):
    return next(b for b in report.blocks() if isinstance(b, Matrix))


def test_the_matrix_holds_every_answer_and_leads_to_its_reasons(case):
    report = board_of(case)
    page = render_html(report)
    answers = {(o.lesion_id, o.procedure): o.answer for o in case.options}
    cells = [c for group in matrix_of(report).groups for _, row in group.rows for c in row]
    shown = [c.answer for c in cells if c.answer in ANSWERS]
    assert len(shown) == sum(o.rules[0].fact.split(":")[-1] != "organs" for o in case.options)
    assert set(shown) <= set(answers.values())
    for cell in cells:
        if cell.answer in ANSWERS:
            assert f'id="{cell.anchor}"' in page
            assert f'href="#{cell.anchor}"' in page


def test_every_rule_of_every_cell_is_on_the_page(case):
    report = board_of(case)
    lines = [r for b in report.blocks() if isinstance(b, Options) for card in b.cards for r in card.rules]
    lines += [r for b in report.blocks() if isinstance(b, Rules) for r in b.lines]
    words = {line.words for line in lines}
    for option in case.options:
        if option.rules[0].fact.split(":")[-1] != "organs":
            assert {f"{r.words} ({r.effect})" for r in option.rules} <= words
    assert all(line.source for line in lines)


def test_the_sheet_says_what_it_does_not_do_and_what_was_made_up(case):
    page = render_html(board_of(case))
    assert NOT_COMPARED.split(";")[0] in page
    assert "Synthetic values" in page
    assert "Not for clinical decisions" in page


def test_missing_data_become_questions_and_the_deciding_ones_are_marked():
    report = board_of(patient(1))
    table = next(b for s in report.sections if s.title == "Questions still open" for b in s.blocks if isinstance(b, Table))
    asked = {row[0]: row for row in table.rows}
    question = next(row for words, row in asked.items() if "lung dose" in words)
    assert "TARE" in question[2]
    assert question[3].text == "decides"


def test_a_persons_decision_stands_beside_the_rules():
    case = overrule(patient(1), lesion_id="L1", procedure_name="cryo", answer="not indicated", by="Board <A>", reason="No device")
    page = render_html(board_of(case))
    assert "overruled by Board &lt;A&gt;; rules: indicated" in page
    assert "No device" in page


def test_a_decision_that_no_longer_fits_is_a_question():
    case = overrule(patient(1), lesion_id="L1", procedure_name="cryo", answer="not indicated", by="Board", reason="No device")
    changed = replace(case, disease=replace(case.disease, surgical_candidate=True))
    page = render_html(board_of(select(changed)))
    assert "Decisions that no longer fit" in page
    assert "is not applied until it is made again" in page


def test_a_size_that_looks_like_centimetres_is_asked_about_and_does_not_decide():
    case = patient(1)
    small = replace(case.lesions[0], diameter_mm=2.2, approved=False)
    made = select(replace(case, lesions=(small,), course=()))
    option = next(o for o in made.options if o.procedure == "mwa")
    assert option.answer == "possible"
    assert "diameter" in option.weighing
    assert "Is that centimetres (22 mm)?" in render_html(board_of(made))


def test_paper_tells_what_to_expect_once_and_is_written_whole(tmp_path):
    case = patient(2)
    page, pdf = write_board(case, tmp_path)
    assert page.name == "board.html"
    assert pdf.read_bytes().startswith(b"%PDF")
    assert re.search(r"<script>.*hashchange", page.read_text(encoding="utf-8"), re.DOTALL), "a link opens its card"
    paper = board_of(case, paper=True)
    captions = [b.caption for b in paper.blocks() if isinstance(b, Table)]
    assert captions.count("TARE (resin microspheres), liver") == 1


def test_a_matrix_refuses_rows_that_do_not_fit():
    with pytest.raises(DocumentError, match="cells"):
        Matrix((("L1", "liver"),), (MatrixGroup("g", (("p", ()),)),))
    with pytest.raises(DocumentError, match="perhaps"):
        MatrixCell("perhaps")
