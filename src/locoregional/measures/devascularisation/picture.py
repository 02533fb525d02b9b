"""What people look at: time-density curves, maps of both series on one scale, and where the regions lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.measures.devascularisation.document import verdict_words
from locoregional.measures.devascularisation.maps import Maps, maps_of
from locoregional.measures.devascularisation.measure import Devascularisation, Series

__all__ = ["draw_devascularisation"]

TUMOUR, ARTERY = "#d95f02", "#1f78b4"
ABOVE = 99.5
"""Percentile at which the colours of a map end."""


def draw_devascularisation(found: Devascularisation, path: str | Path) -> None:
    """Draw curves and maps.

    Parameters
    ----------
    found : Devascularisation
        The measurement.
    path : str or Path
        PNG file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.5, 8.2), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    cells = figure.add_gridspec(2, 4)
    sides = (("before", found.before), ("after", found.after))
    maps = {name: maps_of(s.subtracted.series, s.subtracted.times_s, s.weights) for name, s in sides}
    top = {
        "area": float(np.percentile(maps["before"].area_s, ABOVE)),
        "peak": float(np.percentile(maps["before"].peak_share, ABOVE)),
    }
    axes = None
    for row, (name, series) in enumerate(sides):
        axes = figure.add_subplot(cells[row, 0], sharex=axes)
        _curves(axes, series, name, found)
        _map(
            figure, figure.add_subplot(cells[row, 1]), series, maps[name].area_s, f"{name}: area under the curve [s]", top["area"]
        )
        _map(figure, figure.add_subplot(cells[row, 2]), series, maps[name].peak_share, f"{name}: peak opacity", top["peak"])
        _times(figure, figure.add_subplot(cells[row, 3]), series, maps[name], name, top["peak"])
    figure.suptitle(_wrapped(verdict_words(found)), fontsize=11)
    figure.savefig(str(path), format="png")


def _wrapped(words: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(words, 150)[:4])


def _curves(axes: Any, series: Series, name: str, found: Devascularisation) -> None:
    for curve, colour, label in ((series.artery, ARTERY, "artery"), (series.tumour, TUMOUR, "tumour")):
        peak = max(c.peak_share for s in (found.before, found.after) for c in ((s.artery,) if label == "artery" else (s.tumour,)))
        axes.plot(curve.times_s, curve.opacity / peak if peak > 0 else curve.opacity, color=colour, label=label)
    window = series.subtracted.times_s[np.flatnonzero(series.weights)]
    axes.axvspan(float(window[0]), float(window[-1]), color="0.93", zorder=0)
    axes.axhline(0.0, color="0.6", linewidth=0.6)
    axes.set(xlabel="time [s]", ylabel="share of the higher peak", title=f"{name}: curves (window in grey)", ylim=(-0.15, 1.2))
    axes.legend(fontsize=8, loc="upper right")


def _outlines(axes: Any, series: Series) -> None:
    for region, colour in ((series.tumour_region, TUMOUR), (series.artery_region, ARTERY)):
        axes.contour(region.astype(float), levels=[0.5], colors=[colour], linewidths=1.0)
    axes.set_xticks([])
    axes.set_yticks([])


def _map(figure: Any, axes: Any, series: Series, values: NDArray[np.float32], title: str, top: float) -> None:
    image = axes.imshow(values, cmap="inferno", vmin=0.0, vmax=max(top, 1e-9))
    _outlines(axes, series)
    axes.set_title(title, fontsize=9)
    figure.colorbar(image, ax=axes, shrink=0.75, extend="both")


def _times(figure: Any, axes: Any, series: Series, maps: Maps, name: str, top: float) -> None:
    """Time to peak where there is a peak to speak of, on the picture without contrast medium."""
    still = -series.subtracted.still
    low, high = np.percentile(still, (1, 99))
    axes.imshow(still, cmap="gray", vmin=low, vmax=high)
    shown = np.where(maps.peak_share > 0.08 * top, maps.peak_time_s, np.nan)
    image = axes.imshow(shown, cmap="turbo", alpha=0.75, vmin=series.subtracted.times_s[series.subtracted.arrival])
    _outlines(axes, series)
    axes.set_title(f"{name}: time to peak [s]", fontsize=9)
    figure.colorbar(image, ax=axes, shrink=0.75)
