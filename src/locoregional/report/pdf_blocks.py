"""Blocks of a report as reportlab flowables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from io import BytesIO
from typing import Any

from reportlab.platypus import CondPageBreak, Flowable, Image, KeepTogether, Spacer
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from locoregional.report.document import (
    Badge,
    Block,
    Callout,
    Cell,
    Figure,
    Fold,
    KeyNumbers,
    Matrix,
    Number,
    Options,
    Paragraph,
    Report,
    RuleLine,
    Rules,
    Said,
    Scene3D,
    Section,
    SliceStack,
    Sources,
    Table,
)
from locoregional.report.pdf_matrix import matrix_flowables
from locoregional.report.pdf_style import LINE, MARGIN, PAGE, QUIET, SIGN, SOFT, STYLES, VERDICT, VERDICT_SOFT

__all__ = ["Painter"]

WIDTH = PAGE[0] - 2 * MARGIN
TALLEST = PAGE[1] - 200.0
ROOM = 60.0
"""Height below which a caption goes to the next page: itself, the head of its table and a row or two."""
LONG, SHORT = 16, 60
"""More rows than LONG, each cell of at most SHORT characters: the table is laid out side by side."""
TIGHT = [
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("LEFTPADDING", (0, 0), (-1, -1), 5),
    ("RIGHTPADDING", (0, 0), (-1, -1), 5),
]
CALLOUT_VERDICT = {
    "good": "good",
    "caution": "caution",
    "unchecked": "caution",
    "blocked": "blocked",
    "assumed": "neutral",
    "note": "neutral",
}
STATE = {
    "met": ("good", "✓ met"),
    "unmet": ("blocked", "✗ unmet"),
    "unknown": ("caution", "? unknown"),
    "absent": ("good", "✓ absent"),
    "present": ("blocked", "✗ present"),
    "heed": ("caution", "! heed"),
    "for": ("good", "✓ for"),
    "no": ("neutral", "– no"),
}


def _coloured(text: str, verdict: str) -> str:
    return f'<font color="{VERDICT[verdict].hexval().replace("0x", "#")}">{text}</font>'


def _side_by_side(block: Table) -> Table:
    """The second half of a long narrow table beside its first."""
    half = (len(block.rows) + 1) // 2
    right = (*block.rows[half:], ("", ""))  # one more, for an odd number of rows
    rows = tuple(a + b for a, b in zip(block.rows[:half], right, strict=False))
    return replace(block, columns=block.columns * 2, rows=rows, numeric=(*block.numeric, *(i + 2 for i in block.numeric)))


def _column_widths(rows: Sequence[Sequence[Text]], numeric: Sequence[int]) -> list[float]:
    """Widths of columns: numbers on one line, no column narrower than its longest word, the rest by how much each has to say."""
    widths = []
    for i, column in enumerate(zip(*rows, strict=True)):
        for text in column:
            text.wrap(10 * WIDTH, PAGE[1])
        full = max(width for text in column for width in (0.0, *text.getActualLineWidths0()))
        least = min(full if i in numeric else max(text.minWidth() for text in column), WIDTH / 4)
        widths.append((least + 11, max(0.0, min(full, WIDTH) - least)))  # 11: padding
    spare = max(0.0, WIDTH - sum(least for least, _ in widths))
    wished = sum(more for _, more in widths)
    if wished > spare:  # a column twice as full gets less than twice the room: lines even out
        shares = [more**0.7 for _, more in widths]
        given = [least + spare * share / sum(shares) for (least, _), share in zip(widths, shares, strict=True)]
    else:
        given = [least + more for least, more in widths]
    return [WIDTH * width / sum(given) for width in given]


class _Heading(Text):
    """A heading that also enters the PDF's outline."""

    def __init__(self, words: str, key: str) -> None:
        super().__init__(escape(words), STYLES["h1"])
        self.words, self.key = words, key

    def draw(self) -> None:
        """Draw, and note the place."""
        self.canv.bookmarkPage(self.key)
        self.canv.addOutlineEntry(self.words, self.key, 0)
        super().draw()


