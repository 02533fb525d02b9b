"""One look for the journal pictures of the evidence, drawn in millimetres, without Matplotlib's global state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from locoregional.errors import EvidenceError
from locoregional.imaging.atomic import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "DIRECTNESS_COLOURS",
    "GRID",
    "INK",
    "LINE_COLOURS",
    "POINTS_PER_MM",
    "QUIET",
    "SUFFIXES",
    "new_sheet",
    "save_picture",
    "text_width_mm",
    "wrapped",
]

INK = "#1b2a38"
QUIET = "#5d6b78"
GRID = "#dde3e8"
POINTS_PER_MM = 72.0 / 25.4
DOTS_PER_INCH = 300
SUFFIXES = (".svg", ".png")
"""What a picture may be: vectors with letters as outlines (no font is needed to show them), or 300 dots per inch."""

DIRECTNESS_COLOURS = {"breast": "#0072b2", "mixed": "#c55a00", "borrowed": "#7d4f9b", "": INK}
"""Breast only, several tumours together, another tumour: told apart by any colour vision, and always named in words too."""

LINE_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a6a00", "#56b4e9")


def new_sheet(*, width_mm: float, height_mm: float) -> tuple[Figure, Axes]:
    """White page whose axes are millimetres from its upper left corner.

    Parameters
    ----------
    width_mm, height_mm : float [mm]
        Size of the page.

    Returns
    -------
    figure, axes
        The figure, and invisible axes that cover it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), facecolor="white")
    FigureCanvasAgg(figure)
    sheet = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    sheet.set_xlim(0.0, width_mm)
    sheet.set_ylim(height_mm, 0.0)
    sheet.set_axis_off()
    sheet.set_zorder(2)  # words stand above what plots draw
    return figure, sheet


def text_width_mm(text: str, *, size: int | float, bold: bool = False) -> float:
    """Width of a line of text [mm] at a font size in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / POINTS_PER_MM


def wrapped(text: str, *, width_mm: float, size: int | float, bold: bool = False) -> list[str]:
    """Lines of a text that fit a width; a single word that is wider is cut between letters.

    Parameters
    ----------
    text : str
        Words; line breaks stay.
    width_mm : float [mm]
        Room.
    size : float
        Font size in points.
    bold : bool
        Weight of the font.

    Returns
    -------
    list of str
        At least one line.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in filter(None, paragraph.split(" ")):  # no break at a no-break space
            trial = f"{line} {word}" if line else word
            if text_width_mm(trial, size=size, bold=bold) <= width_mm:
                line = trial
                continue
            if line:
                lines.append(line)
            line = word
            while text_width_mm(line, size=size, bold=bold) > width_mm and len(line) > 1:
                fits = next(
                    (n for n in range(len(line) - 1, 1, -1) if text_width_mm(line[:n], size=size, bold=bold) <= width_mm), 1
                )
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def save_picture(figure: Figure, path: str | Path, *, title: str, words: str) -> Path:
    """Write a figure as SVG or PNG by its suffix, whole or not at all, the same bytes for the same figure.

    Parameters
    ----------
    figure : Figure
        What to write.
    path : str or Path
        Ends in ``.svg`` or ``.png``.
    title, words : str
        Title and the content in words; both are stored in the file, for readers who cannot see it.

    Returns
    -------
    Path
        Where it stands.

    Raises
    ------
    EvidenceError
        If the suffix is neither.
    """
    from matplotlib import rc_context

    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise EvidenceError(
            f"a picture cannot be written as {target.suffix or 'a file without ending'!r}",
            where=str(target),
            remedy="End its name in .svg or .png.",
        )
    about = {"Title": title, "Description": words}
    fixed = {"Date": None} if suffix == ".svg" else {"Software": None}
    with (
        atomic_path(target, overwrite=True) as part,
        rc_context({"svg.fonttype": "path", "svg.hashsalt": "locoregional"}),
    ):
        figure.savefig(part, format=suffix[1:], dpi=DOTS_PER_INCH, facecolor="white", metadata={**about, **fixed})
    return target
