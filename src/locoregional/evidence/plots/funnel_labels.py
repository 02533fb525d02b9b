"""Names beside points, where they neither touch each other nor leave the plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from locoregional.evidence.plots.canvas import POINTS_PER_MM, QUIET, text_width_mm

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["place_labels"]

_SIZE = 6.0
_HEIGHT_MM = 2.4
_AWAY_MM = 1.6
_PAPER = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.4}


def place_labels(figure: Figure, axes: Axes, points: Sequence[tuple[str, float, float]]) -> int:
    """Write names beside points: right, left, above or below, whichever is free; a name without a free place is left out.

    Parameters
    ----------
    figure : Figure
        Page.
    axes : Axes
        Its plot, with its limits set.
    points : sequence of (name, x, y)
        In data units.

    Returns
    -------
    int
        How many names found a place.
    """
    width, height = figure.get_size_inches() * 25.4
    at = axes.transData.transform
    pixels = [at((x, y)) for _, x, y in points]
    scale = 25.4 / figure.dpi
    centres = [(px * scale, py * scale) for px, py in pixels]
    taken = [(x - 1.0, y - 1.0, x + 1.0, y + 1.0) for x, y in centres]
    box = axes.get_position()
    inside = (box.x0 * width, box.y0 * height, box.x1 * width + 4.0, box.y1 * height)
    placed = 0
    for i, ((name, x, y), centre) in enumerate(zip(points, centres, strict=True)):
        for dx, dy in _places(text_width_mm(name, size=_SIZE)):
            spot = (centre[0] + dx, centre[1] + dy, centre[0] + dx + text_width_mm(name, size=_SIZE), centre[1] + dy + _HEIGHT_MM)
            free = all(not _touch(spot, other) for j, other in enumerate(taken) if j != i)
            if free and spot[0] > inside[0] and spot[1] > inside[1] and spot[2] < inside[2] and spot[3] < inside[3]:
                taken.append(spot)
                offset = (dx * POINTS_PER_MM, (dy + _HEIGHT_MM / 2) * POINTS_PER_MM)
                look: dict[str, Any] = {"fontsize": _SIZE, "color": QUIET, "va": "center", "ha": "left", "bbox": _PAPER}
                axes.annotate(name, (x, y), xytext=offset, textcoords="offset points", **look)
                placed += 1
                break
    return placed


def _places(width_mm: float) -> tuple[tuple[float, float], ...]:
    """Lower left corners of a label around a point [mm], best first."""
    middle, high, low = -_HEIGHT_MM / 2, _AWAY_MM, -_AWAY_MM - _HEIGHT_MM
    right, left, centred = _AWAY_MM, -_AWAY_MM - width_mm, -width_mm / 2
    return (
        (right, middle),
        (left, middle),
        (centred, high),
        (centred, low),
        (right, high),
        (right, low),
        (left, high),
        (left, low),
    )


def _touch(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
