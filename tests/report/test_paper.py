"""The board on paper: short, but without dropping what a cell says; long words and odd ids do not break it."""

import re
from dataclasses import replace

import pytest
from reportlab.platypus import KeepTogether
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from locoregional.figure_patients import figure_patient
from locoregional.report.board import board_of
from locoregional.report.board_cards import card_anchor, title_of
from locoregional.report.document import Number, Options, Rules, Said, Table
from locoregional.report.html import render_html
from locoregional.report.pdf import render_pdf
from locoregional.report.pdf_blocks import Painter
from locoregional.report.pdf_style import register_fonts
from locoregional.workflow import overrule, select

ODD_IDS = ("L 1", "L-1", "病灶甲", "病灶乙")


def figure_case(number):
    return select(figure_patient(f"figure-{number}"))


def with_lesions(ids, site):
    case = figure_patient("figure-1")
    lesions = tuple(replace(case.lesions[0], id=one, site=site, approved=False) for one in ids)
    return select(replace(case, lesions=lesions, course=(), disease=replace(case.disease, metastases_total=len(ids))))


def words_of(flowables):
    for flowable in flowables:
        if isinstance(flowable, Text):
            yield flowable.getPlainText()
        elif isinstance(flowable, KeepTogether):
            yield from words_of(flowable._content)
        elif isinstance(flowable, Grid):
            yield from words_of(cell for row in flowable._cellvalues for cell in row)
        elif isinstance(flowable, list):
            yield from words_of(flowable)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_paper_drops_no_word_number_interval_or_mark(number):
    register_fonts()
    report = board_of(figure_case(number), paper=True)
    printed = "\n".join(words_of(Painter(report).story()))
    cells = [cell for b in report.blocks() if isinstance(b, Table) for row in b.rows for cell in row]
    for cell in cells:
        assert getattr(cell, "text", cell) in printed
        if isinstance(cell, Number):
            assert cell.interval in printed
        if isinstance(cell, Number | Said) and cell.source:
            mark = f" {cell.status}" if cell.status in ("unverified", "borrowed", "assumed") else ""
            assert f"{cell.text} [{report.number_of(cell.source)}]{mark}" in printed
    rules = [r for b in report.blocks() if isinstance(b, Options) for card in b.cards for r in card.rules]
    for rule in rules:
        assert all(words in printed for words in (rule.words, rule.found, rule.directness))
    assert all(r.words in printed for b in report.blocks() if isinstance(b, Rules) for r in b.lines)


def test_the_sheet_of_two_lesions_stays_short():
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", render_pdf(board_of(figure_case(2), paper=True)))
    assert len(pages) <= 24


def test_ids_that_look_alike_lead_to_their_own_cards():
    case = with_lesions(ODD_IDS, "segment VI")
    assert len({card_anchor(o) for o in case.options}) == len(case.options)
    page = render_html(board_of(case))
    names = re.findall(r' id="([^"]*)"', page)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(names)
    assert render_pdf(board_of(case, paper=True)).startswith(b"%PDF")  # raises where a link leads nowhere


def test_long_words_fit_on_paper():
    case = with_lesions(ODD_IDS, ("segment " * 15).strip())
    for option in case.options:
        if option.answer in ("indicated", "possible", "cannot say"):
            case = overrule(
                case, lesion_id=option.lesion_id, procedure_name=option.procedure, answer="not indicated", by="B" * 80,
                reason=("because of this " * 70)[:1000],
            )  # fmt: skip
    assert render_pdf(board_of(case, paper=True)).startswith(b"%PDF")


def test_a_procedure_of_another_installation_keeps_its_name():
    case = figure_case(1)
    course = tuple(replace(o, procedure="histotripsy") if getattr(o, "procedure", "") == "mwa" else o for o in case.course)
    report = board_of(replace(case, course=course), paper=True)
    assert title_of("histotripsy").title == "histotripsy"
    matrix = next(b for b in report.sections[0].blocks if hasattr(b, "groups"))
    assert "histotripsy" in [name for name, _ in matrix.groups[-1].rows]
