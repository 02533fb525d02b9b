"""Flow diagram of how the studies were found, in the manner of PRISMA 2020."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from locoregional.evidence.plots.canvas import INK, QUIET, new_sheet, save_picture, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from locoregional.evidence.appraisal.prisma import Flow

__all__ = ["draw_flow"]

_WIDTH_MM, _MARGIN_MM = 170.0, 4.0
_MAIN_MM, _SIDE_MM = 70.0, 82.0
_SIZE, _LINE_MM, _PAD_MM, _GAP_MM = 7.5, 3.5, 2.0, 6.0
_STAGE_MM = 6.0


def draw_flow(flow: Flow, path: str | Path, *, title: str = "How the studies were found") -> Path:
    """Draw the flow diagram: what remains down the left, what leaves to the right.

    Parameters
    ----------
    flow : Flow
        Counts.
    path : str or Path
        Ends in ``.svg`` or ``.png``.
    title : str
        Heading.

    Returns
    -------
    Path
        Where the picture stands.

    Raises
    ------
    EvidenceError
        If the suffix is not known.
    """
    rows = _rows(flow)
    note = wrapped(f"Search: {' '.join(flow.words.split())}", width_mm=_WIDTH_MM - 2 * _MARGIN_MM, size=6.5)
    placed, y = [], 12.0
    for stage, main, side in rows:
        lines = [_folded(main, _MAIN_MM), _folded(side, _SIDE_MM)]
        height = _LINE_MM * max(len(lines[0]), len(lines[1])) + 2 * _PAD_MM
        placed.append((stage, lines, y, height))
        y += height + _GAP_MM
    figure, sheet = new_sheet(width_mm=_WIDTH_MM, height_mm=y + 3.0 * len(note) + 2.0)
    sheet.text(_MARGIN_MM, 6.0, title, fontsize=9.5, fontweight="bold", color=INK, va="center_baseline")
    left = _MARGIN_MM + _STAGE_MM + 1.0
    right = _WIDTH_MM - _MARGIN_MM - _SIDE_MM
    for i, (stage, (main, side), top, height) in enumerate(placed):
        _stage(sheet, stage, top=top, height=height)
        _box(sheet, main, x=left, top=top, width=_MAIN_MM, height=height)
        if side:
            _box(sheet, side, x=right, top=top, width=_SIDE_MM, height=height)
            _arrow(sheet, (left + _MAIN_MM, top + height / 2), (right, top + height / 2))
        if i + 1 < len(placed):
            _arrow(sheet, (left + _MAIN_MM / 2, top + height), (left + _MAIN_MM / 2, placed[i + 1][2]))
    for i, text in enumerate(note):
        sheet.text(_MARGIN_MM, y + 3.0 * i, text, fontsize=6.5, color=QUIET, va="center_baseline")
    return save_picture(figure, path, title=title, words="\n".join([*flow.lines, flow.words]))


def _rows(flow: Flow) -> list[tuple[str, list[str], list[str]]]:
    """Stage, what remains and what leaves, as lines."""
    total = sum(n for _, n in flow.identified)
    return [
        (
            "Identified",
            [f"Records identified {_count(total)}", *_listed(flow.identified)],
            [f"Duplicates removed before screening {_count(flow.duplicates)}"],
        ),
        (
            "Screened",
            [f"Records screened {_count(flow.screened)}"],
            [f"Excluded {_count(sum(n for _, n in flow.excluded))}", *_listed(flow.excluded)],
        ),
        (
            "Read",
            [f"Series of patients sought {_count(flow.sought)}"],
            [f"Abstract not read {_count(flow.not_read)}: kept, marked unverified, deciding nothing by themselves"],
        ),
        (
            "Included",
            [
                f"Series in the evidence base {_count(flow.included)}",
                f"with a number in one of {flow.pools} pools {_count(flow.in_pools)}",
            ],
            [],
        ),
    ]


def _listed(counts: Sequence[tuple[str, int]]) -> list[str]:
    return [f"\N{BULLET} {name} {_count(n)}" for name, n in counts]


def _count(n: int) -> str:
    """A count that no line break parts."""
    return f"(n = {n})".replace(" ", "\N{NO-BREAK SPACE}")


def _folded(lines: Sequence[str], width_mm: float) -> list[str]:
    """Lines as they fit; what goes on of a point of a list is indented."""
    folded = []
    for text in lines:
        hang = "   " if text.startswith("\N{BULLET}") else ""
        first, *rest = wrapped(text, width_mm=width_mm - 2 * _PAD_MM - (3.0 if hang else 1.0), size=_SIZE) or [""]
        folded += [first, *(hang + part for part in rest)]
    return folded


def _stage(sheet: Axes, text: str, *, top: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    sheet.add_patch(Rectangle((_MARGIN_MM, top), _STAGE_MM - 1.0, height, facecolor="#dbe7f3", edgecolor="none"))
    middle = (_MARGIN_MM + (_STAGE_MM - 1.0) / 2, top + height / 2)
    sheet.text(*middle, text, fontsize=6.0, rotation=90, ha="center", va="center", color=INK, fontweight="bold")


def _box(sheet: Axes, lines: Sequence[str], *, x: float, top: float, width: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    sheet.add_patch(Rectangle((x, top), width, height, facecolor="white", edgecolor=QUIET, linewidth=0.8))
    start = top + (height - _LINE_MM * len(lines)) / 2
    for i, text in enumerate(lines):
        sheet.text(x + _PAD_MM, start + _LINE_MM * (i + 0.5), text, fontsize=_SIZE, color=INK, va="center_baseline")


def _arrow(sheet: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    sheet.annotate(
        "", end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": QUIET, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    )
