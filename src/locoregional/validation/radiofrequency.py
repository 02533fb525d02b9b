"""Radiofrequency ablation against exact fields and measured zones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from locoregional.ablation.device import Setting
from locoregional.ablation.predict import block_job
from locoregional.ablation.zone import Zone
from locoregional.physics.tissue import tissue
from locoregional.procedures.rfa.energy import ENERGY
from locoregional.progress import Progress, part, silent
from locoregional.sources import read_facts
from locoregional.units import minutes_to_s
from locoregional.validation.current_problems import ball, coax, coax_exact, needle, pair, pair_exact
from locoregional.validation.row import Row

__all__ = ["Measured", "rows"]

TOPIC = "Radiofrequency ablation"
_EXACT = "exact solution"
AIM_MM = 3.0
"""Error of an axis that would count as credible."""
SPACING_MM, SIDE_MM = 2.0, 88.0
"""Voxel and block of the zones: axes within 1 mm of those on 1 mm voxels."""
TINES_MM = 1.5
"""Voxel for tines, which are thinner than any voxel."""
SLOPE_MM, SLOPE_AT = -0.44, (10.0, 30.0, 50.0)
"""Short axis against perfusion [mm per ml/min/100 g], and where it is looked at."""


@dataclass(frozen=True)
class Measured:
    """A zone that somebody measured.

    Attributes
    ----------
    device, program : str
        Device and program of its generator.
    power_w, time_min : float
        Setting.
    long_mm, short_mm : float
        Axes; nan where not stated.
    source : str
        Key of the bibliography.
    tissue : str
        What was heated.
    perfused : bool
        In the living animal; False: cut out, from room temperature.
    note : str
        What was assumed.
    """

    device: str
    power_w: float
    time_min: float
    long_mm: float
    short_mm: float
    source: str
    program: str = ""
    tissue: str = "liver"
    perfused: bool = False
    note: str = ""

    @property
    def name(self) -> str:
        """Setting in words."""
        state = "in vivo" if self.perfused else "ex vivo"
        program = f" at {self.program}" if self.program else ""
        return f"{self.device}{program}, {self.power_w:g} W, {self.time_min:g} min, {self.tissue} {state}"


_NAN = math.nan
CONTROL = Measured("cooltip-single-30", 200, 12, 39, 31, "acadradiol2011fluids", note="gauge and bare length assumed")
"""The needle beside whose zone thermocouples stood; measured zones are a chapter of their own."""
CHARTS = (
    Measured("leveen-35", 200, 20, 36.5, 34, "locoregional_recalled", perfused=True, note="recalled chart of the maker"),
    Measured("starburst-xl-50", 150, 14, 50, 50, "locoregional_recalled", perfused=True, note="recalled chart of the maker"),
)
"""Tined electrodes: no measured zone is at hand."""


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


def _zone(row: Measured, **options: object) -> Zone:
    setting = Setting(row.power_w, minutes_to_s(row.time_min), row.program)
    given = {"perfused": row.perfused, "tissue": row.tissue, "spacing_mm": SPACING_MM, "side_mm": SIDE_MM} | options
    job = block_job(ENERGY.devices()[row.device], setting, law=ENERGY.law, **given)  # type: ignore[arg-type]
    return ENERGY.simulate(replace(job, coarseness=1.0))


def _measured(measured: tuple[Measured, ...], *, set_name: str, tolerance_mm: float = AIM_MM, **options: object) -> Iterator[Row]:
    errors, shrunk = [], []
    for row in measured:
        zone = _zone(row, **options)
        for axis, reference in (("long", row.long_mm), ("short", row.short_mm)):
            if math.isnan(reference):
                continue
            value, contracted = getattr(zone.size, f"{axis}_mm"), getattr(zone.size, f"contracted_{axis}_mm")
            errors.append(abs(value - reference))
            shrunk.append(abs(contracted - reference))
            lasts = np.diff([*zone.trace["time_s"], minutes_to_s(row.time_min)])
            power = float(np.average(zone.trace["power_w"], weights=lasts))
            note = f"after contraction {contracted:.1f} mm; {power:.0f} W in the mean" + (f"; {row.note}" if row.note else "")
            yield Row(TOPIC, f"{row.name}: {axis} axis", value, reference, "mm", tolerance_mm, row.source, note)
    sources = ", ".join(dict.fromkeys(row.source for row in measured))
    for name, found, limit in (("", errors, tolerance_mm), (" after contraction", shrunk, math.inf)):
        yield Row(TOPIC, f"mean absolute error of the axes{name}, {set_name}", float(np.mean(found)), 0.0, "mm", limit, sources)


def _perfusion() -> Iterator[Row]:
    facts = read_facts("locoregional.physics")
    blood = float(facts["blood.density"]) * float(facts["blood.specific_heat"])
    of_one = float(facts["liver.density"]) * 1e-6 / minutes_to_s(1.0) * 10.0 * blood  # 1 ml/min/100 g
    own = tissue("liver").perfusion_heat_w_m3k
    row = Measured("cooltip-single-30", 200, 12, _NAN, _NAN, "huang2012perfusion", perfused=True)
    shorts = []
    for flow in SLOPE_AT:
        size = _zone(row, perfusion_share=flow * of_one / own).size
        shorts.append(size.short_mm)
        note = f"after contraction {size.contracted_short_mm:.1f} mm; 12 min assumed; reference: line through 57 zones"
        reference = 39.25 + SLOPE_MM * flow
        name = f"short axis at {flow:g} ml/min/100 g, 3 cm tip"
        yield Row(TOPIC, name, size.short_mm, reference, "mm", AIM_MM, row.source, note)
    slope = float(np.polyfit(SLOPE_AT, shorts, 1)[0])
    name = "short axis against perfusion, per ml/min/100 g"
    yield Row(TOPIC, name, slope, SLOPE_MM, "mm", 0.11, row.source, "tolerance: a quarter")


def _thermocouples() -> Iterator[Row]:
    """Where the probes of the study stood is not in the text held; those of its other table stood at 10 and 20 mm."""
    zone = _zone(CONTROL)
    middle = round(0.5 * SIDE_MM / SPACING_MM)
    plane = round((0.5 * SIDE_MM + 10.0 - 15.0) / SPACING_MM)
    for distance, reference, spread in ((10.0, 76.8, 8.2), (20.0, 58.8, 7.4)):
        line = zone.extreme_c[middle, middle:, plane]
        value = float(np.interp(distance / SPACING_MM, np.arange(line.size), line))
        yield Row(
            TOPIC, f"200 W pulsed: highest temperature at {distance:g} mm", value, reference, "C", math.inf,
            "acadradiol2011fluids", f"standard deviation {spread:g} C; distances taken from the other table of the study",
        )  # fmt: skip


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
    steps = (
        (_perfusion(), "perfusion"),
        (_thermocouples(), "thermocouples"),
        (_measured(CHARTS, set_name="tined electrodes", tolerance_mm=math.inf, spacing_mm=TINES_MM), "tined electrodes"),
    )
    zones = part(progress, 0.1, 1.0)
    for done, (found, words) in enumerate(steps):
        zones(done / len(steps), f"measured zones: {words}")
        yield from found
