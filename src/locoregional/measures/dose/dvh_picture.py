"""Dose-volume histograms with their bands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from locoregional.measures.dose.reading import DoseReading

__all__ = ["draw_histograms"]


def draw_histograms(readings: Sequence[DoseReading], path: str | Path) -> None:
    """Draw the share of each structure that receives at least a dose; the band is a 90 % interval at every dose.

    Parameters
    ----------
    readings : sequence of DoseReading
        Structures; those too small for a histogram are named, not drawn.
    path : path
        PNG file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.6, 4.8), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    left_out, end = [], 0.0
    for reading in readings:
        if reading.band is None:
            left_out.append(reading.name)
            continue
        band, volume = reading.band, reading.doses.volume_ml
        label = f"{reading.name} ({volume:.0f} ml)" if volume >= 10.0 else f"{reading.name} ({volume:.2g} ml)"
        (line,) = axes.plot(band.doses_gy, 100.0 * band.shares, label=label)
        axes.fill_between(band.doses_gy, 100.0 * band.low, 100.0 * band.high, color=line.get_color(), alpha=0.2, linewidth=0)
        end = max(end, float(band.doses_gy[-1]))
    axes.set(xlim=(0.0, end or 1.0), ylim=(0.0, 102.0), xlabel="absorbed dose [Gy]", ylabel="volume with at least this dose [%]")
    axes.set_title(f"too small to draw: {', '.join(left_out)}" if left_out else "Dose-volume histograms, 90 % bands", fontsize=10)
    axes.grid(visible=True, alpha=0.3)
    if end:
        axes.legend(fontsize=8)
    figure.savefig(str(path), format="png")
