"""Planar views as people check them: counts from the front and from behind, with the outlines that were counted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.atomic import atomic_path
from locoregional.imaging.nuclear.planar import Planar

__all__ = ["draw_views"]

COLOURS = {"lungs": "#1f78b4", "liver": "#d95f02", "background": "#33a02c"}
TOP = 0.15
"""Share of the highest count at which the grey scale ends, so that lungs show beside a bright liver."""


def draw_views(views: Planar, regions: Mapping[str, NDArray[np.bool_]], path: str | Path, *, title: str) -> None:
    """Draw both views with outlines.

    Parameters
    ----------
    views : Planar
        The posterior view is drawn as it lies on the anterior one.
    regions : mapping of str to ndarray of bool
        Outlines by name.
    path : str or Path
        PNG file to write.
    title : str
        Above both.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    sides = (("anterior", views.anterior), ("posterior, turned to lie on the anterior", views.facing))
    aspect = views.spacing_mm[0] / views.spacing_mm[1]
    for number, (name, counts) in enumerate(sides, start=1):
        axes = figure.add_subplot(1, 2, number)
        axes.imshow(counts, cmap="gray_r", vmin=0.0, vmax=max(TOP * float(counts.max()), 1.0), aspect=aspect)
        for region, inside in regions.items():
            axes.contour(inside.astype(float), levels=[0.5], colors=[COLOURS[region]], linewidths=1.4)
            axes.plot([], [], color=COLOURS[region], label=f"{region}: {counts[inside].sum():,.0f} counts")
        axes.set(title=name, xticks=[], yticks=[])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), frameon=False)
    figure.suptitle(f"{title}; grey scale ends at {100 * TOP:.0f} % of the highest count")
    with atomic_path(Path(path), overwrite=True) as part:
        figure.savefig(str(part), format="png")
