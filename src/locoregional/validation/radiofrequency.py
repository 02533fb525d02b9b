"""Radiofrequency ablation against exact fields and measured zones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from locoregional.progress import Progress, silent
from locoregional.validation.current_problems import ball, coax, coax_exact, needle, pair, pair_exact
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Radiofrequency ablation"
_EXACT = "exact solution"


def _fields() -> Iterator[Row]:
    current, heat = ball(spacing_mm=0.25, side_mm=20.0)
    note = "1.5 mm ball resolved by 0.25 mm voxels, 20 V"
    yield Row(TOPIC, "spherical electrode (B6), resistance", 1.0 / current.power_w, 265.258, "ohm", 2.65, _EXACT, note)
    yield Row(TOPIC, "spherical electrode (B6), power", 400.0 * current.power_w, 1.507964, "W", 0.01508, _EXACT, note)
    yield Row(TOPIC, "spherical electrode (B6), heat at 5 mm", 400.0 * heat, 2.88e5, "W/m3", 0.02 * 2.88e5, _EXACT, note)
    value = 1.0 / coax(direction=(0.0, 0.0, 1.0), outer_mm=40.0, side_mm=92.0)
    note = "smeared rod on 1 mm voxels"
    yield Row(TOPIC, "coax (B7), resistance times length", value, 3.164447, "ohm*m", 0.0316, _EXACT, note)
    exact = coax_exact(radius_mm=0.75, outer_mm=15.0)
    for direction, offset in (((0, 1, 0), (0.5, 0.5, 0.5)), ((1, 1, 1), (0, 0, 0)), ((3, 1, 2), (0.3, 0.1, 0.2))):
        value = coax(direction=direction, offset=offset)
        name = f"coax of 15 mm, rod along {direction}, offset {offset}"
        yield Row(TOPIC, name, value, exact, "A/m", 0.005 * exact, _EXACT, note)
    for radius in (0.2, 1.0):
        sides = {"apart_mm": 12.0, "radius_mm": radius, "outer_mm": 38.0}
        exact = pair_exact(**sides)
        yield Row(TOPIC, f"two rods of {radius:g} mm in a cylinder", pair(**sides), exact, "A/m", 0.01 * exact, _EXACT, note)
    found = [
        1.0 / needle(direction=d, offset=o).power_w
        for d, o in (((0, 0, 1), (0, 0, 0)), ((0, 1, 1), (0.5, 0.5, 0.5)), ((1, 1, 1), (0.3, 0.1, 0.2)), ((3, 1, 2), (0, 0, 0)))
    ]
    spread = float(np.ptp(found) / np.mean(found))
    yield Row(
        TOPIC, "resistance of a 3 cm needle, spread over directions", spread, 0.0, "1", 0.02, _EXACT, "smeared, 1 mm voxels"
    )
    r = [1.0 / needle(direction=(0, 0, 1), radius_mm=6.0, spacing_mm=h, side_mm=72.0).power_w for h in (4.0, 2.0, 1.0)]
    order = float(np.log2((r[1] - r[0]) / (r[2] - r[1])))
    yield Row(TOPIC, "order of convergence in space, 4 to 2 to 1 mm", order, 2.0, "1", 0.3, _EXACT)


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on radiofrequency ablation.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    progress(0.0, "electric fields against exact solutions")
    yield from _fields()