class Painter:
    """Turns one report into flowables."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def story(self) -> list[Flowable]:
        """Everything, in reading order."""
        r = self.report
        flow: list[Flowable] = [Text(escape(r.title), STYLES["title"]), Text(escape(r.patient), STYLES["patient"])]
        if r.headline:
            flow.append(Text(escape(r.headline), STYLES["headline"]))
        flow += self._answers()
        if r.cover:
            flow += [Spacer(1, 6), *self._figure(r.cover, tallest=230.0)]
        made = f"Made {r.date:%Y-%m-%d %H:%M %Z} with locoregional {r.version}. {r.intervals}"
        flow.append(Text(escape(made), STYLES["small"]))
        for i, section in enumerate(r.sections, 1):
            flow += self._section(section, f"section-{i}")
        return flow

    def _section(self, section: Section, key: str) -> list[Flowable]:
        flow: list[Flowable] = [CondPageBreak(130), _Heading(section.title, key)]
        if section.lead:
            flow.append(Text(escape(section.lead), STYLES["lead"]))
        for block in section.blocks:
            flow += self._block(block)
        return flow

    def _answers(self) -> list[Flowable]:
        rows, style = (
            [],
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
                ("LEFTPADDING", (0, 0), (0, -1), 8),
            ],
        )
        for i, a in enumerate(self.report.answers):
            answer = _coloured(f"<b>{SIGN[a.verdict]}{escape(a.answer)}</b>", a.verdict)
            detail = f'<br/><font size="7.2" color="#52616f">{escape(a.detail)}</font>' if a.detail else ""
            rows.append([Text(escape(a.question), STYLES["cell"]), Text(answer + detail, STYLES["cell"])])
            style.append(("LINEBEFORE", (0, i), (0, i), 3, VERDICT[a.verdict]))
        return [Grid(rows, colWidths=[WIDTH * 0.3, WIDTH * 0.7], style=style)] if rows else []

    def _mark(self, source: str, status: str) -> str:
        number = f" <super>[{self.report.number_of(source)}]</super>" if source else ""
        colour = {"unverified": "#9b1b3b", "borrowed": "#8a4b00", "assumed": "#26527a"}.get(status)
        return number + (f' <font size="6.6" color="{colour}"><i>{status}</i></font>' if colour else "")

    def _cell(self, cell: Cell) -> str:
        if isinstance(cell, Number):
            interval = f'<br/><font size="7" color="#52616f">{escape(cell.interval)}</font>' if cell.interval else ""
            return _coloured(escape(cell.text), cell.verdict) + self._mark(cell.source, cell.status) + interval
        if isinstance(cell, Badge):
            return _coloured(f"<b>{SIGN[cell.verdict]}{escape(cell.text)}</b>", cell.verdict)
        return escape(cell.text) + self._mark(cell.source, cell.status) if isinstance(cell, Said) else escape(cell)

    def _caption(self, words: str) -> list[Flowable]:
        return [CondPageBreak(ROOM), Text(escape(words), STYLES["caption"])] if words else []

    def _block(self, block: Block) -> list[Flowable]:
        draw: dict[type, Any] = {
            Paragraph: self._paragraph,
            Table: self._table,
            Figure: self._figure,
            KeyNumbers: self._numbers,
            Callout: self._callout,
            Options: self._options,
            Rules: self._rules,
            Matrix: lambda block: [*self._caption(block.caption), *matrix_flowables(block, width_px=WIDTH)],
            Sources: self._sources,
            Fold: self._fold,
        }
        if isinstance(block, Scene3D | SliceStack):
            return self._figure(block.still)
        flow: list[Flowable] = draw[type(block)](block)
        return flow

    def _paragraph(self, block: Paragraph) -> list[Flowable]:
        return [Text(escape(block.text) + "".join(self._mark(key, "") for key in block.sources), STYLES["text"])]

    def _figure(self, figure: Figure, *, tallest: float = TALLEST, heading: Sequence[Flowable] = ()) -> list[Flowable]:
        picture = Image(BytesIO(figure.data))
        scale = min(WIDTH * figure.width_share / picture.imageWidth, tallest / picture.imageHeight)
        picture.drawWidth, picture.drawHeight, picture.hAlign = picture.imageWidth * scale, picture.imageHeight * scale, "LEFT"
        parts = [Spacer(1, 4), picture, Spacer(1, 3), Text(escape(figure.caption), STYLES["small"]), Spacer(1, 5)]
        return [KeepTogether([*heading, *parts])]

    def _table(self, block: Table) -> list[Flowable]:
        if block.compact:
            return self._list(block)
        if len(block.columns) == 2 and len(block.rows) > LONG and all(len(str(c)) <= SHORT for row in block.rows for c in row):
            block = _side_by_side(block)
        side = {i: "-right" if i in block.numeric else "" for i in range(len(block.columns))}
        rows = [[Text(escape(c), STYLES["head" + side[i]]) for i, c in enumerate(block.columns)]]
        rows += [[Text(self._cell(c), STYLES["cell" + side[i]]) for i, c in enumerate(row)] for row in block.rows]
        style = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("LINEBELOW", (0, 0), (-1, 0), 1, QUIET),
            *TIGHT,
        ]
        grid = Grid(rows, colWidths=_column_widths(rows, block.numeric), repeatRows=1, style=style, splitInRow=1)
        return [*self._caption(block.caption), grid, Spacer(1, 5)]

    def _list(self, block: Table) -> list[Flowable]:
        """Rows as lines; a first column without a name says under which words they stand."""
        flow = self._caption(block.caption)
        for row in block.rows:
            first, *others = (self._cell(c) for c in row)
            if not block.columns[0]:
                first = f"<b>{first}:</b> {others.pop(0)}"
            flow.append(Text(" · ".join(words for words in (f"– {first}", *others) if words), STYLES["line"]))
        return flow

    def _numbers(self, block: KeyNumbers) -> list[Flowable]:
        across = min(4, max(1, len(block.numbers)))
        cells: list[Any] = []
        for n in block.numbers:
            below = "<br/>".join(escape(words) for words in (n.interval, n.note) if words)
            big = Text(
                _coloured(escape(n.text), n.verdict) + f'<font size="8">{self._mark(n.source, n.status)}</font>', STYLES["big"]
            )
            cells.append([Text(escape(n.label), STYLES["small"]), big, Text(below, STYLES["small"])])
        rows = [cells[i : i + across] for i in range(0, len(cells), across)]
        rows[-1] += [""] * (across - len(rows[-1]))
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), SOFT),
            ("INNERGRID", (0, 0), (-1, -1), 3, "white"),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
        return [Grid(rows, colWidths=[WIDTH / across] * across, style=style), Spacer(1, 8)]

    def _callout(self, block: Callout) -> list[Flowable]:
        verdict = CALLOUT_VERDICT[block.kind]
        inside = [Text(_coloured(f"<b>{escape(block.title)}</b>", verdict), STYLES["cell"])]
        inside += [Text(f"• {escape(p)}", STYLES["cell"]) for p in block.points]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), VERDICT_SOFT[verdict]),
            ("LINEBEFORE", (0, 0), (0, -1), 3, VERDICT[verdict]),
            ("LEFTPADDING", (0, 0), (-1, -1), 9),
        ]
        style += [("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]
        return [KeepTogether([Grid([[t] for t in inside], colWidths=[WIDTH], style=style, splitInRow=1), Spacer(1, 5)])]

    def _options(self, block: Options) -> list[Flowable]:
        flow: list[Flowable] = []
        for card in block.cards:
            place = f'<a name="{card.anchor}"/>' if card.anchor else ""
            conclusion = _coloured(SIGN[card.verdict] + escape(card.conclusion), card.verdict)
            flow.append(Text(f"{place}{escape(card.name)}: {conclusion}", STYLES["h2"]))
            if card.summary:
                flow.append(Text(escape(card.summary), STYLES["cell"]))
            flow += self._rule_lines(card.rules)
            flow += [flowable for inner in card.blocks for flowable in self._block(inner)]
            flow.append(Spacer(1, 4))
        return flow

    def _rules(self, block: Rules) -> list[Flowable]:
        said = "; ".join(escape(r.words) + self._mark(r.source, r.status) for r in block.lines)
        return [Text(f"<b>{escape(block.title)}:</b> {said}.", STYLES["small"])]

    def _rule_lines(self, lines: Sequence[RuleLine]) -> list[Flowable]:
        flow: list[Flowable] = []
        for r in lines:
            verdict, words = STATE[r.state]
            below = " · ".join(escape(x) for x in (r.found, r.directness) if x)
            rule = f"{_coloured(f'<b>{words}</b>', verdict)} {escape(r.words)}{self._mark(r.source, r.status)}"
            flow.append(Text(f'{rule} <font color="#52616f">{below}</font>', STYLES["line"]))
        return flow

    def _sources(self, block: Sources) -> list[Flowable]:
        del block
        lines = [
            f"[{i}] {escape(s.citation)}" + (f" doi:{escape(s.doi)}" if s.doi else "")
            for i, s in enumerate(self.report.sources, 1)
        ]
        words = (
            "unverified: recalled or seen second-hand; borrowed: measured in another tumour, tissue or species; "
            "assumed: chosen here. No mark: read in the source named, or computed here."
        )
        return [*(Text(line, STYLES["line"]) for line in lines), Spacer(1, 4), Text(words, STYLES["small"])]

    def _fold(self, block: Fold) -> list[Flowable]:
        heading = self._caption(block.title)
        blocks = list(block.blocks)
        if blocks and isinstance(blocks[0], Figure):
            heading = self._figure(blocks.pop(0), heading=heading[-1:])  # type: ignore[arg-type]
        return [*heading, *(flowable for inner in blocks for flowable in self._block(inner))]
