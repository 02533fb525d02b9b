"""What a generator or a cryoablation console would log, to be laid beside the real log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from locoregional.errors import GeometryError
from locoregional.report.pictures.canvas import INK, QUIET, new_canvas, plot_axes, png_bytes

__all__ = ["LogPanel", "generator_log"]

LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a6a00", "#56b4e9")
HEAT = "#d55e00"
RUNG_MM, FOOT_MM, HEAD_MM = 33.0, 11.0, 3.0
"""Height of a panel, and room below the last and above the first."""


@dataclass(frozen=True)
class LogPanel:
    """One reading over time.

    Attributes
    ----------
    title, unit : str
        What is read, in which unit.
    curves : tuple of (str, sequence of float)
        Name (empty for a single one) and values.
    reference : float or None
        Level to compare with.
    reference_words : str
        What it is.
    limit : float or None
        Values above are cut off.
    from_zero : bool
        Whether the axis starts at zero.
    """

    title: str
    unit: str
    curves: tuple[tuple[str, Sequence[float]], ...]
    reference: float | None = None
    reference_words: str = ""
    limit: float | None = None
    from_zero: bool = True


def generator_log(panels: Sequence[LogPanel], *, time_s: Sequence[float], end_s: float | None = None) -> bytes:
    """Readings below each other on one clock.

    Parameters
    ----------
    panels : sequence of LogPanel
        At least one; values of the length of ``time_s``.
    time_s : sequence of float [s]
        Since the start of the program.
    end_s : float, optional [s]
        End of the program.

    Returns
    -------
    bytes
        PNG.

    Raises
    ------
    GeometryError
        If a curve has another length than the clock.
    """
    height = HEAD_MM + RUNG_MM * len(panels) + FOOT_MM
    figure = new_canvas(width_mm=170, height_mm=height)
    minutes = np.asarray(time_s, dtype=float) / 60.0
    end = float(max(minutes.max(), 0.0 if end_s is None else end_s / 60.0))
    for i, panel in enumerate(panels):
        bottom = FOOT_MM + RUNG_MM * (len(panels) - 1 - i)
        axes = figure.add_axes((0.095, bottom / height, 0.885, (RUNG_MM - 10.0) / height))
        last = i == len(panels) - 1
        plot_axes(axes, xlabel="time [min]" if last else "", ylabel=f"[{panel.unit}]", title=panel.title)
        axes.title.set_fontsize(9.5)
        seen: list[float] = []
        for k, (name, values) in enumerate(panel.curves):
            y = np.asarray(values, dtype=float)
            if y.shape != minutes.shape:
                raise GeometryError(f"{y.shape[0]} values at {minutes.shape[0]} times", where=panel.title)
            y = np.where(np.isfinite(y), y, np.nan)
            colour = HEAT if panel.unit == "°C" and len(panel.curves) == 1 else LINES[k % len(LINES)]
            axes.plot(minutes, y, color=colour, linewidth=1.5, linestyle=("-", (0, (5, 2)), (0, (2, 1.5)))[k % 3], label=name)
            seen += [float(v) for v in (np.nanmin(y), np.nanmax(y)) if np.isfinite(v)]
        if panel.reference is not None:
            axes.axhline(panel.reference, color=INK, linewidth=0.9, linestyle=(0, (3, 2)))
            axes.text(
                0.995, panel.reference, panel.reference_words, transform=axes.get_yaxis_transform(), ha="right", va="bottom",
                fontsize=8, color=QUIET,
            )  # fmt: skip
            seen.append(panel.reference)
        low, high = min(seen, default=0.0), max(seen, default=1.0)
        low = min(0.0, low) if panel.from_zero else low
        high = high if panel.limit is None else min(high, panel.limit)
        room = 0.06 * max(high - low, 1e-6)
        axes.set_ylim(low - (0.0 if panel.from_zero and low == 0 else room), high + (3 if panel.reference_words else 1.5) * room)
        axes.set_xlim(0.0, end)
        if not last:
            axes.tick_params(axis="x", labelbottom=False)
        if len(panel.curves) > 1:
            axes.legend(
                fontsize=8, frameon=False, loc="lower right", ncols=len(panel.curves), bbox_to_anchor=(1.0, 0.98), borderaxespad=0
            )
    return png_bytes(figure)
