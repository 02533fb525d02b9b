"""The legend of CT pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from locoregional.report.marks import Layer, NeedleLine
from locoregional.report.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

__all__ = ["legend_handles"]


def legend_handles(layers: Sequence[Layer], needles: Sequence[NeedleLine]) -> list[Line2D | Patch]:
    """One entry for each layer, two for a zone, and one for all needles together."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Line2D | Patch] = []
    for layer in layers:
        if layer.role == "zone":
            handles.append(Line2D([], [], color=layer.colour, linewidth=2, label=f"{layer.name}: 50 % chance"))
            handles.append(Patch(facecolor=layer.colour, alpha=0.4, label="its 5 to 95 % band"))
        else:
            handles.append(Line2D([], [], color=layer.colour, linewidth=2, label=layer.name))
    if needles:
        names = needles[0].name if len(needles) == 1 else f"{needles[0].name} to {needles[-1].name}"
        words = f"{names} (ring: skin, dot: tip; dashed: projected)"
        handles.append(Line2D([], [], color=COLOURS["needle"], linewidth=2, label=words))
    return handles
