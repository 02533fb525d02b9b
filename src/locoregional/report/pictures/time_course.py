"""What a generator would log during a treatment."""

from __future__ import annotations

from collections.abc import Sequence

from locoregional.report.pictures.canvas import new_canvas, plot_axes, png_bytes

__all__ = ["generator_log"]

HEAT, POWER = "#d55e00", "#0072b2"


def generator_log(*, time_s: Sequence[float], hottest_c: Sequence[float], absorbed_w: Sequence[float], set_w: float) -> bytes:
    """Highest temperature and power that heats tissue, over time.

    Parameters
    ----------
    time_s : sequence of float [s]
        Since power on.
    hottest_c : sequence of float [C]
        Highest temperature anywhere.
    absorbed_w : sequence of float [W]
        Power absorbed by tissue.
    set_w : float [W]
        Power that the generator is set to.

    Returns
    -------
    bytes
        PNG.
    """
    figure = new_canvas(width_mm=165, height_mm=62)
    left, right = figure.add_axes((0.085, 0.21, 0.38, 0.64)), figure.add_axes((0.595, 0.21, 0.38, 0.64))
    minutes = [t / 60.0 for t in time_s]
    left.plot(minutes, hottest_c, color=HEAT, linewidth=1.8)
    plot_axes(left, xlabel="time [min]", ylabel="temperature [°C]", title="Hottest point")
    left.set_ylim(bottom=30.0)
    right.plot(minutes, absorbed_w, color=POWER, linewidth=1.8, label="reaches tissue")
    right.axhline(set_w, color=POWER, linewidth=1.0, linestyle=(0, (3, 2)), label="set on the generator")
    plot_axes(right, xlabel="time [min]", ylabel="power [W]", title="Power")
    right.set_ylim(0.0, 1.3 * max(set_w, *absorbed_w))
    right.legend(fontsize=8, frameon=False, loc="upper right", ncols=2)
    return png_bytes(figure)
