"""The zone of a chart, drawn along and across its needles."""

from __future__ import annotations

import base64
import html
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.ablation.chart import COARSE_MM, ICE_C, Chart
from locoregional.ablation.chart_json import chart_lines

__all__ = ["draw_chart"]

REACH_MM = 8.0
"""Tissue shown around a zone."""
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
"""Edges of the colours of coverage."""
ISOTHERMS_C = (45.0, 54.0, 60.0, 100.0)
"""Isotherms of the highest temperature drawn in a heated zone."""


def draw_chart(chart: Chart, path: Path) -> None:
    """Write a picture of the zone.

    Parameters
    ----------
    chart : Chart
        The answer.
    path : Path
        ``.png`` or ``.svg``; ``.html`` for a page with the picture and the numbers.
    """
    if path.suffix.lower() != ".html":
        _figure(chart).savefig(str(path), format=path.suffix.lower().lstrip("."))
        return
    held = BytesIO()
    _figure(chart).savefig(held, format="png")
    picture = base64.b64encode(held.getvalue()).decode("ascii")
    title = html.escape(f"Zone of {chart.question.device.name}, {chart.question.setting.words}")
    numbers = html.escape("\n".join(chart_lines(chart)))
    path.write_text(
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "img{max-width:100%}pre{overflow-x:auto}</style></head>"
        f'<body><h1>{title}</h1><img alt="Section along and across the needle" src="data:image/png;base64,{picture}">'
        f"<pre>{numbers}</pre></body></html>\n",
        encoding="utf-8",
    )


def _figure(chart: Chart) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    asked, job, zone = chart.question, chart.job, chart.zone
    figure = Figure(figsize=(9.6, 5.0), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    tip = np.asarray(job.needles[0].tip_mm)
    middle = np.mean([n.tip_mm for n in job.needles], axis=0)
    where = np.argwhere(zone.dead if zone.dead.any() else np.ones_like(zone.dead))
    plane = round(float(where[:, 2].mean()))
    views = (
        (lambda a, s: a[round(float(middle[0]) / s)], (2, 1), "along the needle", tip[2]),
        (lambda a, s: a[:, :, round(plane * job.spacing_mm / s)], (1, 0), "across the needle", middle[1]),
    )
    image = None
    for place, (cut, (across, up), title, origin) in enumerate(views, start=1):
        axes = figure.add_subplot(1, 2, place)
        image = _panel(axes, chart, cut, origin=(origin, middle[up])) or image
        sides = job.spacing_mm * where[:, (across, up)] - np.array([origin, middle[up]])
        low, high = sides.min(axis=0) - REACH_MM, sides.max(axis=0) + REACH_MM
        for needle in job.needles:
            at = np.asarray(needle.tip_mm)
            if place == 2:
                axes.plot(at[1] - middle[1], at[0] - middle[0], "o", color="0.2", markersize=4)
            elif abs(at[0] - middle[0]) < 0.5 * job.spacing_mm:
                axes.plot([at[2] - origin, low[0]], [at[1] - middle[1]] * 2, color="0.2", linewidth=2.5)
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal", title=title)
        axes.set(xlabel="mm from the tip (the needle comes from the left)" if place == 1 else "mm", ylabel="mm")
        axes.grid(alpha=0.3)
    if image is not None:
        figure.colorbar(image, ax=figure.axes, shrink=0.75, label="share of runs in which tissue dies")
    size = zone.size
    figure.suptitle(
        f"{asked.device.name}, {asked.setting.words}: {size.long_mm:.0f} mm along, {size.short_mm:.0f} mm across, "
        f"{size.volume_ml:.0f} ml (black line: nominal)"
    )
    return figure


def _panel(axes: Any, chart: Chart, cut: Any, *, origin: tuple[float, float]) -> Any:
    """One section: share of the runs in colour, the nominal edge black, isotherms thin."""
    job, zone = chart.job, chart.zone

    def places(array: NDArray, spacing_mm: float) -> tuple[NDArray, NDArray, NDArray]:
        flat = cut(array, spacing_mm)
        rows, columns = flat.shape
        return spacing_mm * np.arange(columns) - origin[0], spacing_mm * np.arange(rows) - origin[1], flat

    image = None
    if chart.coverage is not None:
        image = axes.contourf(*places(chart.coverage, COARSE_MM), levels=SHARES, cmap="YlOrRd", alpha=0.8)
    axes.contour(*places(zone.level, job.spacing_mm), levels=[0.0], colors="black", linewidths=1.8)
    limits = ISOTHERMS_C if chart.energy.lethal == "heat" else sorted(ICE_C)
    lines = axes.contour(*places(zone.extreme_c, job.spacing_mm), levels=limits, colors="tab:blue", linewidths=0.8)
    axes.clabel(lines, fmt="%g C", fontsize=7)
    return image
