"""Type and colour of the PDF: DejaVu, which prints every symbol used, from Matplotlib's own fonts."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle

__all__ = [
    "INFO",
    "INFO_SOFT",
    "LINE",
    "MARGIN",
    "PAGE",
    "QUIET",
    "SANS",
    "SANS_BOLD",
    "STYLES",
    "VERDICT",
    "VERDICT_SOFT",
    "WARN",
    "WARN_SOFT",
    "font_folder",
    "register_fonts",
]

PAGE = A4
MARGIN = 38.0
SANS, SANS_BOLD, SANS_ITALIC = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique"
INK, QUIET, LINE, SOFT, ACCENT = (HexColor(c) for c in ("#16222d", "#52616f", "#d5dde4", "#f1f4f7", "#0a5a78"))
WARN, WARN_SOFT = HexColor("#8a4b00"), HexColor("#fdf1dd")
INFO, INFO_SOFT = HexColor("#26527a"), HexColor("#e6eff8")
VERDICT = {"good": HexColor("#17693f"), "caution": WARN, "blocked": HexColor("#9b1b3b"), "neutral": INK}
VERDICT_SOFT = {"good": HexColor("#e4f4ec"), "caution": WARN_SOFT, "blocked": HexColor("#fce8ec"), "neutral": SOFT}
SIGN = {"good": "✓ ", "caution": "! ", "blocked": "✗ ", "neutral": ""}

_TEXT = ParagraphStyle("text", fontName=SANS, fontSize=8.2, leading=10.8, textColor=INK, spaceAfter=3)
STYLES = {
    "text": _TEXT,
    "title": ParagraphStyle("title", parent=_TEXT, fontName=SANS_BOLD, fontSize=16, leading=20, spaceAfter=3),
    "patient": ParagraphStyle("patient", parent=_TEXT, textColor=QUIET, fontSize=9, leading=12, spaceAfter=5),
    "headline": ParagraphStyle("headline", parent=_TEXT, fontSize=10.4, leading=14, spaceAfter=6),
    "h1": ParagraphStyle(
        "h1",
        parent=_TEXT,
        fontName=SANS_BOLD,
        fontSize=13,
        leading=17,
        textColor=ACCENT,
        spaceBefore=9,
        spaceAfter=2,
        keepWithNext=1,
    ),
    "h2": ParagraphStyle(
        "h2", parent=_TEXT, fontName=SANS_BOLD, fontSize=9.4, leading=12, spaceBefore=5, spaceAfter=2, keepWithNext=1
    ),
    # No keepWithNext: it would push the whole table below it to the next page.
    "caption": ParagraphStyle("caption", parent=_TEXT, fontName=SANS_BOLD, leading=10.6, spaceBefore=3, spaceAfter=1),
    "lead": ParagraphStyle("lead", parent=_TEXT, textColor=QUIET, leading=10.8),
    "small": ParagraphStyle("small", parent=_TEXT, textColor=QUIET, fontSize=6.8, leading=8.3, spaceAfter=1.5),
    "line": ParagraphStyle(
        "line", parent=_TEXT, fontSize=6.8, leading=8.3, spaceAfter=0.8, leftIndent=9, firstLineIndent=-9, allowWidows=0
    ),
    "cell": ParagraphStyle("cell", parent=_TEXT, fontSize=7.4, leading=9.2, spaceAfter=0),
    "cell-right": ParagraphStyle("cell-right", parent=_TEXT, fontSize=7.4, leading=9.2, spaceAfter=0, alignment=2),
    "head": ParagraphStyle("head", parent=_TEXT, fontName=SANS_BOLD, fontSize=7, leading=8.8, textColor=QUIET, spaceAfter=0),
    "head-right": ParagraphStyle(
        "head-right", parent=_TEXT, fontName=SANS_BOLD, fontSize=7, leading=8.8, textColor=QUIET, spaceAfter=0, alignment=2
    ),
    "big": ParagraphStyle("big", parent=_TEXT, fontName=SANS_BOLD, fontSize=12, leading=15, spaceAfter=0),
}


def font_folder() -> Path:
    """Folder of the DejaVu fonts that Matplotlib brings, found without importing it."""
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


@cache
def register_fonts() -> None:
    """Make DejaVu known to reportlab (once)."""
    from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (SANS, SANS_BOLD, SANS_ITALIC):
        registerFont(TTFont(name, str(font_folder() / f"{name}.ttf")))
    registerFontFamily(SANS, normal=SANS, bold=SANS_BOLD, italic=SANS_ITALIC, boldItalic=SANS_BOLD)
