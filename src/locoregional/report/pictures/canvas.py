"""One look for every picture, without touching Matplotlib's global state."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patheffects import AbstractPathEffect

__all__ = ["INK", "QUIET", "halo", "jpeg_bytes", "new_canvas", "plot_axes", "png_bytes"]

INK = "#1b2a38"
QUIET = "#5d6b78"
GRID = "#dde3e8"


def new_canvas(*, width_mm: float, height_mm: float, background: str = "white") -> Figure:
    """Empty figure of the given size on an Agg canvas."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), facecolor=background)
    FigureCanvasAgg(figure)
    return figure


def halo(*, width_px: float) -> list[AbstractPathEffect]:
    """Dark rim that keeps lines and words legible on images."""
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=width_px, foreground="black", alpha=0.6), Normal()]


def plot_axes(axes: Axes, *, xlabel: str, ylabel: str, title: str = "") -> None:
    """Calm axes: left and bottom line only, pale grid, labels with units."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    axes.grid(True, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(colors=QUIET, labelsize=8.5, length=3)
    axes.set_xlabel(xlabel, fontsize=9.5, color=INK)
    axes.set_ylabel(ylabel, fontsize=9.5, color=INK)
    if title:
        axes.set_title(title, fontsize=10.5, color=INK, loc="left", fontweight="bold")


def png_bytes(figure: Figure, *, dots_per_inch: int = 170) -> bytes:
    """Figure as PNG."""
    out = BytesIO()
    figure.savefig(out, format="png", dpi=dots_per_inch, facecolor=figure.get_facecolor(), metadata={"Software": None})
    return out.getvalue()


def jpeg_bytes(figure: Figure, *, dots_per_inch: int = 170, quality: int = 90) -> bytes:
    """Figure as JPEG with full colour resolution: a quarter of the size of a PNG for noisy images."""
    out = BytesIO()
    figure.savefig(
        out,
        format="jpeg",
        dpi=dots_per_inch,
        facecolor=figure.get_facecolor(),
        pil_kwargs={"quality": quality, "subsampling": 0, "optimize": True},
    )
    return out.getvalue()
