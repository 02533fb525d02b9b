"""Lesions by procedures on paper."""

from __future__ import annotations

from html import escape

from reportlab.platypus import Flowable, Spacer
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from locoregional.report.option_blocks import Matrix, MatrixCell
from locoregional.report.pdf_style import INFO, INFO_SOFT, LINE, QUIET, SOFT, STYLES, VERDICT, VERDICT_SOFT

__all__ = ["matrix_flowables"]

ACROSS = 5
"""Lesions side by side on a page; more go into a second matrix."""
FIRST_SHARE = 0.27
LOOK = {
    "indicated": ("✓", VERDICT["good"], VERDICT_SOFT["good"]),
    "possible": ("!", VERDICT["caution"], VERDICT_SOFT["caution"]),
    "cannot say": ("?", INFO, INFO_SOFT),
    "not indicated": ("–", QUIET, SOFT),
    "contraindicated": ("✗", VERDICT["blocked"], VERDICT_SOFT["blocked"]),
}
"""Sign, ink and ground of each answer, so that colour is never alone."""


def matrix_flowables(block: Matrix, *, width_px: float) -> list[Flowable]:
    """Flowables of a matrix, without its caption.

    Parameters
    ----------
    block : Matrix
        What to show.
    width_px : float
        Width of the text, in points.
    """
    flow: list[Flowable] = []
    for start in range(0, max(1, len(block.columns)), ACROSS):
        flow += [_part(block, slice(start, start + ACROSS), width_px), Spacer(1, 5)]
    return flow


def _part(block: Matrix, lesions: slice, width: float) -> Grid:
    columns = block.columns[lesions]
    heads = [f'<b>{escape(name)}</b><br/><font size="7">{escape(words)}</font>' for name, words in columns]
    rows = [[Text("Procedure", STYLES["head"]), *(Text(h, STYLES["cell"]) for h in heads)]]
    style: list[tuple] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LINEBELOW", (0, 0), (-1, 0), 1, QUIET)]
    for group in block.groups:
        style += [("BACKGROUND", (0, len(rows)), (-1, len(rows)), SOFT), ("SPAN", (0, len(rows)), (-1, len(rows)))]
        style.append(("NOSPLIT", (0, len(rows)), (0, len(rows) + 1)))  # a family's name stays with its first procedure
        rows.append([Text(f"<b>{escape(group.title)}</b>", STYLES["small"]), *("" for _ in columns)])
        for name, cells in group.rows:
            shown = cells[lesions]
            for i, cell in enumerate(shown, start=1):
                if cell.answer in LOOK:
                    style.append(("BACKGROUND", (i, len(rows)), (i, len(rows)), LOOK[cell.answer][2]))
            rows.append([Text(escape(name), STYLES["cell"]), *(_cell(cell) for cell in shown)])
    style += [("INNERGRID", (1, 1), (-1, -1), 1.5, "white"), ("LINEBELOW", (0, 1), (0, -1), 0.4, LINE)]
    style += [("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5)]
    first = width * FIRST_SHARE
    rest = min((width - first) / max(1, len(columns)), width * 0.3)
    return Grid(rows, colWidths=[first, *[rest] * len(columns)], repeatRows=1, style=style, hAlign="LEFT")


def _cell(cell: MatrixCell) -> Text:
    if cell.answer not in LOOK:
        return Text("·", STYLES["cell"])
    sign, ink, _ = LOOK[cell.answer]
    colour = ink.hexval().replace("0x", "#")
    answer = f'<font color="{colour}"><b>{sign} {escape(cell.answer.capitalize())}</b></font>'
    note = f'<br/><font size="6.8" color="#52616f">{escape(cell.note)}</font>' if cell.note else ""
    link = f'<a href="#{cell.anchor}">{answer}</a>' if cell.anchor else answer
    return Text(link + note, STYLES["cell"])
